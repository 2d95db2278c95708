"""What organisers do with one registration: taken off the list, or moved in out of turn."""

from datetime import timedelta

import pytest

from mailflow.mail.address import parse_address
from mailflow.model.event import WaitingList
from mailflow.model.intent import Cancel, Fields, Forget, MoveIn, Register, Remove, Yes
from mailflow.model.registration import Status
from tests.desk.world import UNPROVED, World, recount

ADA, BO, CY, DI = (f"{name}@example.org" for name in ("ada", "bo", "cy", "di"))


def full(mode="auto", **line):
    """Two seats, Ada's and Bo's; Cy and Di wait."""
    world = World(capacity=2, guests=2, waiting_list=WaitingList(mode=mode, **line))
    for who in (ADA, BO, CY, DI):
        world.mail(who, Register())
    return world


def test_who_is_removed_loses_the_seat_and_is_told_why():
    """The calendar entry is cancelled above the last invitation; the reason stands in the letter."""
    world = full()
    decision = world.order(ADA, Remove("You are speaking; no seat is needed."))
    assert world.status(ADA) is Status.REMOVED
    letter = world.last(ADA)
    assert (letter.kind, letter.variant, letter.calendar, letter.notice) == ("cancelled", "removed", "cancel", True)
    assert letter.reason == "You are speaking; no seat is needed."
    assert letter.registration.sequence == 1
    assert [change.what for change in decision.changes] == ["removed", "promoted"]


@pytest.mark.parametrize(("mode", "status"), [("auto", Status.CONFIRMED), ("offer", Status.OFFERED)])
def test_the_seat_of_who_is_removed_goes_to_the_line_at_once(mode, status):
    """Also where the event gives time to take a cancellation back: nobody takes this one back."""
    world = full(mode, undo_for=timedelta(hours=1))
    world.order(BO, Remove())
    assert (world.status(CY), world.status(DI)) == (status, Status.WAITING)
    assert (world.book.state.taken, world.book.state.waiting) == recount(world.book) == (2, 1)


def test_who_waits_is_taken_off_the_line():
    """Without a calendar part, and nobody moves up beside the others."""
    world = full()
    world.order(CY, Remove())
    letter = world.last(CY)
    assert (letter.variant, letter.calendar) == ("removed_line", "none")
    assert (world.status(CY), world.status(DI)) == (Status.REMOVED, Status.WAITING)


def test_an_offer_is_taken_back_and_goes_on():
    """The next in line is asked; YES to the old letter takes nothing."""
    world = full("offer")
    world.order(ADA, Remove())
    offer = world.last(CY).challenge
    world.order(CY, Remove())
    assert world.status(DI) is Status.OFFERED
    world.mail(CY, Yes(), UNPROVED, challenge=offer)
    assert world.status(CY) is Status.REMOVED


def test_an_unconfirmed_request_is_removed_without_a_letter():
    """Nobody has shown that the address is theirs; the question that is still there does nothing any more."""
    world = full()
    world.mail("eve@example.org", Register(), UNPROVED)
    asked = world.last("eve@example.org").challenge
    decision = world.order("eve@example.org", Remove("because"))
    assert (decision.letters, world.status("eve@example.org")) == ((), Status.REMOVED)
    world.mail("eve@example.org", Yes(), UNPROVED, challenge=asked)
    assert world.status("eve@example.org") is Status.REMOVED


def test_a_seat_that_is_held_is_given_on():
    """Who has cancelled hears nothing new, and cannot have it back."""
    world = full(undo_for=timedelta(hours=1))
    world.mail(ADA, Cancel())
    told = len(world.letters)
    world.order(ADA, Remove())
    assert (world.status(ADA), world.status(CY)) == (Status.REMOVED, Status.CONFIRMED)
    assert [str(letter.to) for letter in world.letters[told:]] == [CY]


@pytest.mark.parametrize("order", [Remove("again"), MoveIn()])
def test_doing_it_twice_does_it_once(order):
    """The second time nothing changes and nobody is written to."""
    world = full()
    world.order(DI, order)
    book = world.book
    again = world.order(DI, order)
    assert (again.state, again.changes, again.letters, world.book) == ("ignored", (), (), book)


