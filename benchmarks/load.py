"""What stands around the server that is measured, each in a process of its own: the senders, the relay, the yardstick.

All three are asyncio protocols without streams, so that on two cores most of the time is the server's.
"""

# ruff: noqa: ARG002  # protocols have the signatures that asyncio calls

import asyncio
import multiprocessing
import time
import warnings
from collections import deque
from dataclasses import dataclass

_END = b"\r\n.\r\n"
_OFFERED = b"250-sink.example\r\n250-PIPELINING\r\n250-SIZE 10240000\r\n250-ENHANCEDSTATUSCODES\r\n250 8BITMIME\r\n"
_CONTEXT = multiprocessing.get_context("fork")


@dataclass(frozen=True, slots=True)
class Sent:
    """One mail as its sender saw it. Times are `time.monotonic()`, which all processes of a machine share."""

    sender: str
    began: float
    answered: float
    reply: str


@dataclass(frozen=True, slots=True)
class Arrived:
    """One letter as the relay saw it."""

    to: str
    at: float
    kind: str
    signed: bool


class Process:
    """A process that answers questions over a pipe; the first thing it says is its port (or None)."""

    def __init__(self, main, *arguments):
        self._pipe, theirs = _CONTEXT.Pipe()
        self._process = _CONTEXT.Process(target=_run, args=(main, theirs, *arguments), daemon=True)
        self._process.start()
        theirs.close()
        self.pid = self._process.pid
        self.port = self._pipe.recv()

    def ask(self, *question):
        self._pipe.send(question)
        return self._pipe.recv()

    def end(self):
        self._pipe.send(None)
        self._process.join(5)
        self._process.kill()


def _run(main, pipe, *arguments):
    warnings.simplefilter("ignore")
    asyncio.run(main(pipe, *arguments))


async def _questions(pipe):
    """The other side's questions, until it sends None. The loop is never held up by waiting for one."""
    loop = asyncio.get_running_loop()
    while True:
        ready = asyncio.Event()
        loop.add_reader(pipe.fileno(), ready.set)
        await ready.wait()
        loop.remove_reader(pipe.fileno())
        question = pipe.recv()
        if question is None:
            return
        yield question


# The senders


class _Sender(asyncio.Protocol):
    """One mail after the other, command by command; a new connection after `per_connection` of them."""

    def __init__(self, load):
        self.load = load
        self.rest = b""
        self.sent = 0
        self.mail = None
        self.began = 0.0
        self.step = self.greeted

    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        self.rest += data
        while (end := self.rest.find(b"\r\n")) >= 0:
            line, self.rest = self.rest[:end], self.rest[end + 2 :]
            if line[3:4] != b"-":
                self.step(line)

    def connection_lost(self, error):
        if self.mail is not None:
            self.load.answered(self.mail, self.began, f"lost: {error}")
        self.load.closed()

    def say(self, octets, step):
        self.step = step
        self.transport.write(octets)

    def greeted(self, line):
        self.say(b"EHLO sender.example\r\n", self.next)

    def next(self, line):
        if self.load.pause:
            asyncio.get_running_loop().call_later(self.load.pause, self.take)
        else:
            self.take()

    def take(self):
        self.mail = self.load.take() if self.sent < self.load.per_connection else None
        if self.mail is None:
            self.say(b"QUIT\r\n", self.bye)
            return
        self.sent += 1
        self.began = time.monotonic()
        self.say(b"MAIL FROM:<%b>\r\n" % self.mail[0].encode(), self.mailed)

    def mailed(self, line):
        self.say(b"RCPT TO:<%b>\r\n" % self.load.to, self.named) if line[:1] == b"2" else self.over(line)

    def named(self, line):
        self.say(b"DATA\r\n", self.data) if line[:1] == b"2" else self.over(line)

    def data(self, line):
        self.say(self.mail[1] + b".\r\n", self.over) if line[:1] == b"3" else self.over(line)

    def over(self, line):
        self.load.answered(self.mail, self.began, line.decode())
        self.mail = None
        if line[:1] == b"2":
            self.next(line)
        else:
            self.transport.close()

    def bye(self, line):
        self.transport.close()


