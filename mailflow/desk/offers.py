"""The waiting list's offers: YES, NO, too late; and seats that were held for who gave them up."""

from dataclasses import replace
from datetime import datetime

from mailflow.desk import bounces, called_off, holding, limits, seats, withdraw
from mailflow.desk.budget import within
from mailflow.desk.draft import answer, to_person, trusted
from mailflow.desk.evolve import advance
from mailflow.model.decision import (
    Challenge,
    ChallengeClosed,
    Challenged,
    ChallengeName,
    Decision,
    Saved,
    View,
)
from mailflow.model.intent import AskStatus, Empty, Fields, Intent, No, Register, Yes
from mailflow.model.proof import Proof
from mailflow.model.registration import Registration, Status


def answered(view: View, intent: Intent, proof: Proof, now: datetime) -> Decision | None:
    """What comes of a mail of somebody who is offered a seat; None when it is about something else.

    The seat is taken, or turned down, by who answers the letter itself (its reference shows that the mailbox was read,
    as that of `please_confirm` does) and by a proved sender. Anybody else, and who asks how things stand, is sent the
    offer once more.
    """
    if not isinstance(intent, Yes | No | Register | AskStatus | Empty):
        return None
    asked = view.challenge
    if asked is not None and asked.act != "offer":
        return None
    own = view.own if view.own is not None and view.own.status is Status.OFFERED else None
    target, proved = own, trusted(view, proof)
    if isinstance(intent, Yes | No | Register) and asked is not None and _open(view, asked, intent, now):
        target, proved = view.located, True
    elif view.located is not None and (own is None or view.located.number != own.number):
        target = None
    if target is None:
        return _late(view, asked, proof) if asked is not None and isinstance(intent, Yes | No) else None
    if target.until is None or now >= target.until:
        return lapse(view, target, now)
    if isinstance(intent, AskStatus | Empty) or not (proved or isinstance(intent, No)):
        return _once_more(view, target, proof, now)
    if isinstance(intent, No):
        return _turned_down(view, target, proof, now) if proved else withdraw.ask_owner(view, target, now)
    return _accepted(view, target, proof, now, intent.fields if isinstance(intent, Register) else Fields())


def _open(view: View, asked: Challenge, intent: Intent, now: datetime) -> bool:
    """Whether the letter that is answered is about a seat that is still offered.

    Who reads the mailbox may say YES from another address; REGISTER means the one who writes it.
    """
    located = view.located
    if not asked.live(now) or located is None or located.status is not Status.OFFERED:
        return False
    return not isinstance(intent, Register) or (view.sender is not None and view.sender.key == located.address.key)


def _closing(view: View, target: Registration, *, used: bool) -> tuple[ChallengeClosed, ...]:
    """The question that this mail answers works no more."""
    asked = view.challenge
    if asked is None or asked.state != "open" or asked.number != target.number:
        return ()
    return (ChallengeClosed(asked, "used" if used else "ended"),)


def _accepted(view: View, target: Registration, proof: Proof, now: datetime, told: Fields) -> Decision:
    """The seat is theirs. What REGISTER tells beside it is kept; the party stays as large as the offer was made for."""
    closed = _closing(view, target, used=True)
    new = {answer.question for answer in told.answers}
    answers = (*(answer for answer in target.answers if answer.question not in new), *told.answers)
    row, refused = limits.fit(view, target, replace(target, name=target.name or told.name, answers=answers))
    after = seats.take(row, now)
    letter = to_person(view.event, view.state, "promoted", after, calendar="request")
    letters = (replace(letter, cause=view.cause, refused=refused),)
    # The letter after a redeemed challenge is free (trust.md §4).
    kept = letters if closed else within(view.budget, proof, letters)
    return Decision("done", "the offered seat is taken", (*closed, Saved("promoted", target, after)), kept)


def _turned_down(view: View, target: Registration, proof: Proof, now: datetime) -> Decision:
    closed = _closing(view, target, used=False)
    done = withdraw.give_up(view, target, now)
    kept = done.letters if closed else within(view.budget, proof, done.letters)
    return replace(done, changes=(*closed, *done.changes), letters=kept)


def _once_more(view: View, target: Registration, proof: Proof, now: datetime) -> Decision:
    """The offer again, to its own address, with a question of its own: the first one may be lost."""
    challenge = holding.question(target, ChallengeName(view.challenge_id, view.challenge_code_hash), now)
    letter = replace(answer(view, proof, "offered", registration=target), to=target.address, challenge=challenge.id)
    kept = within(view.budget, proof, (letter,))
    if not kept:
        return Decision("ignored", "answered enough for now")
    return Decision("done", "sent the offer again", (Challenged(challenge),), kept)


def _late(view: View, asked: Challenge, proof: Proof) -> Decision:
    """The offer has gone. Its owner was told when it ran out; old references get no letter (trust.md §2.2)."""
    own = view.own
    reason = "the offer was answered or has run out"
    if not trusted(view, proof) or own is None or own.number != asked.number or own.status is not Status.EXPIRED:
        return Decision("ignored", reason)
    letter = answer(view, proof, "cancelled", variant="offer_lapsed", registration=own)
    kept = within(view.budget, proof, (letter,))
    return Decision("done" if kept else "ignored", reason, letters=kept)


def run_out(view: View, now: datetime) -> Decision:
    """The time of `view.located` is over: its offer lapses, or its seat is held no longer; the line moves."""
    located = view.located
    if located is None or located.until is None or now < located.until:
        return Decision("ignored", "nothing has run out")
    if located.status is Status.OFFERED:
        # Of an event that was called off no seat goes to anybody else, and nobody is told that one did.
        return called_off.tell(view, now) if view.state.called_off else lapse(view, located, now)
    if located.undeliverable and located.status.standing:
        return bounces.let_go(view, located, now)
    change = Saved("released", located, replace(located, until=None))
    state = advance(view.state, change)
    changes, letters, _ = seats.move_up(view.event, state, view.head, now, view.offer_names)
    return Decision("done", "the seat is held no longer", (change, *changes), letters)


def lapse(view: View, offered: Registration, now: datetime) -> Decision:
    """Nobody answered in time: the person leaves the line and is told, and the seat goes to the next."""
    after = replace(offered, status=Status.EXPIRED, since=now, until=None)
    change = Saved("lapsed", offered, after)
    state = advance(view.state, change)
    changes, letters, state = seats.move_up(view.event, state, view.head, now, view.offer_names)
    told = to_person(view.event, state, "cancelled", after, variant="offer_lapsed")
    return Decision("done", "the offer has run out", (change, *changes), (replace(told, notice=True), *letters))
