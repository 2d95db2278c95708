"""What those who run an event do with one person: take them off the list, move them in out of turn, erase them.

Their authority has been judged by whoever reads or types the order (trust.md §3); what it does is the same for both.
"""

from dataclasses import replace
from datetime import datetime
from typing import assert_never

from mailflow.desk import approval, door_list, holding, questions, rights, seats, sign_up
from mailflow.desk.draft import to_person
from mailflow.desk.evolve import advance
from mailflow.model.decision import Change, Decision, Saved, View
from mailflow.model.event import EventState
from mailflow.model.intent import Absent, Approve, Done, Forget, MoveIn, Ordered, Present, Reject, Remove
from mailflow.model.letter import Letter
from mailflow.model.registration import Registration, Status


def ordered(view: View, order: Ordered, now: datetime) -> Decision:
    """What becomes of `view.located`. After the end only an erasure and who was absent; twice is once."""
    one = view.located
    if isinstance(order, Forget):
        return rights.forgotten(view, order, now)
    if isinstance(order, Done):
        return questions.done(view)
    if one is None:
        return Decision("ignored", "no such registration")
    if isinstance(order, Absent | Present):
        return door_list.mark(one, order, view.event, now)
    if now >= view.event.ends:
        return Decision("ignored", "the event is over")
    if view.state.called_off is not None:
        return Decision("ignored", "the event is called off")
    match order:
        case Remove(reason=reason):
            return _removed(view, one, reason, now)
        case MoveIn():
            return _moved_in(view, one, now)
        case Approve() | Reject():
            return _decided(view, one, order, now)
        case _:
            assert_never(order)


def _removed(view: View, one: Registration, reason: str, now: datetime) -> Decision:
    """The seat, the place in line or the request is gone at once, whatever time the event gives to think again.

    A request that nobody confirmed, and a seat that is only held, end without a letter: its owner has been told of
    the one already, and the other may be a stranger's idea.
    """
    if not one.status.standing and one.until is None:
        return Decision("ignored", f"is {one.status} already")
    if one.applied is not None:
        return approval.reject(view, one, reason, now)
    invited = one.status is Status.CONFIRMED
    after = replace(seats.release(one, now, invited=invited), status=Status.REMOVED, until=None)
    change = Saved("removed", one, after)
    changes, letters, state = _line(view, change, now)
    if not one.holds:
        return Decision("done", "removed", (change, *changes), letters)
    told = to_person(
        view.event, state, "cancelled", after,
        variant="removed" if invited else "removed_line", calendar="cancel" if invited else "none",
    )  # fmt: skip
    return Decision("done", "removed", (change, *changes), (replace(told, notice=True, reason=reason), *letters))


def _moved_in(view: View, one: Registration, now: datetime) -> Decision:
    """A seat for one who waits or is offered one, also where there is none, and also when the line has ended.

    Somebody who has not confirmed, or has gone, is moved nowhere: it is theirs to say that they come.
    """
    if one.status is Status.CONFIRMED:
        return Decision("ignored", "has a seat already")
    if one.status not in (Status.WAITING, Status.OFFERED):
        return Decision("ignored", f"does not wait: is {one.status}")
    change = Saved("promoted", one, seats.take(one, now))
    changes, letters, state = _line(view, change, now)
    return Decision("done", "moved in", (change, *changes), (holding.notice(view.event, state, change.after), *letters))


def _decided(view: View, one: Registration, order: Approve | Reject, now: datetime) -> Decision:
    """Of who applied; nobody else is decided on."""
    if one.applied is None:
        waits = one.status is Status.PENDING
        reason = "has not confirmed yet" if waits else f"did not apply, or was decided on: is {one.status}"
        return Decision("ignored", reason)
    return approval.reject(view, one, order.reason, now) if isinstance(order, Reject) else _approved(view, one, now)


def _approved(view: View, one: Registration, now: datetime) -> Decision:
    """As if they had signed up now, where nobody is asked: a seat if one is free, else the end of the line.

    Where there is neither, nothing is done: the organisers may raise the capacity, or say no.
    """
    if now >= view.event.starts:
        return Decision("ignored", "the event has begun")
    if not holding.queues(view.event, now) and not view.state.free():
        return Decision("ignored", "no seat is free, and there is no waiting list")
    change, letter = sign_up.place(view, one, one, now)
    return Decision("done", f"approved: {change.after.status}", (change,), (replace(letter, cause=None, notice=True),))


def _line(view: View, change: Saved, now: datetime) -> tuple[tuple[Change, ...], tuple[Letter, ...], EventState]:
    """Who moves up behind the one whom `change` is about, and the state after it all."""
    head = tuple(waiting for waiting in view.head if waiting.number != change.after.number)
    return seats.move_up(view.event, advance(view.state, change), head, now, view.offer_names)
