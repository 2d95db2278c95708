"""Reminders and thanks: when a round is due by the event's own clock, and who is written to."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from mailflow.desk.reminders import Round, round_due
from mailflow.model.event import After, Reminder, WaitingList
from mailflow.model.intent import Cancel, Due, ForPeople, Register, Silent
from mailflow.model.letter import VARIANTS
from mailflow.model.registration import Status
from tests.desk.world import DISOWNED, UNPROVED, ZONE, World, event

ADA, BO, CY = "ada@example.org", "bo@example.org", "cy@example.org"
QUIET = (time(21), time(7))
WEEK, EVE = Reminder(7, time(9), 14), Reminder(1, time(9))
BOTH = {"reminders": (WEEK, EVE), "after": After(thank_you_at=time(9))}


def at(day, hour, minute=0, month=8, zone=ZONE):
    return datetime(2019, month, day, hour, minute, tzinfo=zone).astimezone(UTC)


def due(moment, quiet=QUIET, **changes):
    return round_due(event(**(BOTH | changes)), moment, quiet)


@pytest.mark.parametrize(("moment", "job"), [
    (at(20, 8, 59), None), (at(20, 9), "reminder-7"), (at(21, 20, 59), "reminder-7"), (at(22, 9), None),
    (at(26, 8, 59), None), (at(26, 9), "reminder-1"), (at(27, 12, 29), "reminder-1"), (at(27, 12, 30), None),
    (at(27, 17), None), (at(28, 8, 59), None), (at(28, 9), "thank-you"), (at(30, 8, 59), "thank-you"), (at(30, 9), None),
])  # fmt: skip
def test_a_round_is_due_at_its_hour_and_made_up_for_within_two_days(moment, job):
    """Seven days ahead, the day before, the morning after; a reminder never after the start."""
    found = due(moment)
    assert (found.job if found else None) == job


@pytest.mark.parametrize("moment", [at(20, 21), at(21, 0), at(21, 6, 59), at(26, 21), at(28, 23)])
def test_nothing_goes_out_in_the_quiet_hours(moment):
    """Not what was missed either: it waits for the morning."""
    assert due(moment) is None


def test_what_falls_into_the_quiet_hours_waits_for_their_end():
    """22:00 becomes 07:00 of the next day, 05:00 that of the same; the job keeps the day it was meant for."""
    late, early = (Reminder(3, time(22)),), (Reminder(3, time(5)),)
    assert due(at(24, 22), reminders=late) is None
    assert due(at(25, 6, 59), reminders=late) is None
    assert due(at(25, 7), reminders=late) == Round("reminder", at(24, 12).date(), 3)
    assert due(at(24, 7), reminders=early) == Round("reminder", at(24, 12).date(), 3)
    assert due(at(24, 5), quiet=(time(0), time(0)), reminders=early).days == 3
    assert due(at(24, 13), quiet=(time(12), time(14)), reminders=early) is None


def test_a_later_reminder_takes_the_place_of_one_that_was_missed():
    """Nobody gets two at once."""
    two = (Reminder(2, time(9)), Reminder(1, time(9)))
    assert due(at(26, 12), reminders=two).days == 1


@pytest.mark.parametrize(("day", "month", "utc"), [(26, 10, 7), (27, 10, 8)])
def test_nine_o_clock_is_nine_on_the_wall_before_and_after_the_change(day, month, utc):
    """Summer time ends on 27 October 2019 in Stockholm: 07:00 UTC before, 08:00 UTC from then on."""
    starts = datetime(2019, month, day + 1, 12, tzinfo=ZONE)
    moment = datetime(2019, month, day, utc, tzinfo=UTC)
    changes = {"starts": starts, "ends": starts + timedelta(hours=3)}
    assert due(moment - timedelta(minutes=1), **changes) is None
    assert due(moment, **changes).job == "reminder-1"


def test_an_hour_that_is_skipped_is_its_first_minute_that_exists():
    """02:30 on 31 March 2019 is not in Stockholm: 03:00 it is."""
    starts = datetime(2019, 4, 1, 12, tzinfo=ZONE)
    changes = {"starts": starts, "ends": starts + timedelta(hours=3), "reminders": (Reminder(1, time(2, 30)),)}
    night = (time(0), time(0))
    assert due(datetime(2019, 3, 31, 0, 59, tzinfo=UTC), night, **changes) is None
    assert due(datetime(2019, 3, 31, 1, 0, tzinfo=UTC), night, **changes).days == 1


def test_the_hours_are_those_of_the_event():
    """Nine in Tokyo is the middle of the night in Stockholm."""
    tokyo = ZoneInfo("Asia/Tokyo")
    starts = datetime(2019, 8, 27, 12, tzinfo=tokyo)
    assert due(at(26, 9, zone=tokyo), starts=starts, ends=starts + timedelta(hours=3)).job == "reminder-1"


@pytest.mark.parametrize(("ends", "day"), [((27, 23, 59), 28), ((28, 1), 28), ((28, 5, 59), 28), ((28, 6), 29)])
def test_the_morning_after_a_long_night_is_that_same_day(ends, day):
    """Thanks come when people wake up."""
    hours = (*ends, 0)[:3]
    moment = datetime(2019, 8, *hours, tzinfo=ZONE)
    assert due(at(day, 9), ends=moment, quiet=QUIET).day.day == day
    assert due(at(day, 8, 59), ends=moment) is None


def test_without_an_hour_nobody_is_thanked():
    """`thank_you_at` is left out for none."""
    assert due(at(28, 9), after=After()) is None


@pytest.fixture
def world():
    """Ada and Bo have seats since 12 August, Cy waits; it is the day before, nine o'clock."""
    one = World(capacity=2, **BOTH)
    one.now = at(12, 9)
    for who in (ADA, BO, CY):
        one.mail(who, Register())
    one.now = at(26, 9)
    return one


