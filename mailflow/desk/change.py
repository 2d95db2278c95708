"""A change to a registration: name, guests, answers. At once for a proved sender, after a YES for everybody else."""

from dataclasses import replace
from datetime import datetime

from mailflow.desk import limits, people, seats
from mailflow.desk.asking import ask_owner, ask_sender
from mailflow.desk.budget import within
from mailflow.desk.challenge import content_hash, open_challenge
from mailflow.desk.draft import answer, standing_letter, to_person, trusted
from mailflow.desk.evolve import advance
from mailflow.mail.clean import person_name
from mailflow.model.decision import Challenge, ChallengeClosed, Decision, Saved, View
from mailflow.model.given import same_answer
from mailflow.model.intent import Fields
from mailflow.model.letter import Letter, Refusal
from mailflow.model.proof import Proof
from mailflow.model.registration import Registration


def update(view: View, fields: Fields, proof: Proof, now: datetime) -> Decision:
    """The sender tells something new. Possible until the event starts; later, and about nothing, people see to it.

    A reference locates whose registration is meant; it never authorises (trust.md §2.1 row 11).
    """
    sender, own, fields = view.sender, view.own, _told(view, fields)
    if view.located is not None and sender is not None and view.located.address.key != sender.key:
        return _ask_owner(view, view.located, fields, now)
    if now >= view.event.ends:
        letters = within(view.budget, proof, (answer(view, proof, "closed", variant="over"),))
        return Decision("done" if letters else "ignored", "the event is over", letters=letters)
    if own is None or not own.meant or now >= view.event.starts or fields == Fields():
        return people.hand_over(view, view.quote, proof, read_as="update")
    if trusted(view, proof):
        done = _carry_out(view, own, fields, now)
        if done is None:
            return standing_letter(view, proof, now, resend=False)
        return replace(done, letters=within(view.budget, proof, done.letters))
    after, refused = _merged(view, own, fields)
    if after != own:
        return _ask_owner(view, own, fields, now)
    if not refused:
        return standing_letter(view, proof, now, resend=False)
    told = replace(answer(view, proof, "updated", variant="unchanged"), refused=refused)
    kept = within(view.budget, proof, (told,))
    return Decision("done" if kept else "ignored", "nothing could be changed", letters=kept)


def ask(view: View, fields: Fields, proof: Proof, now: datetime) -> Decision | None:
    """`please_confirm` (read_change) to somebody who may have meant a change; None when nothing would change.

    Only about the sender's own registration: whoever points at another one is no matter for a guess.
    """
    own, fields = view.own, _told(view, fields)
    if own is None or not own.meant or now >= view.event.starts:
        return None
    if view.located is not None and view.located.address.key != own.address.key:
        return None
    if _merged(view, own, fields)[0] == own:
        return None
    challenge = _challenge(view, own, fields, now)
    return ask_sender(view, own, challenge, proof, "read_change", "asked to confirm a change")


def redeem(view: View, challenge: Challenge, now: datetime) -> Decision:
    """YES: what was asked for then is done now, as far as there is room for it now."""
    if not challenge.live(now):
        return Decision("ignored", "the question was answered or has run out")
    closed = ChallengeClosed(challenge, "used")
    located = view.located
    if located is None or not located.meant or now >= view.event.starts:
        return Decision("ignored", "nothing is left to change", (closed,))
    if challenge.content_hash != _content_hash(located, challenge.wanted):
        return Decision("ignored", "the question was about something else", (ChallengeClosed(challenge, "ended"),))
    done = _carry_out(view, located, challenge.wanted, now)
    if done is None:
        told = to_person(view.event, view.state, "status", located, place=_place(view, located))
        done = Decision("done", "changed already", letters=(replace(told, cause=view.cause),))
    return replace(done, changes=(closed, *done.changes))


