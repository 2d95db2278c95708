"""Carrying letters away: how much is under way at once."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest

from mailflow.mail.address import parse_address
from mailflow.mail.reply import Reply
from mailflow.service.dispatch import Dispatcher
from mailflow.service.scribe import Scribe
from mailflow.store import memory_store
from mailflow.store.rows import Outgoing

ADA = parse_address("ada@example.org")


class Held:
    """A courier whose other side is slow: it takes nothing before it is let go."""

    def __init__(self):
        self.go = asyncio.Event()
        self.taken = []

    async def deliver(self, reverse_path, to, content):
        self.taken.append(content)
        await self.go.wait()
        return Reply(250, "2.0.0", "taken")

    @property
    def sizes(self):
        return [len(content) for content in self.taken]

    async def close(self):
        pass


@pytest.fixture
async def scribe():
    store = memory_store()
    one = Scribe(store)
    yield one
    await one.close()


async def post(scribe, now, *contents, kind="registered"):
    def letters(writer):
        for content in contents:
            number = writer.next_letter()
            writer.post(
                Outgoing(number, f"R{number}", kind, "gan", None, ADA, None, f"<{number}@x>", "", "en", content, now)
            )

    await scribe.write(letters)


@pytest.mark.parametrize("fields", [b"From: gan@events.test.example\r\nSubject: pay\r\n", b"Subject: x\r\n",
                                    b"From: a@x.example\r\nFrom: b@x.example\r\n", b""])  # fmt: skip
async def test_a_mail_that_is_passed_on_is_not_signed(site, scribe, fields):
    """Whoever writes to postmaster@ in our name gets no signature of ours; broken headers are passed on as well.

    What decides is what we know of the letter, never what stands in it.
    """
    house, courier = site.service.house, Held()
    courier.go.set()
    content = b"Received: by events.test.example (mailflow) id 7;\r\n Mon, 4 May 2026\r\n" + fields + b"\r\nPlease pay\r\n"
    ours = content.replace(fields, b"From: gan@events.test.example\r\n") if fields else content
    with ThreadPoolExecutor(1) as threads:
        signer = site.keys.signer
        dispatcher = Dispatcher(lambda: house, scribe, lambda: courier, lambda: signer, threads)
        await post(scribe, house.now(), content, kind="postmaster")
        if fields:
            await post(scribe, house.now(), ours)
        while await dispatcher.dispatch():
            pass
        await dispatcher.finish(5)
    assert courier.taken[0] == content
    assert [b"DKIM-Signature" in taken for taken in courier.taken[1:]] == [True] * bool(fields)


async def test_octets_under_way_are_bounded(site, scribe):
    """What a slow relay holds up stays on disk; one letter that is larger than the bound goes all the same, alone."""
    house, courier = site.service.house, Held()
    with ThreadPoolExecutor(1) as threads:
        dispatcher = Dispatcher(lambda: house, scribe, lambda: courier, lambda: None, threads, octets=100)
        await post(scribe, house.now(), *(b"x" * size for size in (60, 40, 1, 500)))
        assert await dispatcher.dispatch() == 2
        await asyncio.sleep(0)
        assert courier.sizes == [60, 40]
        assert await dispatcher.dispatch() == 1  # no room: come again
        await asyncio.sleep(0)
        assert courier.sizes == [60, 40]
        courier.go.set()
        while await dispatcher.dispatch():
            pass
        await dispatcher.finish(5)
    assert courier.sizes == [60, 40, 1, 500]
    async with asyncio.timeout(5):
        assert [entry.state for entry in await scribe.read(lambda reader: reader.letters())] == ["sent"] * 4
