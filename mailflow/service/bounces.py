"""Reports and refusals: which letter of ours they are about, then the desk decides (trust.md §6).

A letter is found by what only we can have written: the token in our reverse-path, whatever the text says, then the
Message-ID in the part that is given back. An address alone finds one that we wrote to within five days, and counts
little, for anybody can write such a report.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from mailflow.desk.bounces import judged, severity_of, why
from mailflow.desk.decide import decide
from mailflow.mail.address import Address, parse_address
from mailflow.mail.refusal import read_refusal
from mailflow.mail.reply import Reply
from mailflow.mail.report import Report
from mailflow.model.decision import Decision, View
from mailflow.model.event import EventState
from mailflow.model.intent import CameBack, Silent
from mailflow.model.letter import Cause
from mailflow.model.proof import UNPROVED
from mailflow.service.house import House
from mailflow.service.view import Studied
from mailflow.store.protocol import Reader
from mailflow.store.rows import LetterRef, Outgoing

# A report that comes later is about a letter of which we keep no count any more.
COUNTED = timedelta(days=30)
WRITTEN_TO = timedelta(days=5)
_NAMED_MOST = 5
# A digest, or a question that was passed on: the operator is warned.
NOBODY = "bounce: of a letter to nobody on the list"


def come_back(house: House, reader: Reader, state: EventState, one: Studied, now: datetime) -> Decision | None:
    """What follows from an automatic mail that is about a letter of ours; None when it is about none."""
    silent = one.reading.intent if one.reading else None
    if not isinstance(silent, Silent):
        return None
    event, (_, detail) = one.inbound.mail.event, house.addressed(one.inbound.mail.forward_path)
    if detail.startswith("b."):
        reference = house.seal.read_token("b", detail[2:])
        if reference is None:
            return Decision("ignored", "a return address that we never gave")
        found = [reference]
    else:
        ids = (house.seal.read_message_id(each, house.domain) for each in silent.report.ids)
        found = [ours[1] for ours in ids if ours]
    if silent.kind != "bounce" and not silent.report.complaint:
        return None  # an answering machine answers where letters come back to
    for reference in found:
        letter = reader.letter_ref(reference)
        if letter is None or letter.event != event or not letter.to:
            return Decision("silent", f"{silent.kind}: about no letter of this event")
        back = _about(silent.report, reference, letter)
        return _decided(house, reader, state, letter, back, now)
    return _by_address(house, reader, state, event, silent.report, now)


def complained_of(house: House, reader: Reader, one: Studied, now: datetime) -> tuple[str, Decision] | None:
    """The event, and what follows, of a complaint that came to a role address: feedback loops write to abuse@."""
    silent = one.reading.intent if one.reading else None
    if not isinstance(silent, Silent) or not silent.report.complaint:
        return None
    for message_id in silent.report.ids:
        ours = house.seal.read_message_id(message_id, house.domain)
        letter = reader.letter_ref(ours[1]) if ours else None
        if ours is None or letter is None or not letter.to or letter.event not in house.events:
            continue
        state = reader.event_state(letter.event)
        if state is not None:
            back = CameBack(ours[1], complaint=True)
            return letter.event, _decided(house, reader, state, letter, back, now)
    return None


def refused(house: House, reader: Reader, item: Outgoing, reply: Reply, now: datetime) -> Decision | None:
    """What follows from a letter that the relay refused for good, or did not take in all its time; None: nothing."""
    state = reader.event_state(item.event)
    letter = reader.letter_ref(item.reference)
    if state is None or letter is None or not letter.to or item.event not in house.events:
        return None
    refusal = read_refusal(reply.status, f"{reply.code} {reply.text}")
    severity = severity_of(refusal)
    return _decided(house, reader, state, letter, CameBack(item.reference, severity, why(refusal, severity)), now)


def _about(report: Report, reference: str, letter: LetterRef) -> CameBack:
    if report.complaint:
        return CameBack(reference, complaint=True)
    severity, reason = judged(report, _address(letter.to)) or (None, "")
    return CameBack(reference, severity, reason)


def _by_address(
    house: House, reader: Reader, state: EventState, event: str, report: Report, now: datetime
) -> Decision | None:
    """The first of the failed addresses that we wrote to lately; the others are not ours to touch."""
    for address in report.failed[:_NAMED_MOST]:
        reference = reader.letter_to(event, address, now - WRITTEN_TO)
        letter = reader.letter_ref(reference) if reference else None
        if letter is None:
            continue
        severity, reason = judged(report, address) or (None, "")
        named = CameBack(reference, "named" if severity in ("hard", "soft") else severity, reason)
        return _decided(house, reader, state, letter, named, now)
    return None


def _address(text: str) -> Address:
    """As the store has it: it was an address once."""
    return parse_address(text)


def _decided(
    house: House, reader: Reader, state: EventState, letter: LetterRef, back: CameBack, now: datetime
) -> Decision:
    """The desk's word on it, with what it may know of the person: a bounded number of rows."""
    if letter.null_path or (letter.created is not None and letter.created < now - COUNTED):
        return Decision("silent", "bounce: a letter that counts no more")
    event, to = letter.event, _address(letter.to)
    challenge = reader.challenge(letter.challenge) if letter.challenge else None
    number = letter.number if letter.number is not None else challenge.number if challenge else 0
    person = reader.registration(event, number) if number else None
    # A report about an old address says nothing of the one that took its place.
    located = person if person is not None and person.address.key == to.key else None
    if located is None and challenge is None:
        return Decision("silent", NOBODY)
    first = located is not None and reader.first_letter(event, number, located.registered_at) == back.letter
    view = View(
        event=house.events[event],
        state=state,
        sender=None,
        cause=Cause(),
        located=located,
        challenge=challenge if challenge is not None and challenge.address.key == to.key else None,
        bounces=reader.bounces(event, number) if located else (),
        reached=reader.reached(event, number, to, now) if located else None,
    )
    return decide(view, replace(back, first=first), UNPROVED, now)
