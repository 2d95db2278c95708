"""Registering: at once for a proved sender, after a YES for everybody else."""

from dataclasses import replace
from datetime import datetime

from mailflow.desk import approval, holding, limits, seats, withdraw
from mailflow.desk.budget import may_ask, within
from mailflow.desk.challenge import content_hash, open_challenge
from mailflow.desk.draft import answer, standing_letter, to_person, trusted
from mailflow.desk.evolve import advance
from mailflow.model.decision import Challenge, ChallengeClosed, Challenged, Decision, Saved, View
from mailflow.model.event import window
from mailflow.model.intent import Fields, Register
from mailflow.model.letter import Letter
from mailflow.model.proof import Proof
from mailflow.model.registration import Registration, Status


def register(view: View, wish: Register, proof: Proof, now: datetime) -> Decision:
    """A sign-up from `view.sender`. Doing it twice registers once: the second mail is told the present state."""
    own = view.own
    if own is not None and own.meant:
        return standing_letter(view, proof, now, resend=True)
    if refused := _closed(view, wish, proof, now):
        return refused
    filled = _fill(view, _row(view, now), wish.fields)
    if not trusted(view, proof):
        return _ask(view, filled, proof, now, variant="")
    change, letter = _taken_in(view, own, filled, now)
    letters = within(view.budget, proof, (letter,))
    return Decision("done", f"registered: {_standing(change)}", (change,), letters)


def ask_back(view: View, proof: Proof, now: datetime) -> Decision:
    """An entirely empty mail: "Do you want to register? Reply YES"; the status for somebody who stands here."""
    if view.own is not None and view.own.meant:
        return standing_letter(view, proof, now, resend=False)
    if refused := _closed(view, Register(), proof, now):
        return refused
    return _ask(view, _fill(view, _row(view, now), Fields()), proof, now, variant="ask_register")


def ask(view: View, wish: Register, proof: Proof, now: datetime) -> Decision | None:
    """`please_confirm` (read_register) to somebody who may have meant to sign up; None when that cannot be asked.

    Nothing is asked of those who stand here already, nor while no sign-up is taken: then people answer.
    """
    if (view.own is not None and view.own.meant) or _shut(view, wish, now):
        return None
    asked = _ask(view, _fill(view, _row(view, now), wish.fields), proof, now, variant="read_register")
    return asked if asked.letters else None


def redeem(view: View, challenge: Challenge, now: datetime) -> Decision:
    """YES to a challenge: the act it was made for, once. Old and used ones get no letter (trust.md §2.2).

    One that would register something else than was asked about is answered like a used one.
    """
    if not challenge.live(now):
        return Decision("ignored", "the question was answered or has run out")
    closed = ChallengeClosed(challenge, "used")
    located = view.located
    if located is None or not located.status.standing or now >= view.event.ends:
        return Decision("ignored", "nothing is left to confirm", (closed,))
    if challenge.act == "cancel":
        done = withdraw.give_up(view, located, now)
        return replace(done, changes=(closed, *done.changes))
    if located.status is not Status.PENDING or located.meant:
        return Decision("ignored", "already registered", (closed,))
    if challenge.content_hash != content_hash(located):
        return Decision("ignored", "the question was about something else", (ChallengeClosed(challenge, "ended"),))
    late = approval.too_late(view, now)
    if located.until is None and (late or (not holding.queues(view.event, now) and not view.state.free())):
        gone = replace(located, status=Status.EXPIRED, since=now)
        variant, reason = ("", "closed") if late else ("full", "full, no waiting list")
        told = replace(to_person(view.event, view.state, "closed", gone, variant=variant), cause=view.cause)
        return Decision("done", reason, (closed, Saved("expired", located, gone)), (told,))
    change, letter = _taken_in(view, located, located, now)
    return Decision("done", f"confirmed: {_standing(change)}", (closed, change), (letter,))


def decline(challenge: Challenge, view: View, now: datetime) -> Decision:
    """NO ends a challenge without a letter; a request that waited for it is withdrawn."""
    if challenge.state != "open":
        return Decision("ignored", "the question was answered or has run out")
    closed = ChallengeClosed(challenge, "ended")
    located = view.located
    if challenge.act == "register" and located is not None and located.status is Status.PENDING and not located.meant:
        gone = seats.release(located, now, invited=False)
        return Decision("done", "said no", (closed, Saved("withdrawn", located, gone)))
    return Decision("done", "said no", (closed,))


def _closed(view: View, wish: Register, proof: Proof, now: datetime) -> Decision | None:
    shut = _shut(view, wish, now)
    if shut is None:
        return None
    variant, reason = shut
    letters = within(view.budget, proof, (answer(view, proof, "closed", variant=variant),))
    return Decision("done" if letters else "ignored", f"registration: {reason}", letters=letters)


