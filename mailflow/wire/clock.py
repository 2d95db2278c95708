"""The clocks of one session: idle, whole session, rate of DATA. One timer runs, and it is moved lazily."""

import asyncio
from collections.abc import Callable

from mailflow.wire.door import DoorLimits


class Clock:
    """Calls `too_slow` once when the peer takes too long. While we ourselves are at work, it never does."""

    __slots__ = ("_began", "_data", "_heard", "_limits", "_loop", "_octets", "_timer", "_too_slow", "_working")

    def __init__(self, loop: asyncio.AbstractEventLoop, limits: DoorLimits, too_slow: Callable[[], None]) -> None:
        self._loop = loop
        self._limits = limits
        self._too_slow = too_slow
        self._began = self._heard = loop.time()
        self._data: float | None = None
        self._octets = 0
        self._working = False
        self._timer: asyncio.TimerHandle | None = None

    @property
    def busy(self) -> bool:
        """A letter is under way: it is being read, or being committed."""
        return self._working or self._data is not None

    def heard(self) -> None:
        """A whole command has come. Octets of half a command are no sign of life."""
        self._heard = self._loop.time()
        if self._timer is None:
            self._arm()

    def data_begins(self) -> None:
        self._heard = self._data = self._loop.time()
        self._octets = 0
        # The grace of DATA may end before what the timer was set for.
        if self._limits.data_grace < self._limits.idle:
            self._arm()

    def octets(self, seen: int) -> None:
        """So many octets of this message have come."""
        self._octets = seen
        self._heard = self._loop.time()

    def data_ends(self) -> None:
        self._data, self._working = None, True

    def free(self) -> None:
        """The letter is done, and the peer's turn begins."""
        self._data, self._working = None, False
        self._heard = self._loop.time()

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._too_slow = _nothing

    def _due(self) -> float:
        limits = self._limits
        if self._working:
            return self._loop.time() + limits.idle.total_seconds()
        due = min(self._began + limits.session.total_seconds(), self._heard + limits.idle.total_seconds())
        if self._data is not None:
            earned = self._octets / limits.data_octets_per_second
            due = min(due, self._data + limits.data_grace.total_seconds() + earned)
        return due

    def _arm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_at(self._due(), self._look)

    def _look(self) -> None:
        self._timer = None
        if self._loop.time() < self._due():
            self._arm()
        else:
            self._too_slow()


def _nothing() -> None:
    pass
