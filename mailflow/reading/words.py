"""The words that people and their programs write: `languages/*.toml`, loaded once.

A new language is a new file; a new phrase is a line in one (DESIGN.md, "where a thing belongs").
"""

import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import get_args

from mailflow.model.command import Order
from mailflow.model.event import DigestRhythm

LANGUAGES = ("en", "sv")

# A word kind that is not a command. `polite` goes with everything, `attending` contradicts a cancellation, `regret`
# contradicts a registration.
KINDS = ("polite", "thanks", "attending", "regret", "when", "greetings", "sign_offs")

_TO_ASCII = str.maketrans({"å": "a", "ä": "a", "ö": "o", "æ": "ae", "ø": "oe", "’": "'", "‘": "'", "´": "'", "`": "'"})
_TO_DIGRAPHS = str.maketrans({"å": "aa", "ä": "ae", "ö": "oe", "æ": "ae", "ø": "oe", "’": "'"})

Words = tuple[str, ...]


def split_words(text: str) -> Words:
    """The words of a text as written: runs of letters, digits and inner apostrophes. Linear."""
    text = unicodedata.normalize("NFC", text).replace("’", "'")
    return tuple(
        word.strip("'")
        for word in "".join(c if c.isalnum() or c == "'" else " " for c in text).split()
        if word.strip("'")
    )


def fold(text: str) -> str:
    """A word as it is compared: without case, å, ä, ö as a, a, o. The tables also hold it as aa, ae, oe."""
    return text.casefold().translate(_TO_ASCII)


def fold_words(text: str) -> Words:
    """The words of a text, folded."""
    return tuple(fold(word) for word in split_words(text))


def spellings(phrase: str) -> frozenset[Words]:
    """All the ways in which a phrase of the tables may be spelt: å as a or aa, can't as cant."""
    words = split_words(phrase)
    plain = tuple(fold(word) for word in words)
    double = tuple(word.casefold().translate(_TO_DIGRAPHS) for word in words)
    return frozenset(tuple(word.replace("'", "") if bare else word for word in form)
                     for form in (plain, double) for bare in (False, True))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a phrase is: `kind` of KINDS or "command"; `name` the command; the languages in which it is one."""

    kind: str
    name: str
    languages: Words


class Phrases:
    """Phrases by first word, longest first: whether a row of words consists of known phrases, and of which."""

    def __init__(self, entries: Iterable[tuple[str, str, str, str]]) -> None:
        """Entries are (phrase, kind, name, language)."""
        found: dict[Words, dict[tuple[str, str], set[str]]] = {}
        for phrase, kind, name, language in entries:
            for words in spellings(phrase):
                found.setdefault(words, {}).setdefault((kind, name), set()).add(language)
        self._by_first: dict[str, list[tuple[Words, tuple[Meaning, ...]]]] = {}
        for words in sorted(found, key=lambda w: (-len(w), w)):
            meanings = tuple(Meaning(k, n, tuple(sorted(ls))) for (k, n), ls in sorted(found[words].items()))
            self._by_first.setdefault(words[0], []).append((words, meanings))

    def all(self) -> Iterable[tuple[Words, tuple[Meaning, ...]]]:
        """Every phrase in every spelling, with its meanings."""
        for entries in self._by_first.values():
            yield from entries

    def tile(self, words: Words) -> tuple[tuple[Meaning, ...], ...] | None:
        """The meanings of the phrases that `words` is made of, or None when a word is left over.

        Longest phrase first, never taken back: a row that only a cleverer division would explain is not explained.
        """
        out: list[tuple[Meaning, ...]] = []
        at = 0
        while at < len(words):
            length, meanings = self.at(words, at)
            if not length:
                return None
            out.append(meanings)
            at += length
        return tuple(out)

    def at(self, words: Words, start: int) -> tuple[int, tuple[Meaning, ...]]:
        """Length in words and meanings of the longest phrase that begins at `start`; (0, ()) for none."""
        for phrase, meanings in self._by_first.get(words[start], ()):
            if words[start : start + len(phrase)] == phrase:
                return len(phrase), meanings
        return 0, ()


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Everything in the files, ready for use. All sets hold folded words; `starts` are folded prefixes of lines."""

    phrases: Phrases
    addressees: frozenset[str]
    titles: frozenset[str]
    doubts: frozenset[Words]
    yes_values: frozenset[str]
    no_values: frozenset[str]
    common: tuple[tuple[str, frozenset[str]], ...]
    labels: tuple[tuple[str, frozenset[Words]], ...]
    options: tuple[tuple[str, frozenset[Words]], ...]

    def doubtful(self, words: Words) -> bool:
        """Whether a negation, a condition, a retraction or another person is spoken of."""
        return any(words[i : i + n] in self.doubts for n in (1, 2, 3) for i in range(len(words) - n + 1))


@dataclass(frozen=True, slots=True)
class Programs:
    """What mail programs write (`programs.toml`), folded."""

    headers: tuple[tuple[str, frozenset[str]], ...]
    attribution_verbs: frozenset[Words]
    attribution_starts: frozenset[str]
    original: frozenset[Words]
    forwarded: frozenset[Words]
    reply_prefixes: frozenset[str]
    forward_prefixes: frozenset[str]
    blank_subjects: frozenset[Words]
    abbreviations: frozenset[str]
    mobile: "Starts"
    banner: "Starts"
    banner_needs: frozenset[str]
    disclaimer: "Starts"
    disclaimer_needs: frozenset[str]
    away: frozenset[Words]
    bounced: frozenset[Words]


