"""Phrases as patterns over words: anchored token matchers, not free expressions (understanding.md §2.9).

A pattern is a row of elements parted by blanks:

    word            that word, folded; `anmäl*` is every word that begins so
    a|b|c           one of them
    (a b|c)         one of these rows of words
    word?  (a b)?   may be left out
    {3}             up to three words of any kind; they are not explained by the match
    ...             the rest of the clause, explained: only behind words that open a reason or an introduction
    <name>          one of the words of that class: of the file's [classes], or <number>, <event>, <address>, <session>
    ^  $            at the start, at the end of the sentence

Matching walks forward over a bounded pattern and a bounded sentence, with no way back: linear in both.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from mailflow.reading.sentences import Sentence
from mailflow.reading.words import Words, spellings

ELEMENTS = 16
GAP_MOST = 5
_BUILT_IN = ("number", "event", "address", "session", "own", "name")


class PatternError(ValueError):
    """A pattern that is not one. The table's fault, found when it is loaded."""


@dataclass(frozen=True, slots=True)
class Element:
    """One step: one of `forms` must stand here. In them prefixes end in `*`, and classes of the mail are `<name>`."""

    forms: tuple[Words, ...] = ()
    optional: bool = False
    gap: int = 0
    rest: bool = False


@dataclass(frozen=True, slots=True)
class Pattern:
    """Compiled. `weight` is the least number of words that it explains."""

    source: str
    elements: tuple[Element, ...]
    at_start: bool
    at_end: bool
    weight: int


@dataclass(frozen=True, slots=True)
class Match:
    """Where a pattern stands: from `start` to before `end`; `claimed` are the places that its words explain."""

    start: int
    end: int
    claimed: tuple[int, ...]


def compile_pattern(source: str, classes: Mapping[str, Iterable[str]]) -> Pattern:
    """The pattern of a line of the tables. Raises PatternError."""
    texts = _elements(source)
    at_start, at_end = texts[:1] == ["^"], texts[-1:] == ["$"]
    elements = tuple(_element(text, classes) for text in texts[at_start : len(texts) - at_end])
    if not elements or len(elements) > ELEMENTS:
        raise PatternError(f"a pattern has 1 to {ELEMENTS} elements: {source!r}")
    if not any(element.forms and not element.optional for element in elements):
        raise PatternError(f"a pattern needs a word that must be there: {source!r}")
    if any(element.rest for element in elements[:-1]) or elements[0].rest or elements[-1].gap:
        raise PatternError(f"the rest of a clause comes last, and a gap does not: {source!r}")
    weight = sum(min(map(len, element.forms)) for element in elements if element.forms and not element.optional)
    return Pattern(source, elements, at_start, at_end, weight)


def _elements(source: str) -> list[str]:
    """Cut at blanks outside brackets."""
    found, depth, run = [], 0, ""
    for sign in source:
        depth += (sign == "(") - (sign == ")")
        if sign == " " and depth == 0:
            found.append(run)
            run = ""
        else:
            run += sign
    if depth:
        raise PatternError(f"a bracket without its other: {source!r}")
    return [text for text in (*found, run) if text]


def _element(text: str, classes: Mapping[str, Iterable[str]]) -> Element:
    if text == "...":
        return Element(rest=True)
    if text.startswith("{"):
        number = text.strip("{}")
        if not number.isdigit() or not 0 < int(number) <= GAP_MOST:
            raise PatternError(f"a gap is {{1}} to {{{GAP_MOST}}}: {text!r}")
        return Element(gap=int(number))
    optional = text.endswith("?")
    body = text.removesuffix("?")
    if body.startswith("(") and body.endswith(")"):
        body = body[1:-1]
    forms: set[Words] = set()
    for row in body.split("|"):
        forms |= _forms(row, classes)
    return Element(tuple(sorted(forms, key=lambda form: (-len(form), form))), optional)


def _forms(row: str, classes: Mapping[str, Iterable[str]]) -> set[Words]:
    """All spellings of one row of words: a class stands for each of its words."""
    rows: set[Words] = {()}
    for word in row.split():
        if word.startswith("<"):
            name = word.strip("<>")
            if name in _BUILT_IN:
                options: set[Words] = {(f"<{name}>",)}
            elif name in classes:
                options = {form for text in classes[name] for form in _forms(text, {})}
            else:
                raise PatternError(f"there is no class {word}")
        elif word.endswith("*"):
            options = {(*form[:-1], f"{form[-1]}*") for form in spellings(word[:-1])}
        else:
            options = set(spellings(word))
        rows = {(*before, *option) for before in rows for option in options}
    if () in rows:
        raise PatternError(f"an empty choice: {row!r}")
    return rows


@dataclass(frozen=True, slots=True)
class Places:
    """What the classes of this mail are: the words of the event's titles, of the sender's name."""

    event: frozenset[str] = frozenset()
    session: frozenset[str] = frozenset()
    own: frozenset[str] = frozenset()


def find(pattern: Pattern, sentence: Sentence, start: int, places: Places) -> Match | None:
    """The longest match that begins at word `start`, or None."""
    if pattern.at_start and start:
        return None
    # From each reachable place the claimed words that led there; the first way found stays, so gaps are short.
    reached: dict[int, tuple[int, ...]] = {start: ()}
    for number, element in enumerate(pattern.elements):
        reached = _step(element, sentence, reached, places)
        if not reached or (number == 0 and element.gap):
            return None
    ends = [end for end in reached if not pattern.at_end or end == len(sentence.folded)]
    if not ends or not reached[max(ends)]:
        return None
    end = max(ends)
    return Match(start, end, reached[end])


def _step(
    element: Element, sentence: Sentence, reached: Mapping[int, tuple[int, ...]], places: Places
) -> dict[int, tuple[int, ...]]:
    found: dict[int, tuple[int, ...]] = {}
    size = len(sentence.folded)
    for at, claimed in reached.items():
        if element.rest:
            end = min((place for place in sentence.breaks if place > at), default=size)
            found.setdefault(end, (*claimed, *range(at, end)))
            continue
        if element.gap:
            for end in range(at, min(at + element.gap, size) + 1):
                found.setdefault(end, claimed)
            continue
        for form in element.forms:
            end = at + len(form)
            if end <= size and all(
                map(_fits, form, sentence.folded[at:end], sentence.words[at:end], [places] * len(form))
            ):
                found.setdefault(end, (*claimed, *range(at, end)))
        if element.optional:
            found.setdefault(at, claimed)
    return found


def _fits(wanted: str, word: str, written: str, places: Places) -> bool:
    if wanted[-1] == "*":
        return word.startswith(wanted[:-1])
    if wanted[0] != "<":
        return word == wanted
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
