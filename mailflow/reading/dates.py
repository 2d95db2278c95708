"""Dates and times of day as people write them in Swedish and English, found in one line of text.

A line is at most 500 characters, every repeat in a pattern is bounded, and no two that could share a sign stand beside
each other: linear.
"""

import re
from dataclasses import dataclass
from datetime import date, time

from mailflow.reading.event_words import months
from mailflow.reading.words import fold

LINE = 500
_YEARS = range(2000, 2100)
_ISO = re.compile(r"(?<!\d)(\d{4})-(\d{1,2})-(\d{1,2})(?!\d)")
_SLASHED = re.compile(r"(?<![\d/])(\d{1,2})/(\d{1,2})(?:[/ -](\d{4}))?(?![\d/])")
_DOTTED = re.compile(r"(?<![\d.])(\d{1,2})\.(\d{1,2})\.(\d{4})(?!\d)")
_NAME = "[A-Za-z\u00e5\u00e4\u00f6\u00c5\u00c4\u00d6]{3,9}"
_ORDINAL = r"(?:st|nd|rd|th|:e|:a|\.)?"
_DAY_FIRST = re.compile(
    rf"(?<![\d.:/-])(\d{{1,2}})(?:{_ORDINAL} ?[-\u2013] ?(\d{{1,2}}))?{_ORDINAL} (?:of )?({_NAME})\b\.?"
    r"(?:,? (\d{4})(?!\d))?"
)
_MONTH_FIRST = re.compile(rf"\b({_NAME})\.? (\d{{1,2}})(?:st|nd|rd|th)?(?![\d.:])(?:,? (\d{{4}})(?!\d))?")
_HALF = r"(?: ?([ap])\.?m\b\.?)?"
_CLOCK = rf"(\d{{1,2}})(?:[.:](\d\d))?(?!\d){_HALF}"
_RANGE = re.compile(
    rf"(?<![\d.:/])((?:kl\.?|klockan|at) )?{_CLOCK} ?(?:-|\u2013|\u2014|to:?|till|until) ?(?:kl\.? )?{_CLOCK}",
    re.IGNORECASE,
)
_SINGLE = re.compile(rf"(?<![\d.:/])((?:kl\.?|klockan|at) )?{_CLOCK}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Moments:
    """What a line says of days and hours. `year` False: the year was not written, and `day` has the year 2000.

    `last` is the end of a stretch of days.
    """

    day: date | None = None
    last: date | None = None
    year: bool = True
    begins: time | None = None
    ends: time | None = None


def find_moments(line: str, *, bare: bool = False) -> Moments:
    """The first date and the first time, or stretch of it, in the line. `bare`: a number alone is an hour ("13-15")."""
    text = " ".join(line[:LINE].split())
    found, text = _first_date(text)
    begins, ends = _hours(text, bare=bare)
    if found is None:
        return Moments(begins=begins, ends=ends)
    day, last, year = found
    return Moments(day, last, year, begins, ends)


Found = tuple[date, date | None, bool]


def _first_date(text: str) -> tuple[Found | None, str]:
    """The date that stands first, and the text with `~` for each: what is left has the hours."""
    found: list[tuple[int, Found]] = []
    rest = text
    for pattern, read in _FORMS:
        for match in pattern.finditer(rest):
            one = read(match)
            if one is not None:
                found.append((match.start(), one))
                rest = rest[: match.start()] + "~" * (match.end() - match.start()) + rest[match.end() :]
    return (min(found, key=lambda each: each[0])[1] if found else None), rest


def _day(year: str | None, month: int, day: str) -> date | None:
    number = int(year) if year else 2000
    if number not in _YEARS:
        return None
    try:
        return date(number, month, int(day))
    except ValueError:
        return None


def _iso(match: re.Match[str]) -> Found | None:
    day = _day(match[1], int(match[2]), match[3])
    return (day, None, True) if day else None


def _numbers(match: re.Match[str]) -> Found | None:
    day = _day(match[3], int(match[2]), match[1])
    return (day, None, match[3] is not None) if day else None


def _day_first(match: re.Match[str]) -> Found | None:
    first, last, name, year = match.groups()
    return _named(name, first, last, year)


def _month_first(match: re.Match[str]) -> Found | None:
    return _named(match[1], match[2], None, match[3])


def _named(name: str, first: str, last: str | None, year: str | None) -> Found | None:
    month = months().get(fold(name), 0)
    day = _day(year, month, first) if month else None
    if day is None:
        return None
    end = _day(year, month, last) if last else None
    return day, (end if end and end > day else None), year is not None


_FORMS = (
    (_ISO, _iso), (_DOTTED, _numbers), (_SLASHED, _numbers), (_DAY_FIRST, _day_first), (_MONTH_FIRST, _month_first),
)  # fmt: skip


def _hours(text: str, *, bare: bool) -> tuple[time | None, time | None]:
    for match in _RANGE.finditer(text):
        clock, hour, minute, half, until, until_minute, until_half = match.groups()
        beside = text[max(0, match.start() - 3) : match.start()].rstrip(" ,;").endswith("~")
        if not (bare or beside or clock or minute or until_minute or half or until_half):
            continue
        if until_half and not half and int(hour) <= int(until) <= 12:
            half = until_half
        begins, ends = _time(hour, minute, half), _time(until, until_minute, until_half)
        if begins is not None and ends is not None:
            return begins, ends
    for match in _SINGLE.finditer(text):
        clock, hour, minute, half = match.groups()
        if (bare or clock or minute or half) and (begins := _time(hour, minute, half)) is not None:
            return begins, None
    return None, None


def _time(hour: str, minute: str | None, half: str | None) -> time | None:
    number = int(hour)
    if half:
        if not 1 <= number <= 12:
            return None
        number = number % 12 + (12 if half.lower() == "p" else 0)
    if number > 23 or int(minute or 0) > 59:
        return None
    return time(number, int(minute or 0))
