"""The end of the waiting list: who waits still is told, once, by the event's own clock."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from mailflow.desk.line_end import has_ended
from mailflow.mail.address import parse_address
from mailflow.model.event import WaitingList
from mailflow.model.intent import Cancel, Fields, Other, Register, RegisterOther, Yes
from mailflow.model.registration import Status
from tests.desk.world import UNPROVED, ZONE, World, event

ADA, BO, CY, DI = (f"{name}@example.org" for name in ("ada", "bo", "cy", "di"))
QUIET = (time(21), time(7))
UNTIL = datetime(2019, 8, 22, 12, 0, tzinfo=ZONE)


def at(day, hour, minute=0):
    return datetime(2019, 8, day, hour, minute, tzinfo=ZONE).astimezone(UTC)


def full(mode="auto", **more):
    """One seat, Ada's; Bo and Cy wait until Thursday noon; sign-up goes on until Friday."""
    world = World(capacity=1, guests=2, waiting_list=WaitingList(mode=mode, until=UNTIL, **more))
    for who in (ADA, BO, CY):
        world.mail(who, Register())
    return world


def after(world, *moment):
    world.now = at(*moment)
    world.tick()


@pytest.mark.parametrize(("until", "starts", "now", "ended"), [
    (None, at(27, 12, 30), at(27, 12, 29), False),
    (None, at(27, 12, 30), at(27, 12, 30), True),
    (at(26, 12), at(27, 12, 30), at(26, 11, 59), False),
    (at(26, 12), at(27, 12, 30), at(26, 12), True),
    # In the quiet hours it waits for their end, if that is before the event; downtime ends in them as well.
    (at(26, 22), at(27, 12, 30), at(26, 22), False),
    (at(26, 22), at(27, 12, 30), at(27, 6, 59), False),
    (at(26, 22), at(27, 12, 30), at(27, 7), True),
    (at(26, 12), at(27, 12, 30), at(27, 2), False),
    (at(26, 22), at(27, 6), at(26, 22), True),
    (at(26, 22), at(27, 7), at(26, 22), True),
    (None, at(27, 21, 30), at(27, 21, 30), True),
    (None, at(27, 21, 30), at(29, 2), True),
])  # fmt: skip
def test_the_hour_of_the_letter(until, starts, now, ended):
    """At `until`, at the latest when the event begins; not in the night before."""
    one = event(starts=starts.astimezone(ZONE), waiting_list=WaitingList(until=until))
    assert has_ended(one, now, QUIET) is ended


def test_who_waits_is_told_once_and_leaves_the_line():
    """In the order of the line, without a calendar part; nobody else hears anything."""
    world = full()
    after(world, 22, 11)
    assert world.status(BO) is Status.WAITING
    after(world, 22, 12)
    after(world, 22, 13)
    letters = [letter for letter in world.letters if letter.variant == "line_ended"]
    assert [str(letter.to) for letter in letters] == [BO, CY]
    assert {(letter.kind, letter.calendar, letter.notice) for letter in letters} == {("cancelled", "none", True)}
    assert {world.status(BO), world.status(CY)} == {Status.EXPIRED}
    assert world.status(ADA) is Status.CONFIRMED


def test_after_the_event_nobody_is_told():
    """The registration ends all the same; so does that of who is not reached."""
    world = full()
    after(world, 28, 9)
    assert world.status(BO) is Status.EXPIRED
    assert world.kinds(BO) == ["waitlisted"]


def test_nobody_is_put_in_line_when_nobody_is_moved_in():
    """Who signs up later is told that all is taken; a seat that comes free is for who asks then."""
    world = full()
    after(world, 22, 12)
    world.mail(DI, Register())
    assert (world.status(DI), world.last(DI).kind, world.last(DI).variant) == (None, "closed", "full")
    world.mail(ADA, Cancel())
    assert world.status(BO) is Status.EXPIRED
    world.mail(DI, Register())
    assert world.status(DI) is Status.CONFIRMED
    world.mail(BO, Register())
    assert world.last(BO).variant == "full"


def test_a_late_place_in_line_is_not_given_out():
    """WAITLIST after closing is for a line that still moves."""
    world = full(after_closing=True)
    world.mail(ADA, Cancel())
    after(world, 24, 12)
    world.mail(DI, Register(line=True))
    assert (world.last(DI).kind, world.last(DI).variant) == ("closed", "")


def test_a_yes_that_comes_when_all_is_taken_and_the_line_has_ended():
    """The question lives longer than the line: no place in it is given, and that is said."""
    world = full()
    world.now = at(22, 11)
    world.mail(DI, Register(), UNPROVED)
    asked = world.last(DI).challenge
    after(world, 22, 12)
    world.mail(DI, Yes(), UNPROVED, challenge=asked)
    assert (world.status(DI), world.last(DI).kind, world.last(DI).variant) == (Status.EXPIRED, "closed", "full")


@pytest.mark.parametrize("mode", ["off", "auto"])
def test_a_party_without_a_line_is_as_large_as_there_are_seats(mode):
    """Nobody is put in line for the guests; who comes is told how many may come along."""
    world = World(capacity=2, guests=2, waiting_list=WaitingList(mode=mode, until=UNTIL))
    world.now = at(22, 13)
    world.mail(ADA, Register(Fields(guests=2)))
    letter = world.last(ADA)
    assert (letter.kind, letter.registration.guests, letter.refused[0].number) == ("registered", 1, 1)
    assert world.book.state.taken == 2


def test_nobody_is_named_for_a_seat_that_is_not_there():
    """Others are asked only where they could at least wait."""
    world = full()
    after(world, 22, 12)
    world.mail(ADA, RegisterOther((Other("Eve", parse_address("eve@example.org")),)))
    assert world.status("eve@example.org") is None


def test_the_line_ends_for_offers_too():
    """An offer ends at `until` at the latest, and is not passed on."""
    world = full("offer", offer_for=timedelta(days=5))
    world.mail(ADA, Cancel())
    assert world.status(BO) is Status.OFFERED
    after(world, 22, 12)
    assert (world.last(BO).variant, world.last(CY).variant) == ("offer_lapsed", "line_ended")


def test_of_an_event_that_was_called_off_no_line_ends():
    """Who waits gets the letter that says so, and no other."""
    world = full()
    world.book = replace(world.book, state=replace(world.book.state, called_off=world.now))
    world.now = at(22, 12)
    world.due("line_ends", number=2)
    assert (world.status(BO), world.kinds(BO)) == (Status.WAITING, ["waitlisted"])
