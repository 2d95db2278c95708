"""The event has another time, place, title, link or detail than a person was told (letters.md §8, calendar.md §4)."""

from dataclasses import replace
from datetime import datetime
from typing import Literal

from mailflow.desk.draft import to_person
from mailflow.desk.seats import stamp
from mailflow.model.announced import shown_of
from mailflow.model.decision import Decision, Saved, View
from mailflow.model.event import Event
from mailflow.model.letter import Letter
from mailflow.model.registration import Registration, Status

# The variants of `event_changed`, "" for the time. Where several have changed, the first of them leads.
What = Literal["", "venue", "title", "link", "details"]


def tell(view: View, now: datetime) -> Decision:
    """`event_changed` to one who has a seat, an offer or a place in line; the reason why not to everybody else.

    STOP is for reminders and announcements: whoever keeps a seat has to know where and when it is.
    """
    one, was = view.located, view.was
    if one is None or was is None or now >= view.event.ends:
        return Decision("ignored", "nothing to tell")
    what = what_changed(was, view.event)
    if what is None:
        return Decision("ignored", "knows it already")
    if one.undeliverable:
        return Decision("ignored", "letters come back")
    if one.status in (Status.WAITING, Status.OFFERED):
        return Decision("done", "told of the change", letters=(_letter(view, was, one, what),))
    if one.status is not Status.CONFIRMED:
        return Decision("ignored", "no seat")
    after = replace(one, sequence=one.sequence + 1, dtstamp=stamp(one, now))
    if what == "":
        # Whoever could come at the old time is asked again; the seat is kept meanwhile.
        after = replace(after, partstat="NEEDS-ACTION")
    letter = replace(_letter(view, was, after, what), calendar="request")
    return Decision("done", "told of the change", (Saved("event_changed", one, after),), (letter,))


def what_changed(was: Event, now: Event) -> What | None:
    """What leads the letter about the change; None when there is nothing to tell."""
    before, after = shown_of(was), shown_of(now)
    if (before.starts, before.ends, before.timezone) != (after.starts, after.ends, after.timezone):
        return ""
    if (before.place, before.floor) != (after.place, after.floor):
        return "venue"
    if before.title != after.title:
        return "title"
    if before.link != after.link:
        return "link"
    return "details" if (before.included, before.doors) != (after.included, after.doors) else None


def _letter(view: View, was: Event, one: Registration, what: What) -> Letter:
    letter = to_person(view.event, view.state, "event_changed", one, variant=what, place=view.place)
    return replace(letter, notice=True, was=was)
