"""The parts of a letter that `compose` turns into octets."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from mailflow.mail.address import Address


@dataclass(frozen=True, slots=True)
class File:
    """A further file. `name` is ASCII, ours; `content_type` without parameters."""

    name: str
    content_type: str
    octets: bytes


@dataclass(frozen=True, slots=True)
class Outline:
    """One letter before it is octets. Ids without angle brackets; names and subject are cleaned one-line text.

    `calendar` are the octets of the one VEVENT, `method` its METHOD; both or neither. `further` are our own
    header fields beside the fixed ones (X-Mailflow, List-Id …): ASCII, no line ends.
    """

    sender_name: str
    sender: Address
    to_name: str
    to: Address
    subject: str
    date: datetime
    message_id: str
    text: str
    html: str
    auto_submitted: Literal["auto-replied", "auto-generated"]
    languages: tuple[str, ...]
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    reply_to: Address | None = None
    further: tuple[tuple[str, str], ...] = ()
    calendar: bytes | None = None
    method: Literal["REQUEST", "CANCEL"] | None = None
    files: tuple[File, ...] = ()


@dataclass(frozen=True, slots=True)
class Face:
    """What the invitations of one event revision share, in one language (calendar.md §3, §11): the skeleton's key.

    `starts` and `ends` are aware, in their zone; text is cleaned. `conference` is the link of an online event,
    `alarm` how long before the start a REQUEST wants to be heard.
    """

    method: Literal["REQUEST", "CANCEL"]
    timezone: str
    starts: datetime
    ends: datetime
    summary: str
    organizer_name: str
    organizer: Address
    location: str = ""
    description: str = ""
    url: str = ""
    categories: tuple[str, ...] = ()
    revised: datetime | None = None
    geo: tuple[float, float] | None = None
    conference: str = ""
    alarm: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Seat:
    """What differs between the invitations of one Face: the five lines that are filled in."""

    uid: str
    sequence: int
    dtstamp: datetime
    name: str
    address: Address
    partstat: Literal["NEEDS-ACTION", "ACCEPTED", "TENTATIVE", "DECLINED"]
    rsvp: bool
