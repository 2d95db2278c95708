"""Commit ② for one mail: view → decide → apply → render → post → close, inside the caller's savepoint."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeGuard

from mailflow.desk.decide import decide
from mailflow.desk.people import text_hash
from mailflow.journal import Journal
from mailflow.mail.message import Message
from mailflow.model.decision import Budget, ChallengeClosed, ChallengeName, Change, Decision, Saved, View
from mailflow.model.event import Event, EventState
from mailflow.model.intent import CalendarReply, Due, Intent, MailIntent, Reading, Yes, label
from mailflow.model.letter import Cause, Letter
from mailflow.model.proof import UNPROVED, Proof
from mailflow.service.erase import complete, discreet, note
from mailflow.service.house import House
from mailflow.service.named import MOST, others_of, with_named
from mailflow.service.references import Thread, answered_seat, located_by
from mailflow.store.protocol import Inbound, Outgoing, Reader, Verdict, Writer

HEAD = 20
ASKED = 20
# Gives so many numbers of letters.
Draw = Callable[[int], Sequence[int]]


@dataclass(frozen=True, slots=True)
class Studied:
    """A claimed mail with what is known about it. `again_at`: its proof waits for DNS until then."""

    inbound: Inbound
    message: Message | None = None
    proof: Proof = UNPROVED
    reading: Reading | None = None
    thread: Thread = field(default_factory=Thread)
    again_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """How it went, for the journal. `state` is the mail's, or "retry"."""

    studied: Studied
    state: str
    reason: str
    letters: tuple[str, ...] = ()
    intent: str = ""

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
    decision = decided(house, writer, state, one, now, writer.next_letters)
    posted = carry_out(house, writer, decision, one.inbound.mail.event, now, one.inbound.id)
    note(house, writer, decision, one.inbound.mail.event, now)
    count(house, writer, decision, reading.intent, one.proof, now)
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
    return Outcome(one, decision.state, decision.reason, posted, word)


def decided(house: House, reader: Reader, state: EventState, one: Studied, now: datetime, draw: Draw) -> Decision:
    """What is to be done about a mail that was studied.

    `draw` gives numbers of letters, which name what may be opened: the challenge to the sender, those to people whom
    the mail names, and offers of seats.
    """
    message, reading = one.message, one.reading
    if message is None or reading is None:
        raise ValueError("a mail that was not studied")
    if message.refused:
        return Decision("refused", f"over a limit: {message.refused}")
    letter, *named = draw(1 + len(others_of(house, reading.intent, message.sender)[:MOST]))
    view = with_offers(house, view_of(house, reader, state, one, now, letter), draw)
    view = with_named(house, reader, view, reading.intent, named, now)
    return decide(view, intent_of(reading), one.proof, now)


def intent_of(reading: Reading) -> MailIntent:
    """The reading's intent; a calendar's answer that a program sent by itself says so (no letter goes out to it)."""
    intent = reading.intent
    if isinstance(intent, CalendarReply) and reading.secondary == "auto-reply":
        return replace(intent, automatic=True)
    return intent


def view_of(house: House, reader: Reader, state: EventState, one: Studied, now: datetime, letter_number: int) -> View:
    """Everything the desk may know about this mail: a bounded number of rows, whatever the size of the event.

    `letter_number` names the challenge that the decision may open.
    """
    message, reading = one.message, one.reading
    if message is None or reading is None:
        raise ValueError("a mail that was not studied")
    event = house.events[one.inbound.mail.event]
    event_id = event.id
    sender = message.sender
    own = reader.registration_of(event_id, sender) if sender else None
    if isinstance(reading.intent, CalendarReply):
        located, conflict = answered_seat(house, reader, event_id, reading.intent.answer.uid), False
    else:
        located, conflict = located_by(reader, event_id, one.thread, message, reading.quote)
    challenge = reader.challenge(one.thread.challenge.id) if one.thread.challenge else None
    reference = house.seal.reference(letter_number)
    budget = Budget()
    if sender:
        words = text_hash(reading.quote, message.subject)
        forwards = reader.forwards(event_id, sender, words, now)
        budget = house.budget(reader.counts(house.budget_key(sender), now), forwards)
    elsewhere = reader.counts(house.budget_key(located.address), now) if located else None
    return View(
        event=event,
        state=state,
        sender=sender,
        cause=Cause(
            message_id=message.message_id,
            references=message.references,
            subject=message.subject,
            sender=sender,
            sender_name=message.sender_name,
            proved=one.proof.aligned,
            attachments=message.attachments,
        ),
        own=own,
        located=located,
        challenge=challenge,
        asked=reader.open_challenges(event_id, own.number, "register", ASKED) if own else (),
        conflict=conflict,
        head=reader.head_of_line(event_id, HEAD) if state.waiting else (),
        place=reader.place_in_line(own) if own else 0,
        replied_to=one.thread.letter.kind if one.thread.letter else "",
        budget=budget,
        located_budget=house.budget(elsewhere) if elsewhere else Budget(),
        organiser=sender is not None and any(o.address.key == sender.key for o in event.organisers),
        code=house.seal.booking_code(event_id, state.next_number) if own is None else "",
        challenge_id=reference,
        challenge_code_hash=house.code_hash(house.seal.challenge_code(reference)),
        next_question=reader.next_question(event_id),
        confirm_within_seconds=round(house.config.limits.confirm_within.total_seconds()),
        require_confirm=house.config.trust.require == "confirm",
        mail_language=reading.language,
        quote=reading.quote,
        forward=reading.secondary == "question",
        chosen=reader.chosen(event_id) if _limited(event) else (),
    )


