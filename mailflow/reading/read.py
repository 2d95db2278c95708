"""What one mail asks for. The first step that decides wins; every step says why (understanding.md §2.1).

Facts before words; only the new text; every sentence explained before anything acts. What is not understood goes to
people, and no mail is thrown away.
"""

from dataclasses import replace
from functools import lru_cache

from mailflow.mail.answer import ANSWERS
from mailflow.mail.envelope import Envelope
from mailflow.mail.message import Message
from mailflow.model.command import Orders
from mailflow.model.event import Question
from mailflow.model.intent import (
    CalendarReply,
    Cancel,
    Empty,
    ForPeople,
    No,
    Proposed,
    Reading,
    Register,
    RemindOff,
    Silent,
    Wish,
    Yes,
)
from mailflow.model.seal import Seal
from mailflow.reading.case import Conclusion
from mailflow.reading.commands import is_order
from mailflow.reading.conclude import FORWARDED, by_subject, conclude, languages_of, proposed
from mailflow.reading.context import ReadingContext
from mailflow.reading.gather import Gathered, gather
from mailflow.reading.language import find_language
from mailflow.reading.newtext import NewText, bounded, split_text
from mailflow.reading.orders import DANGEROUS, EVERYBODYS, find_orders
from mailflow.reading.passed_on import passed_on
from mailflow.reading.robots import find_robot, subject_phrase
from mailflow.reading.rules import Places
from mailflow.reading.signature import own_names
from mailflow.reading.subject import Subject, read_subject, strip_prefixes
from mailflow.reading.typos import mended
from mailflow.reading.words import fold_words

QUOTE_LENGTH = 10_000
_TEXT_LINES = 60
_TEXT_LENGTH = 4000
_PROGRAM_LINES = 2
_INFLECTED_LENGTH = 5
_DEFINITE = ("en", "et", "n", "t")
# Beside the words, these say nothing: logos, cards, signatures of the program. Any other file might.
_SILENT_FILES = (
    "image/", "application/pgp-signature", "application/pgp-keys", "application/pkcs7-signature",
    "application/x-pkcs7-signature", "text/vcard", "text/x-vcard", "text/calendar", "application/ics",
)  # fmt: skip
_TAGS: dict[str, Wish] = {"cancel": Cancel(), "confirm": Yes(), "unsubscribe": RemindOff()}


def read(message: Message, envelope: Envelope, context: ReadingContext) -> Reading:
    """The reading of a mail. Total, pure, and linear in its size; no mail is lost, what is not understood is ForPeople.

    A calendar answer to a UID of ours takes effect even from a robot (calendar.md §10); `secondary` is then
    "auto-reply", and no letter may follow. Any other calendar is a file beside an ordinary mail.
    """
    robot = find_robot(message, envelope, context)
    answer = message.answer
    if answer and answer.method in ANSWERS and (_is_ours(answer.uid, context) or not robot):
        whose = "a UID of ours" if _is_ours(answer.uid, context) else "a UID that is not ours"
        evidence = (f"calendar {answer.method} to {whose}", *((f"automatic: {robot.evidence}",) if robot else ()))
        language = find_language(message, "", (), context)
        dated = replace(answer, dtstamp=answer.dtstamp or message.date)
        return Reading(CalendarReply(dated), language, evidence, secondary="auto-reply" if robot else None)
    if robot:
        return Reading(Silent(robot.kind), None, (f"automatic: {robot.evidence}",))
    if message.refused or "unreadable" in message.defects:
        return Reading(ForPeople(), None, (f"not read: {message.refused or 'unreadable'}",))
    text = split_text(message.text, context.own_text)
    quote = _quote(message, text)
    if weak := subject_phrase(message):
        language = find_language(message, text.text, (), context)
        return Reading(ForPeople(quote), language, (f"{weak.evidence}, and nothing else says so",), quote)
    return _understood(message, context, text, quote)


def _understood(message: Message, context: ReadingContext, text: NewText, quote: str) -> Reading:
    """What a person wrote."""
    own = own_names(message.sender_name, message.sender)
    if (ordered := _orders(message, context, text, own, quote)) is not None:
        return ordered
    places = Places(
        event=_topic(context.titles),
        session=_sessions(context.questions),
        own=own,
        month=context.month,
    )
    person = (context.questions, places, message.sender, message.sender_name)
    # Of more than that nothing acts, so no more is looked at.
    lines = bounded(text.lines, _TEXT_LINES, _TEXT_LENGTH)
    signature = bounded(text.signature, _TEXT_LINES, _TEXT_LENGTH)
    found = gather(lines, signature, *person)
    subject = read_subject(message, context, text, places)
    hindrance = _hindrance(message, text, subject)
    if not found.sentences and not found.form.known and not found.form.fault:
        outcome = _nothing(message, context, text, subject, found, quote)
    else:
        outcome = conclude(found, context, quote, hindrance, subject.wishes)
        # Where no word is mended, a second look would find the same.
        misspelt = (mended(one.sentence) != one.sentence for one in found.sentences)
        if isinstance(outcome.wish, ForPeople) and not hindrance and any(misspelt):
            again = gather(lines, signature, *person, mended)
            outcome = _misspelt(outcome, conclude(again, context, quote, hindrance, subject.wishes))
    if isinstance(outcome.wish, Yes | No) and context.organiser and any(map(is_order, (*lines, *signature))):
        # It would pass for a signature. Whether it waits for the answer, or the answer for it, nobody can know.
        outcome = Conclusion(ForPeople(quote), (*outcome.evidence, "and an order beneath it"))
    if isinstance(outcome.wish, ForPeople) and hindrance == FORWARDED:
        outcome = passed_on(outcome, text, found, places, message.sender)
    if isinstance(outcome.wish, Silent) and message.attachments:
        outcome = Conclusion(ForPeople(quote), (*outcome.evidence, "a file is attached"))
    language = find_language(message, text.text, languages_of(found, subject), context)
    ignored = ((text.quoted, "lines quoted"), (text.program_lines, "lines of programs"))
    notes = tuple(f"{count} {what}" for count, what in ignored if count)
    return Reading(proposed(outcome), language, (*outcome.evidence, *notes), quote, outcome.secondary)


