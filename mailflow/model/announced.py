"""What people were told of an event's time, place, title and link: a change of these is worth a letter."""

from dataclasses import dataclass, replace
from datetime import datetime

from mailflow.model.event import Event, Localized


@dataclass(frozen=True, slots=True)
class Shown:
    """The part of an event whose change is written to people (letters.md §7). Times are aware, in `timezone`.

    `place` is name, street and city of the venue.
    """

    title: Localized
    timezone: str
    starts: datetime
    ends: datetime
    place: tuple[str, str, str]
    floor: Localized
    link: str


@dataclass(frozen=True, slots=True)
class Announced:
    """What the file said from `at` (UTC) on, which was the event's `revision`-th revision."""

    revision: int
    at: datetime
    shown: Shown


def shown_of(event: Event) -> Shown:
    """What the file says now."""
    venue = event.venue
    place = (venue.name, venue.street, venue.city)
    return Shown(event.title, event.timezone, event.starts, event.ends, place, venue.floor, venue.link)


def as_shown(event: Event, shown: Shown) -> Event:
    """`event` with those values; all else as the file says it now."""
    name, street, city = shown.place
    venue = replace(event.venue, name=name, street=street, city=city, floor=shown.floor, link=shown.link)
    return replace(
        event, title=shown.title, timezone=shown.timezone, starts=shown.starts, ends=shown.ends, venue=venue
    )
