"""Seats that are kept until a time: one that is offered to the line, and one that was given up a moment ago."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from mailflow.model.event import WaitingList
from mailflow.model.intent import AskStatus, Cancel, Empty, Fields, No, Register, Yes
from mailflow.model.registration import Answer, Status
from tests.desk.world import NOW, UNPROVED, ZONE, World, recount

ADA, BO, CY, DI = (f"{name}@example.org" for name in ("ada", "bo", "cy", "di"))
LAST_CALL = datetime(2019, 8, 26, 12, 0, tzinfo=ZONE)
DAY = timedelta(days=1)


def offering(**changes):
    """Ada has the only seat; Bo, Cy and Di stand in line; free seats are offered for a day."""
    line = replace(WaitingList(mode="offer", offer_for=DAY, until=LAST_CALL), **changes)
    world = World(capacity=1, guests=2, waiting_list=line)
    for who in (ADA, BO, CY, DI):
        world.mail(who, Register())
    return world


@pytest.fixture
def offered():
    """Ada has cancelled: the seat is offered to Bo."""
    world = offering()
    world.mail(ADA, Cancel())
    return world


@pytest.fixture
def undoing():
    """Ada has the only seat, Bo waits; a seat that is given up is held for ten minutes."""
    world = World(capacity=1, guests=2, waiting_list=WaitingList(undo_for=timedelta(minutes=10)))
    for who in (ADA, BO):
        world.mail(who, Register())
    return world


def test_a_freed_seat_is_offered_to_the_head_of_the_line(offered):
    """It is kept for a day; the letter asks, nobody is invited, and it counts as taken."""
    letter = offered.last(BO)
    assert (letter.kind, letter.calendar, letter.notice) == ("offered", "none", True)
    assert letter.registration.until == NOW + DAY
    assert offered.challenges[letter.challenge].expires == NOW + DAY
    assert (offered.book.state.taken, offered.book.state.waiting) == (1, 2)
    assert offered.kinds(CY) == ["waitlisted"]


@pytest.mark.parametrize("who", [BO, "bo@home.example.net"])
def test_yes_to_the_letter_takes_the_seat_from_whatever_address(offered, who):
    """Its reference shows that the mailbox was read; the letter goes to the registered address."""
    offered.mail(who, Yes(), UNPROVED, challenge=offered.last(BO).challenge)
    letter = offered.last(BO)
    assert (letter.kind, letter.calendar, letter.notice) == ("promoted", "request", False)
    assert letter.registration.sequence == 0
    assert offered.status(BO) is Status.CONFIRMED
    assert offered.own(letter.to).until is None


@pytest.mark.parametrize("wish", [Yes(), Register(), Register(Fields(guests=2))])
def test_a_proved_sender_needs_no_reference(offered, wish):
    """YES in a mail of its own, or REGISTER: the seat that was offered is taken, for as many as it was asked for."""
    offered.mail(BO, wish)
    assert offered.status(BO) is Status.CONFIRMED
    assert offered.book.state.taken == 1


def test_what_register_tells_beside_the_offer_is_kept(offered):
    """A diet in the mail that takes the seat is in the list of the kitchen; the party is that of the offer."""
    diet = Answer("diet", ("vegan",), "vegan")
    offered.mail(BO, Register(Fields("Bo Ek", (diet,), guests=1)))
    letter = offered.last(BO)
    assert (letter.kind, letter.registration.answers, letter.registration.name) == ("promoted", (diet,), "Bo Ek")
    assert (letter.registration.guests, offered.book.state.taken) == (0, 1)


@pytest.mark.parametrize("wish", [Yes(), Register(), AskStatus(), Empty()])
def test_an_unproved_sender_without_a_reference_is_sent_the_offer_again(offered, wish):
    """Anybody can write Bo's address; the letter to it carries a reference of its own, and that works too."""
    first = offered.last(BO).challenge
    offered.mail(BO, wish, UNPROVED)
    again = offered.last(BO)
    assert (again.kind, again.notice, offered.status(BO)) == ("offered", False, Status.OFFERED)
    assert again.challenge != first
    assert offered.challenges[again.challenge].expires == NOW + DAY
    offered.mail(BO, Yes(), UNPROVED, challenge=again.challenge)
    assert offered.status(BO) is Status.CONFIRMED


