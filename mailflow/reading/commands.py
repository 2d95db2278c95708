"""One line of an organiser as an order with what it needs (letters.md §5, second table)."""

from mailflow.mail.address import Address, AddressError, parse_address
from mailflow.mail.clean import clean, person_name
from mailflow.model.command import Command, Order
from mailflow.model.seal import parse_code
from mailflow.reading.objects import small_words
from mailflow.reading.sentences import Sentence, sentence_of
from mailflow.reading.words import orders, rhythms

SUBJECT_LENGTH = 150
LINE_LENGTH = 200
_PERSONS: frozenset[Order] = frozenset({"remove", "add", "promote", "coorganiser"})
_LISTS: frozenset[Order] = frozenset({"absent", "approve", "reject"})
_CAPACITY_MOST = 1_000_000
_NAMED_WORDS = 6
_LISTED_MOST = 100
_DIGITS = 6
_QUOTES = "\"'\u201c\u201d\u201e\u00ab\u2018\u2019>"
_AROUND = " \t,;:.!<>()\"'"
_BETWEEN = "-\u2013\u2014:,."


def command_of(line: Sentence) -> tuple[Command, int, str] | None:
    """The order of a line, how many of its words name it, and its language; None when it is none.

    "Close?" asks whether to, and a quoted word is spoken of. Of an announcement the message is still missing.
    """
    if line.question or line.text.lstrip()[:1] in _QUOTES:
        return None
    for phrase, order, language in orders():
        if line.folded[: len(phrase)] == phrase and (found := _command(order, line, len(phrase))):
            return found, len(phrase), language
    return None


def is_order(text: str) -> bool:
    """Whether a line is an order, wherever it stands."""
    return len(text) <= LINE_LENGTH and command_of(sentence_of(text)) is not None


def _command(order: Order, line: Sentence, behind: int) -> Command | None:
    """The order with what it needs; None where that is missing or something else follows."""
    words = line.words[behind:]
    if order == "capacity":
        return _capacity(line, behind)
    if order in _PERSONS:
        return _person(order, line, behind)
    if order == "change":
        return _change(line, behind)
    if order in _LISTS:
        return _list(order, _rest(line, behind))
    if order == "done":
        number = _number(_rest(line, behind).upper().removeprefix("F").lstrip("-"))
        return Command(order, numbers=(number,)) if number else None
    if order == "digest":
        return _digest(line, behind)
    if order == "announce":
        text = _told(line, behind) if words else ""
        return None if text is None else Command(order, subject=text)
    if order == "cancel-event":
        text = _told(line, behind) if words else ""
        return None if text is None else Command(order, reason=text)
    return Command(order) if not words else None


def _rest(line: Sentence, behind: int) -> str:
    """What is written behind so many words, as it was written."""
    chunks = line.text.split()
    for at in range(1, len(chunks) + 1):
        if len(sentence_of(" ".join(chunks[:at])).words) >= behind:
            return " ".join(chunks[at:])
    return ""


def _told(line: Sentence, behind: int) -> str | None:
    """What the organiser says behind the order. It has to be set off: by capitals, or by a colon or a dash.

    "Inform everybody if it rains" is a sentence to people.
    """
    rest = _rest(line, behind)
    named = line.text[: len(line.text) - len(rest)].strip()
    set_off = named.isupper() or named[-1:] in _BETWEEN or rest[:1] in _BETWEEN
    return clean(rest.lstrip(_BETWEEN + " "), SUBJECT_LENGTH) or None if set_off else None


def _capacity(line: Sentence, behind: int) -> Command | None:
    numbers = [word for word in line.words[behind:] if word.isdecimal() and word.isascii() and len(word) <= _DIGITS + 1]
    sound = len(numbers) == 1 and _plain(line, behind, numbers) and 0 < int(numbers[0]) <= _CAPACITY_MOST
    return Command("capacity", capacity=int(numbers[0])) if sound else None


def _person(order: Order, line: Sentence, behind: int) -> Command | None:
    """By booking code, or by an address that a name may stand before."""
    rest = line.words[behind:]
    if order in ("remove", "promote") and (code := parse_code(_rest(line, behind).strip(_AROUND))):
        return Command(order, code=code)
    addresses = [word for word in rest if "@" in word]
    if len(addresses) != 1 or len(rest) > _NAMED_WORDS or not (_named(rest) or _plain(line, behind, addresses)):
        return None
    target = _address(addresses[0])
    if target is None:
        return None
    name = _name(_rest(line, behind)) if order in ("add", "coorganiser") and _named(rest) else ""
    return Command(order, target=target, name=name)


def _change(line: Sentence, behind: int) -> Command | None:
    """A booking code, and the address that is right."""
    chunks = [chunk.strip(_AROUND) for chunk in _rest(line, behind).split()]
    code = parse_code(" ".join(chunks[:-1])) if chunks else None
    target = _address(chunks[-1].removeprefix("mailto:")) if code else None
    return Command("change", target=target, code=code) if code and target else None


def _list(order: Order, rest: str) -> Command | None:
    """`3, 7`; booking codes may stand among the numbers."""
    numbers: dict[int, None] = {}
    codes: dict[str, None] = {}
    listed = [piece for piece in rest.replace(",", " ").replace(";", " ").split() if piece.casefold() not in _AND]
    if not 0 < len(listed) <= _LISTED_MOST:
        return None
    for piece in listed:
        number, code = _number(piece.strip(_AROUND)), parse_code(piece.strip(_AROUND))
        if number:
            numbers[number] = None
        elif code:
            codes[code] = None
        else:
            return None
    return Command(order, numbers=tuple(numbers), codes=tuple(codes))


_AND = frozenset({"and", "och", "&"})


def _digest(line: Sentence, behind: int) -> Command | None:
    said = line.folded[behind:]
    rhythm = next((rhythm for words, rhythm in rhythms() if words == said), None)
    return Command("digest", rhythm=rhythm) if rhythm else None


def _number(text: str) -> int:
    """0 for what is none."""
    sound = text.isascii() and text.isdecimal() and len(text) <= _DIGITS
    return int(text) if sound else 0


def _address(text: str) -> Address | None:
    try:
        return parse_address(text)
    except AddressError:
        return None


def _name(rest: str) -> str:
    """`Bo Lind` of `Bo Lind <bo@example.org>`."""
    before = [chunk for chunk in rest.split() if "@" not in chunk]
    return person_name(" ".join(before).strip(_AROUND))


def _named(rest: tuple[str, ...]) -> bool:
    """`Bo Ek <bo@example.org>`: behind the address, or in small letters, a condition might stand."""
    return "@" in rest[-1] and all(word[:1].isupper() for word in rest[:-1])


def _plain(line: Sentence, behind: int, wanted: list[str]) -> bool:
    """Nothing but what is wanted and small words: not "capacity not 50", "limit 2 guests", "max 50 kr"."""
    beside = small_words().beside_orders
    return all(line.words[at] in wanted or line.folded[at] in beside for at in range(behind, len(line.words)))
