"""Invariants under random sequences of mails and times."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from mailflow.model.intent import AskStatus, Cancel, Empty, ForPeople, No, Register, Yes
from mailflow.model.registration import Status
from tests.desk.world import DISOWNED, PROVED, UNPROVED, World, recount

PEOPLE = [f"p{n}@example.org" for n in range(6)]
STEP = st.one_of(
    st.tuples(
        st.sampled_from(PEOPLE),
        st.sampled_from([Register(), Register(), Cancel(), AskStatus(), Empty(), ForPeople("x"), Yes(), No()]),
        st.sampled_from([PROVED, UNPROVED, DISOWNED]),
        st.integers(0, 5),
    ),
    st.tuples(st.just("capacity"), st.integers(0, 2)),
    st.tuples(st.just("later"), st.sampled_from([1, 3600, 86400, 3 * 86400])),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(STEP, max_size=40), st.integers(0, 4), st.booleans())
def test_any_sequence_keeps_the_promises(steps, capacity, unlimited):
    """Never overbooked; counters right; nobody waits beside a free seat; at most one answer a mail; one row a person."""
    world = World(capacity=capacity)
    world.unlimited = unlimited
    for step in steps:
        if step[0] == "later":
            world.later(seconds=step[1])
            continue
        if step[0] == "capacity":
            state = world.book.state
            world.book = replace(world.book, state=replace(state, capacity=state.capacity + step[1]))
            world.due("seats")
        else:
            who, intent, proof, which = step
            challenge = None
            if isinstance(intent, Yes | No) and world.challenges:
                challenge = list(world.challenges)[which % len(world.challenges)]
            decision = world.mail(who, intent, proof, challenge=challenge)
            answers = [letter for letter in decision.letters if not letter.notice]
            assert len(answers) <= 1
            assert decision.reason
            if proof is DISOWNED:
                assert not decision.changes
                assert not decision.letters
        state = world.book.state
        assert (state.taken, state.waiting) == recount(world.book)
        assert state.taken <= state.capacity
        if world.now < world.event.starts:
            assert state.waiting == 0 or not state.free()
        rows = [r.address.key for r in world.book.registrations.values()]
        assert len(rows) == len(set(rows))
        for row in world.book.registrations.values():
            assert (row.dtstamp is not None) or row.status is not Status.CONFIRMED
