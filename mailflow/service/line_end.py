"""The round at the end of a waiting list."""

from datetime import datetime

from mailflow.desk.decide import decide
from mailflow.desk.line_end import has_ended
from mailflow.model.event import Event
from mailflow.model.intent import Due
from mailflow.model.proof import UNPROVED
from mailflow.service.changed import GRACE
from mailflow.service.desk_clerk import carry_out
from mailflow.service.house import House
from mailflow.service.rounds import BATCH, Went
from mailflow.service.view import due_view
from mailflow.store.protocol import Writer

JOB = "line-end"


def end_line(house: House, writer: Writer, event: Event, now: datetime) -> tuple[Went, ...]:
    """As far as one tick takes it, the head first.

    It needs no ledger of whom it has reached, as the other rounds do: who was told waits no more. So it makes up for
    any downtime, and finds whoever should come to wait later.
    """
    letters = house.config.letters
    if not has_ended(event, now, (letters.quiet_from, letters.quiet_to)):
        return ()
    state = writer.event_state(event.id)
    if state is None or not state.waiting or state.called_off is not None:
        return ()
    if state.revised_at is not None and now < state.revised_at + GRACE:
        return ()  # a slip in a date is mended before it costs a place
    sent = 0
    for row in writer.head_of_line(event.id, BATCH):
        due = Due("line_ends", number=row.number)
        if (view := due_view(house, writer, event.id, due)) is not None:
            sent += len(carry_out(house, writer, decide(view, due, UNPROVED, now), event.id, now, None))
    return (Went(JOB, sent),)
