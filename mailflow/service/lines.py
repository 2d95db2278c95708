"""What one line of an organiser's mail may know: a bounded number of rows, read anew for each line."""

from dataclasses import replace

from mailflow.desk.announce import announcement_of
from mailflow.desk.line import Line
from mailflow.mail.address import Address
from mailflow.model.announcement import Draft
from mailflow.model.command import Command, OrderLine
from mailflow.model.decision import View
from mailflow.model.event import Event, Organiser
from mailflow.model.letter import Cause
from mailflow.model.registration import Registration, Status
from mailflow.service.erase import erasure_key
from mailflow.service.house import House
from mailflow.service.organisers import note_of
from mailflow.service.proposal import propose
from mailflow.service.view import HEAD, Draw, with_offers
from mailflow.store.protocol import Reader


def line_of(
    house: House, reader: Reader, event: Event, organiser: Organiser, line: OrderLine, at: int, draw: Draw, *,
    number: int = 0,
) -> Line:  # fmt: skip
    """The line `at` as the desk sees it now. `number`: whose registration an UNDO is about, 0 for the command's own."""
    command, state = line.command, reader.event_state(event.id)
    assert command is not None
    assert state is not None
    located = reader.registration(event.id, number) if number else _located(reader, event, command)
    options = reader.chosen(event.id) if command.order == "approve" else ()
    target = command.target
    own = reader.registration_of(event.id, target) if target and command.order == "add" else None
    place = reader.place_in_line(replace(located, status=Status.WAITING)) if located else 0
    view = View(
        event=event,
        state=state,
        sender=None,
        cause=Cause(),
        own=own,
        located=located,
        head=reader.head_of_line(event.id, HEAD) if state.waiting else (),
        place=place if located and located.status is Status.WAITING else 0,
        organiser=True,
        chosen=options,
        code=house.seal.booking_code(event.id, state.next_number) if own is None else "",
    )
    known = Line(
        view=with_offers(house, view, draw),
        organiser=organiser,
        written=line.written,
        number=at,
        command=command,
        audience=reader.audience(event.id) if command.order == "cancel-event" else 0,
        other=reader.registration_of(event.id, target) if target and command.order == "change" else None,
        erased=command.order == "add" and target is not None and _erased(house, reader, event, target),
        ours=target is not None and target.domain == house.domain,
        place=place,
        question=reader.question(event.id, command.numbers[0]) if command.order == "done" else None,
        people=_absentees(reader, event, command),
        note=note_of(reader, event, organiser),
    )
    return _with_announcement(house, reader, known) if command.order == "announce" else known


def numbers_of(reader: Reader, event: Event, command: Command) -> tuple[int, ...]:
    """Whom APPROVE and REJECT name, each once, by their numbers on the list; those of codes that nobody has as -1."""
    coded = (reader.registration_by_code(event.id, code) for code in command.codes)
    return tuple(dict.fromkeys((*command.numbers, *(one.number if one else -1 for one in coded))))


def _located(reader: Reader, event: Event, command: Command) -> Registration | None:
    """By booking code, else by address: whom REMOVE, PROMOTE or CHANGE is about."""
    if command.code:
        return reader.registration_by_code(event.id, command.code)
    if command.target is not None and command.order in ("remove", "promote"):
        return reader.registration_of(event.id, command.target)
    return None


def _erased(house: House, reader: Reader, event: Event, address: Address) -> bool:
    return reader.stays_erased(event.id, erasure_key(house, address))


def _absentees(reader: Reader, event: Event, command: Command) -> tuple[Registration | None, ...]:
    """Whom an ABSENT names, by number of the door list or by booking code; at most as many as one line holds."""
    if command.order != "absent":
        return ()
    numbered = (reader.registration_at_door(event.id, number) for number in command.numbers)
    coded = (reader.registration_by_code(event.id, code) for code in command.codes)
    return (*numbered, *coded)


def _with_announcement(house: House, reader: Reader, line: Line) -> Line:
    """The finished text, in each language that was written, and how many get it."""
    event, command = line.view.event, line.command
    draft = announcement_of(command.message, event.languages, command.subject)
    if command.cut:
        return replace(line, fault="announce_long_text")
    if not isinstance(draft, Draft):
        return replace(line, fault=f"announce_{draft}")
    proposal = propose(house, reader, event, line.view.state, draft, "confirmed")
    fault = ""
    if proposal.refused:
        fault = "over"
    elif proposal.fault:
        fault = f"announce_{proposal.fault}"
    elif not proposal.people:
        fault = "announce_nobody"
    text = "\n\n".join(f"{letter.subject}\n\n{letter.text.strip()}" for letter in proposal.letters)
    return replace(line, draft=draft, fault=fault, audience=proposal.people, text=text, strange=len(proposal.unknown))
