"""From what the sentences say to one wish: act, propose, or people (understanding.md §2.4, §2.5).

A wish acts when every sentence of the mail is explained. A clear wish in a mail that is not wholly explained is
proposed. Whatever turns, hedges or takes it back makes it a matter for people.
"""

from dataclasses import dataclass, replace

from mailflow.model.event import Question
from mailflow.model.intent import (
    AskStatus,
    Cancel,
    EraseMe,
    Fields,
    ForPeople,
    Help,
    MyData,
    No,
    Proposed,
    Register,
    RegisterOther,
    RemindOff,
    Silent,
    Update,
    Wish,
    Yes,
)
from mailflow.model.registration import Answer
from mailflow.reading.context import ReadingContext
from mailflow.reading.gather import Gathered
from mailflow.reading.subject import Subject
from mailflow.reading.tables import Hit
from mailflow.reading.talk import ANYWHERE, Talk, talk_of

FORWARDED = "a forwarded mail"
_STANDING = frozenset({"pending", "confirmed", "waiting", "offered"})
# Letters in whose threads somebody who signs up again has a seat or a place in line already.
_SEATED = frozenset({"registered", "waitlisted", "promoted", "status"})
_SAFE = frozenset({"greeting", "polite", "courtesy", "thanks", "attending", "signoff"})
_QUIET = _SAFE | {"intro", "filler", "regret", "reason"}
_SAME = {"waitlist": "register", "resend": "status"}
_SHORT_WORDS = 5


@dataclass(frozen=True, slots=True)
class Conclusion:
    """The wish and how it was reached. `propose`: ask back first. `secondary` as in `Reading`."""

    wish: Wish | Silent
    evidence: tuple[str, ...]
    propose: bool = False
    secondary: str | None = None


@dataclass(frozen=True, slots=True)
class _Case:
    """All that one conclusion is drawn from."""

    found: Gathered
    talk: Talk
    context: ReadingContext
    quote: str

    @property
    def stands(self) -> bool:
        """The sender has a registration that can be changed or given up."""
        return self.context.standing in _STANDING

    def people(self, why: str, *, short: bool = False) -> Conclusion:
        """It goes to people, and that is why."""
        return Conclusion(ForPeople(self.quote, short), (why,))

    def turned(self, wishes: frozenset[str]) -> Conclusion:
        """It goes to people, since a word turns it."""
        words = f"turned by {', '.join(sorted(self.talk.turned))}"
        return self.people(f"{', '.join(sorted(wishes))}, {words}" if wishes else words)

    def sure(self, wish: Wish, why: str, *, forward: bool = True) -> Conclusion:
        """The wish, if everything is explained; else it is proposed. A question beside it goes to people as well."""
        asks = self.talk.asks
        propose = not self.talk.complete or (asks and not forward)
        return Conclusion(wish, (why,), propose, "question" if asks and forward else None)


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
    outcome = _outcome(_Case(found, talk, context, quote))
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
    outcome = _outcome(_Case(found, talk, context, quote))
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
    return quiet and not found.form.fault and not _loose(talk)


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


def _outcome(case: _Case) -> Conclusion:
    """The conflict rules of understanding.md §2.4, in order."""
    talk = case.talk
    wishes = _merged(talk.wishes, stands=case.stands)
    if "register" in wishes and case.found.fields.guests and not case.found.others:
        wishes -= {"other"}  # "my wife will come too": a guest
    if case.context.asked and (answer := _answer(case, wishes)):
        return answer
    # Without a question of ours "yes please" is a manner of speaking, but for an invitation's answer.
    invited = case.context.answered == "announcement" and wishes == {"yes"} and _eager(talk)
    wishes = frozenset({"register"}) if invited else _spoken(wishes)
    return _other(case, wishes) or _own(case, wishes)


def _spoken(wishes: frozenset[str]) -> frozenset[str]:
    """Without the YES of "Yes, please register me" and the NO of "No, I can't come"; another NO contradicts."""
    manner = {"yes", "no"} if "cancel" in wishes else {"yes"}
    return wishes - manner or wishes


def _own(case: _Case, wishes: frozenset[str]) -> Conclusion:
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
    return _one(case, next(iter(wishes)))


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


def _answer(case: _Case, wishes: frozenset[str]) -> Conclusion | None:
    """YES, NO or neither to a question of ours (a request to confirm, an offered seat)."""
    talk = case.talk
    if talk.turned & (ANYWHERE | {"hedge", "condition", "third"}):
        return case.turned(wishes)
    no, yes = bool(wishes & {"no", "cancel"}), bool(wishes & {"yes", "register"})
    if no and yes:
        return case.people("YES and NO")
    if no:
        sound = talk.complete and not (
            talk.asks or talk.turned or "attending" in talk.kinds or _loose(talk) or _no_of_it(talk)
        )
        return Conclusion(No(), ("NO to a question of ours",)) if sound else case.people("NO, and more")
    if yes and wishes <= {"yes", "register", "change", "status"}:
        # Nothing beside it but politeness and fields: an absence program may begin with "Yes, I am".
        if talk.turned or not talk.complete or not talk.kinds <= _SAFE | {"filler"} or _loose(talk):
            return case.people("YES, and something that turns it or is not understood")
        # A diet beside a YES is for people to see: the act itself carries no fields.
        more = talk.asks or case.found.given
        return Conclusion(Yes(), ("YES to a question of ours",), secondary="question" if more else None)
    return None


def _loose(talk: Talk) -> bool:
    """Whether something is said that no rule has understood: "Ok, I will check my calendar", "Thanks, send a map".

    Beside a wish of several words ("yes, it was me who …") it is about that wish.
    """
    return any(one.loose and not any(len(hit.match.claimed) > 1 for hit in one.wishes) for one in talk.all)


