"""The event file has changed: everybody concerned is told once, when the change has stood for a while."""

from dataclasses import replace
from datetime import datetime, timedelta

from mailflow.model.announced import Announced, as_shown, shown_of
from mailflow.model.decision import View
from mailflow.model.event import Event
from mailflow.model.intent import Due
from mailflow.service.house import House
from mailflow.service.known import DONE, job_of, last_told
from mailflow.service.rounds import Walk, Went, walk
from mailflow.service.view import due_view
from mailflow.store.protocol import Reader, Writer

# Whoever corrects a slip of the hand, or changes room and time one after the other, sends one letter, or none.
GRACE = timedelta(minutes=10)
OVERTAKEN, OVER, ENDED = "overtaken", "the event is over", "the event was called off"


def tell_changes(house: House, writer: Writer, event: Event, now: datetime) -> tuple[Went, ...]:
    """The round about a change, as far as one tick takes it.

    A change of the file while a round is under way begins a new one: whoever was told the half-way value hears what
    has become of it, and whoever was not hears the difference to what they know.
    """
    faces = writer.announced(event.id)
    if len(faces) < 2:
        return ()
    newest = faces[-1]
    state = writer.event_state(event.id)
    if state is not None and state.called_off is not None:
        # What each was told is kept: the letter about the end says the day that they know.
        return _end(writer, event, faces[1:], ENDED, now)
    overtaken = _end(writer, event, faces[1:-1], OVERTAKEN, now)
    # Another service may have read a newer file than this one, which is going to hear of it.
    if now < newest.at + GRACE or newest.shown != shown_of(event):
        return overtaken
    if now >= event.ends:
        writer.begin_job(job_of(newest), event.id, "", newest.at.date(), now)
        writer.end_job(job_of(newest), event.id, "", newest.at.date(), OVER, now)
        writer.told(event.id)
        return (*overtaken, Went(job_of(newest), result=OVER))

    def due(number: int) -> Due:
        return Due("event_changed", number=number)

    def view(number: int) -> View | None:
        seen = due_view(house, writer, event.id, due(number))
        return None if seen is None else as_known(writer, faces, seen)

    round_of = Walk(job_of(newest), event.id, newest.at.date(), writer.people_to_tell, due, view)
    sent, reached = walk(house, writer, round_of, now)
    if reached in (DONE, ""):
        writer.told(event.id)
    return (*overtaken, Went(job_of(newest), sent))


def as_known(reader: Reader, faces: tuple[Announced, ...], view: View) -> View | None:
    """`view` with the event as the person whom it is about knows it."""
    one = view.located
    if one is None:
        return None
    was = as_shown(view.event, last_told(reader, view.event.id, faces, one))
    return replace(view, was=was, place=reader.place_in_line(one))


def to_be_told(house: House, reader: Reader, event: Event) -> int:
    """How many people a change of this event's file is going to be written to, also one that is not taken up yet."""
    faces, state = reader.announced(event.id), reader.event_state(event.id)
    if not faces or house.now() >= event.ends or {face.shown for face in faces} == {shown_of(event)}:
        return 0
    return 0 if state is not None and state.called_off is not None else reader.audience(event.id)


def _end(writer: Writer, event: Event, faces: tuple[Announced, ...], why: str, now: datetime) -> tuple[Went, ...]:
    """Rounds that are under way and go no further, each with the reason."""
    ended = []
    for face in faces:
        job, day = job_of(face), face.at.date()
        # As long as a round is under way, its job says how far it has come.
        if writer.job_result(job, event.id, "", day).isdigit():
            writer.end_job(job, event.id, "", day, why, now)
            ended.append(Went(job, result=why))
    return tuple(ended)
