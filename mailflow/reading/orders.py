"""Organisers' orders: whole lines of the new text, or the subject where nothing is written (understanding.md §2.1.7).

Nothing is searched for inside sentences, and one sentence makes the mail one for people: "close", and below it "no,
wait", closes nothing. Who may give orders is decided elsewhere: `ReadingContext.organiser`.
"""

from dataclasses import dataclass, replace

from mailflow.mail.clean import clean
from mailflow.model.command import Command, Order, OrderLine
from mailflow.reading.analyse import analyse
from mailflow.reading.commands import LINE_LENGTH, command_of
from mailflow.reading.newtext import NewText
from mailflow.reading.rules import Places
from mailflow.reading.sentences import sentence_of
from mailflow.reading.signature import signature_like
from mailflow.reading.words import LANGUAGES, fold_words, order_ends, order_languages

# Orders that reach many people or undo something: a preview and a YES come first (rule 13).
DANGEROUS: frozenset[Order] = frozenset({"announce", "cancel-event", "remove", "change", "coorganiser"})
# Orders about everybody: from somebody who is no organiser, "cancel event" gives up no seat of his own.
EVERYBODYS: frozenset[Order] = frozenset({"cancel-event", "announce", "open", "close", "capacity"})
LINES_MOST = 50
_MESSAGE_LENGTH = 10_000
_SIGNATURE_LINES = 6
_BELOW = 12
_WORDS = 8
_CAPITALS = 2


@dataclass(frozen=True, slots=True)
class Found:
    """The orders of a mail; the phrase and the language of the first. `spoken`: see `Orders`."""

    lines: tuple[OrderLine, ...]
    phrase: str
    language: str
    spoken: str = ""

    @property
    def command(self) -> Command:
        """The first that was understood."""
        return next(line.command for line in self.lines if line.command is not None)

    @property
    def orders(self) -> frozenset[Order]:
        """Which there are."""
        return frozenset(line.command.order for line in self.lines if line.command is not None)


@dataclass(slots=True)
class _Search:
    """What was found so far. `cut`: something of the mail was too long to be looked at."""

    lines: list[OrderLine]
    cut: bool = False
    phrase: str = ""
    language: str = ""
    languages: frozenset[str] = frozenset(LANGUAGES)

    def found(self) -> Found | None:
        understood = any(line.command is not None for line in self.lines)
        spoken = "".join(self.languages) if len(self.languages) == 1 else ""
        return Found(tuple(self.lines), self.phrase, self.language, spoken) if understood else None

    def take(self, text: str, message: str = "") -> Order | None:
        """`text` as the next order, when it is one that has all it needs."""
        line = sentence_of(text) if len(text) <= LINE_LENGTH else None
        known = command_of(line) if line else None
        if line is None or known is None:
            return None
        command, size, language = known
        if command.order == "announce":
            if not message:
                return None
            command = replace(
                command, message=message[:_MESSAGE_LENGTH], cut=self.cut or len(message) > _MESSAGE_LENGTH
            )
        self.lines.append(OrderLine(clean(text, LINE_LENGTH), command))
        self.phrase = self.phrase or " ".join(line.words[:size])
        self.language = self.language or language
        self.languages &= order_languages()[line.folded[:size]]
        return command.order


def find_orders(text: NewText, subject: str, own: frozenset[str] = frozenset(), *, undo: bool = False) -> Found | None:
    """The orders that the new text is, else the subject's: of an empty mail, or above the text of an announcement.

    `#` begins a comment; reading ends at END, at the signature, and behind an announcement, whose text is all the
    rest. `own` are the words of the sender's name. `undo`: the mail answers a transcript; else UNDO is an attendee's.
    """
    search = _Search([], not text.whole)
    if not any(text.lines):
        search.take(subject)
        return _fitting(search, undo=undo)
    if _read_lines(search, text.lines, own):
        return _fitting(search, undo=undo)
    alone = _Search([], not text.whole)
    return alone.found() if alone.take(subject, text.text) == "announce" else None


def _fitting(search: _Search, *, undo: bool) -> Found | None:
    """An UNDO that answers no transcript is no order; who writes OPEN and CLOSE may mean either. People see both."""
    found = search.found()
    if found and (("undo" in found.orders and not undo) or {"open", "close"} <= found.orders):
        return None
    return found


def _read_lines(search: _Search, lines: tuple[str, ...], own: frozenset[str]) -> bool:
    """Every line as an order, or as one that nobody understood; false when something is said in a sentence."""
    for at, raw in enumerate(lines):
        line = _bare(raw)
        if not line:
            continue
        if fold_words(line) in order_ends() and len(line) <= LINE_LENGTH:
            break
        if len(search.lines) == LINES_MOST:
            return False
        order = search.take(line, _message(lines[at + 1 :]))
        if order == "announce":
            break
        if order is not None:
            continue
        if _like_an_order(line):
            search.lines.append(OrderLine(clean(line, LINE_LENGTH)))
        elif search.found() and says_no_more([rest for rest in lines[at:] if rest], own):
            break
        else:
            return False
    return search.found() is not None


def _bare(line: str) -> str:
    """The line without its comment. A `#` inside a word is a part of it."""
    if line.startswith("#"):
        return ""
    return line.partition(" #")[0].strip()


def _message(lines: tuple[str, ...]) -> str:
    """The rest of the mail, up to END."""
    end = next((at for at, line in enumerate(lines) if len(line) <= LINE_LENGTH and fold_words(line) in order_ends()),
               len(lines))  # fmt: skip
    return "\n".join(lines[:end]).strip()


def _like_an_order(line: str) -> bool:
    """`ROOM 12`: written as an order is, in a few words, the first in capitals. What turns or wishes is a sentence."""
    sentence = sentence_of(line[: LINE_LENGTH + 1])
    if len(line) > LINE_LENGTH or not 0 < len(sentence.words) <= _WORDS or sentence.question:
        return False
    first = sentence.words[0]
    if len(first) < _CAPITALS or not first.isupper():
        return False
    said = analyse(sentence, Places())
    return not (said.dangers or said.asks or said.wishes)


def says_no_more(lines: list[str], own: frozenset[str]) -> bool:
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