def _no_of_it(talk: Talk) -> bool:
    """`No hurry`, `no time for this`: the word goes on, and is no answer."""
    bare = (
        (one, hit.match.end)
        for one in talk.all
        for hit in one.wishes
        if hit.rule.kind == "no" and len(hit.match.claimed) == 1
    )
    return any(end < len(one.sentence.words) and end not in one.sentence.breaks for one, end in bare)


def _eager(talk: Talk) -> bool:
    """More than a bare "ok": in answer to an invitation "ja tack" is a wish."""
    yes = (hit for one in talk.all for hit in one.wishes if hit.rule.kind == "yes")
    return any(len(hit.match.claimed) > 1 for hit in yes)


def _other(case: _Case, wishes: frozenset[str]) -> Conclusion | None:
    """Somebody else is to be registered: at an address that is named, or people see to it."""
    talk, found = case.talk, case.found
    if found.form.other is not None and not talk.turned and wishes <= {"register", "other"}:
        return case.sure(RegisterOther((found.form.other,)), "a form about somebody else")
    if "other" in wishes:
        # "I will not attend myself" gives up nothing that one has.
        rest = wishes - {"other", "register"} - ({"cancel"} if not case.stands else set())
        if found.others and not rest and talk.turned <= {"third", "reported", "negation"}:
            return case.sure(RegisterOther(found.others), "for somebody else, with an address")
        return case.people("for somebody else")
    if found.others and wishes == {"register"} and talk.turned == {"third"}:
        return case.sure(RegisterOther(found.others), "for somebody else, with an address")
    return None


def _partial(case: _Case, wishes: frozenset[str]) -> Conclusion:
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


def _no_wish(case: _Case) -> Conclusion:
    talk, found = case.talk, case.found
    if case.context.asked and found.given:
        return case.people("neither YES nor NO to a question of ours")
    stands = case.stands or case.context.answered in _SEATED
    if found.form.known >= 2 and not talk.turned and not stands:
        return case.sure(Register(found.fields), f"a form with {found.form.known} lines")
    if found.given and stands and talk.calm:
        return case.sure(Update(found.fields), "a change of what we know")
    if _thanks(case):
        return Conclusion(Silent("ack"), ("every sentence is thanks or farewell",))
    words = sum(len(one.sentence.words) for one in talk.all)
    short = words <= _SHORT_WORDS and not (talk.asks or found.given or case.context.answered)
    # "Thanks for a great day!" is no command gone wrong.
    short = short and not talk.kinds & {"thanks", "polite", "attending", "regret"}
    return case.people("no wish was found", short=short)


def _thanks(case: _Case) -> bool:
    """A person's mail is filed without an answer only here; in answer to a question of ours thanks may mean yes."""
    talk = case.talk
    known = case.context.thread or case.context.standing in ("confirmed", "waiting")
    if not known or case.context.asked or talk.asks or not talk.complete or not talk.calm or _loose(talk):
        return False
    if not talk.kinds <= _SAFE or any(hit.rule.kind not in ("attend", "yes") for one in talk.all for hit in one.wishes):
        return False
    # "Invoice please" is courteous and asks for something: a word that nobody knows is never thanks.
    every = all((one.kinds & _SAFE - {"courtesy"} or one.wishes) and not one.unexplained for one in talk.all)
    return every and bool(talk.kinds & {"thanks", "attending", "polite"} or talk.told("attend"))


def _one(case: _Case, wish: str) -> Conclusion:
    """One clear wish that nothing turns."""
    match wish:
        case "register":
            return _register(case)
        case "cancel":
            return _cancel(case)
        case "change" | "edit":
            return _change(case)
        case "erase" if case.found.given:
            return case.people("erases a part")
        case "erase":
            return case.sure(EraseMe(), "wants to be forgotten")
        case "stop":
            return case.sure(RemindOff(), "no more mail")
        case "status" | "help" | "data":
            return _told(case, wish)
        case _:
            return case.people(f"{wish}, and nothing to say it to", short=wish in ("yes", "no"))


def _register(case: _Case) -> Conclusion:
    found = case.found
    seated = case.context.standing in ("confirmed", "waiting", "offered")
    if found.given and seated:
        return case.sure(Update(found.fields), "registered already; a change of what we know")
    if case.stands and case.context.answered in _SEATED:
        return case.people("registers in the thread of a registration")
    fields = replace(found.fields, others=found.others)
    return case.sure(Register(fields, line="waitlist" in case.talk.wishes), "a registration")


def _cancel(case: _Case) -> Conclusion:
    found = case.found
    if not case.stands and not case.context.answered:
        return case.people("a cancellation of nothing")
    told = found.fields.answers or found.fields.guests is not None  # "not alone" is no cancellation
    if (found.given and told) or found.others or "attending" in case.talk.kinds:
        return case.people("a cancellation, and something that does not go with it")
    if any(one.asks and "third" in one.danger_kinds for one in case.talk.all):
        return case.people("a cancellation, and a question about somebody else")
    return case.sure(Cancel(), "a cancellation", forward=False)


def _change(case: _Case) -> Conclusion:
    found = case.found
    if not (case.stands or case.context.answered):
        return case.people("a change of nothing")
    if not (found.given or found.fields.name):
        return case.people("a change, and no value for it")
    return case.sure(Update(found.fields), "a change")


def _told(case: _Case, wish: str) -> Conclusion:
    """Answers that change nothing: only where nothing else is said, or people would never see it."""
    if not case.talk.complete or case.talk.asks:
        return case.people(f"{wish}, and more")
    if wish == "status":
        return Conclusion(AskStatus(resend="resend" in case.talk.wishes), ("asks how it stands",))
    return Conclusion(Help() if wish == "help" else MyData(), (f"asks for {wish}",))
