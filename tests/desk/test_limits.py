"""Parties that no seat could ever be found for: they stop nobody."""

from dataclasses import replace

import pytest

from mailflow.desk.evolve import Book
from mailflow.model.event import WaitingList
from mailflow.model.intent import Fields, Register, Yes
from mailflow.model.letter import Refusal
from mailflow.model.registration import Status
from tests.desk.world import PROVED, UNPROVED, World, recount

ADA, BO, CY = (f"{name}@example.org" for name in ("ada", "bo", "cy"))


@pytest.mark.parametrize("proof", [PROVED, UNPROVED])
def test_a_party_larger_than_the_event_comes_as_large_as_that(proof):
    """It would wait in vain, and all behind it: the letter says how many guests there may be."""
    world = World(capacity=3, guests=5)
    world.mail(ADA, Register(Fields(guests=4)), proof)
    if proof is UNPROVED:
        world.mail(ADA, Yes(), proof, challenge=world.last(ADA).challenge)
    assert (world.status(ADA), world.book.state.taken) == (Status.CONFIRMED, 3)
    assert world.last(ADA).refused == (Refusal("guests", number=2),)


def test_in_line_it_is_the_same():
    """A party that could have a seat some day keeps its size."""
    world = World(capacity=2, guests=5)
    for who, guests in ((ADA, 0), (BO, 3), (CY, 1)):
        world.mail(who, Register(Fields(guests=guests)))
    parties = {str(row.address): row.seats for row in world.head()}
    assert parties == {BO: 2, CY: 2}
    assert world.last(BO).refused == (Refusal("guests", number=1),)
    assert world.last(CY).refused == ()


def test_where_nobody_fits_a_person_waits_alone():
    """An event of no seats, which its organisers are to open later."""
    world = World(capacity=0, guests=2)
    world.mail(ADA, Register(Fields(guests=1)))
    world.mail(BO, Register())
    assert [row.guests for row in world.head()] == [0, 0]
    assert (world.last(ADA).refused, world.last(BO).refused) == ((Refusal("guests", number=0),), ())


@pytest.mark.parametrize(("mode", "status"), [("auto", Status.CONFIRMED), ("offer", Status.OFFERED)])
def test_a_party_that_fewer_seats_have_made_too_large_is_passed_by(mode, status):
    """It keeps its place, for the day when there are more seats again; who stands behind it does not wait for that."""
    world = World(capacity=4, guests=3, waiting_list=WaitingList(mode=mode))
    world.mail(CY, Register(Fields(guests=1)))
    world.mail(ADA, Register(Fields(guests=3)))
    world.mail(BO, Register())
    world.book = Book(replace(world.book.state, capacity=3), world.book.registrations)
    world.tick()
    assert (world.status(ADA), world.status(BO)) == (Status.WAITING, status)
    assert (world.book.state.taken, world.book.state.waiting) == recount(world.book) == (3, 1)
