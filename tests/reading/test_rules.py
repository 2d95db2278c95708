"""Patterns over words: what they fit, what they take, and that they cost little."""

import contextlib
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailflow.reading.analyse import analyse
from mailflow.reading.rules import ELEMENTS, GAP_MOST, PatternError, Places, compile_pattern, find
from mailflow.reading.sentences import sentence_of
from mailflow.reading.tables import tables

CLASSES = {"cant": ("can't", "am not able to"), "come": ("come", "make it", "be there")}
PLACES = Places(event=frozenset({"gan"}), session=frozenset({"lunch"}), own=frozenset({"anna"}))


def taken(pattern, text, start=0):
    """The words that a pattern explains in a text, or None where it does not fit."""
    sentence = sentence_of(text)
    match = find(compile_pattern(pattern, CLASSES), sentence, start, PLACES)
    return match and " ".join(sentence.words[place] for place in match.claimed)


@pytest.mark.parametrize(("pattern", "text", "expected"), [
    ("register", "Register me", "Register"),
    ("anmäl", "anmal", "anmal"), ("anmäl", "anmael", "anmael"), ("can't", "cant", "cant"),
    ("anmäl*", "anmälan", "anmälan"), ("anmäl*", "avanmälan", None),
    ("(a|b) c", "b c", "b c"), ("(a|b) c", "c", None),
    ("(a b|c) d", "a b d", "a b d"), ("(a b|c) d", "c d", "c d"), ("(a b|c) d", "a d", None),
    ("a? b", "b", "b"), ("a? b", "a b", "a b"), ("(a b)? c", "c", "c"), ("(a b)? c", "a c", None),
    ("(a (b|c d)? e|f)", "a c d e", "a c d e"), ("(a (b|c d)? e|f)", "a e", "a e"), ("(a (b|c d)? e|f)", "a c e", None),
    ("a {2} b", "a b", "a b"), ("a {2} b", "a x y b", "a b"), ("a {2} b", "a x y z b", None),
    ("<cant> <come>", "can't come", "can't come"), ("<cant> <come>", "am not able to make it", "am not able to make it"),
    ("<cant> <come>", "can come", None),
    ("^ a", "a b", "a"), ("a $", "a b", None), ("a $", "a", "a"), ("^ a $", "a!", "a"),
    ("vi är <number>", "vi är 3", "vi är 3"), ("vi är <number>", "vi är 12345", None), ("vi är <number>", "vi är tre", None),
    ("add <address>", "add bo@example.org", "add bo@example.org"), ("add <address>", "add bo", None),
    ("the <event>", "the GAN", "the GAN"), ("the <event>", "the RSA", None),
    ("till <session>", "till lunch", "till lunch"), ("jag <own>", "jag Anna", "jag Anna"), ("jag <own>", "jag Bo", None),
    ("add <name>", "add Siv", "add Siv"), ("add <name>", "add siv", None), ("add <name>", "add R2D2", None),
])  # fmt: skip
def test_a_pattern_fits_its_words(pattern, text, expected):
    """Each piece of the language of patterns; å, ä, ö and apostrophes in every spelling."""
    assert taken(pattern, text) == expected


def test_the_longest_way_is_taken():
    """Choices and optional words are tried all, in no order."""
    assert taken("(a|a b) (b c)?", "a b c") == "a b c"
    assert taken("a b? b?", "a b b") == "a b b"


def test_a_gap_explains_nothing():
    """What stands in it is for other rules, and without one the sentence is not understood."""
    match = find(compile_pattern("cancel {3} seat", {}), sentence_of("cancel my only seat"), 0, PLACES)
    assert (match.start, match.end, match.claimed) == (0, 4, (0, 3))


def test_the_rest_of_a_clause_ends_at_its_border():
    """A reason explains its own clause, not what stands behind the comma."""
    sentence = sentence_of("because I am ill today, cancel me")
    match = find(compile_pattern("because ...", {}), sentence, 0, PLACES)
    assert (match.claimed, match.rest, match.end) == ((0,), 1, 5)


def test_a_match_begins_where_it_is_asked_to():
    """Nothing is searched: `start` is the place of the first word, and `^` is the first of the sentence."""
    assert taken("b", "a b") is None
    assert taken("b", "a b", start=1) == "b"
    assert taken("^ b", "a b", start=1) is None


