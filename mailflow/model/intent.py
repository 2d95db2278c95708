"""What a mail, or the clock, asks for. Labels as in operations.md §1.2."""

from dataclasses import dataclass
from typing import Literal

from mailflow.mail.address import Address
from mailflow.mail.message import CalendarAnswer
from mailflow.mail.report import NO_REPORT, Report
from mailflow.model.bounce import Severity
from mailflow.model.command import Orders
from mailflow.model.registration import Answer
from mailflow.model.sketch import Making


@dataclass(frozen=True, slots=True)
class Other:
    """Somebody else who is named with an address; `name` may be ""."""

    name: str
    address: Address


@dataclass(frozen=True, slots=True)
class Fields:
    """What was found in the new text beside the wish itself. Empty values mean "not given".

    `guests` come along without an address of their own, the sender not counted; 0 is said, None is not. `others` have
    an address: they are asked there, and nothing is ever registered for them (understanding.md §2.8).
    """

    name: str = ""
    answers: tuple[Answer, ...] = ()
    guests: int | None = None
    others: tuple[Other, ...] = ()


@dataclass(frozen=True, slots=True)
class Register:
    """The sender wants a seat. `line` is true for WAITLIST: the line will do when registration has closed."""

    fields: Fields = Fields()
    line: bool = False


@dataclass(frozen=True, slots=True)
class RegisterOther:
    """Somebody else is to be registered: that address is asked, the sender is not registered."""

    others: tuple[Other, ...]


@dataclass(frozen=True, slots=True)
class Update:
    """A change to what is already registered. `fields` hold the new values."""

    fields: Fields = Fields()


@dataclass(frozen=True, slots=True)
class RemindOff:
    """No more reminders and announcements; the seat stays."""


@dataclass(frozen=True, slots=True)
class MyData:
    """What do you hold about me?"""


@dataclass(frozen=True, slots=True)
class EraseMe:
    """Erase what you hold about me."""


@dataclass(frozen=True, slots=True)
class Remove:
    """The organisers take `View.located` off the list. `reason` is told to that person in their words, "" for none."""

    reason: str = ""


@dataclass(frozen=True, slots=True)
class MoveIn:
    """PROMOTE: the organisers give `View.located`, who waits, a seat out of turn; the only way past the capacity."""


@dataclass(frozen=True, slots=True)
class Approve:
    """The organisers say yes to `View.located`, who applied: a seat if there is one, else a place in line."""


@dataclass(frozen=True, slots=True)
class Reject:
    """The organisers say no to `View.located`, who applied. `reason` is told in their words, "" for none."""

    reason: str = ""


@dataclass(frozen=True, slots=True)
class Forget:
    """The operator erases `address`, whose registration is `View.located`; with `farewell` it gets the last letter."""

    address: Address
    farewell: bool = True


@dataclass(frozen=True, slots=True)
class Absent:
    """ABSENT: `View.located`, who had a seat, did not come. From the start until people are erased."""


@dataclass(frozen=True, slots=True)
class Present:
    """Takes an `Absent` back."""


@dataclass(frozen=True, slots=True)
class Done:
    """DONE F-31: that question has been answered; it is `View.question`."""

    question: int


# Acts of those who run the event on one person. Whoever reads or types them has judged their authority (trust.md §3).
Ordered = Remove | MoveIn | Approve | Reject | Forget | Absent | Present | Done


@dataclass(frozen=True, slots=True)
class Cancel:
    """The sender gives up the seat, the place in line, or an open request."""


@dataclass(frozen=True, slots=True)
class AskStatus:
    """Am I registered? `resend` asks for the calendar invitation again."""

    resend: bool = False


@dataclass(frozen=True, slots=True)
class Help:
    """Which words can I write?"""


@dataclass(frozen=True, slots=True)
class Yes:
    """YES as the first word of the new text. Confirms only where a challenge or an offer is open."""


@dataclass(frozen=True, slots=True)
class No:
    """NO as the first word of the new text."""


