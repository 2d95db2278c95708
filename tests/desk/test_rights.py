"""STOP, MY DATA and ERASE: at once for a proved sender, after a YES for others, and twice is once."""

from datetime import timedelta

import pytest

from mailflow.mail.address import parse_address
from mailflow.model.decision import Challenged, Saved
from mailflow.model.event import WaitingList
from mailflow.model.intent import Cancel, EraseMe, MyData, No, Proposed, Register, RemindOff, Yes
from mailflow.model.registration import Status
from tests.desk.world import PROVED, UNPROVED, World, recount

ADA, BO, CAT, EVE, KIM = (
    "ada@example.org", "bo@example.org", "cat@example.org", "eve@example.org", "kim.ek@example.org",
)  # fmt: skip


@pytest.fixture
def world():
    return World(capacity=2)


def own(world, address=ADA):
    return world.own(parse_address(address))


def test_stop_ends_reminders_and_nothing_else(world):
    """The seat stays; one short letter says so."""
    world.mail(ADA, Register())
    before = own(world)
    decision = world.mail(ADA, RemindOff())
    (change,) = decision.changes
    assert isinstance(change, Saved)
    assert change.what == "reminders_off"
    assert not own(world).reminders
    assert own(world).status is before.status is Status.CONFIRMED
    assert (world.last(ADA).kind, world.last(ADA).variant, world.last(ADA).calendar) == ("status", "reminders_off", "none")


def test_stop_twice_is_one_change_and_the_same_answer(world):
    """Nobody is told that there is nothing to stop."""
    world.mail(ADA, Register())
    world.mail(ADA, RemindOff())
    decision = world.mail(ADA, RemindOff())
    assert decision.changes == ()
    assert [(letter.kind, letter.variant) for letter in decision.letters] == [("status", "reminders_off")]


def test_stop_of_somebody_who_waits_keeps_the_place(world):
    """The letter knows the position in line."""
    for address in (ADA, BO, CAT):
        world.mail(address, Register())
    world.mail(CAT, RemindOff())
    assert own(world, CAT).status is Status.WAITING
    assert (world.last(CAT).variant, world.last(CAT).place) == ("reminders_off", 1)


def test_stop_without_a_registration_is_told_the_status(world):
    """There is nothing that would be sent."""
    decision = world.mail(ADA, RemindOff())
    assert decision.changes == ()
    assert (world.last(ADA).kind, world.last(ADA).variant) == ("status", "")


def test_an_unproved_stop_asks_first(world):
    """Nothing changes until YES, which works once."""
    world.mail(ADA, Register())
    world.mail(ADA, RemindOff(), UNPROVED)
    asked = world.last(ADA)
    assert (asked.kind, asked.variant, asked.proved) == ("please_confirm", "remind_off", False)
    assert own(world).reminders
    world.mail(ADA, Yes(), UNPROVED, challenge=asked.challenge)
    assert not own(world).reminders
    assert world.last(ADA).variant == "reminders_off"
    assert world.mail(ADA, Yes(), UNPROVED, challenge=asked.challenge).state == "ignored"


def test_no_to_the_question_leaves_everything(world):
    """And no letter goes out."""
    world.mail(ADA, Register())
    world.mail(ADA, RemindOff(), UNPROVED)
    decision = world.mail(ADA, No(), UNPROVED, challenge=world.last(ADA).challenge)
    assert decision.letters == ()
    assert own(world).reminders


def test_a_stop_about_somebody_else_asks_that_person(world):
    """A booking code locates, it never authorises; its sender gets nothing."""
    world.mail(ADA, Register())
    decision = world.mail(EVE, RemindOff(), located=own(world).number)
    assert [(str(letter.to), letter.kind) for letter in decision.letters] == [(ADA, "please_confirm")]
    assert decision.letters[0].cause is None
    assert world.kinds(EVE) == []


def test_what_reads_as_a_stop_is_proposed(world):
    """The sender is asked, the organisers see the mail."""
    world.mail(ADA, Register())
    decision = world.mail(ADA, Proposed(RemindOff()), quote="too much mail, and Bo has the poster")
    assert (world.last(ADA).kind, world.last(ADA).variant) == ("please_confirm", "read_remind_off")
    assert (world.last(KIM).kind, world.last(KIM).variant) == ("question_forwarded", "read_remind_off")
    assert any(isinstance(change, Challenged) for change in decision.changes)
    world.mail(ADA, Yes(), challenge=world.last(ADA).challenge)
    assert not own(world).reminders


def test_a_proposed_stop_of_nobody_goes_to_people(world):
    """There is nothing to ask about."""
    world.mail(ADA, Proposed(RemindOff()), quote="too much mail")
    assert world.kinds(ADA) == ["question_received"]


def test_stop_is_no_answer_to_the_seat(world):
    """A seat that was stopped can still be given up."""
    world.mail(ADA, Register(), PROVED)
    world.mail(ADA, RemindOff())
    world.mail(ADA, Cancel())
    assert own(world).status is Status.CANCELLED


def test_my_data_goes_to_a_proved_sender_at_once(world):
    """One letter, no change; the file is added where the letter is rendered."""
    world.mail(ADA, Register())
    decision = world.mail(ADA, MyData())
    assert decision.changes == ()
    assert [(letter.kind, str(letter.to)) for letter in decision.letters] == [("my_data", ADA)]
    assert decision.letters[0].registration == own(world)


def test_a_stranger_may_ask_what_is_held_too(world):
    """Without a registration there are still mails."""
    world.mail(ADA, MyData())
    assert (world.last(ADA).kind, world.last(ADA).registration) == ("my_data", None)