class _Load:
    def __init__(self, port, to, mails, connections, per_connection, pause):
        self.port, self.to, self.per_connection, self.pause = port, to.encode(), per_connection, pause
        self.waiting = deque(mails)
        self.connections = min(connections, len(mails))
        self.open = 0
        self.dialling = set()
        self.sent = []
        self.done = asyncio.get_running_loop().create_future()

    def take(self):
        return self.waiting.popleft() if self.waiting else None

    def answered(self, mail, began, reply):
        self.sent.append(Sent(mail[0], began, time.monotonic(), reply))

    def closed(self):
        self.open -= 1
        self.dial()

    def dial(self):
        while self.waiting and self.open < self.connections:
            self.open += 1
            task = asyncio.ensure_future(self.connect())
            self.dialling.add(task)
            task.add_done_callback(self.dialling.discard)
        if not self.waiting and not self.open and not self.done.done():
            self.done.set_result(None)

    async def connect(self):
        try:
            await asyncio.get_running_loop().create_connection(lambda: _Sender(self), "127.0.0.1", self.port)
        except OSError as error:
            if not self.done.done():
                self.done.set_exception(error)


async def senders(pipe):
    """Asked (port, to, mails, connections, per_connection, pause), answers with a list of Sent.

    `mails` are pairs of sender and content, ready for the wire; `pause` seconds lie between two of one connection.
    """
    pipe.send(None)
    async for question in _questions(pipe):
        load = _Load(*question)
        load.dial()
        await load.done
        pipe.send(load.sent)


# The relay


class _Relayed(asyncio.Protocol):
    """Takes everything. It offers what Postfix offers, but STARTTLS: that would measure OpenSSL."""

    def __init__(self, letters):
        self.letters = letters
        self.rest = b""
        self.data = False
        self.to = ""

    def connection_made(self, transport):
        self.transport = transport
        transport.write(b"220 sink.example ESMTP\r\n")

    def data_received(self, data):
        self.rest += data
        while True:
            mark = _END if self.data else b"\r\n"
            end = self.rest.find(mark)
            if end < 0:
                return
            found, self.rest = self.rest[:end], self.rest[end + len(mark) :]
            self.transport.write(self.letter(found) if self.data else self.command(found))

    def command(self, line):
        verb = line[:4].upper()
        if verb == b"EHLO":
            return _OFFERED
        if verb == b"RCPT":
            self.to = line.partition(b"<")[2].partition(b">")[0].decode()
        if verb == b"DATA":
            self.data = True
            return b"354 go\r\n"
        return b"221 2.0.0 bye\r\n" if verb == b"QUIT" else b"250 2.0.0 ok\r\n"

    def letter(self, content):
        self.data = False
        head = content[: content.find(b"\r\n\r\n") + 2]
        kind = head.partition(b"X-Mailflow: letter=")[2].partition(b";")[0].decode()
        self.letters.append(Arrived(self.to, time.monotonic(), kind, b"DKIM-Signature:" in head))
        return b"250 2.0.0 queued\r\n"


async def relay(pipe):
    """Asked ("count",) or ("letters",): how many have come, or all of them."""
    letters = []
    server = await asyncio.get_running_loop().create_server(lambda: _Relayed(letters), "127.0.0.1", 0, backlog=1000)
    pipe.send(server.sockets[0].getsockname()[1])
    async for question in _questions(pipe):
        pipe.send(len(letters) if question[0] == "count" else letters)


# The yardstick


class _Accept:
    async def handle_DATA(self, server, session, envelope):  # noqa: N802  aiosmtpd calls it so
        return "250 2.0.0 OK"


async def bare(pipe):
    """aiosmtpd as it comes, with a handler that keeps nothing. Asked ("cpu",): seconds of CPU so far."""
    from aiosmtpd.smtp import SMTP  # noqa: PLC0415  the yardstick is not needed by everybody

    loop, handler = asyncio.get_running_loop(), _Accept()
    server = await loop.create_server(
        lambda: SMTP(handler, loop=loop, hostname="bare.example", enable_SMTPUTF8=True), "127.0.0.1", 0, backlog=1000
    )
    pipe.send(server.sockets[0].getsockname()[1])
    async for _ in _questions(pipe):
        pipe.send(time.process_time())
