"""What two letters about one event have in common, worked out once (DESIGN.md: speed is designed in)."""

from collections.abc import Callable, Hashable
from typing import TypeVar, cast

from mailflow.model.event import Event

T = TypeVar("T")
# A site has a handful of events, in two languages; what is over is worked out anew, not missed.
_MOST = 1024


class Kept:
    """Values that follow from an event alone, or from it and a short key. A changed event is another object.

    Threads may share it: at worst two work out the same value at once.
    """

    def __init__(self) -> None:
        self._table: dict[Hashable, tuple[Event, object]] = {}

    def get(self, event: Event, key: Hashable, make: Callable[[], T]) -> T:
        """The value of `make` for this event and key. `make` must depend on nothing else."""
        known = self._table.get((event.id, key))
        # By identity: comparing two events costs more than most of what is kept, and holding on to it keeps its id.
        if known is not None and known[0] is event:
            return cast("T", known[1])
        if len(self._table) >= _MOST:
            self._table.clear()
        value = make()
        self._table[event.id, key] = (event, value)
        return value
