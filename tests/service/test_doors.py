"""The ways in: when one cannot be had, what they show, and when they are shut for a while."""

import asyncio
import io
import shutil
import sqlite3
import ssl
from dataclasses import replace
from datetime import timedelta

import pytest
import trustme

from mailflow.cli.failures import failure_of
from mailflow.config.find import Whereabouts
from mailflow.config.load import load
from mailflow.journal import Journal
from mailflow.service.doors import CertificateError, certified, named
from mailflow.service.opening import build_house
from mailflow.service.receive import Reception, disk_low
from mailflow.service.scribe import Scribe
from mailflow.store.protocol import Busy
from mailflow.store.sqlite import SqliteStore
from mailflow.wire.door import DoorLimits
from mailflow.wire.smtp import listen
from tests.wire.desk import Client


def test_an_address_in_use_is_said_with_its_key():
    """Health and intake both listen; the sentence says which of the two, where, and why."""
    with pytest.raises(OSError, match="Address already in use") as caught, named("health.listen", "127.0.0.1:8080"):
        raise OSError(98, "error while attempting to bind on address ('127.0.0.1', 8080): address already in use")
    assert failure_of(caught.value).text == "health.listen: 127.0.0.1:8080: Address already in use"


def test_what_has_no_number_keeps_its_words():
    """A place that is refused by ourselves has only words."""
    with pytest.raises(OSError, match="nobody is there"), named("intake.listen", "systemd:smtp"):
        raise OSError("nobody is there")


def write_certificate(site, authority, name="mx.test.example"):
    issued = authority.issue_cert(name)
    issued.cert_chain_pems[0].write_to_path(site.folder / "cert.pem")
    (site.folder / "key.pem").write_bytes(issued.private_key_pem.bytes())
    (site.folder / "key.pem").chmod(0o600)


async def greeted(site):
    return await (await Client.to(site.service.where[0])).greeted()


async def secured(site, authority):
    """The client, and the serial number of what it was shown."""
    client = await greeted(site)
    assert await client.say("STARTTLS") == "220 Ready to start TLS"
    context = ssl.create_default_context()
    authority.configure_trust(context)
    await client.writer.start_tls(context, server_hostname="mx.test.example")
    return client, client.writer.get_extra_info("peercert")["serialNumber"]


TLS = 'tls_cert_file = "cert.pem"\ntls_key_file = "key.pem"\n'


async def test_certificates_are_read_again_on_hup_and_nobody_is_dropped(make_site):
    """New sessions see the new one; who is in the middle of a session stays; a broken one changes nothing."""
    site, authority, log = await make_site(), trustme.CA(), io.StringIO()
    plain = await greeted(site)
    assert (await plain.say("STARTTLS"))[:3] == "502"
    file = site.folder / "mailflow.toml"
    file.write_text(file.read_text().replace("[intake]\n", f"[intake]\n{TLS}"))

    def reload():
        config = load(Whereabouts(file, site.folder, "test"), {})
        house = build_house(config, site.keys, site.clock)
        return replace(house, journal=Journal(log, "text", "info", str)), site.keys

    site.service.reload = reload
    write_certificate(site, authority)
    await site.service.reread()
    first, serial = await secured(site, authority)
    write_certificate(site, authority)
    await site.service.reread()
    second, other = await secured(site, authority)
    assert serial != other
    (site.folder / "cert.pem").write_text("no certificate")
    await site.service.reread()
    assert "service=not-reloaded" in log.getvalue()
    assert "intake.tls_cert_file" in log.getvalue()
    third, kept = await secured(site, authority)
    assert kept == other
    assert "restart-for" not in log.getvalue()
    for client in (plain, first, second, third):
        await client.say("EHLO x")
        assert await client.letter(b"Subject: register\r\n\r\n", "gan@events.test.example") == "250 2.0.0 Accepted"
        await client.close()


async def test_a_certificate_with_another_key_is_said_at_the_start(make_site):
    """The key of the configuration, the file, and why."""
    site, authority = await make_site(), trustme.CA()
    write_certificate(site, authority)
    (site.folder / "key.pem").write_bytes(authority.issue_cert("x.example").private_key_pem.bytes())
    intake = replace(site.config.intake, tls_cert_file=site.folder / "cert.pem", tls_key_file=site.folder / "key.pem")
    with pytest.raises(CertificateError) as caught:
        certified(intake)
    words = failure_of(caught.value).text
    assert words.startswith(f"intake.tls_cert_file: {site.folder}/cert.pem: not a certificate")
    assert "KEY_VALUES_MISMATCH" in words


