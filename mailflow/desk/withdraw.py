"""Giving up: a seat, a place in line, or a request that was never confirmed."""

from dataclasses import replace
from datetime import datetime
from typing import Literal

from mailflow.desk import asking, holding, people, seats
from mailflow.desk.budget import within
from mailflow.desk.challenge import open_challenge
from mailflow.desk.draft import answer, standing_letter, to_person, trusted
from mailflow.desk.evolve import advance
from mailflow.model.decision import Decision, Saved, View
from mailflow.model.event import EventState
from mailflow.model.letter import Letter
from mailflow.model.proof import Proof
from mailflow.model.registration import Registration, Status

_Farewell = Literal["left_line", "withdrawn", "declined", "cancelled", "turned_down"]


def cancel(view: View, proof: Proof, now: datetime) -> Decision:
    """The sender wants out. A reference locates whose registration is meant; it never authorises (trust.md §2.1)."""
    sender = view.sender
    if view.located is not None and sender is not None and view.located.address.key != sender.key:
        return ask_owner(view, view.located, now)
    if now >= view.event.ends:
        letters = within(view.budget, proof, (answer(view, proof, "closed", variant="over"),))
        return Decision("done" if letters else "ignored", "the event is over", letters=letters)
    own = view.own
    if own is None:
        return people.hand_over(view, view.quote, proof, read_as="cancel")
    if not own.status.standing:
        return standing_letter(view, proof, now, resend=False)
    if trusted(view, proof):
        done = give_up(view, own, now)
        return replace(done, letters=within(view.budget, proof, done.letters))
    return ask_owner(view, own, now)


def ask(view: View, proof: Proof, now: datetime) -> Decision | None:
    """`please_confirm` (read_cancel) to somebody who may have meant to cancel; None when there is nothing to ask.

    Only about the sender's own registration: whoever points at another one is no matter for a guess.
    """
    own = view.own
    if own is None or not own.status.standing or now >= view.event.ends:
        return None
    if view.located is not None and view.located.address.key != own.address.key:
        return None
    challenge = open_challenge(view, "cancel", own, now)
    return asking.ask_sender(view, own, challenge, proof, "read_cancel", "asked to confirm a cancellation")


def give_up(
    view: View, registration: Registration, now: datetime, *, by_calendar: Literal["", "declined"] = ""
) -> Decision:
    """Release `registration` and move the line up. A calendar that declined has removed the entry by itself.

    Where the event gives time to think again, the seat stays taken until that has passed.
    """
    had_seat = registration.status is Status.CONFIRMED
    invited = had_seat and not by_calendar
    after = seats.release(registration, now, invited=invited)
    if by_calendar:
        after = replace(after, partstat="DECLINED")
    if had_seat:
        after = replace(after, until=holding.held_until(view.event, now))
    what = _word(registration.status, by_calendar)
    change = Saved(what, registration, after)
    state = advance(view.state, change)
    changes, letters, state = seats.move_up(
        view.event, state, _without(view.head, registration), now, view.offer_names
    )
    return Decision(
        "done",
        what.replace("_", " "),
        (change, *changes),
        (_farewell(view, state, after, what, invited=invited), *letters),
    )


def ask_owner(view: View, registration: Registration, now: datetime) -> Decision:
    """`please_confirm` (cancel) to the registered address, whoever wrote; nothing to anybody else."""
    if not registration.status.standing or now >= view.event.ends:
        return Decision("ignored", "nothing to give up")
    challenge = open_challenge(view, "cancel", registration, now)
    return asking.ask_owner(view, registration, challenge, "cancel", "asked to confirm a cancellation")


def _word(status: Status, by_calendar: str) -> _Farewell:
    if status is Status.WAITING:
        return "left_line"
    if status is Status.PENDING:
        return "withdrawn"
    if status is Status.OFFERED:
        return "turned_down"
    return "declined" if by_calendar else "cancelled"


def _farewell(view: View, state: EventState, after: Registration, what: str, *, invited: bool) -> Letter:
    letter = to_person(
        view.event,
        state,
        "cancelled",
        after,
        variant={"cancelled": "", "turned_down": "offer_declined"}.get(what, what),
        calendar="cancel" if invited else "none",
    )
    return replace(letter, cause=view.cause)


def _without(head: tuple[Registration, ...], registration: Registration) -> tuple[Registration, ...]:
    return tuple(waiting for waiting in head if waiting.number != registration.number)
