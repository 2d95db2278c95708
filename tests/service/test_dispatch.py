"""Carrying letters away: how much is under way at once."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest

from mailflow.mail.address import parse_address
from mailflow.mail.reply import Reply
from mailflow.service.dispatch import Dispatcher
from mailflow.service.scribe import Scribe
from mailflow.store import memory_store
from mailflow.store.protocol import Outgoing

ADA = parse_address("ada@example.org")


class Held:
    """A courier whose other side is slow: it takes nothing before it is let go."""

    def __init__(self):
        self.go = asyncio.Event()
        self.sizes = []

    async def deliver(self, reverse_path, to, content):
        self.sizes.append(len(content))
        await self.go.wait()
        return Reply(250, "2.0.0", "taken")

    async def close(self):
        pass


@pytest.fixture
async def scribe():
    store = memory_store()
    one = Scribe(store)
    yield one
    await one.close()


async def post(scribe, now, *sizes):
    def letters(writer):
        for size in sizes:
            number = writer.next_letter()
            writer.post(
                Outgoing(number, f"R{number}", "registered", "gan", None, ADA, None, f"<{number}@x>", "", "en",
                         b"x" * size, now)
            )  # fmt: skip

    await scribe.write(letters)


async def test_octets_under_way_are_bounded(site, scribe):
    """What a slow relay holds up stays on disk; one letter that is larger than the bound goes all the same, alone."""
    house, courier = site.service.house, Held()
    with ThreadPoolExecutor(1) as threads:
        dispatcher = Dispatcher(lambda: house, scribe, lambda: courier, lambda: None, threads, octets=100)
        await post(scribe, house.now(), 60, 40, 1, 500)
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
