"""The event was called off: everybody concerned is told and ends, some a tick, however often the service is killed."""

from dataclasses import replace
from datetime import datetime

from mailflow.model.announced import Shown, as_shown, shown_of
from mailflow.model.decision import Act, Challenge, View
from mailflow.model.event import Event
from mailflow.model.intent import Due
from mailflow.service.house import House
from mailflow.service.known import CALLED_OFF, last_told
from mailflow.service.rounds import Walk, Went, walk
from mailflow.service.view import ASKED, due_view
from mailflow.store.protocol import Reader, Writer

# A wish to see or to erase what is held stays open; and so does, until it runs out, the question whether to register:
# nobody was told, so its YES has to be answered, though it registers nobody.
_ENDED: tuple[Act, ...] = ("cancel", "offer", "update")


def tell_called_off(house: House, writer: Writer, event: Event, now: datetime) -> tuple[Went, ...]:
    """The round, as far as one tick takes it. Each is told the day and place that they know."""
    state = writer.event_state(event.id)
    if state is None or state.called_off is None:
        return ()
    faces = writer.announced(event.id)
    # One event for all who know the same: what follows from it is worked out once.
    known: dict[Shown, Event] = {shown_of(event): event}

    def due(number: int) -> Due:
        return Due("called_off", number=number)

    def view(number: int) -> View | None:
        seen = due_view(house, writer, event.id, due(number))
        if seen is None or seen.located is None:
            return None
        shown = last_told(writer, event.id, faces, seen.located) if faces else shown_of(event)
        was = known.setdefault(shown, as_shown(event, shown))
        return replace(seen, was=was, asked=_open(writer, event.id, number))

    one = Walk(CALLED_OFF, event.id, state.called_off.date(), writer.people_to_end, due, view)
    sent, reached = walk(house, writer, one, now)
    return (Went(CALLED_OFF, sent),) if reached else ()


def _open(reader: Reader, event: str, number: int) -> tuple[Challenge, ...]:
    return tuple(each for act in _ENDED for each in reader.open_challenges(event, number, act, ASKED))
