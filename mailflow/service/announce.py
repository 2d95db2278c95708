"""Announcements on their way: some people a tick, however often the service is killed."""

from dataclasses import replace
from datetime import datetime

from mailflow.model.decision import View
from mailflow.model.event import Event
from mailflow.model.intent import Due
from mailflow.model.registration import Registration
from mailflow.service.house import House
from mailflow.service.known import DONE
from mailflow.service.proposal import OFF, OVER, Proposal, announce, propose, recipients, refusal
from mailflow.service.rounds import Walk, Went, walk
from mailflow.service.view import due_view
from mailflow.store.protocol import Writer

__all__ = ["OFF", "OVER", "Proposal", "announce", "go_announce", "propose", "recipients", "refusal"]


def go_announce(house: House, writer: Writer, event: Event, now: datetime) -> tuple[Went, ...]:
    """The oldest announcement that is not through, as far as one tick takes it."""
    said = writer.announcement_due(event.id)
    if said is None:
        return ()
    job = f"announcement-{said.number}"
    state = writer.event_state(event.id)
    if state is None or (why := refusal(event, state, now)):
        writer.close_announcement(event.id, said.number, "ended")
        return (Went(job, result=why),) if state else ()

    def due(number: int) -> Due:
        return Due("announce", number=number)

    def view(number: int) -> View | None:
        seen = due_view(house, writer, event.id, due(number))
        return None if seen is None else replace(seen, announcement=said)

    def people(of: str, after: int, limit: int) -> tuple[Registration, ...]:
        return writer.listeners(of, said.audience, after, limit)

    sent, reached = walk(house, writer, Walk(job, event.id, said.at.date(), people, due, view), now)
    if reached in (DONE, ""):
        writer.close_announcement(event.id, said.number, "sent")
    return (Went(job, sent),)
