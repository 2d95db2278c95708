"""Which values of an event and a registration go into the calendar (calendar.md §3, §4)."""

from datetime import datetime

from mailflow.mail.address import Address
from mailflow.mail.clean import clean, person_name
from mailflow.mail.outline import Face, Seat
from mailflow.model.event import Event
from mailflow.model.letter import Letter
from mailflow.model.registration import Registration
from mailflow.render import facts
from mailflow.render.words import Words

_FIRST_INVITATIONS = ("registered", "promoted")


def face(words: Words, event: Event, letter: Letter, organizer: Address, alarm: str) -> Face:
    """What the invitations of one revision share. No code, no answer, no token: calendars are shown around."""
    language = words.language
    lines = []
    if included := event.included.get(language):
        lines.append(words.say("calendar", "included", included=included))
    if page := facts.https(event.page):
        lines.append(words.say("calendar", "page", page=page))
    lines.append(words.say("calendar", "cancel"))
    return Face(
        method="CANCEL" if letter.calendar == "cancel" else "REQUEST",
        timezone=event.timezone,
        starts=event.starts,
        ends=event.ends,
        summary=clean(event.title.get(language), 200),
        organizer_name=clean(event.short_title.get(language), 100),
        organizer=organizer,
        location=clean(facts.where(words, event), 250),
        description="\n".join(lines),
        url=facts.https(event.page) or facts.map_link(event),
        revised=letter.state.revised_at,
        geo=event.venue.geo,
        conference=facts.https(event.venue.link),
        alarm=alarm,
    )


def seat(letter: Letter, registration: Registration, uid: str, now: datetime, *, ask: bool) -> Seat:
    """PARTSTAT and RSVP: asked at the first invitation, afterwards what the person's calendar answered."""
    if letter.calendar == "cancel":
        partstat, rsvp = registration.partstat, False
    elif letter.kind in _FIRST_INVITATIONS:
        partstat, rsvp = ("NEEDS-ACTION", True) if ask else ("ACCEPTED", False)
    else:
        partstat, rsvp = registration.partstat, registration.partstat != "ACCEPTED"
    return Seat(
        uid=uid,
        sequence=registration.sequence,
        dtstamp=registration.dtstamp or now,
        name=person_name(registration.name),
        address=registration.address,
        partstat=partstat,
        rsvp=rsvp,
    )
