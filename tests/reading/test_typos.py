"""A typing error is mended to ask back, never to act."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailflow.model.intent import Cancel, ForPeople, Proposed, Register
from mailflow.reading.sentences import sentence_of
from mailflow.reading.typos import mended

from .conftest import acts, bare


def spelt(text):
    """The words of a sentence as they are compared, after its typing errors are mended."""
    return " ".join(mended(sentence_of(text)).folded)


@pytest.mark.parametrize(("text", "expected"), [
    ("attnd", "attend"), ("withdraww", "withdraw"), ("registar", "register"), ("regsiter", "register"),
])  # fmt: skip
def test_one_letter_is_mended(text, expected):
    """Too few, too many, another one, or two that changed places."""
    assert spelt(text) == expected


@pytest.mark.parametrize("text", [
    "register", "avbokat", "I can come", "cme", "xyzzyplugh", "K7-QX4M", "bo@example.org", "registr2", "a" * 40, "",
])  # fmt: skip
def test_what_is_no_typing_error_stays(text):
    """Words that some table knows, short ones, long ones, names, codes, addresses, and what is like nothing."""
    assert mended(sentence_of(text)) == sentence_of(text)


@pytest.mark.parametrize("text", ["unregister", "nregister", "avanmal", "deregister", "abmelden"])
def test_the_first_letter_stays(text):
    """Un-, av- and ab- turn a word round: it is never mended into the word without them."""
    assert spelt(text)[:1] == text[:1]
    assert spelt(text) not in {"register", "anmal", "anmelden"}


def test_a_mended_sentence_keeps_the_words_as_they_were_written():
    """People and evidence see what the sender wrote."""
    one = mended(sentence_of("Please registr me"))
    assert (one.words, one.folded) == (("Please", "registr", "me"), ("please", "register", "me"))


@pytest.mark.parametrize(("text", "wish"), [
    ("I want to registr for the workshop", Register()), ("I will attnd the workshop", Register()),
    ("regsiter", Register()),
])  # fmt: skip
def test_a_wish_with_a_typing_error_is_asked_back(read_mail, text, wish):
    """It is never carried out, and the evidence says that the spelling was mended."""
    reading = read_mail(text)
    assert bare(reading.intent) == Proposed(wish)
    assert "with its spelling mended" in reading.evidence


def test_a_cancellation_with_a_typing_error_is_asked_back(read_mail):
    """By somebody who has a seat; of a seat that is not there people are told."""
    text = "I have to canel my registratin"
    assert isinstance(read_mail(text).intent, ForPeople)
    assert bare(read_mail(text, standing="confirmed").intent) == Proposed(Cancel())


def test_a_misspelt_denial_is_no_wish(read_mail):
    """A denial that is spelt right turns a misspelt wish; a misspelt one leaves no wish that would be carried out."""
    for text in ("Please do not registr me", "I can not attnd", "I will nevver come", "I am not regstering"):
        assert not acts(read_mail(text)), text


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.text(max_size=200))
def test_no_text_breaks_the_mending(text):
    """Total, and of equal length: places found before are places afterwards."""
    one = sentence_of(text)
    assert len(mended(one).folded) == len(one.words)
    assert mended(one).breaks == one.breaks


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.text("abdegikmnorstvl", min_size=5, max_size=12))
def test_mending_twice_mends_no_more(word):
    """What comes out is a word of the tables or the word itself."""
    once = mended(sentence_of(word))
    assert mended(once) == once


@pytest.mark.parametrize("word", ["regsiter", "a" * 24, "anmalla", "x", "attnd"])
def test_a_long_sentence_of_typing_errors_takes_no_time(word):
    """As many words as a sentence holds."""
    one = sentence_of(f"{word} " * 100_000)
    mended(one)
    started = time.process_time()
    for _ in range(10):
        mended(one)
    assert time.process_time() - started < 1
