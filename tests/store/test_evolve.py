"""Whatever is decided, the store's counters, line and look-ups say the same as a plain list of registrations."""

from collections import Counter
from contextlib import suppress
from dataclasses import replace
from itertools import count

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mailflow.model.decision import Saved
from mailflow.model.event import WaitingList
from mailflow.model.intent import No, Yes
from mailflow.model.registration import Answer, Status
from tests.desk.test_bounces import BACK, send_back
from tests.desk.test_properties import LINES, STEP, TOUR
from tests.desk.world import World

EVENTS = count(1)
# What people chose: of two questions, none, one or two options.
ANSWERS = st.lists(st.builds(Answer, st.sampled_from("qr"), st.sampled_from([(), ("a",), ("b",), ("a", "b")])), max_size=2)
# Whose turn it is, where they go, how many they bring, whether they get a new place in line, and what they chose.
TURNS = st.lists(
    st.tuples(st.integers(0, 4), st.sampled_from(Status), st.integers(0, 3), st.booleans(), ANSWERS.map(tuple)),
    min_size=1, max_size=25,
)  # fmt: skip


def turn(people, make, event, state, who, status, guests, answers, *, moved):
    """The change that this turn makes to the newest registration of that person, or a new one."""
    newest = max((p for p in people.values() if p.name == str(who)), key=lambda p: p.number, default=None)
    place = state.next_place if moved or newest is None else newest.place
    if newest is None or not newest.status.standing:
        new = make.registration(
            state.next_number, str(who), status, event=event, guests=guests, place=place if moved else 0, answers=answers
        )
        return Saved("registered", None, new)
    return Saved("answered", newest, replace(newest, status=status, guests=guests, place=place, answers=answers))


def agrees(tx, event, people, make):
    """The store against the list."""
    state = tx.event_state(event)
    seated = [p for p in people.values() if p.status.seated]
    line = sorted((p for p in people.values() if p.status is Status.WAITING), key=lambda p: (p.place, p.number))
    assert state.taken == sum(p.seats for p in seated)
    assert state.waiting == len(line)
    assert state.next_number == max(people, default=0) + 1
    assert state.next_place > max((p.place for p in people.values()), default=0)
    assert tx.head_of_line(event, 3) == tuple(line[:3])
    assert [tx.place_in_line(p) for p in line] == list(range(1, len(line) + 1))
    held = Counter(each for p in people.values() if p.holds
                   for each in {(a.question, option) for a in p.answers for option in a.options})  # fmt: skip
    assert {(c.question, c.option): c.taken for c in tx.chosen(event) if c.taken} == held
    for name in {p.name for p in people.values()}:
        own = [p for p in people.values() if p.name == name]
        best = next((p for p in own if p.status.standing), max(own, key=lambda p: p.number))
        assert tx.registration_of(event, make.address(name)) == best


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(turns=TURNS)
def test_the_store_is_a_list_of_registrations(store, make, now, monkeypatch, turns):
    """Counters, the line and the person's own registration after every change; a recount finds nothing."""
    monkeypatch.setattr("mailflow.store.people.BLOCK", 3)
    monkeypatch.setattr("mailflow.store.metrics.BLOCK", 3)
    event, people = f"e{next(EVENTS)}", {}
    with store.write() as tx:
        tx.sync_event(event, 3, None, None, "", now)
        for who, status, guests, moved, answers in turns:
            saved = turn(people, make, event, tx.event_state(event), who, status, guests, answers, moved=moved)
            tx.apply(saved, event, now)
            people[saved.after.number] = saved.after
            agrees(tx, event, people, make)
        assert tx.registrations(event) == tuple(people[n] for n in sorted(people))
        assert len(tx.history(event)) == len(turns)
    assert list(store.recount()) == []


class BothWays(World):
    """Each decision is applied to a book by `evolve`, and to a store."""

    def __init__(self, tx, **more):
        super().__init__(**more)
        self.tx = tx

    def take(self, decision):
        super().take(decision)
        for change in decision.changes:
            self.tx.apply(change, "gan", self.now)


def one_step(world, tx, step):
    """A mail, a time, an order, another capacity, or a letter that comes back."""
    if step[0] == "back":
        send_back(world, step)
    elif step[0] == "later":
        world.later(seconds=step[1])
        world.tick()
    elif step[0] == "capacity":
        tx.set_capacity("gan", step[1])
        world.book = replace(world.book, state=replace(world.book.state, capacity=step[1]))
        world.due("seats")
    elif step[0] == "order":
        numbers = list(world.book.registrations)
        if numbers:
            world.mail(None, step[2], located=numbers[step[1] % len(numbers)])
    else:
        who, intent, proof, which, thread, forward = step
        known = list(world.challenges)
        challenge = known[which % len(known)] if isinstance(intent, Yes | No) and known else None
        world.mail(who, intent, proof, challenge=challenge, replied_to=thread, forward=forward)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.one_of(STEP, BACK), max_size=30), capacity=st.integers(0, 4), line=LINES)
def test_the_store_and_evolve_are_of_one_mind(store, now, steps, capacity, line: WaitingList):
    """Mails, times, organisers' orders, reports, more seats and fewer: the same rows and the same counters, after each step."""
    with store.write() as tx, suppress(Undone), tx.savepoint():
        tx.sync_event("gan", capacity, None, None, "", now)
        world = BothWays(tx, capacity=capacity, guests=2, waiting_list=line, questions=(TOUR,))
        for step in steps:
            one_step(world, tx, step)
            state, book = tx.event_state("gan"), world.book.state
            assert (state.capacity, state.taken, state.waiting) == (book.capacity, book.taken, book.waiting)
            assert (state.next_number, state.next_place) == (book.next_number, book.next_place)
            rows = world.book.registrations
            assert tx.registrations("gan") == tuple(rows[number] for number in sorted(rows))
            assert tx.head_of_line("gan", 20) == world.head()
        raise Undone


class Undone(Exception):
    """The next example finds the store as this one did."""
