"""Reading strangers' bytes: two pure steps that a worker process can run, with DNS asked in between by somebody else.

`examine` parses and names the DNS questions; `judge` proves and reads with the answers. Both take and give values.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from mailflow.mail.envelope import Envelope
from mailflow.mail.message import Message
from mailflow.mail.parse import parse
from mailflow.mail.report import read_report
from mailflow.model.intent import ForPeople, Reading, Silent
from mailflow.model.proof import UNPROVED, Proof
from mailflow.proof import prove, questions
from mailflow.proof.dns import Trusted, TxtAnswer
from mailflow.proof.spf import Spf, SpfQuestion, spf_question
from mailflow.reading.context import ReadingContext
from mailflow.reading.event_mail import read_event_mail
from mailflow.reading.language import meeting_language
from mailflow.reading.read import read
from mailflow.service.old_reports import heard_of_old


@dataclass(frozen=True, slots=True)
class Task:
    """One mail to study. `id` names it between the two steps."""

    id: int
    envelope: Envelope
    content: bytes
    trusted: Trusted


@dataclass(frozen=True, slots=True)
class Examined:
    """The mail as values, the TXT names that judging it needs, and what SPF is to be asked, if it is."""

    message: Message
    questions: tuple[str, ...]
    spf: SpfQuestion | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """What came back from DNS and from the house's memory for one examined mail. `assumed` stands in for the proof."""

    task: Task
    message: Message
    answers: Mapping[str, TxtAnswer]
    context: ReadingContext
    now: datetime
    assumed: Proof | None = None
    spf: Spf | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """Who sent it, and what it says."""

    proof: Proof
    reading: Reading


def examine(task: Task) -> Examined:
    """Parse, and ask nothing yet. Total: `parse` and `questions` never raise."""
    message = parse(task.content)
    if message.refused or message.sender is None:
        return Examined(message, ())
    names = questions(message, task.content, task.trusted, task.envelope)
    # Without a question nothing can be proved, or our border has settled it.
    return Examined(message, names, spf_question(message, task.envelope, task.trusted) if names else None)


def reports(silent: Silent, message: Message) -> bool:
    """Whether an automatic mail may be a delivery report, or a complaint of one of our letters (RFC 5965)."""
    return silent.kind == "bounce" or "message/feedback-report" in (part.lower() for part in message.parts)


def judge(case: Case) -> Judged:
    """The verdict on one mail. Total over everything `examine` gives.

    `context.organiser` comes in as "From is on the event's list"; the reader is told so only of a mail that is proved.
    """
    message, task = case.message, case.task
    if message.refused:
        return Judged(UNPROVED, Reading(ForPeople(), evidence=(f"over a limit: {message.refused}",)))
    proof = case.assumed or prove(message, task.content, task.envelope, case.answers, task.trusted, case.now, case.spf)
    context = case.context
    if context.organiser and not proof.aligned:
        # At F not even a question goes out (trust.md §3).
        context = replace(context, organiser=False, claims=proof.level != "F")
    reading = read(message, task.envelope, context)
    if isinstance(reading.intent, Silent) and reports(reading.intent, message):
        report = heard_of_old(read_report(task.content), task.content)
        reading = replace(reading, intent=replace(reading.intent, failed=report.failed, report=report))
    if context.making:
        own = f"{context.event}@{context.domain}"
        making = read_event_mail(message, context, own, case.now)
        spoken = meeting_language(message, context) if making.meeting else None
        reading = replace(reading, making=making, language=spoken or reading.language)
    return Judged(proof, reading)
