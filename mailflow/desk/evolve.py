"""What a change does to the book of an event. The specification that every store is checked against."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from mailflow.model.decision import Change, Erased, Ruled, Saved
from mailflow.model.event import EventState
from mailflow.model.registration import Registration, Status


@dataclass(frozen=True, slots=True)
class Book:
    """An event's counters and its registrations by number."""

    state: EventState
    registrations: Mapping[int, Registration] = field(default_factory=dict)


def advance(state: EventState, change: Change) -> EventState:
    """The counters after a change: moved by the difference of its two states, never recounted."""
    if isinstance(change, Erased) and change.before is not None:
        # What counted until now counts no more; no row says so.
        change = Saved("cancelled", change.before, replace(change.before, status=Status.CANCELLED, until=None))
    if isinstance(change, Ruled):
        return replace(state, closed=change.closed, opens=change.opens, closes=change.closes, capacity=change.capacity)
    if not isinstance(change, Saved):
        return state
    before, after = change.before, change.after
    return replace(
        state,
        taken=state.taken + after.taken - (before.taken if before else 0),
        waiting=state.waiting + _waiting(after) - _waiting(before),
        next_number=max(state.next_number, after.number + 1),
        next_place=max(state.next_place, after.place + 1),
    )


def evolve(book: Book, changes: Iterable[Change]) -> Book:
    """The book after these changes, in order."""
    state, rows = book.state, dict(book.registrations)
    for change in changes:
        state = advance(state, change)
        if isinstance(change, Saved):
            rows[change.after.number] = change.after
        elif isinstance(change, Erased) and change.before is not None:
            del rows[change.before.number]
    return Book(state, rows)


def _waiting(registration: Registration | None) -> int:
    return int(registration is not None and registration.status is Status.WAITING)
