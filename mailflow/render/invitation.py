"""Which values of an event and a registration go into the calendar (calendar.md §3, §4)."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Literal

from mailflow.mail.address import Address
from mailflow.mail.clean import clean, person_name
from mailflow.mail.outline import Face, Seat
from mailflow.model.event import Event, Item
from mailflow.model.letter import Letter
from mailflow.model.registration import Registration
from mailflow.render import facts
from mailflow.render.words import Words

_FIRST_INVITATIONS = ("registered", "promoted")
_DESCRIPTION_MOST = 4000


def face(words: Words, event: Event, letter: Letter, organizer: Address, alarm: timedelta | None) -> Face:
    """What the invitations of one revision share. No code, no answer, no token: calendars are shown around."""
    how = words.say("calendar", "cancel")
    shown = _shown(words, event, organizer, "CANCEL" if letter.calendar == "cancel" else "REQUEST", how)
    return replace(shown, revised=letter.state.revised_at, alarm=alarm)


def public_face(words: Words, event: Event, organizer: Address, revised: datetime, called_off: datetime | None) -> Face:
    """What the public file shows: how to sign up, and nothing that belongs to a seat (calendar.md §12)."""
    if called_off is not None:
        return replace(_shown(words, event, organizer, "CANCEL", ""), revised=max(revised, called_off))
    how = words.say("calendar", "sign_up", address=organizer)
    return replace(_shown(words, event, organizer, "REQUEST", how), revised=revised)


def _shown(words: Words, event: Event, organizer: Address, method: Literal["REQUEST", "CANCEL"], how: str) -> Face:
    language = words.language
    lines = []
    if included := event.included.get(language):
        lines.append(words.say("calendar", "included", included=included))
    if page := facts.https(event.page):
        lines.append(words.say("calendar", "page", page=page))
    if how:
        lines.append(how)
    if words.several_days(event.starts, event.ends):
        # What is cut off at the end is programme, a line at a time, never what to do.
        room = _DESCRIPTION_MOST - len("\n".join((facts.https(event.venue.link), *lines, "", "")))
        lines += _fitting(_programme(words, event), room)
    return Face(
        method=method,
        timezone=event.timezone,
        starts=event.starts,
        ends=event.ends,
        summary=clean(event.title.get(language), 200),
        organizer_name=clean(event.short_title.get(language), 100),
        organizer=organizer,
        location=clean(facts.where(words, event), 250),
        description="\n".join(lines),
        url=facts.https(event.page) or facts.map_link(event),
        geo=event.venue.geo,
        conference=facts.https(event.venue.link),
    )


def _programme(words: Words, event: Event) -> list[str]:
    """The programme, a line for each talk, below an empty one; with the date above each day.

    The file gives hours and no days. Where what follows from them is not the number of days that the event has, the
    dates are left out, for a wrong one is worse than none.
    """
    talks, days = facts.programme(words, event), _days(event.programme)
    last = ((event.ends - timedelta(microseconds=1)).date() - event.starts.date()).days
    dated = days[-1:] == [last]
    lines = [""] if talks and not dated else []
    for n, (talk, day) in enumerate(zip(talks, days, strict=True)):
        if dated and day not in days[:n]:
            lines += ("", words.date(event.starts + timedelta(days=day)))
        text = f"{talk.at} {talk.title}".strip()
        lines.append(f"{text} ({talk.by})" if talk.by else text)
    return lines


def _days(items: tuple[Item, ...]) -> list[int]:
    """For each item, on which day it is, 0 for the first: a new one begins where the clock goes back."""
    days: list[int] = []
    day, last = 0, None
    for item in items:
        if item.at and last and item.at < last:
            day += 1
        last = item.at or last
        days.append(day)
    return days


def _fitting(lines: list[str], room: int) -> list[str]:
    """As many of the lines, from the first, as make no more than `room` characters with their line ends."""
    kept = []
    for line in lines:
        room -= len(line) + 1
        if room < 0:
            break
        kept.append(line)
    return kept


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
