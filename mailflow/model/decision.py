"""What the desk sees, and what it decides."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from mailflow.mail.address import Address
from mailflow.model.announcement import Announcement, Audience, Draft
from mailflow.model.bounce import Bounce
from mailflow.model.command import OrderLine
from mailflow.model.event import Event, EventState, Localized
from mailflow.model.intent import Fields, Other
from mailflow.model.letter import Cause, Letter
from mailflow.model.registration import CalendarNote, Registration
from mailflow.model.transcript import OrganiserNote, Undo

Act = Literal["register", "cancel", "offer", "update", "my_data", "erase", "remind_off", "organiser", "commands"]
ChallengeState = Literal["open", "used", "ended", "expired"]
_NOTHING = Fields()


@dataclass(frozen=True, slots=True)
class Challenge:
    """A question that only the owner of `address` can answer (trust.md §2.2). `id` is the reference of its letter.

    It is for one act; single use by `state`. `number` is the registration it is about (a PENDING one for "register"),
    0 when a question about data is asked of an address that has none.
    `code_hash` is the SHA-256 of `Seal.challenge_code(id)`, in hex, so that a code in a subject finds its row.
    `content_hash` is that of what a "register" would register (`desk.challenge.content_hash`), or of what an "update"
    would change; "" for a "cancel". `wanted` are the new values of an "update"; they are kept only while it is open.
    "organiser": the heavy commands of a transcript, once more with authority; `content_hash` is that of them and of
    the numbers they were shown with. "commands": light ones of an organiser whom nothing proves (trust.md §3).
    `orders` are the lines, kept only while it is open.
    """

    id: str
    event: str
    act: Act
    address: Address
    number: int
    created: datetime
    expires: datetime
    code_hash: str = ""
    content_hash: str = ""
    state: ChallengeState = "open"
    wanted: Fields = _NOTHING
    orders: tuple[OrderLine, ...] = ()

    def live(self, now: datetime) -> bool:
        """Whether a YES to it still counts."""
        return self.state == "open" and now < self.expires


@dataclass(frozen=True, slots=True)
class ChallengeName:
    """What a challenge that a decision may open will be called: its id, and the hash of its code."""

    id: str
    code_hash: str = ""


@dataclass(frozen=True, slots=True)
class Forwards:
    """How much of late went to an event's organisers (trust.md §4).

    `same_text`: these words of this sender did, within a day. `of_sender`: mails of this sender in a day.
    `of_event`, `of_site`: mails of all senders in an hour; `unproved_…`: those of unproved ones among them.
    """

    same_text: bool = False
    of_sender: int = 0
    unproved_of_event: int = 0
    unproved_of_site: int = 0
    of_event: int = 0
    of_site: int = 0


@dataclass(frozen=True, slots=True)
class Asked:
    """How many letters to people who have not proved themselves went out within an hour (trust.md §4).

    Most are questions; what asks nothing would serve a forger as well, and counts as much.
    `domain`: to addresses of one domain; `network`: caused from one network, 0 where a server of ours handed the mail
    over. `ran_out`: how many of the event's last hundred questions that have ended nobody answered.
    """

    site: int = 0
    event: int = 0
    domain: int = 0
    network: int = 0
    ran_out: int = 0


@dataclass(frozen=True, slots=True)
class Budget:
    """How much has been sent to this address lately, and how much of its mail to people; the limits in force."""

    answers_last_hour: int = 0
    answers_last_day: int = 0
    unproven_last_day: int = 0
    unproven_last_month: int = 0
    confirmed_lately: bool = False
    answers_per_hour: int = 3
    answers_per_day: int = 20
    unproven_per_day: int = 1
    forwards: Forwards = Forwards()


@dataclass(frozen=True, slots=True)
class Chosen:
    """How many chose an option of which there are only so many (`Option.places`): with a seat, and in line."""

    question: str
    option: str
    taken: int


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody whom a mail names with an address. `own` is that address's registration here, `budget` its budget.

    `challenge_id` and `challenge_code_hash` name the challenge that may be opened for it. `erased`: it was erased here
    by its own wish, and has not come back since.
    """

    other: Other
    own: Registration | None = None
    budget: Budget = Budget()
    challenge_id: str = ""
    challenge_code_hash: str = ""
    erased: bool = False


