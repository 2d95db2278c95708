"""Commit ② for one mail: view → decide → apply → render → post → close, inside the caller's savepoint."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeGuard

from mailflow.desk.bounces import OURS
from mailflow.desk.decide import decide
from mailflow.journal import Journal
from mailflow.model.decision import Change, Decision, Saved
from mailflow.model.event import Event, EventState
from mailflow.model.intent import CalendarReply, MailIntent, Reading, label
from mailflow.model.letter import Letter
from mailflow.service.bounces import NOBODY, come_back
from mailflow.service.budget import LOOK_AGAIN, book, within_limits
from mailflow.service.commands import commanded
from mailflow.service.erase import complete, discreet, note
from mailflow.service.forged import forged_again
from mailflow.service.house import House
from mailflow.service.known import with_known, with_latest
from mailflow.service.named import MOST, others_of, with_named
from mailflow.service.organisers import event_now
from mailflow.service.replay import sent_again
from mailflow.service.sitting import NO_HANDS, Hands
from mailflow.service.view import Draw, Studied, view_of, with_offers
from mailflow.store.protocol import Reader, Writer
from mailflow.store.rows import Outgoing, Verdict
from mailflow.store.schema import FOR_ORGANISERS


@dataclass(frozen=True, slots=True)
class Outcome:
    """How it went, for the journal. `state` is the mail's, or "retry"; `published` is an event whose file is new.
    `forged`: it was the one of several in an organiser's name that makes them worth a look.
    """

    studied: Studied
    state: str
    reason: str
    letters: tuple[str, ...] = ()
    intent: str = ""
    published: Event | None = None
    forged: bool = False

    def tell(self, journal: Journal, elapsed_ms: int) -> None:
        """One line: the biography of the mail."""
        one = self.studied
        journal.mail_in(
            one.inbound.id,
            sender=one.message.sender if one.message else None,
            event=one.inbound.mail.event,
            verdict=one.proof.how,
            intent=self.intent,
            result=f"{self.state}: {self.reason}",
            letter=",".join(self.letters),
            ms=elapsed_ms,
        )
        if self.reason in (OURS, NOBODY):
            journal.warning("letter-came-back", msg=one.inbound.id, event=one.inbound.mail.event, reason=self.reason)
        if self.forged:
            journal.warning("organiser-forged", msg=one.inbound.id, event=one.inbound.mail.event)


def settle_mail(house: House, writer: Writer, one: Studied, now: datetime) -> Outcome:
    """Decide about one mail and write everything that follows. Raises: then the savepoint takes it all back."""
    message, reading = one.message, one.reading
    if message is None or reading is None:
        raise ValueError("a mail that was not studied")
    if one.again_at is not None:
        writer.defer_mail(one.inbound.id, one.again_at, "DNS gave no answer")
        return Outcome(one, "waiting", "DNS gave no answer")
    word = label(reading.intent)
    state = writer.event_state(one.inbound.mail.event)
    if state is None:
        raise ValueError("an event that the store does not know")
    event_id = one.inbound.mail.event
    hands = Hands(
        apply=lambda step: _step(house, writer, step, event_id, now, one.inbound.id),
        seen=lambda marks: writer.first_with(event_id, marks, one.inbound.id, now),
    )
    decision = sent_again(house, writer, one, now) or decided(
        house, writer, state, one, now, writer.next_letters, hands
    )
    if decision.state == "waiting":
        writer.defer_mail(one.inbound.id, now + LOOK_AGAIN, decision.reason)
        return Outcome(one, "waiting", decision.reason, intent=word)
    posted = carry_out(house, writer, decision, one.inbound.mail.event, now, one.inbound.id)
    note(house, writer, decision, one.inbound.mail.event, now)
    book(house, writer, one, decision, now)
    writer.close_mail(
        one.inbound.id,
        discreet(
            Verdict(
                state=decision.state,
                reason=decision.reason,
                intent=word,
                proof=one.proof.how,
                letter=posted[0] if posted else "",
                event=one.inbound.mail.event,
                number=next((change.after.number for change in decision.changes if _own_row(change)), None),
                sender=str(message.sender or ""),
                subject=message.subject,
                evidence=(*one.proof.details, *reading.evidence),
            ),
            decision,
        ),
        now,
    )
    forged = forged_again(writer, event_now(house, writer, event_id), one, now)
    return Outcome(one, decision.state, decision.reason, posted, word, forged=forged)


def _step(house: House, writer: Writer, step: Decision, event: str, now: datetime, mail: int) -> None:
    """One line of an organiser's mail, done in the savepoint of the mail."""
    carry_out(house, writer, step, event, now, mail)
    note(house, writer, step, event, now)


