"""The decision table, as people see it: a wish goes in, states and letters come out."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from mailflow.desk.challenge import content_hash
from mailflow.desk.evolve import evolve
from mailflow.mail.message import CalendarAnswer
from mailflow.model.decision import ChallengeClosed, Challenged, QuestionOpened, Saved
from mailflow.model.event import WaitingList
from mailflow.model.intent import (
    AskStatus,
    CalendarReply,
    Cancel,
    Empty,
    Fields,
    ForPeople,
    Help,
    No,
    Register,
    Silent,
    Yes,
)  # fmt: skip
from mailflow.model.registration import Answer, Status
from tests.desk.world import DISOWNED, UNPROVED, World

ADA, BO, CY = "ada@example.org", "bo@example.org", "cy@example.org"


@pytest.fixture
def world():
    return World(capacity=2)


def challenge_of(world, address):
    return world.last(address).challenge


def test_a_proved_sender_gets_a_seat_and_an_invitation_at_once(world):
    """One mail in, one letter out, with a REQUEST of SEQUENCE 0."""
    world.mail(ADA, Register(), name="Ada L")
    letter = world.last(ADA)
    assert (letter.kind, letter.calendar, letter.registration.sequence) == ("registered", "request", 0)
    assert world.status(ADA) is Status.CONFIRMED
    assert world.book.state.taken == 1


def test_the_same_sign_up_again_registers_once_and_tells_the_status(world):
    """A duplicate is answered with the present state; the invitation goes again, same SEQUENCE, newer DTSTAMP."""
    world.mail(ADA, Register())
    first = world.last(ADA).registration
    world.mail(ADA, Register())
    again = world.last(ADA)
    assert world.kinds(ADA) == ["registered", "status"]
    assert again.registration.sequence == first.sequence
    assert again.registration.dtstamp > first.dtstamp
    assert len(world.book.registrations) == 1


def test_a_full_event_puts_people_in_line_in_the_order_they_came(world):
    """First come, first served; the letter tells the place."""
    for who in (ADA, BO, CY, "di@example.org"):
        world.mail(who, Register())
    assert [world.last(who).kind for who in (BO, CY)] == ["registered", "waitlisted"]
    assert (world.last(CY).place, world.last("di@example.org").place) == (1, 2)


def test_cancelling_a_seat_gives_it_to_the_longest_waiting(world):
    """A freed seat goes to the head of the line, and both people are written to."""
    for who in (ADA, BO, CY, "di@example.org"):
        world.mail(who, Register())
    world.mail(ADA, Cancel())
    assert world.last(ADA).kind == "cancelled"
    assert (world.last(ADA).calendar, world.last(ADA).registration.sequence) == ("cancel", 1)
    assert world.last(CY).kind == "promoted"
    assert world.last(CY).calendar == "request"
    assert world.last("di@example.org").kind == "waitlisted"
    assert world.book.state.taken == 2


def test_leaving_the_line_sends_no_calendar(world):
    """Who was never invited has nothing to take out of a calendar."""
    for who in (ADA, BO, CY):
        world.mail(who, Register())
    world.mail(CY, Cancel())
    assert (world.last(CY).kind, world.last(CY).variant, world.last(CY).calendar) == ("cancelled", "left_line", "none")


def test_coming_back_after_a_cancellation_starts_a_new_epoch(world):
    """A new UID, SEQUENCE 0: a cancelled UID may stay dead in a calendar (calendar.md §4)."""
    world.mail(ADA, Register())
    world.mail(ADA, Cancel())
    world.mail(ADA, Register())
    again = world.last(ADA).registration
    assert (again.number, again.epoch, again.sequence) == (1, 1, 0)


def test_an_unproved_sender_is_asked_and_becomes_registered_by_yes(world):
    """Nothing is taken before the YES; the question holds nothing the sender wrote."""
    world.mail(ADA, Register(), UNPROVED, name="Buy Now")
    asked = world.last(ADA)
    assert (asked.kind, asked.proved, asked.to_name) == ("please_confirm", False, "")
    assert world.book.state.taken == 0
    world.mail(ADA, Yes(), UNPROVED, challenge=asked.challenge)
    assert world.status(ADA) is Status.CONFIRMED
    assert world.last(ADA).kind == "registered"


def test_a_challenge_works_once(world):
    """A second YES does nothing and gets no letter."""
    world.mail(ADA, Register(), UNPROVED)
    challenge = challenge_of(world, ADA)
    world.mail(ADA, Yes(), UNPROVED, challenge=challenge)
    before = len(world.letters)
    world.mail(ADA, Cancel())
    world.mail(ADA, Yes(), UNPROVED, challenge=challenge)
    assert world.status(ADA) is Status.CANCELLED
    assert len(world.letters) == before + 1


def test_a_challenge_runs_out(world):
    """After its time a YES is ignored; the clock turns the request into EXPIRED."""
    world.mail(ADA, Register(), UNPROVED)
    challenge = challenge_of(world, ADA)
    world.later(hours=49)
    assert world.mail(ADA, Yes(), UNPROVED, challenge=challenge).state == "ignored"
    world.due("expire", challenge)
    assert world.status(ADA) is Status.EXPIRED


def test_yes_from_another_address_confirms_the_challenged_one(world):
    """Reading the mailbox is what is proved; the letter goes to the challenged address."""
    world.mail(ADA, Register(), UNPROVED)
    world.mail("ada@alias.example", Yes(), UNPROVED, challenge=challenge_of(world, ADA))
    assert world.kinds(ADA) == ["please_confirm", "registered"]
    assert world.kinds("ada@alias.example") == []


def test_no_ends_a_challenge_without_a_letter(world):
    """Nobody is registered and nobody is written to."""
    world.mail(ADA, Register(), UNPROVED)
    world.mail(ADA, No(), UNPROVED, challenge=challenge_of(world, ADA))
    assert world.status(ADA) is Status.CANCELLED
    assert world.kinds(ADA) == ["please_confirm"]


def test_a_proved_sign_up_overtakes_its_own_open_question(world):
    """Who proves himself while a question is open is registered at once; the late YES changes nothing."""
    world.mail(ADA, Register(), UNPROVED)
    challenge = challenge_of(world, ADA)
    world.mail(ADA, Register())
    assert world.status(ADA) is Status.CONFIRMED
    world.mail(ADA, Yes(), UNPROVED, challenge=challenge)
    assert world.kinds(ADA) == ["please_confirm", "registered"]


def test_an_unproved_cancellation_asks_the_registered_address(world):
    """The seat is kept until YES."""
    world.mail(ADA, Register())
    world.mail(ADA, Cancel(), UNPROVED)
    assert (world.last(ADA).kind, world.last(ADA).variant) == ("please_confirm", "cancel")
    assert world.status(ADA) is Status.CONFIRMED
    world.mail(ADA, Yes(), UNPROVED, challenge=challenge_of(world, ADA))
    assert world.status(ADA) is Status.CANCELLED


def test_a_stranger_who_knows_the_code_only_makes_us_ask_the_owner(world):
    """A booking code locates, it never authorises: nothing to the stranger, even a proved one."""
    world.mail(ADA, Register())
    world.mail("eve@evil.example", Cancel(), located=1)
    assert world.kinds("eve@evil.example") == []
    assert world.last(ADA).kind == "please_confirm"
    assert world.status(ADA) is Status.CONFIRMED


def test_a_disowned_sender_gets_nothing_and_does_nothing(world):
    """DMARC failure beats everything, a challenge too."""
    world.mail(ADA, Register(), UNPROVED)
    decision = world.mail(ADA, Yes(), DISOWNED, challenge=challenge_of(world, ADA))
    assert (decision.state, decision.letters, decision.changes) == ("ignored", (), ())


def test_an_older_yes_does_not_confirm_what_somebody_else_asked_for_since(world):
    """A challenge is bound to what it would do: a forged second request ends the first question (trust.md §2.2)."""
    world.mail(ADA, Register(Fields(name="Ada L")), UNPROVED)
    mine = challenge_of(world, ADA)
    world.later(hours=25)
    forged = Fields(name="Mal Lory", answers=(Answer("note", text="cheap pills"),))
    decision = world.mail(ADA, Register(forged), UNPROVED)
    assert [type(change) for change in decision.changes] == [ChallengeClosed, Saved, Challenged]
    late = world.mail(ADA, Yes(), UNPROVED, challenge=mine)
    assert (late.state, late.letters, late.reason) == ("ignored", (), "the question was answered or has run out")
    assert world.status(ADA) is Status.PENDING
    world.mail(ADA, Yes(), UNPROVED, challenge=challenge_of(world, ADA))
    assert world.status(ADA) is Status.CONFIRMED


def test_what_was_asked_twice_alike_is_confirmed_by_either_yes(world):
    """Nothing else would be done by the older one, so it is not made useless."""
    for _ in range(2):
        world.mail(ADA, Register(Fields(name="Ada L")), UNPROVED)
    first = world.letters[0].challenge
    world.mail(ADA, Yes(), UNPROVED, challenge=first)
    assert world.status(ADA) is Status.CONFIRMED


def test_a_row_that_is_not_what_was_asked_about_is_not_confirmed(world):
    """Whatever changed it: the hash decides, and it outlives what the store does to a text."""
    broken = Fields(name="Ada \ud800", answers=(Answer("note", ("a", "b"), "c"),))
    world.mail(ADA, Register(broken), UNPROVED)
    challenge = world.challenges[challenge_of(world, ADA)]
    row = world.own(world.last(ADA).to)
    assert content_hash(row) == content_hash(replace(row, name="Ada ?")) == challenge.content_hash
    others = (
        replace(row, guests=1),
        replace(row, name="Ada"),
        replace(row, answers=()),
        replace(row, answers=(Answer("note", ("a",), "b"), Answer("c"))),
    )
    assert len({content_hash(other) for other in (row, *others)}) == 5
    for other in others:
        world.book = evolve(world.book, (Saved("asked", row, other),))
        world.challenges[challenge.id] = challenge
        decision = world.mail(ADA, Yes(), UNPROVED, challenge=challenge.id)
        assert (decision.state, decision.letters) == ("ignored", ())
        assert decision.changes == (ChallengeClosed(challenge, "ended"),)
        assert world.status(ADA) is Status.PENDING


@pytest.mark.parametrize(("days", "variant"), [(-30, "not_open"), (4, ""), (8, "over")])
def test_outside_the_window_a_sign_up_is_told_so(days, variant):
    """Before opening, after closing, after the event: `closed`, in its own words."""
    world = World()
    world.later(days=days)
    world.mail(ADA, Register())
    assert (world.last(ADA).kind, world.last(ADA).variant) == ("closed", variant)
    assert world.status(ADA) is None


def test_closing_is_at_noon_in_stockholm():
    """23 August 12.00 is 10:00 UTC: a second before it is open, at it closed."""
    world = World()
    world.now = world.event.closes.astimezone(world.now.tzinfo) - timedelta(seconds=1)
    assert (world.now.hour, world.now.minute) == (9, 59)
    world.mail(ADA, Register())
    world.later(seconds=1)
    world.mail(BO, Register())
    assert (world.last(ADA).kind, world.last(BO).kind) == ("registered", "closed")


def test_an_event_without_a_line_says_full():
    """Mode off: no place in line is promised."""
    world = World(capacity=1, waiting_list=WaitingList(mode="off"))
    world.mail(ADA, Register())
    world.mail(BO, Register())
    assert (world.last(BO).kind, world.last(BO).variant) == ("closed", "full")


def test_waitlist_is_taken_after_closing_where_the_event_allows_it():
    """A sign-up is told the word; the word puts him in line."""
    world = World(capacity=1, waiting_list=WaitingList(after_closing=True))
    world.mail(ADA, Register())
    world.later(days=4)
    world.mail(BO, Register())
    assert world.last(BO).variant == "line_open"
    world.mail(BO, Register(line=True))
    assert world.last(BO).kind == "waitlisted"


def test_more_seats_move_the_line_in_order(world):
    """Capacity rises: the clock's intent promotes from the head, once each."""
    for who in (ADA, BO, CY, "di@example.org"):
        world.mail(who, Register())
    from dataclasses import replace

    world.book = replace(world.book, state=replace(world.book.state, capacity=3))
    world.due("seats")
    assert world.kinds(CY) == ["waitlisted", "promoted"]
    assert world.kinds("di@example.org") == ["waitlisted"]


