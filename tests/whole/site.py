"""A whole site in a folder, the processes that serve it, and people who write to it."""

import os
import signal
import smtplib
import sqlite3
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

from mailflow.model.seal import new_key
from mailflow.proof.signer import new_key as new_dkim_key

# One moment for all mails of a run: whoever sends a mail again sends the same octets.
NOW = datetime.now(UTC)
DOMAIN = "events.test.example"
BORDER = "mx.test.example"
EVENT = "gan"

# The border vouches for everybody (Authentication-Results), and nobody else does: no test asks DNS for anything.
CONFIG = """\
[site]
domain = "{domain}"
name = "AIML@LU"
contact = "desk@test.example"
timezone = "Europe/Stockholm"

[intake]
listen = ["127.0.0.1:0"]
hostname = "{border}"

[trust]
authserv_ids = ["{border}"]
verify_dkim = false

[outgoing]
relay = "smtp://127.0.0.1:{relay}"
retry = ["1 s"]
give_up = "{give_up}"

[log]
addresses = "plain"

[health]
listen = ""
"""

EVENT_FILE = """\
title = {{ en = "The rise of creative machines" }}
languages = ["en"]
timezone = "Europe/Stockholm"
starts = {starts}
ends = {ends}

[venue]
name = "Eden 236"
city = "Lund"

[registration]
capacity = {seats}

[[organiser]]
name = "Kim Ek"
address = "kim.ek@test.example"
"""


@dataclass(slots=True)
class Running:
    """One `mailflow serve`. Ended by its own pid, never by name."""

    process: subprocess.Popen
    log_file: Path
    begun_seconds: float
    port: int = 0

    @property
    def pid(self):
        return self.process.pid

    @property
    def log(self):
        return self.log_file.read_text(encoding="utf-8")

    def wait_log(self, words, seconds=10.0, times=1):
        """Until the log has these words so many times."""
        return until(lambda: self.log.count(words) >= times, seconds)

    def hang_up(self):
        self.process.send_signal(signal.SIGHUP)

    def terminate(self, seconds=40.0):
        """TERM, and the exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(seconds)

    def kill(self):
        self.process.kill()
        self.process.wait(10)


@dataclass(slots=True)
class Site:
    """A temporary site. Its relay is the sink."""

    folder: Path
    relay: int
    seats: int = 40
    give_up: str = "3 days"
    running: list[Running] = field(default_factory=list)

    def lay_out(self):
        (self.folder / "events").mkdir(parents=True)
        for name, octets in (("secret.key", new_key(os.urandom(32)).encode()), ("dkim.key", new_dkim_key())):
            path = self.folder / name
            path.touch(mode=0o600)
            path.write_bytes(octets)
        text = CONFIG.format(domain=DOMAIN, border=BORDER, relay=self.relay, give_up=self.give_up)
        self.config.write_text(text, encoding="utf-8")
        self.write_event(seats=self.seats)
        return self

    @property
    def config(self):
        return self.folder / "mailflow.toml"

    @property
    def database(self):
        return self.folder / "mailflow.db"

    @property
    def event_file(self):
        return self.folder / "events" / f"{EVENT}.toml"

    def write_event(self, *, seats):
        """The event is two months ahead, whenever the tests run."""
        day = (NOW + timedelta(days=60)).date()
        text = EVENT_FILE.format(starts=f"{day}T12:30:00", ends=f"{day}T16:00:00", seats=seats)
        self.event_file.write_text(text, encoding="utf-8")

    def launch(self):
        """Start one more `serve`; `ready` waits for it."""
        log = self.folder / f"serve{len(self.running)}.log"
        with log.open("wb") as stream:
            process = subprocess.Popen(
                [sys.executable, "-m", "mailflow", "serve", "--config", str(self.config)],
                stdout=stream, stderr=stream, stdin=subprocess.DEVNULL, env=environment(),
            )  # fmt: skip
        one = Running(process, log, time.monotonic())
        self.running.append(one)
        return one

    def ready(self, one, seconds=20.0):
        """Wait for its "service=started … listen=…", which says the port."""
        found = until(lambda: "service=started" in one.log or one.process.poll() is not None, seconds)
        assert found, one.log
        assert one.process.poll() is None, one.log
        line = next(line for line in one.log.splitlines() if "service=started" in line)
        one.port = int(line.partition("listen=127.0.0.1:")[2].split()[0])
        return one

    def serve(self):
        return self.ready(self.launch())

    def stop(self):
        """End what the test has left running."""
        for one in self.running:
            if one.process.poll() is None:
                one.kill()

    def cli(self, *words, check=True):
        """A verb beside the running service; its stdout."""
        done = subprocess.run(
            [sys.executable, "-m", "mailflow", *words, "--config", str(self.config)],
            capture_output=True, text=True, env=environment(), timeout=30, check=False,
        )  # fmt: skip
        assert not check or done.returncode == 0, (words, done.returncode, done.stderr)
        return done

    def rows(self, select, *values):
        """Rows as the operator would see them: a second connection to the file."""
        with closing(sqlite3.connect(f"{self.database.as_uri()}?mode=ro", uri=True, timeout=10)) as connection:
            connection.row_factory = sqlite3.Row
            return connection.execute(select, values).fetchall()

    def one(self, select, *values):
        return self.rows(select, *values)[0][0]

    def idle(self, seconds=30.0):
        """Wait until every mail has an end and every letter is gone or given up."""
        select = """SELECT (SELECT count(*) FROM inbox WHERE next_attempt IS NOT NULL)
          + (SELECT count(*) FROM outbox WHERE next_attempt IS NOT NULL)"""
        return until(lambda: self.one(select) == 0, seconds)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with an address of their own, whom the border vouches for."""

    name: str

    @property
    def address(self):
        return f"{self.name}@people.test.example"

    def mail(self, subject="register", trace=""):
        """One mail: asking again gives the same octets, but for the trace fields on top."""
        text = f"""\
{trace}Authentication-Results: {BORDER}; dmarc=pass header.from=people.test.example
From: {self.name.title()} Test <{self.address}>
To: {EVENT}@{DOMAIN}
Subject: {subject}
Date: {format_datetime(NOW)}
Message-ID: <{subject.replace(" ", ".")}.{self.name}@people.test.example>

{subject}
"""
        return text.replace("\n", "\r\n").encode()


