"""Organisers' orders: the whole of a line, or of the subject where nothing is written (understanding.md §2.1.7).

Nothing is searched for inside sentences. Who may give them is decided before: `ReadingContext.organiser`.
"""

from dataclasses import dataclass

from mailflow.mail.address import AddressError, parse_address
from mailflow.model.intent import Command, Order
from mailflow.reading.analyse import analyse
from mailflow.reading.newtext import NewText
from mailflow.reading.objects import small_words
from mailflow.reading.rules import Places
from mailflow.reading.sentences import Sentence, sentence_of
from mailflow.reading.signature import signature_like
from mailflow.reading.words import orders

# Orders that reach many people or undo something: a preview and a YES come first (rule 13).
DANGEROUS: frozenset[Order] = frozenset({"announce", "cancel-event", "remove"})
# Orders about everybody: from somebody who is no organiser, "cancel event" gives up no seat of his own.
EVERYBODYS: frozenset[Order] = frozenset({"cancel-event", "announce", "open", "close", "capacity"})
_TARGETED: frozenset[Order] = frozenset({"remove", "add", "promote"})
_MESSAGE_LENGTH = 10_000
_CAPACITY_MOST = 1_000_000
_SIGNATURE_LINES = 6
_BELOW = 12
_NAMED_WORDS = 6
_QUOTES = "\"'\u201c\u201d\u201e\u00ab\u2018\u2019>"


@dataclass(frozen=True, slots=True)
class Found:
    """An order, the phrase it was given in and its language."""

    command: Command
    phrase: str
    language: str


def find_order(text: NewText, subject: str, own: frozenset[str] = frozenset()) -> Found | None:
    """The order that the new text is, else the subject's, when the text is empty or the message of an announcement.

    `own` are the words of the sender's name: a signature may stand below.
    """
    lines = [line for line in text.lines if line.strip()]
    if not lines:
        return _order(sentence_of(subject), "")
    first = _order(sentence_of(lines[0]), "\n".join(lines[1:])[:_MESSAGE_LENGTH])
    if first is not None:
        # "close", and below it "no, wait", "open" or a question: an order is the whole of what is written.
        return first if first.command.order == "announce" or _says_no_more(lines[1:], own) else None
    said = _order(sentence_of(subject), text.text[:_MESSAGE_LENGTH])
    return said if said and said.command.order == "announce" else None


def _says_no_more(lines: list[str], own: frozenset[str]) -> bool:
    """Thanks, a sign-off, and what looks like a signature."""
    if len(lines) > _BELOW:
        return False
    kinds = {"polite", "courtesy", "thanks", "signoff", "greeting"}
    for at, line in enumerate(lines):
        one = analyse(sentence_of(line), Places(own=own))
        plain = one.kinds and one.kinds <= kinds and not (one.wishes or one.dangers or one.asks or one.unexplained)
        if not plain and (at >= _SIGNATURE_LINES or not signature_like(line)):
            return False
    return True


def _order(line: Sentence, below: str) -> Found | None:
    # "Close?" asks whether to, and a quoted word is spoken of.
    if line.question or line.text.lstrip()[:1] in _QUOTES:
        return None
    for phrase, order, language in orders():
        if line.folded[: len(phrase)] == phrase and (found := _command(order, line, len(phrase), below)):
            return Found(found, " ".join(line.words[: len(phrase)]), language)
    return None


def _command(order: Order, line: Sentence, behind: int, below: str) -> Command | None:
    """The order with what it needs; None where that is missing or something else follows."""
    rest = line.words[behind:]
    if order == "capacity":
        numbers = [word for word in rest if word.isdecimal() and word.isascii() and len(word) <= 7]
        sound = len(numbers) == 1 and _plain(line, behind, numbers) and 0 < int(numbers[0]) <= _CAPACITY_MOST
        return Command(order, capacity=int(numbers[0])) if sound else None
    if order in _TARGETED:
        addresses = [word for word in rest if "@" in word]
        if len(addresses) != 1 or len(rest) > _NAMED_WORDS or not (_named(rest) or _plain(line, behind, addresses)):
            return None
        try:
            return Command(order, target=parse_address(addresses[0]))
        except AddressError:
            return None
    if order == "announce":
        return Command(order, message=below) if below.strip() and not rest else None
    return Command(order) if not rest else None


def _named(rest: tuple[str, ...]) -> bool:
    """`Bo Ek <bo@example.org>`: behind the address, or in small letters, a condition might stand."""
    return "@" in rest[-1] and all(word[:1].isupper() for word in rest[:-1])


def _plain(line: Sentence, behind: int, wanted: list[str]) -> bool:
    """Nothing but what is wanted and small words: not "capacity not 50", "limit 2 guests", "max 50 kr"."""
    beside = small_words().beside_orders
    return all(line.words[at] in wanted or line.folded[at] in beside for at in range(behind, len(line.words)))
