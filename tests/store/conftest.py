"""Every test of the contract runs against each engine; a new engine joins by one line in ENGINES."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from mailflow.mail.address import Address
from mailflow.model.decision import Challenge, Saved
from mailflow.model.registration import Registration, Status
from mailflow.store.rows import Incoming, Outgoing, Verdict
from mailflow.store.sqlite import SqliteStore

ENGINES = {
    "sqlite-file": lambda folder: SqliteStore.open(folder / "mailflow.db"),
    "sqlite-memory": lambda folder: SqliteStore.open(":memory:"),
}
NOW = datetime(2019, 8, 20, 9, 30, 0, 123456, tzinfo=UTC)


@pytest.fixture(params=ENGINES)
def store(request, tmp_path):
    """An empty, migrated store with one event, gan."""
    opened = ENGINES[request.param](tmp_path)
    opened.migrate()
    with opened.write() as tx:
        tx.sync_event("gan", 40, None, None, "face", NOW)
    yield opened
    opened.close()


@pytest.fixture
def path(tmp_path):
    return tmp_path / "mailflow.db"


@pytest.fixture
def opened(path, now):
    with_event = SqliteStore.open(path)
    with_event.migrate()
    with with_event.write() as tx:
        tx.sync_event("gan", 40, None, None, "", now)
    yield with_event
    with_event.close()


@pytest.fixture
def now():
    return NOW


def _address(name):
    return Address(name, "example.org")


def _incoming(name="ada", *, fingerprint=None, path="gan", octets=b"From: ada\r\n\r\nregister\r\n", **rest):
    mail = Incoming(
        reverse_path=_address(name),
        forward_path=Address(path, "events.example.org"),
        event="gan",
        via="smtp",
        peer="192.0.2.1",
        relay=True,
        smtputf8=False,
        octets=octets,
        fingerprint=fingerprint or f"print of {name}",
    )
    return replace(mail, **rest)


def _registration(number=1, name="ada", status=Status.CONFIRMED, **rest):
    person = Registration(
        event="gan",
        number=number,
        code=f"CODE-{number}",
        address=_address(name),
        name=name.title(),
        status=status,
        language="en",
        since=NOW,
        registered_at=NOW,
    )
    return replace(person, **rest)


def _outgoing(number, **rest):
    letter = Outgoing(
        id=number,
        reference=f"REF{number:05}",
        kind="registered",
        event="gan",
        number=1,
        to=_address("ada"),
        reverse_path=Address("gan+b.x", "events.example.org"),
        message_id=f"<{number}@events.example.org>",
        subject="Registered",
        language="en",
        octets=b"To: ada\r\n\r\nhello\r\n",
        created=NOW,
    )
    return replace(letter, **rest)


def _challenge(name="C1", **rest):
    challenge = Challenge(
        id=name,
        event="gan",
        act="register",
        address=_address("ada"),
        number=1,
        created=NOW,
        expires=NOW + timedelta(hours=48),
        code_hash=f"hash of {name}",
        content_hash="hash of ada's request",
    )
    return replace(challenge, **rest)


@pytest.fixture(scope="session")
def make():
    """Values that a test changes only where it cares."""
    return SimpleNamespace(
        address=_address,
        incoming=_incoming,
        registration=_registration,
        outgoing=_outgoing,
        challenge=_challenge,
        new=lambda registration, what="registered": Saved(what, None, registration),
        done=Verdict("done", "registered", intent="register", proof="dkim"),
    )
