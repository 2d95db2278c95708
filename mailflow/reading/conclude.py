"""From what the sentences say to one wish: act, propose, or people (understanding.md §2.4, §2.5).

A wish acts when every sentence of the mail is explained. A clear wish in a mail that is not wholly explained is
proposed. Whatever turns, hedges or takes it back makes it a matter for people.
"""

from dataclasses import replace

from mailflow.model.event import Question
from mailflow.model.intent import (
    Cancel,
    EraseMe,
    Fields,
    ForPeople,
    Proposed,
    Register,
    RegisterOther,
    RemindOff,
    Silent,
    Update,
    Wish,
)
from mailflow.model.registration import Answer
from mailflow.reading.case import SAFE, SEATED, Case, Conclusion
from mailflow.reading.context import ReadingContext
from mailflow.reading.gather import Gathered
from mailflow.reading.replies import answer, eager, loose, spoken, thanks
from mailflow.reading.subject import Subject
from mailflow.reading.tables import Hit
from mailflow.reading.talk import ANYWHERE, Talk, talk_of
from mailflow.reading.wishes import one_wish

FORWARDED = "a forwarded mail"
_QUIET = SAFE | {"intro", "filler", "regret", "reason"}
_SAME = {"waitlist": "register", "resend": "status"}
_SHORT_WORDS = 5


def conclude(
    found: Gathered, context: ReadingContext, quote: str, hindrance: str, subject: tuple[Hit, ...]
) -> Conclusion:
    """The conclusion about new text that has at least one sentence or form line.

    `hindrance`: why nothing may act. `subject`: the wishes of a subject that is wholly understood; they count where
    the text says nothing of its own.
    """
    talk = _with_signature(talk_of(found.sentences), found)
    evidence = _evidence(found, talk)
    if subject and not talk.wishes and _leaves_it_to_the_subject(found, talk):
        talk = replace(talk, wishes=frozenset(hit.rule.kind for hit in subject))
        evidence = (f"{subject[0].rule.id}: in the subject", *evidence)
    outcome = _outcome(Case(found, talk, context, quote))
    passed_on = isinstance(outcome.wish, RegisterOther) and hindrance == FORWARDED
    if hindrance and not passed_on and not isinstance(outcome.wish, ForPeople | Silent):
        outcome = Conclusion(ForPeople(quote), (*outcome.evidence, hindrance))
    return replace(outcome, evidence=(*outcome.evidence, *evidence))


def _with_signature(talk: Talk, found: Gathered) -> Talk:
    """What stands in a signature never decides (understanding.md §2.2); it may contradict what does."""
    if not found.telling:
        return talk
    turned = {kind for one in found.telling for kind in one.danger_kinds & ANYWHERE}
    texts = tuple(one.sentence.text for one in found.telling)
    return replace(talk, turned=talk.turned | turned, unexplained=(*talk.unexplained, *texts))


def by_subject(subject: tuple[Hit, ...], context: ReadingContext, found: Gathered, quote: str) -> Conclusion:
    """What a mail says that has only a subject; `found` holds what its signature tells."""
    talk = Talk(wishes=frozenset(hit.rule.kind for hit in subject))
    outcome = _outcome(Case(found, talk, context, quote))
    return replace(outcome, evidence=(f"{subject[0].rule.id}: in the subject", *outcome.evidence))


def proposed(conclusion: Conclusion) -> Wish | Proposed | Silent:
    """The wish as the desk gets it."""
    wish = conclusion.wish
    if conclusion.propose and isinstance(wish, Register | Cancel | Update | RegisterOther | RemindOff | EraseMe):
        return Proposed(wish)
    return wish


def languages_of(found: Gathered, subject: Subject) -> tuple[str, ...]:
    """The languages of the wishes that were found, in order; words of two languages say nothing."""
    hits = [hit for one in found.sentences for hit in one.wishes] or list(subject.wishes)
    return tuple(hit.rule.language for hit in hits if "/" not in hit.rule.id.partition(".")[0])


def _leaves_it_to_the_subject(found: Gathered, talk: Talk) -> bool:
    """Nothing but politeness, who one is, and fields: the subject is what is meant."""
    quiet = talk.complete and talk.calm and not talk.asks and talk.kinds <= _QUIET
    return quiet and not found.form.fault and not loose(talk)


def _evidence(found: Gathered, talk: Talk) -> tuple[str, ...]:
    hits = [
        f"{hit.rule.id}: {' '.join(one.sentence.words[hit.match.start : hit.match.rest])}"
        for one in talk.all
        for hit in one.wishes
    ]
    notes = [f"explained: {', '.join(sorted(talk.kinds))}"] if talk.kinds else []
    if talk.unexplained:
        notes.append(f"not explained: {'; '.join(talk.unexplained)[:200]}")
    if found.signature:
        notes.append(f"{len(found.signature)} lines of signature")
    return (*hits[:10], *notes)


