"""The phrase tables, `languages/phrases/*.toml`: every rule of every language, indexed by the word it begins with.

All tables run on all mails; nobody guesses the language first (understanding.md §1.5).
"""

import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from itertools import repeat
from typing import Any

from mailflow.reading.rules import (
    Classes,
    Match,
    Pattern,
    PatternError,
    Places,
    compile_pattern,
    find,
    find_all,
    firsts,
)
from mailflow.reading.sentences import Sentence
from mailflow.reading.words import Words, lexicon, spellings

# What a rule may say. The wishes; what explains; what stops.
WISHES = frozenset(
    {
        "register", "attend", "other", "waitlist", "cancel", "change", "status", "resend", "help", "erase", "stop",
        "yes", "no", "data", "ask", "edit",
    }
)  # fmt: skip
EXPLAINERS = frozenset(
    {
        "greeting",
        "polite",
        "courtesy",
        "thanks",
        "attending",
        "regret",
        "reason",
        "intro",
        "filler",
        "signoff",
        "idiom",
        "partial",
    }
)
DANGERS = frozenset({"negation", "condition", "hedge", "retraction", "third", "reported", "contrast"})
_PREFIX = 3
# Longer sentences are seldom written twice, and whoever wants to fill our memory writes them.
_KEPT_WORDS = 24
Table = dict[str, Any]  # a TOML file, before its rows are rules


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of one language. `request`: a question in these words is a wish. `yes`, `no` are its own examples."""

    id: str
    language: str
    kind: str
    patterns: tuple[Pattern, ...]
    yes: tuple[str, ...]
    no: tuple[str, ...]
    request: bool = False


@dataclass(frozen=True, slots=True)
class Hit:
    """A rule that a place of a sentence fits."""

    rule: Rule
    match: Match


@dataclass(frozen=True, slots=True)
class Tables:
    """All rules. `starts` lead from a word to what may begin with it.

    `fillers` are words that carry no wish; with a word or pair of `asking` at its start a sentence asks, mark or not;
    words of `joining` part clauses. `charged` words are commands somewhere: where nothing claims them, they are not
    understood, however harmless the sentence. `parts` are what else can be cancelled: meals, companions, trains.
    `months` have their numbers. `signing` begins a sign-off. `common` are the everyday words of each language, by
    which a text shows its own.
    """

    rules: tuple[Rule, ...]
    fillers: frozenset[str]
    asking: frozenset[str]
    joining: frozenset[str]
    charged: frozenset[str]
    parts: frozenset[str]
    months: dict[str, int]
    signing: frozenset[str]
    common: tuple[tuple[str, frozenset[str]], ...]
    starts: dict[str, tuple[tuple[Rule, Pattern], ...]]
    prefixes: dict[str, tuple[tuple[Rule, Pattern], ...]]
    places: tuple[tuple[Rule, Pattern], ...]

    def hits(self, sentence: Sentence, places: Places) -> tuple[Hit, ...]:
        """Every rule at every place, the longest match of each pattern. Linear in the sentence.

        Of what turns a wish, all matches: where a longer one is taken by somebody else, the shorter one still turns.
        """
        if len(sentence.folded) > _KEPT_WORDS:
            return tuple(self._hits(sentence, places))
        signs = tuple(map(_sign, sentence.words, sentence.folded, repeat(places)))
        return _kept_hits(sentence.folded, signs, sentence.breaks)

    def _hits(self, sentence: Sentence, places: Places) -> Iterator[Hit]:
        present = frozenset(sentence.folded)
        for start, word in enumerate(sentence.folded):
            for rule, pattern in (
                *self.starts.get(word, ()),
                *self.prefixes.get(word[:_PREFIX], ()),
                *self.places,
            ):
                if (pattern.at_start and start) or (pattern.needs and pattern.needs.isdisjoint(present)):
                    continue
                if rule.kind in DANGERS:
                    yield from (Hit(rule, match) for match in find_all(pattern, sentence, start, places))
                elif match := find(pattern, sentence, start, places):
                    yield Hit(rule, match)


def _sign(written: str, word: str, places: Places) -> int:
    """What rules may ask of a word beside what it is: a capital, and which classes of the mail it is in."""
    name = written[:1].isupper() and written.isalpha()
    return name | (word in places.event) << 1 | (word in places.session) << 2 | (word in places.own) << 3


@lru_cache(maxsize=2048)  # "Hej!", "Mvh", "I would like to register": most sentences have been written before
def _kept_hits(folded: Words, signs: tuple[int, ...], breaks: frozenset[int]) -> tuple[Hit, ...]:
    def among(bit: int) -> frozenset[str]:
        return frozenset(word for word, sign in zip(folded, signs, strict=True) if sign & bit)

    written = tuple("N" if sign & 1 else "" for sign in signs)
    places = Places(event=among(2), session=among(4), own=among(8))
    return tuple(tables()._hits(Sentence("", written, folded, breaks), places))  # noqa: SLF001 - its other half


@cache
def tables() -> Tables:
    """Every language's table. Read once. Raises PatternError for a table that is wrong."""
    folder = files("mailflow.reading").joinpath("languages", "phrases")
    names = sorted(file.name for file in folder.iterdir() if file.name.endswith(".toml"))
    found = [tomllib.loads(folder.joinpath(name).read_text("utf-8")) for name in names]
    # Command words come first: of two rules that fit alike, the earlier one counts.
    rules = (*_commands(), *(rule for table in found for rule in _rules(table)))
    fillers = _vocabulary(found, "fillers")
    starts, prefixes, places = _index(rules)
    return Tables(
        rules=rules,
        fillers=fillers,
        asking=_vocabulary(found, "asking"),
        joining=_vocabulary(found, "joining"),
        charged=_charged(fillers),
        parts=_vocabulary(found, "parts"),
        months=_months(found),
        signing=frozenset(
            word for rule in rules if rule.kind == "signoff" for pattern in rule.patterns for word in _firsts(pattern)
        ),
        common=(
            *lexicon().common,
            *((table["language"], _spelt(table["common"])) for table in found if "common" in table),
        ),
        starts=starts,
        prefixes=prefixes,
        places=places,
    )


