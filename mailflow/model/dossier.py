"""Everything that is held about one person at one event, for their own eyes (trust.md §10)."""

from dataclasses import dataclass
from datetime import datetime

from mailflow.mail.address import Address
from mailflow.model.bounce import Bounce
from mailflow.model.decision import Act, ChallengeState
from mailflow.model.registration import CalendarNote, Registration, Status


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a registration's life. `what` and `status` are words of the history."""

    number: int
    at: datetime
    what: str
    status: str


@dataclass(frozen=True, slots=True)
class LetterSent:
    """A letter of ours to this person. `sent_at` is None while it was not taken, and when it never was."""

    kind: str
    subject: str
    created: datetime
    state: str
    sent_at: datetime | None


@dataclass(frozen=True, slots=True)
class MailKept:
    """A mail from this address. `source` is None when it is kept no longer, or nothing proves that they wrote it."""

    received: datetime
    state: str
    intent: str
    subject: str
    proof: str
    octets: int
    source: bytes | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """A question of ours that a YES answers."""

    act: Act
    created: datetime
    expires: datetime
    state: ChallengeState


@dataclass(frozen=True, slots=True)
class Handed:
    """A mail that was handed to the organisers; `number` is its F-number."""

    number: int
    asked: datetime
    subject: str


@dataclass(frozen=True, slots=True)
class Dossier:
    """Of one address at one event; the oldest first, and of each at most the newest thousand."""

    event: str
    address: Address
    registrations: tuple[Registration, ...] = ()
    history: tuple[Step, ...] = ()
    letters: tuple[LetterSent, ...] = ()
    mails: tuple[MailKept, ...] = ()
    asked: tuple[Asked, ...] = ()
    questions: tuple[Handed, ...] = ()
    notes: tuple[CalendarNote, ...] = ()
    bounces: tuple[Bounce, ...] = ()


def sample_dossier(registration: Registration) -> Dossier:
    """A small one, for previews and goldens."""
    at = registration.registered_at
    return Dossier(
        registration.event,
        registration.address,
        (registration,),
        (Step(registration.number, at, "registered", Status.CONFIRMED.value),),
        (LetterSent("registered", "You're in", at, "sent", at),),
        (MailKept(at, "done", "register", "register", "dkim", 27, b"From: Maja\r\n\r\nregister\r\n"),),
    )
