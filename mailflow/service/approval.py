"""Applications: which one is meant, and what nobody decided on before the event began."""

from datetime import datetime

from mailflow.desk.decide import decide
from mailflow.model.event import Event
from mailflow.model.intent import Due
from mailflow.model.proof import UNPROVED
from mailflow.model.registration import Registration
from mailflow.model.seal import parse_code
from mailflow.service.desk_clerk import carry_out
from mailflow.service.house import House
from mailflow.service.rounds import BATCH, Went
from mailflow.service.view import due_view
from mailflow.store.protocol import Reader, Writer

JOB = "applications-end"
_DIGITS = 10


def applicant(reader: Reader, event: str, said: str) -> Registration | None:
    """Whom an organiser means by `3` or `K7-QX4M`: the number of a sign-up, or a booking code; None for nobody."""
    if code := parse_code(said):
        return reader.registration_by_code(event, code)
    number = said.strip()
    # A longer one was never given out, and would not fit into a column.
    known = number.isascii() and number.isdigit() and len(number) < _DIGITS
    return reader.registration(event, int(number)) if known else None


def end_applications(house: House, writer: Writer, event: Event, now: datetime) -> tuple[Went, ...]:
    """As far as one tick takes it, the oldest first. Whoever was told applies no more, so it needs no ledger.

    Also where the file asks for no approval any more: whoever applied before that still waits for a word.
    """
    if now < event.starts:
        return ()
    rows = writer.applications(event.id, BATCH)
    if not rows:
        return ()
    state = writer.event_state(event.id)
    if state is None or state.called_off is not None:
        return ()
    sent = 0
    for row in rows:
        due = Due("undecided", number=row.number)
        if (view := due_view(house, writer, event.id, due)) is not None:
            sent += len(carry_out(house, writer, decide(view, due, UNPROVED, now), event.id, now, None))
    return (Went(JOB, sent),)
