"""What organisers order about one registration, carried out: typed by the operator, or read in their mail."""

from datetime import datetime

from mailflow.desk.decide import decide
from mailflow.model.decision import Decision, View
from mailflow.model.event import Event
from mailflow.model.intent import Ordered
from mailflow.model.letter import Cause
from mailflow.model.proof import UNPROVED
from mailflow.model.registration import Registration
from mailflow.service.desk_clerk import carry_out
from mailflow.service.house import House
from mailflow.service.view import HEAD, with_offers
from mailflow.store.protocol import Writer


def carry_out_order(
    house: House, writer: Writer, event: Event, one: Registration, order: Ordered, now: datetime
) -> Decision:
    """Decide it, write it down and post its letters, in the caller's transaction; `one` is whom it is about.

    A running service sends the letters, and so does the next one that starts.
    """
    state = writer.event_state(event.id)
    if state is None:
        return Decision("ignored", "no such registration")
    view = View(
        event=event,
        state=state,
        sender=None,
        cause=Cause(),
        located=one,
        head=writer.head_of_line(event.id, HEAD) if state.waiting else (),
    )
    decision = decide(with_offers(house, view, writer.next_letters), order, UNPROVED, now)
    carry_out(house, writer, decision, event.id, now, None)
    return decision
