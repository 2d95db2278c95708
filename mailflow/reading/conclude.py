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
from mailflow.reading.analyse import Analysis
from mailflow.reading.context import ReadingContext
from mailflow.reading.forms import Form
from mailflow.reading.gather import Gathered
from mailflow.reading.subject import Subject
from mailflow.reading.tables import Hit

# Words that say whether the wish beside them is the sender's own, or a wish at all.
_TURNING = frozenset({"negation", "condition", "hedge", "third", "reported", "retraction"})
# These turn a sentence, in whatever clause they stand; the others only their own clause.
_SENTENCE = frozenset({"condition", "hedge", "retraction", "reported"})
# These turn a mail wherever they stand in it.
_ANYWHERE = frozenset({"retraction", "reported"})
_REPLIES = frozenset({"status", "resend", "help", "data"})
_STANDING = frozenset({"pending", "confirmed", "waiting", "offered"})
_SAFE = frozenset({"greeting", "polite", "thanks", "attending", "signoff"})
_SHORT_WORDS = 5
FORWARDED = "a forwarded mail"


@dataclass(frozen=True, slots=True)
class Conclusion:
    """The wish and how it was reached. `propose`: ask back first. `secondary` as in `Reading`."""

    wish: Wish | Silent
    evidence: tuple[str, ...]
    propose: bool = False
    secondary: str | None = None


@dataclass(frozen=True, slots=True)
class Talk:
    """The sentences of one mail, sorted."""

    all: tuple[Analysis, ...]
    wishes: frozenset[str]
    turned: frozenset[str]
    questions: bool
    unexplained: tuple[str, ...]

    @property
    def complete(self) -> bool:
        """Everything that was written is understood."""
        return not self.unexplained


def talk_of(sentences: tuple[Analysis, ...]) -> Talk:
    """Wishes of sentences that are no questions; what turns them; what nobody understands."""
    wishes: set[str] = set()
    turned: set[str] = set()
    unexplained: list[str] = []
    for one in sentences:
        dangers = one.danger_kinds
        turned |= dangers & _ANYWHERE
        if one.asks:
            continue
        found = {hit.rule.kind for hit in one.wishes}
        wishes |= found
        unknown = _unknown(one)
        if found:
            close = {kind for hit in one.wishes for kind in one.near(hit)}
            turned |= close & _TURNING | dangers & _SENTENCE
            if dangers & _TURNING - turned:
                unexplained.append(one.sentence.text)
            if "idiom" in one.kinds:
                turned.add("idiom")
        elif dangers & _TURNING or "idiom" in one.kinds:
            unexplained.append(one.sentence.text)
        if unknown or ("contrast" in dangers and one.unexplained):
            unexplained.append(" ".join(one.sentence.words[place] for place in one.unexplained))
    return Talk(sentences, frozenset(wishes), frozenset(turned), any(one.asks for one in sentences), tuple(unexplained))


