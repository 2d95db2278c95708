"""The door list: when it goes out, who hears that somebody on it will not come, and who was absent (letters.md §9)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import reduce
from typing import assert_never

from mailflow.desk.draft import to_organiser
from mailflow.desk.evolve import advance
from mailflow.model.decision import Change, Decision, Erased, Saved, View
from mailflow.model.event import Event, EventState, Organiser
from mailflow.model.intent import Absent, Present
from mailflow.model.letter import DoorList, Letter
from mailflow.model.registration import Registration, Status


def readers(event: Event) -> tuple[Organiser, ...]:
    """The organisers who stand at the door."""
    return tuple(organiser for organiser in event.organisers if organiser.door_list)


def hours_due(event: Event, now: datetime) -> int | None:
    """How many hours before the start the list is from that is due now; None before the first, and from the start on.

    Hours that pass, whatever the wall clock does in them, and whatever hour of the night it is: who opens the door in
    the morning needs it. A later list takes the place of one that was missed.
    """
    if now >= event.starts:
        return None
    # In UTC: two datetimes of one zone are subtracted by their wall clocks.
    starts = event.starts.astimezone(UTC)
    due = [hours for hours in event.after.door_list_hours_before if now >= starts - timedelta(hours=hours)]
    return min(due, default=None)


def letter(event: Event, state: EventState, organiser: Organiser, expected: tuple[Registration, ...]) -> Letter:
    """The list of those with a seat, each with a number, for one organiser."""
    return _to(event, state, organiser, "door_list", DoorList(expected))


def told(view: View, decision: Decision, now: datetime) -> Decision:
    """`decision`, and a notice to the organisers where it takes somebody off the list that they hold, or puts him back.

    Whatever did it: a mail, a calendar, a removal, letters that come back. Who was erased is a number and no name. Who
    gets the seat is told along, since a printed list has him not; nothing once the event has begun, or is called off.
    """
    event, state = view.event, reduce(advance, decision.changes, view.state)
    if now >= event.starts or state.called_off is not None or not event.after.door_list_hours_before:
        return decision
    gone = tuple(filter(None, map(_gone, decision.changes)))
    back = tuple(filter(None, map(_back, decision.changes)))
    if not gone and not back:
        return decision
    erased = any(isinstance(change, Erased) for change in decision.changes)
    fresh = tuple(
        change.after
        for change in decision.changes
        if isinstance(change, Saved) and _seated(change.after) and not _seated(change.before)
        and not change.after.door_number
    )  # fmt: skip
    letters = [
        _to(event, state, organiser, "late_cancellation", DoorList(gone=gone, new=(*back, *fresh), nameless=erased))
        for organiser in readers(event)
    ]
    return replace(decision, letters=(*decision.letters, *letters))


def mark(one: Registration, order: Absent | Present, event: Event, now: datetime) -> Decision:
    """Who had a seat did not come, or did after all: a flag, until the people of the event are erased.

    A seat that was taken stays taken; only thanks are not sent to who was not there.
    """
    if now < event.starts:
        return Decision("ignored", "the event has not begun")
    if one.status is not Status.CONFIRMED:
        return Decision("ignored", f"has no seat: is {one.status}")
    match order:
        case Absent():
            if one.absent:
                return Decision("ignored", "is marked absent already")
            return Decision("done", "marked absent", (Saved("absent", one, replace(one, absent=True)),))
        case Present():
            if not one.absent:
                return Decision("ignored", "is not marked absent")
            return Decision("done", "marked present", (Saved("present", one, replace(one, absent=False)),))
        case _:
            assert_never(order)


def _to(event: Event, state: EventState, organiser: Organiser, kind: str, door_list: DoorList) -> Letter:
    """A letter that nobody asked for just now, in the organiser's language."""
    late = kind == "late_cancellation"
    variant = _variant(door_list) if late else ""
    letter = to_organiser(event, state, "late_cancellation" if late else "door_list", organiser, variant)
    return replace(letter, notice=True, door_list=door_list)


def _variant(door_list: DoorList) -> str:
    return "erased" if door_list.nameless else "" if door_list.gone else "back"


def _seated(one: Registration | None) -> bool:
    return one is not None and one.status is Status.CONFIRMED


def _gone(change: Change) -> Registration | None:
    """Who was on the list, as he stood on it."""
    if not isinstance(change, Saved) or change.before is None or not change.before.door_number:
        return None
    return change.before if _seated(change.before) and not _seated(change.after) else None


def _back(change: Change) -> Registration | None:
    if not isinstance(change, Saved) or not change.after.door_number:
        return None
    return change.after if _seated(change.after) and not _seated(change.before) else None
