"""What the desk may know about a mail or a job that is due: a bounded number of rows, however large the event."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from mailflow.desk.people import text_hash
from mailflow.mail.message import Message
from mailflow.model.decision import Budget, ChallengeName, Chosen, View
from mailflow.model.event import Event, EventState
from mailflow.model.intent import CalendarReply, Due, Reading
from mailflow.model.letter import Cause
from mailflow.model.proof import UNPROVED, Proof
from mailflow.service.house import House
from mailflow.service.organisers import event_now
from mailflow.service.references import Thread, answered_seat, located_by, points_elsewhere
from mailflow.store.protocol import Reader, Writer
from mailflow.store.rows import Inbound

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


def view_of(house: House, reader: Reader, state: EventState, one: Studied, now: datetime, letter_number: int) -> View:
    """Everything the desk may know about this mail: a bounded number of rows, whatever the size of the event.

    `letter_number` names the challenge that the decision may open.
    """
    message, reading = one.message, one.reading
    if message is None or reading is None:
        raise ValueError("a mail that was not studied")
    event = event_now(house, reader, one.inbound.mail.event)
    event_id = event.id
    sender = message.sender
    own = reader.registration_of(event_id, sender) if sender else None
    notes = None
    if isinstance(reading.intent, CalendarReply):
        located = answered_seat(house, reader, event_id, reading.intent.answer.uid)
        conflict = points_elsewhere(one.thread, located)
        notes = reader.calendar_notes(event_id, number=located.number) if located else None
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
        notes=notes or (),
        ask_on_decline=house.config.calendar.on_decline == "ask",
        # Only who stands here already can be sent a copy: a first registration does not pay for this look.
        untold=own is not None and len(reader.announced(event_id)) > 1,
        wrong_token=one.thread.wrong,
        quote=reading.quote,
        forward=reading.secondary == "question",
        chosen=chosen_of(reader, event),
    )


def chosen_of(reader: Reader, event: Event) -> tuple[Chosen, ...]:
    """How full its options are; not asked of an event where they are for everybody."""
    limited = any(option.places is not None for question in event.questions for option in question.options)
    return reader.chosen(event.id) if limited else ()


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
