"""Due work that is done once, and how much was sent to whom lately."""

from datetime import date, datetime, timedelta

from mailflow.store.rows import Counts
from mailflow.store.session import Session, StoreError, WriteSession, moment_of, moment_or_none, text_of

_MONTH = timedelta(days=30)
# The limits are a few dozen a month: whoever has had this many answers is over every one of them.
_ENOUGH = 1000


class JobReader(Session):
    """What was done, and how much."""

    def last_job(self, kind: str, event: str, whom: str, result: str) -> datetime | None:
        """When the newest job of that kind with that result was done: the `since` of a digest."""
        row = self.one(
            "SELECT max(done_at) FROM jobs WHERE kind = ? AND event = ? AND whom = ? AND result = ?",
            kind,
            event,
            whom,
            result,
        )
        return moment_or_none(row[0]) if row else None

    def job_result(self, kind: str, event: str, whom: str, day: date) -> str:
        """What was last said of that job; "" while it is under way, or was never begun."""
        row = self.one(
            "SELECT result FROM jobs WHERE kind = ? AND event = ? AND whom = ? AND day = ?",
            kind,
            event,
            whom,
            day.isoformat(),
        )
        return str(row[0]) if row else ""

    def jobs_done(self, kind: str, event: str, result: str) -> int:
        """How many people's jobs of that kind ended like that; counts them, so never on the path of a mail."""
        row = self.one(
            "SELECT count(*) FROM jobs WHERE kind = ? AND event = ? AND whom <> '' AND result = ?", kind, event, result
        )
        return row[0] if row else 0

    def counts(self, canonical: str, now: datetime) -> Counts:
        """`canonical` is a keyed hash of `Address.canonical`; confirmed_lately looks back 30 days."""
        day, hour, month = (text_of(now - ago) for ago in (timedelta(days=1), timedelta(hours=1), _MONTH))
        row = self.one(
            """SELECT coalesce(sum(at > ?), 0), coalesce(sum(at > ?), 0), coalesce(sum(at > ? AND NOT proved), 0),
              coalesce(sum(NOT proved), 0)
            FROM (SELECT at, proved FROM answers WHERE who = ? AND at > ? ORDER BY at DESC LIMIT ?)""",
            hour,
            day,
            day,
            canonical,
            month,
            _ENOUGH,
        )
        confirmed = self.one("SELECT 1 FROM confirmations WHERE who = ? AND at > ?", canonical, month)
        assert row is not None
        return Counts(row[0], row[1], row[2], row[3], confirmed_lately=confirmed is not None)

    def due_at(self) -> datetime | None:
        """The earliest moment at which a letter or a mail that waits is due; a lease counts as waiting."""
        row = self.one(
            """SELECT min(at) FROM (
              SELECT min(next_attempt) AS at FROM inbox WHERE next_attempt IS NOT NULL
              UNION ALL SELECT min(next_attempt) FROM outbox WHERE next_attempt IS NOT NULL)"""
        )
        return moment_of(row[0]) if row and row[0] else None


class JobWriter(JobReader, WriteSession):
    """Doing it once, and counting."""

    def begin_job(self, kind: str, event: str, whom: str, day: date, now: datetime) -> bool:
        """False when this job was begun before: the unique row makes a second sending impossible."""
        return bool(
            self.change(
                "INSERT INTO jobs (kind, event, whom, day, begun_at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                kind,
                event,
                whom,
                day.isoformat(),
                text_of(now),
            )
        )

    def end_job(self, kind: str, event: str, whom: str, day: date, result: str, now: datetime) -> None:
        """StoreError when it was never begun."""
        if not self.change(
            "UPDATE jobs SET done_at = ?, result = ? WHERE kind = ? AND event = ? AND whom = ? AND day = ?",
            text_of(now),
            result,
            kind,
            event,
            whom,
            day.isoformat(),
        ):
            raise StoreError(f"job {kind} of {event} on {day} was not begun")

    def ticked(self, now: datetime) -> None:
        self.change(
            "INSERT INTO marks (name, at) VALUES ('tick', ?) ON CONFLICT (name) DO UPDATE SET at = excluded.at",
            text_of(now),
        )

    def count_answer(self, canonical: str, now: datetime, *, proved: bool) -> None:
        """One more answer to that address. Digests and promotions are notices and are not counted (trust.md §4)."""
        self.change("INSERT INTO answers (who, at, proved) VALUES (?, ?, ?)", canonical, text_of(now), proved)

    def count_confirmed(self, canonical: str, now: datetime) -> None:
        """That address has redeemed a challenge."""
        self.change(
            "INSERT INTO confirmations (who, at) VALUES (?, ?) ON CONFLICT (who) DO UPDATE SET at = excluded.at",
            canonical,
            text_of(now),
        )
