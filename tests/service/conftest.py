"""A whole site in one process: real door, real database, real letters; the clock is a value the test moves."""

import asyncio
import os
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from mailflow.config.find import Whereabouts
from mailflow.config.load import load
from mailflow.mail.address import parse_address
from mailflow.mail.parse import parse
from mailflow.mail.reply import Reply
from mailflow.model.seal import find_challenge_codes, new_key
from mailflow.proof.signer import Signer, public_record
from mailflow.proof.signer import new_key as new_dkim_key
from mailflow.service.opening import build_house, load_keys, open_site_store
from mailflow.service.serve import Means, Service
from mailflow.service.study import examine, judge
from mailflow.wire.dns import TableResolver
from mailflow.wire.relay import Relay, RelayAddress

EVENT = """
title = { en = "The rise of creative machines", sv = "De kreativa maskinernas intåg" }
languages = ["en", "sv"]
timezone = "Europe/Stockholm"
starts = 2019-08-27T12:30:00
ends = 2019-08-27T16:00:00
[venue]
name = "Eden 236"
street = "Paradisgatan 5H"
city = "Lund"
[registration]
opens = 2019-08-01T08:00:00
closes = 2019-08-23T12:00:00
capacity = SEATS
[[question]]
id = "diet"
kind = "choices"
label = { en = "Diet", sv = "Specialkost" }
other = true
options = [ { id = "vegetarian", en = "vegetarian", sv = "vegetariskt" }, { id = "vegan", en = "vegan", sv = "veganskt" } ]
[[organiser]]
name = "Kim Ek"
address = "kim.ek@example.org"
language = "sv"
[[organiser]]
name = "Robin Berg"
address = "robin.berg@example.org"
language = "en"
digest = { when = "weekly" }
"""
CONFIG = """
[site]
domain = "events.test.example"
name = "AIML@LU"
contact = "desk@example.org"
timezone = "Europe/Stockholm"
[intake]
listen = ["127.0.0.1:0"]
[trust]
authserv_ids = ["mx.test.example"]
[outgoing]
relay = "capture:sent"
retry = ["1 min", "5 min"]
give_up = "1 day"
[log]
addresses = "plain"
[health]
listen = ""
"""


@pytest.fixture(scope="session")
def keys_pem():
    """Two RSA keys: the site's and that of the attendees' domain; made once, for they are slow."""
    return new_dkim_key(), new_dkim_key()


class HandClock:
    """Stands still until it is moved."""

    speed = 1.0

    def __init__(self, start):
        self.moment = start

    def now(self):
        return self.moment

    def forward(self, **delta):
        self.moment += timedelta(**delta)


class Collector:
    """A courier that keeps letters, and answers what it is told to."""

    def __init__(self):
        self.letters = []
        self.answer = lambda to: Reply(250, "2.0.0", "taken")

    async def deliver(self, reverse_path, to, content):
        reply = self.answer(to)
        if reply.ok:
            self.letters.append((reverse_path, to, content))
        return reply

    async def close(self):
        pass


class Inline:
    """Studies mail in this process; the worker process has tests of its own."""

    async def examine(self, tasks):
        return [examine(task) for task in tasks]

    async def judge(self, cases):
        return [judge(case) for case in cases]


class Site:
    """Everything a test does to a site, in one word each."""

    def __init__(self, folder, seats, keys_pem, config="", event=EVENT):
        (folder / "events").mkdir()
        (folder / "mailflow.toml").write_text(CONFIG + config)
        (folder / "events" / "gan.toml").write_text(event.replace("SEATS", str(seats)))
        for name, octets in (("secret.key", new_key(os.urandom(32)).encode()), ("dkim.key", keys_pem[0])):
            (folder / name).write_bytes(octets)
            (folder / name).chmod(0o600)
        self.folder = folder
        self.config = load(Whereabouts(folder / "mailflow.toml", folder, "test"), {})
        self.clock = HandClock(datetime(2019, 8, 20, 4, 30, tzinfo=UTC))
        self.keys = load_keys(self.config)
        self.courier = Collector()
        self.signer = Signer.load(keys_pem[1], "example.org", "s1")
        self.records = {"s1._domainkey.example.org": public_record(keys_pem[1]).encode()}
        self.count = 0
        self.to = "gan@events.test.example"

    async def start(self):
        store = open_site_store(self.config)
        store.migrate()
        house = build_house(self.config, self.keys, self.clock)
        means = Means(store, self.keys, TableResolver(self.records), self.courier, Inline())
        self.service = Service(house, means)
        await self.service.start()
        host, _, port = self.service.where[0].rpartition(":")
        self.client = Relay(RelayAddress(host, int(port)), connections=8)
        return self

    async def close(self):
        await self.client.close()
        await self.service.close()

    def write(self, sender, body="", *, subject="", headers=(), message_id=None, date=None):
        self.count += 1
        lines = [
            f"From: {sender}", f"To: {self.to}", f"Subject: {subject}",
            f"Date: {format_datetime(date or self.clock.now())}",
            f"Message-ID: <{message_id or f'{self.count}@example.org'}>", *headers,
            "MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: 8bit", "", body,
        ]  # fmt: skip
        return "\r\n".join(lines).replace("\r\n", "\n").replace("\n", "\r\n").encode() + b"\r\n"

    async def mail(self, sender, body="", *, signed=True, to=None, reverse_path="", content=None, settle=True, **more):
        content = content or self.write(sender, body, **more)
        if signed:
            content = self.signer.sign(content, self.clock.now())
        address = parse_address(sender.rpartition("<")[2].rstrip(">"))
        reverse = parse_address(reverse_path) if reverse_path else None if reverse_path is None else address
        reply = await self.client.deliver(reverse, parse_address(to or self.to), content)
        if settle and reply.ok:
            await self.settle()
        return reply

    async def settle(self):
        assert await self.service.idle(20)

    async def tick(self):
        await self.service._tick()
        await self.settle()

    def letters(self, to=None):
        return [parse(c) for _, a, c in self.courier.letters if to is None or str(a) == to]

    def kinds(self, to=None):
        return [kind_of(letter) for letter in self.letters(to)]

    def raw(self, to):
        return [content for _, a, content in self.courier.letters if str(a) == to]

    async def read(self, work):
        return await self.service.scribe.read(work)

    async def person(self, address):
        return await self.read(lambda reader: reader.registration_of("gan", parse_address(address)))

    async def last_mail(self):
        return (await self.read(lambda reader: reader.mails()))[0]

    def code(self, to):
        html = html_of(self.raw(to)[-1])
        return find_challenge_codes(html[html.find("mailto:") :][:2000].replace("%20", " "))[0]


def kind_of(letter):
    return (letter.header("x-mailflow") or "").partition("letter=")[2].partition(";")[0]


def html_of(content):
    import email

    return next(
        part.get_payload(decode=True).decode()
        for part in email.message_from_bytes(content).walk()
        if part.get_content_type() == "text/html"
    )


@pytest.fixture
async def site(tmp_path, keys_pem):
    """A site with two seats, 20 August 2019 06:30 in Stockholm: before the morning's digests."""
    one = await Site(tmp_path, 2, keys_pem).start()
    yield one
    await one.close()


@pytest.fixture
async def make_site(tmp_path, keys_pem):
    """Sites with other values."""
    made = []

    async def make(seats=2, **more):
        folder = tmp_path / str(len(made))
        folder.mkdir()
        made.append(await Site(folder, seats, keys_pem, **more).start())
        return made[-1]

    yield make
    await asyncio.gather(*(one.close() for one in made))
