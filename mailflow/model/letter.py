"""A letter as a value: what is true, for whom, in which words. `render/` finds the words."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from mailflow.mail.address import Address
from mailflow.mail.message import Attachment
from mailflow.model.announcement import Announcement
from mailflow.model.event import Event, EventState
from mailflow.model.registration import CalendarNote, Registration
from mailflow.model.sketch import EventDraft

if TYPE_CHECKING:
    from mailflow.model.dossier import Dossier
    from mailflow.model.transcript import Transcript

LetterKind = Literal[
    "registered",
    "waitlisted",
    "promoted",
    "offered",
    "updated",
    "cancelled",
    "status",
    "closed",
    "please_confirm",
    "not_understood",
    "reminder",
    "event_changed",
    "event_cancelled",
    "thank_you",
    "question_forwarded",
    "my_data",
    "erased",
    "question_received",
    "digest",
    "announcement",
    "door_list",
    "late_cancellation",
    "applied",
    "rejected",
    "event_draft",
    "event_published",
    "transcript",
]
LETTER_KINDS: tuple[LetterKind, ...] = LetterKind.__args__  # type: ignore[attr-defined]  # a Literal has them

# Variants, in the words of letters.md §8. "" is the letter as it stands there first.
VARIANTS: dict[LetterKind, tuple[str, ...]] = {
    "registered": ("",),
    "waitlisted": ("", "moved_back"),
    "promoted": ("",),
    "offered": ("",),
    "updated": ("", "unchanged"),
    "cancelled": (
        "", "left_line", "withdrawn", "declined", "offer_declined", "offer_lapsed",
        "removed", "removed_line", "line_ended",
    ),
    "status": ("", "resent", "reminders_off", "asked", "counter"),
    "closed": ("", "not_open", "full", "over", "line_open", "called_off", "members"),
    "please_confirm": (
        "", "cancel", "ask_register", "read_register", "read_cancel", "remind_off", "read_remind_off", "change",
        "read_change",
        "my_data", "erase", "read_erase", "named", "organiser",
    ),
    "not_understood": ("", "help"),
    "reminder": ("", "week", "today", "later"),
    "event_changed": ("", "venue", "title", "link", "details"),
    "event_cancelled": ("",),
    "thank_you": ("",),
    "question_forwarded": ("", "wish", "read_register", "read_cancel", "read_remind_off", "read_change", "read_erase"),
    "my_data": ("",),
    "erased": ("", "seat"),
    "question_received": ("",),
    "digest": ("",),
    "announcement": ("",),
    "door_list": ("",),
    "late_cancellation": ("", "back", "erased"),
    "applied": ("",),
    "rejected": ("", "undecided"),
    "event_draft": ("", "incomplete", "unread", "moved", "called_off"),
    "event_published": ("", "moved", "called_off", "moved_receipt", "called_off_receipt"),
    "transcript": ("", "waiting", "nothing", "receipt", "welcome"),
}

CalendarPart = Literal["none", "request", "cancel"]


@dataclass(frozen=True, slots=True)
class Cause:
    """The mail that caused a letter: for In-Reply-To, References and the quote of a forwarded question."""

    message_id: str = ""
    references: tuple[str, ...] = ()
    subject: str = ""
    sender: Address | None = None
    sender_name: str = ""
    proved: bool = False
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class Refusal:
    """What a mail asked for and did not get; all else of it was done.

    `option`: that `option` of `question` is full. `guests`: `number` is how many each person may bring. `seats`:
    `number` is how many seats are free for more guests.
    """

    kind: Literal["option", "guests", "seats"]
    question: str = ""
    option: str = ""
    number: int = 0


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter to one person.

    `languages`: one, or two for a person whose language nobody knows yet. `registration` is its state *after* the
    change that the letter tells of, with the SEQUENCE and DTSTAMP that its calendar part must carry. `challenge` is
    the id of the challenge that a YES to this letter redeems. `place` is the position in line, 1 first.
    `quote` is the sender's new text (never set for a letter to an unproved address, letters.md §1.7).
    `notice`: a letter nobody asked for just now (kind N or O): Auto-Submitted is auto-generated.
    `last_for_an_hour`: the letter ends by saying that we fall silent (letters.md §3.3).
    `before` is the registration as it was, for `updated`; `refused` is what was not done of what the mail asked for.
    `asked` are how many people the mail named with an address, who are asked there, `unasked` how many more it named.
    `passed_on`: the mail was done and held a question too; the letter says who has that now.
    `was` is the event as this person knew it, for `event_changed` and `event_cancelled`; with a CANCEL it is what the
    calendar has (calendar.md §4). None: as it is now.
    `reason` is what an organiser says about it: text of theirs, with placeholders, never a template.
    `announcement`: what an `announcement` says; in a letter that gives a seat, the latest that was sent.
    `draft`: what `event_draft` is about; that letter comes from the address for new events.
    `transcript`: what became of an organiser's commands, or which ones a `please_confirm` names.
    `dossier`: what `my_data` carries; whoever renders the letter has looked it up.
    """

    kind: LetterKind
    event: str
    to: Address
    languages: tuple[str, ...]
    state: EventState
    variant: str = ""
    to_name: str = ""
    registration: Registration | None = None
    calendar: CalendarPart = "none"
    cause: Cause | None = None
    challenge: str = ""
    place: int = 0
    quote: str = ""
    question: int = 0
    notice: bool = False
    last_for_an_hour: bool = False
    passed_on: bool = False
    proved: bool = True
    before: Registration | None = None
    refused: tuple[Refusal, ...] = ()
    asked: int = 0
    unasked: int = 0
    digest: "Digest | None" = None
    dossier: "Dossier | None" = None
    door_list: "DoorList | None" = None
    was: Event | None = None
    reason: str = ""
    announcement: Announcement | None = None
    draft: EventDraft | None = None
    transcript: "Transcript | None" = None


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that needs an organiser. `kind` decides the sentence; `what` is an address or a subject.

    For a "limit" it is how many mails came since `at`, for "unanswered" how many people we ask in an hour.
    `proposed` is the time that a "counter" wants, None when it names none. Of an "undeliverable", `suggestion` is what
    the address may have been meant to be, and `kept` whether a seat or a place in line is kept `until` then.
    """

    kind: Literal[
        "undeliverable", "failed_letter", "failed_mail", "refused_mail", "question", "offer", "suspicious", "limit",
        "unanswered", "counter", "not_understood", "forged",
        "application",
    ]  # fmt: skip
    what: str
    at: datetime
    reason: str = ""
    reference: str = ""
    proposed: datetime | None = None
    suggestion: str = ""
    kept: Literal["", "seat", "place"] = ""
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Upcoming:
    """A date ahead that the organiser should know."""

    kind: Literal["opens", "closes", "door_list", "reminder", "event", "erasure"]
    at: datetime


@dataclass(frozen=True, slots=True)
class DoorList:
    """Whom the door expects: `expected` have a seat and a number on the list.

    For `late_cancellation`, since the list went out: `gone` come no more, as they stood on it; of who was erased
    (`nameless`) only the number is told. `new` have a seat now, and a number where they had stood on it before.
    """

    expected: tuple[Registration, ...] = ()
    gone: tuple[Registration, ...] = ()
    new: tuple[Registration, ...] = ()
    nameless: bool = False


@dataclass(frozen=True, slots=True)
class Digest:
    """What one organiser is told (letters.md §9). `since` None: the first digest for this organiser.

    `new`, `gone` and `moved` are those since `since`; `seated` are all who hold a seat (for totals and the list),
    `line` all who wait or are offered a seat, in order. `told`: how many have heard that it is called off. `quiet` is
    the Monday line "No change since …".
    `applied`: how many applications wait for the organisers.
    `accepted` are those who pressed Accept since `since`; `said` is what people wrote in their calendars.
    """

    since: datetime | None
    new: tuple[Registration, ...] = ()
    gone: tuple[Registration, ...] = ()
    moved: tuple[Registration, ...] = ()
    accepted: int = 0
    seated: tuple[Registration, ...] = ()
    line: tuple[Registration, ...] = ()
    troubles: tuple[Trouble, ...] = ()
    upcoming: tuple[Upcoming, ...] = ()
    told: int = 0
    applied: int = 0
    quiet: bool = False
    said: tuple[tuple[Registration, CalendarNote], ...] = ()