def _shut(view: View, wish: Register, now: datetime) -> tuple[str, str] | None:
    """The variant of `closed` and the reason in words, or None while a sign-up is taken."""
    standing = window(view.event, view.state, now)
    if standing != "over" and view.own is not None and view.own.until is not None:
        return None  # the seat is held for who gave it up (`undo_for`)
    line = view.event.waiting_list
    if standing == "open" and approval.too_late(view, now):
        standing = "closed"
    variant = {"open": None, "over": "over", "not_open": "not_open", "closed": ""}[standing]
    queued = holding.queues(view.event, now)
    if standing == "closed" and line.after_closing and queued:
        variant = None if wish.line else "line_open"
    if standing == "open" and not queued and not view.state.free():
        variant = "full"
    if variant is None and view.sender is not None and not view.event.admits(view.sender):
        variant = "members"
    if variant is None:
        return None
    words = {"": "closed", "full": "full, no waiting list", "members": "for other addresses"}
    return variant, words.get(variant, variant.replace("_", " "))


def _row(view: View, now: datetime) -> Registration:
    """The sender's registration while it stands, else one to begin with."""
    own = view.own
    return own if own is not None and own.status.standing else seats.newcomer(view, now)


def _fill(view: View, row: Registration, fields: Fields) -> Registration:
    """What the mail says about the person; what it does not say stands. A name from the text beats the display name;
    guests come up to the limit in force now.

    Nobody has vouched for a row that never had an invitation (`dtstamp`): whoever forged that request must not have
    his words in the registration of the person who then writes. A seat that is held is the same seat: no more guests.
    """
    guests = row.guests if row.until is not None else None
    if view.own is None or view.own.dtstamp is None:
        row = replace(row, name="", answers=(), guests=0)
    return replace(
        row,
        language=(view.mail_language if view.mail_language in view.event.languages else None) or row.language,
        name=fields.name or view.cause.sender_name or row.name,
        answers=fields.answers or row.answers,
        guests=min(row.guests if fields.guests is None else fields.guests, view.event.guests)
        if guests is None
        else guests,
    )


def _taken_in(view: View, before: Registration | None, row: Registration, now: datetime) -> tuple[Saved, Letter]:
    """A seat or a place in line; where the organisers choose, their word is waited for first."""
    taken = approval.apply if approval.wanted(view, row) else place
    return taken(view, before, row, now)


def _standing(change: Saved) -> str:
    return "applied" if change.after.applied else str(change.after.status)


def place(view: View, before: Registration | None, row: Registration, now: datetime) -> tuple[Saved, Letter]:
    """Give `row` a seat or a place in line.

    A YES that comes after closing is honoured while its challenge lives: the sign-up itself was made in time. Where
    nobody can wait, one free seat is enough, and the party is as large as there are more.
    """
    row, refused = limits.fit(view, before, row)
    ahead = view.state
    if holding.queues(view.event, now):
        row, fewer = limits.ever(ahead, row)
    else:
        # Who waits still is about to be told that the line has ended.
        ahead = replace(ahead, waiting=0)
        row, fewer = limits.party(ahead, row)
    refused += fewer
    after = seats.seat(ahead, row, now)
    waiting = after.status is Status.WAITING
    pending = before is not None and before.status is Status.PENDING
    change = Saved("queued" if waiting else "confirmed" if pending else "registered", before, after)
    state = advance(view.state, change)
    letter = to_person(
        view.event,
        state,
        "waitlisted" if waiting else "registered",
        after,
        calendar="none" if waiting else "request",
        place=state.waiting if waiting else 0,
    )
    return change, replace(letter, cause=view.cause, refused=refused)


def _ask(view: View, row: Registration, proof: Proof, now: datetime, *, variant: str) -> Decision:
    """Keep the request as PENDING and ask the address itself. Without a letter to send, nothing is kept either."""
    if not (proof.aligned or may_ask(view.budget)):
        return Decision("ignored", "asked enough for now")
    # `since` is when the row was last asked about: an older question that runs out leaves it alone.
    pending = replace(row, status=Status.PENDING, since=now)
    challenge = open_challenge(view, "register", pending, now)
    letter = replace(
        answer(view, proof, "please_confirm", variant=variant, registration=pending), challenge=challenge.id
    )
    kept = within(view.budget, proof, (letter,))
    if not kept:
        return Decision("ignored", "answered enough for now")
    # An older question is about what is not there any more; whoever asks anew must not have his words confirmed by it.
    ended = (ChallengeClosed(old, "ended") for old in view.asked if old.content_hash != challenge.content_hash)
    change = Saved("asked", view.own, pending)
    return Decision("done", "asked to confirm", (*ended, change, Challenged(challenge)), kept)
