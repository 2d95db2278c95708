"""The clock of the house: real, or that of a demo."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Where the service gets its `now` from. Nothing else in the house asks the machine for the time."""

    def now(self) -> datetime:
        """Aware, UTC."""

    @property
    def speed(self) -> float:
        """Seconds of this clock that pass in one real second."""


@dataclass(frozen=True, slots=True)
class RealClock:
    """The machine's own time."""

    speed: float = 1.0

    def now(self) -> datetime:
        """Aware, UTC."""
        return datetime.now(UTC)


class VirtualClock:
    """A time that starts elsewhere and may run faster, so that days pass while one watches."""

    def __init__(self, start: datetime, speed: float = 1.0) -> None:
        self._start = start.astimezone(UTC)
        self._begun = datetime.now(UTC)
        self.speed = speed

    def now(self) -> datetime:
        """Aware, UTC."""
        passed = (datetime.now(UTC) - self._begun).total_seconds()
        return self._start + timedelta(seconds=passed * self.speed)
