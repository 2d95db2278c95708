"""Events whose organisers choose: applying, yes, no, and what becomes of it when nobody says either."""

from dataclasses import replace
from datetime import timedelta

import pytest

from mailflow.mail.address import parse_address
from mailflow.model.event import Localized, Option, Question, WaitingList
from mailflow.model.intent import (
    Approve,
    Cancel,
    Empty,
    Fields,
    MoveIn,
    No,
    Register,
    Reject,
    Remove,
    Update,
    Yes,
)
from mailflow.model.registration import Answer, Status
from tests.desk.world import UNPROVED, World, recount

ADA, BO, CY = (f"{name}@example.org" for name in ("ada", "bo", "cy"))
TOUR = Question(
    "tour", "sessions", Localized(), options=(Option("lab", Localized(), places=1), Option("roof", Localized()))
)


def choosing(capacity=2, **more):
    return World(capacity=capacity, approval=True, guests=2, **more)


def row(world, who):
    return world.own(parse_address(who))


def test_a_sign_up_is_an_application():
    """It holds nothing, has no calendar part, and its owner is told who decides."""
    world = choosing()
    decision = world.mail(ADA, Register(Fields("Ada", guests=1)))
    assert decision.reason == "registered: applied"
    letter = world.last(ADA)
    assert (letter.kind, letter.calendar, letter.notice) == ("applied", "none", False)
    assert (row(world, ADA).status, row(world, ADA).applied) == (Status.PENDING, world.now)
    assert (world.book.state.taken, world.book.state.waiting) == (0, 0)


def test_applying_twice_applies_once():
    """Whoever asks again hears how it stands, proved or not."""
    world = choosing()
    world.mail(ADA, Register())
    before = world.book
    for intent, proof in ((Register(), None), (Register(), UNPROVED), (Empty(), None), (Yes(), None)):
        world.mail(ADA, intent, *([proof] if proof else []))
    assert world.book == before
    assert world.kinds(ADA)[1:4] == ["status"] * 3


def test_an_unproved_sender_confirms_first_and_applies_then():
    """The organisers never see an application that nobody stands by."""
    world = choosing()
    world.mail(ADA, Register(), UNPROVED)
    assert row(world, ADA).applied is None
    assert world.order(ADA, Approve()).reason == "has not confirmed yet"
    decision = world.mail(ADA, Yes(), UNPROVED, challenge=world.last(ADA).challenge)
    assert decision.reason == "confirmed: applied"
    assert world.last(ADA).kind == "applied"


def test_yes_gives_a_seat_while_there_is_one_and_a_place_in_line_then():
    """In the order in which the organisers say yes, not in which people wrote."""
    world = choosing(1)
    for who in (ADA, BO, CY):
        world.mail(who, Register())
    for who in (CY, ADA):
        assert world.order(who, Approve()).state == "done"
    assert [world.status(who) for who in (ADA, BO, CY)] == [Status.WAITING, Status.PENDING, Status.CONFIRMED]
    seat, line = world.last(CY), world.last(ADA)
    assert (seat.kind, seat.calendar, seat.notice, seat.cause) == ("registered", "request", True, None)
    assert (line.kind, line.place, line.notice) == ("waitlisted", 1, True)
    assert row(world, CY).applied is row(world, ADA).applied is None
    assert (world.book.state.taken, world.book.state.waiting) == recount(world.book) == (1, 1)


def test_who_was_approved_moves_up_without_being_asked_about_again():
    """One yes is enough."""
    world = choosing(1)
    for who in (ADA, BO):
        world.mail(who, Register())
        world.order(who, Approve())
    world.mail(ADA, Cancel())
    assert (world.status(BO), world.last(BO).kind) == (Status.CONFIRMED, "promoted")


def test_where_there_is_neither_seat_nor_line_yes_changes_nothing():
    """The organisers may raise the capacity, or say no."""
    world = choosing(1, waiting_list=WaitingList(mode="off"))
    for who in (ADA, BO):
        world.mail(who, Register())
    world.order(ADA, Approve())
    decision = world.order(BO, Approve())
    assert (decision.state, decision.letters) == ("ignored", ())
    assert row(world, BO).applied


@pytest.mark.parametrize("order", [Reject("Too many wrote."), Remove("Too many wrote.")])
def test_no_is_told_with_the_reason(order):
    """Whether they say no, or take the person off the list; who applies anew applies."""
    world = choosing()
    world.mail(ADA, Register())
    world.order(ADA, order)
    letter = world.last(ADA)
    assert (letter.kind, letter.variant, letter.reason, letter.calendar) == ("rejected", "", "Too many wrote.", "none")
    assert (world.status(ADA), row(world, ADA).applied) == (Status.REMOVED, None)
    world.mail(ADA, Register())
    assert row(world, ADA).applied