def test_who_was_removed_may_sign_up_as_from_nothing():
    """At the end of the line, with a new calendar entry: the old one stays cancelled."""
    world = full()
    world.order(ADA, Remove())
    world.mail(ADA, Register())
    row = world.last(ADA).registration
    assert (row.status, row.epoch, world.place(row)) == (Status.WAITING, 1, 2)


def test_who_is_moved_in_passes_the_line_and_the_capacity():
    """The only way past both; the others keep their order."""
    world = full()
    world.order(DI, MoveIn())
    letter = world.last(DI)
    assert (letter.kind, letter.calendar, letter.notice) == ("promoted", "request", True)
    assert (world.book.state.taken, world.book.state.waiting) == recount(world.book) == (3, 1)
    assert world.place(world.last(CY).registration) == 1
    world.mail(ADA, Cancel())
    assert world.status(CY) is Status.WAITING
    world.mail(BO, Cancel())
    assert world.status(CY) is Status.CONFIRMED


def test_who_is_offered_a_seat_is_moved_in_without_being_asked():
    """The offer is over: it neither lapses nor is taken twice."""
    world = full("offer")
    world.order(ADA, Remove())
    world.order(CY, MoveIn())
    assert world.status(CY) is Status.CONFIRMED
    world.later(days=3)
    world.tick()
    assert world.status(CY) is Status.CONFIRMED
    assert (world.book.state.taken, world.book.state.waiting) == recount(world.book) == (2, 1)


def test_a_party_that_blocked_the_line_is_moved_in_as_a_whole():
    """Guests come along."""
    world = World(capacity=3, guests=2)
    world.mail(ADA, Register())
    world.mail(BO, Register(Fields(guests=2)))
    assert world.status(BO) is Status.WAITING
    world.order(BO, MoveIn())
    assert world.book.state.taken == 4


@pytest.mark.parametrize("status", [Status.CONFIRMED, Status.CANCELLED, Status.PENDING, Status.REMOVED])
def test_only_who_waits_is_moved_in(status):
    """Nobody is given a seat who did not ask for one, or has gone."""
    world = full()
    world.mail("eve@example.org", Register(), UNPROVED)
    who = {Status.CONFIRMED: BO, Status.CANCELLED: ADA, Status.PENDING: "eve@example.org", Status.REMOVED: DI}[status]
    world.mail(ADA, Cancel())
    world.order(DI, Remove())
    assert world.status(who) is status
    decision = world.order(who, MoveIn())
    assert (decision.state, decision.changes) == ("ignored", ())


def test_after_the_end_nothing_is_done():
    """The list is history then."""
    world = full()
    world.later(days=30)
    for order in (Remove(), MoveIn()):
        assert world.order(CY, order).reason == "the event is over"


@pytest.mark.parametrize("farewell", [True, False])
def test_the_operator_erases_a_person_as_that_person_would(farewell):
    """The seat goes on and nothing is left; the last letter is a notice, with a CANCEL, and may be left out."""
    world = full(undo_for=timedelta(hours=1))
    world.order(ADA, Forget(parse_address(ADA), farewell))
    assert world.own(parse_address(ADA)) is None
    assert world.status(CY) is Status.CONFIRMED
    assert world.kinds(ADA) == (["registered", "erased"] if farewell else ["registered"])
    if farewell:
        letter = world.last(ADA)
        assert (letter.variant, letter.calendar, letter.notice, letter.cause) == ("seat", "cancel", True, None)
    assert (world.book.state.taken, world.book.state.waiting) == recount(world.book) == (2, 1)


def test_the_operator_erases_also_after_the_end_and_who_only_wrote():
    """There is no seat to release then, and no calendar entry to cancel."""
    world = full()
    world.later(days=30)
    world.order(ADA, Forget(parse_address(ADA)))
    assert (world.last(ADA).kind, world.last(ADA).calendar) == ("erased", "none")
    world.mail(None, Forget(parse_address("eve@example.org")))
    assert world.kinds("eve@example.org") == ["erased"]
