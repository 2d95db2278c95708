"""People whom a mail names: asked at their own address, registered by nobody but themselves, and never too many."""

from dataclasses import replace
from datetime import timedelta

import pytest

from mailflow.mail.address import parse_address
from mailflow.model.decision import Challenged, QuestionOpened, Saved
from mailflow.model.event import WaitingList
from mailflow.model.intent import Cancel, Fields, Help, No, Other, Proposed, Register, RegisterOther, Update, Yes
from mailflow.model.registration import Answer, Status
from tests.desk.world import UNPROVED, World

ADA, BO, CY, KIM = "ada@example.org", "bo@example.org", "cy@example.org", "kim.ek@example.org"


def other(address, name=""):
    return Other(name, parse_address(address))


def named(*addresses):
    return RegisterOther(tuple(other(address) for address in addresses))


def together(*addresses, **fields):
    return Register(Fields(others=tuple(other(address) for address in addresses), **fields))


@pytest.fixture
def world():
    return World(capacity=9, guests=2)


def test_somebody_else_is_asked_and_registered_by_their_own_yes(world):
    """A request of their own, without a seat; the name that was given is in the row and not in the letter."""
    decision = world.mail(ADA, RegisterOther((other(BO, "Bo Lind"),)), quote="Register Bo, bo@example.org", name="Ada L")
    assert [(str(letter.to), letter.kind, letter.variant) for letter in decision.letters] == [
        (ADA, "status", "asked"), (BO, "please_confirm", "named"),
    ]  # fmt: skip
    asked = world.last(BO)
    assert (asked.proved, asked.to_name, asked.quote, asked.cause, asked.notice) == (False, "", "", None, False)
    assert (world.status(BO), world.status(ADA), world.book.state.taken) == (Status.PENDING, None, 0)
    world.mail(BO, Yes(), UNPROVED, challenge=asked.challenge)
    assert (world.status(BO), world.last(BO).kind) == (Status.CONFIRMED, "registered")
    assert world.own(parse_address(BO)).name == "Bo Lind"


def test_the_letter_to_a_stranger_belongs_to_no_thread(world):
    """Message-IDs are the sender's words too; and both languages of the event, since nobody knows theirs."""
    world.mail(ADA, named(BO), language="sv")
    assert world.last(BO).registration.thread == ""
    assert (world.last(BO).languages, world.last(ADA).languages) == (("en", "sv"), ("sv",))


def test_a_registration_with_others_is_done_and_they_are_asked(world):
    """One letter to the sender, who has a seat; companions without an address are guests."""
    decision = world.mail(ADA, together(BO, CY, guests=1))
    assert [(str(letter.to), letter.kind, letter.asked) for letter in decision.letters] == [
        (ADA, "registered", 2), (BO, "please_confirm", 0), (CY, "please_confirm", 0),
    ]  # fmt: skip
    assert (world.book.state.taken, world.own(parse_address(ADA)).guests) == (2, 1)
    rows = world.book.registrations
    assert [(str(rows[n].address), rows[n].status) for n in sorted(rows)] == [
        (ADA, Status.CONFIRMED), (BO, Status.PENDING), (CY, Status.PENDING),
    ]  # fmt: skip
    assert len({row.code for row in rows.values()}) == 3
    for who in (CY, BO):
        world.mail(who, Yes(), UNPROVED, challenge=world.last(who).challenge)
    assert world.book.state.taken == 4


def test_without_their_yes_nobody_is_registered(world):
    """NO and silence leave nobody, and no letter more."""
    world.mail(ADA, named(BO, CY))
    world.mail(BO, No(), UNPROVED, challenge=world.last(BO).challenge)
    late = world.last(CY).challenge
    world.later(hours=49)
    world.mail(CY, Yes(), UNPROVED, challenge=late)
    world.due("expire", late)
    assert (world.status(BO), world.status(CY)) == (Status.CANCELLED, Status.EXPIRED)
    assert world.kinds(BO) == world.kinds(CY) == ["please_confirm"]


def test_the_sender_cannot_answer_for_them(world):
    """A YES needs the letter that went to them."""
    world.mail(ADA, named(BO))
    world.mail(ADA, Yes(), replied_to="status", located=1)
    assert world.status(BO) is Status.PENDING


def test_a_second_mail_changes_nothing(world):
    """Who has a question of ours open is not asked again, by whomever; the sender hears the same."""
    world.mail(ADA, named(BO))
    for who in (ADA, CY):
        decision = world.mail(who, named(BO))
        assert (decision.changes, [str(letter.to) for letter in decision.letters]) == ((), [who])
        assert (decision.letters[0].variant, decision.letters[0].asked) == ("asked", 1)
    assert world.kinds(BO) == ["please_confirm"]


def test_nobody_is_disturbed_who_stands_here(world):
    """Not who has a seat, waits, or asked for it without a proof; and the sender is not told which of these it is."""
    world.mail(BO, Register(Fields("Bo L", (Answer("diet", ("vegan",)),))))
    world.mail(CY, Register(Fields("Cy L")), UNPROVED)
    before = world.book.registrations
    decision = world.mail(ADA, named(BO, CY))
    assert (world.book.registrations, len(decision.letters), decision.letters[0].asked) == (before, 1, 2)


