"""Announcements: numbered, due until they are through, the newest one found at once."""

from dataclasses import replace

import pytest

from mailflow.model.announcement import Draft
from mailflow.model.decision import Erased
from mailflow.model.event import Localized
from mailflow.model.registration import Status
from mailflow.store.session import StoreError

DRAFT = Draft(
    Localized((("en", "Lift"), ("sv", "Hiss"))), Localized((("en", 'It is "broken".'), ("sv", "Den är trasig.")))
)


def keep(store, now, audience="confirmed", by="kim@example.org", event="gan"):
    with store.write() as tx:
        return tx.keep_announcement(event, DRAFT, by, audience, now)


def test_an_announcement_comes_back_as_it_was_written(store, now):
    """The oldest is due first, until it is closed; numbers count for each event by itself."""
    first, second = keep(store, now), keep(store, now, "all", "")
    with store.write() as tx:
        tx.sync_event("bar", 1, None, None, "", now)
    assert (first.number, second.number, keep(store, now, event="bar").number) == (1, 2, 1)
    with store.write() as tx:
        assert tx.announcements("gan") == (second, first)
        assert tx.announcement_due("gan") == first
        tx.close_announcement("gan", 1, "sent")
        assert tx.announcement_due("gan") == second
        tx.close_announcement("gan", 2, "ended")
        assert tx.announcement_due("gan") is None
        with pytest.raises(StoreError):
            tx.close_announcement("gan", 2, "sent")
        assert [one.state for one in tx.announcements("gan")] == ["ended", "sent"]


def test_the_latest_is_the_newest_to_those_who_have_a_seat(store, now):
    """What the line was told is no news to who has a seat."""
    with store.read() as tx:
        assert tx.latest_announcement("gan") is None
    keep(store, now)
    latest = keep(store, now, "all")
    keep(store, now, "waiting")
    with store.read() as tx:
        assert tx.latest_announcement("gan") == latest


def test_who_listens_is_found_in_parts_by_number(store, make, now):
    """By audience; neither who said STOP nor whose letters come back."""
    people = [
        make.registration(1), make.registration(2, "bo", Status.WAITING, place=1),
        make.registration(3, "cy", Status.OFFERED, until=now), make.registration(4, "di", reminders=False),
        make.registration(5, "ed", undeliverable=True), make.registration(6, "fi", Status.CANCELLED),
        make.registration(7, "gu", Status.PENDING), make.registration(8, "ha"),
    ]  # fmt: skip
    with store.write() as tx:
        for one in people:
            tx.apply(make.new(one), "gan", now)
        numbers = {"confirmed": [1, 8], "waiting": [2, 3], "all": [1, 2, 3, 8]}
        for audience, expected in numbers.items():
            assert [one.number for one in tx.listeners("gan", audience, 0, 9)] == expected
            assert tx.listeners_count("gan", audience) == len(expected)
        assert [one.number for one in tx.listeners("gan", "all", 1, 2)] == [2, 3]


def test_announcements_go_with_the_people_of_the_event(store, now):
    """What they said may name anybody."""
    keep(store, now)
    with store.write() as tx:
        tx.erase_people("gan", now)
        assert tx.announcements("gan") == ()


def test_who_wrote_one_is_erased_from_it(store, make, now):
    """The text stays: it is the event's."""
    one = keep(store, now, by="Ådå@example.org")
    with store.write() as tx:
        address = replace(make.address("x"), local="ådå")
        assert tx.holds("gan", address)
        tx.apply(Erased(address, None), "gan", now)
        assert tx.announcements("gan") == (replace(one, by=""),)
        assert not tx.holds("gan", address)
