"""What would happen to a mail: the whole path on the present database, nothing written (operations.md §1.2)."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from mailflow.desk.decide import decide
from mailflow.mail.envelope import Envelope
from mailflow.model.decision import Decision, QuestionOpened, Saved
from mailflow.model.intent import ForPeople, Register, Silent, label
from mailflow.model.letter import Letter
from mailflow.model.proof import Proof
from mailflow.model.registration import Registration
from mailflow.proof.dns import TxtAnswer
from mailflow.render import Rendered
from mailflow.service.desk_clerk import Studied, intent_of, view_of
from mailflow.service.handle import context_of, task_of
from mailflow.service.house import House
from mailflow.service.opening import sync_event
from mailflow.service.receive import incoming, lined
from mailflow.service.references import thread_of
from mailflow.service.study import Case, Judged, examine, judge
from mailflow.store.protocol import Inbound, Incoming, Store, Writer

Assumed = Literal["dkim", "none"]


@dataclass(frozen=True, slots=True)
class Trace:
    """The decision about one mail, with what led to it. `letters` are the would-be letters and their rendering."""

    event: str
    intent: str
    mode: Literal["act", "propose"]
    secondary: str | None
    fields: Mapping[str, object]
    language: str | None
    proof: Proof
    evidence: tuple[str, ...]
    decision: Decision
    letters: tuple[tuple[Letter, Rendered], ...]


class _Undo(Exception):
    """Rolls the rehearsal back."""


@contextmanager
def rehearsal(store: Store) -> Iterator[Writer]:
    """A transaction that is always rolled back."""
    try:
        with store.write() as writer:
            yield writer
            raise _Undo  # noqa: TRY301  the roll-back is the point
    except _Undo:
        pass


def simulate(
    house: House,
    store: Store,
    envelope: Envelope,
    content: bytes,
    now: datetime,
    *,
    answers: Mapping[str, TxtAnswer],
    assume: Assumed | None = None,
) -> Trace:
    """The trace of one mail. Never raises for what a mail contains. `store` is left as it was."""
    rows = incoming(house, envelope, lined(content))
    row = next(row for row in rows if isinstance(row, Incoming))
    inbound = Inbound(0, row, now, 1)
    task = task_of(house, inbound)
    examined = examine(task)
    with rehearsal(store) as writer:
        for event in house.events.values():
            sync_event(house, writer, event)
        thread = thread_of(house, writer, examined.message, row.forward_path, row.event)
        known = {name: answers[name] for name in examined.questions if name in answers}
        verdict = judge(Case(task, examined.message, known, context_of(house, inbound, thread), now))
        if assume is not None:
            how = Proof("S", "dkim", examined.message.sender.domain if examined.message.sender else "")
            verdict = Judged(how if assume == "dkim" else Proof("N", "none"), verdict.reading)
        verdict = Judged(replace(verdict.proof, pending=False), verdict.reading)
        studied = Studied(inbound, examined.message, verdict.proof, verdict.reading, thread)
        return _trace(house, writer, studied, verdict, now)


def _trace(house: House, writer: Writer, one: Studied, verdict: Judged, now: datetime) -> Trace:
    reading, message = verdict.reading, one.message
    if message is None:
        raise ValueError("a mail that was not studied")
    if message.refused:
        decision = Decision("refused", f"over a limit: {message.refused}")
    else:
        decision = decide(
            view_of(house, writer, one.inbound.mail.event, one, now), intent_of(reading), verdict.proof, now
        )
    letters = []
    for letter in decision.letters:
        reference = letter.challenge or house.seal.reference(writer.next_letter())
        letters.append((letter, house.renderer.render(letter, house.events[letter.event], reference, now)))
    word = "refused" if message.refused else label(reading.intent)
    if word == "cancel" and any(isinstance(change, QuestionOpened) for change in decision.changes):
        word = "ask"  # nothing to cancel: it is asked back, by people (understanding.md §2.4 rules 11 and 13)
    asked = any(letter.kind == "please_confirm" for letter in decision.letters)
    return Trace(
        event=one.inbound.mail.event,
        intent=word,
        mode="propose" if asked else "act",
        secondary=reading.secondary,
        fields=_fields(one),
        language=reading.language,
        proof=verdict.proof,
        evidence=(*verdict.proof.details, *reading.evidence, decision.reason),
        decision=decision,
        letters=tuple(letters),
    )


def _fields(one: Studied) -> dict[str, object]:  # noqa: C901  one line for each field that may be there
    """Only what was found."""
    message, reading = one.message, one.reading
    found: dict[str, object] = {}
    if message is None or reading is None or isinstance(reading.intent, Silent):
        return found
    if message.sender is not None:
        found["email"] = message.sender.key
    if message.sender_name:
        found["name"] = message.sender_name
    if isinstance(reading.intent, ForPeople) and reading.intent.quote:
        found["message"] = reading.intent.quote
    if isinstance(reading.intent, Register):
        fields = reading.intent.fields
        if fields.name:
            found["name"] = fields.name
        if fields.guests is not None:
            found["guests"] = fields.guests
        for answer in fields.answers:
            if answer.question == "diet":
                found["diet"] = [*answer.options]
        other = {a.question: list(a.options) or a.text for a in fields.answers if a.question != "diet"}
        if other:
            found["answers"] = other
    return found


def changes_as_rows(decision: Decision) -> list[dict[str, object]]:
    """The changes as plain values for `--json`."""
    rows: list[dict[str, object]] = []
    for change in decision.changes:
        if isinstance(change, Saved):
            rows.append(
                {
                    "change": change.what,
                    "code": change.after.code,
                    "before": _status(change.before),
                    "after": str(change.after.status),
                }
            )
        elif isinstance(change, QuestionOpened):
            rows.append({"change": "question_opened", "number": f"F-{change.number}"})
        else:
            challenge = change.challenge
            rows.append(
                {
                    "change": type(change).__name__.lower(),
                    "act": challenge.act,
                    "expires": challenge.expires.isoformat(),
                }
            )
    return rows


def _status(registration: Registration | None) -> str | None:
    return str(registration.status) if registration else None