@pytest.mark.parametrize(("wish", "by_letter"), [(No(), True), (No(), False), (Cancel(), False)])
def test_no_turns_the_seat_down_and_the_next_one_is_asked(offered, wish, by_letter):
    """By the letter or by proof; nothing leaves a calendar that nothing entered."""
    known = {"challenge": offered.last(BO).challenge} if by_letter else {}
    offered.mail(BO, wish, **known)
    letter = offered.last(BO)
    assert (letter.kind, letter.variant, letter.calendar) == ("cancelled", "offer_declined", "none")
    assert [offered.status(who) for who in (BO, CY, DI)] == [Status.CANCELLED, Status.OFFERED, Status.WAITING]


def test_a_no_of_an_unproved_sender_is_asked_back(offered):
    """Or anybody could turn down what was offered to somebody else."""
    offered.mail(BO, No(), UNPROVED)
    assert (offered.last(BO).kind, offered.last(BO).variant) == ("please_confirm", "cancel")
    assert offered.status(BO) is Status.OFFERED


def test_the_letter_of_one_offer_is_no_key_to_the_registration_of_somebody_else(offered):
    """Cy, who was shown Bo's letter, registers in answer to it: that is about Cy, who waits."""
    offered.mail(CY, Register(), challenge=offered.last(BO).challenge)
    assert [offered.status(who) for who in (BO, CY)] == [Status.OFFERED, Status.WAITING]
    assert offered.last(CY).kind == "status"


def test_an_offer_that_nobody_answers_lapses_and_the_next_one_is_asked(offered):
    """The person leaves the line and is told; not a second before its time."""
    offered.later(hours=23, minutes=59)
    offered.tick()
    assert offered.status(BO) is Status.OFFERED
    offered.later(minutes=1)
    offered.tick()
    letter = offered.last(BO)
    assert (letter.kind, letter.variant, letter.calendar, letter.notice) == ("cancelled", "offer_lapsed", "none", True)
    assert [offered.status(who) for who in (BO, CY)] == [Status.EXPIRED, Status.OFFERED]
    assert offered.last(CY).registration.until == NOW + 2 * DAY
    before = len(offered.letters)
    offered.tick()
    assert len(offered.letters) == before


def test_a_yes_in_the_very_moment_is_too_late_though_no_clock_has_ticked(offered):
    """The time that the letter names is the time; the YES itself ends the offer, and the next one is asked."""
    challenge = offered.last(BO).challenge
    offered.later(days=1)
    offered.mail(BO, Yes(), challenge=challenge)
    assert (offered.last(BO).variant, offered.status(CY)) == ("offer_lapsed", Status.OFFERED)


def test_a_late_yes_is_told_so_when_its_sender_is_proved(offered):
    """An old reference gets no letter (trust.md §2.2); who is known hears that the seat has gone."""
    challenge = offered.last(BO).challenge
    offered.later(days=1)
    offered.tick()
    before = len(offered.letters)
    assert offered.mail(BO, Yes(), UNPROVED, challenge=challenge).state == "ignored"
    assert len(offered.letters) == before
    offered.mail(BO, Yes(), challenge=challenge)
    assert (offered.last(BO).variant, offered.last(BO).notice) == ("offer_lapsed", False)
    assert offered.status(CY) is Status.OFFERED


def test_who_let_an_offer_lapse_stands_at_the_end_of_the_line(offered):
    """WAITLIST again: behind everybody, with the same number and code."""
    code = offered.last(BO).registration.code
    offered.later(days=1)
    offered.tick()
    offered.mail(BO, Register(line=True))
    assert (offered.last(BO).kind, offered.last(BO).place) == ("waitlisted", 2)
    assert offered.last(BO).registration.code == code
    assert [row.address.local for row in offered.head()] == ["di", "bo"]


def test_an_offer_ends_with_the_waiting_list(offered):
    """The last hours are all there is: `until` beats `offer_for`, and after it nobody is asked."""
    offered.now = LAST_CALL.astimezone(UTC) - timedelta(hours=2)
    offered.tick()
    assert offered.last(CY).registration.until == LAST_CALL
    offered.later(hours=2)
    offered.tick()
    assert [offered.status(who) for who in (CY, DI)] == [Status.EXPIRED, Status.EXPIRED]
    assert offered.kinds(DI) == ["waitlisted", "cancelled"]


def test_without_an_end_of_the_line_an_offer_ends_with_the_start():
    """Who is asked on the morning has until then."""
    world = offering(until=None)
    world.now = world.event.starts.astimezone(UTC) - timedelta(hours=1)
    world.mail(ADA, Cancel())
    assert world.last(BO).registration.until == world.event.starts


