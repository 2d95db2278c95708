"""What a person may ask about their own details: no reminders, all that is held, its erasure (trust.md §2.1, §10).

Each is done at once for a proved sender and after a YES for everybody else; doing it twice does it once. A booking
code or a thread locates whose details are meant, and never authorises: then the registered address itself is asked.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Literal, get_args

from mailflow.desk.budget import may_ask, within
from mailflow.desk.draft import answer, languages, standing_letter, to_person, trusted
from mailflow.desk.tongue import languages_of
from mailflow.mail.address import Address
from mailflow.model.decision import Challenge, ChallengeClosed, Challenged, Change, Decision, Saved, View
from mailflow.model.letter import Letter
from mailflow.model.proof import UNPROVED, Proof
from mailflow.model.registration import Registration

Right = Literal["remind_off"]
ACTS: tuple[str, ...] = get_args(Right)
_ASKED = {"remind_off": "asked to confirm that reminders end"}


def remind_off(view: View, proof: Proof, now: datetime) -> Decision:
    """STOP: no more reminders and announcements; the seat stays. Whoever has none is told so."""
    if _elsewhere(view) is None and (view.own is None or not view.own.status.standing):
        return standing_letter(view, proof, now, resend=False)
    return _at_once_or_ask(view, "remind_off", proof, now)


def ask(view: View, right: Right, proof: Proof, now: datetime) -> Decision | None:
    """`please_confirm` (read_…) to somebody who may have meant it; None when there is nothing to ask.

    Only about the sender's own registration: whoever points at another one is no matter for a guess.
    """
    own = view.own
    if own is None or _elsewhere(view) is not None or (right == "remind_off" and not own.status.standing):
        return None
    challenge = _challenge(view, right, own.address, own.number, now)
    drafted = answer(view, proof, "please_confirm", variant=f"read_{right}", registration=own)
    kept = within(view.budget, proof, (replace(drafted, to=own.address, to_name="", challenge=challenge.id),))
    return Decision("done", _ASKED[right], (Challenged(challenge),), kept) if kept else None


def redeem(view: View, challenge: Challenge, now: datetime) -> Decision:
    """YES to such a question: done once, also after the event. The letter goes to the address that was asked."""
    if challenge.state != "open" or now >= challenge.expires:
        return Decision("ignored", "the question was answered or has run out")
    closed = ChallengeClosed(challenge, "used")
    if view.located is None or not view.located.status.standing:
        return Decision("ignored", "nothing is left to confirm", (closed,))
    return _done(view, view.located, (closed,))


def _at_once_or_ask(view: View, right: Right, proof: Proof, now: datetime) -> Decision:
    other, sender = _elsewhere(view), view.sender
    if other is not None:
        return _ask_owner(view, right, other, now)
    if sender is None:
        raise ValueError("nobody asks")
    if not trusted(view, proof):
        return _ask_owner(view, right, view.own, now)
    assert view.own is not None
    done = _done(view, view.own, ())
    return replace(done, letters=within(view.budget, proof, done.letters))


def _elsewhere(view: View) -> Registration | None:
    """The registration that the mail points at, when it is not the sender's own."""
    located = view.located
    return located if located and view.sender and located.address.key != view.sender.key else None


def _ask_owner(view: View, right: Right, registration: Registration | None, now: datetime) -> Decision:
    """`please_confirm` to the registered address, whoever wrote; to nobody else (trust.md §2.1 row 11)."""
    sender = view.sender
    assert sender is not None
    own_mail = registration is None or registration.address.key == sender.key
    budget = view.budget if own_mail else view.located_budget
    if not may_ask(budget):
        return Decision("ignored", "asked enough for now")
    to, number = (registration.address, registration.number) if registration else (sender, 0)
    challenge = _challenge(view, right, to, number, now)
    spoken = languages(view, registration) if own_mail else languages_of(view.event, _tongue(registration))
    letter = Letter(
        kind="please_confirm",
        event=view.event.id,
        to=to,
        languages=spoken,
        state=view.state,
        variant=right,
        registration=registration,
        cause=view.cause if own_mail else None,
        challenge=challenge.id,
        proved=False,
    )
    return Decision("done", _ASKED[right], (Challenged(challenge),), within(budget, UNPROVED, (letter,)))


def _tongue(registration: Registration | None) -> str:
    return registration.language if registration else ""


def _challenge(view: View, right: Right, address: Address, number: int, now: datetime) -> Challenge:
    """Unlike one about a seat it does not end with the event: what is held is held longer."""
    return Challenge(
        id=view.challenge_id,
        event=view.event.id,
        act=right,
        address=address,
        number=number,
        created=now,
        expires=now + timedelta(seconds=view.confirm_within_seconds),
        code_hash=view.challenge_code_hash,
    )


def _done(view: View, own: Registration, closed: tuple[Change, ...]) -> Decision:
    after = replace(own, reminders=False)
    change = (Saved("reminders_off", own, after),) if own.reminders else ()
    letter = to_person(
        view.event, view.state, "status", after, variant="reminders_off",
        place=view.place if view.own and view.own.number == own.number else 0,
    )  # fmt: skip
    spoken = languages(view, own) if view.sender and view.sender.key == own.address.key else letter.languages
    told = replace(letter, cause=view.cause, languages=spoken)
    return Decision("done", "no more reminders", (*closed, *change), (told,))
