"""An event in numbers that name nobody."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Tally:
    """How many people stand so, and how many chairs they take."""

    status: str
    people: int
    seats: int


@dataclass(frozen=True, slots=True)
class Statistics:
    """Sign-ups of one event, those included who were erased since: of them only these numbers are left.

    `signed_up` and `gone` are people a day (UTC): their first sign-up that counted, and each cancellation, removal,
    or offer that lapsed. `languages` and `affiliations` are of those with a seat, an offer or a place in line, the most
    frequent first; affiliations that too few had when they were erased stand together as "". `absent` of those with a
    seat were marked as not having come.
    """

    tallies: tuple[Tally, ...] = ()
    signed_up: tuple[tuple[date, int], ...] = ()
    gone: tuple[tuple[date, int], ...] = ()
    languages: tuple[tuple[str, int], ...] = ()
    affiliations: tuple[tuple[str, int], ...] = ()
    absent: int = 0

    def people(self, *statuses: str) -> int:
        """How many stand in one of those."""
        return sum(tally.people for tally in self.tallies if tally.status in statuses)
