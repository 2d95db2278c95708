"""Registrations: one standing one a person, a waiting line in order, counters that move with them."""

from dataclasses import replace
from datetime import timedelta

import pytest

from mailflow.mail.address import Address
from mailflow.model.decision import Saved
from mailflow.model.registration import Answer, Status
from mailflow.store.session import StoreError


def apply(store, now, *changes, mail=None):
    with store.write() as tx:
        for change in changes:
            tx.apply(change, "gan", now, mail)


def test_a_registration_comes_back_as_it_was_written(store, make, now):
    """Every field, with people's own letters and words."""
    person = make.registration(
        name="Åsa Öberg", language="sv", guests=2, place=3, partstat="TENTATIVE", epoch=1, sequence=4,
        dtstamp=now, answered_at=now, undeliverable=True, thread="<1@example.org>", address=Address("Åsa", "xn--a.example"),
        answers=(Answer("diet", ("vegan", "other"), 'inga "nötter"'), Answer("talk")),
    )  # fmt: skip
    apply(store, now, make.new(person))
    with store.read() as tx:
        assert tx.registration("gan", 1) == person
        assert tx.registration_by_code("gan", "CODE-1") == person
        assert tx.registration_of("gan", Address("åSA", "xn--a.example")) == person
        assert tx.registration("gan", 2) is tx.registration("bar", 1) is tx.registration_by_code("gan", "X") is None
        assert tx.registration_of("gan", make.address("bo")) is None


def test_the_standing_registration_comes_before_a_newer_one(store, make, now):
    """Else the newest speaks for the person."""
    old = make.registration(1, status=Status.CANCELLED)
    standing = make.registration(2, status=Status.WAITING)
    apply(store, now, make.new(old), make.new(standing), make.new(make.registration(3, status=Status.EXPIRED)))
    with store.read() as tx:
        assert tx.registration_of("gan", standing.address) == standing
    apply(store, now, Saved("left_line", standing, replace(standing, status=Status.CANCELLED)))
    with store.read() as tx:
        assert tx.registration_of("gan", standing.address).number == 3


def test_nobody_stands_twice_in_one_event(store, make, now):
    """The database itself refuses a second standing registration of the same address, and nothing changes."""
    apply(store, now, make.new(make.registration(1)))
    again = make.registration(2, status=Status.PENDING, address=Address("ADA", "example.org"))
    with pytest.raises(StoreError):
        apply(store, now, make.new(again))
    with store.read() as tx:
        assert tx.event_state("gan").taken == 1
        assert len(tx.history("gan")) == 1


def test_counters_follow_the_registrations(store, make, now):
    """Seats with guests, people in line, and the next number and place."""
    ada = make.registration(1, guests=2)
    bo = make.registration(2, "bo", Status.WAITING, place=1)
    cy = make.registration(3, "cy", Status.OFFERED, place=2)
    apply(store, now, make.new(ada), make.new(bo, "queued"), make.new(cy, "queued"))
    with store.read() as tx:
        state = tx.event_state("gan")
    assert (state.taken, state.waiting, state.next_number, state.next_place) == (4, 1, 4, 3)
    apply(
        store, now,
        Saved("cancelled", ada, replace(ada, status=Status.CANCELLED)),
        Saved("promoted", bo, replace(bo, status=Status.CONFIRMED, guests=1)),
    )  # fmt: skip
    with store.read() as tx:
        state = tx.event_state("gan")
        assert tx.metrics().seats == (("gan", "cancelled", 3), ("gan", "confirmed", 2), ("gan", "offered", 1))
    assert (state.taken, state.waiting, state.next_number, state.next_place) == (3, 0, 4, 3)
    assert list(store.recount()) == []


