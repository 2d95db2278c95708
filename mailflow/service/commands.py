"""An organiser's mail of commands: judged, carried out line after line, and told in one transcript (trust.md §3).

All lines are one savepoint, the mail's; each is decided on what the lines above it have left. What the desk wants done
goes through `Hands`: the database, or nowhere when somebody only asks what would happen.
"""

from dataclasses import replace
from datetime import datetime

from mailflow.desk import commands, tell
from mailflow.desk.authority import Authority, Class, authority_of, class_of, told_by
from mailflow.desk.fresh import Delivery, stale
from mailflow.model.command import Command, OrderLine, Orders
from mailflow.model.decision import Challenge, ChallengeClosed, Change, Decision, OrganiserNoted
from mailflow.model.event import Organiser
from mailflow.model.intent import No, Proposed, Yes
from mailflow.model.letter import Cause, Letter
from mailflow.model.registration import Registration
from mailflow.model.transcript import Told, Transcript
from mailflow.service.doing import acts, done, previewed
from mailflow.service.house import House
from mailflow.service.organisers import event_now, note_of, organiser_of
from mailflow.service.replay import command_marks
from mailflow.service.sitting import Hands, Sitting
from mailflow.service.view import Draw, Studied, view_of
from mailflow.store.protocol import Reader

_ACTS = ("organiser", "commands")


def commanded(house: House, reader: Reader, one: Studied, now: datetime, draw: Draw, hands: Hands) -> Decision | None:
    """What is left to do of a mail of commands, or of the answer to a transcript; None for any other mail.

    The lines have been applied; the decision has the transcript, and the challenge of those that wait.
    """
    message, reading = one.message, one.reading
    if message is None or reading is None or message.refused or one.proof.level == "F" or one.thread.conflict:
        return None
    sitting = Sitting(house, reader, event_now(house, reader, one.inbound.mail.event), one, now, draw, hands)
    if reader.event_state(sitting.event.id) is None:
        return None
    wish = reading.intent.wish if isinstance(reading.intent, Proposed) else reading.intent
    organiser = organiser_of(sitting.event, message.sender)
    if isinstance(wish, Orders) and organiser is not None:
        return _ordered(sitting, organiser, wish)
    challenge = one.thread.challenge
    if challenge is not None and challenge.act in _ACTS and isinstance(wish, Yes | No):
        return _replied(sitting, organiser, challenge, wish)
    return None


def _ordered(sitting: Sitting, organiser: Organiser, orders: Orders) -> Decision:
    authority = _authority(sitting, organiser)
    if authority == "asked":
        return _asked(sitting, organiser, orders)
    why, delivery = _stale(sitting, organiser)
    if delivery.seen is not None:
        return Decision("ignored", why)
    if not why:
        organiser = _heard(sitting, organiser, orders)
    lines = (OrderLine(orders.lines[0].written, Command("help")),) if orders.html else orders.lines
    return _carry(sitting, organiser, lines, authority, why)


def _heard(sitting: Sitting, organiser: Organiser, orders: Orders) -> Organiser:
    """Who was made an organiser by mail is written to in the language of his own commands, from the first on."""
    note = note_of(sitting.reader, sitting.event, organiser)
    if not note.added or orders.spoken not in sitting.house.config.site.languages:
        return organiser
    if orders.spoken != organiser.language:
        sitting.hands.apply(Decision("done", "", (OrganiserNoted(replace(note, language=orders.spoken)),)))
    return replace(organiser, language=orders.spoken)


def _replied(sitting: Sitting, organiser: Organiser | None, challenge: Challenge, said: Yes | No) -> Decision | None:
    """YES does what waits, NO ends it. Of a stranger neither counts for a transcript; of the mailbox either does."""
    if not challenge.live(sitting.now):
        return Decision("ignored", "the question was answered or has run out")
    owner = organiser_of(sitting.event, challenge.address)
    if owner is None:
        return Decision("ignored", "no organiser any more", (ChallengeClosed(challenge, "ended"),))
    if challenge.act == "commands":
        if isinstance(said, No):
            return Decision("done", "said no", (ChallengeClosed(challenge, "ended"),))
        carried = _carry(sitting, owner, challenge.orders, "firm", "")
        return replace(carried, changes=(ChallengeClosed(challenge, "used"), *carried.changes))
    if organiser is None or organiser.address.key != owner.address.key:
        return Decision("ignored", "an answer from somebody else than was asked")
    if _authority(sitting, owner) == "asked":
        return Decision("ignored", "an answer that nothing proves")
    why, _ = _stale(sitting, owner)
    if why:
        return Decision("ignored", why)
    if isinstance(said, No):
        return Decision("done", "said no", (ChallengeClosed(challenge, "ended"),))
    return _redeemed(sitting, owner, challenge)


def _redeemed(sitting: Sitting, organiser: Organiser, challenge: Challenge) -> Decision:
    """What waited is done, if it still is what was shown; else it is shown anew."""
    shown = tuple(previewed(sitting, organiser, line, at).told for at, line in enumerate(challenge.orders, 1))
    if commands.shown_hash(shown) != challenge.content_hash:
        again = _carry(sitting, organiser, challenge.orders, "loose", "")
        return replace(
            again, reason="the numbers have changed: shown anew",
            changes=(ChallengeClosed(challenge, "ended"), *again.changes),
        )  # fmt: skip
    told = tuple(done(sitting, organiser, line, at) for at, line in enumerate(challenge.orders, 1))
    signed = sitting.one.proof.signed
    note = replace(note_of(sitting.reader, sitting.event, organiser), heavy_at=signed)
    known = {one.address.key for one in sitting.event.organisers}
    staff = event_now(sitting.house, sitting.reader, sitting.event.id).organisers
    others = tuple(one for one in staff if one.address.key in known - {organiser.address.key})
    made = tuple(one for one in staff if one.address.key not in known)
    transcript = _transcript(sitting, organiser, Transcript(told, undo=_undoable(challenge.orders, told)))
    receipts = tuple(tell.receipt(sitting.event, sitting.state, one, organiser, told) for one in others)
    receipts += tuple(tell.welcome(sitting.event, sitting.state, one, organiser) for one in made)
    changes: tuple[Change, ...] = (ChallengeClosed(challenge, "used"), OrganiserNoted(note))
    return Decision("done", "done after a YES", changes, (transcript, *receipts))


