"""Phrases as patterns over words: anchored token matchers, not free expressions (understanding.md §2.9).

A pattern is a row of elements parted by blanks:

    word            that word, folded; `anmäl*` is every word that begins so
    (a b|c)         one of these rows of words
    word?  (a b)?   may be left out
    (a b? <c>|d)    rows may hold all of this again
    {3}             up to three words of any kind; they are not explained by the match
    ...             the rest of the clause, explained: only behind words that open a reason or an introduction
    <name>          one of the words of that class: of the file's [classes], or <number>, <event>, <address>, <session>
    ^  $            at the start, at the end of the sentence

Matching walks forward over a bounded pattern and a bounded sentence, from a set of places to the next, with no way
back: linear in both.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache

from mailflow.reading.sentences import Sentence
from mailflow.reading.words import Words, spellings

ELEMENTS = 24
GAP_MOST = 5
_BUILT_IN = ("number", "event", "address", "session", "own", "name")


class PatternError(ValueError):
    """A pattern that is not one. The table's fault, found when it is loaded."""


class Classes:
    """The named sets of rows of one language; each is compiled once, however many patterns use it."""

    def __init__(self, rows: Mapping[str, Iterable[str]]) -> None:
        self._rows = rows
        self.element = cache(self._element)

    def _element(self, name: str) -> "Element":
        """The choice of all rows of a class. Raises PatternError where there is none of that name."""
        if name not in self._rows:
            raise PatternError(f"there is no class <{name}>")
        return _choice([_Reader(row, self).row() for row in self._rows[name]], optional=False)


NO_CLASSES = Classes({})


@dataclass(frozen=True, slots=True)
class Element:
    """One step. `words` are single ones of which one must stand here; `rows` are choices of several steps each.

    In `words` prefixes end in `*` and classes of the mail are `<name>`: those are in `odd` as well. `leads` are the
    rows by the word that they begin with, `others` those that may begin otherwise.
    """

    words: frozenset[str] = frozenset()
    odd: tuple[str, ...] = ()
    rows: tuple["Row", ...] = ()
    optional: bool = False
    gap: int = 0
    rest: bool = False
    leads: Mapping[str, tuple["Row", ...]] = field(default_factory=dict, compare=False)
    others: tuple["Row", ...] = field(default=(), compare=False)

    def firsts(self) -> Iterator[str]:
        """The words with which this step can begin."""
        yield from self.words
        for row in self.rows:
            yield from row.firsts


@dataclass(frozen=True, slots=True)
class Row:
    """Steps one after the other, the words they can begin with, and whether only those (no prefix, no class)."""

    elements: tuple[Element, ...]
    firsts: frozenset[str]
    plain: bool


def _row_of(elements: tuple[Element, ...]) -> Row:
    known = frozenset(firsts(elements))
    return Row(elements, known, not any(word.endswith(("*", ">")) for word in known) and not _may_be_empty(elements))


def _may_be_empty(elements: tuple[Element, ...]) -> bool:
    return all(element.optional for element in elements)


def firsts(row: tuple[Element, ...]) -> Iterator[str]:
    """The words with which a row of steps can begin. Raises PatternError for one that begins with a gap."""
    for element in row:
        if element.gap or element.rest:
            raise PatternError("a row that begins with a gap")
        yield from element.firsts()
        if not element.optional:
            return


@dataclass(frozen=True, slots=True)
class Pattern:
    """Compiled. A sentence with none of the words of `needs` cannot fit, () says nothing: most are passed over so."""

    source: str
    elements: tuple[Element, ...]
    at_start: bool
    at_end: bool
    needs: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Match:
    """Where a pattern stands: from `start` to before `end`; `claimed` are the places that its words explain.

    `rest`: from here to `end` it only explains what nobody else has a meaning for.
    """

    start: int
    end: int
    claimed: tuple[int, ...]
    rest: int


