"""A meeting that somebody invites us to (RFC 5546 REQUEST), or takes back (CANCEL), read line by line and leniently.

As with answers (mail/answer.py), what is needed is a dozen lines; whatever else a program writes is passed over.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from mailflow.mail.clean import clean, clean_text
from mailflow.mail.contentline import VALUE_MOST, lines_of, mailbox_of, split_line, text_of, unescaped
from mailflow.mail.zones import zone_named

MEETING_OCTETS = 64 * 1024
MEETINGS = frozenset({"REQUEST", "CANCEL"})
_DESCRIPTION_MOST = 5000
_ATTENDEES_MOST = 200
_LONGEST = timedelta(days=60)
_WANTED = frozenset({
    "UID", "SEQUENCE", "SUMMARY", "LOCATION", "DESCRIPTION", "DTSTART", "DTEND", "DURATION", "ORGANIZER", "ATTENDEE",
    "RRULE", "RDATE", "RECURRENCE-ID",
})  # fmt: skip
_MOMENT = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)?(Z)?)?", re.ASCII)
_SPAN = re.compile(
    r"\+?P(?:(\d{1,2})W)?(?:(\d{1,3})D)?(?:T(?:(\d{1,4})H)?(?:(\d{1,5})M)?(?:(\d{1,6})S)?)?", re.ASCII | re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Moment:
    """A DTSTART or DTEND. `at` is aware (UTC) where `Z` stood, else wall time in `zone`; `whole_day`: a day alone.

    `zone` is an IANA name, "" where none was given or nobody knows the one that was (`unknown`).
    """

    at: datetime
    zone: str = ""
    unknown: bool = False
    whole_day: bool = False


@dataclass(frozen=True, slots=True)
class Meeting:
    """The first VEVENT of a calendar. Texts are cleaned and bounded; addresses without `mailto:`, lower case.

    `series`: it repeats, or speaks of one day of a series.
    """

    method: str
    uid: str
    sequence: int = 0
    summary: str = ""
    location: str = ""
    description: str = ""
    starts: Moment | None = None
    ends: Moment | None = None
    organizer: str = ""
    attendees: tuple[str, ...] = ()
    series: bool = False


def read_meeting(octets: bytes, charset: str, *, method: str = "") -> Meeting | None:
    """The meeting in a decoded calendar part; None for any other METHOD, no UID, or over 64 KiB. Never raises.

    `method` is the MIME parameter, which counts only where the body has none. Linear.
    """
    if len(octets) > MEETING_OCTETS:
        return None
    said, values, attendees = _read(text_of(octets, charset))
    kind = clean(said or method, 40).upper()
    uid = clean(values.get("UID", ("", {}))[0], VALUE_MOST)
    if kind not in MEETINGS or not uid:
        return None
    sequence = values.get("SEQUENCE", ("", {}))[0]
    starts = _moment(*values["DTSTART"]) if "DTSTART" in values else None
    return Meeting(
        method=kind,
        uid=uid,
        sequence=int(sequence) if re.fullmatch(r"[0-9]{1,9}", sequence) else 0,
        summary=clean(unescaped(values.get("SUMMARY", ("", {}))[0][:VALUE_MOST]), 200),
        location=clean(unescaped(values.get("LOCATION", ("", {}))[0][:VALUE_MOST]), 300),
        description=clean_text(unescaped(values.get("DESCRIPTION", ("", {}))[0]), _DESCRIPTION_MOST),
        starts=starts,
        ends=_end(values, starts),
        organizer=mailbox_of(*_who(values.get("ORGANIZER", ("", {})))),
        attendees=tuple(attendees),
        series=any(name in values for name in ("RRULE", "RDATE", "RECURRENCE-ID")),
    )


Value = tuple[str, dict[str, str]]


def _read(text: str) -> tuple[str, dict[str, Value], list[str]]:
    """METHOD, the first of each property of the first VEVENT with its parameters, and its attendees."""
    method = ""
    values: dict[str, Value] = {}
    attendees: list[str] = []
    for name, line in _properties(text):
        parameters, value = split_line(line)
        if name == "METHOD":
            method = method or value
        elif name != "ATTENDEE":
            values.setdefault(name, (value, parameters))
        elif len(attendees) < _ATTENDEES_MOST and (who := mailbox_of(*_who((value, parameters)))):
            attendees.append(who)
    return method, values, attendees


def _properties(text: str) -> Iterator[tuple[str, str]]:
    """Each METHOD, and what is wanted of the first VEVENT itself: not of its alarms, nor of a time zone."""
    inner, state = 0, ""
    for line in lines_of(text):
        name = re.split("[;:]", line[:40], maxsplit=1)[0].strip().upper()
        kind = line.partition(":")[2][:40].strip().upper() if name in ("BEGIN", "END") else ""
        if kind == "VEVENT" and not inner and state != "done":
            state = "in" if name == "BEGIN" else "done"
        elif kind and state == "in":
            inner = max(0, inner + (1 if name == "BEGIN" else -1))
        elif name == "METHOD" or (name in _WANTED and state == "in" and not inner):
            yield name, line


def _who(value: Value) -> tuple[str, str]:
    return value[0], value[1].get("EMAIL", "")


def _moment(value: str, parameters: dict[str, str]) -> Moment | None:
    match = _MOMENT.fullmatch(value.strip())
    if not match:
        return None
    year, month, day, hour, minute, _, utc = match.groups()
    try:
        on = date(int(year), int(month), int(day))
        at = datetime(on.year, on.month, on.day, int(hour or 0), int(minute or 0))  # noqa: DTZ001  wall time, see Moment
    except ValueError:
        return None
    if utc:
        return Moment(at.replace(tzinfo=UTC), "UTC")
    named = parameters.get("TZID", "")
    zone = zone_named(named)
    return Moment(at, zone, unknown=bool(named) and not zone, whole_day=hour is None)


def _end(values: dict[str, Value], starts: Moment | None) -> Moment | None:
    if starts is None:
        return None
    if "DTEND" in values:
        ends = _moment(*values["DTEND"])
        # DTEND of whole days is the day after (RFC 5545 §3.6.1).
        return Moment(ends.at - timedelta(days=1), ends.zone, whole_day=True) if ends and ends.whole_day else ends
    match = _SPAN.fullmatch(values.get("DURATION", ("", {}))[0].strip())
    if not match or not any(match.groups()):
        return None
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    span = timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
    return Moment(starts.at + span, starts.zone, starts.unknown, starts.whole_day) if span <= _LONGEST else None