def test_more_seats_are_offered_to_as_many_as_they_hold():
    """In order, each with a question of its own; a party that does not fit stops the line."""
    world = offering()
    world.book = replace(world.book, state=replace(world.book.state, capacity=5))
    world.mail("ed@example.org", Register(Fields(guests=2)))
    world.due("seats")
    assert [world.last(who).kind for who in (BO, CY, DI)] == ["offered"] * 3
    assert len({world.last(who).challenge for who in (BO, CY, DI)}) == 3
    assert world.kinds("ed@example.org") == ["waitlisted"]
    assert (world.book.state.taken, world.book.state.waiting) == (4, 1)


def test_who_is_offered_a_seat_is_not_passed_by_a_newcomer(offered):
    """The seat is kept: a new sign-up stands in line."""
    offered.mail("ed@example.org", Register())
    assert offered.status("ed@example.org") is Status.WAITING


def test_a_used_reference_does_nothing_more(offered):
    """Neither for YES nor for NO (trust.md §2.2)."""
    challenge = offered.last(BO).challenge
    offered.mail(BO, Yes(), challenge=challenge)
    before = len(offered.letters)
    for wish in (Yes(), No()):
        assert offered.mail(BO, wish, UNPROVED, challenge=challenge).state == "ignored"
    assert (len(offered.letters), offered.status(BO)) == (before, Status.CONFIRMED)


def test_a_given_up_seat_is_held_for_its_owner(undoing):
    """Nobody moves up meanwhile, and REGISTER gives back the same seat, with a new calendar UID."""
    undoing.mail(ADA, Cancel())
    assert undoing.last(ADA).registration.until == NOW + timedelta(minutes=10)
    assert (undoing.kinds(BO), undoing.book.state.taken) == (["waitlisted"], 1)
    undoing.later(minutes=9)
    undoing.mail(ADA, Register())
    letter = undoing.last(ADA)
    assert (letter.kind, letter.calendar, letter.registration.epoch, letter.registration.sequence) == (
        "registered", "request", 1, 0,
    )  # fmt: skip
    assert letter.registration.until is None
    assert (undoing.status(BO), undoing.book.state.taken) == (Status.WAITING, 1)


def test_afterwards_the_line_moves(undoing):
    """Who thinks again later stands in line like everybody else."""
    undoing.mail(ADA, Cancel())
    undoing.later(minutes=10)
    undoing.tick()
    assert undoing.last(BO).kind == "promoted"
    undoing.mail(ADA, Register())
    assert undoing.last(ADA).kind == "waitlisted"


def test_a_held_seat_is_given_back_after_closing_too(undoing):
    """The seat is still kept for its owner, who signed up in time."""
    undoing.now = datetime(2019, 8, 24, 8, 0, tzinfo=UTC)
    undoing.mail(ADA, Cancel())
    undoing.mail(ADA, Register())
    assert undoing.status(ADA) is Status.CONFIRMED


def test_an_unproved_sender_keeps_the_held_seat_while_the_question_is_open(undoing):
    """Asking takes time; the seat is held as long as it would have been, and the YES within that gives it back."""
    undoing.mail(ADA, Cancel())
    undoing.mail(ADA, Register(Fields(guests=2)), UNPROVED)
    assert (undoing.status(ADA), undoing.book.state.taken) == (Status.PENDING, 1)
    undoing.mail(ADA, Yes(), UNPROVED, challenge=undoing.last(ADA).challenge)
    assert (undoing.status(ADA), undoing.book.state.taken, undoing.status(BO)) == (Status.CONFIRMED, 1, Status.WAITING)


def test_a_question_that_outlives_the_held_seat_ends_in_the_line(undoing):
    """The seat goes on at its time; a later YES is a sign-up like any other."""
    undoing.mail(ADA, Cancel())
    undoing.mail(ADA, Register(), UNPROVED)
    undoing.later(minutes=10)
    undoing.tick()
    assert (undoing.status(ADA), undoing.status(BO)) == (Status.PENDING, Status.CONFIRMED)
    undoing.mail(ADA, Yes(), UNPROVED, challenge=undoing.last(ADA).challenge)
    assert undoing.status(ADA) is Status.WAITING


def test_a_held_seat_of_a_party_stays_whole(undoing):
    """Three chairs are kept, and three go on."""
    world = World(capacity=3, guests=2, waiting_list=undoing.event.waiting_list)
    world.mail(ADA, Register(Fields(guests=2)))
    for who in (BO, CY, DI):
        world.mail(who, Register())
    world.mail(ADA, Cancel())
    assert world.book.state.taken == 3
    world.later(minutes=10)
    world.tick()
    assert [world.status(who) for who in (BO, CY, DI)] == [Status.CONFIRMED] * 3
    assert (world.book.state.taken, world.book.state.waiting) == recount(world.book)
