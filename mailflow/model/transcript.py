"""What became of an organiser's commands, line by line (letters.md §8 `transcript`)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from mailflow.mail.address import Address
from mailflow.model.command import Order
from mailflow.model.event import EventState
from mailflow.model.registration import Registration

LineState = Literal["done", "waiting", "refused", "unknown"]
# A value of a sentence: a name, a number (which decides about singular and plural) or a time.
Value = str | int | datetime


@dataclass(frozen=True, slots=True)
class Told:
    """One line and what became of it.

    `say` is the key of a sentence in `[orders]` of language.toml, `values` fill it; "" for what was not understood.
    `also` are further sentences, each by a number. `text` is what would go out to many, as it was written.
    """

    written: str
    state: LineState
    say: str = ""
    values: tuple[tuple[str, Value], ...] = ()
    also: tuple[tuple[str, int], ...] = ()
    text: str = ""

    @property
    def facts(self) -> tuple[object, ...]:
        """What somebody who says YES to it has seen."""
        return (self.say, *self.values, *self.also, self.text)


@dataclass(frozen=True, slots=True)
class Transcript:
    """What a transcript, or the question that comes before one, tells.

    `orders` are those that the question names. `listed` goes along as a file after LIST, None without. `by` is the
    organiser whose acts the others are told of, "" in his own. `undo`: something of it can be taken back.
    """

    lines: tuple[Told, ...] = ()
    orders: tuple[Order, ...] = ()
    listed: tuple[Registration, ...] | None = None
    words: bool = False
    by: str = ""
    undo: bool = False

    def count(self, state: LineState) -> int:
        """How many lines ended so."""
        return sum(line.state == state for line in self.lines)


@dataclass(frozen=True, slots=True)
class Undo:
    """How an act of an organiser is taken back: what was in force before it, or whose registration it was.

    `written` is the line that did it.
    """

    order: Order
    written: str
    number: int = 0
    before: EventState | None = None


@dataclass(frozen=True, slots=True)
class OrganiserNote:
    """An organiser as the store knows him beside the file: `digest` is the rhythm he asked for.

    `added`: he was made one by mail. `heavy_at` is when his last heavy command was signed.
    """

    address: Address
    name: str = ""
    language: str = ""
    digest: str = ""
    added: bool = False
    heavy_at: datetime | None = None
