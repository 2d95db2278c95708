"""The calendar of an event for everybody, as a file: to publish, never to mail (calendar.md §12)."""

from datetime import datetime

from mailflow.mail.address import Address
from mailflow.mail.programme import Listing, programme
from mailflow.model.event import Event, EventState
from mailflow.render.export import shipped_words
from mailflow.render.invitation import public_face


def event_calendar(
    event: Event,
    state: EventState,
    domain: str,
    revised: datetime,
    language: str,
    tzif: bytes | None,
) -> bytes:
    """METHOD:PUBLISH without attendee, in the shipped words of that language. The same input gives the same octets.

    `revised` is when the event came to be as it is; it stands where the state names no later revision. The UID is the
    event's own, so no imported copy answers for a registration. `tzif` is the zone's file; without it, times are UTC.
    Raises NoCalendar where the event's own address cannot stand in a calendar.
    """
    words, organizer = shipped_words(language), Address(event.id, domain)
    face = public_face(words, event, organizer, state.revised_at or revised, state.called_off)
    listing = Listing(f"event-{event.id}@{domain}", state.revision, face, tzif)
    return programme(event.short_title.get(words.language), (listing,))
