"""What would happen to a mail: the whole path over a snapshot of the database; nothing written (operations.md §1.2)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count, islice
from typing import Literal

from mailflow.mail.address import Address
from mailflow.mail.envelope import Envelope, Peer
from mailflow.mail.message import Message
from mailflow.model.decision import ChallengeClosed, Decision
from mailflow.model.event import Event
from mailflow.model.intent import Proposed, Reading, label
from mailflow.model.letter import Letter
from mailflow.model.proof import UNPROVED, Proof
from mailflow.proof.dns import TxtAnswer
from mailflow.render import Rendered
from mailflow.service.background import background_of
from mailflow.service.desk_clerk import decided
from mailflow.service.erase import complete
from mailflow.service.found import found_fields
from mailflow.service.handle import task_of
from mailflow.service.house import MAKER, ROLES, House
from mailflow.service.known import with_latest
from mailflow.service.making import foretold
from mailflow.service.opening import state_of
from mailflow.service.receive import incoming, lined
from mailflow.service.sitting import Hands
from mailflow.service.study import Case, examine, judge
from mailflow.service.view import Studied
from mailflow.store.protocol import Reader, Store
from mailflow.store.rows import Inbound, Incoming

Assumed = Literal["dkim", "none"]
# No letter has this number or a lower one, so no reference that a rehearsal prints will ever be one that counts.
_NO_LETTER = 0


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail as simulate is given it. `to` None: nobody here was found that it could be for."""

    content: bytes
    reverse_path: Address | None
    to: Address | None


@dataclass(frozen=True, slots=True)
class Trace:
    """The decision about one mail, with what led to it. `letters` are the would-be letters and their rendering.

    `event` is None where the door would not have let the mail in.
    """

    event: str | None
    intent: str
    mode: Literal["act", "propose"] = "act"
    secondary: str | None = None
    fields: Mapping[str, object] | None = None
    language: str | None = None
    proof: str = "none"
    evidence: tuple[str, ...] = ()
    decision: Decision | None = None
    letters: tuple[tuple[Letter, Rendered], ...] = ()


def simulate(
    house: House,
    store: Store,
    mail: Mail,
    now: datetime,
    *,
    answers: Mapping[str, TxtAnswer],
    assume: Assumed | None = None,
) -> Trace:
    """The trace of one mail. Never raises for what a mail contains; of `store` only a snapshot is read.

    `answers` are what DNS said to `questions`; a name that is not among them was not asked.
    """
    if (refused := _at_the_door(house, mail)) is not None:
        return refused
    inbound = _inbound(house, mail, now)
    task = task_of(house, inbound)
    examined = examine(task)
    with store.read() as reader:
        thread, context = background_of(house, reader, inbound, examined.message)
    known = {name: answers[name] for name in examined.questions if name in answers}
    verdict = judge(Case(task, examined.message, known, context, now, _assumed(examined.message, assume)))
    # What DNS was not asked will not come later either.
    one = Studied(inbound, examined.message, replace(verdict.proof, pending=False), verdict.reading, thread)
    with store.read() as reader:
        decision = _decided(house, reader, one, now)
        drafted = tuple(with_latest(reader, complete(reader, letter)) for letter in decision.letters)
    event = house.events.get(one.inbound.mail.event)
    letters = tuple((letter, _rendered(house, letter, event, now)) for letter in drafted if event)
    not_asked = () if known or assume or not examined.questions else ("DNS was not asked",)
    return _trace(one, verdict.reading, examined.message, decision, letters, not_asked)


def questions(house: House, mail: Mail, now: datetime) -> tuple[str, ...]:
    """The TXT names that judging this mail needs, none for a mail that the door would refuse."""
    return () if _at_the_door(house, mail) else examine(task_of(house, _inbound(house, mail, now))).questions


def _at_the_door(house: House, mail: Mail) -> Trace | None:
    limit = house.config.intake.max_size_octets
    if mail.to is None:
        return _refused("no recipient is an address of this site: the door would not have been asked")
    if (reply := house.welcome(mail.to)) is not None:
        return _refused(f"{mail.to}: the door says {reply}")
    if len(mail.content) > limit:
        return _refused(f"over {limit} octets: the door says 552 5.3.4", house.addressed(mail.to)[0])
    return None


def _refused(why: str, event: str | None = None) -> Trace:
    return Trace(event, "refused", evidence=(why,))


def _inbound(house: House, mail: Mail, now: datetime) -> Inbound:
    assert mail.to is not None
    envelope = Envelope(mail.reverse_path, (mail.to,), "pipe", Peer("", relay=True))
    (row,) = incoming(house, envelope, lined(mail.content))
    assert isinstance(row, Incoming)
    return Inbound(0, row, now, 1)


def _assumed(message: Message, assume: Assumed | None) -> Proof | None:
    match assume:
        case None:
            return None
        case "none":
            return UNPROVED
        case "dkim":
            return Proof("S", "dkim", message.sender.domain if message.sender else "", details=("proof assumed",))


def _decided(house: House, reader: Reader, one: Studied, now: datetime) -> Decision:
    name = one.inbound.mail.event
    if name in ROLES:
        return Decision("done", f"goes to {house.config.site.contact} as it is")
    if name == MAKER:
        return foretold(house, one, now)
    numbers = count(_NO_LETTER, -1)
    state = state_of(reader, house.events[name])
    steps: list[Decision] = []
    hands = Hands(apply=steps.append, seen=lambda _marks: None)
    decision = decided(house, reader, state, one, now, lambda wanted: tuple(islice(numbers, wanted)), hands)
    # An organiser's lines, each judged as if it were the only one: nothing is done that the next could see.
    return replace(
        decision,
        changes=(*(change for step in steps for change in step.changes), *decision.changes),
        letters=(*(letter for step in steps for letter in step.letters), *decision.letters),
    )


def _rendered(house: House, letter: Letter, event: Event, now: datetime) -> Rendered:
    return house.renderer.render(letter, event, letter.challenge or house.seal.reference(_NO_LETTER), now)


def _trace(
    one: Studied,
    reading: Reading,
    message: Message,
    decision: Decision,
    letters: tuple[tuple[Letter, Rendered], ...],
    remarks: tuple[str, ...],
) -> Trace:
    redeemed = any(isinstance(change, ChallengeClosed) and change.state == "used" for change in decision.changes)
    intent, challenge = _intent(one, reading, decision), one.thread.challenge
    asked = any(letter.kind == "please_confirm" for letter, _ in letters)
    return Trace(
        event=one.inbound.mail.event,
        intent=intent,
        mode="propose" if asked or (isinstance(reading.intent, Proposed) and intent != "ask") else "act",
        secondary=reading.secondary,
        fields=found_fields(reading.intent, message.sender, message.sender_name, challenge.id if challenge else ""),
        language=reading.language,
        proof="token" if redeemed and not one.proof.aligned else one.proof.how,
        evidence=(*remarks, *one.proof.details, *reading.evidence, decision.reason),
        decision=decision,
        letters=letters,
    )


def _intent(one: Studied, reading: Reading, decision: Decision) -> str:
    if decision.state == "refused":
        return "refused"
    if one.inbound.mail.event in ROLES:
        return "question"
    word = label(reading.intent)
    if word in ("cancel", "register") and decision.handed_over:
        return "ask"  # it does not fit what is so: people look at it (understanding.md §2.4 rules 11 and 13)
    return word
