"""A person's standing at an event."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

from mailflow.mail.address import Address


class Status(StrEnum):
    """Where a registration stands. `undeliverable` is a flag beside it, not a status."""

    PENDING = "pending"
    CONFIRMED = "confirmed"
    WAITING = "waiting"
    OFFERED = "offered"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    REMOVED = "removed"

    @property
    def seated(self) -> bool:
        """Counts against the capacity."""
        return self in (Status.CONFIRMED, Status.OFFERED)

    @property
    def standing(self) -> bool:
        """Has something to give up: a seat, an offer, a place in line, or an open request."""
        return self in (Status.PENDING, Status.CONFIRMED, Status.WAITING, Status.OFFERED)


Partstat = Literal["NEEDS-ACTION", "ACCEPTED", "TENTATIVE", "DECLINED"]


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to one question: ids of options, and the person's own words. An allergy survives a parser miss."""

    question: str
    options: tuple[str, ...] = ()
    text: str = ""


@dataclass(frozen=True, slots=True)
class Registration:
    """One row of the event's list. `number` counts per event and is never reused.

    `place` orders the waiting line (smaller goes first). `epoch` rises with each new calendar UID; `sequence` and
    `dtstamp` are those of the last REQUEST or CANCEL sent for it (calendar.md §4), `dtstamp` None before the first.
    `answered_sequence` and `answered_at` are SEQUENCE and DTSTAMP of the last calendar answer that counted.
    `language` is that of the person's last mail, "" while no mail has told it.
    `thread` is the Message-ID of the first mail, so that later letters stay in one conversation. `until` is when an
    offer ends, when a given-up seat stops being held for its owner, who may have asked for it again (PENDING), or when
    a seat or place whose letters come back (`undeliverable`) is given up;
    `applied` is since when it waits for the organisers' approval (PENDING); a request without it waits for a YES.
    `reminders` is false after STOP. `door_number` is the person's on every door list, 0 while none was given out;
    `absent` was marked by an organiser afterwards, and is no status: the seat was taken. Times are UTC.
    """

    event: str
    number: int
    code: str
    address: Address
    name: str
    status: Status
    language: str
    since: datetime
    registered_at: datetime
    answers: tuple[Answer, ...] = ()
    guests: int = 0
    place: int = 0
    partstat: Partstat = "NEEDS-ACTION"
    epoch: int = 0
    sequence: int = 0
    dtstamp: datetime | None = None
    answered_at: datetime | None = None
    answered_sequence: int = 0
    undeliverable: bool = False
    thread: str = ""
    until: datetime | None = None
    reminders: bool = True
    applied: datetime | None = None
    door_number: int = 0
    absent: bool = False

    @property
    def seats(self) -> int:
        """How many chairs this registration takes."""
        return 1 + self.guests

    @property
    def taken(self) -> int:
        """How many chairs are kept from others: those of a seat, of an offer, and of a seat that is held."""
        held = self.until is not None and self.status is not Status.WAITING
        return self.seats if self.status.seated or held else 0

    @property
    def holds(self) -> bool:
        """What it chose counts against the places of an option: it has a seat, an offer, or a place in line."""
        return self.status.standing and self.status is not Status.PENDING

    @property
    def meant(self) -> bool:
        """Its owner has shown that they mean it: it holds something, or waits for the organisers' word."""
        return self.holds or self.applied is not None

    def answer(self, question: str) -> Answer | None:
        """The answer to that question, or None."""
        return next((answer for answer in self.answers if answer.question == question), None)


@dataclass(frozen=True, slots=True)
class CalendarNote:
    """What a person said through their calendar beside yes and no (calendar.md §10); the newest of each kind is kept.

    `text` is a comment, or whom a "delegated" names; `starts` the time that a "counter" proposes, aware.
    """

    number: int
    kind: Literal["comment", "counter", "delegated"]
    at: datetime
    text: str = ""
    starts: datetime | None = None
