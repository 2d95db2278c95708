"""Seats that are kept for somebody until a time: one that is offered, and one that was given up a moment ago."""

from dataclasses import replace
from datetime import datetime

from mailflow.desk.tongue import languages_of
from mailflow.model.decision import Challenge, Challenged, ChallengeName, Saved
from mailflow.model.event import Event, EventState
from mailflow.model.letter import Letter
from mailflow.model.registration import Registration, Status


def last_call(event: Event) -> datetime:
    """After this nobody is moved in, and no offer stands."""
    return event.waiting_list.until or event.starts


def queues(event: Event, now: datetime) -> bool:
    """Whether who finds no seat is put in line: there is one, and somebody in it can still be moved in."""
    return event.waiting_list.mode != "off" and now < last_call(event)


def held_until(event: Event, now: datetime) -> datetime | None:
    """Until when a seat that is given up now can be taken back, None when it goes on at once."""
    span = event.waiting_list.undo_for
    return min(now + span, event.ends.astimezone(now.tzinfo)) if span else None


def offer(event: Event, waiting: Registration, name: ChallengeName, now: datetime) -> tuple[Saved, Challenged]:
    """A free seat is kept for the head of the line. Only before `last_call`; the offer ends there at the latest."""
    until = min(now + event.waiting_list.offer_for, last_call(event).astimezone(now.tzinfo))
    after = replace(waiting, status=Status.OFFERED, since=now, until=until)
    return Saved("offered", waiting, after), Challenged(question(after, name, now))


def question(offered: Registration, name: ChallengeName, now: datetime) -> Challenge:
    """What a YES or a NO to the letter `offered` answers: reading the mailbox is what is proved by it."""
    return Challenge(
        id=name.id,
        event=offered.event,
        act="offer",
        address=offered.address,
        number=offered.number,
        created=now,
        expires=offered.until or now,
        code_hash=name.code_hash,
    )


def notice(event: Event, state: EventState, after: Registration, challenge: str = "") -> Letter:
    """`promoted` to who has the seat now, `offered` to who may say YES to the challenge."""
    return Letter(
        kind="offered" if challenge else "promoted",
        event=event.id,
        to=after.address,
        to_name=after.name,
        languages=languages_of(event, after.language),
        state=state,
        registration=after,
        calendar="none" if challenge else "request",
        challenge=challenge,
        notice=True,
    )
