"""One connection: aiosmtpd's protocol and STARTTLS, with our reader, our clocks and our counts."""

import asyncio
import logging

from aiosmtpd.smtp import SMTP

from mailflow.mail.envelope import Peer
from mailflow.mail.reply import TRY_LATER, Reply
from mailflow.wire.clock import Clock
from mailflow.wire.data import TOO_BIG
from mailflow.wire.entrance import Entrance, Transaction
from mailflow.wire.gate import NOT_ALLOWED
from mailflow.wire.lines import FloodError, Lines
from mailflow.wire.proxy import ProxyError

log = logging.getLogger("mailflow.wire")
# Its lines hold commands at INFO and whole messages at DEBUG (dependencies.md, trap 12).
logging.getLogger("mail.log").setLevel(logging.WARNING)

IDLE = Reply(421, "4.4.2", "Too slow, closing")
CLOSING = Reply(421, "4.3.2", "Shutting down")
SYNTAX = Reply(500, "5.5.2", "Syntax error")

_HIGH_WATER = 64 * 1024
# How long a peer that does not read its last reply is kept.
_LINGER_SECONDS = 5.0


class _NoHooks:
    """aiosmtpd looks for hooks by inspecting its handler; there is nothing to find here."""

    def __dir__(self) -> list[str]:
        return []


