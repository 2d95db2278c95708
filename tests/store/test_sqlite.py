"""One SQLite file: transactions, opening and copying."""

import sqlite3
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from mailflow.store import backup_copy, open_store
from mailflow.store.protocol import Busy
from mailflow.store.session import StoreError, moment_of, text_of
from mailflow.store.sqlite import SqliteStore

SOON = timedelta(milliseconds=50)


def test_an_exception_rolls_the_transaction_back(opened, make, now):
    """Nothing of a batch that broke is seen by anybody."""
    with pytest.raises(ZeroDivisionError), opened.write() as tx:
        len(tx.keep([make.incoming()], now)) / 0
    with opened.read() as tx:
        assert tx.mails() == ()


def test_a_savepoint_rolls_back_alone(opened, make, now):
    """One mail of a batch fails, the others stay; a step may hold a step."""
    with opened.write() as tx:
        tx.apply(make.new(make.registration(1)), "gan", now)
        with pytest.raises(StoreError), tx.savepoint():  # noqa: PT012  what came before the error is the point
            with tx.savepoint():
                tx.apply(make.new(make.registration(2, "bo")), "gan", now)
            tx.apply(make.new(make.registration(3)), "gan", now)
        with tx.savepoint():
            tx.apply(make.new(make.registration(2, "cy")), "gan", now)
    with opened.read() as tx:
        assert [person.name for person in tx.registrations("gan")] == ["Ada", "Cy"]
        assert tx.event_state("gan").taken == 2


def test_a_reader_sees_one_moment(opened, path, make, now):
    """What others commit meanwhile is not seen, and does not disturb."""
    other = SqliteStore.open(path, busy=SOON)
    with opened.read() as tx:
        before = tx.event_state("gan")
        with other.write() as elsewhere:
            elsewhere.set_capacity("gan", 7)
        assert tx.event_state("gan") == before
    with opened.read() as tx:
        assert tx.event_state("gan").capacity == 7
    other.close()


def test_a_locked_database_is_busy_and_nothing_was_changed(opened, path):
    """After the busy time-out, not before, and as our own exception; reading goes on."""
    other = SqliteStore.open(path, busy=SOON)
    with opened.write() as tx:
        tx.set_capacity("gan", 7)
        with pytest.raises(Busy), other.write():
            pytest.fail("two writers at once")
        with other.read() as elsewhere:
            assert elsewhere.event_state("gan").capacity == 40
    with other.write() as tx:
        assert tx.event_state("gan").capacity == 7
    other.close()


def test_a_transaction_inside_a_transaction_is_an_error(opened):
    """Its commit would be the outer one's; savepoint() is there for that."""
    with opened.write() as tx, pytest.raises(StoreError, match="savepoint"), opened.write():
        pytest.fail("a transaction in a transaction")
    with opened.read() as tx:
        assert tx.event_state("gan")


def test_threads_that_share_a_store_take_turns(opened, make, now):
    """No transaction gets another one's rows."""

    def work(name):
        for number in range(20):
            with opened.write() as tx:
                tx.keep([make.incoming(f"{name}-{number}")], now)

    with ThreadPoolExecutor() as threads:
        list(threads.map(work, "abcd"))
    with opened.read() as tx:
        assert len(tx.mails()) == 80


def test_a_thread_that_waits_too_long_is_busy(path):
    """The connection is held by somebody else."""
    store = SqliteStore.open(path, busy=SOON)
    store.migrate()

    def work():
        with store.write():
            pytest.fail("two writers at once")

    with store.write(), ThreadPoolExecutor() as threads, pytest.raises(Busy):
        threads.submit(work).result()
    store.close()


def test_a_full_disk_changes_nothing(opened, make, now):
    """SQLite rolls back by itself then; the error comes out as it is and the store goes on."""
    sql = opened.database.conn
    pages = sql.execute("PRAGMA page_count").fetchone()[0]
    sql.execute(f"PRAGMA max_page_count = {pages + 4}").fetchall()
    with pytest.raises(sqlite3.OperationalError, match="full"), opened.write() as tx, tx.savepoint():
        tx.keep([make.incoming(octets=b"x" * 100_000)], now)
    sql.execute("PRAGMA max_page_count = 1000000").fetchall()
    with opened.write() as tx:
        assert tx.mails() == ()
        tx.keep([make.incoming(octets=b"x" * 100_000)], now)


def test_a_url_names_a_file_in_the_state_folder(tmp_path):
    """Made with a mode that keeps other people out; any other kind of store is a clear error."""
    store = open_store("sqlite:mailflow.db", tmp_path)
    store.migrate()
    store.close()
    assert stat.S_IMODE((tmp_path / "mailflow.db").stat().st_mode) == 0o600
    for url in ("postgresql://localhost/x", "mailflow.db", "sqlite:", "sqlite:x?mode=memory"):
        with pytest.raises(ValueError, match="sqlite:FILE"):
            open_store(url, tmp_path)
    with pytest.raises(StoreError):
        open_store("sqlite:no/such/folder.db", tmp_path)


def test_a_file_that_is_no_database_is_a_clear_error(path):
    """And it is left as it was."""
    path.write_bytes(b"not a database, but long enough to look at\n" * 100)
    with pytest.raises(StoreError, match="not a database"):
        SqliteStore.open(path)


def test_a_read_only_store_works_after_a_clean_stop_and_changes_nothing(opened, path, tmp_path):
    """WAL and read-only readers do not get on by themselves (trap 22); a missing file is not made."""
    opened.close()
    reader = open_store("sqlite:mailflow.db", tmp_path, read_only=True)
    with reader.read() as tx:
        assert tx.event_state("gan") is not None
    with pytest.raises(sqlite3.OperationalError), reader.write() as tx:
        tx.set_capacity("gan", 1)
    reader.close()
    with pytest.raises(StoreError):
        open_store("sqlite:other.db", tmp_path, read_only=True)
    assert not (tmp_path / "other.db").exists()


def test_a_backup_copy_is_whole_while_others_write(opened, path, tmp_path):
    """What was committed is in it, in one file that only its owner may read."""
    to = tmp_path / "copy.db"
    with opened.write() as tx:
        tx.set_capacity("gan", 1)
        backup_copy(path, to)
    assert stat.S_IMODE(to.stat().st_mode) == 0o600
    assert sorted(file.name for file in tmp_path.glob("copy*")) == ["copy.db"]
    copy = SqliteStore.open(to)
    with copy.read() as tx:
        assert tx.event_state("gan").capacity == 40
    copy.close()
    with pytest.raises(FileExistsError):
        backup_copy(path, to)
    with pytest.raises(FileNotFoundError):
        backup_copy(tmp_path / "none.db", tmp_path / "x.db")
    assert not (tmp_path / "x.db").exists()


def test_times_compare_as_text(now):
    """Fixed width, whatever the zone and the fraction."""
    whole = now.replace(microsecond=0)
    assert text_of(whole) == "2019-08-20T09:30:00.000000Z" < text_of(now)
    assert moment_of(text_of(now)) == now
