"""The octets of one session: commands line by line, then data up to its end, then commands again."""

import asyncio

from mailflow.wire.data import Collector
from mailflow.wire.proxy import Announced, ProxyError, parse_proxy

# A line may grow to this; and more than twice this is never held while a command is worked on.
_FLOOD = 64 * 1024


class FloodError(Exception):
    """64 KiB without a line end: no mail program."""


class Lines:
    """Fed by the protocol, read by the session's task. One reader at a time.

    asyncio's StreamReader would do for commands. For data it would wake the task for each packet, and cannot find
    an end of data that shares its first CRLF with the command before.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._rest = bytearray()
        self._searched = 0
        self._waiter: asyncio.Future[None] | None = None
        self._transport: asyncio.Transport | None = None
        self._paused = False
        # Whether the peer has said that nothing more will come.
        self.ended = False
        self.collector: Collector | None = None

    def start(self, transport: asyncio.Transport) -> None:
        """Read from `transport`; what came over another one before is forgotten (RFC 3207 §6)."""
        self.forget()
        self._transport = transport

    def forget(self) -> None:
        """Throw away what has come, and hear on: a handshake cannot begin on a line that is held back."""
        self._rest.clear()
        self._searched = 0
        self._resume()

    def feed(self, octets: bytes) -> None:
        if self.collector is not None:
            rest = self.collector.feed(octets)
            if rest is None:
                return
            self.collector = None
            octets = rest
        self._rest += octets
        if len(self._rest) > 2 * _FLOOD and not self._paused and self._transport is not None:
            self._transport.pause_reading()
            self._paused = True
        self._wake()

    def end(self) -> None:
        """Nothing more will come."""
        self.ended = True
        self._wake()

    async def header(self) -> Announced:
        """What a proxy says before everything else, taken away from what follows. Raises ProxyError."""
        while True:
            announced = parse_proxy(bytes(self._rest))
            if announced is not None:
                del self._rest[: announced.octets]
                self._resume()
                return announced
            if self.ended:
                raise ProxyError("an end")
            await self._more()

    async def line(self) -> bytes | None:
        """The next command without its CRLF, blanks at its end cut off; None when no more can come.

        Only CRLF ends a command: a bare LF stays inside, for the session to refuse, so that no two programs count
        the commands differently. Raises FloodError.
        """
        while True:
            at = self._rest.find(b"\r\n", self._searched)
            if at >= 0:
                line = bytes(self._rest[:at])
                del self._rest[: at + 2]
                self._searched = 0
                self._resume()
                return line.rstrip(b" \t")
            if len(self._rest) > _FLOOD:
                raise FloodError
            if self.ended:
                return None
            self._searched = max(len(self._rest) - 1, 0)
            await self._more()

    async def data(self, collector: Collector) -> bool:
        """Fill `collector` up to the end of data; False when the connection ended before that."""
        rest = collector.feed(bytes(self._rest))
        self._rest.clear()
        self._searched = 0
        self._resume()
        if rest is not None:
            self._rest += rest
            return True
        self.collector = collector
        while not collector.closed:
            if self.ended:
                self.collector = None
                return False
            await self._more()
        return True

    async def _more(self) -> None:
        self._waiter = self._loop.create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def _resume(self) -> None:
        if self._paused and len(self._rest) <= _FLOOD and self._transport is not None:
            self._paused = False
            if not self._transport.is_closing():
                self._transport.resume_reading()