def test_who_was_here_before_keeps_what_they_told_us(world):
    """A name given by somebody else does not replace their own."""
    world.mail(BO, Register(Fields("Bo Lind", (Answer("diet", ("vegan",)),))))
    world.mail(BO, Cancel())
    world.mail(ADA, RegisterOther((other(BO, "Stinky"),)))
    row = world.own(parse_address(BO))
    assert (row.status, row.name, row.answer("diet").options) == (Status.PENDING, "Bo Lind", ("vegan",))


def test_a_seat_that_is_held_is_not_lost_by_being_named():
    """Nor is somebody asked whom an organiser took off the list."""
    world = World(capacity=2, waiting_list=WaitingList(undo_for=timedelta(hours=1)))
    world.mail(BO, Register())
    world.mail(BO, Cancel())
    held = world.own(parse_address(BO))
    world.mail(ADA, named(BO))
    assert world.own(parse_address(BO)) == held
    world.book = replace(world.book, registrations={1: replace(held, status=Status.REMOVED, until=None)})
    world.mail(ADA, named(BO))
    assert world.kinds(BO) == ["registered", "cancelled"]


def test_at_most_five_are_asked_for_one_mail(world):
    """Each mailbox once, nobody the sender; the letter says that some were left out."""
    crowd = [f"n{n}@example.net" for n in range(7)]
    decision = world.mail(ADA, named("n0+tag@example.net", *crowd, "ada+me@example.org"))
    asked = [str(letter.to) for letter in decision.letters[1:]]
    assert asked == ["n0+tag@example.net", *crowd[1:5]]
    assert (decision.letters[0].asked, decision.letters[0].unasked) == (5, 2)


def test_the_budget_of_each_address_holds(world):
    """Who got a letter today gets none, and no row either; the others are asked."""
    world.unlimited = False
    world.mail(BO, Help(), UNPROVED)
    world.mail(ADA, named(BO, CY))
    assert (world.status(BO), world.status(CY)) == (None, Status.PENDING)
    assert world.kinds(BO) == ["not_understood"]
    assert world.own(parse_address(CY)).number == 1


def test_nobody_is_asked_for_a_sender_who_was_answered_enough(world):
    """His mail goes to people: otherwise it could make us write to strangers without end."""
    world.unlimited = False
    for n in range(3):
        world.mail(ADA, named(f"n{n}@example.net"))
    decision = world.mail(ADA, named(BO), quote="and Bo")
    assert decision.reason == "read as register-other; handed to the organisers"
    assert (world.kinds(BO), world.last(KIM).quote) == ([], "and Bo")
    assert world.mail(ADA, together(CY), quote="and me, and Cy").changes[0].after.status is Status.CONFIRMED
    assert (world.kinds(CY), world.last(KIM).quote) == ([], "and me, and Cy")


def test_an_unproved_sender_makes_us_write_to_nobody_else(world):
    """He is asked about himself; people see whom he named."""
    decision = world.mail(ADA, named(BO), UNPROVED, quote="Register Bo")
    assert decision.reason == "read as register-other; handed to the organisers"
    decision = world.mail(ADA, together(BO), UNPROVED, quote="Bo and me")
    assert [(str(letter.to), letter.kind) for letter in decision.letters] == [
        (ADA, "please_confirm"), (KIM, "question_forwarded"),
    ]  # fmt: skip
    assert sum(isinstance(change, QuestionOpened) for change in decision.changes) == 1
    assert world.kinds(BO) == []


@pytest.mark.parametrize("days", [-30, 4, 8])
def test_outside_the_window_nobody_is_asked(world, days):
    """Before opening, after closing, after the event, people see the mail."""
    world.later(days=days)
    assert world.mail(ADA, named(BO)).reason == "read as register-other; handed to the organisers"
    world.mail(ADA, together(BO))
    assert (world.last(ADA).kind, world.kinds(BO)) == ("closed", [])


def test_a_full_event_without_a_line_asks_nobody():
    """There is nothing to say YES to."""
    world = World(capacity=1, waiting_list=WaitingList(mode="off"))
    world.mail(CY, Register())
    world.mail(ADA, named(BO))
    assert world.kinds(BO) == []


def test_who_is_here_already_brings_others_by_the_same_words(world):
    """A sign-up that was made, and a change: its letter tells of the others too."""
    world.mail(ADA, Register())
    world.mail(ADA, together(BO))
    assert (world.last(ADA).variant, world.last(ADA).asked, world.kinds(BO)) == ("resent", 1, ["please_confirm"])
    world.mail(ADA, Update(Fields(guests=1, others=(other(CY),))))
    assert (world.last(ADA).kind, world.last(ADA).asked, world.kinds(CY)) == ("updated", 1, ["please_confirm"])


def test_a_question_beside_it_goes_to_people_too(world):
    """As with any other wish that is done."""
    decision = world.mail(ADA, named(BO), forward=True, quote="Register Bo. Is there parking?")
    assert [letter.kind for letter in decision.letters] == ["status", "please_confirm", "question_forwarded"]
    assert decision.letters[0].passed_on


def test_what_only_reads_like_it_goes_to_people(world):
    """Strangers are not written to on a guess."""
    decision = world.mail(ADA, Proposed(named(BO)), quote="Maybe Bo")
    assert decision.reason == "read as register-other; handed to the organisers"
    assert not any(isinstance(change, Saved | Challenged) for change in decision.changes)