@dataclass(frozen=True, slots=True)
class View:
    """All that a decision may know: bounded, whatever the size of the event.

    `own`: the registration of the From address at this event (the standing one, else the newest). `located`: the one
    that a reference, tag or booking code points at. `challenge`: the one whose reference came back in this mail, with
    `located` as its registration. `asked`: the open questions whether `own` is to be registered, the newest first, at
    most 20; for one who is told that the event is called off, all open ones about `located`. `conflict`: two references
    disagree. `budget` is that of the From address,
    `located_budget` of `located`'s. `head`: the first of the waiting line, at most 20, in order. `place`: the
    position of `own` in line, 0 when not waiting. `replied_to`: kind of our letter that this mail answers, "" if none.
    `next_question` and `challenge_id` (with the hash of its code) name what this decision may create, `code` is the
    booking code of the next number. `organiser`: From is on the event's list. `mail_language` is what the mail tells.
    `chosen` are the options of limited places, `named` those whom the mail names, at most five, each address once,
    nobody the sender or us, and `unasked` are left out; `codes` are the booking codes from the next number on, enough
    for all of them.
    `offer_names` are as many as seats may be offered by this decision; without one, an offer waits for the next.
    `was` is the event as `located` knows it, when it has changed; `place` is then that of `located`.
    `wrong_token`: the mail came with a token, or a button's code, that is none of ours.
    `untold`: the event file says what not everybody was told yet.
    `bounces` are the letters to `located` that came back, `reached` is when one last did not, or its owner wrote.
    `notes` are what `located` said through a calendar, when the mail is an answer of one.
    `announcement` is what `located` is to be told, for the round of one.
    `question` is the one that an order names.
    `quote` is its new text. `forward`: beside its wish it holds something for people, who are shown it as well.
    """

    event: Event
    state: EventState
    sender: Address | None
    cause: Cause
    own: Registration | None = None
    located: Registration | None = None
    challenge: Challenge | None = None
    asked: tuple[Challenge, ...] = ()
    conflict: bool = False
    head: tuple[Registration, ...] = ()
    place: int = 0
    replied_to: str = ""
    budget: Budget = Budget()
    located_budget: Budget = Budget()
    organiser: bool = False
    code: str = ""
    challenge_id: str = ""
    challenge_code_hash: str = ""
    next_question: int = 1
    confirm_within_seconds: int = 48 * 3600
    require_confirm: bool = False
    mail_language: str | None = None
    quote: str = ""
    forward: bool = False
    offer_names: tuple[ChallengeName, ...] = ()
    chosen: tuple[Chosen, ...] = ()
    named: tuple[Named, ...] = ()
    unasked: int = 0
    codes: tuple[str, ...] = ()
    was: Event | None = None
    notes: tuple[CalendarNote, ...] = ()
    ask_on_decline: bool = False
    bounces: tuple[Bounce, ...] = ()
    reached: datetime | None = None
    untold: bool = False
    wrong_token: bool = False
    announcement: Announcement | None = None
    question: "Question | None" = None


@dataclass(frozen=True, slots=True)
class Saved:
    """A registration is new (`before` None) or has changed. `what` is the word for the history."""

    what: Literal[
        "registered", "queued", "asked", "confirmed", "promoted", "cancelled", "left_line", "withdrawn", "declined",
        "answered", "resent", "expired", "accepted", "tentative", "language", "reminders_off",
        "updated", "named", "corrected", "demoted", "offered", "turned_down", "lapsed", "released",
        "event_changed", "called_off", "removed", "line_ended", "delegated", "undeliverable", "unreached", "reached",
        "complained", "applied", "rejected", "undecided", "absent", "present",
    ]  # fmt: skip
    before: Registration | None
    after: Registration


@dataclass(frozen=True, slots=True)
class Challenged:
    """A challenge is opened."""

    challenge: Challenge


@dataclass(frozen=True, slots=True)
class ChallengeClosed:
    """A challenge is used, ended by NO, or expired: it never works again."""

    challenge: Challenge
    state: ChallengeState


