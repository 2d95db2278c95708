"""The words of `languages/events.toml`, loaded once."""

import tomllib
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import cast

from mailflow.reading.words import Words, fold, fold_words, spellings

Table = dict[str, dict[str, list[str]]]
_SHORT_MONTH = 3


@cache
def _table() -> Table:
    text = files("mailflow.reading").joinpath("languages/events.toml").read_text(encoding="utf-8")
    return cast("Table", tomllib.loads(text))


@cache
def keys(section: str) -> dict[Words, str]:
    """Every way to write each phrase of a section, folded, and what it is there; the first of two wins."""
    found: dict[Words, str] = {}
    for key, phrases in _table()[section].items():
        for phrase in phrases:
            for words in spellings(phrase):
                found.setdefault(words, key)
    return found


@cache
def phrases(name: str) -> tuple[Words, ...]:
    """The phrases of `[words]` under that name, folded, the longest first."""
    found = {words for phrase in _table()["words"][name] for words in spellings(phrase)}
    return tuple(sorted(found, key=lambda words: (-len(words), words)))


@cache
def words(name: str) -> frozenset[str]:
    """Those of them that are one word."""
    return frozenset(row[0] for row in phrases(name) if len(row) == 1)


@cache
def months() -> dict[str, int]:
    """Month names and their first three letters, folded → 1 to 12."""
    found: dict[str, int] = {}
    for names in _table()["months"].values():
        for number, name in enumerate(names, 1):
            for form in (fold(name), fold(name)[:_SHORT_MONTH]):
                found.setdefault(form, number)
    return found | {"sept": 9}


@cache
def _firsts(name: str) -> frozenset[str]:
    return frozenset(row[0] for row in phrases(name))


def begins_with(row: Words, known: Iterable[Words]) -> int:
    """How many of the first words of `row` are one of those phrases; 0 for none."""
    return next((len(phrase) for phrase in known if row[: len(phrase)] == phrase), 0)


def inside(text: str, name: str) -> int:
    """Where in `text` what follows the first such phrase begins, -1 without one. Linear: a text is one line."""
    at = 0
    row: list[tuple[str, int]] = []
    for piece in text.split(" "):
        at += len(piece) + 1
        row += [(word, at) for word in fold_words(piece)]
    folded = tuple(word for word, _ in row)
    firsts = _firsts(name)
    for start in range(len(folded)):
        if folded[start] not in firsts:
            continue
        if length := begins_with(folded[start : start + 5], phrases(name)):
            return min(row[start + length - 1][1], len(text))
    return -1
