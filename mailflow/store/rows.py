"""Rows as values: what the store is given, and what it gives back. All times are aware UTC."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from mailflow.mail.address import Address
from mailflow.mail.envelope import Via
from mailflow.model.decision import MailState


@dataclass(frozen=True, slots=True)
class Incoming:
    """A mail at the door for one forward-path. `fingerprint` is its identity (DESIGN.md), `octets` as it came."""

    reverse_path: Address | None
    forward_path: Address
    event: str
    via: Via
    peer: str
    relay: bool
    smtputf8: bool
    octets: bytes
    fingerprint: str
    helo: str = ""


@dataclass(frozen=True, slots=True)
class Kept:
    """`id` of the inbox row; `duplicate_of` is the earlier row with this fingerprint and forward-path, if any."""

    id: int
    duplicate_of: int | None = None


@dataclass(frozen=True, slots=True)
class Inbound:
    """A claimed mail. `attempts` counts this one. The claim ends at the lease, then somebody else may try."""

    id: int
    mail: Incoming
    received: datetime
    attempts: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a mail ended, for `message show` and the metrics."""

    state: MailState
    reason: str
    intent: str = ""
    proof: str = ""
    letter: str = ""
    event: str = ""
    number: int | None = None
    sender: str = ""
    subject: str = ""
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class InboxEntry:
    """One row of the inbox for people: list and show. `state` "new" means not yet handled."""

    id: int
    event: str
    received: datetime
    state: str
    attempts: int
    next_attempt: datetime | None
    verdict: Verdict
    reverse_path: str
    forward_path: str
    octets: int


LetterState = Literal["due", "sent", "failed", "dropped"]


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A rendered letter. A retry sends the same `octets`. `id` comes from `next_letter()`; `reference` is its name.

    `reverse_path` None is `<>`. `mail` is the inbox row that caused it. `challenge` as in Letter.
    """

    id: int
    reference: str
    kind: str
    event: str
    number: int | None
    to: Address
    reverse_path: Address | None
    message_id: str
    subject: str
    language: str
    octets: bytes
    created: datetime
    challenge: str = ""
    mail: int | None = None
    attempts: int = 0


@dataclass(frozen=True, slots=True)
class OutboxEntry:
    """One row of the outbox for people."""

    id: int
    reference: str
    kind: str
    event: str
    number: int | None
    to: str
    subject: str
    message_id: str
    state: LetterState
    attempts: int
    created: datetime
    next_attempt: datetime | None
    sent_at: datetime | None
    last_code: int | None
    last_status: str
    last_text: str
    reason: str
    mail: int | None
    octets: int


@dataclass(frozen=True, slots=True)
class LetterRef:
    """What a reference of ours points at. `null_path`: it went out with `<>`, so no report about it can come."""

    kind: str
    event: str
    number: int | None
    challenge: str
    to: str
    created: datetime | None = None
    null_path: bool = False


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One step of a registration's life."""

    number: int
    at: datetime
    what: str
    status: str
    mail: int | None


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """A mail that waits for an organiser (F-number)."""

    number: int
    sender: str
    subject: str
    asked: datetime
    mail: int | None


@dataclass(frozen=True, slots=True)
class Counts:
    """Answers and unproven letters to one address (trust.md §4)."""

    answers_last_hour: int = 0
    answers_last_day: int = 0
    unproven_last_day: int = 0
    unproven_last_month: int = 0
    confirmed_lately: bool = False


@dataclass(frozen=True, slots=True)
class Limited:
    """Mails of an event that a limit holds up, or that were set aside for it: which, how many, since when."""

    reason: str
    mails: int
    since: datetime


@dataclass(frozen=True, slots=True)
class RanOut:
    """Of the last hundred questions of an event that have ended, how many nobody answered, and when the newest did."""

    count: int = 0
    last: datetime | None = None


@dataclass(frozen=True, slots=True)
class Metrics:
    """Numbers for `/metrics` and `/healthz`, computed at each request."""

    inbox: tuple[tuple[str, int], ...] = ()
    messages: tuple[tuple[str, str, int], ...] = ()
    letters: tuple[tuple[str, str, int], ...] = ()
    outbox: tuple[tuple[str, int], ...] = ()
    outbox_oldest: datetime | None = None
    seats: tuple[tuple[str, str, int], ...] = ()
    schema: int = 0
    last_tick: datetime | None = None
    last_digests: tuple[tuple[str, datetime], ...] = ()


@dataclass(frozen=True, slots=True)
class Retry:
    """When to try again: `waits[n-1]` after the n-th failed attempt, the last one repeats, until `give_up`."""

    waits: tuple[timedelta, ...] = field(default=(timedelta(minutes=1),))
    give_up: timedelta = timedelta(days=3)
