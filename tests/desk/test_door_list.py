"""The door list: when it is due, who is told of late cancellations, who was absent, and questions that are done."""

from dataclasses import replace
from datetime import timedelta

import pytest

from mailflow.desk.decide import decide
from mailflow.desk.door_list import hours_due, letter, readers
from mailflow.mail.address import parse_address
from mailflow.model.decision import Question, QuestionDone, View
from mailflow.model.event import After, EventState, Localized, Organiser, WaitingList
from mailflow.model.intent import Absent, Cancel, Done, Forget, MoveIn, Present, Register, Remove
from mailflow.model.letter import Cause
from mailflow.model.registration import Status
from tests.desk.world import NOW, UNPROVED, World, event, recount

ADA, BO, CY, KIM = (f"{name}@example.org" for name in ("ada", "bo", "cy", "kim.ek"))


def on_the_eve(mode="auto", **more):
    """Two seats, Ada's and Bo's, both on the list that went out; Cy waits; it is the evening before."""
    world = World(capacity=2, waiting_list=WaitingList(mode=mode), **more)
    for who in (ADA, BO, CY):
        world.mail(who, Register())
    world.now = world.event.starts - timedelta(hours=15)
    rows = {n: replace(row, door_number=n if n < 3 else 0) for n, row in world.book.registrations.items()}
    world.book = replace(world.book, registrations=rows)
    return world


def late(world):
    return [one for one in world.letters if one.kind == "late_cancellation"]


def test_the_list_is_due_a_day_and_two_hours_before_the_start():
    """Hours that pass, by no wall clock; a list that was missed is overtaken by the next one."""
    one = event()
    seen = [hours_due(one, one.starts - timedelta(hours=h)) for h in (25, 24, 3, 2, 1)]
    assert seen == [None, 24, 24, 2, 2]
    assert hours_due(one, one.starts) is None
    assert hours_due(replace(one, after=After(door_list_hours_before=())), one.starts - timedelta(hours=1)) is None


def test_a_day_before_is_24_hours_also_when_the_clocks_change():
    """From summer to winter time the wall shows another hour."""
    one = event()
    starts = one.starts.replace(month=10, day=27)
    moved = replace(one, starts=starts, ends=starts + timedelta(hours=3))
    first = starts.astimezone(NOW.tzinfo) - timedelta(hours=24)
    assert hours_due(moved, first) == 24
    assert hours_due(moved, first - timedelta(seconds=1)) is None
    assert one.local(first).hour == 13


def test_who_does_not_want_the_list_does_not_get_it():
    """In the organiser's language, as a notice."""
    kim = Organiser("Kim Ek", parse_address(KIM), "sv")
    robin = Organiser("Robin Berg", parse_address("robin@example.org"), "en", door_list=False)
    one = event(organisers=(kim, robin))
    assert readers(one) == (kim,)
    out = letter(one, EventState(2, None, None), kim, ())
    assert (out.kind, str(out.to), out.languages, out.notice) == ("door_list", KIM, ("sv",), True)


def test_a_late_cancellation_is_told_with_its_number_and_who_has_the_seat_now():
    """At once, to who holds the list; the newcomer is on no printed list."""
    world = on_the_eve()
    world.mail(BO, Cancel())
    (told,) = late(world)
    assert (str(told.to), told.variant, told.notice) == (KIM, "", True)
    assert [(one.door_number, str(one.address)) for one in told.door_list.gone] == [(2, BO)]
    assert [str(one.address) for one in told.door_list.new] == [CY]


@pytest.mark.parametrize("how", ["removed", "run out"])
def test_however_somebody_goes_it_is_told(how):
    """A removal, or letters that come back."""
    world = on_the_eve()
    if how == "removed":
        world.order(ADA, Remove())
        assert [one.door_number for one in late(world)[0].door_list.gone] == [1]
    else:
        world.order(CY, MoveIn())
        assert late(world) == []


def test_who_was_erased_is_told_as_a_number():
    """The organisers have to know that somebody will not come; the name is what was to be erased."""
    world = on_the_eve()
    world.mail(None, Forget(parse_address(ADA)), located=1)
    told = late(world)[0].door_list
    assert [one.door_number for one in told.gone] == [1]
    assert told.nameless


def test_who_comes_back_to_the_list_is_told_too():
    """The same number as before."""
    world = on_the_eve(mode="off")
    world.event = replace(world.event, closes=None)
    world.book = replace(world.book, state=replace(world.book.state, closes=None))
    world.mail(ADA, Cancel())
    world.mail(ADA, Register())
    assert [one.variant for one in late(world)] == ["", "back"]
    assert [one.door_number for one in late(world)[1].door_list.new] == [1]


def test_nothing_is_told_before_the_list_or_from_the_start_on():
    """A number that was never given out names nobody at the door; what comes later comes too late."""
    world = on_the_eve()
    world.mail(CY, Cancel())
    assert late(world) == []
    world.now = world.event.starts
    world.mail(ADA, Cancel())
    assert late(world) == []


def test_an_event_that_is_called_off_needs_no_door():
    """Each person's end is not told to the organisers, who ended it."""
    world = on_the_eve()
    world.book = replace(world.book, state=replace(world.book.state, called_off=world.now, reason=Localized()))
    for number in (1, 2, 3):
        world.due("called_off", number=number)
    assert world.status(ADA) is Status.CANCELLED
    assert late(world) == []


def test_absent_is_a_flag_that_can_be_taken_back():
    """From the start on, also after the end; it moves no counter, and doing it twice does it once."""
    world = on_the_eve()
    assert world.order(ADA, Absent()).reason == "the event has not begun"
    world.now = world.event.ends + timedelta(days=2)
    assert world.order(ADA, Absent()).reason == "marked absent"
    assert world.order(ADA, Absent()).state == "ignored"
    assert world.own(parse_address(ADA)).absent
    assert (world.book.state.taken, world.book.state.waiting) == recount(world.book)
    assert world.order(CY, Absent()).reason.startswith("has no seat")
    assert world.order(ADA, Present()).reason == "marked present"
    assert world.order(ADA, Present()).state == "ignored"
    assert not world.own(parse_address(ADA)).absent


def test_who_was_absent_is_not_thanked():
    """Bo came."""
    world = on_the_eve()
    world.now = world.event.ends
    world.order(ADA, Absent())
    assert world.due("thank", number=1).reason == "was absent"
    assert world.due("thank", number=2).reason == "thanked"


@pytest.mark.parametrize(
    ("known", "reason", "changes"),
    [
        (Question(31), "done", (QuestionDone(31),)),
        (Question(31, NOW), "is done already", ()),
        (None, "no such question", ()),
    ],
)
def test_done_takes_a_question_off_the_digest_once(known, reason, changes):
    """Also after the event; nobody gets a letter about it."""
    view = View(event(), EventState(2, None, None), None, Cause(), question=known)
    decision = decide(view, Done(31), UNPROVED, NOW + timedelta(days=30))
    assert (decision.reason, decision.changes, decision.letters) == (reason, changes, ())