def _orders(
    message: Message, context: ReadingContext, text: NewText, own: frozenset[str], quote: str
) -> Reading | None:
    """An organiser's commands; those of somebody else about everybody are for people."""
    undo = context.answered == "transcript"
    subject, prefixed, _ = strip_prefixes(message.subject)
    found = find_orders(text, subject, own, undo=undo)
    if found is None:
        return None
    language = find_language(message, text.text, (found.language,), context)
    if context.organiser or context.claims:
        # Behind Re: or Fwd: stand somebody else's words, and an empty answer to them is easily sent.
        if (prefixed or text.forwarded) and find_orders(text, "", own, undo=undo) is None:
            evidence = (f"order {found.command.order}, in the subject of what is answered or passed on",)
            return Reading(ForPeople(quote), language, evidence, quote)
        orders = Orders(found.lines, html=message.html_only, spoken=found.spoken)
        # What reaches many or undoes something is shown first, and so is what nothing proves.
        wish = Proposed(orders) if found.orders & DANGEROUS or not context.organiser else orders
        whose = "from an organiser, proved" if context.organiser else "from an organiser's address, not proved"
        return Reading(wish, language, (f"order {found.command.order}: {found.phrase}", whose), quote)
    if found.orders & EVERYBODYS:
        return Reading(ForPeople(quote), language, (f"order {found.command.order}, and from no organiser",), quote)
    return None


def _misspelt(outcome: Conclusion, again: Conclusion) -> Conclusion:
    """What the mail says with its typing errors mended; never more than a proposal."""
    if not isinstance(again.wish, Register | Cancel):
        return outcome
    return replace(again, propose=True, evidence=("with its spelling mended", *again.evidence))


@lru_cache(maxsize=64)
def _topic(titles: tuple[str, ...]) -> frozenset[str]:
    """Words that name the event: those of its titles, and the longer of them as Scandinavians write "the ..." of them.

    Who signs up for "Brödbak" writes "brödbaket". Of short words an ending makes other words.
    """
    words = frozenset(word for title in titles for word in fold_words(title))
    return words | {word + end for word in words if len(word) >= _INFLECTED_LENGTH for end in _DEFINITE}


@lru_cache(maxsize=64)
def _sessions(questions: tuple[Question, ...]) -> frozenset[str]:
    """Words of the options of sessions, as they are written."""
    texts = (
        text
        for question in questions
        if question.kind == "sessions"
        for option in question.options
        for text in option.texts
    )
    return frozenset(word for text in texts for word in fold_words(text))


def _is_ours(uid: str, context: ReadingContext) -> bool:
    # The key is not asked for the shape; whether the hash holds is for those who have it.
    return Seal(b"").read_uid(uid, context.event, context.ids_domain) is not None


def _quote(message: Message, text: NewText) -> str:
    """What people are to read: the new text; with a forwarded mail, or when nothing was left of it, all of it."""
    whole = text.forwarded or not text.text
    return (message.text if whole else text.text).strip()[:QUOTE_LENGTH]


def _hindrance(message: Message, text: NewText, subject: Subject) -> str:
    """Why nothing in this mail may act, or ""."""
    if not text.whole or len(text.text) > _TEXT_LENGTH or sum(map(bool, text.lines)) > _TEXT_LINES:
        return "longer than a command"
    if text.forwarded or (subject.forward and text.quoted):
        return FORWARDED
    if subject.doubtful:
        return "the subject denies or doubts"
    if any(not file.content_type.lower().startswith(_SILENT_FILES) for file in message.attachments):
        return "a file is attached"
    return ""


def _nothing(
    message: Message, context: ReadingContext, text: NewText, subject: Subject, found: Gathered, quote: str
) -> Conclusion:
    """A mail without new text: what the subject says, if it is no reply's."""
    if context.tag and not (text.quoted and text.program_lines > _PROGRAM_LINES):
        return Conclusion(_TAGS[context.tag], (f"the tag {context.tag}, and nothing is written",))
    if subject.wishes and not text.forwarded and not (subject.doubtful or subject.question):
        if any(not file.content_type.lower().startswith(_SILENT_FILES) for file in message.attachments):
            return Conclusion(ForPeople(quote), ("a file is attached",))
        return by_subject(subject.wishes, context, found, quote)
    # Something was quoted: perhaps the words stand between the quoted lines, where we did not find them.
    if text.quoted or text.program_lines > _PROGRAM_LINES or message.attachments:
        return Conclusion(ForPeople(quote), ("no new text was found",))
    if subject.blank or context.thread:
        return Conclusion(Empty(), ("nothing is written",))
    return Conclusion(ForPeople(quote), ("no text, and the subject is no command",))
