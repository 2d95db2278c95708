"""One whole calendar of one VEVENT, built by icalendar from cleaned values (calendar.md §3 to §6)."""

import re
import unicodedata
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import TYPE_CHECKING, Literal
from urllib.parse import quote
from zoneinfo import ZoneInfo

from mailflow.mail.address import Address
from mailflow.mail.outline import Face, Seat
from mailflow.mail.timezone import agrees, vtimezone

if TYPE_CHECKING:
    from icalendar import Alarm, Calendar, Component, Event
    from icalendar.prop import vCalAddress, vDatetime, vInt, vText

PRODID = "-//mailflow//mailflow 1.0//EN"
_SEQUENCE_MOST = 2**31 - 1
UID = re.compile(r"(?=.{1,100}\Z)[A-Za-z0-9.-]+@[A-Za-z0-9.-]+", re.ASCII)
# RFC 5322 atext without % & ? ^ and !-routes: in a mailto URI (RFC 6068 §2) the first three mean something else, and a
# caret in a value starts an escape for those who read RFC 6868 widely.
_CALENDAR_ADDRESS = re.compile(r"[A-Za-z0-9.!#$'*+/=_`{|}~-]+@[a-z0-9.-]+", re.ASCII)
_LINK = re.compile(r"https?://[\x21-\x7e]{1,2000}", re.ASCII)
_MINUTES = ((24 * 60, "P{}D"), (60, "PT{}H"), (1, "PT{}M"))

_LINE_ENDS = re.compile("\r\n|[\r\x85\x0b\x0c\u2028\u2029]")
_DELETED = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ud800-\udfff\ufeff"
    "\ufff9-\ufffb]"
)


class NoCalendar(ValueError):
    """This letter goes out without its calendar part: an address that calendars cannot hold, or more than 24 KiB."""


def line(text: str, length: int) -> str:
    """One line of at most `length` characters, cleaned in the order of calendar.md §6. Total over str."""
    return " ".join(_plain(text, length).split())[:length].strip()


def block(text: str, length: int) -> str:
    """As `line`, but line feeds stay, without blanks around them."""
    return "\n".join(" ".join(row.split()) for row in _plain(text, length).split("\n")).strip()[:length].strip()


def common_name(text: str) -> str | None:
    r"""The name as CN, or None when nothing is left of it.

    Parsers read `\,` in a parameter as an escape, and Outlook shows the `^'` of RFC 6868 as it stands; so none of
    these characters may be in a name.
    """
    return line(text.replace('"', "'").replace("^", "").replace("\\", ""), 100) or None


def _plain(text: str, length: int) -> str:
    # Normalising is quadratic in a run of combining marks: the cut comes first, far above any limit of an honest text.
    text = unicodedata.normalize("NFC", text[: 4 * length + 2000])
    return _DELETED.sub("", _LINE_ENDS.sub("\n", text))


def whole(face: Face, seat: Seat, tzif: bytes | None) -> bytes:
    """The calendar of one seat. Raises NoCalendar for its addresses, ValueError for values that no calendar can hold.

    `tzif` is the file of the zone; None, or a zone that fits no yearly rule, gives UTC times (calendar.md §5).
    """
    calendar, event = framed(face.method), vevent(face)
    for name, value in particulars(face.method, seat):
        event.add(name, value)
    zone = placed(face, event, tzif)
    if zone:
        calendar.add_component(component(zone))
    if face.method == "REQUEST":
        _ask(face, event)
    calendar.add_component(event)
    octets: bytes = calendar.to_ical()
    return octets


def _ask(face: Face, event: "Event") -> None:
    """What only a REQUEST has."""
    from icalendar.prop import vText  # noqa: PLC0415 - 64 to 90 ms

    # The library has no type for these and would write a bare str unescaped.
    event.add("X-MICROSOFT-CDO-INTENDEDSTATUS", vText("BUSY"))
    event.add("X-MICROSOFT-DISALLOW-COUNTER", vText("TRUE"))
    if face.alarm is not None:
        event.add_component(_alarm(face, face.alarm))


def component(zone: bytes) -> "Component":
    """The VTIMEZONE of `timezone.vtimezone` as a component to add."""
    from icalendar import Timezone  # noqa: PLC0415 - 64 to 90 ms

    return Timezone.from_ical(zone)


def framed(method: Literal["REQUEST", "CANCEL", "PUBLISH"]) -> "Calendar":
    """A VCALENDAR with our PRODID and METHOD, and no component yet."""
    from icalendar import Calendar  # noqa: PLC0415 - 64 to 90 ms

    # Not Calendar.new(): that one adds a UID to VCALENDAR, and the library's own PRODID.
    calendar = Calendar()
    for name, value in (("VERSION", "2.0"), ("PRODID", PRODID), ("CALSCALE", "GREGORIAN"), ("METHOD", method)):
        calendar.add(name, value)
    return calendar


