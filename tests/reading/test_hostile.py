"""Nothing that a stranger sends makes reading raise or wait."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailflow.mail.address import Address
from mailflow.mail.envelope import Envelope
from mailflow.mail.message import Message
from mailflow.model.intent import ForPeople, Reading
from mailflow.reading.context import ReadingContext
from mailflow.reading.read import QUOTE_LENGTH, read

TOKENS = ["a", ">", "\n", "register ", "REGISTER\n", "On 2026-03-03 12:12\n", "2026-03-03 10:10 a@b\n", "From: x\n", "-", "_",
          "-- \n", "(", "K7-QX4M ", "CAUTION\n", "\u0301", "Diet: vegan\n", "\u200b", "Re: ", "x:\n", "|", "👍"]  # fmt: skip
WHO = Address("anna", "example.org")
CONTEXT = ReadingContext("events.example.org", "gan", "+", ("en", "sv"), ())
ENVELOPE = Envelope(WHO, (Address("gan", "events.example.org"),), "smtp")


@pytest.mark.parametrize("token", TOKENS)
def test_a_megabyte_of_one_token_takes_less_than_a_second(token):
    """Linear, whatever the token."""
    text = token * (1_000_000 // len(token))
    start = time.process_time()
    reading = read(Message(WHO, "Anna", text[:100_000], text=text), ENVELOPE, CONTEXT)
    assert time.process_time() - start < 1
    assert len(reading.quote) <= QUOTE_LENGTH


PIECES = st.sampled_from([
    "REGISTER", "anmäl", "CANCEL", "yes", "Hej", "Mvh", "Anna", "/", "--", "> ", "On 2026-03-03 12:12 a@b wrote:", "From: x",
    "Sent: y", "To: z", "Subject: å", "Name: Anna", "Diet: vegan", "?", "not", "\n", "\n\n", "K7-QX4M", "CAUTION links", " ",
    "-----Original Message-----", "\u202f", "\ud800", "|", "tack!",
])  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(st.one_of(PIECES, st.text(max_size=20)), max_size=20).map("".join), st.text(max_size=40), st.booleans())
def test_reading_never_raises(text, subject, thread):
    """Total over texts, subjects and places in a conversation."""
    context = ReadingContext("events.example.org", "gan", "", ("sv",), (), thread=thread, own_text=(subject,))
    reading = read(Message(WHO, subject, subject, text=text, headers=((subject, text),)), ENVELOPE, context)
    assert isinstance(reading, Reading)
    assert reading.evidence


@settings(max_examples=150, deadline=None)
@given(st.text(st.characters(categories=["Ll", "Lo"]), min_size=3, max_size=12).filter(lambda w: not w.isascii()))
def test_a_word_that_is_in_no_table_never_lets_a_command_act(word):
    """Coverage is the net under every table."""
    from mailflow.reading.words import fold_words, lexicon

    words = fold_words(word)
    if words and not lexicon().phrases.at(words, 0)[0]:
        reading = read(Message(WHO, "Anna", text=f"CANCEL\n{word}"), ENVELOPE, CONTEXT)
        assert isinstance(reading.intent, ForPeople)
