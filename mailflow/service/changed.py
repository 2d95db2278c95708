"""The event file has changed: everybody concerned is told once, when the change has stood for a while."""

from dataclasses import replace
from datetime import datetime, timedelta

from mailflow.model.announced import Announced, Shown, as_shown, shown_of
from mailflow.model.decision import View
from mailflow.model.event import Event
from mailflow.model.intent import Due
from mailflow.service.house import House
from mailflow.service.rounds import DONE, Walk, walk
from mailflow.service.view import due_view
from mailflow.store.protocol import Reader, Writer

# Whoever corrects a slip of the hand, or changes room and time one after the other, sends one letter, or none.
GRACE = timedelta(minutes=10)
JOB = "event-changed"
# The store hears of a new file a moment before the service answers with it: who signs up meanwhile is told the old.
_TAKEN_UP = timedelta(minutes=1)


def tell_changes(house: House, writer: Writer, event: Event, now: datetime) -> tuple[str, int]:
    """The round about a change, as far as one tick takes it; the job's kind ("" for none) and how many letters.

    A change of the file while a round is under way begins a new one: whoever was told the half-way value hears what
    has become of it, and whoever was not hears the difference to what they know.
    """
    faces = writer.announced(event.id)
    if len(faces) < 2 or now < faces[-1].at + GRACE:
        return "", 0
    newest = faces[-1]
    if newest.shown != shown_of(event):
        # Another service has read a newer file than this one, which is going to hear of it.
        return "", 0
    if now >= event.ends:
        writer.told(event.id)
        return "", 0

    def due(number: int) -> Due:
        return Due("event_changed", number=number)

    def view(number: int) -> View | None:
        seen = due_view(house, writer, event.id, due(number))
        if seen is None or seen.located is None:
            return None
        was = _last_told(writer, event, faces, seen.located.number, seen.located.registered_at)
        return replace(seen, was=as_shown(event, was), place=writer.place_in_line(seen.located))

    round_of = Walk(_job(newest), event.id, newest.at.date(), writer.people_to_tell, due, view)
    sent, reached = walk(house, writer, round_of, now)
    if reached in (DONE, ""):
        writer.told(event.id)
    return _job(newest), sent


def to_be_told(house: House, reader: Reader, event: Event) -> int:
    """How many people a change of this event's file is going to be written to, also one that is not taken up yet."""
    faces = reader.announced(event.id)
    if not faces or house.now() >= event.ends or {face.shown for face in faces} == {shown_of(event)}:
        return 0
    return reader.audience(event.id)


def _job(face: Announced) -> str:
    return f"{JOB}-{face.revision}"


def _last_told(
    reader: Reader, event: Event, faces: tuple[Announced, ...], number: int, registered_at: datetime
) -> Shown:
    """What that person knows: what was true when they signed up, or what a round reached them with since."""
    for face in reversed(faces[1:]):
        told = reader.job_result(_job(face), event.id, str(number), face.at.date()) == DONE
        if told or registered_at >= face.at + _TAKEN_UP:
            return face.shown
    return faces[0].shown