def _carry_out(view: View, own: Registration, fields: Fields, now: datetime) -> Decision | None:
    """The change with its letter, and those who move up into seats that it frees; None when nothing is new.

    Who moves up by having made the party smaller gets that letter alone: it says all that is true now.
    """
    after, refused = _merged(view, own, fields)
    if after == own:
        if not refused:
            return None
        told = to_person(view.event, view.state, "updated", own, variant="unchanged", place=_place(view, own))
        return Decision("done", "nothing could be changed", letters=(replace(told, refused=refused, cause=view.cause),))
    change = Saved("updated", own, after)
    head = tuple(after if waiting.number == own.number else waiting for waiting in view.head)
    moved, notices, state = seats.move_up(view.event, advance(view.state, change), head, now, view.offer_names)
    if any(isinstance(one, Saved) and one.after.number == own.number for one in moved):
        letters = tuple(replace(one, refused=refused, cause=view.cause) if _about(one, own) else one for one in notices)
    else:
        told = to_person(view.event, state, "updated", after, place=_place(view, own))
        letters = (replace(told, before=own, refused=refused, cause=view.cause), *notices)
    return Decision("done", "updated", (change, *moved), letters)


def _merged(view: View, own: Registration, fields: Fields) -> tuple[Registration, tuple[Refusal, ...]]:
    """`own` with the new values, question by question, and what of them cannot be had. What says the same stands."""
    answers = own.answers
    for question in view.event.questions:
        told = next((answer for answer in fields.answers if answer.question == question.id), None)
        if told is not None and not same_answer(question, own.answer(question.id), told):
            answers = (*(answer for answer in answers if answer.question != question.id), told)
    row, refused = limits.fit(view, own, replace(own, name=_name(own.name, fields), answers=answers))
    if fields.guests is not None:
        refusal = limits.guests(view, own, fields.guests)
        refused = (*refused, refusal) if refusal else refused
        row = row if refusal else replace(row, guests=fields.guests)
    return (own if _same(view, own, row) else row), refused


def _same(view: View, one: Registration, other: Registration) -> bool:
    return (one.name, one.guests) == (other.name, other.guests) and all(
        same_answer(question, one.answer(question.id), other.answer(question.id)) for question in view.event.questions
    )


def _told(view: View, fields: Fields) -> Fields:
    """What the mail tells. The name that its program puts beside the address is told by every mail, and is no news."""
    shown = view.cause.sender_name.casefold().replace(",", " ").split()
    alone = not fields.answers and fields.guests is None
    if alone or any(word not in shown for word in person_name(fields.name).casefold().split()):
        return fields
    return replace(fields, name="")


def _name(known: str, fields: Fields) -> str:
    """The name from now on. A sign-off is read as a name, too: "Maja", or "M. Lind", is no new one for Maja Lind.

    A single word takes the place of a whole name only when the mail tells nothing else.
    """
    told = person_name(fields.name)
    old, new = known.casefold().split(), told.casefold().split()
    if not new or all(any(_short_for(word, whole) for whole in old) for word in new):
        return known
    other = bool(fields.answers) or fields.guests is not None
    return known if len(new) == 1 < len(old) and other else told


def _short_for(word: str, whole: str) -> bool:
    return word == whole or (len(word.rstrip(".")) == 1 and whole.startswith(word.rstrip(".")))


def _ask_owner(view: View, registration: Registration, fields: Fields, now: datetime) -> Decision:
    """`please_confirm` (change) to the registered address, whoever wrote; nothing to anybody else."""
    if not registration.meant or now >= view.event.starts or _merged(view, registration, fields)[0] == registration:
        return Decision("ignored", "nothing to change")
    challenge = _challenge(view, registration, fields, now)
    return ask_owner(view, registration, challenge, "change", "asked to confirm a change")


def _challenge(view: View, registration: Registration, fields: Fields, now: datetime) -> Challenge:
    """The question, with the new values in it: the letter shows none, so they are kept with what it is bound to."""
    wanted = replace(fields, others=())
    asked = open_challenge(view, "update", registration, now)
    return replace(asked, wanted=wanted, content_hash=_content_hash(registration, wanted))


def _content_hash(registration: Registration, wanted: Fields) -> str:
    """What a YES would change; the number of guests too when none is said."""
    guests = -1 if wanted.guests is None else wanted.guests
    return content_hash(replace(registration, name=wanted.name, answers=wanted.answers, guests=guests))


def _place(view: View, registration: Registration) -> int:
    return view.place if view.own is not None and view.own.number == registration.number else 0


def _about(letter: Letter, registration: Registration) -> bool:
    return letter.registration is not None and letter.registration.number == registration.number