def _unknown(one: Analysis) -> bool:
    """Whether too much of a sentence is not understood.

    Beside a wish, or something that explains it, a word or two that nobody knows says what it is about ("synthetic
    images"); a name might be somebody else's. A sentence of which nothing is known may say anything.
    """
    if not one.unexplained:
        return False
    words = one.sentence.words
    names = any(words[place][:1].isupper() and place > 0 for place in one.unexplained)
    known = bool(one.wishes) or bool(one.kinds & {"intro", "reason", "regret", "polite", "thanks", "attending"})
    return names or not known or len(one.unexplained) > max(1, len(words) // 6)


def conclude(
    found: Gathered, context: ReadingContext, quote: str, hindrance: str, subject: tuple[Hit, ...]
) -> Conclusion:
    """The conclusion about new text that has at least one sentence or form line.

    `hindrance`: why nothing may act. `subject`: the wishes of a subject that is wholly understood; they count where
    the text says nothing of its own.
    """
    talk = talk_of(found.sentences)
    evidence = _evidence(found, talk)
    if subject and not talk.wishes and _leaves_it_to_the_subject(found, talk):
        talk = replace(talk, wishes=frozenset(hit.rule.kind for hit in subject))
        evidence = (f"{subject[0].rule.id}: in the subject", *evidence)
    outcome = _outcome(found, talk, context, quote)
    passed_on = isinstance(outcome.wish, RegisterOther) and hindrance == FORWARDED
    if hindrance and not passed_on and not isinstance(outcome.wish, ForPeople | Silent):
        outcome = Conclusion(ForPeople(quote), (*outcome.evidence, hindrance))
    return replace(outcome, evidence=(*outcome.evidence, *evidence))


def _leaves_it_to_the_subject(found: Gathered, talk: Talk) -> bool:
    """Nothing but politeness, who one is, and fields of a form: the subject is what is meant."""
    kinds = {kind for one in talk.all for kind in one.kinds}
    quiet = not any(one.dangers or one.asks for one in talk.all)
    return talk.complete and quiet and not found.form.fault and kinds <= _SAFE | {"intro", "filler", "regret", "reason"}


def by_subject(subject: tuple[Hit, ...], context: ReadingContext, fields: Fields, quote: str) -> Conclusion:
    """What a mail says that has only a subject."""
    nothing = Gathered((), fields, Form(), given=False, signature=(), others=(), left_out=())
    talk = Talk((), frozenset(hit.rule.kind for hit in subject), frozenset(), questions=False, unexplained=())
    found = _outcome(nothing, talk, context, quote)
    return replace(found, evidence=(f"{subject[0].rule.id}: in the subject", *found.evidence))


def languages_of(found: Gathered, subject: Subject) -> tuple[str, ...]:
    """The languages of the wishes that were found, in order; words of two languages say nothing."""
    hits = [hit for one in found.sentences for hit in one.wishes] or list(subject.wishes)
    return tuple(hit.rule.language for hit in hits if "/" not in hit.rule.id.partition(".")[0])


def _evidence(found: Gathered, talk: Talk) -> tuple[str, ...]:
    hits = [
        f"{hit.rule.id}: {' '.join(one.sentence.words[hit.match.start : hit.match.rest])}"
        for one in talk.all
        for hit in one.wishes
    ]
    kinds = sorted({kind for one in talk.all for kind in one.kinds})
    notes = [f"explained: {', '.join(kinds)}"] if kinds else []
    if talk.unexplained:
        notes.append(f"not explained: {'; '.join(talk.unexplained)[:200]}")
    if found.signature:
        notes.append(f"{len(found.signature)} lines of signature")
    return (*hits[:10], *notes)


def _outcome(found: Gathered, talk: Talk, context: ReadingContext, quote: str) -> Conclusion:
    people = ForPeople(quote)
    wishes = _merged(talk.wishes, context, found)
    if context.asked and (answered := _answered(found, talk, wishes, context, people)):
        return answered
    if context.answered in ("announcement", "invitation") and wishes == {"yes"} and _eager(talk):
        wishes = frozenset({"register"})
    wishes -= {"yes", "no"} if len(wishes) > 1 else frozenset()
    if found.form.other is not None and not talk.turned and wishes <= {"register", "other"}:
        return _sure(RegisterOther((found.form.other,)), "a form about somebody else", talk)
    if found.form.fault:
        return Conclusion(people, (found.form.fault,))
    if talk.turned & _ANYWHERE and (wishes or found.given) and "other" not in wishes:
        return Conclusion(people, (f"turned by {', '.join(sorted(talk.turned))}",))
    if any("partial" in one.kinds for one in talk.all if not one.asks):
        return _partial(found, talk, wishes, context, people)
    if not wishes:
        return _without_wish(found, talk, context, people)
    if "other" in wishes:
        # "I will not attend myself" gives up nothing that one has.
        wishes -= {"cancel"} if context.standing == "none" else frozenset()
        if found.others and wishes <= {"other", "register"} and not talk.turned - {"third", "reported"}:
            return _sure(RegisterOther(found.others), "for somebody else, with an address", talk)
        return Conclusion(people, ("for somebody else, and no address",))
    if talk.turned:
        return _turned(found, talk, wishes, people)
    if len(wishes) > 1:
        return Conclusion(people, (f"two wishes: {', '.join(sorted(wishes))}",))
    (wish,) = wishes
    return _one(wish, found, talk, context, people)


def _merged(wishes: frozenset[str], context: ReadingContext, found: Gathered) -> frozenset[str]:
    """Wishes that are one and the same, or of which one says all."""
    merged = {{"waitlist": "register", "resend": "status"}.get(wish, wish) for wish in wishes}
    stands = context.standing in _STANDING
    if "attend" in merged:
        merged.discard("attend")
        # Who has a seat and says "I'll be there" asks for nothing.
        if not stands and not (merged & {"cancel", "erase"}):
            merged.add("register")
    if {"register", "change"} <= merged:
        merged.discard("register" if stands else "change")
    if "erase" in merged:
        merged -= {"cancel", "stop", "change"}
    if {"cancel", "change"} <= merged:
        merged.discard("change")
    if "status" in merged and merged & {"help"}:
        merged.discard("help")
    return frozenset(merged)


def _answered(
    found: Gathered, talk: Talk, wishes: frozenset[str], context: ReadingContext, people: ForPeople
) -> Conclusion | None:
    """YES, NO or neither to a question of ours (a request to confirm, an offered seat)."""
    if talk.turned & (_ANYWHERE | {"hedge", "condition", "third"}):
        return Conclusion(people, (f"an answer, turned by {', '.join(sorted(talk.turned))}",))
    said_no = "no" in wishes or "cancel" in wishes
    said_yes = "yes" in wishes or "register" in wishes
    if said_no and not said_yes:
        if talk.complete and not talk.questions:
            return Conclusion(No(), ("NO to a question of ours",))
        return Conclusion(people, ("NO, and more",))
    if said_yes and not said_no and not (wishes - {"yes", "register", "change", "attend", "status"}):
        if "negation" in talk.turned or "contrast" in talk.turned or "idiom" in talk.turned:
            return Conclusion(people, ("YES, turned",))
        if talk.complete:
            return Conclusion(Yes(), ("YES to a question of ours",), secondary="question" if talk.questions else None)
        return Conclusion(people, ("YES, and something that is not understood",))
    return None


def _eager(talk: Talk) -> bool:
    """More than a bare "ok": in answer to an invitation "ja tack" is a wish."""
    firsts = [hit for one in talk.all for hit in one.wishes if hit.rule.kind == "yes"]
    return any(len(hit.match.claimed) > 1 for hit in firsts)


def _sure(wish: Wish, why: str, talk: Talk, secondary: str | None = None) -> Conclusion:
    return Conclusion(wish, (why,), propose=not talk.complete, secondary=secondary)


def _turned(found: Gathered, talk: Talk, wishes: frozenset[str], people: ForPeople) -> Conclusion:
    if "third" in talk.turned and found.others and wishes == {"register"} and talk.turned <= {"third"}:
        return _sure(RegisterOther(found.others), "for somebody else, with an address", talk)
    return Conclusion(people, (f"{', '.join(sorted(wishes))}, turned by {', '.join(sorted(talk.turned))}",))


def _partial(
    found: Gathered, talk: Talk, wishes: frozenset[str], context: ReadingContext, people: ForPeople
) -> Conclusion:
    """ "Can't stay for the dinner": a change to a registration, or a part of one; never a cancellation."""
    fields = _with_left_out(found, context.questions)
    rest = wishes - {"change", "cancel", "yes", "no"}
    if "cancel" in wishes or talk.turned & {"condition", "hedge", "third"}:
        return Conclusion(people, ("gives up a part, and more",))
    if rest == {"register"}:
        return _sure(Register(fields), "a registration for a part", talk, "question" if talk.questions else None)
    if not rest and context.standing in _STANDING and (fields != found.fields or found.given):
        return _sure(Update(fields), "gives up a part", talk)
    return Conclusion(people, ("gives up a part",))


def _with_left_out(found: Gathered, questions: tuple[Question, ...]) -> Fields:
    """Sessions that are said no to are all others said yes to, when nothing was named."""
    fields = found.fields
    for question in questions:
        if question.kind == "sessions" and found.left_out:
            mine = next((answer for answer in fields.answers if answer.question == question.id), None)
            if mine is None:
                chosen = tuple(option.id for option in question.options if option.id not in found.left_out)
                answer = Answer(question.id, chosen, "")
                fields = replace(fields, answers=(*fields.answers, answer))
    return fields


def _without_wish(found: Gathered, talk: Talk, context: ReadingContext, people: ForPeople) -> Conclusion:
    stands = context.standing in _STANDING or context.answered in ("registered", "waitlisted", "status", "promoted")
    if found.form.known >= 2 and not talk.turned and not stands:
        return _sure(Register(found.fields), f"a form with {found.form.known} lines", talk,
                     "question" if talk.questions else None)  # fmt: skip
    if found.given and stands and not talk.turned:
        if any(one.dangers for one in talk.all):
            return Conclusion(people, ("a change that is turned",))
        return _sure(Update(found.fields), "a change of what we know", talk, "question" if talk.questions else None)
    if _thanks(talk, context):
        return Conclusion(Silent("ack"), ("every sentence is thanks or farewell",))
    words = sum(len(one.sentence.words) for one in talk.all)
    short = words <= _SHORT_WORDS and not talk.questions and not found.given and not context.answered
    return Conclusion(replace(people, short=short), ("no wish was found",))


def _thanks(talk: Talk, context: ReadingContext) -> bool:
    """A person's mail is filed without an answer only here; in answer to a question of ours thanks may mean yes."""
    if not (context.thread or context.standing in ("confirmed", "waiting")) or context.asked or talk.questions:
        return False
    kinds = {kind for one in talk.all for kind in one.kinds}
    told = {hit.rule.kind for one in talk.all for hit in one.wishes}
    if not talk.complete or any(one.dangers for one in talk.all) or not kinds <= _SAFE or not told <= {"attend", "yes"}:
        return False
    every = all(one.kinds & _SAFE or one.wishes for one in talk.all)
    return every and bool(kinds & {"thanks", "attending", "polite"} or "attend" in told)


def _one(wish: str, found: Gathered, talk: Talk, context: ReadingContext, people: ForPeople) -> Conclusion:
    """One clear wish that nothing turns."""
    stands = context.standing in _STANDING
    asks = "question" if talk.questions else None
    match wish:
        case "register":
            if stands and context.answered in ("registered", "waitlisted", "promoted", "status"):
                if found.given:
                    return _sure(Update(found.fields), "registered already; a change of what we know", talk, asks)
                return Conclusion(people, ("registers in the thread of a registration",))
            if found.others:
                fields = replace(found.fields, others=found.others)
                return _sure(Register(fields), "a registration, and others with an address", talk, asks)
            line = any(hit.rule.kind == "waitlist" for one in talk.all for hit in one.wishes)
            return _sure(Register(found.fields, line=line), "a registration", talk, asks)
        case "cancel":
            if not stands and not context.answered:
                return Conclusion(people, ("a cancellation of nothing",))
            if (found.given and found.fields.answers) or found.others:
                return Conclusion(people, ("a cancellation, and something else",))
            return Conclusion(Cancel(), ("a cancellation",), propose=not talk.complete or talk.questions)
        case "change":
            if not (stands or context.answered):
                return Conclusion(people, ("a change of nothing",))
            if not (found.given or found.fields.name):
                return Conclusion(people, ("a change, and no value for it",))
            return _sure(Update(found.fields), "a change", talk, asks)
        case "erase":
            return _sure(EraseMe(), "wants to be forgotten", talk, asks)
        case "stop":
            return _sure(RemindOff(), "no more mail", talk, asks)
        case "status" if talk.complete or talk.questions:
            resend = any(hit.rule.kind == "resend" for one in talk.all for hit in one.wishes)
            return Conclusion(AskStatus(resend=resend), ("asks how it stands",))
        case "help" if talk.complete:
            return Conclusion(Help(), ("asks for help",))
        case "data":
            return Conclusion(MyData(), ("asks for the data",))
        case _:
            return Conclusion(replace(people, short=wish in ("yes", "no")), (f"{wish}, and nothing to say it to",))


def proposed(conclusion: Conclusion) -> Wish | Proposed | Silent:
    """The wish as the desk gets it."""
    wish = conclusion.wish
    if conclusion.propose and isinstance(wish, Register | Cancel | Update | RegisterOther | RemindOff | EraseMe):
        return Proposed(wish)
    return wish