def test_an_empty_mail_is_asked_back(world):
    """"Do you want to register? Reply YES"; YES registers, proved or not."""
    world.mail(ADA, Empty())
    assert (world.last(ADA).kind, world.last(ADA).variant) == ("please_confirm", "ask_register")
    world.mail(ADA, Yes(), challenge=challenge_of(world, ADA))
    assert world.last(ADA).kind == "registered"


def test_everything_else_goes_to_people_and_the_sender_is_told(world):
    """A mail for a human reaches each organiser who takes questions; nothing changes."""
    world.mail(ADA, ForPeople("Is there parking?"))
    asked = world.last("kim.ek@example.org")
    assert (asked.kind, asked.variant, asked.quote) == ("question_forwarded", "", "Is there parking?")
    assert world.kinds(ADA) == ["question_received"]


def test_a_second_unclear_word_goes_to_people(world):
    """Nobody gets "we did not get that" twice in a row (letters.md §8)."""
    world.mail(ADA, Yes())
    assert world.last(ADA).kind == "not_understood"
    world.mail(ADA, Yes(), replied_to="not_understood")
    assert world.last(ADA).kind == "question_received"


def test_cancelling_without_a_registration_goes_to_people(world):
    """Perhaps he signed up from another address: only a person can tell. That is a wish, and headed as no question."""
    decision = world.mail(ADA, Cancel())
    assert decision.reason == "read as cancel; handed to the organisers"
    assert world.kinds("kim.ek@example.org") == ["question_forwarded"]
    assert world.last("kim.ek@example.org").variant == "wish"


