"""Organisers' orders: the whole of a line, or of the subject where nothing is written (understanding.md §2.1.7).

Nothing is searched for inside sentences. Who may give them is decided before: `ReadingContext.organiser`.
"""

from dataclasses import dataclass

from mailflow.mail.address import AddressError, parse_address
from mailflow.model.intent import Command, Order
from mailflow.reading.newtext import NewText
from mailflow.reading.sentences import Sentence, sentence_of
from mailflow.reading.words import orders

# Orders that reach many people or undo something: a preview and a YES come first (rule 13).
DANGEROUS: frozenset[Order] = frozenset({"announce", "cancel-event", "remove"})
_TARGETED: frozenset[Order] = frozenset({"remove", "add", "promote"})
_MESSAGE_LENGTH = 10_000
_CAPACITY_MOST = 1_000_000


@dataclass(frozen=True, slots=True)
class Found:
    """An order, the phrase it was given in and its language."""

    command: Command
    phrase: str
    language: str


def find_order(text: NewText, subject: str) -> Found | None:
    """The first order of the new text, else of the subject when the text is empty or the message of an announcement."""
    lines = [line for line in text.lines if line.strip()]
    if not lines:
        return _order(sentence_of(subject), "")
    first = _order(sentence_of(lines[0]), "\n".join(lines[1:]))
    if first is not None:
        return first
    said = _order(sentence_of(subject), text.text[:_MESSAGE_LENGTH])
    return said if said and said.command.order == "announce" else None


def _order(line: Sentence, below: str) -> Found | None:
    for phrase, order, language in orders():
        if line.folded[: len(phrase)] == phrase and (found := _command(order, line, len(phrase), below)):
            return Found(found, " ".join(line.words[: len(phrase)]), language)
    return None


def _command(order: Order, line: Sentence, behind: int, below: str) -> Command | None:
    """The order with what it needs; None where that is missing or something else follows."""
    rest = line.words[behind:]
    if order == "capacity":
        numbers = [word for word in rest if word.isdigit() and len(word) <= 7]
        sound = len(numbers) == 1 and len(rest) <= 2 and 0 < int(numbers[0]) <= _CAPACITY_MOST
        return Command(order, capacity=int(numbers[0])) if sound else None
    if order in _TARGETED:
        addresses = [word for word in rest if "@" in word]
        if len(addresses) != 1 or len(rest) > 6:
            return None
        try:
            return Command(order, target=parse_address(addresses[0]))
        except AddressError:
            return None
    if order == "announce":
        return Command(order, message=below) if below.strip() and not rest else None
    return Command(order) if not rest else None
