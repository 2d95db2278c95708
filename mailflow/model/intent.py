"""What a mail, or the clock, asks for. Labels as in operations.md §1.2."""

from dataclasses import dataclass
from typing import Literal

from mailflow.mail.address import Address
from mailflow.mail.message import CalendarAnswer
from mailflow.model.registration import Answer


@dataclass(frozen=True, slots=True)
class Fields:
    """What was found in the new text beside the wish itself. Empty values mean "not given"."""

    name: str = ""
    answers: tuple[Answer, ...] = ()
    guests: int | None = None


@dataclass(frozen=True, slots=True)
class Register:
    """The sender wants a seat. `line` is true for WAITLIST: the line will do when registration has closed."""

    fields: Fields = Fields()
    line: bool = False


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
    """Accept, Decline or Tentative, pressed in a calendar (calendar.md §10).

    `automatic`: the mail says of itself that a program wrote it, so the answer counts but no letter goes out.
    """

    answer: CalendarAnswer
    automatic: bool = False


@dataclass(frozen=True, slots=True)
class Empty:
    """Nothing was written at all: asked back, "Do you want to register? Reply YES"."""


@dataclass(frozen=True, slots=True)
class ForPeople:
    """Everything else: it goes to the organisers. `quote` is the new text."""

    quote: str = ""


@dataclass(frozen=True, slots=True)
class Silent:
    """Never answered. `kind` is the label; `failed` are the addresses that a delivery report names."""

    kind: Literal["auto-reply", "bounce", "spam", "own", "ack"]
    failed: tuple[Address, ...] = ()


@dataclass(frozen=True, slots=True)
class Due:
    """Time is a correspondent: a job fell due (DESIGN.md). Store and desk know the kinds."""

    job: Literal["seats", "expire"]
    number: int | None = None
    challenge: str = ""


MailIntent = Register | Cancel | AskStatus | Help | Yes | No | CalendarReply | Empty | ForPeople | Silent
Intent = MailIntent | Due


def label(intent: Intent) -> str:
    """The word for an intent in logs, `simulate` and metrics (operations.md §1.2)."""
    match intent:
        case Silent(kind=kind):
            return "auto-reply" if kind == "own" else kind
        case Due(job=job):
            return f"due-{job}"
        case _:
            return _LABELS[type(intent)]


_LABELS: dict[type, str] = {
    Register: "register",
    Cancel: "cancel",
    AskStatus: "status",
    Help: "help",
    Yes: "confirm",
    No: "cancel",
    CalendarReply: "imip",
    Empty: "ask",
    ForPeople: "question",
}


@dataclass(frozen=True, slots=True)
class Reading:
    """What `reading/` makes of a mail. `evidence` is in the order in which it decided.

    `language` None: it cannot be told from this mail. `quote` is the new text (no quoted mail, no signature).
    """

    intent: MailIntent
    language: str | None = None
    evidence: tuple[str, ...] = ()
    quote: str = ""
    secondary: str | None = None
