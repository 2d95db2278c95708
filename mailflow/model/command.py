"""What organisers order by mail: one command a line (letters.md §5, second table)."""

from dataclasses import dataclass
from typing import Literal

from mailflow.mail.address import Address
from mailflow.model.event import DigestRhythm

# `report` is STATUS, `capacity` is SEATS: the words of operations.md §1.2 for logs and metrics.
Order = Literal[
    "report", "list", "help", "open", "close", "capacity", "add", "promote", "remove", "announce", "cancel-event",
    "absent", "done", "digest", "change", "coorganiser", "approve", "reject", "publish", "undo",
]  # fmt: skip

# Read, and answered in so many words: another version does them.
LATER: frozenset[Order] = frozenset({"publish"})


@dataclass(frozen=True, slots=True)
class Command:
    """One order with what it needs; what another order would need is empty.

    `target` is whom it is about, or the new address of a "change"; `code` is a booking code, in its normal form.
    `message` is what an announcement says and `subject` its heading; `cut`: it was longer than is read. `reason` is
    told when an event is called off. `numbers` are of the door list, of questions, or of sign-ups; `codes` stand beside
    them.
    """

    order: Order
    target: Address | None = None
    capacity: int | None = None
    message: str = ""
    name: str = ""
    code: str = ""
    subject: str = ""
    reason: str = ""
    numbers: tuple[int, ...] = ()
    codes: tuple[str, ...] = ()
    rhythm: DigestRhythm | None = None
    cut: bool = False


@dataclass(frozen=True, slots=True)
class OrderLine:
    """A line as it was written, cleaned and cut at 200 characters; `command` None: not understood."""

    written: str
    command: Command | None = None


@dataclass(frozen=True, slots=True)
class Orders:
    """The commands of a mail whose From is on the event's list, in the order sent; at most 50, one understood at least.

    `html`: the mail has no plain text, and none of them is carried out (trust.md §3). `spoken` is the one language that
    all of them are written in, "" where there is none, or more than one: "status" is English and Swedish.
    """

    lines: tuple[OrderLine, ...]
    html: bool = False
    spoken: str = ""

    @property
    def commands(self) -> tuple[Command, ...]:
        """Those that were understood."""
        return tuple(line.command for line in self.lines if line.command is not None)

    @property
    def label(self) -> str:
        """The word of operations.md §1.2 for the first of them."""
        first = next((command.order for command in self.commands), "help")
        return "help" if first == "help" else f"org-{first}"
