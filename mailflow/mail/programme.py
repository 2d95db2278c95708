"""Calendars for web pages: to download, or to subscribe to (calendar.md §12). Never sent by mail."""

from dataclasses import dataclass
from datetime import timedelta

from mailflow.mail.outline import Face
from mailflow.mail.vevent import UID, component, framed, line, placed, utc, vevent

_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Listing:
    """One public event. `uid` is `event-<event>@<domain>`, never a registration's: a copy must not answer for anybody.

    The face's method CANCEL marks an event that is called off; its `revised` is needed. `tzif` is its zone's file.
    """

    uid: str
    sequence: int
    face: Face
    tzif: bytes | None


def programme(name: str, listings: tuple[Listing, ...]) -> bytes:
    """A METHOD:PUBLISH calendar without attendees: UTF-8, CRLF. The same input gives the same octets, so ETags hold.

    Raises ValueError without any event, for a UID twice, and for what `Calendars.build` would refuse.
    """
    from icalendar.prop import vDuration, vText  # noqa: PLC0415 - 64 to 90 ms

    if not listings or len({listing.uid for listing in listings}) != len(listings):
        raise ValueError("no event, or one UID twice")
    calendar, title = framed("PUBLISH"), vText(line(name, 200))
    if title:
        calendar.add("NAME", title)
        calendar.add("X-WR-CALNAME", title)
    calendar.add("REFRESH-INTERVAL", vDuration(_HOUR), parameters={"VALUE": "DURATION"})
    calendar.add("X-PUBLISHED-TTL", vDuration(_HOUR))
    zones: set[bytes] = set()
    events = []
    for listing in listings:
        face = listing.face
        if not UID.fullmatch(listing.uid) or face.revised is None or listing.sequence < 0:
            raise ValueError("an event without UID, revision or number of its revision")
        event = vevent(face)
        event.add("UID", listing.uid)
        event.add("SEQUENCE", listing.sequence)
        event.add("DTSTAMP", utc(face.revised))
        event.add("STATUS", "CANCELLED" if face.method == "CANCEL" else "CONFIRMED")
        zone = placed(face, event, listing.tzif)
        if zone and zone not in zones:
            zones.add(zone)
            calendar.add_component(component(zone))
        events.append(event)
    for event in events:
        calendar.add_component(event)
    octets: bytes = calendar.to_ical()
    return octets
