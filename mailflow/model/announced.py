"""What people were told of an event's time, place, title, link and details: a change of these is worth a letter."""

from dataclasses import dataclass, fields, replace
from datetime import datetime

from mailflow.model.event import Event, Localized


@dataclass(frozen=True, slots=True)
class Shown:
    """The part of an event whose change is written to people (letters.md §7). Times are aware, in `timezone`.

    `place` is name, street and city of the venue. `included` and `doors` are what else an attendee counts on: who does
    not know that there is no lunch after all goes hungry.
    """

    title: Localized
    timezone: str
    starts: datetime
    ends: datetime
    place: tuple[str, str, str]
    floor: Localized
    link: str
    included: Localized
    doors: datetime | None


@dataclass(frozen=True, slots=True)
class Announced:
    """What the file said from `at` (UTC) on, which was the event's `revision`-th revision."""

    revision: int
    at: datetime
    shown: Shown


def shown_of(event: Event) -> Shown:
    """What the file says now."""
    venue = event.venue
    return Shown(
        title=event.title,
        timezone=event.timezone,
        starts=event.starts,
        ends=event.ends,
        place=(venue.name, venue.street, venue.city),
        floor=venue.floor,
        link=venue.link,
        included=event.included,
        doors=event.doors,
    )


def as_shown(event: Event, shown: Shown) -> Event:
    """`event` with those values; all else as the file says it now."""
    name, street, city = shown.place
    venue = replace(event.venue, name=name, street=street, city=city, floor=shown.floor, link=shown.link)
    return replace(
        event,
        title=shown.title,
        timezone=shown.timezone,
        starts=shown.starts,
        ends=shown.ends,
        venue=venue,
        included=shown.included,
        doors=shown.doors,
    )


def quietly(faces: tuple[Announced, ...], before: Shown, after: Shown) -> tuple[Announced, ...]:
    """`faces` as if people had always been told what `after` has other than `before`; any other change stays news.

    So a slip that is mended quietly takes nothing away from a new time that waits to be told.
    """
    new = {each.name: getattr(after, each.name) for each in fields(Shown)}
    mended = {name: value for name, value in new.items() if value != getattr(before, name)}
    return tuple(replace(face, shown=replace(face.shown, **mended)) for face in faces)
