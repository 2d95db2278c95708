"""A change of time, place, title or link: what leads the letter, who gets it, and what the calendar is told."""

from dataclasses import replace
from datetime import UTC, time, timedelta

import pytest

from mailflow.desk.event_change import what_changed
from mailflow.mail.message import CalendarAnswer
from mailflow.model.announced import as_shown, shown_of
from mailflow.model.event import Item, Localized, Venue
from mailflow.model.intent import CalendarReply, Cancel, Due, Register, RemindOff
from mailflow.model.registration import Status
from tests.desk.world import World, event

ADA, BO, CY = "ada@example.org", "bo@example.org", "cy@example.org"
WEEK = timedelta(days=7)
NOW = event()
EARLIER = replace(NOW, starts=NOW.starts - WEEK, ends=NOW.ends - WEEK)
ELSEWHERE = replace(NOW, venue=Venue("Eden 116", street="Paradisgatan 5H"))
RENAMED = replace(NOW, title=Localized((("en", "Old name"),)))
LINKED = replace(NOW, venue=Venue(link="https://meet.example.org/1"))


@pytest.mark.parametrize(("was", "what"), [
    (EARLIER, ""),
    (replace(NOW, ends=NOW.ends - timedelta(hours=1)), ""),
    (replace(ELSEWHERE, starts=EARLIER.starts), ""),
    (replace(NOW, timezone="Europe/Oslo"), ""),
    (ELSEWHERE, "venue"),
    (replace(NOW, venue=Venue(floor=Localized((("en", "floor 1"),)))), "venue"),
    (replace(ELSEWHERE, title=RENAMED.title), "venue"),
    (RENAMED, "title"),
    (LINKED, "link"),
    (replace(NOW, included=Localized((("en", "lunch"),))), "details"),
    (replace(NOW, doors=NOW.starts - timedelta(minutes=15)), "details"),
    (replace(LINKED, included=Localized((("en", "lunch"),))), "link"),
    (NOW, None),
    (replace(NOW, description=Localized((("en", "More words"),)), capacity=99), None),
    (replace(NOW, venue=Venue(map="https://map.example.org/")), None),
    (replace(NOW, intro=Localized((("en", "Hello"),)), bring=Localized((("en", "A pen"),))), None),
    (replace(NOW, programme=(Item(Localized((("en", "Talk"),)), time(13, 0)),)), None),
])  # fmt: skip
def test_the_time_leads_then_the_place(was, what):
    """Where several things have changed, one letter tells them all; texts alone are no reason to write."""
    assert what_changed(was, NOW) == what


def test_what_people_were_told_is_put_back_onto_the_event():
    """All else is as the file says it now."""
    old = replace(EARLIER, venue=ELSEWHERE.venue, title=RENAMED.title, capacity=7)
    assert as_shown(NOW, shown_of(old)) == replace(old, capacity=NOW.capacity)


@pytest.fixture
def world():
    """Ada and Bo have seats, and Ada's calendar has said yes; Cy waits."""
    one = World(capacity=2)
    for who in (ADA, BO, CY):
        one.mail(who, Register())
    one.book.registrations[1] = replace(one.book.registrations[1], partstat="ACCEPTED")
    one.now += timedelta(hours=1)
    return one


def tell(world, number, was):
    return world.mail(None, Due("event_changed", number=number), located=number, was=was)


def test_a_new_time_asks_the_calendar_again(world):
    """SEQUENCE rises by one, DTSTAMP is now, the stored answer is forgotten, the seat is kept."""
    decision = tell(world, 1, EARLIER)
    (letter,) = decision.letters
    assert (letter.kind, letter.variant, letter.calendar, letter.notice) == ("event_changed", "", "request", True)
    assert letter.was == EARLIER
    after = world.book.registrations[1]
    assert letter.registration == after
    assert (after.status, after.partstat, after.sequence) == (Status.CONFIRMED, "NEEDS-ACTION", 1)
    assert after.dtstamp == world.now


@pytest.mark.parametrize("was", [ELSEWHERE, RENAMED, LINKED, replace(NOW, doors=NOW.starts)])
def test_anything_else_keeps_what_the_calendar_answered(world, was):
    """A change of room would else ask everybody again (calendar.md §4)."""
    tell(world, 1, was)
    after = world.book.registrations[1]
    assert (after.partstat, after.sequence) == ("ACCEPTED", 1)


WALL = NOW.starts.replace(tzinfo=None)


@pytest.mark.parametrize("starts", [NOW.starts, NOW.starts.astimezone(UTC), WALL])
def test_an_answer_to_the_invitation_before_a_new_room_counts(world, starts):
    """Its time is still right (calendar.md §10)."""
    tell(world, 1, ELSEWHERE)
    answer = CalendarAnswer("REPLY", "uid", partstat="DECLINED", sequence=0, starts=starts)
    world.mail(ADA, CalendarReply(answer), located=1)
    assert world.status(ADA) is Status.CANCELLED


@pytest.mark.parametrize("starts", [None, EARLIER.starts, EARLIER.starts.replace(tzinfo=None)])
@pytest.mark.parametrize(("partstat", "kinds"), [("ACCEPTED", []), ("DECLINED", ["please_confirm"])])
def test_an_answer_to_another_time_decides_nothing(world, starts, partstat, kinds):
    """Who could not come on the old day may well come on the new one, and is asked."""
    tell(world, 1, EARLIER)
    before = len(world.letters)
    answer = CalendarAnswer("REPLY", "uid", partstat=partstat, sequence=0, starts=starts)
    world.mail(ADA, CalendarReply(answer), located=1)
    assert [letter.kind for letter in world.letters[before:]] == kinds
    assert (world.status(ADA), world.book.registrations[1].partstat) == (Status.CONFIRMED, "NEEDS-ACTION")


def test_who_waits_is_told_without_a_calendar_part(world):
    """Nothing changes in the row: nobody was invited."""
    before = world.book
    (letter,) = tell(world, 3, EARLIER).letters
    assert (letter.kind, letter.calendar, letter.registration.sequence) == ("event_changed", "none", 0)
    assert world.book == before


def test_stop_does_not_stop_it(world):
    """Whoever keeps the seat has to know where and when."""
    world.mail(ADA, RemindOff())
    assert tell(world, 1, EARLIER).letters


def test_nobody_is_told_for_nothing(world):
    """Not who cancelled, not whose letters come back, not who knows it, and nothing of what is over."""
    world.mail(BO, Cancel())
    assert tell(world, 2, EARLIER).reason == "no seat"
    assert tell(world, 1, NOW).reason == "knows it already"
    assert tell(world, 1, None).reason == tell(world, 9, EARLIER).reason == "nothing to tell"
    row = world.book.registrations[1]
    world.book.registrations[1] = replace(row, undeliverable=True)
    assert tell(world, 1, EARLIER).reason == "letters come back"
    world.book.registrations[1] = row
    world.now = NOW.ends.astimezone(UTC)
    assert tell(world, 1, EARLIER).reason == "nothing to tell"
