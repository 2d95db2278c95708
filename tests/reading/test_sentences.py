"""New text becomes sentences of words, with nothing lost and nothing guessed."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailflow.reading.sentences import sentence_of, sentences


def texts(*lines):
    """The sentences of some lines, as written."""
    return [sentence.text for sentence in sentences(lines)]


def test_a_full_stop_question_or_exclamation_mark_ends_a_sentence():
    """With brackets and quotation marks that close behind it."""
    assert texts('Hej! Jag kommer (gärna!) "Ja." Får man det? Tack... Vi ses') == [
        "Hej!", "Jag kommer (gärna!)", '"Ja."', "Får man det?", "Tack...", "Vi ses",
    ]  # fmt: skip


def test_a_line_ends_a_sentence():
    """Most people put no full stop at the end of a short line."""
    assert texts("Anmäl mig", "Jag är vegan") == ["Anmäl mig", "Jag är vegan"]


def test_a_wrapped_line_goes_on_in_the_next():
    """A program broke it at column 72; the number is that of the line where the sentence begins."""
    first = "I would very much like to register for the workshop that you give on"
    found = sentences((first, "Thursday. See you", "", "Anna"))
    assert [(one.text, one.line) for one in found] == [(f"{first} Thursday.", 1), ("See you", 1), ("Anna", 4)]


def test_a_blank_line_an_item_or_a_finished_sentence_is_not_joined():
    """What a person parted stays parted."""
    long = "I would very much like to register for the workshop that you give on"
    assert texts(long, "", "Thursday") == [long, "Thursday"]
    assert texts(long, "- Thursday") == [long, "- Thursday"]
    assert texts(f"{long} Thursday.", "See you") == [f"{long} Thursday.", "See you"]
    assert texts(f"{long} Thursday:", "Name") == [f"{long} Thursday:", "Name"]


@pytest.mark.parametrize("text", [
    "Jag kommer den 12. mars", "Am 3. März komme ich", "Kost t.ex. vegan", "Mail anna@lu.se or see www.lu.se/ai today",
    "Kl. 12.30 passar bra", "A. Berg kommer", "It costs 1.500 kr",
])  # fmt: skip
def test_not_every_full_stop_ends_a_sentence(text):
    """Dates, times, initials, abbreviations, addresses and links are one piece."""
    assert texts(text) == [text]


def test_a_year_ends_a_sentence():
    """Only a number of one or two digits is an ordinal."""
    assert texts("I came in 2025. I will come again") == ["I came in 2025.", "I will come again"]


def test_a_hurried_writer_leaves_the_blank_out():
    """A capital behind the mark, and no address around it."""
    assert texts("Hej!Jag kommer.Vi ses") == ["Hej!", "Jag kommer.", "Vi ses"]
    assert texts("Skriv till anna.Berg@lu.se") == ["Skriv till anna.Berg@lu.se"]


def test_words_are_kept_as_written_and_as_compared():
    """Letters and digits; a hyphen parts words, an apostrophe does not."""
    one = sentence_of("Can’t come to the AI-dagen, SÖDERMALM 12!")
    assert one.words == ("Can't", "come", "to", "the", "AI", "dagen", "SÖDERMALM", "12")
    assert one.folded == ("can't", "come", "to", "the", "ai", "dagen", "sodermalm", "12")


def test_addresses_and_links_are_one_word_each():
    """Without the brackets around them; lower case where they are compared."""
    one = sentence_of("Register <Bo.Ek@Example.org>, (https://lu.example/x?y=1) and mailto:ada@example.org.")
    assert one.folded == ("register", "bo.ek@example.org", "https://lu.example/x?y=1", "and", "ada@example.org")
    assert one.words[1] == "Bo.Ek@Example.org"


def test_letters_with_loose_accents_are_one_word():
    """Some systems write ö as o and a mark."""
    assert sentence_of("Go\u0308teborg").words == ("Göteborg",)


def test_punctuation_parts_clauses():
    """The places of the words behind a comma, dash, colon or bracket; none before the first or behind the last word."""
    assert sentence_of("Tyvärr, jag (och Bo) kommer – inte: nej,").breaks == {1, 2, 4, 5, 6}
    assert sentence_of("förhinder,tyvärr").breaks == {1}
    assert sentence_of(", a ,").breaks == frozenset()


@pytest.mark.parametrize(("text", "question"), [
    ("Kan jag komma?", True), ("Kan jag komma? :)", False), ("Kan jag komma? )", True), ("Kan jag komma?!", True),
    ("Va?? Nej", True), ("Jag kommer", False), ("Kommer du? 🙂", True), ("", False),
])  # fmt: skip
def test_a_question_ends_in_its_mark(text, question):
    """Also behind a bracket or a smile, or with an exclamation mark."""
    assert sentence_of(text).question is question


def test_lines_without_words_are_no_sentences():
    """Rules, dots and pictures say nothing."""
    assert sentences(("-----", "...", "👍", "", "  ")) == ()


def test_what_is_too_long_is_cut():
    """A bounded number of sentences of a bounded number of words: people read the rest."""
    assert len(sentences(("Jag kommer. " * 5000,))) <= 201
    assert len(sentence_of("a " * 5000).words) == 200
    assert len(sentence_of("a," * 5000).words) <= 8000


def test_every_letter_and_digit_of_a_line_is_in_some_sentence():
    """Cutting loses nothing: what was not read must not look as if it was."""
    line = "Hej!Jag kommer t.ex. den 12. mars (kl.12.30), eller inte?! Nej... Mvh A. Berg"
    assert "".join("".join(one.text.split()) for one in sentences((line,))) == "".join(line.split())


LINES = st.lists(
    st.one_of(st.text(max_size=80), st.sampled_from(["", "Hej!", "- x", "12. mars", "a@b", "word " * 12, "?!", ".", "("])),
    max_size=12,
).map(tuple)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(LINES)
def test_no_lines_break_the_reader(lines):
    """Total; every sentence has words, as many folded ones, its breaks between them, and a line of the mail."""
    for one in sentences(lines):
        assert one.words
        assert len(one.words) == len(one.folded)
        assert all(0 < at < len(one.words) for at in one.breaks)
        assert 1 <= one.line <= len(lines)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=60), max_size=6))
def test_nothing_but_blanks_is_lost(lines):
    """The letters and digits of all sentences are those of the lines, in their order."""
    pieces = "".join(one.text for one in sentences(tuple(lines)))
    assert [c for c in pieces if c.isalnum()] == [c for line in lines for c in line if c.isalnum()]


@pytest.mark.parametrize("token", ["a", ".", "?", "a.", "(", "x@y ", ",", "'", "a\u0308", "www.", "://", "A.b"])
def test_a_megabyte_in_one_line_takes_no_time(token):
    """Linear, whatever the token."""
    text = token * (1_000_000 // len(token))
    started = time.process_time()
    sentences((text,))
    sentence_of(text)
    assert time.process_time() - started < 1


@pytest.mark.parametrize("token", ["12. ", "A. ", "t.ex. ", "x@y.Z ", "a.B@", "word "])
def test_as_much_as_the_reader_takes_of_a_mail_takes_no_time(token):
    """Eighty lines of a thousand characters, all of them joined to one, without one end of a sentence in it."""
    lines = ((token * 1000)[:999],) * 80
    started = time.process_time()
    sentences(lines)
    assert time.process_time() - started < 0.5