def test_robots_are_never_answered(world):
    """Whatever they say."""
    for kind in ("auto-reply", "bounce", "spam", "own", "ack"):
        assert world.mail(ADA, Silent(kind)).letters == ()


@pytest.mark.parametrize("letter", ["question_forwarded", "question_received"])
def test_an_organiser_s_absence_program_does_not_talk_with_us_for_ever(world, letter):
    """The only organiser's robot, without any mark of one, answers what we sent: it is kept, and not sent back."""
    kim = "kim.ek@example.org"
    decision = world.mail(kim, ForPeople("I am at sea."), replied_to=letter, organiser=True)
    assert "question_forwarded" not in [one.kind for one in decision.letters]
    assert (decision.state, decision.reason) == ("done", "kept for the organisers' digest")
    assert [type(change) for change in decision.changes] == [QuestionOpened]


@pytest.mark.parametrize("late", [timedelta(0), timedelta(days=2, hours=1)])
def test_what_a_stranger_asked_in_my_name_is_not_in_my_registration(world, late):
    """A forged request waits for YES, or has run out; then I write myself, and none of its words are mine."""
    answers = (Answer("note", text="cheap pills"),)
    world.mail(ADA, Register(Fields(name="Mal Lory", answers=answers)), UNPROVED)
    world.now += late
    world.due("expire", challenge_of(world, ADA))
    world.mail(ADA, Register())
    own = world.own(world.last(ADA).to)
    assert (own.status, own.name, own.answers) == (Status.CONFIRMED, "", ())