def decided(
    house: House, reader: Reader, state: EventState, one: Studied, now: datetime, draw: Draw, hands: Hands = NO_HANDS
) -> Decision:
    """What is to be done about a mail that was studied. An organiser's commands are done by `hands`, line by line.

    `draw` gives numbers of letters, which name what may be opened: the challenge to the sender, those to people whom
    the mail names, and offers of seats.
    """
    message, reading = one.message, one.reading
    if message is None or reading is None:
        raise ValueError("a mail that was not studied")
    if message.refused:
        return Decision("refused", f"over a limit: {message.refused}")
    if (about := come_back(house, reader, state, one, now)) is not None:
        return about
    if (told := commanded(house, reader, one, now, draw, hands)) is not None:
        return within_limits(house, reader, one, told, now)
    letter, *named = draw(1 + len(others_of(house, reading.intent, message.sender)[:MOST]))
    view = with_offers(house, view_of(house, reader, state, one, now, letter), draw)
    view = with_named(house, reader, view, reading.intent, named, now)
    return within_limits(house, reader, one, decide(view, intent_of(reading), one.proof, now), now)


def intent_of(reading: Reading) -> MailIntent:
    """The reading's intent; a calendar's answer that a program sent by itself says so (no letter goes out to it)."""
    intent = reading.intent
    if isinstance(intent, CalendarReply) and reading.secondary == "auto-reply":
        return replace(intent, automatic=True)
    return intent


def carry_out(
    house: House, writer: Writer, decision: Decision, event_id: str, now: datetime, mail: int | None
) -> tuple[str, ...]:
    """Apply the changes, then render and post each letter; the kinds posted. A broken template takes all back."""
    # Before anything changes: the row tells what its owner's calendar was sent last.
    letters = tuple(with_known(writer, house.events[event_id], letter) for letter in decision.letters)
    for change in decision.changes:
        writer.apply(change, event_id, now, mail)
    for letter in letters:
        post(house, writer, letter, now, mail)
    return tuple(letter.kind for letter in decision.letters)


def post(house: House, writer: Writer, letter: Letter, now: datetime, mail: int | None) -> None:
    """Render one letter and put its octets into the outbox; a retry sends the same ones."""
    # A challenge is named after its letter: the id was reserved when the view was made.
    number = writer.next_letter()
    reference = letter.challenge or house.seal.reference(number)
    event = event_now(house, writer, letter.event)
    rendered = house.renderer.render(with_latest(writer, complete(writer, letter)), event, reference, now)
    writer.post(
        Outgoing(
            id=number,
            reference=reference,
            kind=letter.kind,
            event=letter.event,
            number=letter.registration.number if letter.registration and not _for_organiser(letter) else None,
            to=letter.to,
            reverse_path=rendered.reverse_path,
            message_id=rendered.message_id,
            subject=rendered.subject,
            language=letter.languages[0],
            octets=rendered.octets,
            created=now,
            challenge=letter.challenge,
            mail=mail,
        )
    )


def _own_row(change: Change) -> TypeGuard[Saved]:
    """The mail is about that registration; it only names the people whom it wants to bring."""
    return isinstance(change, Saved) and change.what != "named"


def _for_organiser(letter: Letter) -> bool:
    return letter.kind in FOR_ORGANISERS
