"""What organisers do with one person by mail: ADD, PROMOTE, REMOVE, CHANGE, and taking ADD and PROMOTE back."""

from dataclasses import replace
from datetime import datetime

from mailflow.desk import holding, orders, seats
from mailflow.desk.draft import to_person
from mailflow.desk.evolve import advance
from mailflow.desk.line import Carried, Line, done, refused, waiting, who
from mailflow.mail.address import Address
from mailflow.model.command import Order
from mailflow.model.decision import Decision, Saved
from mailflow.model.event import EventState
from mailflow.model.intent import MoveIn, Remove
from mailflow.model.registration import Registration, Status
from mailflow.model.transcript import Undo


def added(line: Line, now: datetime) -> Carried:
    """A seat, or a place in line, for an address that an organiser vouches for; also when registration has closed.

    Who asked to be erased is not brought back by others.
    """
    view, own, target = line.view, line.view.own, line.command.target
    assert target is not None
    if why := _not_added(line, now):
        return refused(line, why, who=who(own, target))
    row = replace(
        seats.newcomer(replace(view, sender=target), now),
        name=line.command.name or (own.name if own else ""),
        until=own.until if own else None,
    )
    after = seats.seat(view.state, row, now)
    queued = after.status is Status.WAITING
    if queued and not holding.queues(view.event, now):
        return refused(line, "full", who=who(row))
    change = Saved("queued" if queued else "registered", own, after)
    state = advance(view.state, change)
    letter = to_person(
        view.event, state, "waitlisted" if queued else "registered", after,
        calendar="none" if queued else "request", place=state.waiting if queued else 0,
    )  # fmt: skip
    undo = Undo("add", _name("add", after), after.number)
    say = "added_in_line" if queued else "added"
    return done(line, say, state, (change,), (replace(letter, notice=True),), undo=undo, who=who(after))


def adding(line: Line, now: datetime) -> Carried:
    """What an ADD would do that waits, since there are many of them."""
    if why := _not_added(line, now):
        return refused(line, why, who=who(line.view.own, line.command.target))
    return waiting(line, "adds", who=line.command.name or str(line.command.target))


def _not_added(line: Line, now: datetime) -> str:
    own = line.view.own
    if now >= line.view.event.ends:
        return "over"
    if line.ours:
        return "ours"
    if own is not None and own.holds:
        return "registered_already"
    return "erased_before" if line.erased else ""


def promoted(line: Line, now: datetime) -> Carried:
    """The only way past the capacity."""
    one = line.view.located
    if one is None:
        return refused(line, "nobody")
    if one.status is Status.CONFIRMED:
        return refused(line, "seat_already", who=who(one))
    if one.status not in (Status.WAITING, Status.OFFERED):
        return refused(line, "not_waiting", who=who(one))
    carried = _ordered(line, orders.ordered(line.view, MoveIn(), now), "promoted", one)
    undo = Undo("promote", _name("promote", one), one.number)
    if carried.decision.state != "done":
        return carried
    return done(line, "promoted", _after(line, carried.decision), carried.decision.changes, carried.decision.letters,
                undo=undo, who=who(one))  # fmt: skip


def removing(line: Line, now: datetime) -> Carried:
    """Who would lose what."""
    one = line.view.located
    if (why := _not_removed(line, one, now)) or one is None:
        return refused(line, why, who=who(one) if one else "")
    return waiting(line, "removes", who=who(one))


def removed(line: Line, now: datetime) -> Carried:
    """Off the list; the person is told, and the line moves up."""
    one = line.view.located
    if (why := _not_removed(line, one, now)) or one is None:
        return refused(line, why, who=who(one) if one else "")
    return _ordered(line, orders.ordered(line.view, Remove(), now), "removed", one)


def _not_removed(line: Line, one: Registration | None, now: datetime) -> str:
    if one is None:
        return "nobody"
    if now >= line.view.event.ends:
        return "over"
    return "" if one.status.standing or one.until is not None else "gone_already"


