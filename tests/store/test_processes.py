"""Several processes on one file, and one that is killed."""

import signal
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def start(script, *arguments):
    """A process of its own, on our code."""
    return subprocess.Popen(
        [sys.executable, "-c", script, *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )


def finish(*processes):
    """What each has printed, once all have ended well."""
    ended = [process.communicate(timeout=60) for process in processes]
    assert [err for _, err in ended] == [""] * len(ended)
    return [out for out, _ in ended]


CRASH = """
import os, signal, sys
from datetime import datetime, UTC
from pathlib import Path
from mailflow.store.sqlite import SqliteStore
store = SqliteStore.open(Path(sys.argv[1]))
now = datetime(2019, 8, 20, tzinfo=UTC)
with store.write() as tx:
    tx.sync_event("kept", 1, None, None, "", now)
with store.write() as tx:
    tx.sync_event("lost", 1, None, None, "", now)
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_killed_process_loses_what_it_had_not_committed_and_nothing_else(opened, path):
    """Kill −9 in the middle of a transaction."""
    process = start(CRASH, path)
    process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL
    with opened.write() as tx:
        assert [tx.event_state(event) is None for event in ("gan", "kept", "lost")] == [False, False, True]


WORK = """
import sys
from datetime import datetime, timedelta, UTC
from pathlib import Path
from mailflow.mail.address import Address
from mailflow.store.rows import Incoming, Retry, Verdict
from mailflow.store.sqlite import SqliteStore
name, now = sys.argv[2], datetime(2019, 8, 20, tzinfo=UTC)
store = SqliteStore.open(Path(sys.argv[1]))
path = Address("gan", "example.org")
for number in range(40):
    with store.write() as tx:
        tx.event_state("gan")  # to read, then to write: a deferred transaction would fail here
        tx.keep([Incoming(None, path, "gan", "smtp", "", False, False, b"x", f"{name}-{number}")], now)
    with store.write() as tx:
        mails = tx.claim_mails(2, timedelta(minutes=5), now)
    for mail in mails:
        with store.write() as tx:
            tx.close_mail(mail.id, Verdict("done", "ok", "help", "dkim"), now)
        print(mail.id)
store.close()
"""


def test_processes_share_the_work_without_locking_each_other_out(opened, path):
    """Four of them write at once; no mail is handed out twice, none is forgotten (trap 1)."""
    printed = finish(*(start(WORK, path, name) for name in "abcd"))
    handled = [int(line) for out in printed for line in out.split()]
    assert len(handled) == len(set(handled))
    with opened.read() as tx:
        assert tx.metrics().messages == (("help", "dkim", len(handled)),)
        assert len(handled) + len(tx.mails(state="new")) == 160


MIGRATE = """
import sys
from pathlib import Path
from mailflow.store.sqlite import SqliteStore
store = SqliteStore.open(Path(sys.argv[1]), )
print(len(store.migrate()))
store.close()
"""


def test_four_processes_may_migrate_at_once(path):
    """One of them does it, the others find it done (trap 2)."""
    assert sorted(map(int, finish(*(start(MIGRATE, path) for _ in range(4))))) == [0, 0, 0, 1]