@dataclass(frozen=True, slots=True)
class CalendarReply:
    """What a calendar program says: Accept, Decline, another time, send it again (calendar.md §10).

    `automatic`: the mail says of itself that a program wrote it, so the answer counts but no letter goes out.
    """

    answer: CalendarAnswer
    automatic: bool = False


@dataclass(frozen=True, slots=True)
class Empty:
    """Nothing was written at all: asked back, "Do you want to register? Reply YES"."""


@dataclass(frozen=True, slots=True)
class ForPeople:
    """Everything else: it goes to the organisers. `quote` is the new text.

    `short`: a near-command of a few words, which is told the words that are understood instead (letters.md §8).
    """

    quote: str = ""
    short: bool = False


@dataclass(frozen=True, slots=True)
class Silent:
    """Never answered. `kind` is the label; `failed` are the addresses that a delivery report names, `report` is all
    that it says.
    """

    kind: Literal["auto-reply", "bounce", "spam", "own", "ack"]
    failed: tuple[Address, ...] = ()
    report: Report = NO_REPORT


@dataclass(frozen=True, slots=True)
class CameBack:
    """A letter of ours came back, or somebody complained of it; `View.located` is to whom it went.

    `letter` is its reference, `first` that it was the first to this registration. `severity` None: not given up.
    `reason` is a sentence of ours.
    """

    letter: str
    severity: Severity | None = None
    reason: str = ""
    first: bool = False
    complaint: bool = False


@dataclass(frozen=True, slots=True)
class Due:
    """Time is a correspondent: a job fell due (DESIGN.md). Store and desk know the kinds.

    `days` says which reminder: how many days before the event it is due.
    """

    job: Literal[
        "seats", "expire", "run_out", "remind", "thank", "event_changed", "called_off", "line_ends", "announce",
        "undecided",
    ]
    number: int | None = None
    challenge: str = ""
    days: int = 0


Wish = (
    Register | RegisterOther | Cancel | Update | AskStatus | RemindOff | MyData | EraseMe | Orders | Help | Yes | No
    | Empty | ForPeople
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Proposed:
    """A wish that is clear in a mail that is not: asked back, "I read this as … Reply YES", and shown to people."""

    wish: Register | Cancel | Update | RegisterOther | RemindOff | EraseMe | Orders


MailIntent = Wish | Proposed | CalendarReply | Silent
Intent = MailIntent | Due | Ordered | CameBack


def label(intent: Intent) -> str:
    """The word for an intent in logs, `simulate` and metrics (operations.md §1.2)."""
    match intent:
        case Silent(kind=kind):
            return "auto-reply" if kind == "own" else kind
        case Due(job=job):
            return f"due-{job}"
        case Proposed(wish=wish):
            return label(wish)
        case Orders():
            return intent.label
        case _:
            return _LABELS[type(intent)]


_LABELS: dict[type, str] = {
    Register: "register",
    RegisterOther: "register-other",
    Cancel: "cancel",
    Update: "update",
    RemindOff: "remind-off",
    MyData: "status",
    EraseMe: "erase",
    AskStatus: "status",
    Help: "help",
    Yes: "confirm",
    No: "cancel",
    CalendarReply: "imip",
    Empty: "ask",
    ForPeople: "question",
    Remove: "org-remove",
    MoveIn: "org-promote",
    Approve: "org-approve",
    Reject: "org-reject",
    CameBack: "bounce",
    Forget: "erase",
    Absent: "org-absent",
    Present: "org-absent",
    Done: "org-done",
}


@dataclass(frozen=True, slots=True)
class Reading:
    """What `reading/` makes of a mail. `evidence` is in the order in which it decided.

    `language` None: it cannot be told from this mail. `quote` is the new text (no quoted mail, no signature).
    `secondary`: something else that the mail is as well: "auto-reply" beside a calendar answer, "question" beside a
    wish that is carried out and whose mail people have to see too.
    `making`: what a mail to the address for new events says of one; None elsewhere.
    """

    intent: MailIntent
    language: str | None = None
    evidence: tuple[str, ...] = ()
    quote: str = ""
    secondary: str | None = None
    making: Making | None = None
