"""A door that answers by the name that is written to, and remembers what it was given."""

import asyncio
import contextlib
from datetime import timedelta
from ipaddress import ip_network

from mailflow.mail.reply import ACCEPTED, TRY_LATER, Reply
from mailflow.wire.door import DoorLimits
from mailflow.wire.smtp import listen

UNKNOWN = Reply(550, "5.1.1", "No such event here")
ELSEWHERE = Reply(550, "5.7.1", "Not ours")
LOOP = Reply(554, "5.4.6", "Loop")
FULL = Reply(452, "4.3.1", "Not enough room, try again later")
LOOPBACK = (ip_network("127.0.0.0/8"), ip_network("::1"))


class Desk:
    """`gan`, `postmaster`, `abuse`, `ten0`…: taken. `busy`: 451. `loop`: 554. `crash`, `boom`: an exception."""

    def __init__(self):
        self.taken = []
        self.full = False
        self.go = asyncio.Event()
        self.go.set()
        self.begun = asyncio.Event()

    def welcome(self, path):
        if path.local == "crash":
            raise RuntimeError("secret of the house")
        if path.domain != "events.example.org":
            return ELSEWHERE
        known = path.local.startswith("ten") or path.local in {"gan", "Gan", "busy", "loop", "boom", "postmaster", "abuse", "göran"}
        return None if known else UNKNOWN

    def ready(self):
        return FULL if self.full else None

    async def receive(self, envelope, content):
        self.begun.set()
        await self.go.wait()
        if any(path.local == "boom" for path in envelope.forward_paths):
            raise RuntimeError("secret of the house")
        self.taken.append((envelope, content))
        answers = {"busy": TRY_LATER, "loop": LOOP}
        return tuple(answers.get(path.local, ACCEPTED) for path in envelope.forward_paths)


@contextlib.asynccontextmanager
async def opened(desk, *, direct=False, protocol="smtp", where="127.0.0.1:0", limits=None, grace=timedelta(seconds=1), **more):
    """The desk behind a real socket; `relay` by allowing the loopback address, else direct."""
    allow = more.pop("allow", () if direct else LOOPBACK)
    listening = await listen(
        where, desk, limits or DoorLimits(), protocol=protocol, hostname="mx.example.org", allow=allow,
        domain="events.example.org", **more,
    )
    try:
        yield listening
    finally:
        await listening.close(grace)


class Client:
    """A peer that says exactly what it is told to."""

    def __init__(self, reader, writer):
        self.reader, self.writer = reader, writer

    @classmethod
    async def to(cls, where):
        if where.startswith("unix:"):
            return cls(*await asyncio.open_unix_connection(where[5:]))
        host, _, port = where.rpartition(":")
        return cls(*await asyncio.open_connection(host.strip("[]"), int(port)))

    async def hear(self):
        """One whole reply, its lines joined; "" when the connection has ended."""
        lines = []
        while True:
            try:
                line = await asyncio.wait_for(self.reader.readline(), 5)
            except ConnectionError:
                line = b""
            lines.append(line.decode().removesuffix("\r\n"))
            if lines[-1][3:4] != "-":
                return "\n".join(lines)

    async def say(self, *lines):
        """Each line with CRLF, in one write; the reply to the last."""
        self.send("".join(f"{line}\r\n" for line in lines).encode())
        return [await self.hear() for _ in lines][-1]

    def send(self, octets):
        self.writer.write(octets)

    async def greeted(self, hello="EHLO me.example"):
        await self.hear()
        await self.say(hello)
        return self

    async def begin(self, *to, sender="ada@example.org"):
        """MAIL, RCPT for each of `to`, DATA up to 354."""
        await self.say(f"MAIL FROM:<{sender}>", *(f"RCPT TO:<{path}>" for path in to or ("gan@events.example.org",)))
        reply = await self.say("DATA")
        assert reply.startswith("354"), reply

    async def letter(self, octets, *to):
        await self.begin(*to)
        self.send(octets + b".\r\n")
        return await self.hear()

    async def close(self):
        self.writer.close()
        with contextlib.suppress(ConnectionError):
            await self.writer.wait_closed()


async def until(there):
    """Come back when it is so; what the other side of a socket does has no event of its own here."""
    async with asyncio.timeout(5):
        while not there():  # as above
            await asyncio.sleep(0.005)
