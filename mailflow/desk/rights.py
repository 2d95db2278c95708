"""What a person may ask about their own details: no reminders, all that is held, its erasure (trust.md §2.1, §10).

Each is done at once for a proved sender and after a YES for everybody else; doing it twice does it once. A booking
code or a thread locates whose details are meant, and never authorises: then the registered address itself is asked.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Literal, assert_never, get_args

from mailflow.desk import withdraw
from mailflow.desk.asking import ask_sender
from mailflow.desk.budget import may_ask, within
from mailflow.desk.draft import languages, standing_letter, trusted
from mailflow.desk.tongue import languages_of
from mailflow.mail.address import Address
from mailflow.model.decision import Challenge, ChallengeClosed, Challenged, Change, Decision, Erased, Saved, View
from mailflow.model.intent import EraseMe, Forget, MyData, RemindOff
from mailflow.model.letter import Letter, LetterKind
from mailflow.model.proof import UNPROVED, Proof
from mailflow.model.registration import Registration

Right = Literal["my_data", "erase", "remind_off"]
ACTS: tuple[str, ...] = get_args(Right)
_ASKED: dict[Right, str] = {
    "my_data": "asked to confirm a wish to see the data",
    "erase": "asked to confirm an erasure",
    "remind_off": "asked to confirm that reminders end",
}


def wished(view: View, wish: MyData | EraseMe | RemindOff, proof: Proof, now: datetime) -> Decision:
    """What a mail asks for in so many words."""
    match wish:
        case MyData():
            # Also what little is held of a stranger; to the registered address alone.
            return _at_once_or_ask(view, "my_data", proof, now)
        case EraseMe():
            return _erase(view, proof, now)
        case RemindOff():
            return _remind_off(view, proof, now)
        case _:
            assert_never(wish)


def _remind_off(view: View, proof: Proof, now: datetime) -> Decision:
    """STOP: no more reminders and announcements; the seat stays. Whoever has none is told so."""
    if _elsewhere(view) is None and (view.own is None or not view.own.status.standing):
        return standing_letter(view, proof, now, resend=False)
    return _at_once_or_ask(view, "remind_off", proof, now)


def _erase(view: View, proof: Proof, now: datetime) -> Decision:
    """ERASE: the seat is given up, then everything goes. A mail that asks for more besides is asked back first.

    What else it says would be for people, and would go with the rest before they had read it.
    """
    if view.forward:
        return ask(view, "erase", proof, now) or _ask_owner(view, "erase", _elsewhere(view) or view.own, now)
    return _at_once_or_ask(view, "erase", proof, now)


def ask(view: View, right: Right, proof: Proof, now: datetime) -> Decision | None:
    """`please_confirm` (read_…) to somebody who may have meant it; None when there is nothing to ask.

    Only about the sender's own registration: whoever points at another one is no matter for a guess.
    """
    own = view.own
    if own is None or _elsewhere(view) is not None or (right == "remind_off" and not own.status.standing):
        return None
    challenge = _challenge(view, right, own.address, own.number, now)
    return ask_sender(view, own, challenge, proof, f"read_{right}", _ASKED[right])


def redeem(view: View, challenge: Challenge, now: datetime) -> Decision:
    """YES to such a question: done once, also after the event. The letter goes to the address that was asked."""
    if not challenge.live(now):
        return Decision("ignored", "the question was answered or has run out")
    closed = ChallengeClosed(challenge, "used")
    if challenge.act == "remind_off" and (view.located is None or not view.located.status.standing):
        return Decision("ignored", "nothing is left to confirm", (closed,))
    done = _done(view, _right(challenge.act), challenge.address, view.located, now)
    return replace(done, changes=(closed, *done.changes))


def _at_once_or_ask(view: View, right: Right, proof: Proof, now: datetime) -> Decision:
    other, sender = _elsewhere(view), view.sender
    if other is not None:
        return _ask_owner(view, right, other, now)
    if sender is None:
        raise ValueError("nobody asks")
    if not trusted(view, proof):
        return _ask_owner(view, right, view.own, now)
    done = _done(view, right, sender, view.own, now)
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


def _right(act: str) -> Right:
    return "my_data" if act == "my_data" else "erase" if act == "erase" else "remind_off"


def _done(view: View, right: Right, address: Address, own: Registration | None, now: datetime) -> Decision:
    """The act itself. `own` is the registration of `address`, None where it has none."""
    match right:
        case "my_data":
            return Decision("done", "sent what is held", letters=(_letter(view, "my_data", address, own),))
        case "erase":
            return _erased(view, address, own, now)
        case "remind_off":
            assert own is not None
            after = replace(own, reminders=False)
            change = (Saved("reminders_off", own, after),) if own.reminders else ()
            letter = _letter(view, "status", address, after, variant="reminders_off")
            return Decision("done", "no more reminders", change, (letter,))
        case _:
            assert_never(right)


def _erased(view: View, address: Address, own: Registration | None, now: datetime) -> Decision:
    """The seat goes on at once, whatever time the event gives to think again; then nothing is left of its owner."""
    before = own
    changes: list[Change] = []
    notices: tuple[Letter, ...] = ()
    farewell: Letter | None = None
    if own is not None and own.status.standing and now < view.event.ends:
        line = replace(view.event.waiting_list, undo_for=timedelta(0))
        done = withdraw.give_up(replace(view, event=replace(view.event, waiting_list=line)), own, now)
        changes += done.changes
        farewell = next(letter for letter in done.letters if letter.kind == "cancelled")
        notices = tuple(letter for letter in done.letters if letter.kind != "cancelled")
        before = farewell.registration
    seated = farewell is not None and own is not None and own.status.seated
    letter = _letter(view, "erased", address, before, variant="seat" if seated else "")
    if farewell is not None:
        letter = replace(letter, state=farewell.state, calendar=farewell.calendar)
    return Decision("done", "erased", (*changes, Erased(address, before)), (letter, *notices))


def forgotten(view: View, order: Forget, now: datetime) -> Decision:
    """The same when it is the operator's word: nobody's mail is answered, and the last letter may be left out."""
    # As it was registered, which is how the calendar knows it.
    address = view.located.address if view.located else order.address
    done = _erased(view, address, view.located, now)
    letters = (replace(one, notice=True, cause=None) for one in done.letters if order.farewell or one.kind != "erased")
    return replace(done, letters=tuple(letters))


def _letter(
    view: View, kind: LetterKind, address: Address, own: Registration | None, *, variant: str = ""
) -> Letter:
    """To the address whose wish it is; in the language of the mail when that wrote it, else in its own."""
    wrote = view.sender is not None and view.sender.key == address.key
    return Letter(
        kind=kind,
        event=view.event.id,
        to=address,
        to_name=own.name if own else "",
        languages=languages(view, own) if wrote else languages_of(view.event, _tongue(own)),
        state=view.state,
        variant=variant,
        registration=own,
        cause=view.cause,
        place=view.place if wrote else 0,
    )
