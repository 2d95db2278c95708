"""How much of a flood reaches the organisers (trust.md §4): what is held back is kept for their digest, with a reason."""

import pytest

from mailflow.desk.people import text_hash
from mailflow.mail.address import parse_address
from mailflow.model.command import Command, OrderLine, Orders
from mailflow.model.event import Organiser
from mailflow.model.intent import ForPeople, Register
from mailflow.model.registration import Status
from tests.desk.world import UNPROVED, World, event

ADA, KIM, ROBIN = "ada@example.org", "kim.ek@example.org", "robin@example.org"


@pytest.fixture
def world():
    """Kim and Robin take questions."""
    return World(organisers=(*event().organisers, Organiser("Robin", parse_address(ROBIN), "en")))


def ask(world, sender, text, proof=None, **more):
    proofs = () if proof is None else (proof,)
    return world.mail(sender, ForPeople(text), *proofs, quote=text, **more)


def to_people(decision):
    return [letter for letter in decision.letters if letter.kind == "question_forwarded"]


def test_the_same_words_of_one_sender_go_out_once_a_day(world):
    """Blanks and capitals are no other words; the second mail is an open question, and nobody gets a letter."""
    assert len(to_people(ask(world, ADA, "Is there parking?"))) == 2
    again = ask(world, ADA, "  is there\nPARKING? ")
    assert (again.state, again.letters) == ("done", ())
    assert again.reason == "kept for the organisers' digest: they got the same words today"
    assert world.questions == 2
    assert len(to_people(ask(world, "bo@example.org", "Is there parking?"))) == 2
    assert len(to_people(ask(world, ADA, "Is there a lift?"))) == 2
    world.later(days=1)
    assert len(to_people(ask(world, ADA, "Is there parking?"))) == 2


def test_without_words_the_subject_is_what_was_said():
    """Two mails with nothing but a subject are not the same for that; blank ones are no text at all."""
    assert text_hash(" \n", "Parking?") == text_hash("parking?", "") != text_hash("", "Lift?")
    assert text_hash("", " ") == ""
    assert text_hash("a \ud800", "") == text_hash("a ?", "")


def test_strangers_reach_the_organisers_twenty_times_an_hour(world):
    """Unproved senders together: forging a hundred of them does not fill a mailbox. A proved one still gets through."""
    for number in range(20):
        assert to_people(ask(world, f"n{number}@example.net", f"Question {number}", UNPROVED))
    held = ask(world, "late@example.net", "Question 20", UNPROVED)
    assert to_people(held) == []
    assert held.reason == "kept for the organisers' digest: too many mails of unproved senders in an hour"
    assert world.questions == 21
    assert to_people(ask(world, ADA, "Is there parking?"))
    world.later(hours=1)
    assert to_people(ask(world, "late@example.net", "Question 20", UNPROVED))


def test_a_domain_full_of_proved_senders_is_no_way_round(world):
    """Whoever signs for a domain signs for a thousand names in it: a hundred mails of all in an hour, then the digest."""
    for number in range(100):
        assert to_people(ask(world, f"n{number}@evil.example", f"Question {number}"))
    held = ask(world, ADA, "Is there parking?")
    assert (to_people(held), held.reason) == ([], "kept for the organisers' digest: too many mails in an hour")
    world.later(hours=1)
    assert to_people(ask(world, ADA, "Is there a lift?"))
    world.elsewhere = 500
    assert to_people(ask(world, ADA, "Is there tea?")) == []


def test_a_site_has_a_limit_of_its_own(world):
    """Many events, one flood."""
    world.elsewhere = 100
    assert to_people(ask(world, "late@example.net", "Question", UNPROVED)) == []
    assert to_people(ask(world, ADA, "Question"))


def test_one_sender_reaches_them_as_often_as_he_would_be_answered(world):
    """`answers_per_day` counts both ways, proved or not."""
    world.unlimited = False
    for number in range(20):
        assert to_people(ask(world, ADA, f"Question {number}"))
    held = ask(world, ADA, "Question 20")
    assert (to_people(held), held.reason) == ([], "kept for the organisers' digest: enough from this sender today")


def test_an_act_is_done_though_its_question_is_held_back(world):
    """The organisers' digest has the words; the sender's letter does not claim that they have them."""
    text = "Register me. Is there parking?"
    ask(world, ADA, text)
    decision = world.mail(ADA, Register(), forward=True, quote=text)
    assert world.status(ADA) is Status.CONFIRMED
    assert [(letter.kind, letter.passed_on) for letter in decision.letters] == [("registered", False)]
    assert decision.reason == (
        "registered: confirmed; kept for the organisers' digest: they got the same words today"
    )  # fmt: skip


def test_what_is_read_as_something_says_that_too(world):
    """The reason keeps what we took the mail for."""
    for _ in range(2):
        decision = world.mail(ADA, Orders((OrderLine("Close it", Command("close")),)), quote="Close it")
    assert decision.reason == "read as org-close; kept for the organisers' digest: they got the same words today"


@pytest.mark.parametrize("thread", ["question_forwarded", "question_received", ""])
def test_two_organisers_who_are_away_do_not_play_ping_pong(world, thread):
    """Their programs mark nothing and never say the same thing twice: each gets three of the other's a day."""
    ask(world, ADA, "Is there parking?")
    turns = 0
    pending = [KIM, ROBIN]
    while pending and turns < 100:
        turns += 1
        sent = ask(world, pending.pop(0), f"I am away. Ticket {turns}", replied_to=thread, organiser=True)
        pending += [str(letter.to) for letter in to_people(sent)]
    assert turns == 8
    assert world.asked_people[-1][1].forwarded is False
