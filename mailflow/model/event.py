"""What an event is: the values of its file, and the few that change while it lives."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Literal

from mailflow.mail.address import Address


@dataclass(frozen=True, slots=True)
class Localized:
    """One text in several languages, in the order they were written."""

    values: tuple[tuple[str, str], ...] = ()

    def get(self, *languages: str) -> str:
        """The text in the first of `languages` that it has, else in the first it was written in, else ""."""
        known = dict(self.values)
        for language in languages:
            if language in known:
                return known[language]
        return self.values[0][1] if self.values else ""

    def __bool__(self) -> bool:
        return any(self.texts)

    @property
    def texts(self) -> tuple[str, ...]:
        """It in every language, in the order they were written."""
        return tuple(text for _, text in self.values)


@dataclass(frozen=True, slots=True)
class Venue:
    """Where it is. `map` is an https link; empty when there is neither one given nor a street address."""

    name: str = ""
    floor: Localized = Localized()
    street: str = ""
    city: str = ""
    map: str = ""
    link: str = ""
    geo: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the programme; an item without a time follows the one before."""

    title: Localized
    at: time | None = None
    speaker: str = ""
    affiliation: str = ""
    abstract: Localized = Localized()


@dataclass(frozen=True, slots=True)
class Option:
    """One choice of a question. `also` are other words people use for it; `places` limits how many may choose it."""

    id: str
    label: Localized
    also: tuple[str, ...] = ()
    places: int | None = None

    @property
    def texts(self) -> tuple[str, ...]:
        """Whatever people call it: its id, the words of `also`, its label in every language."""
        return (self.id, *self.also, *self.label.texts)


QuestionKind = Literal["choices", "choice", "yes_no", "text", "sessions"]


@dataclass(frozen=True, slots=True)
class Question:
    """Something the organiser asks. `also` are labels accepted in forms; `other` allows free text beside options."""

    id: str
    kind: QuestionKind
    label: Localized
    also: tuple[str, ...] = ()
    sensitive: bool = False
    other: bool = False
    options: tuple[Option, ...] = ()

    @property
    def texts(self) -> tuple[str, ...]:
        """Whatever people call it, as of an option."""
        return (self.id, *self.also, *self.label.texts)


DigestRhythm = Literal["changed", "daily", "weekly"]


@dataclass(frozen=True, slots=True)
class Organiser:
    """Someone who may command by mail, and what they are sent."""

    name: str
    address: Address
    language: str
    digest: DigestRhythm = "changed"
    digest_at: time = time(7, 0)
    questions: bool = True
    door_list: bool = True


@dataclass(frozen=True, slots=True)
class Reminder:
    """A reminder to seat holders, at a local wall time."""

    days_before: int
    at: time
    if_registered_days_before: int = 0


@dataclass(frozen=True, slots=True)
class WaitingList:
    """What happens when the seats are taken. `until` None means until the event starts."""

    mode: Literal["auto", "offer", "off"] = "auto"
    offer_for: timedelta = timedelta(hours=48)
    until: datetime | None = None
    after_closing: bool = False
    undo_for: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class After:
    """What is due around and after the end."""

    door_list_hours_before: tuple[int, ...] = (24, 2)
    thank_you_at: time | None = None
    people: timedelta = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Event:
    """An event as its file says it. All datetimes are aware, in the event's own zone.

    `opens`, `closes` and `capacity` are the file's values; what is in force stands in `EventState`, since an
    organiser's later word wins over an unchanged file. `capacity` None is unlimited.
    """

    id: str
    title: Localized
    short_title: Localized
    languages: tuple[str, ...]
    timezone: str
    starts: datetime
    ends: datetime
    host: str = ""
    doors: datetime | None = None
    included: Localized = Localized()
    description: Localized = Localized()
    venue: Venue = Venue()
    opens: datetime | None = None
    closes: datetime | None = None
    capacity: int | None = None
    guests: int = 0
    approval: bool = False
    members_only: tuple[str, ...] = ()
    waiting_list: WaitingList = WaitingList()
    questions: tuple[Question, ...] = ()
    programme: tuple[Item, ...] = ()
    organisers: tuple[Organiser, ...] = ()
    reminders: tuple[Reminder, ...] = ()
    after: After = After()
    intro: Localized = Localized()
    bring: Localized = Localized()
    material: Localized = Localized()
    page: str = ""

    @property
    def erased_at(self) -> datetime:
        """When everybody's details go."""
        return self.ends + self.after.people

    def admits(self, address: Address) -> bool:
        """Whether somebody with that address may sign up: everybody, or those of `members_only` and below it.

        Names are compared label by label: `evil-lu.se` and `lu.se.evil.example` are no members of `lu.se`.
        """
        domain = address.domain.lower()
        return not self.members_only or any(f".{domain}".endswith(f".{one.lower()}") for one in self.members_only)

    def local(self, moment: datetime) -> datetime:
        """`moment` as wall time at the event."""
        return moment.astimezone(self.starts.tzinfo)


@dataclass(frozen=True, slots=True)
class EventState:
    """What is in force now, and the counters that the same transaction keeps (DESIGN.md: cost does not grow).

    `taken` counts seats (guests included) of CONFIRMED and OFFERED; `waiting` counts registrations in line.
    `closed` is an organiser's or the operator's word and beats the times, until they say open again.
    `revision` rises by one for each change of the file that a calendar or letter would show; `revised_at` is UTC.
    `called_off` (UTC) is when the event was called off, None while it stands; `reason` is the organisers', plain text.
    """

    capacity: int | None
    opens: datetime | None
    closes: datetime | None
    closed: bool = False
    taken: int = 0
    waiting: int = 0
    next_number: int = 1
    next_place: int = 1
    revision: int = 0
    revised_at: datetime | None = None
    called_off: datetime | None = None
    reason: Localized = Localized()

    def free(self, seats: int = 1) -> bool:
        """Whether that many seats can be given away now."""
        return self.capacity is None or self.taken + seats <= self.capacity


Window = Literal["open", "not_open", "closed", "over"]


def window(event: Event, state: EventState, now: datetime) -> Window:
    """Whether a sign-up is taken now. An organiser's word (`closed`) beats the times; the end beats everything."""
    if now >= event.ends:
        return "over"
    if state.opens is not None and now < state.opens:
        return "not_open"
    if state.closed or state.called_off is not None:
        return "closed"
    if now >= (state.closes if state.closes is not None else event.starts):
        return "closed"
    return "open"
