"""An event that is called off: who is told, what becomes of each, and what is answered afterwards."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailflow.mail.message import CalendarAnswer
from mailflow.model.command import Command, OrderLine, Orders
from mailflow.model.event import Localized
from mailflow.model.intent import (
    AskStatus,
    CalendarReply,
    Cancel,
    Due,
    Empty,
    EraseMe,
    Fields,
    ForPeople,
    Help,
    MyData,
    No,
    Register,
    RegisterOther,
    RemindOff,
    Update,
    Yes,
)
from mailflow.model.registration import Answer, Status
from tests.desk.test_properties import LINES, STEP, TOUR
from tests.desk.world import UNPROVED, World, event, recount

ADA, BO, CY, DI = "ada@example.org", "bo@example.org", "cy@example.org", "di@example.org"
VEGAN = Fields(answers=(Answer("diet", ("vegan",)),))


@pytest.fixture
def world():
    """Ada and Bo have seats, Cy waits, Di was asked and has not answered; then it is called off."""
    world = World()
    for who in (ADA, BO, CY):
        world.mail(who, Register())
    world.mail(DI, Register(), UNPROVED)
    call_off(world)
    world.letters.clear()
    return world


def call_off(world):
    state = replace(world.book.state, called_off=world.now, reason=Localized((("en", "No lecturer."),)))
    world.book = replace(world.book, state=state)


def tell(world, number, **more):
    asked = tuple(c for c in world.challenges.values() if c.number == number and c.state == "open")
    due = Due("called_off", number=number)
    return world.mail(None, due, located=number, **({"was": world.event} | more)) if not asked else told(world, due, asked)


def told(world, due, asked):
    world.asked = lambda own: asked
    return world.mail(None, due, located=due.number, was=world.event)


def test_a_seat_ends_with_a_cancel_for_the_calendar(world):
    """SEQUENCE rises above the last REQUEST, and the letter carries the event that its reader knew."""
    (letter,) = tell(world, 1).letters
    assert (letter.kind, letter.calendar, letter.notice) == ("event_cancelled", "cancel", True)
    after = world.book.registrations[1]
    assert letter.registration == after
    assert (after.status, after.sequence) == (Status.CANCELLED, 1)
    assert letter.was == world.event


def test_a_place_in_line_ends_without_a_calendar_part(world):
    """Nobody who waits was ever invited."""
    (letter,) = tell(world, 3).letters
    assert (letter.kind, letter.calendar) == ("event_cancelled", "none")
    assert world.status(CY) is Status.CANCELLED


def test_an_offer_ends_with_its_question():
    """The seat that was offered is promised no longer, and its YES does nothing."""
    waiting_list = replace(event().waiting_list, mode="offer")
    world = World(capacity=1, waiting_list=waiting_list)
    world.mail(ADA, Register())
    world.mail(BO, Register())
    world.mail(ADA, Cancel())
    assert world.status(BO) is Status.OFFERED
    call_off(world)
    (offer,) = (c for c in world.challenges.values() if c.act == "offer")
    (letter,) = tell(world, 2).letters
    assert (letter.kind, letter.calendar) == ("event_cancelled", "none")
    assert world.challenges[offer.id].state == "ended"
    assert recount(world.book) == (0, 0)
    world.mail(BO, Yes(), challenge=offer.id)
    assert (world.last(BO).kind, world.last(BO).variant) == ("closed", "called_off")
    assert world.status(BO) is Status.CANCELLED


def test_an_offer_that_runs_out_meanwhile_says_the_same():
    """Not that the seat went to somebody else."""
    world = World(capacity=1, waiting_list=replace(event().waiting_list, mode="offer"))
    for who in (ADA, BO, CY):
        world.mail(who, Register())
    world.mail(ADA, Cancel())
    call_off(world)
    world.later(days=3)
    world.tick()
    assert world.kinds(BO)[-1] == "event_cancelled"
    assert world.status(CY) is Status.WAITING


def test_who_never_said_yes_hears_nothing(world):
    """Nothing was promised, and perhaps nobody there ever wrote; a YES that comes after all is answered, once."""
    (challenge,) = world.challenges.values()
    decision = world.mail(None, Due("called_off", number=4), located=4)
    assert (decision.letters, world.status(DI)) == ((), Status.CANCELLED)
    world.unlimited = False
    world.spent[world.book.registrations[4].address.canonical] = 99
    world.mail(DI, Yes(), UNPROVED, challenge=challenge.id)
    assert world.last(DI).variant == "called_off"
    assert world.challenges[challenge.id].state == "ended"
    assert not world.mail(DI, Yes(), UNPROVED, challenge=challenge.id).letters


def test_the_free_answer_to_a_yes_goes_to_the_address_that_was_asked(world):
    """Whoever has a question of his own open must not send a letter, past all budgets, to whom he names as sender."""
    (challenge,) = world.challenges.values()
    world.unlimited = False
    world.spent[world.book.registrations[1].address.canonical] = 99
    world.mail(ADA, Yes(), UNPROVED, challenge=challenge.id)
    assert world.last(DI).variant == "called_off"
    assert world.last(DI).to_name == ""
    assert not world.kinds(ADA)


def test_a_held_seat_is_let_go_without_a_letter():
    """Its owner gave it up before."""
    world = World(waiting_list=replace(event().waiting_list, undo_for=timedelta(hours=1)))
    world.mail(ADA, Register())
    world.mail(ADA, Cancel())
    call_off(world)
    assert tell(world, 1).letters == ()
    assert recount(world.book) == (0, 0) == (world.book.state.taken, world.book.state.waiting)
    assert tell(world, 1).reason == "nothing to give up"


def test_everybody_ends_whether_or_not_they_can_be_told(world):
    """Letters that come back, and a service that was down until after the event."""
    rows = {**world.book.registrations, 1: replace(world.book.registrations[1], undeliverable=True)}
    world.book = replace(world.book, registrations=rows)
    assert tell(world, 1).reason == "letters come back"
    world.later(days=8)
    assert tell(world, 2).reason == "the event is over"
    assert {world.status(ADA), world.status(BO)} == {Status.CANCELLED}
    assert world.letters == []


def test_the_counters_come_down(world):
    """As for any other end, and nobody moves up into the seats."""
    for number in (1, 2, 3, 4):
        tell(world, number)
        world.tick()
    assert recount(world.book) == (0, 0) == (world.book.state.taken, world.book.state.waiting)
    assert sorted(letter.kind for letter in world.letters) == ["event_cancelled"] * 3


@pytest.mark.parametrize("wish", [
    Register(), Register(line=True), Empty(), AskStatus(), AskStatus(resend=True), Cancel(), Update(VEGAN), RemindOff(),
    RegisterOther(()), Help(), Yes(), No(),
])  # fmt: skip
@pytest.mark.parametrize("who", [ADA, CY, "new@example.org"])
def test_whoever_writes_hears_that_it_is_called_off(world, who, wish):
    """Before the round has reached them, too, and nothing else comes of it."""
    before = world.book
    decision = world.mail(who, wish)
    assert [(letter.kind, letter.variant) for letter in decision.letters] == [("closed", "called_off")]
    assert world.book.registrations == before.registrations
    assert not world.mail(who, wish, forward=True, quote="and who has my umbrella?").letters[0].challenge


def test_strangers_get_it_within_their_budget(world):
    """An unproved address: one letter a day."""
    world.unlimited = False
    assert world.mail("x@example.org", Register(), UNPROVED).letters
    assert world.mail("x@example.org", Register(), UNPROVED).letters == ()


@pytest.mark.parametrize("wish", [
    ForPeople("Is my money lost?"), ForPeople("hm", short=True), Orders((OrderLine("OPEN", Command("open")),)),
])  # fmt: skip
def test_questions_go_to_people(world, wish):
    """As ever; and a word that we do not know is not answered with words that do nothing here."""
    kinds = [letter.kind for letter in world.mail(ADA, wish, quote="Is my money lost?").letters]
    assert kinds == ["question_forwarded", "question_received"]


def test_what_is_held_can_be_seen_and_erased(world):
    """Also while the round is under way: then the calendar's entry goes with it, and nobody moves up."""
    assert [letter.kind for letter in world.mail(BO, MyData()).letters] == ["my_data"]
    (letter,) = world.mail(ADA, EraseMe()).letters
    assert (letter.kind, letter.calendar) == ("erased", "cancel")
    world.mail(BO, EraseMe(), UNPROVED)
    (challenge,) = (c for c in world.challenges.values() if c.act == "erase")
    world.mail(BO, Yes(), challenge=challenge.id)
    assert world.last(BO).kind == "erased"


