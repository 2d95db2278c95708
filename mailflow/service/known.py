"""What a person knows of an event while its file says something else: what they, and their calendar, were told."""

from dataclasses import replace
from datetime import timedelta

from mailflow.model.announced import Announced, Shown, as_shown, shown_of
from mailflow.model.event import Event
from mailflow.model.letter import Letter
from mailflow.model.registration import Registration
from mailflow.store.protocol import Reader

JOB, CALLED_OFF = "event-changed", "called-off"
# What is said of a round, and of each person's part in it, that has come to its end.
DONE = "sent"
# Letters that give a seat.
_QUOTING = ("registered", "promoted")
# The store hears of a new file a moment before the service answers with it: who signs up meanwhile is told the old.
_TAKEN_UP = timedelta(minutes=1)


def job_of(face: Announced) -> str:
    """The round that tells of it."""
    return f"{JOB}-{face.revision}"


def last_told(reader: Reader, event: str, faces: tuple[Announced, ...], one: Registration) -> Shown:
    """What that person knows: what was true when they signed up, or what a round reached them with since."""
    for face in reversed(faces[1:]):
        told = reader.job_result(job_of(face), event, str(one.number), face.at.date()) == DONE
        if told or one.registered_at >= face.at + _TAKEN_UP:
            return face.shown
    return faces[0].shown


def half_told(reader: Reader, event: str) -> bool:
    """Whether a round about a change is under way: what it has said to some must not be taken back in silence."""
    faces = reader.announced(event)
    reached = reader.job_result(job_of(faces[-1]), event, "", faces[-1].at.date()) if len(faces) > 1 else ""
    return reached not in ("", DONE)


def with_known(reader: Reader, event: Event, letter: Letter) -> Letter:
    """A CANCEL with what the last REQUEST said, also while a change of the event waits to be told (calendar.md §4).

    To be asked before the decision is carried out: the row still has the DTSTAMP of that REQUEST, which is when the
    file was read for it. Any other letter comes back as it is.
    """
    if letter.calendar != "cancel" or letter.was is not None or letter.registration is None:
        return letter
    faces = reader.announced(event.id)
    row = reader.registration(event.id, letter.registration.number) if len(faces) > 1 else None
    if row is None:
        return letter
    invited = row.dtstamp or row.registered_at
    shown = next((face.shown for face in reversed(faces[1:]) if face.at < invited), faces[0].shown)
    return letter if shown == shown_of(event) else replace(letter, was=as_shown(event, shown))


def with_latest(reader: Reader, letter: Letter) -> Letter:
    """A letter that gives a seat, with the latest announcement to those who have one; any other as it is.

    Whoever comes later would else never hear that the room has another entrance.
    """
    if letter.kind not in _QUOTING:
        return letter
    return replace(letter, announcement=reader.latest_announcement(letter.event))
