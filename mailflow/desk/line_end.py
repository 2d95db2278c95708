"""The end of the waiting list: who waits still is told once that no seat came free."""

from dataclasses import replace
from datetime import datetime

from mailflow.desk.draft import to_person
from mailflow.desk.holding import last_call
from mailflow.desk.rhythm import Quiet, loud
from mailflow.model.decision import Decision, Saved, View
from mailflow.model.event import Event
from mailflow.model.registration import Status


def has_ended(event: Event, now: datetime, quiet: Quiet) -> bool:
    """Whether those who wait are to be told now.

    Not in the quiet hours, if these end before the event begins: who goes to bed may hear in the morning that they
    need not come. Later than that the letter would be of no use to anybody.
    """
    if now < last_call(event):
        return False
    here = event.local(now)
    morning = loud(event, here.date(), here.time(), quiet)
    return morning <= now or morning >= event.starts


def end(view: View, now: datetime) -> Decision:
    """One who waits leaves the line. After the event nobody has to be told that there was no seat."""
    one = view.located
    if one is None or one.status is not Status.WAITING or now < last_call(view.event):
        return Decision("ignored", "does not wait")
    if view.state.called_off is not None:
        return Decision("ignored", "the event is called off")
    after = replace(one, status=Status.EXPIRED, since=now, until=None)
    change = Saved("line_ended", one, after)
    if now >= view.event.ends or one.undeliverable:
        return Decision("done", "the line has ended", (change,))
    told = to_person(view.event, view.state, "cancelled", after, variant="line_ended")
    return Decision("done", "the line has ended", (change,), (replace(told, notice=True),))