async def test_a_locked_database_is_452_before_the_data(site):
    """The mail that finds it out is asked for again, the next ones are before they are sent; then it is tried again."""
    store = SqliteStore.open(site.folder / "mailflow.db", busy=timedelta(seconds=0.05))
    scribe = Scribe(store)
    reception = Reception(lambda: site.service.house, scribe, lambda: None)
    other = sqlite3.connect(site.folder / "mailflow.db", isolation_level=None)
    door = await listen(
        "127.0.0.1:0", reception, DoorLimits(), protocol="smtp", hostname="x", allow=site.config.intake.allow
    )
    client = await (await Client.to(door.where)).greeted()
    letter, to = b"Subject: register\r\n\r\n", "gan@events.test.example"
    other.execute("BEGIN IMMEDIATE")
    assert await client.letter(letter, to) == "452 4.3.1 Busy, try again later"
    await client.say("MAIL FROM:<ada@example.org>", f"RCPT TO:<{to}>")
    assert await client.say("DATA") == "452 4.3.1 Busy, try again later"
    other.execute("ROLLBACK")
    # What the clock and the handler of a whole service do all the time: a commit that succeeds.
    await scribe.write(lambda writer: None)
    await client.say("RSET")
    assert await client.letter(letter, to) == "250 2.0.0 Accepted"
    await client.close()
    await door.close(timedelta(0))
    other.close()
    await scribe.close()


async def test_a_locked_database_is_tried_again_after_five_seconds(site, monkeypatch):
    """Where nothing but the door runs, the next mail finds out that the lock has gone."""
    loop = asyncio.get_running_loop()
    scribe = Scribe(SqliteStore.open(site.folder / "mailflow.db", busy=timedelta(seconds=0.05)))
    other = sqlite3.connect(site.folder / "mailflow.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(Busy):
        await scribe.write(lambda writer: None)
    assert scribe.locked()
    now = loop.time() + 5
    monkeypatch.setattr(loop, "time", lambda: now)
    assert not scribe.locked()
    monkeypatch.undo()
    other.close()
    await scribe.close()


@pytest.mark.parametrize(("free", "total", "low"), [(499, 100_000, True), (501, 100_000, False), (99, 1000, True), (101, 1000, False)])
def test_a_disk_is_low_under_a_tenth_and_under_half_a_gigabyte(monkeypatch, tmp_path, free, total, low):
    """Megabytes; the smaller of the two bounds counts."""
    usage = shutil._ntuple_diskusage(total * 1_000_000, 0, free * 1_000_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: usage)
    assert disk_low(tmp_path) is low


@pytest.mark.parametrize(
    ("fields", "reply", "state"),
    [
        (30 * "Received: by x\r\n", "250", "done"),
        (31 * "Received: by x\r\n", "554 5.4.6", "silent"),
        (301 * "X-A: b\r\n", "550 5.6.0", "refused"),
        ("X-A: " + "b" * 140_000 + "\r\n", "500 5.6.0", "refused"),
        (40 * ("X-A: " + "b" * 4000 + "\r\n"), "550 5.6.0", "refused"),
    ],
    ids=["30 hops", "31 hops", "301 fields", "a long line", "a long header"],
)
async def test_a_loop_and_a_header_over_a_limit(site, fields, reply, state):
    """Told to a stranger in the session; behind a relay it is kept without a letter, for a bounce would hit somebody else."""
    content = fields.encode() + site.write("ada@example.org", "register")
    reception = Reception(lambda: site.service.house, site.service.scribe, lambda: None)
    door = await listen("127.0.0.1:0", reception, DoorLimits(), protocol="smtp", hostname="x", allow=())
    client = await (await Client.to(door.where)).greeted()
    assert (await client.letter(content, "gan@events.test.example")).startswith(reply)
    await client.close()
    await door.close(timedelta(0))
    if reply == "250":
        return
    assert await site.read(lambda reader: reader.mails()) == ()
    answer = await site.mail("ada@example.org", content=content, signed=False)
    if reply.startswith("500"):
        assert str(answer).startswith(reply)  # no relay makes such a line, and RFC 5321 §4.5.3.1.6 is far below it
        return
    assert answer.ok
    assert (await site.last_mail()).state == state
    assert site.letters() == []