@pytest.mark.parametrize("source", [
    "", "a?", "{2}", "...", "... a", "{2} a", "a {2}", f"a {{{GAP_MOST + 1}}} b", "a {x} b", "a {0} b", "(a", "a)", "(|a)",
    "a <nothing>", "a !", "a " * (ELEMENTS + 1), "(... a) b", "^ $",
])  # fmt: skip
def test_a_pattern_that_is_none_is_refused_when_it_is_loaded(source):
    """Empty, without end, without a word that must be there, with a class or bracket that does not exist."""
    with pytest.raises(PatternError):
        compile_pattern(source, {})


def test_a_class_holds_patterns():
    """Its words may leave out and choose as a row does."""
    row = compile_pattern("please <sign>", {"sign": ("sign (me|us) up", "register me?")})
    for text in ("please sign us up", "please register me", "please register"):
        assert find(row, sentence_of(text), 0, PLACES).end == len(text.split()), text


def test_needs_never_pass_over_a_pattern_that_fits():
    """A sentence without any of these words is not even tried: that has to be right for every example of the tables."""
    for rule in tables().rules:
        for example in (*rule.yes, *rule.no):
            sentence = sentence_of(example)
            for pattern in rule.patterns:
                if pattern.needs.isdisjoint(sentence.folded) and pattern.needs:
                    assert not any(find(pattern, sentence, at, PLACES) for at in range(len(sentence.words)))


ELEMENT = st.sampled_from(["a", "b", "c|d", "a?", "(a b|c)", "(a (b|c)? d)?", "{2}", "{5}", "<own>", "<name>", "abc*", "...", "^", "$"])
SENTENCES = st.one_of(st.text(max_size=60), st.lists(st.sampled_from(["a", "b", "c", "d", "Anna", "abcd", ","]), max_size=12).map(" ".join))


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.lists(ELEMENT, min_size=1, max_size=8).map(" ".join), SENTENCES)
def test_places_are_always_inside_the_sentence(source, text):
    """Whatever pattern the loader takes, on whatever text: in order, from `start` to `end`, and never empty."""
    try:
        pattern = compile_pattern(source, {})
    except PatternError:
        return
    sentence = sentence_of(text)
    for start in range(len(sentence.words)):
        if match := find(pattern, sentence, start, PLACES):
            assert match.start == start
            assert match.claimed
            assert list(match.claimed) == sorted(set(match.claimed))
            assert all(start <= place < match.rest for place in match.claimed)
            assert match.rest <= match.end <= len(sentence.words)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.text(st.characters(exclude_characters="*"), max_size=40))
def test_a_line_of_a_table_is_a_pattern_or_an_error(source):
    """Nothing else comes out of the compiler, whatever somebody types into a table."""
    with contextlib.suppress(PatternError):
        assert compile_pattern(source, CLASSES).elements


WORDS = sorted({word for entries in tables().starts.values() for _, pattern in entries for word in pattern.needs})[:3000]


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.one_of(st.text(max_size=200), st.lists(st.sampled_from(WORDS), max_size=30).map(" ".join)))
def test_no_text_breaks_the_analysis(text):
    """Total, with all rules of all languages; every place that it tells is one of the sentence's."""
    sentence = sentence_of(text)
    one = analyse(sentence, PLACES)
    assert all(0 <= place < len(sentence.words) for place in one.unexplained)
    assert all(0 <= place < len(sentence.words) for _, place in one.dangers)
    assert all(one.near(hit) <= one.danger_kinds for hit in one.wishes)
    claimed = {place for hit in one.wishes for place in hit.match.claimed}
    assert not claimed & set(one.unexplained)


@pytest.mark.parametrize("source", ["a b? " * 10 + "z", "a " + "{5} a " * 10 + "z", "(a a? a?|a) " * 12 + "z",
                                    "(a (a (a|a a)|a a)|a)" * 8 + " z"])  # fmt: skip
def test_there_is_no_way_back(source):
    """Nested choices and gaps on the same word, 200 times each: a set of places goes forward, and nothing is tried twice."""
    pattern = compile_pattern(source, {})
    sentence = sentence_of("a " * 200)
    started = time.process_time()
    for start in range(200):
        assert find(pattern, sentence, start, PLACES) is None
    assert time.process_time() - started < 1
