"""One recurrence rule for a zone, as a VTIMEZONE that every calendar program reads (calendar.md §5)."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

# A zone file is 1 to 4 KB; the longest footer of the IANA data has 45 characters.
_FOOTER_OCTETS = 200
_NAME = re.compile(r"[A-Za-z0-9_+-]{1,40}(?:/[A-Za-z0-9_+-]{1,40}){0,3}", re.ASCII)
_ABBREVIATION = re.compile(r"[A-Za-z]{3,10}|<[A-Za-z0-9+-]{3,10}>", re.ASCII)
_CLOCK = re.compile(r"([+-]?)(\d{1,3})(?::(\d{2}))?(?::(\d{2}))?", re.ASCII)
_ONSET = re.compile(r"M(\d{1,2})\.([1-5])\.([0-6])(?:/([+-]?\d[\d:]*))?", re.ASCII)
_DAYS = ("SU", "MO", "TU", "WE", "TH", "FR", "SA")
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class _Onset:
    """The yearly moment at which an offset begins, in the wall time of the offset that ends: `Mm.w.d/time`."""

    month: int
    week: int
    weekday: int
    clock: timedelta

    def in_1970(self) -> datetime:
        first = date(1970, self.month, 1)
        days = [first + timedelta(days=n) for n in range(31)]
        days = [day for day in days if day.month == self.month and day.isoweekday() % 7 == self.weekday]
        day = days[-1] if self.week == 5 else days[self.week - 1]
        return datetime(day.year, day.month, day.day) + self.clock  # noqa: DTZ001 - a wall time, as RFC 5545 wants it

    def rule(self) -> str:
        week = -1 if self.week == 5 else self.week
        return f"RRULE:FREQ=YEARLY;BYDAY={week}{_DAYS[self.weekday]};BYMONTH={self.month}"


@dataclass(frozen=True, slots=True)
class _Observance:
    """One half of a year: its offset east of Greenwich, its name, and when it begins (None: it never ends)."""

    name: str
    offset: timedelta
    onset: _Onset | None


def vtimezone(name: str, tzif: bytes) -> bytes | None:
    """A VTIMEZONE with TZID `name`, CRLF lines, from the POSIX footer of a TZif file's octets (RFC 9636 §3.3).

    None when one yearly rule cannot say it: no footer, another form than `Mm.w.d`, an onset below 0 h or from 24 h on
    (Cairo, Nuuk, Jerusalem …). Raises ValueError for a `name` that is not of the form `Area/Place`.
    """
    if not _NAME.fullmatch(name):
        raise ValueError("not the name of a time zone")
    halves = _footer(tzif)
    if halves is None:
        return None
    lines = ["BEGIN:VTIMEZONE", f"TZID:{name}"]
    if len(halves) == 1:
        lines += _block("STANDARD", halves[0], halves[0].offset, "19700101T000000", None)
    else:
        # Dublin calls its winter the daylight saving time, one hour less. Calendar programs know summer time only as
        # the larger offset, so that one is DAYLIGHT here, whatever the footer calls it; the instants are the same.
        winter, summer = sorted(halves, key=lambda half: half.offset)
        for kind, half, other in (("DAYLIGHT", summer, winter), ("STANDARD", winter, summer)):
            assert half.onset
            lines += _block(kind, half, other.offset, f"{half.onset.in_1970():%Y%m%dT%H%M%S}", half.onset.rule())
    return "\r\n".join([*lines, "END:VTIMEZONE", ""]).encode("ascii")


def agrees(zone: bytes, moments: Iterable[datetime]) -> bool:
    """True when the VTIMEZONE gives each moment the offset that its own time zone gives it, beyond doubt.

    False, too, for a wall time that is ambiguous or skipped. `moments` are aware; a naive one raises ValueError.
    """
    from icalendar import Timezone  # noqa: PLC0415 - 64 to 90 ms

    # With the default lookup_tzid=True the zone would be found by its name, and compared with itself.
    component = Timezone.from_ical(zone)
    assert isinstance(component, Timezone)
    rule = component.to_tz(lookup_tzid=False)
    for moment in moments:
        offset = moment.utcoffset()
        if offset is None:
            raise ValueError("a naive datetime")
        if any(moment.replace(fold=fold).utcoffset() != offset for fold in (0, 1)):
            return False
        if any(moment.replace(tzinfo=rule, fold=fold).utcoffset() != offset for fold in (0, 1)):
            return False
    return True


def _block(kind: str, half: _Observance, before: timedelta, start: str, rule: str | None) -> list[str]:
    return [
        f"BEGIN:{kind}",
        f"DTSTART:{start}",
        *([rule] if rule else []),
        f"TZNAME:{half.name}",
        f"TZOFFSETFROM:{_signed(before)}",
        f"TZOFFSETTO:{_signed(half.offset)}",
        f"END:{kind}",
    ]


def _signed(offset: timedelta) -> str:
    seconds = int(abs(offset).total_seconds())
    hours, minutes = divmod(seconds // 60, 60)
    tail = f"{seconds % 60:02}" if seconds % 60 else ""
    return f"{'-' if offset < timedelta() else '+'}{hours:02}{minutes:02}{tail}"


def _footer(tzif: bytes) -> tuple[_Observance, ...] | None:
    """`std offset [dst [offset],start[/time],end[/time]]` (POSIX, `TZ`): one half, or two, or None."""
    tail = tzif[-_FOOTER_OCTETS:]
    if not tzif.startswith(b"TZif") or not tail.endswith(b"\n"):
        return None
    text, *rules = tail[:-1].rpartition(b"\n")[2].decode("ascii", "replace").split(",")
    standard, text = _named(text)
    offset, text = _clock(text)
    if standard is None or offset is None:
        return None
    if not text:
        return None if rules else (_Observance(standard, -offset, None),)
    summer, text = _named(text)
    saved, text = _clock(text) if text else (offset - timedelta(hours=1), "")
    if summer is None or saved is None or text or len(rules) != 2:
        return None
    begins, ends = _onset(rules[0]), _onset(rules[1])
    if begins is None or ends is None or saved == offset:
        return None
    return _Observance(standard, -offset, ends), _Observance(summer, -saved, begins)


def _named(text: str) -> tuple[str | None, str]:
    found = _ABBREVIATION.match(text)
    return (found[0].strip("<>"), text[found.end() :]) if found else (None, "")


def _clock(text: str) -> tuple[timedelta | None, str]:
    """`[+-]hh[:mm[:ss]]` and what follows it."""
    found = _CLOCK.match(text)
    if not found:
        return None, ""
    sign, hours, minutes, seconds = found.groups(default="0")
    length = timedelta(hours=int(hours), minutes=int(minutes), seconds=int(seconds))
    return (-length if sign == "-" else length), text[found.end() :]


def _onset(text: str) -> _Onset | None:
    found = _ONSET.fullmatch(text)
    if not found or not 1 <= int(found[1]) <= 12:
        return None
    clock, rest = _clock(found[4] or "2")
    if clock is None or rest or not timedelta() <= clock < _DAY:
        return None
    return _Onset(int(found[1]), int(found[2]), int(found[3]), clock)
