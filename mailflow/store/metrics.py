"""Numbers for `/metrics`, and the check that the counters agree with their rows."""

from collections.abc import Iterator

from mailflow.store.people import BLOCK
from mailflow.store.rows import Metrics
from mailflow.store.schema import CONCERNED
from mailflow.store.session import Session, moment_of, moment_or_none


class MetricsReader(Session):
    """What the numbers are."""

    def metrics(self) -> Metrics:
        """`inbox` and `outbox` count what is open or failed; `messages` and `letters` what ever ended, and never fall.

        `seats` counts chairs, guests included, per event and status.
        """
        oldest = self.one("SELECT min(created) FROM outbox WHERE next_attempt IS NOT NULL")
        tick = self.one("SELECT at FROM marks WHERE name = 'tick'")
        schema = self.one("SELECT count(*) FROM _sqlite_migrations WHERE migration_set = 'mailflow'")
        digests = self.all(
            """SELECT event, max(done_at) FROM jobs WHERE kind = 'digest' AND done_at IS NOT NULL
            GROUP BY event ORDER BY event"""
        )
        return Metrics(
            inbox=self._depth("inbox"),
            messages=self._totals("mail"),
            letters=self._totals("letter"),
            outbox=self._depth("outbox"),
            outbox_oldest=moment_or_none(oldest[0]) if oldest else None,
            seats=tuple(
                self.all(
                    """SELECT event, status, count(*) + sum(guests) FROM registrations
                    GROUP BY event, status ORDER BY event, status"""
                )
            ),
            schema=schema[0] if schema else 0,
            last_tick=moment_of(tick[0]) if tick else None,
            last_digests=tuple((event, moment_of(at)) for event, at in digests),
        )

    def _depth(self, table: str) -> tuple[tuple[str, int], ...]:
        # Two small indexes answer; the many that are done are never looked at.
        return tuple(
            self.all(
                f"""SELECT state, count(*) FROM {table} WHERE next_attempt IS NOT NULL GROUP BY state
                UNION ALL SELECT 'failed', count(*) FROM {table} WHERE state = 'failed' HAVING count(*) > 0
                """  # noqa: S608  our own table names
            )
        )

    def _totals(self, what: str) -> tuple[tuple[str, str, int], ...]:
        return tuple(self.all("SELECT kind, result, total FROM totals WHERE what = ? ORDER BY kind, result", what))


def recount(session: Session) -> Iterator[str]:
    """Each counter that does not agree with its rows, as a sentence. Reads every registration."""
    rows = session.all(
        """SELECT e.event, e.taken, e.waiting, e.next_number, e.next_place, e.next_question,
          coalesce(sum((1 + r.guests) * (r.status IN ('confirmed', 'offered')
            OR r.until IS NOT NULL AND r.status <> 'waiting')), 0),
          coalesce(sum(r.status = 'waiting'), 0), coalesce(max(r.number), 0), coalesce(max(r.place), 0),
          (SELECT coalesce(max(q.number), 0) FROM questions AS q WHERE q.event = e.event)
        FROM event_states AS e LEFT JOIN registrations AS r ON r.event = e.event GROUP BY e.event"""
    )
    for event, taken, waiting, number, place, question, seats, line, numbers, places, questions in rows:
        if taken != seats:
            yield f"{event}: the counter says that {taken} seats are taken, the registrations say {seats}"
        if waiting != line:
            yield f"{event}: the counter says that {waiting} wait, the registrations say {line}"
        for what, upcoming, last in (
            ("number", number, numbers),
            ("place", place, places),
            ("question", question, questions),
        ):
            if upcoming <= last:
                yield f"{event}: the next {what} would be {upcoming}, and {last} is in use"
    lines = session.all(
        """SELECT event, block, sum(counted), sum(found) FROM (
          SELECT event, block, waiting AS counted, 0 AS found FROM line_blocks
          UNION ALL SELECT event, place / ?, 0, 1 FROM registrations WHERE status = 'waiting')
        GROUP BY event, block HAVING sum(counted) <> sum(found)""",
        BLOCK,
    )
    for event, block, counted, found in lines:
        yield f"{event}: the counter says that {counted} wait at places from {block * BLOCK} on, there are {found}"
    options = session.all(
        f"""SELECT event, question, option, sum(counted), sum(found) FROM (
          SELECT event, question, option, taken AS counted, 0 AS found FROM option_counts
          UNION ALL SELECT r.event, json_extract(a.value, '$.question'), o.value, 0, count(DISTINCT r.id)
            FROM registrations AS r, json_each(r.answers) AS a, json_each(a.value, '$.options') AS o
            WHERE r.status IN {CONCERNED} GROUP BY 1, 2, 3)
        GROUP BY event, question, option HAVING sum(counted) <> sum(found)"""  # noqa: S608  our own words
    )
    for event, question, option, counted, found in options:
        yield f"{event}: the counter says that {counted} chose {option} of {question}, the registrations say {found}"
    counter = session.one("SELECT value FROM counters WHERE name = 'letter'")
    last_letter = session.one("SELECT coalesce(max(id), 0) FROM outbox")
    if counter is None or (last_letter is not None and counter[0] < last_letter[0]):
        yield f"the counter of letters is {counter and counter[0]}, and {last_letter and last_letter[0]} is in use"