@dataclass(frozen=True, slots=True)
class Erased:
    """All that is held about that address at the event goes; `before` is its registration as it stood until then.

    The last change of its decision: there is no row afterwards.
    """

    address: Address
    before: Registration | None


@dataclass(frozen=True, slots=True)
class QuestionOpened:
    """A mail is for the organisers and waits for an answer; `number` is the F-number (per event).

    `forwarded`: they got it; else their digest has it. `text_hash` names its words (`desk.people.text_hash`), "" for
    none; `proved` says whether its sender was.
    """

    number: int
    sender: Address | None
    subject: str
    text_hash: str = ""
    forwarded: bool = False
    proved: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """A mail that waits for an organiser, by its F-number. `done`: when one of them said that it waits no longer."""

    number: int
    done: datetime | None = None


@dataclass(frozen=True, slots=True)
class QuestionDone:
    """Somebody has answered: the digest leaves that question out from now on."""

    number: int


@dataclass(frozen=True, slots=True)
class Noted:
    """The organisers are to see this; it takes the place of the older one of its kind and person."""

    note: CalendarNote


@dataclass(frozen=True, slots=True)
class Ruled:
    """The organisers say what is in force: registration, its times, the capacity. All of them, as they are then."""

    closed: bool
    opens: datetime | None
    closes: datetime | None
    capacity: int | None


@dataclass(frozen=True, slots=True)
class CalledOff:
    """The event is called off, for good; a round tells everybody."""

    reason: Localized


@dataclass(frozen=True, slots=True)
class OrganiserNoted:
    """What is known of an organiser beside the file of the event, in place of what was known before."""

    note: OrganiserNote


@dataclass(frozen=True, slots=True)
class Undoable:
    """An act of the mail that can be taken back, by an UNDO in answer to its transcript."""

    line: int
    undo: Undo


@dataclass(frozen=True, slots=True)
class Undone:
    """That act of that mail is taken back, and is not to be taken back again."""

    mail: int
    line: int


@dataclass(frozen=True, slots=True)
class Bounced:
    """A letter came back; kept for as long as it may count (trust.md §6)."""

    bounce: Bounce


@dataclass(frozen=True, slots=True)
class Muted:
    """Letters about that registration that wait to go to that address are never sent."""

    number: int
    address: Address


@dataclass(frozen=True, slots=True)
class Announced:
    """Everybody of `audience` is told by the round that follows; `by` is the organiser's address."""

    draft: Draft
    by: str
    audience: Audience


OrganiserChange = Ruled | CalledOff | OrganiserNoted | Undoable | Undone
Change = (
    Saved | Challenged | ChallengeClosed | QuestionOpened | Noted | Erased | QuestionDone | Bounced | Muted
    | Announced | OrganiserChange
)  # fmt: skip

# The named end states of a mail (STYLE: no silent ends).
MailState = Literal["done", "silent", "ignored", "refused", "failed", "waiting"]


@dataclass(frozen=True, slots=True)
class Decision:
    """What is to be done about one mail or one due job. `reason` is always said, in a few constant words."""

    state: MailState
    reason: str
    changes: tuple[Change, ...] = ()
    letters: tuple[Letter, ...] = ()

    @property
    def handed_over(self) -> bool:
        """People have the mail and nothing else came of it; an act with a question beside it leaves more than that.

        In what language its writer is written to from now on is no act, nor that he can be.
        """
        people = {"question_forwarded", "question_received"}
        return (
            any(isinstance(change, QuestionOpened) for change in self.changes)
            and all(
                isinstance(change, QuestionOpened)
                or (isinstance(change, Saved) and change.what in ("language", "reached"))
                for change in self.changes
            )
            and all(letter.kind in people for letter in self.letters)
        )


__all__ = [
    "Act", "Asked", "Bounced", "Budget", "Challenge", "ChallengeClosed", "ChallengeName", "ChallengeState",
    "Challenged", "Change", "Chosen", "Decision",
    "Erased", "Fields", "Forwards", "MailState", "Muted", "Named", "Noted", "QuestionOpened", "Saved", "View",
]  # fmt: skip
