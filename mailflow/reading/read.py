"""What one mail asks for. The first step that decides wins; every step says why (understanding.md §2.1).

This is the first form of the room: command words and forms act, everything that needs phrases goes to people.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from mailflow.mail.envelope import Envelope
from mailflow.mail.message import Message
from mailflow.model.intent import (
    AskStatus,
    CalendarReply,
    Cancel,
    Empty,
    ForPeople,
    Help,
    MailIntent,
    No,
    Reading,
    Register,
    Silent,
    Yes,
)
from mailflow.model.seal import Seal
from mailflow.reading.context import ReadingContext
from mailflow.reading.explain import Command, Explanation, explain, quiet_signature
from mailflow.reading.forms import Form, Labels, read_form
from mailflow.reading.language import find_language
from mailflow.reading.newtext import NewText, split_text
from mailflow.reading.robots import find_robot, subject_phrase
from mailflow.reading.subject import Subject, read_subject

QUOTE_LENGTH = 10_000
_TEXT_LINES = 60
_TEXT_LENGTH = 4000
_PROGRAM_LINES = 2
# Beside the words, these say nothing: logos, cards, signatures of the program. Any other file might.
_SILENT_FILES = (
    "image/", "application/pgp-signature", "application/pgp-keys", "application/pkcs7-signature",
    "application/x-pkcs7-signature", "text/vcard", "text/x-vcard", "text/calendar", "application/ics",
)  # fmt: skip
# Words that act the same: two of one class in a mail are one wish.
_CLASSES = {"undo": "register"}
_SAFE_QUESTIONS = frozenset({"status", "resend", "help"})


@dataclass(frozen=True, slots=True)
class _Wish:
    """What the words come to: an intent, or why not."""

    intent: MailIntent | None
    evidence: str


def read(message: Message, envelope: Envelope, context: ReadingContext) -> Reading:
    """The reading of a mail. Total, pure, and linear in its size; no mail is lost, what is not understood is ForPeople.

    A calendar answer to a UID of ours takes effect even from a robot (calendar.md §10); `secondary` is then
    "auto-reply", and no letter may follow.
    """
    robot = find_robot(message, envelope, context)
    answer = message.answer
    if answer and answer.method == "REPLY" and _is_ours(answer.uid, context):
        evidence = ("calendar REPLY to a UID of ours", *((f"automatic: {robot.evidence}",) if robot else ()))
        language = find_language(message, "", (), context)
        return Reading(CalendarReply(answer), language, evidence, secondary="auto-reply" if robot else None)
    if robot:
        return Reading(Silent(robot.kind), None, (f"automatic: {robot.evidence}",))
    if message.refused or "unreadable" in message.defects:
        return Reading(ForPeople(), None, (f"not read: {message.refused or 'unreadable'}",))
    text = split_text(message.text, context.own_text)
    subject = read_subject(message, context, text)
    quote = _quote(message, text)
    if weak := subject_phrase(message):
        language = find_language(message, text.text, (), context)
        return Reading(ForPeople(quote), language, (f"{weak.evidence}, and nothing else says so",), quote)
    if answer:
        language = find_language(message, text.text, (), context)
        return Reading(ForPeople(quote), language, (f"calendar {answer.method[:20]}, not an answer to us",), quote)
    found = explain(text.lines, message.sender_name, message.sender, Labels(context.questions))
    wish = _decide(message, context, text, found, subject)
    commands = (*found.commands, *subject.commands)
    intent = wish.intent or ForPeople(quote)
    return Reading(intent, find_language(message, text.text, commands, context), _evidence(text, found, wish), quote)


def _is_ours(uid: str, context: ReadingContext) -> bool:
    # The key is not asked for the shape; whether the hash holds is for those who have it.
    return Seal(b"").read_uid(uid, context.event, context.ids_domain) is not None


def _quote(message: Message, text: NewText) -> str:
    """What people are to read: the new text; with a forwarded mail, or when nothing was left of it, all of it."""
    whole = text.forwarded or not text.text
    return (message.text if whole else text.text).strip()[:QUOTE_LENGTH]


def _decide(message: Message, context: ReadingContext, text: NewText, found: Explanation, subject: Subject) -> _Wish:
    if reason := _hindrance(message, text, found, subject):
        return _Wish(None, reason)
    if not text.text and not subject.commands:
        return _nothing(message, context, text, subject)
    form = read_form(tuple(found.form), context.questions, message.sender)
    if form.fault:
        return _Wish(None, form.fault)
    names = {_CLASSES.get(c.name, c.name) for c in (*found.commands, *subject.commands)}
    # Without a question of ours "yes please" is a manner of speaking.
    if not context.asked and "register" in names:
        names.discard("yes")
    if len(names) > 1:
        return _Wish(None, f"two commands: {', '.join(sorted(names))}")
    if names:
        return _command(names.pop(), found, form, context)
    if found.form:
        return _form(form, context)
    if _is_thanks(message, context, found):
        return _Wish(Silent("ack"), "every sentence is thanks, in answer to a letter of ours")
    return _Wish(None, "no command")


def _hindrance(message: Message, text: NewText, found: Explanation, subject: Subject) -> str:
    """Why nothing in this mail may act, or ""."""
    if found.unexplained:
        return f"line {found.unexplained} of the new text is not understood"
    if not text.whole or len(text.text) > _TEXT_LENGTH or sum(map(bool, text.lines)) > _TEXT_LINES:
        return "longer than a command"
    if text.forwarded or (subject.forward and text.quoted):
        return "a forwarded mail"
    if subject.doubtful:
        return "the subject denies or doubts"
    if not quiet_signature(text.signature):
        return "something in the signature is more than a signature"
    if any(not file.content_type.lower().startswith(_SILENT_FILES) for file in message.attachments):
        return "a file is attached"
    names = {c.name for c in (*found.commands, *subject.commands)}
    if (found.question or subject.question) and not (names and names <= _SAFE_QUESTIONS):
        return "a question"
    return ""


def _nothing(message: Message, context: ReadingContext, text: NewText, subject: Subject) -> _Wish:
    # Something was quoted: perhaps the words stand between the quoted lines, where we did not find them.
    if text.quoted or text.signature or text.program_lines > _PROGRAM_LINES or message.attachments:
        return _Wish(None, "no new text was found")
    if subject.blank or context.thread:
        return _Wish(Empty(), "nothing is written")
    return _Wish(None, "no text, and the subject is no command")


def _command(name: str, found: Explanation, form: Form, context: ReadingContext) -> _Wish:
    evidence = f"command {name}"
    filled = form.known > 0
    if name in {"register", "waitlist"}:
        if "regret" in found.kinds:
            return _Wish(None, "a registration with regret")
        return _Wish(Register(form.fields, line=name == "waitlist"), evidence)
    if filled:
        return _Wish(None, f"{name}, and a form")
    if name in {"yes", "no"} and not context.asked:
        return _Wish(None, f"{name}, but nothing was asked")
    against = {"cancel": "attending", "no": "attending", "yes": "regret"}.get(name)
    if against in found.kinds:
        return _Wish(None, f"{name}, and words that contradict it")
    intents: dict[str, MailIntent] = {
        "cancel": Cancel(), "yes": Yes(), "no": No(), "status": AskStatus(), "resend": AskStatus(resend=True),
        "help": Help(),
    }  # fmt: skip
    return _Wish(intents.get(name), evidence)


def _form(form: Form, context: ReadingContext) -> _Wish:
    if context.thread or context.asked:
        return _Wish(None, "a form in answer to a letter of ours changes something")
    if form.known < 2:
        return _Wish(None, "fewer than two filled lines of a form")
    return _Wish(Register(form.fields), f"a form with {form.known} lines")


def _is_thanks(message: Message, context: ReadingContext, found: Explanation) -> bool:
    """A person's mail is filed without an answer only here; in the thread of a question thanks may mean yes."""
    if not context.thread or context.asked or message.attachments:
        return False
    return bool(found.kinds & {"thanks", "attending"}) and "regret" not in found.kinds


def _evidence(text: NewText, found: Explanation, wish: _Wish) -> tuple[str, ...]:
    ignored = (
        (text.quoted, "lines quoted"),
        (len(text.signature), "lines of signature"),
        (text.program_lines, "lines of programs"),
    )
    notes = [wish.evidence, *(_where(found.commands)), *(sorted(found.kinds))]
    return (*notes, *(f"{count} {what}" for count, what in ignored if count))


def _where(commands: Iterable[Command]) -> tuple[str, ...]:
    return tuple(f"line {command.line}: {command.name} ({'/'.join(command.languages)})" for command in commands)
