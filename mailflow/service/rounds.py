"""A letter to everybody who holds a seat, some at a time: reminders, and thanks afterwards."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from mailflow.desk.decide import decide
from mailflow.desk.reminders import round_due
from mailflow.model.decision import View
from mailflow.model.event import Event
from mailflow.model.intent import Due
from mailflow.model.proof import UNPROVED
from mailflow.model.registration import Registration
from mailflow.service.desk_clerk import carry_out
from mailflow.service.house import House
from mailflow.service.known import DONE
from mailflow.service.view import due_view
from mailflow.store.protocol import Writer

# So many people a tick and event: the rest has the next one, and mail that comes in meanwhile does not wait.
BATCH = 200


@dataclass(frozen=True, slots=True)
class Went:
    """What a tick did for one round, for the journal. `result` "" says how many letters it sent."""

    job: str
    letters: int = 0
    result: str = ""

    @property
    def said(self) -> str:
        return self.result or f"{self.letters} sent"


@dataclass(frozen=True, slots=True)
class Walk:
    """One round through an event's people: `job` and `day` name it, `people` gives them in the order of numbers.

    `view` is what is seen of a person, whose registration has that number; None for nobody to write to.
    """

    job: str
    event: str
    day: date
    people: Callable[[str, int, int], tuple[Registration, ...]]
    due: Callable[[int], Due]
    view: Callable[[int], View | None]


def go_round(house: House, writer: Writer, event: Event, now: datetime) -> tuple[Went, ...]:
    """The round that is due now, as far as one tick takes it; none for an event that was called off."""
    letters = house.config.letters
    due = round_due(event, now, (letters.quiet_from, letters.quiet_to))
    state = writer.event_state(event.id) if due else None
    if due is None or (state is not None and state.called_off is not None):
        return ()

    def view(number: int) -> View | None:
        return due_view(house, writer, event.id, due.due(number))

    sent, moved = walk(house, writer, Walk(due.job, event.id, due.day, writer.seat_holders, due.due, view), now)
    return (Went(due.job, sent),) if moved else ()


def walk(house: House, writer: Writer, one: Walk, now: datetime) -> tuple[int, str]:
    """As far as one tick goes: how many letters, and how far it has come now (DONE: through; "": it was before).

    The job without a person remembers how far the round has come, and each person has a job too: whoever got the
    letter of that round gets no second one, whatever is repeated.
    """
    writer.begin_job(one.job, one.event, "", one.day, now)
    reached = writer.job_result(one.job, one.event, "", one.day)
    if reached == DONE:
        return 0, ""
    rows = one.people(one.event, int(reached or 0), BATCH)
    sent = sum(_write_to(house, writer, one, row.number, now) for row in rows)
    reached = str(rows[-1].number) if len(rows) == BATCH else DONE
    writer.end_job(one.job, one.event, "", one.day, reached, now)
    return sent, reached


def _write_to(house: House, writer: Writer, one: Walk, number: int, now: datetime) -> int:
    whom = str(number)
    if not writer.begin_job(one.job, one.event, whom, one.day, now):
        return 0
    view = one.view(number)
    if view is None:
        writer.end_job(one.job, one.event, whom, one.day, "nobody to write to", now)
        return 0
    decision = decide(view, one.due(number), UNPROVED, now)
    carry_out(house, writer, decision, one.event, now, None)
    writer.end_job(one.job, one.event, whom, one.day, DONE if decision.letters else decision.reason, now)
    return len(decision.letters)
