"""The event is called off: everybody with something to lose is told once, and who writes later hears it, too."""

from dataclasses import replace
from datetime import datetime

from mailflow.desk import people, seats
from mailflow.desk.budget import within
from mailflow.desk.draft import answer, to_person
from mailflow.model.command import Orders
from mailflow.model.decision import ChallengeClosed, Change, Decision, Saved, View
from mailflow.model.intent import EraseMe, ForPeople, MyData, No, Proposed, Wish, Yes
from mailflow.model.proof import Proof
from mailflow.model.registration import Registration, Status

# What goes its usual way: questions and orders are for people, and what is held of a person is held still. Anything
# else wants a seat, a place in line or a change of them, or asks how they stand.
_AS_EVER = (ForPeople, Orders, MyData, EraseMe)


def tell(view: View, now: datetime) -> Decision:
    """`view.located` ends as cancelled; `event_cancelled` to who had a seat (with CANCEL), an offer or a place in line,
    or who applied for one.

    Who never said YES was promised nothing, and an address that nobody has proved gets no letter of its own accord: the
    request ends, and a YES that comes after all is answered, as `view.asked` leaves its question out. After the event
    nobody is told that it will not be.
    """
    one = view.located
    if one is None or not (one.status.standing or one.until is not None):
        return Decision("ignored", "nothing to give up")
    ended: tuple[Change, ...] = tuple(ChallengeClosed(asked, "ended") for asked in view.asked)
    if not one.status.standing:
        # A seat that was given up, and is held for its owner in vain.
        released = Saved("released", one, replace(one, until=None))
        return Decision("done", "the seat is held no longer", (*ended, released))
    seat = one.status is Status.CONFIRMED
    after = replace(seats.release(one, now, invited=seat), until=None)
    changes = (*ended, Saved("called_off", one, after))
    if why := _not_told(view, one, now):
        return Decision("done", why, changes)
    letter = to_person(view.event, view.state, "event_cancelled", after, calendar="cancel" if seat else "none")
    return Decision("done", "told that it is called off", changes, (replace(letter, notice=True, was=view.was),))


def _not_told(view: View, one: Registration, now: datetime) -> str:
    if not one.meant:
        return "was promised nothing"
    if one.undeliverable:
        return "letters come back"
    return "the event is over" if now >= view.event.ends else ""


def answered(view: View, wish: Wish | Proposed, proof: Proof) -> Decision | None:
    """What a mail to an event that was called off is answered with; None when it is treated as any other.

    A registration that the round has not reached yet is left to it: that letter has the calendar's CANCEL.
    """
    said = view.challenge if isinstance(wish, Yes | No) else None
    if view.state.called_off is None or (said is not None and said.act in ("my_data", "erase")):
        return None
    if isinstance(wish, ForPeople) and wish.short:
        # The letter with the words that one can write would offer what is not to be had any more.
        return people.hand_over(view, view.quote, proof)
    if isinstance(wish, _AS_EVER):
        return None
    closed = (ChallengeClosed(said, "ended"),) if said is not None and said.state == "open" else ()
    letter = answer(view, proof, "closed", variant="called_off")
    # The letter that answers a question of ours is free, once (trust.md §4), and goes to the address that was asked:
    # a free one to whomever the mail names as its sender would be past all budgets.
    asked = replace(letter, to=said.address, to_name="", registration=view.located, place=0) if said else letter
    free = (asked,) if closed else ()
    kept = free or within(view.budget, proof, (letter,))
    return Decision("done" if kept else "ignored", "the event is called off", closed, kept)
