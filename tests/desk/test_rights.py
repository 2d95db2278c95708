"""STOP, MY DATA and ERASE: at once for a proved sender, after a YES for others, and twice is once."""

import pytest

from mailflow.mail.address import parse_address
from mailflow.model.decision import Challenged, Saved
from mailflow.model.intent import Cancel, No, Proposed, Register, RemindOff, Yes
from mailflow.model.registration import Status
from tests.desk.world import PROVED, UNPROVED, World

ADA, BO, CAT, EVE, KIM = (
    "ada@example.org", "bo@example.org", "cat@example.org", "eve@example.org", "kim.ek@example.org",
)  # fmt: skip


@pytest.fixture
def world():
    return World(capacity=2)


def own(world, address=ADA):
    return world.own(parse_address(address))


def test_stop_ends_reminders_and_nothing_else(world):
    """The seat stays; one short letter says so."""
    world.mail(ADA, Register())
    before = own(world)
    decision = world.mail(ADA, RemindOff())
    (change,) = decision.changes
    assert isinstance(change, Saved)
    assert change.what == "reminders_off"
    assert not own(world).reminders
    assert own(world).status is before.status is Status.CONFIRMED
    assert (world.last(ADA).kind, world.last(ADA).variant, world.last(ADA).calendar) == ("status", "reminders_off", "none")


def test_stop_twice_is_one_change_and_the_same_answer(world):
    """Nobody is told that there is nothing to stop."""
    world.mail(ADA, Register())
    world.mail(ADA, RemindOff())
    decision = world.mail(ADA, RemindOff())
    assert decision.changes == ()
    assert [(letter.kind, letter.variant) for letter in decision.letters] == [("status", "reminders_off")]


def test_stop_of_somebody_who_waits_keeps_the_place(world):
    """The letter knows the position in line."""
    for address in (ADA, BO, CAT):
        world.mail(address, Register())
    world.mail(CAT, RemindOff())
    assert own(world, CAT).status is Status.WAITING
    assert (world.last(CAT).variant, world.last(CAT).place) == ("reminders_off", 1)


def test_stop_without_a_registration_is_told_the_status(world):
    """There is nothing that would be sent."""
    decision = world.mail(ADA, RemindOff())
    assert decision.changes == ()
    assert (world.last(ADA).kind, world.last(ADA).variant) == ("status", "")


def test_an_unproved_stop_asks_first(world):
    """Nothing changes until YES, which works once."""
    world.mail(ADA, Register())
    world.mail(ADA, RemindOff(), UNPROVED)
    asked = world.last(ADA)
    assert (asked.kind, asked.variant, asked.proved) == ("please_confirm", "remind_off", False)
    assert own(world).reminders
    world.mail(ADA, Yes(), UNPROVED, challenge=asked.challenge)
    assert not own(world).reminders
    assert world.last(ADA).variant == "reminders_off"
    assert world.mail(ADA, Yes(), UNPROVED, challenge=asked.challenge).state == "ignored"


def test_no_to_the_question_leaves_everything(world):
    """And no letter goes out."""
    world.mail(ADA, Register())
    world.mail(ADA, RemindOff(), UNPROVED)
    decision = world.mail(ADA, No(), UNPROVED, challenge=world.last(ADA).challenge)
    assert decision.letters == ()
    assert own(world).reminders


def test_a_stop_about_somebody_else_asks_that_person(world):
    """A booking code locates, it never authorises; its sender gets nothing."""
    world.mail(ADA, Register())
    decision = world.mail(EVE, RemindOff(), located=own(world).number)
    assert [(str(letter.to), letter.kind) for letter in decision.letters] == [(ADA, "please_confirm")]
    assert decision.letters[0].cause is None
    assert world.kinds(EVE) == []


def test_what_reads_as_a_stop_is_proposed(world):
    """The sender is asked, the organisers see the mail."""
    world.mail(ADA, Register())
    decision = world.mail(ADA, Proposed(RemindOff()), quote="too much mail, and Bo has the poster")
    assert (world.last(ADA).kind, world.last(ADA).variant) == ("please_confirm", "read_remind_off")
    assert (world.last(KIM).kind, world.last(KIM).variant) == ("question_forwarded", "read_remind_off")
    assert any(isinstance(change, Challenged) for change in decision.changes)
    world.mail(ADA, Yes(), challenge=world.last(ADA).challenge)
    assert not own(world).reminders


def test_a_proposed_stop_of_nobody_goes_to_people(world):
    """There is nothing to ask about."""
    world.mail(ADA, Proposed(RemindOff()), quote="too much mail")
    assert world.kinds(ADA) == ["question_received"]


def test_stop_is_no_answer_to_the_seat(world):
    """A seat that was stopped can still be given up."""
    world.mail(ADA, Register(), PROVED)
    world.mail(ADA, RemindOff())
    world.mail(ADA, Cancel())
    assert own(world).status is Status.CANCELLED
