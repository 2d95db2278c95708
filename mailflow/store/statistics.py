"""Numbers of an event: counted from its rows while they are there, kept as numbers when people are erased.

What is kept are counts of one thing at a time (`statistics_details`): a day, a language, an affiliation. Nothing says
which of them belong to one person.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import date

from mailflow.model.registration import Registration, Status
from mailflow.model.statistics import Statistics, Tally
from mailflow.store.rows import HistoryEntry
from mailflow.store.schema import CONCERNED
from mailflow.store.session import Session, WriteSession

# ruff: noqa: S608  our own words only

# Fewer colleagues than this might be recognised by where they work.
FEWEST = 3
_CAME = ("registered", "queued", "confirmed")
_WENT = (
    "cancelled", "declined", "left_line", "turned_down", "lapsed", "removed", "unreached", "line_ended", "called_off",
)  # fmt: skip
# Each gives (value, people) of an event.
_COUNTS = {
    "day": f"""SELECT substr(at, 1, 10), count(*) FROM (
      SELECT min(at) AS at FROM steps WHERE event = ? AND what IN {_CAME} GROUP BY number) GROUP BY 1""",
    "gone": f"SELECT substr(at, 1, 10), count(*) FROM steps WHERE event = ? AND what IN {_WENT} GROUP BY 1",
    "language": f"""SELECT language, count(*) FROM registrations WHERE event = ? AND status IN {CONCERNED}
      GROUP BY 1""",
    "absent": """SELECT '', count(*) FROM registrations WHERE event = ? AND status = 'confirmed' AND absent
      HAVING count(*) > 0""",
    "affiliation": f"""SELECT min(said), count(*) FROM (
      SELECT trim(json_extract(a.value, '$.text')) AS said FROM registrations AS r, json_each(r.answers) AS a
      WHERE r.event = ? AND r.status IN {CONCERNED} AND json_extract(a.value, '$.question') = 'affiliation')
      WHERE said <> '' GROUP BY lower(said)""",
}


class StatisticsReader(Session):
    """Who is there and who was, as numbers."""

    def statistics(self, event: str) -> Statistics:
        """Sign-ups in numbers, with those who were erased since; reads every row of the event, never for a mail."""
        tallies = self.all(
            """SELECT status, sum(people), sum(seats) FROM (
              SELECT status, people, seats FROM statistics WHERE event = ?1
              UNION ALL SELECT status, 1, 1 + guests FROM registrations WHERE event = ?1)
            GROUP BY status ORDER BY status""",
            event,
        )
        found = {what: Counter[str]() for what in _COUNTS}
        for what, value, people in self.all(
            "SELECT what, value, people FROM statistics_details WHERE event = ?", event
        ):  # fmt: skip
            found[what][value] += people
        for what, select in _COUNTS.items():
            for value, people in self.all(select, event):
                found[what][value] += people
        return Statistics(
            tallies=tuple(Tally(*row) for row in tallies),
            signed_up=_by_day(found["day"]),
            gone=_by_day(found["gone"]),
            languages=_by_number(found["language"]),
            affiliations=_by_number(found["affiliation"]),
            absent=found["absent"].total(),
        )


class StatisticsWriter(StatisticsReader, WriteSession):
    """What stays of people who are erased."""

    def count_person(self, event: str, status: str, people: int, seats: int) -> None:
        """The anonymous statistic: how many, and with how many chairs."""
        self.change(
            """INSERT INTO statistics (event, status, people, seats) VALUES (?, ?, ?, ?) ON CONFLICT (event, status)
            DO UPDATE SET people = people + excluded.people, seats = seats + excluded.seats""",
            event,
            status,
            people,
            seats,
        )

    def count_details(self, event: str) -> None:
        """What else is counted of everybody who is about to be erased."""
        for what, select in _COUNTS.items():
            for value, people in self.all(select, event):
                few = what == "affiliation" and people < FEWEST
                self._count(event, what, "" if few else value, people)

    def count_one(self, one: Registration, history: Sequence[HistoryEntry]) -> None:
        """The same of one person. Not the affiliation: it is in their own words, and might be theirs alone."""
        came = [step.at for step in history if step.what in _CAME]
        for at in came[:1]:
            self._count(one.event, "day", at.date().isoformat(), 1)
        for step in history:
            if step.what in _WENT:
                self._count(one.event, "gone", step.at.date().isoformat(), 1)
        if one.holds:
            self._count(one.event, "language", one.language, 1)
        if one.absent and one.status is Status.CONFIRMED:
            self._count(one.event, "absent", "", 1)

    def _count(self, event: str, what: str, value: str, people: int) -> None:
        self.change(
            """INSERT INTO statistics_details (event, what, value, people) VALUES (?, ?, ?, ?)
            ON CONFLICT (event, what, value) DO UPDATE SET people = people + excluded.people""",
            event,
            what,
            value,
            people,
        )


def _by_day(counts: Counter[str]) -> tuple[tuple[date, int], ...]:
    return tuple((date.fromisoformat(day), counts[day]) for day in sorted(counts))


def _by_number(counts: Counter[str]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))
