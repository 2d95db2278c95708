"""Events whose organisers choose: a sign-up is an application until one of them has decided (issue 7).

It is PENDING with the time of its `applied`, and holds nothing: no seat, no place in line, no place of an option.
"""

from dataclasses import replace
from datetime import datetime

from mailflow.desk import limits, seats
from mailflow.desk.draft import to_person
from mailflow.model.decision import Decision, Saved, View
from mailflow.model.letter import Letter
from mailflow.model.registration import Registration, Status


def wanted(view: View, row: Registration) -> bool:
    """Whether the organisers have to say yes to `row` first. A seat that is held for it was approved before."""
    return view.event.approval and row.until is None


def too_late(view: View, now: datetime) -> bool:
    """When the event has begun, nobody decides any more."""
    return view.event.approval and now >= view.event.starts


def apply(view: View, before: Registration | None, row: Registration, now: datetime) -> tuple[Saved, Letter]:
    """`row` waits for the organisers. An option that is full already is said now, not only when they have decided."""
    row, refused = limits.fit(view, before, row)
    after = replace(row, status=Status.PENDING, since=now, applied=now)
    letter = to_person(view.event, view.state, "applied", after)
    return Saved("applied", before, after), replace(letter, cause=view.cause, refused=refused)


def reject(view: View, one: Registration, reason: str, now: datetime) -> Decision:
    """The organisers say no; the reason is told in their words. Whoever applies anew may: a no is no ban."""
    after = replace(seats.release(one, now, invited=False), status=Status.REMOVED)
    told = to_person(view.event, view.state, "rejected", after)
    letter = replace(told, notice=True, reason=reason)
    return Decision("done", "rejected", (Saved("rejected", one, after),), (letter,))


def undecided(view: View, now: datetime) -> Decision:
    """The event begins and nobody has decided: the application ends, and its owner is told once, and politely.

    After the event there is nothing to be told, nor when all of it was called off: that is a letter of its own.
    """
    one = view.located
    if one is None or one.applied is None or now < view.event.starts or view.state.called_off is not None:
        return Decision("ignored", "does not wait for the organisers")
    after = replace(seats.release(one, now, invited=False), status=Status.EXPIRED)
    change = Saved("undecided", one, after)
    if now >= view.event.ends:
        return Decision("done", "nobody decided", (change,))
    told = to_person(view.event, view.state, "rejected", after, variant="undecided")
    return Decision("done", "nobody decided", (change,), (replace(told, notice=True),))