def vevent(face: Face) -> "Event":
    """The VEVENT with what all seats share, without its times. Raises ValueError without a title."""
    from icalendar import Event  # noqa: PLC0415 - 64 to 90 ms
    from icalendar.prop import vCalAddress  # noqa: PLC0415  a heavy library

    event = Event()
    summary = line(face.summary, 200)
    if not summary:
        raise ValueError("an event without a title")
    event.add("SUMMARY", summary)
    if labels := [label for text in face.categories if (label := line(text, 50))]:
        event.add("CATEGORIES", labels)
    event.add("CLASS", "PUBLIC")
    link = _link(face.conference)
    for name, value in (
        ("DESCRIPTION", _description(face, link)),
        ("LOCATION", line(face.location, 250)),
        ("URL", _link(face.url)),
    ):
        if value:
            event.add(name, value)
    if face.revised:
        event.add("LAST-MODIFIED", utc(face.revised))
    event.add("ORGANIZER", vCalAddress.new(mailbox(face.organizer), cn=common_name(face.organizer_name)))
    event.add("TRANSP", "TRANSPARENT" if face.method == "CANCEL" else "OPAQUE")
    if face.geo:
        event.add("GEO", tuple(_degrees(number) for number in face.geo))
    if link:
        parameters = {"VALUE": "URI", "FEATURE": "VIDEO", "LABEL": common_name(face.summary) or "Video"}
        event.add("CONFERENCE", link, parameters=parameters)
    return event


def placed(face: Face, event: "Event", tzif: bytes | None) -> bytes | None:
    """Give the VEVENT its start and end, and return the VTIMEZONE they need, or None: then they are in UTC.

    Raises ValueError on naive or fixed-offset times, another zone than the face's, or an end that is not after the
    start: naive times would float, and a fixed offset would become a TZID that means nothing.
    """
    from icalendar.prop import vDatetime  # noqa: PLC0415 - 64 to 90 ms

    moments = (face.starts, face.ends)
    for moment in moments:
        if not isinstance(moment.tzinfo, ZoneInfo) or moment.tzinfo.key != face.timezone:
            raise ValueError(f"not a time in the zone {face.timezone!r}")
    starts, ends = (moment.astimezone(UTC) for moment in moments)
    if ends <= starts:
        raise ValueError("an event that ends before it starts")
    zone = vtimezone(face.timezone, tzif) if tzif else None
    # Abidjan, Reykjavik and others are UTC by another name: icalendar writes them as such, without a TZID.
    if zone and (vDatetime(face.starts).is_utc() or not agrees(zone, moments)):
        zone = None
    event.add("DTSTART", face.starts if zone else starts)
    event.add("DTEND", face.ends if zone else ends)
    return zone


def particulars(
    method: Literal["REQUEST", "CANCEL"], seat: Seat
) -> tuple[tuple[str, "vText | vInt | vDatetime | vCalAddress"], ...]:
    """The five lines of a seat. Raises NoCalendar for its address, ValueError for a bad UID, SEQUENCE or DTSTAMP."""
    from icalendar.prop import vCalAddress, vDatetime, vInt, vText  # noqa: PLC0415 - 64 to 90 ms

    if not UID.fullmatch(seat.uid):
        raise ValueError("not a UID of ours")
    if not 0 <= seat.sequence <= _SEQUENCE_MOST:
        raise ValueError("a SEQUENCE outside 31 bits")
    attendee = vCalAddress.new(
        mailbox(seat.address),
        cn=common_name(seat.name),
        cutype="INDIVIDUAL",
        partstat=seat.partstat,
        role="REQ-PARTICIPANT",
        rsvp=seat.rsvp,
    )
    return (
        ("UID", vText(seat.uid)),
        ("SEQUENCE", vInt(seat.sequence)),
        ("DTSTAMP", vDatetime(utc(seat.dtstamp))),
        ("STATUS", vText("CANCELLED" if method == "CANCEL" else "CONFIRMED")),
        ("ATTENDEE", attendee),
    )


def mailbox(address: Address) -> str:
    """The address as a calendar can hold it: plain ASCII. Raises NoCalendar."""
    text = str(address)
    if not _CALENDAR_ADDRESS.fullmatch(text):
        raise NoCalendar("an address that calendars do not hold")
    return text


def utc(moment: datetime) -> datetime:
    """The moment in UTC. Raises ValueError for a naive one."""
    if moment.utcoffset() is None:
        raise ValueError("a naive datetime")
    return moment.astimezone(UTC)


def _link(text: str) -> str:
    """The link with everything outside ASCII percent-encoded, or "": a calendar without link is better than none."""
    link = quote(line(text, 2000), safe="!#$%&'()*+,/:;=?@[]~")
    return link if _LINK.fullmatch(link) else ""


def _description(face: Face, link: str) -> str:
    # Google and Outlook do not show CONFERENCE; there the first line of the text is where people find the link.
    text = face.description
    return block(text if not link or text.startswith((link, face.conference)) else f"{link}\n{text}", 4000)


def _degrees(number: float) -> float:
    """Six decimals are 11 cm. Below 0.0001 Python writes an exponent, which no calendar reads: that is 0."""
    return 0.0 if abs(number) < 1e-4 else round(float(number), 6)


def _alarm(face: Face, before: timedelta) -> "Alarm":
    from icalendar import Alarm  # noqa: PLC0415 - 64 to 90 ms
    from icalendar.prop import vText  # noqa: PLC0415  a heavy library

    minutes = ceil(before / timedelta(minutes=1))
    if minutes <= 0:
        raise ValueError("an alarm that is not before the start")
    # As text, in one unit: the library would write 90 minutes as PT1H30M, which Outlook does not like.
    unit, form = next((unit, form) for unit, form in _MINUTES if minutes % unit == 0)
    alarm = Alarm()
    alarm.add("ACTION", "DISPLAY")
    alarm.add("DESCRIPTION", line(face.summary, 200))
    alarm.add("TRIGGER", vText("-" + form.format(minutes // unit)))
    return alarm
