"""Letters that come back, and complaints: what follows for the person (trust.md §6)."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailflow.desk.bounces import judged, severity_of, why
from mailflow.desk.holding import last_call
from mailflow.mail.address import parse_address
from mailflow.mail.refusal import Refusal
from mailflow.mail.report import Report, Reported
from mailflow.model.event import WaitingList
from mailflow.model.intent import AskStatus, Cancel, Due, MoveIn, No, Register, RemindOff, Silent, Yes
from mailflow.model.registration import Status
from tests.desk.test_properties import LINES, STEP, TOUR
from tests.desk.world import DISOWNED, UNPROVED, World, recount

ADA, BO, EVE = "ada@example.org", "bo@example.org", "eve@example.org"


@pytest.fixture
def full():
    """Ada has the only seat, Bo waits."""
    world = World(capacity=1)
    world.mail(ADA, Register())
    world.mail(BO, Register())
    return world


@pytest.mark.parametrize(
    ("refusal", "severity"),
    [
        (Refusal("5.1.1", 550, "policy"), "hard"),
        (Refusal("5.1.10"), "hard"),
        (Refusal("5.2.1"), "hard"),
        (Refusal("5.4.4"), "hard"),
        (Refusal("5.2.2", 550, "unknown"), "soft"),
        (Refusal("5.3.4"), "soft"),
        (Refusal("5.4.1", 550, "unknown"), "soft"),
        (Refusal("4.1.1", 450, "unknown"), "soft"),
        (Refusal("5.7.26", 550, "unknown"), "ours"),
        (Refusal("5.0.0", 450, "unknown"), "soft"),
        (Refusal("", 552, "unknown"), "soft"),
        (Refusal("", 550, "unknown"), "hard"),
        (Refusal("5.0.0", 550, "unknown"), "hard"),
        (Refusal("", 554, "policy"), "ours"),
        (Refusal("", 550, ""), "soft"),
        (Refusal("", 0, "unknown"), "hard"),
        (Refusal(), "soft"),
    ],
)
def test_the_status_decides_before_the_code_and_the_words(refusal, severity):
    """And what nobody knows is soft."""
    assert severity_of(refusal) == severity


def test_the_reason_is_a_sentence_of_ours():
    """Never what a server wrote."""
    assert why(Refusal("5.1.1"), "hard") == "the address does not exist"
    assert why(Refusal("", 452, "full"), "soft") == "the mailbox is full"
    assert why(Refusal("5.7.1"), "ours") == "the other side refuses our mail"
    assert why(Refusal("4.4.1"), "soft") == "the other side could not be reached in time"


def reported(address, outcome="failed", status="5.1.1", also=""):
    return Reported(parse_address(address), outcome, Refusal(status), parse_address(also) if also else None)


@pytest.mark.parametrize(
    ("recipients", "expected"),
    [
        ([reported(ADA)], "hard"),
        ([reported("behind@alias.example", also=ADA), reported(BO, "delivered")], "hard"),
        ([reported("a@alias.example"), reported("b@alias.example", status="5.2.2")], "soft"),
        ([reported("a@alias.example"), reported("b@alias.example", "reached")], None),
        ([reported(ADA, "delayed")], None),
        ([reported(BO), reported(ADA, "delayed")], None),
        ([], "soft"),
    ],
)
def test_a_report_is_judged_for_the_address_that_was_written_to(recipients, expected):
    """The group that names it decides, else the mildest of all; delayed is never failed."""
    found = judged(Report(tuple(recipients), formal=bool(recipients)), parse_address(ADA))
    assert (found[0] if found else None) == expected


def test_a_dead_address_keeps_its_seat_for_a_day_then_the_line_moves(full):
    """No letter ever goes there again, and the next in line gets hers."""
    decision = full.back(ADA, first=True)
    one = full.own(parse_address(ADA))
    assert (decision.reason, one.undeliverable, one.until) == (
        "letters come back",
        True,
        full.now + timedelta(hours=24),
    )
    assert full.muted == [ADA]
    assert (decision.letters, full.status(BO)) == ((), Status.WAITING)
    full.later(hours=23)
    full.tick()
    assert full.status(ADA) is Status.CONFIRMED
    full.later(hours=1)
    full.tick()
    assert (full.status(ADA), full.status(BO)) == (Status.EXPIRED, Status.CONFIRMED)
    assert full.kinds(ADA) == ["registered"]
    assert full.kinds(BO)[-1] == "promoted"
    assert recount(full.book) == (full.book.state.taken, full.book.state.waiting)


def test_who_writes_from_the_address_again_has_the_seat_as_before(full):
    """A proved mail says that letters arrive: the flag goes, and nothing is given up."""
    full.back(ADA, first=True)
    full.mail(ADA, AskStatus(), UNPROVED)
    assert full.own(parse_address(ADA)).undeliverable
    full.mail(ADA, AskStatus(), DISOWNED)
    full.mail(ADA, Silent("auto-reply"))
    assert full.own(parse_address(ADA)).undeliverable
    decision = full.mail(ADA, AskStatus())
    assert [change.what for change in decision.changes] == ["reached"]
    assert full.kinds(ADA)[-1] == "status"
    full.later(days=2)
    full.tick()
    one = full.own(parse_address(ADA))
    assert (one.status, one.undeliverable, one.until) == (Status.CONFIRMED, False, None)


def test_a_yes_to_an_open_question_says_that_letters_arrive(full):
    """The mailbox was read, whoever vouches for it."""
    full.mail(ADA, RemindOff(), UNPROVED)
    full.back(ADA, first=True)
    full.mail("else@example.org", Yes(), UNPROVED, challenge=list(full.challenges)[-1])
    assert not full.own(parse_address(ADA)).undeliverable


def test_who_cancels_from_a_flagged_address_is_heard(full):
    """The wish is done as ever, and told."""
    full.back(ADA, first=True)
    full.mail(ADA, Cancel())
    assert (full.status(ADA), full.status(BO)) == (Status.CANCELLED, Status.CONFIRMED)
    assert full.kinds(ADA)[-1] == "cancelled"


def test_a_dead_address_in_line_keeps_its_place_for_a_day(full):
    """It holds no chair meanwhile; moved up within the day, it holds that one no longer than the place."""
    full.mail(EVE, Register())
    full.back(BO, first=True)
    assert full.book.state.taken == 1
    full.later(hours=20)
    full.mail(ADA, Cancel())
    assert full.status(BO) is Status.CONFIRMED
    assert full.kinds(BO) == ["waitlisted"]
    full.later(hours=4)
    full.tick()
    assert (full.status(BO), full.status(EVE)) == (Status.EXPIRED, Status.CONFIRMED)
    assert recount(full.book) == (full.book.state.taken, full.book.state.waiting) == (1, 0)


def test_the_end_of_the_line_lets_go_of_a_dead_address_at_once():
    """Nothing counts as taken that only waited."""
    world = World(capacity=1)
    world.event = replace(world.event, waiting_list=WaitingList(until=world.now + timedelta(hours=2)))
    world.mail(ADA, Register())
    world.mail(BO, Register())
    world.back(BO, first=True)
    world.later(hours=2)
    world.tick()
    assert (world.status(BO), world.book.state.taken) == (Status.EXPIRED, 1)
    assert world.own(parse_address(BO)).until is None


def test_a_later_hard_one_counts_from_the_second_day_on(full):
    """Two on one day are one fault; so are two that are fifteen days apart, with a success between. The seat stays."""
    for hours, flagged in ((0, False), (1, False), (15 * 24, False), (24, True)):
        full.now += timedelta(hours=hours)
        full.reached = full.now - timedelta(hours=2)
        full.event = replace(full.event, starts=full.now + timedelta(days=5), ends=full.now + timedelta(days=6))
        full.back(ADA)
        assert full.own(parse_address(ADA)).undeliverable is flagged
    assert (full.status(ADA), full.own(parse_address(ADA)).until) == (Status.CONFIRMED, None)


def test_soft_ones_count_from_the_fifth_day_on_or_after_a_week(full):
    """On different days; what was reached in between starts anew."""
    full.event = replace(full.event, starts=full.now + timedelta(days=50), ends=full.now + timedelta(days=51))
    for day in range(4):
        full.back(ADA, "soft")
        full.back(ADA, "soft")
        assert not full.own(parse_address(ADA)).undeliverable, day
        full.later(days=1)
    full.reached = full.now
    full.later(days=1)
    full.back(ADA, "soft")
    assert not full.own(parse_address(ADA)).undeliverable
    full.later(days=7)
    full.back(ADA, "soft")
    assert full.own(parse_address(ADA)).undeliverable


def test_five_days_of_soft_ones_are_enough(full):
    """Also where nothing but the address tells whose they are; a week of those alone is not."""
    for _ in range(5):
        assert not full.own(parse_address(ADA)).undeliverable
        full.back(ADA, "named")
        full.later(days=1)
    assert full.own(parse_address(ADA)).undeliverable
    full.back(BO, "named")
    full.event = replace(full.event, starts=full.now + timedelta(days=50), ends=full.now + timedelta(days=51))
    full.later(days=8)
    full.back(BO, "named")
    assert not full.own(parse_address(BO)).undeliverable


def test_the_same_letter_counts_once(full):
    """A report that is sent again changes nothing; a worse one about it may."""
    full.back(ADA, "named", letter="L")
    full.back(ADA, "soft", letter="L")
    full.later(days=1)
    assert full.back(ADA, "named", letter="L").changes == ()
    assert full.back(ADA, "soft", letter="L").changes == ()
    assert full.back(ADA, "hard", letter="L", first=True).reason == "letters come back"
    full.mail(ADA, AskStatus())
    assert full.back(ADA, "hard", letter="L", first=True).changes == ()
    assert not full.own(parse_address(ADA)).undeliverable


@pytest.mark.parametrize("severity", [None, "ours"])
def test_a_delay_and_a_refusal_of_us_leave_the_person_alone(full, severity):
    """However often, and on the first letter too."""
    for _ in range(6):
        full.back(ADA, severity, first=True)
        full.later(days=1)
    assert full.own(parse_address(ADA)).undeliverable is False
    assert full.muted == []


def test_a_complaint_is_heard_as_stop(full):
    """No reminders and announcements any more; the seat stays, nobody is written to, and once is enough."""
    before = len(full.letters)
    decision = full.back(ADA, None, complaint=True)
    assert [change.what for change in decision.changes] == ["complained"]
    assert full.back(ADA, None, complaint=True).changes == ()
    one = full.own(parse_address(ADA))
    assert (one.status, one.reminders, one.undeliverable, len(full.letters)) == (Status.CONFIRMED, False, False, before)


def test_a_question_that_comes_back_ends_the_request():
    """Its YES works no more. A soft one leaves it open, and a report after the YES changes nothing."""
    world = World(capacity=1)
    world.mail(ADA, Register(), UNPROVED)
    asked = list(world.challenges)[-1]
    world.back(ADA, "soft", challenge=asked, first=True)
    assert world.status(ADA) is Status.PENDING
    world.back(ADA, challenge=asked, first=True)
    assert (world.status(ADA), world.challenges[asked].state) == (Status.EXPIRED, "ended")
    assert world.own(parse_address(ADA)).undeliverable
    world.mail(ADA, Yes(), UNPROVED, challenge=asked)
    assert world.status(ADA) is Status.EXPIRED
    world.mail(BO, Register(), UNPROVED)
    asked = list(world.challenges)[-1]
    world.mail(BO, Yes(), UNPROVED, challenge=asked)
    world.back(BO, challenge=asked)
    assert (world.status(BO), world.own(parse_address(BO)).undeliverable) == (Status.CONFIRMED, False)


def test_who_is_gone_or_over_is_only_noted(full):
    """Nothing is left to keep or to free."""
    full.mail(ADA, Cancel())
    full.back(ADA, first=True)
    assert full.status(ADA) is Status.CANCELLED
    assert not full.own(parse_address(ADA)).undeliverable
    full.now = full.event.ends
    full.back(BO, first=True)
    assert full.own(parse_address(BO)).undeliverable is False


def test_shortly_before_the_event_the_seat_stays(full):
    """Whoever comes to the door within the day shall find their chair."""
    full.now = full.event.starts - timedelta(hours=20)
    full.back(ADA, first=True)
    one = full.own(parse_address(ADA))
    assert (one.undeliverable, one.until, one.status) == (True, None, Status.CONFIRMED)


def test_nobody_there_is_written_to_of_their_own_accord(full):
    """Neither by the clock nor by an organiser."""
    full.back(BO, first=True)
    decision = full.order(BO, MoveIn())
    assert (full.status(BO), decision.letters) == (Status.CONFIRMED, ())
    assert full.mail(None, Due("remind", number=2, days=1), located=2).letters == ()


SEVERITIES = [None, "named", "ours", "soft", "hard"]
BACK = st.tuples(
    st.just("back"),
    st.integers(0, 8),
    st.sampled_from(SEVERITIES),
    st.booleans(),
    st.sampled_from(["", "L"]),
    st.booleans(),
)


def send_back(world, step):
    """A letter to somebody who is known here comes back, or is complained of."""
    rows = list(world.book.registrations.values())
    if not rows:
        return None
    _, which, severity, first, letter, complaint = step
    one = rows[which % len(rows)]
    asked = next((c.id for c in reversed(world.challenges.values()) if c.number == one.number), None) if first else None
    return world.back(str(one.address), severity, letter=letter, challenge=asked, first=first, complaint=complaint)


def any_step(world, step):
    """A mail, a time, an order, another capacity, or a report; the decision where there is one."""
    if step[0] == "back":
        return send_back(world, step)
    if step[0] == "later":
        world.later(seconds=step[1])
        world.tick()
    elif step[0] == "capacity":
        world.book = replace(world.book, state=replace(world.book.state, capacity=step[1]))
        return world.due("seats")
    elif step[0] == "order":
        numbers = list(world.book.registrations)
        return world.mail(None, step[2], located=numbers[step[1] % len(numbers)]) if numbers else None
    else:
        who, intent, proof, which, thread, forward = step
        known = list(world.challenges)
        challenge = known[which % len(known)] if isinstance(intent, Yes | No) and known else None
        return world.mail(who, intent, proof, challenge=challenge, replied_to=thread, forward=forward)
    return None


@settings(max_examples=200, deadline=None)
@given(st.lists(st.one_of(STEP, BACK), max_size=40), st.integers(0, 4), LINES)
def test_whatever_comes_back_the_promises_hold(steps, capacity, line):
    """Never overbooked, counters right, nobody waits beside seats enough; a report writes to nobody and frees nothing.

    No letter that nobody asked for goes to an address whose letters come back.
    """
    world = World(capacity=capacity, guests=2, waiting_list=line, questions=(TOUR,))
    for step in steps:
        taken, before = world.book.state.taken, dict(world.book.registrations)
        sent = len(world.letters)
        decision = any_step(world, step)
        state = world.book.state
        assert (state.taken, state.waiting) == recount(world.book)
        assert state.taken <= max(state.capacity, taken) or (step[0] == "order" and isinstance(step[2], MoveIn))
        head = world.head()
        assert world.now >= last_call(world.event) or not head or not state.free(head[0].seats)
        for letter in world.letters[sent:]:
            row = world.book.registrations.get(letter.registration.number) if letter.registration else None
            assert not (letter.notice and row and row.undeliverable and row.address.key == letter.to.key)
        if step[0] == "back" and decision is not None:
            assert not decision.letters
            assert state.taken == taken or any(row.status is Status.PENDING for row in before.values())
            held = {n for n, row in before.items() if row.holds}
            assert held == {n for n, row in world.book.registrations.items() if row.holds}
        for row in world.book.registrations.values():
            # What is kept for a corrected address is kept for a day.
            if row.undeliverable and row.status in (Status.CONFIRMED, Status.WAITING) and row.until is not None:
                assert row.until <= world.now + timedelta(hours=24)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.one_of(STEP, BACK), max_size=20), BACK)
def test_a_report_decided_twice_changes_the_book_once(steps, last):
    """Whatever came before, the same letter comes back once."""
    world = World(capacity=2, guests=2, questions=(TOUR,))
    for step in steps:
        any_step(world, step)
    last = (*last[:4], "the same", last[5])
    send_back(world, last)
    before = world.book
    send_back(world, last)
    assert world.book == before