@pytest.mark.parametrize(("said", "limit", "guests"), [(None, 3, 2), (0, 3, 0), (1, 3, 1), (None, 1, 1), (5, 3, 3)])
def test_who_names_no_guests_brings_those_he_brought_before(said, limit, guests):
    """Coming back with a plain "register": nothing was said about guests, so they stand as name and answers do."""
    world = World(capacity=9, guests=3)
    world.mail(ADA, Register(Fields(name="Ada L", guests=2)))
    world.mail(ADA, Cancel())
    world.event = replace(world.event, guests=limit)
    world.mail(ADA, Register(Fields(guests=said)))
    own = world.own(world.last(ADA).to)
    assert (own.name, own.guests, world.book.state.taken) == ("Ada L", guests, 1 + guests)


def test_the_guests_a_stranger_named_for_me_do_not_come(world):
    """As with his other words: nobody vouched for the row that I then write about."""
    world.event = replace(world.event, guests=3)
    world.mail(ADA, Register(Fields(guests=1)), UNPROVED)
    world.mail(ADA, Register())
    assert world.own(world.last(ADA).to).guests == 0


def test_help_and_status_are_told(world):
    """The words, and where one stands."""
    world.mail(ADA, Help())
    world.mail(ADA, AskStatus())
    assert [(x.kind, x.variant) for x in world.letters] == [("not_understood", "help"), ("status", "")]


