"""Invariants under random sequences of mails and times."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from mailflow.desk.holding import last_call
from mailflow.mail.address import parse_address
from mailflow.model.command import Command, OrderLine, Orders
from mailflow.model.decision import QuestionOpened, Saved
from mailflow.model.event import Localized, Option, Question, WaitingList
from mailflow.model.intent import (
    Absent,
    Approve,
    AskStatus,
    Cancel,
    Empty,
    EraseMe,
    Fields,
    ForPeople,
    Help,
    MoveIn,
    MyData,
    No,
    Other,
    Present,
    Proposed,
    Register,
    RegisterOther,
    Reject,
    RemindOff,
    Remove,
    Silent,
    Update,
    Yes,
)
from mailflow.model.letter import VARIANTS
from mailflow.model.registration import Answer, Status
from tests.desk.world import DISOWNED, NOW, PROVED, UNPROVED, World, recount

# The last one is the event's only organiser, who may come as well.
PEOPLE = [*(f"p{n}@example.org" for n in range(6)), "kim.ek@example.org"]
CLOSE = Orders((OrderLine("CLOSE", Command("close")),))
EVE, FAY = (Other(name, parse_address(f"{name}@example.org")) for name in ("eve", "fay"))
# The last one may come by himself as well.
OTHER, BOTH = RegisterOther((EVE,)), RegisterOther((EVE, FAY, Other("P", parse_address(PEOPLE[0]))))
TOGETHER = Register(Fields(others=(FAY, EVE), guests=1))
# Of the one option there is one place, of the other there are two.
TOUR = Question("tour", "sessions", Localized(), options=(
    Option("lab", Localized(), places=1), Option("roof", Localized(), places=2)))  # fmt: skip
PLACES = {option.id: option.places for option in TOUR.options}
CHANGES = [
    Update(Fields(answers=(Answer("tour", ("lab",)),))), Update(Fields(answers=(Answer("tour", ("lab", "roof")),))),
    Update(Fields(guests=0)), Update(Fields("Ada L", (Answer("tour", ("roof",)),), guests=2)),
]  # fmt: skip
WISHES = [
    Register(), Register(), Register(Fields(guests=1)), Cancel(), AskStatus(), Empty(), ForPeople("x"), Yes(), Yes(), No(),
    ForPeople(short=True), Proposed(Register()), Proposed(Register(Fields(guests=2))), Proposed(Cancel()), Help(), Update(),
    RemindOff(), MyData(), EraseMe(), OTHER, CLOSE, Silent("ack"), Proposed(Update()), Proposed(OTHER),
    Proposed(EraseMe()), Proposed(RemindOff()), Proposed(CLOSE), *CHANGES, Register(CHANGES[0].fields),
    Proposed(CHANGES[1]), BOTH, TOGETHER,
]  # fmt: skip
THREADS = ["", "", "", "question_received", "not_understood", "please_confirm", "question_forwarded", "registered"]
GIVEN = {
    Remove: ["removed", "rejected"], MoveIn: ["promoted"], Approve: ["confirmed", "queued"], Reject: ["rejected"],
    Absent: ["absent"], Present: ["present"],
}  # fmt: skip
ORDERS = st.tuples(
    st.just("order"), st.integers(0, 8),
    st.sampled_from([Remove(), Remove("why"), MoveIn(), Absent(), Present(), Approve(), Approve(), Reject(), Reject("why")]),
)  # fmt: skip
STEP = st.one_of(
    st.tuples(
        st.sampled_from(PEOPLE),
        st.sampled_from(WISHES),
        st.sampled_from([PROVED, UNPROVED, DISOWNED]),
        st.integers(0, 5),
        st.sampled_from(THREADS),
        st.booleans(),
    ),
    st.tuples(st.just("capacity"), st.integers(0, 5)),
    st.tuples(st.just("later"), st.sampled_from([1, 3600, 86400, 3 * 86400])),
    ORDERS,
)
LINES = st.builds(
    WaitingList,
    mode=st.sampled_from(["auto", "offer"]),
    offer_for=st.sampled_from([timedelta(hours=1), timedelta(days=2)]),
    undo_for=st.sampled_from([timedelta(0), timedelta(hours=1)]),
    until=st.sampled_from([None, NOW + timedelta(hours=1), NOW + timedelta(days=2)]),
)


def keep_the_promises(decision, intent, thread):
    """What holds for the letters of one decision, whatever came before."""
    for letter in decision.letters:
        assert letter.variant in VARIANTS[letter.kind]
        assert letter.notice or letter.proved or not letter.quote
        assert letter.kind != "please_confirm" or (letter.challenge and not letter.quote)
    if isinstance(intent, Silent):
        assert not decision.letters
        assert not decision.changes
    kinds = [letter.kind for letter in decision.letters]
    if thread == "question_received":
        assert "question_received" not in kinds
        assert "not_understood" not in kinds or isinstance(intent, Help)
    asked = [letter for letter in decision.letters if letter.variant == "named"]
    assert len({letter.to.canonical for letter in asked}) == len(asked) <= 5
    for letter in asked:
        assert not letter.proved
        assert letter.cause is None
    if isinstance(intent, Proposed) and decision.state == "done":
        assert any(isinstance(change, QuestionOpened) for change in decision.changes)
        # In what language its writer is answered from now on is no act.
        saved = {change.what for change in decision.changes if isinstance(change, Saved)}
        assert saved <= {"asked", "language"}


@settings(max_examples=150, deadline=None)
@given(st.lists(STEP, max_size=40), st.integers(0, 4), st.booleans(), LINES, st.booleans())
def test_any_sequence_keeps_the_promises(steps, capacity, unlimited, line, approval):
    """Never overbooked; counters right; nobody heads the line beside seats enough; one answer a mail, one row a person.

    Where the organisers choose, nobody has anything without their yes. Offers end, and so do held seats; the line keeps its order, and every offer has a letter that takes it.
    """
    world = World(capacity=capacity, guests=2, waiting_list=line, questions=(TOUR,), approval=approval)
    world.unlimited = unlimited
    approved = set()
    for step in steps:
        order = [row.number for row in world.head()]
        taken = world.book.state.taken
        if step[0] == "later":
            world.later(seconds=step[1])
            world.tick()
        elif step[0] == "capacity":
            set_capacity(world, step[1])
        elif step[0] == "order":
            approved |= give_order(world, step)
        else:
            who, intent, proof, which, thread, forward = step
            challenge = None
            if isinstance(intent, Yes | No) and world.challenges:
                challenge = list(world.challenges)[which % len(world.challenges)]
            gone = set(world.erased)
            decision = world.mail(
                who, intent, proof, challenge=challenge, replied_to=thread, forward=forward, quote="words of the sender"
            )
            answers = [letter for letter in decision.letters if not letter.notice and letter.variant != "named"]
            assert len(answers) <= 1
            assert sum(str(letter.to) == who for letter in decision.letters) <= 1
            assert decision.reason
            assert not any(letter.to.key in gone for letter in decision.letters if letter.variant == "named")
            keep_the_promises(decision, intent, thread)
            if proof is DISOWNED:
                assert not decision.changes
                assert not decision.letters
        state = world.book.state
        assert (state.taken, state.waiting) == recount(world.book)
        # Past the capacity nobody comes but by PROMOTE, and who has a seat keeps it when there are fewer.
        assert state.taken <= max(state.capacity, taken) or (step[0] == "order" and isinstance(step[2], MoveIn))
        # Nobody waits where nobody is moved in any more.
        assert world.now < last_call(world.event) or not state.waiting
        if world.now < last_call(world.event):
            # A party that does not fit stops the line (ARCHITECTURE.md), so the head is the one to ask about.
            head = world.head()
            assert not head or not state.free(head[0].seats)
        rows = [r.address.key for r in world.book.registrations.values()]
        assert len(rows) == len(set(rows))
        for row in world.book.registrations.values():
            assert (row.dtstamp is not None) or row.status is not Status.CONFIRMED
            # An application holds nothing, and ends when the event begins.
            assert row.applied is None or (approval and row.status is Status.PENDING and not row.taken)
            assert row.applied is None or world.now < world.event.starts
            if approval and row.holds:
                assert row.number in approved
            # Only a YES that its own question got registers who never wrote.
            unasked = row.status in (Status.PENDING, Status.REMOVED)
            assert row.address not in (EVE.address, FAY.address) or unasked or any(
                c.number == row.number and c.state != "open" for c in world.challenges.values()
            )
        keep_seats_for_a_time(world, line)
        keep_their_order(world, order)
        assert all(one.taken <= PLACES[one.option] for one in world.chosen())


def set_capacity(world, seats):
    """More seats, or fewer: by command or by file, and the line is looked at."""
    world.book = replace(world.book, state=replace(world.book.state, capacity=seats))
    tell_each_change(world.due("seats"))


def give_order(world, step):
    """An order about somebody who is known here; given twice, it does nothing the second time."""
    rows = list(world.book.registrations.values())
    if not rows:
        return set()
    number = rows[step[1] % len(rows)].number
    was = world.book.registrations[number]
    decision = world.mail(None, step[2], located=number)
    tell_each_change(decision)
    own = [change.what for change in decision.changes if isinstance(change, Saved) and change.after.number == number]
    assert own in ([], *([what] for what in GIVEN[type(step[2])]))
    assert bool(own) == (decision.state == "done")
    assert not own or was.status is not Status.CONFIRMED or isinstance(step[2], Remove | Absent | Present)
    assert not own or was.applied is not None or not isinstance(step[2], Approve | Reject)
    before = standing(world)
    assert not world.mail(None, step[2], located=number).letters
    assert standing(world) == before
    return {number} if own and isinstance(step[2], Approve | MoveIn) else set()


def tell_each_change(decision):
    """Who gets or loses a seat, an offer or a place in line by no mail of their own hears of it; nobody else does."""
    told = [letter.to for letter in decision.letters]
    concerned = [change.after.address for change in decision.changes if isinstance(change, Saved)
                 and (change.what != "removed" or change.before.holds) and change.what not in ("absent", "present")]  # fmt: skip
    assert sorted(map(str, told)) == sorted(map(str, concerned))
    assert all(letter.notice for letter in decision.letters)


def keep_seats_for_a_time(world, line):
    """Only an offer, a seat that was given up, or a request for it is kept until a time; never for longer."""
    for row in world.book.registrations.values():
        if row.status is Status.OFFERED:
            asked = [c for c in world.challenges.values() if c.number == row.number and c.act == "offer"]
            assert line.mode == "offer"
            assert any(c.state == "open" and c.expires == row.until for c in asked)
        assert (row.until is not None) == (row.status is Status.OFFERED) or (
            row.status in (Status.CANCELLED, Status.PENDING, Status.EXPIRED) and line.undo_for
        )
        if row.until is not None:
            assert row.until <= world.event.ends
            assert row.until <= world.now + max(line.offer_for, line.undo_for)


def keep_their_order(world, before):
    """Who waited and waits still, does so in the same order; nobody who is new stands before them."""
    after = [row.number for row in world.head()]
    stayed = [number for number in before if number in after]
    assert after[: len(stayed)] == stayed


@settings(max_examples=150, deadline=None)
@given(st.lists(STEP, max_size=25), STEP.filter(lambda step: len(step) > 3), st.booleans())
def test_the_same_mail_decided_twice_changes_the_book_once(steps, last, unlimited):
    """Whatever came before: a second copy moves nobody, registers nobody, frees no seat, redeems nothing."""
    world = World(capacity=2, guests=2, questions=(TOUR,))
    world.unlimited = unlimited
    for step in (*steps, last):
        if step[0] == "later":
            world.later(seconds=step[1])
        elif step[0] == "capacity":
            set_capacity(world, step[1])
        elif step[0] == "order":
            give_order(world, step)
        else:
            who, intent, proof, which, thread, forward = step
            known = list(world.challenges)
            challenge = known[which % len(known)] if isinstance(intent, Yes | No) and known else None
            world.mail(who, intent, proof, challenge=challenge, replied_to=thread, forward=forward)
    before = standing(world)
    world.mail(who, intent, proof, challenge=challenge, replied_to=thread, forward=forward)
    assert standing(world) == before


def standing(world):
    """Who stands where, and the counters."""
    state, rows = world.book.state, world.book.registrations
    return state.taken, state.waiting, [(number, row.status, row.seats, row.place, row.name, row.answers) for number, row in rows.items()]


MOVES = st.tuples(
    st.sampled_from(PEOPLE[:4]),
    st.one_of(
        st.sampled_from([Register(), Register(Fields(guests=1)), Cancel(), Yes(), No()]),
        st.builds(
            lambda guests, options: Update(Fields(answers=(Answer("tour", options),) if options else (), guests=guests)),
            st.sampled_from([None, 0, 1, 2]),
            st.sampled_from([(), ("lab",), ("roof",), ("lab", "roof")]),
        ),
    ),
    st.sampled_from([PROVED, PROVED, UNPROVED]),
    st.integers(0, 3),
)


@settings(max_examples=200, deadline=None)
@given(st.lists(MOVES, min_size=8, max_size=30), st.integers(1, 4), LINES)
def test_changes_take_only_what_is_there(moves, capacity, line):
    """Seats and places never run over, a freed one goes to the line, and every change has its letter, once."""
    world = World(capacity=capacity, guests=2, waiting_list=line, questions=(TOUR,))
    for who, intent, proof, which in moves:
        known = [name for name, challenge in world.challenges.items() if challenge.act == "update"]
        challenge = known[which % len(known)] if isinstance(intent, Yes | No) and known else None
        decision = world.mail(who, intent, proof, challenge=challenge)
        state, head = world.book.state, world.head()
        assert (state.taken, state.waiting) == recount(world.book)
        assert state.taken <= capacity
        assert all(one.taken <= PLACES[one.option] for one in world.chosen())
        assert not head or not state.free(head[0].seats)
        updated = [change for change in decision.changes if isinstance(change, Saved) and change.what == "updated"]
        told = [letter for letter in decision.letters if letter.kind == "updated" and not letter.variant]
        moved = [letter for letter in decision.letters if letter.kind in ("promoted", "offered")]
        assert len(told) <= len(updated) <= 1
        if updated and not told:
            assert any(letter.registration.number == updated[0].after.number for letter in moved)
        if isinstance(intent, Update) and proof is PROVED and updated:
            again = world.mail(who, intent, proof)
            assert not any(isinstance(change, Saved) and change.what == "updated" for change in again.changes)
