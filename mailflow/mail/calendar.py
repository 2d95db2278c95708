"""Invitations by the thousand: one skeleton for an event revision, five lines for each person (calendar.md §11)."""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from mailflow.mail.address import Address
from mailflow.mail.outline import Face, Seat
from mailflow.mail.vevent import NoCalendar, particulars, whole

if TYPE_CHECKING:
    from icalendar.parser import Contentline
    from icalendar.prop import vCalAddress, vDatetime, vInt, vText

__all__ = ["Calendars", "NoCalendar"]

LIMIT_OCTETS = 24 * 1024
_FOLD_OCTETS = 74
_HOLES = frozenset({"UID", "SEQUENCE", "DTSTAMP", "STATUS", "ATTENDEE"})
_STAND_IN = Seat(
    uid="stand-in@mailflow.invalid",
    sequence=0,
    dtstamp=datetime(1970, 1, 1, tzinfo=UTC),
    name="",
    address=Address("stand-in", "mailflow.invalid"),
    partstat="NEEDS-ACTION",
    rsvp=True,
)


@dataclass(frozen=True, slots=True)
class _Skeleton:
    """Finished octets, and between each two of them the name of the property that belongs there."""

    octets: tuple[bytes, ...]
    holes: tuple[str, ...]


class Calendars:
    """Builds the calendars of seats. The skeletons of the last 256 faces are kept, in memory only. Thread-safe."""

    def __init__(self) -> None:
        self._skeleton = lru_cache(maxsize=256)(_skeleton)

    @property
    def builds(self) -> int:
        """How many whole calendars the library has built so far."""
        return self._skeleton.cache_info().misses

    def build(self, face: Face, seat: Seat, tzif: bytes | None) -> bytes:
        """The calendar of one seat: UTF-8, CRLF, folded at 75 octets; equal to a whole build by the library.

        `tzif` are the octets of the file of the face's zone (zonefile.zone_octets). Times are UTC, without VTIMEZONE,
        when it is None or the zone fits no yearly rule. Raises NoCalendar (the letter goes out without the part) for
        an address outside plain ASCII and above 24 KiB; ValueError for naive or fixed-offset times, and whatever
        else no calendar can hold: a title of nothing, an end before the start, a foreign UID, an alarm after the start.
        """
        # Two datetimes of one zone are equal whatever their fold, though they are not the same instant.
        skeleton = self._skeleton(face, face.starts.fold, face.ends.fold, tzif)
        filled = [skeleton.octets[0]]
        values = dict(particulars(face.method, seat))
        for name, octets in zip(skeleton.holes, skeleton.octets[1:], strict=True):
            filled += (_content_line(name, values[name]), octets)
        calendar = b"".join(filled)
        if len(calendar) > LIMIT_OCTETS:
            raise NoCalendar("a calendar of more than 24 KiB")
        return calendar


def _content_line(name: str, value: "vText | vInt | vDatetime | vCalAddress") -> bytes:
    from icalendar.parser import Contentline  # noqa: PLC0415 - 64 to 90 ms

    if not value.params:  # four of the five: a UID of ours, a number, a time and a word, where nothing needs a quote
        return _folded_ascii(f"{name}:{value.to_ical().decode('ascii')}")
    return _folded(Contentline.from_parts(name, value.params, value))


def _folded(content: "Contentline") -> bytes:
    # The library goes sign by sign, since an escape and a letter outside ASCII may not be parted.
    if content.isascii() and "\\" not in content and "^" not in content:
        return _folded_ascii(content)
    octets: bytes = content.to_ical()  # type: ignore[no-untyped-call] # theirs
    return octets + b"\r\n"


def _folded_ascii(content: str) -> bytes:
    line = content.encode("ascii")
    return b"\r\n ".join(line[at : at + _FOLD_OCTETS] for at in range(0, len(line), _FOLD_OCTETS)) + b"\r\n"


def _skeleton(face: Face, starts_fold: int, ends_fold: int, tzif: bytes | None) -> _Skeleton:
    """Build a whole calendar, and cut out the five lines by their place, never by their value.

    A title may contain any stand-in, so nothing is searched and replaced. The folds only belong to the key.
    """
    from icalendar.parser import Contentlines  # noqa: PLC0415 - 64 to 90 ms

    del starts_fold, ends_fold
    pieces: list[list[bytes]] = [[]]
    holes: list[str] = []
    path: list[str] = []
    lines: list[Contentline] = Contentlines.from_ical(whole(face, _STAND_IN, tzif))  # type: ignore[no-untyped-call] # theirs
    for content in filter(None, lines):
        name = content.partition(":")[0].partition(";")[0]
        if name == "BEGIN":
            path.append(content)
        if path == ["BEGIN:VCALENDAR", "BEGIN:VEVENT"] and name in _HOLES:
            holes.append(name)
            pieces.append([])
        else:
            pieces[-1].append(_folded(content))
        if name == "END":
            path.pop()
    if len(holes) != len(_HOLES) or set(holes) != _HOLES:
        raise ValueError("a skeleton needs exactly five holes")
    return _Skeleton(tuple(b"".join(piece) for piece in pieces), tuple(holes))