def answer(world, partstat, **more):
    return CalendarReply(CalendarAnswer("REPLY", "uid", partstat=partstat, **more))


def test_an_answer_from_the_future_does_not_silence_later_ones(world):
    """A phone whose clock says 9999 accepts; the decline that follows is the newer answer."""
    world.mail(ADA, Register())
    world.mail(ADA, answer(world, "ACCEPTED", dtstamp=datetime(9999, 12, 31, tzinfo=UTC)), located=1)
    world.now += timedelta(hours=1)
    world.mail(ADA, answer(world, "DECLINED", dtstamp=world.now), located=1)
    assert world.own(world.last(ADA).to).status is Status.CANCELLED


def test_a_proved_decline_frees_the_seat_without_a_calendar_part(world):
    """The program has removed the entry already; the next in line moves in."""
    for who in (ADA, BO, CY):
        world.mail(who, Register())
    world.mail(ADA, answer(world, "DECLINED"), located=1)
    assert (world.last(ADA).kind, world.last(ADA).variant, world.last(ADA).calendar) == ("cancelled", "declined", "none")
    assert world.last(CY).kind == "promoted"


def test_an_accept_is_noted_without_a_letter(world):
    """ACCEPTED changes nothing that we need to say."""
    world.mail(ADA, Register())
    decision = world.mail(ADA, answer(world, "ACCEPTED"), located=1)
    assert decision.letters == ()
    assert world.own(world.last(ADA).to).partstat == "ACCEPTED"


def test_an_unproved_or_foreign_decline_asks_the_owner(world):
    """The seat stays until the registered address says YES."""
    world.mail(ADA, Register())
    world.mail(ADA, answer(world, "DECLINED"), UNPROVED, located=1)
    assert world.last(ADA).kind == "please_confirm"
    world.mail("eve@evil.example", answer(world, "DECLINED"), located=1)
    assert world.kinds("eve@evil.example") == []
    assert world.status(ADA) is Status.CONFIRMED


def test_the_third_answer_in_an_hour_is_the_last_and_says_so(world):
    """Acts are done all the same; only letters stop (trust.md §4)."""
    world.unlimited = False
    world.mail(ADA, Register())
    for _ in range(4):
        world.mail(ADA, AskStatus())
    assert [letter.last_for_an_hour for letter in world.letters] == [False, False, True]
    world.mail(ADA, Cancel())
    assert world.status(ADA) is Status.CANCELLED
    assert len(world.letters) == 3


def test_an_unproved_address_gets_one_letter_a_day(world):
    """Whoever forges a sender cannot use us against him; nothing is done without its letter."""
    world.unlimited = False
    world.mail(ADA, Register(), UNPROVED)
    for intent in (Register(), Cancel(), AskStatus(), Help(), Empty()):
        assert world.mail(ADA, intent, UNPROVED).state == "ignored"
    assert world.kinds(ADA) == ["please_confirm"]