Table = Mapping[str, Mapping[str, list[str]]]


def _file(name: str) -> Table:
    return tomllib.loads(files("mailflow.reading").joinpath("languages", f"{name}.toml").read_text("utf-8"))


# Phrases by their first word.
Starts = Mapping[str, tuple[Words, ...]]


def _starts(texts: Iterable[str]) -> Starts:
    found: dict[str, list[Words]] = {}
    for words in sorted(_phrases(texts)):
        found.setdefault(words[0], []).append(words)
    return {first: tuple(phrases) for first, phrases in found.items()}


def _phrases(texts: Iterable[str]) -> frozenset[Words]:
    return frozenset(form for text in texts for form in spellings(text))


def _singles(texts: Iterable[str]) -> frozenset[str]:
    return frozenset(" ".join(form) for form in _phrases(texts))


def _merged(tables: Iterable[Table], section: str) -> tuple[tuple[str, frozenset[Words]], ...]:
    merged: dict[str, frozenset[Words]] = {}
    for table in tables:
        for name, texts in table[section].items():
            merged[name] = merged.get(name, frozenset()) | _phrases(texts)
    return tuple(merged.items())


def _entries(language: str, table: Table) -> Iterable[tuple[str, str, str, str]]:
    for name, texts in table["commands"].items():
        yield from ((text, "command", name, language) for text in texts)
    for kind in KINDS:
        yield from ((text, kind, "", language) for text in table["words"][kind])


@cache
def lexicon() -> Lexicon:
    """The phrase tables of all languages. Read once."""
    tables = {language: _file(language) for language in LANGUAGES}
    words = [table["words"] for table in tables.values()]
    return Lexicon(
        phrases=Phrases(entry for language, table in tables.items() for entry in _entries(language, table)),
        addressees=_singles(text for w in words for text in w["addressees"]),
        titles=_singles(text for w in words for text in w["titles"]),
        doubts=_phrases(text for w in words for text in (*w["negations"], *w["doubts"])),
        yes_values=_singles(text for w in words for text in w["yes_values"]),
        no_values=_singles(text for w in words for text in w["no_values"]),
        common=tuple((language, _singles(table["words"]["common"])) for language, table in tables.items()),
        labels=_merged(tables.values(), "labels"),
        options=_merged(tables.values(), "options"),
    )


@cache
def orders() -> tuple[tuple[Words, Order, str], ...]:
    """(phrase, order, language) of organisers' orders, the longest phrase first. Read once."""
    found: dict[tuple[Words, Order], str] = {}
    for language in LANGUAGES:
        for name, texts in _file(language)["orders"].items():
            order = next(order for order in get_args(Order) if order == name)
            for words in _phrases(texts):
                found.setdefault((words, order), language)
    return tuple(sorted(((words, order, language) for (words, order), language in found.items()),
                        key=lambda entry: (-len(entry[0]), entry)))  # fmt: skip


@cache
def order_languages() -> Mapping[Words, frozenset[str]]:
    """The languages of each phrase of `orders`; "status" has several. Read once."""
    found: dict[Words, frozenset[str]] = {}
    for language in LANGUAGES:
        for words in (words for texts in _file(language)["orders"].values() for words in _phrases(texts)):
            found[words] = found.get(words, frozenset()) | {language}
    return found


@cache
def rhythms() -> tuple[tuple[Words, DigestRhythm], ...]:
    """What may stand behind DIGEST. Read once."""
    tables = [_file(language)["rhythms"] for language in LANGUAGES]
    return tuple(
        (words, rhythm)
        for table in tables
        for rhythm in get_args(DigestRhythm)
        for words in sorted(_phrases(table[rhythm]))
    )


@cache
def order_ends() -> frozenset[Words]:
    """Lines that end an organiser's orders. Read once."""
    return _phrases(text for language in LANGUAGES for text in _file(language)["words"]["ends"])


@cache
def programs() -> Programs:
    """What mail programs write. Read once."""
    table = _file("programs")
    return Programs(
        headers=tuple((name, _singles(texts)) for name, texts in table["headers"].items()),
        attribution_verbs=_phrases(table["attribution"]["verbs"]),
        attribution_starts=_singles(table["attribution"]["starts"]),
        original=_phrases(table["delimiters"]["original"]),
        forwarded=_phrases(table["delimiters"]["forwarded"]),
        reply_prefixes=_singles(table["subjects"]["reply"]),
        forward_prefixes=_singles(table["subjects"]["forward"]),
        blank_subjects=_phrases(table["subjects"]["blank"]),
        abbreviations=frozenset(table["abbreviations"]["words"]),
        mobile=_starts(table["mobile"]["starts"]),
        banner=_starts(table["banner"]["starts"]),
        banner_needs=_singles(table["banner"]["needs"]),
        disclaimer=_starts(table["disclaimer"]["starts"]),
        disclaimer_needs=_singles(table["disclaimer"]["needs"]),
        away=_phrases(table["robots"]["away"]),
        bounced=_phrases(table["robots"]["bounced"]),
    )


def begins(words: Words, starts: Starts) -> bool:
    """Whether the words begin with one of the phrases."""
    return any(words[: len(start)] == start for start in starts.get(words[0] if words else "", ()))
