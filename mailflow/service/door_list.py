"""The door list on its way to the organisers, and who is meant by a number on it."""

from datetime import datetime

from mailflow.desk import door_list
from mailflow.model.event import Event
from mailflow.model.registration import Registration, Status
from mailflow.model.seal import parse_code
from mailflow.render.door_list import in_order
from mailflow.service.desk_clerk import post
from mailflow.service.house import House
from mailflow.service.known import DONE
from mailflow.service.rounds import Went
from mailflow.store.protocol import Reader, Writer

JOB = "door-list"


def send_door_list(house: House, writer: Writer, event: Event, now: datetime) -> tuple[Went, ...]:
    """The list that is due now, to each organiser who stands at the door and has not had it yet.

    A listing of the event, made once or twice for it, never on the path of a mail. Whoever has no number gets the next
    one first: a number that was printed once stays with its person, so a later list has it in the same place.
    """
    hours = door_list.hours_due(event, now)
    state = writer.event_state(event.id) if hours is not None else None
    if state is None or state.called_off is not None:
        return ()
    job, day = f"{JOB}-{hours}", event.starts.date()
    readers = [one for one in door_list.readers(event) if writer.begin_job(job, event.id, str(one.address), day, now)]
    if not readers:
        return ()
    expected = numbered(house, writer, event)
    for organiser in readers:
        post(house, writer, door_list.letter(event, state, organiser, expected), now, None)
        writer.end_job(job, event.id, str(organiser.address), day, DONE, now)
    return (Went(job, len(readers)),)


def numbered(house: House, writer: Writer, event: Event) -> tuple[Registration, ...]:
    """All who have a seat, each with a number of the door list."""
    people = writer.registrations(event.id, Status.CONFIRMED)
    order = in_order(house.renderer.alphabet(event), (one for one in people if not one.door_number))
    if not order:
        return people
    writer.give_door_numbers(event.id, [one.number for one in order])
    return writer.registrations(event.id, Status.CONFIRMED)


def at_door(reader: Reader, event: str, said: str) -> Registration | None:
    """Whom an organiser means by `3` or `K7-QX4M`: a number of the door list, or a booking code; None for nobody."""
    code = parse_code(said)
    if code:
        return reader.registration_by_code(event, code)
    number = said.strip()
    # A longer one was never given out, and would not fit into a column.
    if not (number.isascii() and number.isdigit() and len(number) < 10):
        return None
    return reader.registration_at_door(event, int(number))