def go(world, job, days=0):
    """A round to everybody who ever wrote; the reasons in order."""
    return [
        world.mail(None, Due(job, number=number, days=days), located=number).reason
        for number in sorted(world.book.registrations)
    ]


def test_a_reminder_goes_to_who_has_a_seat(world):
    """A notice without a calendar part, which would ask again; who waits has no use for it."""
    assert go(world, "remind", 1) == ["reminded", "reminded", "no seat"]
    letter = world.last(ADA)
    assert (letter.kind, letter.variant, letter.calendar, letter.notice) == ("reminder", "", "none", True)
    assert letter.state.waiting == 1


def test_who_gave_the_seat_up_is_not_reminded(world):
    """Nor does the one who got it within a day: that letter is still at hand."""
    world.mail(ADA, Cancel())
    assert go(world, "remind", 1) == ["no seat", "reminded", "took the seat within a day"]


def test_a_held_or_an_offered_seat_is_no_seat_yet():
    """Only who is sure to have one is reminded."""
    line = WaitingList(mode="offer", undo_for=timedelta(hours=1))
    one = World(capacity=1, waiting_list=line, **BOTH)
    one.now = at(12, 9)
    for who in (ADA, BO):
        one.mail(who, Register())
    one.now = at(26, 8, 30)
    one.mail(ADA, Cancel())
    assert go(one, "remind", 1) == ["no seat", "no seat"]


@pytest.mark.parametrize(("change", "why"), [
    ({"reminders": False}, "wants no reminders"), ({"undeliverable": True}, "letters come back"),
    ({"status": Status.REMOVED}, "no seat"),
])  # fmt: skip
def test_who_said_stop_or_cannot_be_reached_is_left_alone(world, change, why):
    """Before and after the event."""
    rows = dict(world.book.registrations)
    rows[1] = replace(rows[1], **change)
    world.book = replace(world.book, registrations=rows)
    assert go(world, "remind", 1)[0] == why
    world.now = at(28, 9)
    assert go(world, "thank")[0] == why


def test_a_seat_of_the_last_fortnight_is_reminded_once_only(world):
    """`if_registered_days_before`: fourteen local days ahead is early enough, thirteen is not."""
    world.now = at(20, 9)
    rows = dict(world.book.registrations)
    rows[1] = replace(rows[1], since=at(13, 23, 59))
    rows[2] = replace(rows[2], since=at(14, 0))
    world.book = replace(world.book, registrations=rows)
    assert go(world, "remind", 7)[:2] == ["reminded", "took the seat too late for this one"]
    assert world.last(ADA).variant == "week"


@pytest.mark.parametrize(
    ("moment", "variant"), [(at(26, 9), ""), (at(27, 7), "today"), (at(25, 12), "later"), (at(20, 9), "week")]
)
def test_what_goes_out_late_says_what_is_true_then(world, moment, variant):
    """A reminder of the eve that comes in the morning says "today"."""
    world.now = moment
    go(world, "remind", 1)
    assert world.last(ADA).variant == variant
    assert variant in VARIANTS["reminder"]


def test_a_round_that_nobody_asked_for_writes_to_nobody(world):
    """An unknown reminder, an unknown number, a time after the start, thanks before the end."""
    before = len(world.letters)
    go(world, "remind", 5)
    go(world, "thank")
    world.mail(None, Due("remind", number=99, days=1), located=99)
    world.now = at(27, 13)
    go(world, "remind", 1)
    assert len(world.letters) == before


def test_thanks_go_to_who_had_a_seat(world):
    """The morning after."""
    world.now = at(28, 9)
    assert go(world, "thank") == ["thanked", "thanked", "no seat"]
    assert (world.last(BO).kind, world.last(BO).notice) == ("thank_you", True)


@pytest.mark.parametrize(("words", "intent", "reason"), [
    ("4", ForPeople("4"), "rated 4 of 5"), ("5!", ForPeople("5!"), "rated 5 of 5"),
    ("5 - great day, thanks!", Silent("ack"), "rated 5 of 5"),
    ("2. Too long", ForPeople("2. Too long"), "rated 2 of 5; handed to the organisers"),
])  # fmt: skip
@pytest.mark.parametrize("proof", [UNPROVED])
def test_a_number_is_noted_without_a_letter_and_words_go_to_the_organisers(world, words, intent, reason, proof):
    """No receipt for a rating (letters.md §8)."""
    world.now = at(28, 10)
    before = len(world.letters)
    decision = world.mail(ADA, intent, proof, replied_to="thank_you", quote=words, located=1)
    assert (decision.state, decision.reason) == ("done", reason)
    assert [letter.kind for letter in world.letters[before:]] == ["question_forwarded"] * ("handed" in reason)


@pytest.mark.parametrize(("words", "more"), [
    ("4", {}), ("6", {"replied_to": "thank_you"}), ("4711 is my code", {"replied_to": "thank_you"}),
    ("Four", {"replied_to": "thank_you"}), ("", {"replied_to": "thank_you"}), ("4", {"replied_to": "thank_you", "proof": DISOWNED}),
])  # fmt: skip
def test_anything_else_is_read_as_ever(world, words, more):
    """Another letter's answer, another number, words, a forger."""
    decision = world.mail(ADA, ForPeople(words), quote=words, **more)
    assert "rated" not in decision.reason