@pytest.mark.parametrize("order", [Approve(), Reject()])
def test_deciding_twice_decides_once(order):
    """The second yes or no does nothing, and neither does the other one."""
    world = choosing()
    world.mail(ADA, Register())
    world.order(ADA, order)
    before = world.book
    for again in (Approve(), Reject()):
        assert not world.order(ADA, again).letters
    assert world.book == before


def test_yes_and_no_are_for_applications_alone():
    """A seat that was given before the event began to choose is none of them; who only applied is not moved in."""
    world = World(capacity=2)
    world.mail(ADA, Register())
    assert world.order(ADA, Reject()).state == world.order(ADA, Approve()).state == "ignored"
    world = choosing()
    world.mail(ADA, Register())
    assert world.order(ADA, MoveIn()).state == "ignored"


def test_an_application_can_be_changed_and_taken_back():
    """As a registration can; the organisers then read what is true."""
    world = choosing(questions=(TOUR,))
    world.mail(ADA, Register(Fields("Ada")))
    world.mail(ADA, Update(Fields(guests=1)))
    assert (row(world, ADA).guests, world.last(ADA).kind) == (1, "updated")
    assert row(world, ADA).applied
    world.mail(ADA, Cancel())
    assert (world.status(ADA), world.last(ADA).variant) == (Status.CANCELLED, "withdrawn")
    assert world.order(ADA, Approve()).state == "ignored"


def test_a_full_option_is_said_when_one_applies_and_counts_from_the_yes_on():
    """Applications hold no place of an option: the first who is approved gets it, the next is told."""
    world = choosing(questions=(TOUR,))
    lab = Register(Fields(answers=(Answer("tour", ("lab",)),)))
    for who in (ADA, BO):
        world.mail(who, lab)
        assert not world.last(who).refused
    for who in (ADA, BO):
        world.order(who, Approve())
    assert [one.option for one in world.last(BO).refused] == ["lab"]
    world.mail(CY, lab)
    assert [one.option for one in world.last(CY).refused] == ["lab"]


def test_an_old_question_ends_no_application():
    """Its YES and NO, and its end, were about a request that has been confirmed since."""
    world = choosing()
    world.mail(ADA, Register(), UNPROVED)
    old = world.last(ADA).challenge
    world.mail(ADA, Register())
    assert row(world, ADA).applied
    for said in (No(), Yes()):
        world.mail(ADA, said, UNPROVED, challenge=old)
    world.later(days=3)
    world.due("expire", old)
    assert row(world, ADA).applied


def test_a_seat_that_is_held_needs_no_second_yes():
    """Who takes a cancellation back in time has it again."""
    world = choosing(waiting_list=WaitingList(undo_for=timedelta(hours=1)))
    world.mail(ADA, Register())
    world.order(ADA, Approve())
    world.mail(ADA, Cancel())
    world.mail(ADA, Register())
    assert world.status(ADA) is Status.CONFIRMED


def test_when_the_event_begins_undecided_applications_end_politely():
    """Once, by the round; nobody is approved after that, and nobody applies."""
    world = choosing()
    world.mail(ADA, Register())
    world.mail(BO, Register(), UNPROVED)
    number = row(world, ADA).number
    assert not world.due("undecided", number=number).changes
    world.now = world.event.starts
    assert world.order(ADA, Approve()).reason == "the event has begun"
    world.due("undecided", number=number)
    letter = world.last(ADA)
    assert (letter.kind, letter.variant, letter.notice) == ("rejected", "undecided", True)
    assert (world.status(ADA), row(world, ADA).applied) == (Status.EXPIRED, None)
    assert not world.due("undecided", number=number).letters
    late = world.last(BO).challenge
    assert not world.challenges[late].live(world.now)
    world.mail(CY, Register())
    assert world.last(CY).kind == "closed"


def test_a_yes_that_comes_when_the_event_has_begun_is_told_that_it_is_closed():
    """Nobody decides any more; also where the sign-up was made in time."""
    world = choosing()
    world.now = world.event.closes - timedelta(minutes=1)
    world.event = replace(world.event, starts=world.now + timedelta(hours=1))
    world.mail(ADA, Register(), UNPROVED)
    asked = world.last(ADA).challenge
    world.later(hours=1)
    world.mail(ADA, Yes(), UNPROVED, challenge=asked)
    assert (world.status(ADA), world.last(ADA).kind) == (Status.EXPIRED, "closed")


def test_who_applied_hears_that_the_event_is_called_off():
    """They wait for a word; who never confirmed still waits for nothing."""
    world = choosing()
    world.mail(ADA, Register())
    world.mail(BO, Register(), UNPROVED)
    world.book = replace(world.book, state=replace(world.book.state, called_off=world.now))
    for who in (ADA, BO):
        world.due("called_off", number=row(world, who).number)
    assert (world.last(ADA).kind, world.last(ADA).calendar) == ("event_cancelled", "none")
    assert world.kinds(BO) == ["please_confirm"]
    assert row(world, ADA).applied is None