def people(count, prefix="p"):
    return [Person(f"{prefix}{number:03}") for number in range(count)]


def send(port, *mails):
    """Over one connection, each (address, octets) in turn. Raises what smtplib raises when one is not taken."""
    with smtplib.SMTP("127.0.0.1", port, timeout=15) as client:
        for address, octets in mails:
            client.sendmail(address, [f"{EVENT}@{DOMAIN}"], octets)


def send_at_once(ports, mails):
    """All mails, spread over one connection for each entry of `ports`, at the same time."""
    shares = [mails[start :: len(ports)] for start in range(len(ports))]
    with ThreadPoolExecutor(len(ports)) as threads:
        for done in [threads.submit(send, port, *share) for port, share in zip(ports, shares, strict=True)]:
            done.result()


def until(true, seconds=10.0, every=0.02):
    """Wait for something to become true; whether it did."""
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            return False
        time.sleep(every)
    return True


def environment():
    """Ours without what would change a site's configuration or the log's form."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MAILFLOW_")}
    for name in ("JOURNAL_STREAM", "NOTIFY_SOCKET", "CREDENTIALS_DIRECTORY", "PYTHONWARNINGS"):
        kept.pop(name, None)
    return kept


def resident_kib(pid):
    """VmRSS of a process."""
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    return 0


def children(pid):
    """Pids of the processes that it has started, with their command lines."""
    found = {}
    for task in Path(f"/proc/{pid}/task").iterdir():
        with suppress(OSError):
            for child in (task / "children").read_text(encoding="ascii").split():
                command = Path(f"/proc/{child}/cmdline").read_bytes().replace(b"\0", b" ")
                found[int(child)] = command.decode("utf-8", "replace")
    return found
