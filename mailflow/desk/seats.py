"""Seats: who gets one, who waits, who moves in. Every rule that touches the capacity stands here."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from mailflow.desk import holding
from mailflow.desk.evolve import advance
from mailflow.model.decision import ChallengeName, Change, Saved, View
from mailflow.model.event import Event, EventState
from mailflow.model.letter import Letter
from mailflow.model.registration import Registration, Status


def stamp(registration: Registration, now: datetime) -> datetime:
    """The next DTSTAMP: strictly rising per UID, in whole seconds (calendar.md §4)."""
    moment = now.replace(microsecond=0)
    return moment if registration.dtstamp is None else max(moment, registration.dtstamp + timedelta(seconds=1))


def again(registration: Registration, now: datetime, *, untold: bool) -> Registration:
    """`registration` with what the next copy of its invitation carries: SEQUENCE stays, DTSTAMP moves.

    While a change of the event waits to be told, the copy has other contents than the last one: then SEQUENCE rises.
    """
    return replace(registration, sequence=registration.sequence + untold, dtstamp=stamp(registration, now))


def seat(view_state: EventState, registration: Registration, now: datetime) -> Registration:
    """`registration` with a seat, or at the end of the line: first come, and nobody passes those who wait.

    A seat that is held for it is its own.
    """
    if registration.until is not None or (view_state.waiting == 0 and view_state.free(registration.seats)):
        return take(registration, now)
    return replace(registration, status=Status.WAITING, since=now, place=view_state.next_place, applied=None)


def take(registration: Registration, now: datetime) -> Registration:
    """`registration` with a seat, and the SEQUENCE and DTSTAMP of its first invitation."""
    return replace(
        registration,
        status=Status.CONFIRMED,
        since=now,
        partstat="NEEDS-ACTION",
        sequence=0,
        dtstamp=stamp(registration, now),
        answered_at=None,
        answered_sequence=0,
        until=None,
        applied=None,
    )


def release(registration: Registration, now: datetime, *, invited: bool) -> Registration:
    """`registration` given up. With a CANCEL to send, SEQUENCE rises above the last REQUEST.

    Who takes back a request for a seat that is held loses nothing by having asked.
    """
    until = registration.until if registration.status is Status.PENDING else None
    gone = replace(registration, status=Status.CANCELLED, since=now, until=until, applied=None)
    return replace(gone, sequence=gone.sequence + 1, dtstamp=stamp(registration, now)) if invited else gone


def move_up(
    event: Event, state: EventState, head: Sequence[Registration], now: datetime, names: Sequence[ChallengeName] = ()
) -> tuple[tuple[Change, ...], tuple[Letter, ...], EventState]:
    """Give free seats to the head of the line, in order, while the head fits. The state after it comes back.

    In mode "offer" they are offered, one for each of `names` at most. The line stops at its first party that does not
    fit: passing it by would be unfair, and the next seat may be its. Only one that is larger than the whole event, as
    that is now, is passed by.
    """
    offering = event.waiting_list.mode == "offer"
    changes: list[Change] = []
    letters: list[Letter] = []
    if now >= holding.last_call(event) or state.called_off is not None:
        return (), (), state
    fitting = [one for one in head if state.capacity is None or one.seats <= state.capacity]
    for waiting, name in zip(fitting, names if offering else (None,) * len(fitting), strict=False):
        if not state.free(waiting.seats):
            break
        change, asked = holding.offer(event, waiting, name, now) if name else (_promoted(waiting, now), None)
        state = advance(state, change)
        changes += (change, asked) if asked else (change,)
        letters.append(holding.notice(event, state, change.after, asked.challenge.id if asked else ""))
    return tuple(changes), tuple(replace(letter, state=state) for letter in letters), state


def _promoted(waiting: Registration, now: datetime) -> Saved:
    # A dead address holds what comes to it only for as long as it held its place (`bounces.let_go`).
    return Saved("promoted", waiting, replace(take(waiting, now), until=waiting.until))


def newcomer(view: View, now: datetime) -> Registration:
    """A fresh row for the sender, or the old one in a new epoch: a cancelled calendar UID stays dead."""
    if view.sender is None:
        raise ValueError("nobody to register")
    old = view.own
    if old is None:
        number = view.state.next_number
        return Registration(
            event=view.event.id,
            number=number,
            code=view.code,
            address=view.sender,
            name="",
            status=Status.PENDING,
            language="",
            since=now,
            registered_at=now,
            thread=view.cause.message_id,
        )
    # A request that was never answered has no UID in anybody's calendar; everything else that comes back does.
    epoch = old.epoch + 1 if old.dtstamp is not None else old.epoch
    return replace(
        old,
        status=Status.PENDING,
        since=now,
        registered_at=now,
        place=0,
        partstat="NEEDS-ACTION",
        epoch=epoch,
        sequence=0,
        dtstamp=None,
        answered_at=None,
        answered_sequence=0,
        undeliverable=False,
        thread=view.cause.message_id or old.thread,
    )
