"""The store on one SQLite file: connection, transactions, migrations."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, Literal, assert_never

from mailflow.model.decision import (
    Announced,
    Bounced,
    CalledOff,
    ChallengeClosed,
    Challenged,
    Change,
    Erased,
    Muted,
    Noted,
    OrganiserNoted,
    QuestionDone,
    QuestionOpened,
    Ruled,
    Saved,
    Undoable,
    Undone,
)
from mailflow.store.announcements import AnnouncementReader, AnnouncementWriter
from mailflow.store.asked import AskedReader, AskedWriter
from mailflow.store.bounces import BounceWriter
from mailflow.store.challenges import ChallengeReader, ChallengeWriter
from mailflow.store.dossier import DossierReader
from mailflow.store.drafts import DraftReader
from mailflow.store.events import EventReader
from mailflow.store.inbox import InboxReader, InboxWriter
from mailflow.store.jobs import JobReader, JobWriter
from mailflow.store.metrics import MetricsReader, recount
from mailflow.store.organisers import OrganiserReader, OrganiserWriter
from mailflow.store.outbox import OutboxReader
from mailflow.store.protocol import Busy, Reader, Store, Writer
from mailflow.store.replays import ReplayWriter
from mailflow.store.retention import RetentionWriter
from mailflow.store.schema import STEPS, migrations
from mailflow.store.session import StoreError, text_of
from mailflow.store.statistics import StatisticsReader

if TYPE_CHECKING:
    from sqlite_utils import Database

_OLDEST = (3, 37, 0)  # STRICT tables
_LATER = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


class SqliteReader(
    InboxReader, OutboxReader, StatisticsReader, AnnouncementReader, DraftReader, DossierReader, ChallengeReader,
    AskedReader, OrganiserReader, EventReader, JobReader, MetricsReader,
):  # fmt: skip
    """All that can be asked."""


class SqliteWriter(
    BounceWriter, RetentionWriter, InboxWriter, ChallengeWriter, AskedWriter, ReplayWriter, AnnouncementWriter,
    OrganiserWriter, JobWriter, SqliteReader,
):  # fmt: skip
    """All that can be changed."""

    def recover(self, now: datetime) -> None:
        """Claims of a service that was killed are due at once; waits that were decided (`deferred`) stand.

        A claimed mail is one with attempts whose next one lies ahead: `release_mail` makes it due at once. A claimed
        letter is one with attempts that was never answered, however often we were killed over it; one that was
        refused before keeps its place in the retry table, since it went out late already.
        """
        at = text_of(now)
        self.change(
            "UPDATE inbox SET next_attempt = ? WHERE state IN ('new', 'waiting') AND attempts > 0 AND next_attempt > ?",
            at,
            at,
        )
        self.change(
            """UPDATE outbox SET next_attempt = ?
            WHERE state = 'due' AND attempts > 0 AND last_code IS NULL AND next_attempt > ?""",
            at,
            at,
        )

    def apply(  # noqa: C901  one case for each kind of change is the plainest form of this table
        self, change: Change, event: str, now: datetime, mail: int | None = None
    ) -> None:
        """Write one change and move the counters by the difference of its two states.

        StoreError when a row is no longer what the decision saw, or a rule of the schema would be broken.
        """
        match change:
            case Saved():
                self.save(change, event, now, mail)
            case Challenged(challenge=challenge):
                self.open_challenge(challenge)
            case ChallengeClosed():
                self.close_challenge(change, now)
            case QuestionOpened():
                self.open_question(change, event, now, mail)
            case QuestionDone(number=number):
                self.close_question(number, event, now)
            case Noted(note=note):
                self.note(note, event)
            case Bounced(bounce=bounce):
                self.note_bounce(bounce, event)
            case Muted():
                self.mute(change, event, now)
            case Erased():
                self.erase(change, event, now, mail)
            case Announced(draft=draft, by=by, audience=audience):
                self.keep_announcement(event, draft, by, audience, now)
            case Ruled() | CalledOff() | OrganiserNoted() | Undoable() | Undone():
                self.order(change, event, now, mail)
            case _:
                assert_never(change)


class SqliteStore(Store):
    """One connection. Threads may share it, one transaction at a time; processes each open their own."""

    def __init__(self, database: "Database", busy: timedelta, *, read_only: bool) -> None:
        self._database = database
        self._busy = busy
        self._read_only = read_only
        self._turn = RLock()
        self._log_full = False

    @classmethod
    def open(
        cls, path: Path | Literal[":memory:"], *, busy: timedelta = timedelta(seconds=5), read_only: bool = False
    ) -> "SqliteStore":
        """Open or create the file; `migrate` makes its tables. `busy` is how long a lock is waited for.

        A read-only store needs an existing file, and never changes a row. StoreError when SQLite is too old or the
        file cannot be opened.
        """
        from sqlite_utils import Database  # noqa: PLC0415  heavy; the command line must start without it

        if sqlite3.sqlite_version_info < _OLDEST:
            raise StoreError(f"SQLite 3.37 or later is needed, this is {sqlite3.sqlite_version}")
        if path == ":memory:":
            uri = "file::memory:"
        else:
            # Not mode=ro: in WAL mode that fails once the last writer has gone (dependencies.md, trap 22).
            uri = f"{Path(path).absolute().as_uri()}?mode={'rw' if read_only else 'rwc'}"
        try:
            if path != ":memory:" and not read_only and not Path(path).exists():
                Path(path).touch(mode=0o600)  # people's data; SQLite gives -wal and -shm the same mode
            connection = sqlite3.connect(
                uri, uri=True, timeout=busy.total_seconds(), isolation_level=None, check_same_thread=False
            )
            _settle(connection, busy, read_only=read_only)
        except (sqlite3.DatabaseError, OSError) as error:
            raise StoreError(f"{path}: {error}") from error
        return cls(Database(connection, execute_plugins=False), busy, read_only=read_only)

    @property
    def database(self) -> "Database":
        """For exports and introspection inside this room. Never write through it."""
        return self._database

    @contextmanager
    def read(self) -> Iterator[Reader]:
        """One snapshot: what other processes commit meanwhile is not seen. Keep it short."""
        with self._transaction("BEGIN") as connection:
            yield SqliteReader(connection)

    @contextmanager
    def write(self) -> Iterator[Writer]:
        """Raises Busy when the lock is not to be had in time. Commits at the end, rolls back on any exception."""
        with self._transaction("BEGIN IMMEDIATE") as connection:
            writer = SqliteWriter(connection)
            yield writer
        if writer.erased or self._log_full:
            self._log_full = not self._empty_log()

    def tidy(self, most_octets: int | None = None) -> bool:
        """Pack the file anew when something was erased since: no page holds what a row once held.

        A page that was split keeps copies of rows until then. True when it was done; a file of more than
        `most_octets` is left as it is. Busy when others are at work.
        """
        with self._alone() as connection, _busy():
            if not connection.execute("SELECT 1 FROM marks WHERE name = 'untidy'").fetchall():
                return False
            pages, size = (connection.execute(f"PRAGMA page_{word}").fetchone()[0] for word in ("count", "size"))
            if most_octets is not None and pages * size > most_octets:
                return False
            # Not in memory, where a whole copy of a large database would have to fit; the file has no name.
            connection.execute("PRAGMA temp_store=FILE").fetchall()
            try:
                connection.execute("VACUUM")
            finally:
                connection.execute("PRAGMA temp_store=MEMORY").fetchall()
            connection.execute("DELETE FROM marks WHERE name = 'untidy'")
            self._log_full = not self._empty_log()
            return True

    def _empty_log(self) -> bool:
        """What was deleted stands in older pages of the write-ahead log: it becomes an empty file.

        False while somebody reads an older state; then the next commit tries again, and waits for nobody either.
        """
        with self._alone() as connection:
            connection.execute("PRAGMA busy_timeout=100").fetchall()
            try:
                (row,) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            except sqlite3.OperationalError as error:
                if not _locked(error):
                    raise
                return False
            finally:
                connection.execute(f"PRAGMA busy_timeout={round(self._busy.total_seconds() * 1000)}").fetchall()
            return not row[0]

    @contextmanager
    def _alone(self) -> Iterator[sqlite3.Connection]:
        """The connection between two transactions."""
        if not self._turn.acquire(timeout=self._busy.total_seconds()):
            raise Busy("another thread holds the connection")
        try:
            yield self._database.conn
        finally:
            self._turn.release()

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[sqlite3.Connection]:
        if not self._turn.acquire(timeout=self._busy.total_seconds()):
            raise Busy("another thread holds the connection")
        try:
            connection = self._database.conn
            if connection.in_transaction:
                raise StoreError("a transaction is open already; inside one use savepoint()")
            with _busy():
                connection.execute(begin)
            try:
                with _busy():
                    yield connection
                    connection.execute("COMMIT")
            except BaseException:
                _roll_back(connection)
                raise
        finally:
            self._turn.release()

    def migrate(self) -> tuple[str, ...]:
        """Bring the schema to this version inside one exclusive transaction; the names of the steps applied.

        StoreError when the file was made by a later version. A backup copy beforehand is the caller's business.
        """
        with self._transaction("BEGIN IMMEDIATE"):
            names = self.pending_migrations()
            if names:
                migrations().apply(self._database)
        return names

    def pending_migrations(self) -> tuple[str, ...]:
        """The steps that `migrate` would take. StoreError when the file was made by a later version."""
        known = migrations()
        pending = [step.name for step in known.pending(self._database)]
        later = {step.name for step in known.applied(self._database)} - {name for name, _ in STEPS}
        if later:
            raise StoreError(f"the database was made by a later version of mailflow: {', '.join(sorted(later))}")
        return tuple(pending)

    def recount(self) -> Iterator[str]:
        with self._transaction("BEGIN") as connection:
            wrong = list(recount(SqliteReader(connection)))
        yield from wrong

    def close(self) -> None:
        self._database.conn.close()


def _roll_back(connection: sqlite3.Connection) -> None:
    if connection.in_transaction:  # a full disk makes SQLite roll back by itself
        connection.execute("ROLLBACK")


@contextmanager
def _busy() -> Iterator[None]:
    """A lock that could not be had is Busy; everything else stays what it is."""
    try:
        yield
    except sqlite3.OperationalError as error:
        if _locked(error):
            raise Busy(str(error)) from error
        raise


def _locked(error: sqlite3.OperationalError) -> bool:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in _LATER  # the low octet of an extended code is its kind


def _settle(connection: sqlite3.Connection, busy: timedelta, *, read_only: bool) -> None:
    """Durable, tidy and strict: 250 means on disk, what is deleted is gone (trust.md §10), references hold.

    Savepoints write aside the pages that they change; in memory that costs a third less per mail than in a
    temporary file, and no text of a mail is left in one.
    """
    for pragma in ("synchronous=FULL", "secure_delete=ON", "foreign_keys=ON", "temp_store=MEMORY"):
        connection.execute(f"PRAGMA {pragma}").fetchall()
    if read_only:
        connection.execute("PRAGMA query_only=ON").fetchall()
        return
    # The change to WAL needs the file for itself and does not wait for it: several processes may start at once.
    until = time.monotonic() + busy.total_seconds()
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL").fetchall()
        except sqlite3.OperationalError as error:
            if not _locked(error) or time.monotonic() > until:
                raise
            time.sleep(0.01)
        else:
            return
