"""One letter too many, too few or wrong in a longer word (understanding.md §2.9): enough to ask back, never to act.

A word that any table knows is taken as it stands: "avbokat" is no misspelt "avbokar".
"""

from collections.abc import Iterable
from dataclasses import replace
from functools import cache

from mailflow.reading.field_words import one_edit
from mailflow.reading.rules import Element, Pattern
from mailflow.reading.sentences import Sentence
from mailflow.reading.tables import tables

_SHORTEST = 5
_SHORTEST_TURNING = 3
_LONGEST = 24


def mended(sentence: Sentence) -> Sentence:
    """The sentence with each word that no table knows replaced by the one that it is a typing error of. Linear."""
    folded = tuple(map(_mended, sentence.folded))
    return sentence if folded == sentence.folded else replace(sentence, folded=folded)


@cache
def turns_nearly(word: str) -> bool:
    """Whether a word may be a misspelt one that turns what is said: "itne", "dnt", "mabye"."""
    near, word = _turning(), word.replace("'", "")
    found = {known for form in (word, *_shorter(word)) for known in near.get(form, ())}
    return len(word) >= _SHORTEST_TURNING and any(one_edit(known, word) for known in found)


@cache
def _turning() -> dict[str, frozenset[str]]:
    """Single words that turn, by what is left of them when one letter at most is taken out."""
    words = {
        first
        for rule in tables().rules
        if rule.kind in ("negation", "hedge", "retraction", "condition")
        for pattern in rule.patterns
        if len(pattern.elements) == 1
        for first in pattern.elements[0].words
        if first.isalpha() and len(first) >= _SHORTEST_TURNING
    }
    return _by_shorter(words)


def _by_shorter(words: Iterable[str]) -> dict[str, frozenset[str]]:
    near: dict[str, set[str]] = {}
    for word in words:
        for form in (word, *_shorter(word)):
            near.setdefault(form, set()).add(word)
    return {form: frozenset(found) for form, found in near.items()}


def _mended(word: str) -> str:
    known, near = _vocabulary()
    if not _SHORTEST <= len(word) <= _LONGEST or not word.isalpha() or word in known:
        return word
    found = {
        candidate
        for form in (word, *_shorter(word))
        for candidate in near.get(form, ())
        # The first letter stays: "un-", "av-" and "ab-" turn a word round.
        if candidate[0] == word[0] and one_edit(candidate, word)
    }
    return found.pop() if len(found) == 1 else word


def _shorter(word: str) -> set[str]:
    return {word[:at] + word[at + 1 :] for at in range(len(word))}


@cache
def _vocabulary() -> tuple[frozenset[str], dict[str, frozenset[str]]]:
    """Every word of the tables, and the words of patterns by what is left when one letter is taken out of them."""
    rules = tables().rules
    written = {word for rule in rules for pattern in rule.patterns for word in _words(pattern)}
    long = (word for word in written if len(word) >= _SHORTEST and word.isalpha())
    return frozenset(written) | tables().fillers, _by_shorter(long)


def _words(pattern: Pattern) -> set[str]:
    def inside(elements: tuple[Element, ...]) -> set[str]:
        own = {word for element in elements for word in element.words if word[-1] not in "*>"}
        return own.union(*(inside(row.elements) for element in elements for row in element.rows))

    return inside(pattern.elements)
