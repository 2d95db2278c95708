"""What would be told, and to how many, before anything is done: the finished letter of one of them."""

from dataclasses import dataclass, replace
from datetime import datetime

from mailflow.desk.decide import decide
from mailflow.model.decision import View
from mailflow.model.event import Event, EventState
from mailflow.model.intent import Due
from mailflow.model.letter import Cause
from mailflow.model.proof import UNPROVED
from mailflow.model.registration import Registration
from mailflow.render import Rendered
from mailflow.service.changed import as_known, to_be_told
from mailflow.service.house import House
from mailflow.store.protocol import Reader


@dataclass(frozen=True, slots=True)
class Foretold:
    """How many `people` get a letter (at most), and that of one of them, in each of some languages."""

    people: int = 0
    letters: tuple[Rendered, ...] = ()


def if_called_off(house: House, reader: Reader, event: Event, state: EventState) -> Foretold:
    """The letter in every language of the event. `state` says that it is called off, and why."""
    people = to_end(reader, event)
    one = _example(reader, event) or next(iter(reader.applications(event.id, 1)), None)
    if one is None:
        return Foretold()
    due = Due("called_off", number=one.number)
    views = (_view(event, state, replace(one, language=language)) for language in event.languages)
    return Foretold(people, tuple(each for view in views for each in _drawn(house, view, due, house.now())))


def to_end(reader: Reader, event: Event) -> int:
    """How many are told that the event is called off: who applied for a seat waits for a word as well."""
    return reader.audience(event.id) + reader.applicants(event.id)


def if_changed(house: House, reader: Reader, event: Event, state: EventState) -> Foretold:
    """The letter about the event as `event` says it, to one who was told what the store knows."""
    people, one = to_be_told(house, reader, event), _example(reader, event)
    faces = reader.announced(event.id)
    if not people or one is None or not faces:
        return Foretold(people)
    view = as_known(reader, faces, _view(event, state, replace(one, undeliverable=False)))
    due = Due("event_changed", number=one.number)
    return Foretold(people, _drawn(house, view, due, house.now()) if view else ())


def _example(reader: Reader, event: Event) -> Registration | None:
    """One who has a seat, else anybody concerned."""
    found = reader.seat_holders(event.id, 0, 1) or reader.people_to_tell(event.id, 0, 1)
    return replace(found[0], undeliverable=False) if found else None


def _view(event: Event, state: EventState, one: Registration) -> View:
    return View(event=event, state=state, sender=None, cause=Cause(), located=one)


def _drawn(house: House, view: View, due: Due, now: datetime) -> tuple[Rendered, ...]:
    letters = decide(view, due, UNPROVED, now).letters
    return tuple(house.renderer.render(one, view.event, house.seal.reference(0), now) for one in letters)
