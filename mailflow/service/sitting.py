"""One mail of an organiser on the desk, and the hands that do what its lines decide."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from mailflow.model.decision import Decision
from mailflow.model.event import Event, EventState
from mailflow.service.house import House
from mailflow.service.view import Draw, Studied
from mailflow.store.protocol import Reader


@dataclass(frozen=True, slots=True)
class Hands:
    """`apply` does what a line decides; `seen` notes the marks of a mail, and tells the earlier mail with one."""

    apply: Callable[[Decision], None]
    seen: Callable[[tuple[str, ...]], int | None]


# For whoever asks what would happen: each line is judged as if it were the only one.
NO_HANDS = Hands(apply=lambda _step: None, seen=lambda _marks: None)


@dataclass(frozen=True, slots=True)
class Sitting:
    """One mail of an organiser on the desk."""

    house: House
    reader: Reader
    event: Event
    one: Studied
    now: datetime
    draw: Draw
    hands: Hands

    @property
    def state(self) -> EventState:
        """As the lines so far have left it."""
        state = self.reader.event_state(self.event.id)
        assert state is not None
        return state