def correcting(line: Line) -> Carried:
    """Which address would take the place of which."""
    one, target = line.view.located, line.command.target
    assert target is not None
    if (why := _not_corrected(line, one, target)) or one is None:
        return refused(line, why, who=who(one) if one else "", address=str(target))
    return waiting(line, "changes", who=who(one), old=str(one.address), new=str(target))


def corrected(line: Line, now: datetime) -> Carried:
    """The registration goes on at the right address, in a new epoch: the new calendar has seen no invitation yet.

    Nothing goes to the old one, which was wrong: a letter there would tell a stranger.
    """
    one, target = line.view.located, line.command.target
    assert target is not None
    if (why := _not_corrected(line, one, target)) or one is None:
        return refused(line, why, who=who(one) if one else "", address=str(target))
    seated = one.status is Status.CONFIRMED
    after = replace(
        one, address=target, epoch=one.epoch + (one.dtstamp is not None), sequence=0, partstat="NEEDS-ACTION",
        dtstamp=seats.stamp(one, now) if seated else None, answered_at=None, answered_sequence=0, undeliverable=False,
        until=None, thread="",
    )  # fmt: skip
    change = Saved("corrected", one, after)
    letter = to_person(
        line.view.event, line.view.state, "registered" if seated else "waitlisted", after,
        calendar="request" if seated else "none", place=line.view.place,
    )  # fmt: skip
    return done(line, "changed", line.view.state, (change,), (replace(letter, notice=True),), who=who(after),
                old=str(one.address), new=str(target))  # fmt: skip


def _not_corrected(line: Line, one: Registration | None, target: Address) -> str:
    if one is None:
        return "nobody"
    if one.status not in (Status.CONFIRMED, Status.WAITING):
        return "not_registered"
    if line.ours:
        return "ours"
    taken = line.other is not None and line.other.status.standing and line.other.number != one.number
    return "address_taken" if taken or one.address.key == target.key else ""


def taken_back(line: Line, undo: Undo, now: datetime) -> Carried:
    """An ADD: the person is off the list again, and told. A PROMOTE: back in line, at the place of before."""
    one = line.view.located
    if one is None or now >= line.view.event.ends:
        return refused(line, "no_undo")
    if undo.order == "add":
        if not one.holds:
            return refused(line, "gone_already", who=who(one))
        return _ordered(line, orders.ordered(line.view, Remove(), now), "removed", one)
    if one.status is not Status.CONFIRMED:
        return refused(line, "gone_already", who=who(one))
    if not holding.queues(line.view.event, now):
        return refused(line, "no_line", who=who(one))
    after = replace(seats.release(one, now, invited=True), status=Status.WAITING, until=None)
    change = Saved("demoted", one, after)
    state = advance(line.view.state, change)
    letter = to_person(line.view.event, state, "waitlisted", after, variant="moved_back", calendar="cancel",
                       place=line.place)  # fmt: skip
    return done(line, "demoted", state, (change,), (replace(letter, notice=True),), who=who(one))


def _ordered(line: Line, decision: Decision, say: str, one: Registration) -> Carried:
    """What an order about one person came to."""
    if decision.state != "done":
        return refused(line, "called_off_already" if line.view.state.called_off else "over")
    state = _after(line, decision)
    moved = tuple(
        (key, count)
        for key, kind in (("moved_in", "promoted"), ("offered_to", "offered"))
        if (count := sum(letter.kind == kind and letter.to.key != one.address.key for letter in decision.letters))
    )
    carried = done(line, say, state, decision.changes, decision.letters, who=who(one))
    return replace(carried, told=replace(carried.told, also=moved))


def _after(line: Line, decision: Decision) -> EventState:
    state = line.view.state
    for change in decision.changes:
        state = advance(state, change)
    return state


def _name(order: Order, one: Registration) -> str:
    """How the undo of it is called: without a name or an address, which would have to be erased with the person."""
    return f"{order.upper()} {one.code}"
