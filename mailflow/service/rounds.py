"""A letter to everybody who holds a seat, some at a time: reminders, and thanks afterwards."""

from datetime import datetime

from mailflow.desk.decide import decide
from mailflow.desk.reminders import Round, round_due
from mailflow.model.event import Event
from mailflow.model.proof import UNPROVED
from mailflow.service.desk_clerk import carry_out, due_view
from mailflow.service.house import House
from mailflow.store.protocol import Writer

# So many people a tick and event: the rest has the next one, and mail that comes in meanwhile does not wait.
BATCH = 200
_DONE = "sent"


def go_round(house: House, writer: Writer, event: Event, now: datetime) -> tuple[str, int]:
    """The round that is due now, as far as one tick takes it; the job's kind ("" for none) and how many letters.

    The job without a person remembers how far the round has come, and each person has a job too: whoever got the
    letter of that day gets no second one, whatever is repeated.
    """
    letters = house.config.letters
    due = round_due(event, now, (letters.quiet_from, letters.quiet_to))
    if due is None:
        return "", 0
    writer.begin_job(due.job, event.id, "", due.day, now)
    reached = writer.job_result(due.job, event.id, "", due.day)
    if reached == _DONE:
        return "", 0
    rows = writer.seat_holders(event.id, int(reached or 0), BATCH)
    sent = sum(_write_to(house, writer, event, due, row.number, now) for row in rows)
    reached = str(rows[-1].number) if len(rows) == BATCH else _DONE
    writer.end_job(due.job, event.id, "", due.day, reached, now)
    return due.job, sent


def _write_to(house: House, writer: Writer, event: Event, due: Round, number: int, now: datetime) -> int:
    whom = str(number)
    if not writer.begin_job(due.job, event.id, whom, due.day, now):
        return 0
    view = due_view(house, writer, event.id, due.due(number))
    if view is None:
        return 0
    decision = decide(view, due.due(number), UNPROVED, now)
    carry_out(house, writer, decision, event.id, now, None)
    writer.end_job(due.job, event.id, whom, due.day, _DONE if decision.letters else decision.reason, now)
    return len(decision.letters)