Entries = tuple[tuple["Rule", Pattern], ...]


def _index(rules: Iterable[Rule]) -> tuple[dict[str, Entries], dict[str, Entries], Entries]:
    """Patterns by the word they begin with, by the prefix, and those that may begin with a class of the mail."""
    starts: dict[str, list[tuple[Rule, Pattern]]] = {}
    prefixes: dict[str, list[tuple[Rule, Pattern]]] = {}
    places: dict[tuple[Rule, Pattern], None] = {}
    for rule, pattern in ((one, pattern) for one in rules for pattern in one.patterns):
        for first in _firsts(pattern):
            if first.startswith("<"):
                places[rule, pattern] = None
            elif first.endswith("*"):
                prefixes.setdefault(first[:_PREFIX], []).append((rule, pattern))
            else:
                starts.setdefault(first, []).append((rule, pattern))
    return (
        {word: tuple(entries) for word, entries in starts.items()},
        {word: tuple(entries) for word, entries in prefixes.items()},
        tuple(places),
    )


def _spelt(texts: Iterable[str]) -> frozenset[str]:
    return frozenset(word for text in texts for form in spellings(text) for word in form)


def _vocabulary(found: Iterable[Table], name: str) -> frozenset[str]:
    """The words of a list in all their spellings; `ska_jag` is two words in a row."""
    texts = [text for table in found for text in table["vocabulary"].get(name, "").split()]
    pairs = {"_".join(form) for text in texts if "_" in text for form in spellings(text.replace("_", " "))}
    return _spelt(text for text in texts if "_" not in text) | pairs


def _months(found: Iterable[Table]) -> dict[str, int]:
    return {
        word: number
        for table in found
        for number, names in enumerate(table["vocabulary"].get("months", "").split(), 1)
        for word in _spelt(names.split("|"))
    }


def _rules(table: Table) -> Iterator[Rule]:
    language, classes = table["language"], Classes(table.get("classes", {}))
    for row in table["rule"]:
        name, kind = f"{language}.{row['id']}", row["kind"]
        if kind not in WISHES | EXPLAINERS | DANGERS:
            raise PatternError(f"{name}: there is no kind {kind!r}")
        try:
            patterns = tuple(compile_pattern(source, classes) for source in row["patterns"])
        except PatternError as error:
            raise PatternError(f"{name}: {error}") from error
        yield Rule(name, language, kind, patterns, tuple(row["yes"]), tuple(row["no"]), row.get("request", False))


def _charged(fillers: frozenset[str]) -> frozenset[str]:
    commands = (phrase for phrase, meanings in lexicon().phrases.all() if any(m.kind == "command" for m in meanings))
    return frozenset(word for phrase in commands for word in phrase if word not in fillers)


_BEFORE = "(please|pls|kindly|snälla|vänligen|gärna)?"
_BEHIND = "(please|pls|thanks|thank you|thx|tack|tack på förhand|snälla|gärna|now|nu)?"
_MEANINGS = {"greetings": "greeting", "sign_offs": "signoff", "when": "filler"}
_REPLIES = frozenset({"status", "resend", "help", "data"})
_COMMANDS = {"undo": "register", "change": "edit"}


def _commands() -> Iterator[Rule]:
    """The command words and set phrases of `languages/*.toml`: a command is one where it is the whole sentence."""
    for phrase, meanings in lexicon().phrases.all():
        for meaning in meanings:
            whole = meaning.kind == "command"
            kind = _COMMANDS.get(meaning.name, meaning.name) if whole else _MEANINGS.get(meaning.kind, meaning.kind)
            row = " ".join(phrase)
            pattern = compile_pattern(f"^ {_BEFORE} {row} {_BEHIND} $" if whole else row)
            name = f"{'/'.join(meaning.languages)}.{'command' if whole else 'phrase'}.{kind}"
            # "Help?" asks us, and so does "Status?".
            yield Rule(name, meaning.languages[0], kind, (pattern,), (), (), request=kind in _REPLIES)


def _firsts(pattern: Pattern) -> set[str]:
    """The words that a match can begin with; prefixes of fewer than three letters are refused."""
    found = set(firsts(pattern.elements))
    if any(word.endswith("*") and len(word) <= _PREFIX for word in found):
        raise PatternError(f"a prefix needs {_PREFIX} letters: {pattern.source!r}")
    return found
