"""The words of fields (diet, people, sessions): `languages/fields/*.toml`, one file per language, loaded once."""

import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Generic, TypeVar

from mailflow.reading.words import Words, spellings

# Where two languages mean different things by one word, the first one's meaning counts.
FIELD_LANGUAGES = ("en", "sv", "da", "no", "de", "fi", "fr")

T = TypeVar("T")
Tables = tuple[Mapping[str, Mapping[str, list[str]]], ...]


@dataclass(frozen=True, slots=True)
class Found(Generic[T]):
    """A value, and the places of the words in the sentence that it explains."""

    value: T
    places: frozenset[int]


@dataclass(frozen=True, slots=True)
class Span:
    """Words `start` up to `end` of a sentence. `tag` says what they are, "" for a word that is in no table."""

    start: int
    end: int
    tag: str

    @property
    def places(self) -> range:
        return range(self.start, self.end)


class Tagger:
    """Phrases with a tag each; the longest that begins at a word counts."""

    def __init__(self, entries: Iterable[tuple[str, str]]) -> None:
        """Entries are (tag, phrase); the first of two equal phrases wins."""
        self._tags: dict[Words, str] = {}
        self._longest: dict[str, int] = {}
        for tag, phrase in entries:
            for words in filter(None, spellings(phrase)):
                self._tags.setdefault(words, tag)
                self._longest[words[0]] = max(self._longest.get(words[0], 0), len(words))

    def at(self, folded: Words, start: int) -> Span:
        """The longest phrase that begins at `start`, or that word alone without a tag."""
        for size in range(min(self._longest.get(folded[start], 0), len(folded) - start), 0, -1):
            if tag := self._tags.get(folded[start : start + size]):
                return Span(start, start + size, tag)
        return Span(start, start + 1, "")

    def spans(self, folded: Words) -> tuple[Span, ...]:
        """The sentence cut into phrases and single words. Linear: no phrase is longer than the tables' longest."""
        found: list[Span] = []
        at = 0
        while at < len(folded):
            found.append(self.at(folded, at))
            at = found[-1].end
        return tuple(found)

    def words(self) -> tuple[tuple[str, str], ...]:
        """The single words of the tables, with their tags."""
        return tuple((words[0], tag) for words, tag in self._tags.items() if len(words) == 1)


@cache
def tables() -> Tables:
    """The files, in the order of FIELD_LANGUAGES. Read once."""
    folder = files("mailflow.reading").joinpath("languages", "fields")
    return tuple(tomllib.loads(folder.joinpath(f"{name}.toml").read_text("utf-8")) for name in FIELD_LANGUAGES)


def section(name: str) -> Iterable[tuple[str, str]]:
    """(key, phrase) of one section, all languages after each other."""
    for table in tables():
        for key, phrases in table.get(name, {}).items():
            yield from ((key, phrase) for phrase in phrases)


def tagged(name: str, tags: Iterable[str]) -> Iterator[tuple[str, str]]:
    """(tag, phrase) of those lists of a section: where two hold the same phrase, the one named first counts."""
    return ((tag, text) for wanted in tags for tag, text in section(name) if tag == wanted)


@cache
def tagger(name: str, *tags: str) -> Tagger:
    """The tagger of those lists of a section."""
    return Tagger(tagged(name, tags))


def spread(spans: Sequence[Span], core: AbstractSet[int], ends: AbstractSet[str]) -> frozenset[int]:
    """The places of the spans that `core` touches, and of those around them up to one whose tag is of `ends`."""
    inside = [not core.isdisjoint(span.places) for span in spans]
    for order in (range(len(spans)), range(len(spans) - 1, -1, -1)):
        reached = False
        for at in order:
            reached = inside[at] or (reached and spans[at].tag not in ends)
            inside[at] = reached
    return frozenset(place for span, hit in zip(spans, inside, strict=True) if hit for place in span.places)


@lru_cache(maxsize=256)
def folded_set(name: str, key: str) -> frozenset[str]:
    """The single words of one list, folded, in all their spellings."""
    return frozenset(" ".join(words) for found, text in section(name) if found == key for words in spellings(text))


def as_written(text: str, words: Words, start: int, end: int) -> str:
    """The words `start` up to `end` of a text as they stand there, with the hyphens and commas between them."""
    at, first = 0, -1
    for place in range(end):
        at = text.find(words[place], at)
        if at < 0:
            return " ".join(words[start:end])
        first = at if place == start else first
        at += len(words[place])
    return text[first:at]


def one_edit(left: str, right: str) -> bool:
    """Whether two words differ by at most one letter changed, added, left out, or swapped with its neighbour."""
    if abs(len(left) - len(right)) > 1:
        return False
    if len(left) > len(right):
        left, right = right, left
    at = next((i for i, (a, b) in enumerate(zip(left, right, strict=False)) if a != b), len(left))
    if len(left) < len(right):
        return left[at:] == right[at + 1 :]
    swapped = left[at + 1 : at + 2] + left[at : at + 1] == right[at : at + 2]
    return left[at + 1 :] == right[at + 1 :] or (swapped and left[at + 2 :] == right[at + 2 :])