def test_a_change_of_what_has_moved_on_is_refused(store, make, now):
    """Two handlers of the same mail cannot both give up the same seat."""
    ada = make.registration(1)
    gone = replace(ada, status=Status.CANCELLED)
    apply(store, now, make.new(ada), Saved("cancelled", ada, gone))
    for stale in (ada, replace(gone, sequence=1), replace(gone, number=9)):
        with pytest.raises(StoreError):
            apply(store, now, Saved("cancelled", stale, replace(stale, status=Status.EXPIRED)))
    with pytest.raises(StoreError):
        apply(store, now, make.new(replace(ada, event="bar")))
    with pytest.raises(StoreError):
        apply(store, now, Saved("cancelled", gone, replace(gone, number=2)))
    with store.read() as tx:
        assert tx.registration("gan", 1) == gone
        assert tx.event_state("gan").taken == 0


def test_the_line_is_in_order_of_place(store, make, now):
    """Those who were held back keep their place; the line is counted from 1."""
    places = {1: 30, 2: 10, 3: 20, 4: 10}
    line = [make.registration(n, f"p{n}", Status.WAITING, place=place) for n, place in places.items()]
    apply(store, now, make.new(make.registration(9)), *(make.new(person, "queued") for person in line))
    with store.read() as tx:
        assert [person.number for person in tx.head_of_line("gan", 20)] == [2, 4, 3, 1]
        assert [person.number for person in tx.head_of_line("gan", 2)] == [2, 4]
        assert {person.number: tx.place_in_line(person) for person in line} == {2: 1, 4: 2, 3: 3, 1: 4}
        assert tx.place_in_line(make.registration(9)) == 0


def test_registrations_are_listed_by_number_and_status(store, make, now):
    """For lists and exports."""
    people = [
        make.registration(2, "bo", Status.WAITING),
        make.registration(1),
        make.registration(3, "cy", Status.REMOVED),
    ]
    apply(store, now, *map(make.new, people))
    with store.read() as tx:
        assert [person.number for person in tx.registrations("gan")] == [1, 2, 3]
        assert [person.number for person in tx.registrations("gan", Status.WAITING, "removed")] == [2, 3]


def test_each_change_is_a_step_in_the_history(store, make, now):
    """With the mail that caused it; `since` begins after that moment."""
    ada = make.registration(1)
    apply(store, now, make.new(ada), make.new(make.registration(2, "bo")), mail=7)
    later = now + timedelta(hours=1)
    apply(store, later, Saved("cancelled", ada, replace(ada, status=Status.CANCELLED)))
    with store.read() as tx:
        steps = tx.history("gan", number=1)
        assert [(step.what, step.status, step.at, step.mail) for step in steps] == [
            ("registered", "confirmed", now, 7),
            ("cancelled", "cancelled", later, None),
        ]
        assert [step.number for step in tx.history("gan")] == [1, 2, 1]
        assert [step.number for step in tx.history("gan", limit=1)] == [1]
        assert [step.what for step in tx.history("gan", since=now)] == ["cancelled"]
        assert tx.history("bar") == ()


def test_a_naive_time_is_never_stored(store, make, now):
    """A guess about its zone would be kept for ever."""
    with pytest.raises(ValueError, match="naive"):
        apply(store, now.replace(tzinfo=None), make.new(make.registration()))


def test_applications_are_listed_by_age_and_hold_nothing(store, make, now):
    """Only what is pending can be one; the view says so in a word."""
    first, second, asked = (make.registration(n, f"p{n}", Status.PENDING) for n in (2, 1, 3))
    first, second = replace(first, applied=now), replace(second, applied=now + timedelta(minutes=1))
    apply(store, now, *(make.new(one, "applied") for one in (second, first, asked)))
    with store.read() as tx:
        assert tx.applications("gan", 9) == (first, second)
        assert [one.number for one in tx.applications("gan", 1)] == [2]
        assert tx.applicants("gan") == 2
        assert tx.event_state("gan").taken == 0
    seat = replace(first, status=Status.CONFIRMED, applied=None)
    apply(store, now, Saved("confirmed", first, seat))
    with store.read() as tx:
        assert tx.applications("gan", 9) == (second,)
    with pytest.raises(StoreError):
        apply(store, now, Saved("confirmed", second, replace(second, status=Status.CONFIRMED)))
    rows = list(store.database.query("SELECT number, status FROM attendees"))
    assert [(row["number"], row["status"]) for row in rows] == [(1, "applied"), (2, "confirmed"), (3, "pending")]