def _outcome(case: Case) -> Conclusion:
    """The conflict rules of understanding.md §2.4, in order."""
    talk = case.talk
    wishes = _merged(talk.wishes, stands=case.stands)
    if "register" in wishes and case.found.fields.guests and not case.found.others:
        wishes -= {"other"}  # "my wife will come too": a guest
    if case.context.asked and (said := answer(case, wishes)):
        return said
    # Without a question of ours "yes please" is a manner of speaking, but for an invitation's answer.
    invited = case.context.answered == "announcement" and wishes == {"yes"} and eager(talk)
    wishes = frozenset({"register"}) if invited else spoken(wishes)
    return _other(case, wishes) or _own(case, wishes)


def _own(case: Case, wishes: frozenset[str]) -> Conclusion:
    """What the sender wants for himself."""
    talk, found = case.talk, case.found
    if found.form.fault:
        return case.people(found.form.fault)
    if talk.turned & ANYWHERE and (wishes or found.given):
        return case.turned(wishes)
    if any("partial" in one.kinds for one in talk.all if not one.asks):
        return _partial(case, wishes)
    if not wishes:
        return _no_wish(case)
    if talk.turned:
        return case.turned(wishes)
    if len(wishes) > 1:
        return case.people(f"two wishes: {', '.join(sorted(wishes))}")
    return one_wish(case, next(iter(wishes)))


def _merged(wishes: frozenset[str], *, stands: bool) -> frozenset[str]:
    """Wishes that are one and the same, or of which one says all."""
    merged = {_SAME.get(wish, wish) for wish in wishes}
    if "attend" in merged:
        merged.discard("attend")
        # Who has a seat and says "I'll be there" asks for nothing.
        if not stands and not merged & {"cancel", "erase"}:
            merged.add("register")
    if {"register", "change"} <= merged:
        merged.discard("register" if stands else "change")
    if "erase" in merged:
        merged -= {"cancel", "stop", "change"}
    if "cancel" in merged:
        merged.discard("change")
    if "status" in merged:
        merged.discard("help")
    return frozenset(merged)


def _other(case: Case, wishes: frozenset[str]) -> Conclusion | None:
    """Somebody else is to be registered: at an address that is named, or people see to it."""
    talk, found = case.talk, case.found
    if found.form.other is not None and not talk.turned and wishes <= {"register", "other"}:
        return case.sure(RegisterOther((found.form.other,)), "a form about somebody else")
    if "other" in wishes:
        # "I will not attend myself" gives up nothing that one has.
        rest = wishes - {"other", "register"} - ({"cancel"} if not case.stands else set())
        if found.others and found.given and case.stands and not rest and talk.turned <= {"third"}:
            return case.sure(Update(found.changes), "a change, and others with an address")
        if found.others and not rest and talk.turned <= {"third", "reported", "negation"}:
            return case.sure(RegisterOther(found.others), "for somebody else, with an address")
        return case.people("for somebody else")
    if found.others and wishes == {"register"} and talk.turned == {"third"}:
        return case.sure(RegisterOther(found.others), "for somebody else, with an address")
    return None


def _partial(case: Case, wishes: frozenset[str]) -> Conclusion:
    """What is given up is a session, a meal or a companion: a change, or a part of one; never a cancellation."""
    talk, found = case.talk, case.found
    fields = _without(found, case.context.questions)
    if "cancel" in wishes or talk.turned & {"condition", "hedge", "third"}:
        return case.people("gives up a part, and more")
    rest = wishes - {"change", "yes", "no"}
    if rest == {"register"}:
        return case.sure(Register(fields), "a registration for a part")
    if not rest and case.stands and (fields != found.fields or found.given):
        return case.sure(Update(fields), "gives up a part")
    return case.people("gives up a part")


def _without(found: Gathered, questions: tuple[Question, ...]) -> Fields:
    """Sessions that are said no to are all others said yes to, when nothing was named."""
    fields = found.fields
    for question in questions:
        named = any(answer.question == question.id for answer in fields.answers)
        if question.kind == "sessions" and found.left_out and not named:
            chosen = tuple(option.id for option in question.options if option.id not in found.left_out)
            fields = replace(fields, answers=(*fields.answers, Answer(question.id, chosen, "")))
    return fields


def _no_wish(case: Case) -> Conclusion:
    talk, found = case.talk, case.found
    if case.context.asked and found.given:
        return case.people("neither YES nor NO to a question of ours")
    stands = case.stands or case.context.answered in SEATED
    if found.form.known >= 2 and not talk.turned and not stands:
        return case.sure(Register(found.fields), f"a form with {found.form.known} lines")
    if found.given and stands and talk.calm:
        return case.sure(Update(found.changes), "a change of what we know")
    if thanks(case):
        return Conclusion(Silent("ack"), ("every sentence is thanks or farewell",))
    words = sum(len(one.sentence.words) for one in talk.all)
    short = words <= _SHORT_WORDS and not (talk.asks or found.given or case.context.answered)
    # "Thanks for a great day!" is no command gone wrong.
    short = short and not talk.kinds & {"thanks", "polite", "attending", "regret"}
    return case.people("no wish was found", short=short)