def compile_pattern(source: str, classes: Classes | Mapping[str, Iterable[str]] = NO_CLASSES) -> Pattern:
    """The pattern of a line of the tables. Raises PatternError."""
    text = source.strip()
    at_start, at_end = text.startswith("^ "), text.endswith(" $")
    known = classes if isinstance(classes, Classes) else Classes(classes)
    reader = _Reader(text.removeprefix("^ ").removesuffix(" $"), known)
    elements = reader.row()
    if reader.rest:
        raise PatternError(f"a bracket too many: {source!r}")
    if len(elements) > ELEMENTS or all(element.optional or element.gap or element.rest for element in elements):
        raise PatternError(f"a pattern has a word that must be there and at most {ELEMENTS} elements: {source!r}")
    if any(element.rest for element in elements[:-1]) or elements[-1].gap:
        raise PatternError(f"the rest of a clause comes last, and a gap does not: {source!r}")
    if not any(True for _ in firsts(elements)):
        raise PatternError(f"nothing to begin with: {source!r}")
    return Pattern(source, elements, at_start, at_end, _needs(elements))


def _needs(elements: tuple[Element, ...]) -> frozenset[str]:
    """The smallest set of plain words of which one must be there."""
    found = [
        frozenset(element.firsts())
        for element in elements
        if not (element.optional or element.gap or element.rest or element.odd)
        and all(row.plain for row in element.rows)
    ]
    return min(found, key=len, default=frozenset())


class _Reader:
    """Reads a pattern from left to right. `rest` is what is left; brackets nest as deep as the pattern is long."""

    def __init__(self, text: str, classes: Classes) -> None:
        self.rest = text
        self.classes = classes

    def row(self) -> tuple[Element, ...]:
        """Elements up to the end, a `|` or a closing bracket that belongs to somebody else."""
        found: list[Element] = []
        while self.rest and self.rest[0] not in "|)":
            if self.rest[0] == " ":
                self.rest = self.rest.lstrip()
            elif self.rest[0] == "(":
                found.append(self._group())
            else:
                found.append(self._word())
        return tuple(found)

    def _group(self) -> Element:
        rows: list[tuple[Element, ...]] = []
        while self.rest and self.rest[0] in "(|":
            self.rest = self.rest[1:]
            rows.append(self.row())
        if not self.rest.startswith(")"):
            raise PatternError(f"a bracket without its other before {self.rest[:20]!r}")
        self.rest = self.rest[1:]
        optional = self.rest.startswith("?")
        self.rest = self.rest.removeprefix("?")
        if not all(rows):
            raise PatternError("an empty choice")
        return _choice(rows, optional)

    def _word(self) -> Element:
        end = next((at for at, sign in enumerate(self.rest) if sign in " |()"), len(self.rest))
        text, self.rest = self.rest[:end], self.rest[end:]
        if text == "...":
            return Element(rest=True)
        if text.startswith("{"):
            number = text.strip("{}")
            if not number.isdigit() or not 0 < int(number) <= GAP_MOST:
                raise PatternError(f"a gap is {{1}} to {{{GAP_MOST}}}: {text!r}")
            return Element(gap=int(number))
        optional = text.endswith("?")
        text = text.removesuffix("?")
        name = text.strip("<>")
        if text.startswith("<") and name not in _BUILT_IN:
            element = self.classes.element(name)
            return replace(element, optional=True) if optional else element
        element = _leaf(text)
        return replace(element, optional=True) if optional else element


@cache
def _leaf(text: str) -> Element:
    """One word in all its spellings, a prefix, or a class of the mail."""
    if text.startswith("<"):
        return Element(frozenset((text,)), (text,))
    if text == "*":
        raise PatternError("a prefix without letters")
    if text.endswith("*"):
        return _choice([_plain((*form[:-1], f"{form[-1]}*")) for form in spellings(text[:-1])], optional=False)
    return _choice([_plain(form) for form in spellings(text)], optional=False)


def _plain(form: Words) -> tuple[Element, ...]:
    if not form:
        raise PatternError("no word")
    return tuple(Element(frozenset((word,)), (word,) if word.endswith("*") else ()) for word in form)


