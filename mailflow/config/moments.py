"""Wall times of an event → moments in its zone."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from mailflow.config.values import WALL, Kind


def wall_in(zone: ZoneInfo) -> Kind[datetime]:
    """A local wall time without offset, made aware.

    An hour that summer time skips does not exist and is refused; of an hour that comes twice the first one is meant.
    """

    def read(raw: object) -> datetime:
        moment = WALL.read(raw).replace(tzinfo=zone)
        # There and back through UTC: a time that does not exist comes back as another one.
        if moment.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != moment.replace(tzinfo=None):
            raise ValueError(f"this hour does not exist in {zone.key}: the clock is put forward over it")
        return moment

    return Kind(WALL.expected, WALL.example, read)


def before(first: datetime | None, second: datetime | None) -> bool:
    """Both are given and `first` is the earlier one, as moments: Python compares equal zones by the wall clock."""
    return first is not None and second is not None and first.astimezone(UTC) < second.astimezone(UTC)
