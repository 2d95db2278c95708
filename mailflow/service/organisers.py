"""Who runs an event: those of its file, those made so by mail, and how each wants to be told."""

from dataclasses import replace
from datetime import time
from typing import get_args

from mailflow.mail.address import Address
from mailflow.model.event import DigestRhythm, Event, Organiser
from mailflow.model.transcript import OrganiserNote
from mailflow.service.house import House
from mailflow.store.protocol import Reader

# The last that was made of each event: renderers keep what follows from an event by its identity.
_KNOWN: dict[str, tuple[Event, tuple[OrganiserNote, ...], Event]] = {}
_MORNING = time(7, 0)


def staffed(reader: Reader, event: Event) -> Event:
    """`event` with its organisers as they are now: one look into the database, the same object for the same answer."""
    notes = reader.organiser_notes(event.id)
    if not notes:
        return event
    known = _KNOWN.get(event.id)
    if known is not None and known[0] is event and known[1] == notes:
        return known[2]
    made = replace(event, organisers=_organisers(event, notes))
    _KNOWN[event.id] = (event, notes, made)
    return made


def event_now(house: House, reader: Reader, event: str) -> Event:
    """The event of that name, staffed. KeyError for one that the house does not know."""
    return staffed(reader, house.events[event])


def organiser_of(event: Event, address: Address | None) -> Organiser | None:
    """Whose address this is, None for anybody else's."""
    return next((one for one in event.organisers if address is not None and one.address.key == address.key), None)


def note_of(reader: Reader, event: Event, organiser: Organiser) -> OrganiserNote:
    """What is known of an organiser beside the file."""
    notes = reader.organiser_notes(event.id)
    found = (note for note in notes if note.address.key == organiser.address.key)
    return next(found, OrganiserNote(organiser.address))


def _organisers(event: Event, notes: tuple[OrganiserNote, ...]) -> tuple[Organiser, ...]:
    by_key = {note.address.key: note for note in notes}
    file = tuple(_told(one, by_key[one.address.key]) if one.address.key in by_key else one for one in event.organisers)
    there = {one.address.key for one in file}
    made = (
        _told(Organiser(note.name, note.address, note.language or event.languages[0], digest_at=_MORNING), note)
        for note in notes
        if note.added and note.address.key not in there
    )
    return (*file, *made)


def _told(one: Organiser, note: OrganiserNote) -> Organiser:
    rhythm: DigestRhythm | None = next((each for each in get_args(DigestRhythm) if each == note.digest), None)
    return replace(one, digest=rhythm) if rhythm else one
