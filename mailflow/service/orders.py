"""What organisers order about one registration, carried out: typed by the operator, or read in their mail."""

from datetime import datetime
from typing import Literal

from mailflow.desk.decide import decide
from mailflow.mail.address import Address
from mailflow.model.decision import Decision, Erased, View
from mailflow.model.event import Event
from mailflow.model.intent import Done, Forget, Ordered
from mailflow.model.letter import Cause
from mailflow.model.proof import UNPROVED
from mailflow.model.registration import Registration
from mailflow.service.desk_clerk import carry_out
from mailflow.service.erase import note
from mailflow.service.house import MAKER, ROLES, House
from mailflow.service.view import HEAD, chosen_of, with_offers
from mailflow.store.protocol import Reader, Writer

Farewell = Literal["letter", "none"]


def carry_out_order(
    house: House, writer: Writer, event: Event, one: Registration | None, order: Ordered, now: datetime
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
        question=writer.question(event.id, order.question) if isinstance(order, Done) else None,
        chosen=chosen_of(writer, event),
    )
    decision = decide(with_offers(house, view, writer.next_letters), order, UNPROVED, now)
    carry_out(house, writer, decision, event.id, now, None)
    return decision


def erase_person(
    house: House, writer: Writer, event: str, address: Address, now: datetime, farewell: Farewell
) -> Decision | None:
    """All that the event holds of and to that address; None where that is nothing. The letter goes to who had a part
    in an event that is still known here; the mail of role addresses, and of events without a file, goes without one.
    """
    if not writer.holds(event, address):
        return None
    known = house.events.get(event)
    if known is not None:
        one = writer.registration_of(event, address)
        decision = carry_out_order(house, writer, known, one, Forget(address, farewell == "letter"), now)
    else:
        decision = Decision("done", "erased", (Erased(address, None),))
        carry_out(house, writer, decision, event, now, None)
    note(house, writer, decision, event, now)
    return decision


def everywhere(reader: Reader) -> tuple[str, ...]:
    """Wherever a person may be found: each event that ever was, the role addresses, and where events are made."""
    return (*reader.events(), *sorted(ROLES), MAKER)