def _limited(event: Event) -> bool:
    return any(option.places is not None for question in event.questions for option in question.options)


def due_view(house: House, writer: Writer, event_id: str, due: Due) -> View | None:
    """The view for a job that fell due; None when the event is gone."""
    event, state = house.events.get(event_id), writer.event_state(event_id)
    if event is None or state is None:
        return None
    challenge = writer.challenge(due.challenge) if due.challenge else None
    number = challenge.number if challenge else due.number
    # Only these give seats away: a round of letters must not read the line, or draw numbers, once a person.
    moves = due.job in ("seats", "run_out")
    view = View(
        event=event,
        state=state,
        sender=None,
        cause=Cause(),
        challenge=challenge,
        located=writer.registration(event_id, number) if number is not None else None,
        head=writer.head_of_line(event_id, HEAD) if moves and state.waiting else (),
    )
    return with_offers(house, view, writer.next_letters)


def with_offers(house: House, view: View, draw: Draw) -> View:
    """`view` with a name for each seat that may be offered, in an event that offers them."""
    if view.event.waiting_list.mode != "offer":
        return view
    references = map(house.seal.reference, draw(_offers_at_most(view)))
    names = (ChallengeName(ref, house.code_hash(house.seal.challenge_code(ref))) for ref in references)
    return replace(view, offer_names=tuple(names))


def _offers_at_most(view: View) -> int:
    """A bound, not a rule: what is free, and what those whom it is about may give back. Most mails find a full house.

    An organiser may change the capacity and give up anybody's seat.
    """
    capacity = view.state.capacity
    if capacity is None or view.organiser:
        return len(view.head)
    about = {one.number: one.taken for one in (view.own, view.located) if one}
    return max(0, min(len(view.head), capacity - view.state.taken + sum(about.values())))


def carry_out(
    house: House, writer: Writer, decision: Decision, event_id: str, now: datetime, mail: int | None
) -> tuple[str, ...]:
    """Apply the changes, then render and post each letter; the kinds posted. A broken template takes all back."""
    for change in decision.changes:
        writer.apply(change, event_id, now, mail)
    for letter in decision.letters:
        post(house, writer, letter, now, mail)
    return tuple(letter.kind for letter in decision.letters)


def post(house: House, writer: Writer, letter: Letter, now: datetime, mail: int | None) -> None:
    """Render one letter and put its octets into the outbox; a retry sends the same ones."""
    # A challenge is named after its letter: the id was reserved when the view was made.
    number = writer.next_letter()
    reference = letter.challenge or house.seal.reference(number)
    event = house.events[letter.event]
    rendered = house.renderer.render(complete(writer, letter), event, reference, now)
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


def count(house: House, writer: Writer, decision: Decision, intent: Intent, proof: Proof, now: datetime) -> None:
    """Book the answers. The letter after a confirmed challenge is free (trust.md §4), and makes its owner known."""
    for change in decision.changes:
        if isinstance(change, ChallengeClosed) and change.state == "used":
            writer.count_confirmed(house.budget_key(change.challenge.address), now)
    if isinstance(intent, Yes) and any(isinstance(change, ChallengeClosed) for change in decision.changes):
        return
    for letter in decision.letters:
        if not letter.notice:
            writer.count_answer(house.budget_key(letter.to), now, proved=letter.proved and proof.aligned)


def _own_row(change: Change) -> TypeGuard[Saved]:
    """The mail is about that registration; it only names the people whom it wants to bring."""
    return isinstance(change, Saved) and change.what != "named"


def _for_organiser(letter: Letter) -> bool:
    return letter.kind in ("question_forwarded", "digest")
