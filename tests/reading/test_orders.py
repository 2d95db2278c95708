"""Organisers' orders are whole lines: nothing is searched for, and nobody else's line is an order."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailflow.mail.address import Address
from mailflow.model.intent import Command, Proposed
from mailflow.reading.newtext import split_text
from mailflow.reading.orders import DANGEROUS, find_order
from mailflow.reading.words import orders

BO = Address("bo", "example.org")


def command(text="", subject=""):
    """The command of a text and a subject, or None."""
    found = find_order(split_text(text), subject)
    return found and found.command


@pytest.mark.parametrize(("line", "expected"), [
    ("report", Command("report")), ("Rapport", Command("report")), ("list participants", Command("list")),
    ("deltagarlista", Command("list")), ("open registration", Command("open")), ("Öppna anmälan", Command("open")),
    ("oppna anmalan", Command("open")), ("close", Command("close")), ("stäng", Command("close")),
    ("capacity 40", Command("capacity", capacity=40)), ("Sätt platser till 12", Command("capacity", capacity=12)),
    ("cancel event", Command("cancel-event")), ("ställ in workshopen", Command("cancel-event")),
    ("remove bo@example.org", Command("remove", target=BO)), ("Avanmäl bo@example.org", Command("remove", target=BO)),
    ("add <bo@example.org>", Command("add", target=BO)), ("promote bo@example.org", Command("promote", target=BO)),
    ("ge plats åt bo@example.org", Command("promote", target=BO)),
])  # fmt: skip
def test_an_order_is_a_whole_line(line, expected):
    """In English and Swedish, in any case, with å, ä, ö or without, by text or by the subject of an empty mail."""
    assert command(line) == expected
    assert command("", line) == expected


@pytest.mark.parametrize("line", [
    "please report on the numbers", "report the numbers to Bo", "we should close registration", "list of rooms",
    "the capacity is 40", "Can you open registration?", "cancel", "hello", "",
])  # fmt: skip
def test_nothing_is_searched_for_inside_a_sentence(line):
    """A word more on either side, and the line is a sentence to people; a bare CANCEL gives up a seat of one's own."""
    assert command(line) is None


@pytest.mark.parametrize("line", [
    "capacity", "capacity 0", "capacity many", "capacity 1000001", "capacity 12345678", "capacity 40 50",
    "capacity from 30 to 40", "remove", "remove Bo", "remove bo@example.org ada@example.org", "remove bo@",
    "remove bo@example.org because he was rude to us all", "announce",
])  # fmt: skip
def test_an_order_without_what_it_needs_is_none(line):
    """No number, no address, two of them, one beyond all bounds, a reason beside it: people see the mail."""
    assert command(line) is None


def test_the_text_beneath_an_announcement_is_its_message():
    """Announce in the first line, or as the subject of the message; without a message there is nothing to send."""
    said = Command("announce", message="The room is M:101.\nBring a laptop.")
    assert command("ANNOUNCE\n\nThe room is M:101.\nBring a laptop.") == said
    assert command("The room is M:101.\nBring a laptop.", "Meddela alla") == Command("announce", message=said.message)
    assert command("ANNOUNCE Lunch is at noon\nBring a laptop.") is None


def test_only_an_announcement_is_ordered_by_the_subject_above_a_text():
    """With text in the mail, a subject such as "close" is only what the mail is about."""
    assert command("What do you think?", "close") is None
    assert command("report", "close") == Command("report")


def test_an_order_in_a_quote_or_signature_is_none():
    """Only the new text counts, as everywhere."""
    assert command("> close") is None
    assert command("Hello\n-- \nclose") is None


def test_what_was_found_tells_phrase_and_language():
    """For the evidence, and for the language of the answer."""
    found = find_order(split_text("Ställ in workshopen"), "")
    assert (found.phrase, found.language) == ("Ställ in workshopen", "sv")


def test_the_longest_phrase_is_tried_first():
    """CANCEL EVENT is not CANCEL with a word behind it."""
    lengths = [len(words) for words, _, _ in orders()]
    assert lengths == sorted(lengths, reverse=True)


@pytest.mark.parametrize("line", ["remove bo@example.org", "cancel event", "announce\nThe room is M:101."])
def test_what_reaches_many_or_undoes_something_is_proposed(read_mail, line):
    """A preview and a YES come first (understanding.md §2.4.13)."""
    intent = read_mail(line, organiser=True).intent
    assert isinstance(intent, Proposed)
    assert intent.wish.order in DANGEROUS


def test_other_orders_are_carried_out(read_mail):
    """They change nothing that another order cannot change back."""
    for line in ("report", "list", "open", "close", "capacity 40", "add bo@example.org", "promote bo@example.org"):
        assert isinstance(read_mail(line, organiser=True).intent, Command)


@pytest.mark.parametrize("phrase", sorted({" ".join(words) for words, _, _ in orders()}))
def test_nobody_else_gives_orders(read_mail, phrase):
    """Whatever the phrase: a sender who is no organiser, or not proved to be, gives none."""
    for text in (phrase, f"{phrase} 40", f"{phrase} bo@example.org", f"{phrase}\nThe room is M:101."):
        intent = read_mail(text, standing="confirmed").intent
        assert not isinstance(intent, Command)
        assert not (isinstance(intent, Proposed) and isinstance(intent.wish, Command))


def test_a_bare_cancel_of_an_organiser_without_a_seat_is_for_people(read_mail):
    """The seat or the event? Neither is guessed (understanding.md §2.4.13)."""
    reading = read_mail("CANCEL", organiser=True)
    assert "a cancellation of nothing" in reading.evidence


PIECES = st.one_of(
    st.sampled_from([" ".join(words) for words, _, _ in orders()]),
    st.sampled_from(["bo@example.org", "40", "²", "٣", "0", "@", "a@b", "\n", "please"]),
    st.text(max_size=20),
)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.lists(PIECES, max_size=6).map(" ".join), st.text(max_size=40))
def test_no_text_breaks_the_search(text, subject):
    """Total over texts and subjects; what comes out has what its order needs."""
    found = command(text, subject)
    if found:
        assert (found.capacity is not None) is (found.order == "capacity")
        assert bool(found.message) is (found.order == "announce")
        assert (found.target is not None) is (found.order in {"remove", "add", "promote"})


def test_an_announcement_is_as_long_by_its_first_line_as_by_the_subject():
    """Both are cut at the same length, and the organiser sees in the preview what would go out."""
    text = "\n".join(["a line of forty letters, or nearly so..."] * 1000)
    by_line, by_subject = command(f"announce\n{text}", ""), command(text, "announce")
    assert by_line.message == by_subject.message
    assert len(by_line.message) == 10_000


def test_below_an_order_stand_a_dozen_lines_at_most():
    """Thanks and a signature are short: a mail of a thousand lines is no order, and is not read to its end to know it."""
    assert command("close\n" + "thanks\n" * 12) == Command("close")
    assert command("close\n" + "thanks\n" * 13) is None