def _carry(
    sitting: Sitting, organiser: Organiser, lines: tuple[OrderLine, ...], authority: Authority, why: str
) -> Decision:
    """Each line in its turn: done, or shown for a YES, or refused; then one transcript."""
    told: list[Told] = []
    waits: list[tuple[OrderLine, Told]] = []
    for at, line in enumerate(lines, 1):
        if line.command is None:
            told.append(Told(line.written, "unknown"))
            continue
        kind = _class(sitting, line.command, lines)
        if why:
            told.append(Told(line.written, "refused", "stale"))
        elif kind == "read" or (kind == "change" and authority == "firm"):
            told += acts(sitting, organiser, line, at)
        else:
            shown = previewed(sitting, organiser, line, at).told
            told.append(shown)
            waits += [(line, shown)] if shown.state == "waiting" else []
    said = {line.say for line in told if line.state == "done"}
    transcript = Transcript(
        tuple(told), listed=_listed(sitting) if "listed" in said else None, words="helped" in said,
        undo=_undoable(lines, tuple(told)),
    )  # fmt: skip
    challenge = _challenge(sitting, organiser, waits) if waits else None
    letter = _transcript(sitting, organiser, transcript, challenge)
    return tell.decision(transcript, letter, challenge)


def _authority(sitting: Sitting, organiser: Organiser) -> Authority:
    message, letter = sitting.one.message, sitting.one.thread.letter
    us = sitting.event.id
    addressed = message is not None and any(sitting.house.addressed(to)[0] == us for to in message.to)
    answers = letter is not None and letter.to.casefold() == str(organiser.address).casefold()
    return authority_of(sitting.one.proof, addressed=addressed, answers=answers)


def _stale(sitting: Sitting, organiser: Organiser) -> tuple[str, Delivery]:
    """Why nothing is done, "" for a fresh mail. Its marks are noted whatever comes of it."""
    one, house = sitting.one, sitting.house
    assert one.message is not None
    detail = house.addressed(one.inbound.mail.forward_path)[1]
    ours = not detail or (detail.startswith("r.") and house.seal.read_token("r", detail[2:]) is not None)
    delivery = Delivery(
        one.proof,
        seen=sitting.hands.seen(command_marks(house, one.message, one.proof)),
        to_event=ours,
        last_heavy=note_of(sitting.reader, sitting.event, organiser).heavy_at,
    )
    return stale(delivery, sitting.now), delivery


def _asked(sitting: Sitting, organiser: Organiser, orders: Orders) -> Decision:
    """Nothing proves the mail: its address is asked, once in 24 hours, and heavy commands are not taken."""
    number = sitting.draw(1)[0]
    view = view_of(sitting.house, sitting.reader, sitting.state, sitting.one, sitting.now, number)
    light = tuple(one for one in orders.lines if one.command and _class(sitting, one.command, orders.lines) != "heavy")
    if orders.html or not light:
        return Decision("ignored", "commands that nothing proves")
    return tell.ask(view, organiser, light, sitting.now)


def _class(sitting: Sitting, command: Command, lines: tuple[OrderLine, ...]) -> Class:
    """What a command needs, being one of the mail's `lines`."""
    people = sum(told_by(line.command) for line in lines if line.command is not None)
    return class_of(command, sitting.state.taken, people)


def _challenge(sitting: Sitting, organiser: Organiser, waits: list[tuple[OrderLine, Told]]) -> Challenge:
    reference = sitting.house.seal.reference(sitting.draw(1)[0])
    return Challenge(
        id=reference,
        event=sitting.event.id,
        act="organiser",
        address=organiser.address,
        number=0,
        created=sitting.now,
        expires=sitting.now + tell.ANSWER_WITHIN,
        code_hash=sitting.house.code_hash(sitting.house.seal.challenge_code(reference)),
        content_hash=commands.shown_hash(tuple(told for _, told in waits)),
        orders=tuple(line for line, _ in waits),
    )


def _transcript(
    sitting: Sitting, organiser: Organiser, transcript: Transcript, challenge: Challenge | None = None
) -> Letter:
    message = sitting.one.message
    assert message is not None
    cause = Cause(
        message_id=message.message_id, references=message.references, subject=message.subject, sender=message.sender,
        sender_name=message.sender_name, proved=True,
    )  # fmt: skip
    return tell.letter(sitting.event, sitting.state, organiser, transcript, cause, challenge)


def _listed(sitting: Sitting) -> tuple[Registration, ...]:
    """Everybody with a seat, then everybody in line. The one command whose answer is as long as the list."""
    seated = sitting.reader.registrations(sitting.event.id, "confirmed")
    line = sitting.reader.registrations(sitting.event.id, "waiting", "offered")
    return (*seated, *sorted(line, key=lambda one: one.place))


def _undoable(lines: tuple[OrderLine, ...], told: tuple[Told, ...]) -> bool:
    """Whether UNDO in answer would do anything."""
    back = {"open", "close", "capacity", "add", "promote"}
    there = {line.written for line in lines if line.command and line.command.order in back}
    return any(one.state == "done" and one.written in there and not one.say.endswith("_already") for one in told)