@pytest.mark.parametrize("intent", [MyData(), EraseMe()])
def test_who_is_not_proved_is_asked_first(world, intent):
    """Nothing is shown and nothing erased before the YES; afterwards once."""
    world.mail(ADA, Register())
    world.mail(ADA, intent, UNPROVED)
    asked = world.last(ADA)
    assert (asked.kind, asked.proved, asked.quote) == ("please_confirm", False, "")
    assert asked.variant == ("erase" if intent == EraseMe() else "my_data")
    assert world.status(ADA) is Status.CONFIRMED
    world.mail(ADA, Yes(), UNPROVED, challenge=asked.challenge)
    assert world.last(ADA).kind == ("erased" if intent == EraseMe() else "my_data")
    assert world.mail(ADA, Yes(), UNPROVED, challenge=asked.challenge).letters == ()


@pytest.mark.parametrize("intent", [MyData(), EraseMe()])
def test_a_booking_code_never_opens_somebody_elses_details(world, intent):
    """The registered address is asked, in its own words; the sender hears nothing (trust.md §2.1 row 11)."""
    world.mail(ADA, Register())
    decision = world.mail(EVE, intent, located=own(world).number)
    (asked,) = decision.letters
    assert (str(asked.to), asked.kind, asked.cause) == (ADA, "please_confirm", None)
    assert world.kinds(EVE) == []


def test_a_site_that_always_asks_asks_here_too(world):
    """trust.require = "confirm"."""
    world.mail(ADA, EraseMe(), require_confirm=True)
    assert (world.last(ADA).kind, world.last(ADA).variant) == ("please_confirm", "erase")


def test_erasing_frees_the_seat_first(world):
    """The line moves up, the calendar entry is called back, and no row is left."""
    for address in (ADA, BO, CAT):
        world.mail(address, Register())
    decision = world.mail(ADA, EraseMe())
    assert [getattr(change, "what", "gone") for change in decision.changes] == ["cancelled", "promoted", "gone"]
    letter = world.last(ADA)
    assert (letter.kind, letter.variant, letter.calendar) == ("erased", "seat", "cancel")
    assert letter.registration.sequence == 1
    assert world.status(CAT) is Status.CONFIRMED
    assert own(world) is None
    assert recount(world.book) == (2, 0) == (world.book.state.taken, world.book.state.waiting)


def test_erasing_waits_for_no_second_thought():
    """Where a given-up seat is held for a while, an erased one is not: nobody is left to take it back."""
    world = World(capacity=1, waiting_list=WaitingList(undo_for=timedelta(minutes=30)))
    for address in (ADA, BO):
        world.mail(address, Register())
    world.mail(ADA, EraseMe())
    assert world.status(BO) is Status.CONFIRMED
    assert world.book.state.taken == 1


def test_erasing_a_place_in_line_is_not_told_of_a_seat(world):
    """Nor is a calendar part sent that nobody has."""
    for address in (ADA, BO, CAT):
        world.mail(address, Register())
    world.mail(CAT, EraseMe())
    assert (world.last(CAT).variant, world.last(CAT).calendar) == ("", "none")
    assert recount(world.book) == (2, 0) == (world.book.state.taken, world.book.state.waiting)


def test_erasing_after_the_event_calls_nothing_back(world):
    """The seat was used; the row goes all the same, and the counter with it."""
    world.mail(ADA, Register())
    world.later(days=10)
    world.mail(ADA, EraseMe())
    assert (world.last(ADA).kind, world.last(ADA).variant, world.last(ADA).calendar) == ("erased", "", "none")
    assert own(world) is None
    assert world.book.state.taken == 0


def test_erasing_twice_erases_once(world):
    """The second letter says the same: there is nothing."""
    world.mail(ADA, Register())
    world.mail(ADA, EraseMe())
    world.mail(ADA, EraseMe())
    assert world.kinds(ADA) == ["registered", "erased", "erased"]
    assert world.last(ADA).variant == ""


def test_who_was_erased_may_come_again(world):
    """As somebody new: with a new number and a new code."""
    world.mail(ADA, Register())
    first = own(world)
    world.mail(ADA, EraseMe())
    world.mail(ADA, Register())
    assert own(world).number > first.number
    assert own(world).code != first.code


def test_a_question_beside_an_erasure_asks_first(world):
    """It would go with the rest before anybody had read it; the YES erases it too."""
    world.mail(ADA, Register())
    decision = world.mail(ADA, EraseMe(), forward=True, quote="Erase me. Who has my badge?")
    assert {letter.kind for letter in decision.letters} == {"please_confirm", "question_forwarded"}
    assert world.status(ADA) is Status.CONFIRMED
    world.mail(ADA, Yes(), challenge=world.last(ADA).challenge)
    assert own(world) is None


def test_what_reads_as_an_erasure_is_proposed(world):
    """The organisers are told what it was read as."""
    world.mail(ADA, Register())
    world.mail(ADA, Proposed(EraseMe()), quote="take me off your books, and Bo has the poster")
    assert world.last(ADA).variant == world.last(KIM).variant == "read_erase"
    world.mail(ADA, Yes(), challenge=world.last(ADA).challenge)
    assert own(world) is None
    assert world.last(ADA).kind == "erased"


def test_the_budgets_hold_back_the_letter_and_not_the_act(world):
    """A proved person is erased all the same (trust.md §4)."""
    world.mail(ADA, Register())
    world.unlimited = False
    world.spent[ADA] = 3
    assert world.mail(ADA, EraseMe()).letters == ()
    assert own(world) is None