def _choice(rows: list[tuple[Element, ...]], optional: bool) -> Element:  # noqa: FBT001 - of two elements, not a switch
    """One element for some rows: those of one plain word become one set."""
    words: set[str] = set()
    odd: list[str] = []
    longer: list[Row] = []
    for row in rows:
        if len(row) == 1 and row[0].words and not row[0].rows and not row[0].optional:
            words |= row[0].words
            odd += row[0].odd
        elif len(row) == 1 and row[0].rows and not row[0].optional:
            words |= row[0].words
            odd += row[0].odd
            longer += row[0].rows
        else:
            longer.append(_row_of(row))
    unique = tuple(dict.fromkeys(longer))
    leads: dict[str, tuple[Row, ...]] = {}
    for one in unique:
        for word in one.firsts if one.plain else ():
            leads[word] = (*leads.get(word, ()), one)
    others = tuple(one for one in unique if not one.plain)
    return Element(frozenset(words), tuple(dict.fromkeys(odd)), unique, optional, leads=leads, others=others)


@dataclass(frozen=True, slots=True)
class Places:
    """What the classes of this mail are: the words of the event's titles, of its sessions, of the sender's name.

    `month` is that of the event, 1 to 12, or 0 where it is not known.
    """

    event: frozenset[str] = frozenset()
    session: frozenset[str] = frozenset()
    own: frozenset[str] = frozenset()
    month: int = 0


def find(pattern: Pattern, sentence: Sentence, start: int, places: Places) -> Match | None:
    """The longest match that begins at word `start`, or None."""
    return max(find_all(pattern, sentence, start, places), key=lambda match: match.rest, default=None)


def find_all(pattern: Pattern, sentence: Sentence, start: int, places: Places) -> list[Match]:
    """Every match that begins at word `start`, one for each place where it can end."""
    if pattern.at_start and start:
        return []
    size = len(sentence.folded)
    # From each reachable place the claimed words that led there; the first way found stays, so gaps are short.
    reached = _row(pattern.elements, sentence, {start: ()}, places)
    found: list[Match] = []
    for end, claimed in reached.items():
        if claimed and (not pattern.at_end or end == size):
            open_end = pattern.elements[-1].rest
            border = min((place for place in sentence.breaks if place >= end), default=size) if open_end else end
            found.append(Match(start, border, claimed, end))
    return found


Reached = dict[int, tuple[int, ...]]


def _row(row: tuple[Element, ...], sentence: Sentence, reached: Reached, places: Places) -> Reached:
    for element in row:
        reached = _step(element, sentence, reached, places)
        if not reached:
            break
    return reached


def _step(element: Element, sentence: Sentence, reached: Reached, places: Places) -> Reached:
    if element.rest:
        return reached
    found: Reached = {}
    folded = sentence.folded
    size = len(folded)
    for at, claimed in reached.items():
        if element.gap:
            for end in range(at, min(at + element.gap, size) + 1):
                found.setdefault(end, claimed)
            continue
        if at < size:
            word = folded[at]
            if word in element.words or (element.odd and _fits(element.odd, word, sentence.words[at], places)):
                found.setdefault(at + 1, (*claimed, at))
            for row in (*element.leads.get(word, ()), *element.others) if element.rows else ():
                for end, ways in _row(row.elements, sentence, {at: claimed}, places).items():
                    found.setdefault(end, ways)
        if element.optional:
            found.setdefault(at, claimed)
    return found


def _fits(odd: tuple[str, ...], word: str, written: str, places: Places) -> bool:
    return any(_is(wanted, word, written, places) for wanted in odd)


def _is(wanted: str, word: str, written: str, places: Places) -> bool:
    if wanted[-1] == "*":
        return word.startswith(wanted[:-1])
    match wanted:
        case "<number>":
            return word.isdigit() and len(word) <= 4
        case "<address>":
            return "@" in word
        case "<event>":
            return word in places.event
        case "<session>":
            return word in places.session
        case "<own>":
            return word in places.own
        case _:
            return written[:1].isupper() and written.isalpha()