@pytest.mark.parametrize("partstat", ["ACCEPTED", "DECLINED"])
def test_a_calendars_answer_changes_nothing(world, partstat):
    """The CANCEL is on its way."""
    before = world.book
    assert world.mail(ADA, CalendarReply(CalendarAnswer("REPLY", "uid", partstat=partstat)), located=1).letters == ()
    assert world.book == before


def go(world, step):
    """One step of any life."""
    if step[0] == "later":
        world.later(seconds=step[1])
        world.tick()
    elif step[0] == "capacity":
        world.book = replace(world.book, state=replace(world.book.state, capacity=step[1]))
        world.due("seats")
    elif step[0] == "order":
        rows = list(world.book.registrations)
        if rows:
            world.mail(None, step[2], located=rows[step[1] % len(rows)])
    else:
        who, intent, proof, which, thread, forward = step
        answers = isinstance(intent, Yes | No) and world.challenges
        challenge = list(world.challenges)[which % len(world.challenges)] if answers else None
        world.mail(who, intent, proof, challenge=challenge, replied_to=thread, forward=forward, quote="words")


@settings(max_examples=100, deadline=None)
@given(st.lists(STEP, max_size=25), st.lists(STEP, max_size=15), st.integers(0, 4), LINES)
def test_whatever_came_before_it_ends_everything(before, meanwhile, capacity, line):
    """Told once each, whatever they write while the round is under way; counters at nought, and nobody moves up."""
    world = World(capacity=capacity, guests=2, waiting_list=line, questions=(TOUR,))
    for step in before:
        go(world, step)
    call_off(world)
    world.letters.clear()
    for number in list(world.book.registrations)[::2]:
        world.mail(None, Due("called_off", number=number), located=number)
    for step in meanwhile:
        go(world, step)
    for number in list(world.book.registrations):
        world.mail(None, Due("called_off", number=number), located=number)
    rows = world.book.registrations.values()
    assert not any(row.status.standing or row.until for row in rows)
    assert recount(world.book) == (0, 0) == (world.book.state.taken, world.book.state.waiting)
    assert not any(one.taken for one in world.chosen())
    told = [letter.to.key for letter in world.letters if letter.kind == "event_cancelled"]
    assert len(told) == len(set(told))
    assert not {letter.kind for letter in world.letters} & {"promoted", "offered", "registered", "waitlisted", "updated"}