class Connection(SMTP):
    """Reads commands, writes replies, ends. `Session` knows what the commands mean."""

    # What aiosmtpd inspects of each new session: 0.18 ms a connection for everything, 0.01 for the commands.
    commands: tuple[str, ...] = ()

    envelope: Transaction  # type: ignore[assignment]  # ours, made by _create_envelope

    def __init__(self, entrance: Entrance, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(_NoHooks(), loop=loop, hostname=entrance.hostname, enable_SMTPUTF8=True)
        self.tls_context = entrance.tls
        self._entrance = entrance
        self._limits = entrance.limits
        self._lines = Lines(loop)
        self._clock = Clock(loop, entrance.limits, self._too_slow)
        self._host = ""
        self._counted = ""
        self._peer = Peer()
        self._admitted = False
        self._leaving = False
        self._stopping = False
        self._greeted = False
        self._encrypted = False

    def __dir__(self) -> list[str]:
        return list(self.commands)

    # The connection

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Count it, or say why not and close. After STARTTLS aiosmtpd calls this again with the encrypted transport."""
        assert isinstance(transport, asyncio.Transport)
        if self._admitted:
            self._greeted, self._encrypted = False, True
            super().connection_made(transport)
            self._lines.start(transport)
            return
        host = _host(transport)
        refusal = self._entrance.gate.enter(host)
        if refusal is not None:
            transport.write(f"{refusal}\r\n".encode())
            transport.close()
            return
        self._admitted = True
        self._host = host
        self._peer = Peer(host, relay=not self._entrance.direct or not host)
        self._entrance.sessions.add(self)
        self._lines.start(transport)
        super().connection_made(transport)

    def data_received(self, data: bytes) -> None:
        """Straight to our own reader; asyncio's stays empty."""
        collector = self._lines.collector
        self._lines.feed(data)
        if collector is not None:
            self._clock.octets(collector.seen)
            if collector.flooded:
                each = len(self.envelope.paths) if self._lmtp else 1
                self._dismiss("\r\n".join([str(TOO_BIG)] * each))

    def eof_received(self) -> bool | None:
        """Half a farewell: what came before it is still answered."""
        self._lines.end()
        # An encrypted transport cannot stay half open.
        return not self._encrypted

    def connection_lost(self, error: Exception | None) -> None:
        """Ends the reading. The task is not cancelled: a letter that is being committed is committed."""
        if not self._admitted:
            return
        self._admitted = False
        self._entrance.gate.leave(self._host)
        if self._counted:
            self._entrance.gate.forget(self._counted)
        self._clock.stop()
        if self._original_transport is not None:
            self._original_transport.close()
        super(SMTP, self).connection_lost(error)
        self.transport = None
        self._lines.end()

    def _create_envelope(self) -> Transaction:  # type: ignore[override]  # aiosmtpd only keeps what we give it
        return Transaction()

    def _reset_timeout(self, duration: float | None = None) -> None:  # noqa: ARG002  # aiosmtpd's clock is not used
        self._clock.heard()

    # Speaking

    async def push(self, status: object) -> None:
        """Write one reply, a line or several; waits only for a peer that does not read."""
        if self._leaving or self.transport is None or self._writer.transport.is_closing():
            return
        self._writer.write(f"{status}\r\n".encode("utf-8", "replace"))
        if self._writer.transport.get_write_buffer_size() > _HIGH_WATER:
            await self._writer.drain()

    async def handle_exception(self, error: Exception) -> str:
        """Anything unexpected is 451, constant; the reason goes to the log (dependencies.md, trap 9)."""
        self._blame(error)
        return str(TRY_LATER)

    def _blame(self, error: Exception) -> None:
        trace = error.__traceback__
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        place = f"{trace.tb_frame.f_code.co_qualname}:{trace.tb_lineno}" if trace is not None else "?"
        # repr() shows control characters as escapes: no error text can begin a log line of its own.
        log.warning("door failed peer=%s at=%s error=%.300s", self._peer.host or "local", place, repr(error))

    def _too_slow(self) -> None:
        self._dismiss(IDLE)

    def _dismiss(self, reply: Reply | str) -> None:
        """Say a last word and close."""
        if self.transport is not None and not self._leaving:
            self._writer.write(f"{reply}\r\n".encode())
        self._leave()

    def _leave(self) -> None:
        transport, self._leaving = self.transport, True
        if transport is None or transport.is_closing():
            return
        assert isinstance(transport, asyncio.Transport)
        unread = transport.get_write_buffer_size() > 0
        transport.close()
        if unread or self._tls_protocol is not None:
            self.loop.call_later(_LINGER_SECONDS, transport.abort)

    def stop(self) -> None:
        """The service goes down: leave now, or after the reply to the letter in hand."""
        self._stopping = True
        if not self._clock.busy:
            self._dismiss(CLOSING)

    def hang_up(self) -> None:
        """Let the connection go at once, whatever was being said."""
        if isinstance(self.transport, asyncio.Transport):
            self.transport.abort()

    @property
    def task(self) -> "asyncio.Task[None]":
        assert self._handler_coroutine is not None
        return self._handler_coroutine

    # The conversation

    async def _handle_client(self) -> None:
        # In place of aiosmtpd's, which ends commands at a bare LF, counts nothing and tells error text (trust.md §12).
        try:
            if not await self._introduced():
                return
            await self.push(f"220 {self.hostname} {'LMTP' if self._lmtp else 'ESMTP'} mailflow")
            while not self._leaving and self.transport is not None:
                line = await self._lines.line()
                if line is None:
                    break
                self._clock.heard()
                await self._obey(line)
        except FloodError:
            self._dismiss(SYNTAX)
        except ConnectionError:
            pass  # Nobody is left to be told.
        finally:
            self._entrance.sessions.discard(self)
            self._leave()

    async def _introduced(self) -> bool:
        """Whether the session may begin: behind a proxy, when it has said whose connection it is (trust.md §7)."""
        if not self._entrance.proxied or not self._host:
            return True
        try:
            async with asyncio.timeout(self._limits.proxy_header.total_seconds()):
                announced = await self._lines.header()
        except (ProxyError, TimeoutError) as error:
            log.warning("proxy header wrong peer=%s error=%s", self._host, error or "too slow")
            return False
        if self.transport is None:
            return False  # It has gone, and would never be uncounted.
        gate, host = self._entrance.gate, announced.host
        # A proxy is named by `allow` so that it is believed about others. Who stands behind it is a stranger, unless
        # `allow` names him, too; and where it does not say who, nobody's word is a relay's, and the proxy's address is
        # nobody's: SPF must not judge it.
        self._peer = Peer(host, relay=bool(host) and gate.names(host))
        if not host or self._peer.relay:
            return True
        refusal = NOT_ALLOWED if self._lmtp else gate.count(host)
        if refusal is not None:
            self._dismiss(refusal)
            return False
        self._counted = host
        return True

    async def _obey(self, line: bytes) -> None:
        """Answer one command."""
        raise NotImplementedError

    @property
    def _lmtp(self) -> bool:
        return self._entrance.protocol == "lmtp"


def _host(transport: asyncio.BaseTransport) -> str:
    """The peer's IP address, "" for a Unix socket."""
    name = transport.get_extra_info("peername")
    return str(name[0]).partition("%")[0] if isinstance(name, tuple) and name else ""
