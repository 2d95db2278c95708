"""What organisers rule about the event itself: OPEN, CLOSE, SEATS, CANCEL EVENT, and taking these back."""

from dataclasses import replace
from datetime import UTC, datetime

from mailflow.desk import seats
from mailflow.desk.line import Carried, Line, done, refused, waiting
from mailflow.model.decision import CalledOff, Ruled
from mailflow.model.event import EventState, Localized, window
from mailflow.model.letter import Letter
from mailflow.model.transcript import Undo


def opened(line: Line, now: datetime) -> Carried:
    """Registration is open from now on. A closing time that has been is lifted: then it is open until the start."""
    event, state = line.view.event, line.view.state
    if now >= event.starts:
        return refused(line, "begun")
    opens = now if state.opens is not None and state.opens > now else state.opens
    closes = event.starts.astimezone(UTC) if state.closes is not None and state.closes <= now else state.closes
    after = replace(state, closed=False, opens=opens, closes=closes)
    if after == state:
        return done(line, "open_already", after)
    return done(line, "opened", after, (_ruled(after),), undo=Undo("open", line.written, before=state))


def closed(line: Line, now: datetime) -> Carried:
    """Nobody signs up any more; cancelling and the line go on."""
    state = line.view.state
    if window(line.view.event, state, now) == "closed":
        return done(line, "closed_already", state)
    after = replace(state, closed=True)
    return done(line, "closed", after, (_ruled(after),), undo=Undo("close", line.written, before=state))


def capacity(line: Line, most: int, now: datetime) -> Carried:
    """So many seats. More move the line at once, as far as one mail may; fewer take nobody's away."""
    state = line.view.state
    after = replace(state, capacity=most)
    if most == state.capacity:
        return done(line, "seats_already", after)
    change = _ruled(after)
    moved, letters, state_then = seats.move_up(line.view.event, after, line.view.head, now, line.view.offer_names)
    told = done(
        line, "seats" if state.capacity is not None else "seats_first", state_then, (change, *moved), letters,
        undo=Undo("capacity", line.written, before=state), was=state.capacity or 0, seats=most,
    )  # fmt: skip
    return replace(told, told=replace(told.told, also=_moved(letters, state_then)))


def fewer_seats(line: Line, most: int) -> Carried:
    """What would be so: nobody loses a seat, and nobody gets one until enough are free."""
    state = line.view.state
    return waiting(line, "fewer", seats=most, taken=state.taken)


def calling_off(line: Line) -> Carried:
    """What would happen, and to how many."""
    return waiting(line, "calls_off", people=line.audience)


def called_off(line: Line, reason: str) -> Carried:
    """For good. Everybody is told by the round that follows."""
    said = Localized(((line.organiser.language, reason),)) if reason else Localized()
    return done(line, "called_off", line.view.state, (CalledOff(said),), people=line.audience)


def taken_back(line: Line, undo: Undo) -> Carried:
    """OPEN, CLOSE and SEATS as it was before; what was ruled since by others stays."""
    state, before = line.view.state, undo.before
    if before is None:
        return refused(line, "no_undo")
    if undo.order == "capacity":
        after = replace(state, capacity=before.capacity)
        say = "seats_back" if before.capacity is not None else "seats_unlimited"
        return done(line, say, after, (_ruled(after),), seats=before.capacity or 0)
    after = replace(state, closed=before.closed, opens=before.opens, closes=before.closes)
    return done(line, "opened" if undo.order == "close" else "closed", after, (_ruled(after),))


def _ruled(state: EventState) -> Ruled:
    return Ruled(state.closed, state.opens, state.closes, state.capacity)


def _moved(letters: tuple[Letter, ...], state: EventState) -> tuple[tuple[str, int], ...]:
    """How many got a seat or are offered one; and whether more will."""
    told: list[tuple[str, int]] = []
    for key, kind in (("moved_in", "promoted"), ("offered_to", "offered")):
        count = sum(letter.kind == kind for letter in letters)
        if count:
            told.append((key, count))
    if letters and state.waiting and state.free():
        told.append(("more_follow", state.waiting))
    return tuple(told)
