"""The phrase tables keep their own promises: each rule finds its examples, and no language speaks for another."""

import time
import tomllib
from collections import Counter
from collections.abc import Iterator
from importlib.resources import files

import pytest

from mailflow.reading.analyse import analyse
from mailflow.reading.rules import Pattern, PatternError, Places, compile_pattern, find
from mailflow.reading.sentences import sentence_of, sentences
from mailflow.reading.tables import DANGERS, WISHES, Rule, _rules, tables
from mailflow.reading.words import spellings

_LANGUAGES = ("da", "de", "en", "fi", "fr", "no", "sv")
_RULES = tuple(rule for rule in tables().rules if rule.yes or rule.no)


def _kinds(text: str) -> frozenset[str]:
    """Every kind that is left in a text when the rules of all languages have competed for its words."""
    found: set[str] = set()
    for sentence in sentences((text,)):
        one = analyse(sentence, Places())
        found |= {hit.rule.kind for hit in one.wishes} | one.kinds | one.danger_kinds
    return frozenset(found)


def _fillers(language: str) -> Iterator[str]:
    path = files("mailflow.reading").joinpath("languages", "phrases", f"{language}.toml")
    for text in tomllib.loads(path.read_text("utf-8"))["vocabulary"]["fillers"].split():
        yield from (word for form in spellings(text) for word in form)


def test_every_language_has_a_table() -> None:
    """Seven languages are read, and each rule of theirs carries examples of both sorts."""
    assert {rule.language for rule in _RULES} == set(_LANGUAGES)
    assert not [rule.id for rule in _RULES if not (rule.yes and rule.no)]


def test_no_two_rules_have_one_name() -> None:
    """A rule's id is the evidence that is kept, so it must say which rule it was."""
    assert not [name for name, count in Counter(rule.id for rule in _RULES).items() if count > 1]


@pytest.mark.parametrize("rule", _RULES, ids=lambda rule: rule.id)
def test_a_rule_finds_its_own_examples(rule: Rule) -> None:
    """`yes` examples are of the rule's kind when all languages have competed for the words; `no` examples are not."""
    for example in rule.yes:
        assert rule.kind in _kinds(example), example
    for example in rule.no:
        assert rule.kind not in _kinds(example), example


@pytest.mark.parametrize("rule", _RULES, ids=lambda rule: rule.id)
def test_an_example_is_one_wish(rule: Rule) -> None:
    """What a table itself gives as an example never makes two wishes: two would contradict each other."""
    for example in (*rule.yes, *rule.no):
        assert len(_kinds(example) & WISHES) <= 1, example


@pytest.mark.parametrize("language", _LANGUAGES)
def test_fillers_of_one_language_do_not_turn_a_mail_in_another(language: str) -> None:
    """A word that is harmless in one language is no danger, and no wish by itself, in any other's table."""
    fillers = {word: sentence_of(word) for word in _fillers(language)}
    clashes = {
        f"{word}: {rule.id}"
        for rule in _RULES
        if rule.language != language and rule.kind in DANGERS | WISHES
        for pattern in rule.patterns
        if rule.kind in DANGERS or not (pattern.at_start or pattern.at_end)
        for word in _first_words(pattern, fillers)
        if find(pattern, fillers[word], 0, Places())
    }
    assert not clashes


def _first_words(pattern: Pattern, words: dict[str, object]) -> Iterator[str]:
    """Those of `words` with which the pattern can begin; for speed only, `find` has the last word."""
    known = {first for element in pattern.elements[:4] for first in (element.firsts() if not element.gap else ())}
    prefixes = tuple(first[:-1] for first in known if first.endswith("*"))
    return (word for word in words if word in known or word.startswith(prefixes))


@pytest.mark.parametrize("language", _LANGUAGES)
def test_a_word_without_end_costs_little(language: str) -> None:
    """The words that begin most rules of a language, 100 000 times each: the reader sees a bounded part, quickly."""
    begin: Counter[str] = Counter()
    for word, entries in tables().starts.items():
        begin[word] = sum(rule.language == language for rule, _ in entries)
    for word, _ in begin.most_common(5):
        started = time.perf_counter()
        for sentence in sentences((f"{word} " * 100_000,)):
            analyse(sentence, Places())
        assert time.perf_counter() - started < 1, word


@pytest.mark.parametrize(
    "source", ["", "...", "{2}", "{9} a", "a {2}", "a ... b", "(a b", "a b)", "(a|)", "<nothing>", "a <nothing>"]
)
def test_a_wrong_pattern_is_refused(source: str) -> None:
    """A pattern with an unknown class, an open bracket, an empty choice or nothing to hold on to is the table's fault."""
    with pytest.raises(PatternError):
        compile_pattern(source, {})


def test_a_wrong_kind_or_class_names_its_rule() -> None:
    """The error of a table says which rule is meant."""
    rule = {"id": "x", "kind": "wish", "patterns": ["a"], "yes": [], "no": []}
    with pytest.raises(PatternError, match=r"xx\.x"):
        list(_rules({"language": "xx", "rule": [rule]}))
    with pytest.raises(PatternError, match=r"xx\.x.*<no>"):
        list(_rules({"language": "xx", "rule": [{**rule, "kind": "yes", "patterns": ["a <no>"]}]}))
