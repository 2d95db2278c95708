"""People whom a mail names with an address: each is asked there, and nobody is registered by anybody else."""

from dataclasses import replace
from datetime import datetime

from mailflow.desk import holding, people, seats
from mailflow.desk.budget import may_ask, within
from mailflow.desk.challenge import open_challenge
from mailflow.desk.draft import answer, trusted
from mailflow.desk.tongue import languages_of
from mailflow.mail.clean import person_name
from mailflow.model.decision import Challenged, Change, Decision, Named, Saved, View
from mailflow.model.event import EventState, window
from mailflow.model.letter import Cause, Letter, LetterKind
from mailflow.model.proof import UNPROVED, Proof
from mailflow.model.registration import Registration, Status

# The letters in which a sender who also named others is told of them.
_TELLS: tuple[LetterKind, ...] = ("registered", "waitlisted", "promoted", "status", "updated")


def register(view: View, proof: Proof, now: datetime) -> Decision:
    """Only others are to be registered: they are asked, and the sender is told how that goes, in one letter.

    Nobody is asked in the name of a sender who is not proved, or who was answered enough: so nobody can make us write
    to strangers without end. Such a mail goes to people, as does one that comes while no sign-up is taken.
    """
    drafted = answer(view, proof, "status", variant="asked") if view.sender is not None else None
    if drafted is None or not view.named or not trusted(view, proof) or not _open(view, now):
        return people.hand_over(view, view.quote, proof, read_as="register-other")
    told = within(view.budget, proof, (_telling(view, drafted),))
    if not told:
        return people.hand_over(view, view.quote, proof, read_as="register-other")
    changes, letters = _asked(view, view.state, now)
    return Decision("done", "the others are asked", changes, (*told, *letters))


def along(view: View, decision: Decision, proof: Proof, now: datetime) -> Decision:
    """`decision` about the sender's own wish, and those who were named beside it are asked too.

    Where they cannot be asked because of who asks, people see the mail.
    """
    if not view.named or not _open(view, now):
        return decision
    sender = view.sender
    told = next((one for one in decision.letters if sender is not None and one.to.key == sender.key), None)
    if not trusted(view, proof) or told is None or told.kind not in _TELLS:
        return people.pass_on(view, decision)
    state = view.state
    if any(isinstance(change, Saved) and change.before is None for change in decision.changes):
        state = replace(state, next_number=state.next_number + 1)
    changes, letters = _asked(view, state, now)
    own = tuple(_telling(view, one) if one is told else one for one in decision.letters)
    return replace(
        decision,
        reason=f"{decision.reason}; the others are asked",
        changes=(*decision.changes, *changes),
        letters=(*own, *letters),
    )


def _telling(view: View, letter: Letter) -> Letter:
    """It says the same whether they were asked just now, or stand here already: that is their own affair."""
    return replace(letter, asked=len(view.named), unasked=view.unasked)


def _open(view: View, now: datetime) -> bool:
    full = not holding.queues(view.event, now) and not view.state.free()
    return window(view.event, view.state, now) == "open" and not full


def _asked(view: View, state: EventState, now: datetime) -> tuple[tuple[Change, ...], tuple[Letter, ...]]:
    changes: list[Change] = []
    letters: list[Letter] = []
    number = state.next_number
    for one in view.named:
        if not view.event.admits(one.other.address) or not _may_be_asked(one):
            continue
        code = view.codes[number - view.state.next_number]
        asking = replace(
            view, sender=one.other.address, own=one.own, code=code, state=replace(state, next_number=number),
            cause=Cause(), challenge_id=one.challenge_id, challenge_code_hash=one.challenge_code_hash,
        )  # fmt: skip
        row = _row(asking, one, now)
        number += one.own is None
        challenge = open_challenge(asking, "register", row, now)
        letter = _question(asking, row, challenge.id)
        changes += (Saved("named", one.own, row), Challenged(challenge))
        letters += within(one.budget, UNPROVED, (letter,))
    return tuple(changes), tuple(letters)


def _may_be_asked(one: Named) -> bool:
    """Not who stands here or has a question of his own open, has a seat held, or was taken off the list.

    Nor who was erased: they were told that it was our last letter. They may still come by themselves.
    """
    if one.erased:
        return False
    own = one.own
    settled = own is not None and (own.status.standing or own.until is not None or own.status is Status.REMOVED)
    return not settled and may_ask(one.budget)


def _row(asking: View, one: Named, now: datetime) -> Registration:
    """What a YES would register: the name that was given, and what that person told us earlier and nobody else."""
    row = seats.newcomer(asking, now)
    if one.own is None or one.own.dtstamp is None:
        row = replace(row, name=person_name(one.other.name), answers=(), guests=0)
    return replace(row, thread="")


def _question(asking: View, row: Registration, challenge: str) -> Letter:
    """`please_confirm` (named): our own words alone, and no thread to a mail that its reader never saw."""
    return Letter(
        kind="please_confirm",
        event=asking.event.id,
        to=row.address,
        languages=languages_of(asking.event, row.language),
        state=asking.state,
        variant="named",
        registration=row,
        challenge=challenge,
        proved=False,
    )
