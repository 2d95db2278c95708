"""The way out: letters over SMTP to the one relay, on kept connections. RFC 5321 §3, RFC 3207, RFC 6531."""

import asyncio
import contextlib
import ssl
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal

from aiosmtplib import SMTP
from aiosmtplib.errors import SMTPException, SMTPResponseException, SMTPServerDisconnected, SMTPTimeoutError
from aiosmtplib.response import SMTPResponse

from mailflow.mail.address import Address
from mailflow.mail.reply import Reply
from mailflow.wire.data import stuffed
from mailflow.wire.replies import out_of_service, refusal_from, reply_from

Mode = Literal["smtp", "smtp+tls", "smtps"]

DEAD = Reply(421, "4.4.2", "Connection lost")
SLOW = Reply(421, "4.4.2", "Timed out")
UNREACHED = Reply(421, "4.4.1", "Relay cannot be reached")
NO_TLS = Reply(454, "4.7.0", "No usable TLS with the relay")
NO_LOGIN = Reply(454, "4.7.0", "Login to the relay failed")
NO_UTF8 = Reply(550, "5.6.7", "Relay does not take SMTPUTF8")


@dataclass(frozen=True, slots=True)
class Waits:
    """How long the relay may take (RFC 5321 §4.5.3.2).

    After the dot it may scan, hence `data`: who gives up then sends a letter twice.
    """

    connect: timedelta = timedelta(seconds=30)
    command: timedelta = timedelta(seconds=60)
    data: timedelta = timedelta(seconds=180)


@dataclass(frozen=True, slots=True)
class RelayAddress:
    """Where the relay is and how it is spoken to. `tls` is for a certificate authority of one's own."""

    host: str
    port: int
    mode: Mode = "smtp"
    username: str = ""
    password: str = field(default="", repr=False)
    tls: ssl.SSLContext | None = None

    @property
    def local(self) -> bool:
        """On this machine: nobody is in between."""
        return self.host in {"localhost", "::1"} or self.host.startswith("127.")


@dataclass(slots=True)
class _Line:
    """One connection, and how many letters have gone over it."""

    client: SMTP
    letters: int = 0


class _SetupError(Exception):
    def __init__(self, reply: Reply) -> None:
        super().__init__(reply)
        self.reply = reply


class Relay:
    """A Courier. At most `connections` letters are under way at once; further ones wait their turn."""

    def __init__(
        self,
        address: RelayAddress,
        *,
        hostname: str = "localhost",
        per_connection: int = 20,
        connections: int = 4,
        waits: Waits | None = None,
    ) -> None:
        self._address = address
        self._hostname = hostname
        self._per_connection = per_connection
        self._waits = waits or Waits()
        self._turns = asyncio.Semaphore(connections)
        self._idle: list[_Line] = []
        self._tls = address.tls

    async def deliver(self, reverse_path: Address | None, to: Address, content: bytes) -> Reply:
        """See Courier. A kept connection that turns out dead before DATA costs one more try on a fresh one."""
        async with self._turns:
            try:
                while (line := self._kept()) is not None:
                    reply = await self._hand_over(line, reverse_path, to, content)
                    if reply is not None:
                        return reply
                line = await self._open()
                return await self._hand_over(line, reverse_path, to, content) or DEAD
            except _SetupError as error:
                return error.reply
            except Exception as error:  # noqa: BLE001  # the way out: whatever happens, the letter stays and is tried again
                return _reply_to(error)

    async def close(self) -> None:
        """Say QUIT on what is idle. Letters under way finish, and their connections are dropped later."""
        self._per_connection = 0
        lines, self._idle = self._idle, []
        await asyncio.gather(*(self._quit(line) for line in lines))

    def _kept(self) -> _Line | None:
        while self._idle:
            line = self._idle.pop()
            if line.client.is_connected:
                return line
            line.client.close()
        return None

    async def _hand_over(self, line: _Line, reverse_path: Address | None, to: Address, content: bytes) -> Reply | None:
        """The relay's reply; None when a kept connection was dead before anything of the letter was sent."""
        client, started = line.client, False
        try:
            reply = await self._envelope(client, reverse_path, to, content)
            if reply is None:
                started = True
                response = await self._data(client, content)
                reply = reply_from(response.code, response.message)
        except SMTPResponseException as error:
            # A 250 that comes as an exception answered DATA itself: nothing was handed over.
            reply = refusal_from(error.code, error.message)
        except (SMTPServerDisconnected, ConnectionError):
            client.close()
            return DEAD if started or not line.letters else None
        except (Exception, asyncio.CancelledError):
            # Half a conversation: nobody knows what the next reply would answer.
            client.close()
            raise
        if reply.code == 421:
            # The relay has hung up, or cannot be understood.
            client.close()
            if line.letters and not started:
                return None
        await self._put_back(line, reply)
        return reply

    async def _envelope(self, client: SMTP, reverse_path: Address | None, to: Address, content: bytes) -> Reply | None:
        """MAIL and RCPT; None when both were taken.

        As plain commands: aiosmtplib's own methods take addresses apart again, and ours are settled.
        """
        wait = self._waits.command.total_seconds()
        parameters = []
        if not (to.ascii and (reverse_path is None or reverse_path.ascii)):
            if not client.supports_extension("smtputf8"):
                return NO_UTF8
            parameters.append(b"SMTPUTF8")
        if client.supports_extension("size"):
            parameters.append(b"SIZE=%d" % len(content))
        if not content.isascii() and client.supports_extension("8bitmime"):
            parameters.append(b"BODY=8BITMIME")
        sender = f"FROM:<{reverse_path or ''}>".encode()
        response = await client.execute_command(b"MAIL", sender, *parameters, timeout=wait)
        if response.code == 250:
            response = await client.execute_command(b"RCPT", f"TO:<{to}>".encode(), timeout=wait)
        return None if response.code in {250, 251} else refusal_from(response.code, response.message)

    async def _data(self, client: SMTP, content: bytes) -> SMTPResponse:
        """DATA and the letter. Raises SMTPResponseException for any answer but 354 and then 250, as aiosmtplib does.

        aiosmtplib would look at each line end by itself, which takes 0.3 ms; our letters have only CRLF already.
        """
        wait = self._waits.data.total_seconds()
        if client.protocol is None or not content.count(b"\r\n") == content.count(b"\n") == content.count(b"\r"):
            return await client.data(content, timeout=wait)
        response = await client.execute_command(b"DATA", timeout=wait)
        if response.code != 354:
            raise SMTPResponseException(response.code, response.message)
        client.protocol.write(stuffed(content))
        response = await client.protocol.read_response(timeout=wait)
        if response.code != 250:
            raise SMTPResponseException(response.code, response.message)
        return response

    async def _put_back(self, line: _Line, reply: Reply) -> None:
        line.letters += 1
        client = line.client
        if client.is_connected and not reply.ok:
            # What was begun is ended, so that the next MAIL is the first.
            with contextlib.suppress(SMTPException, OSError):
                await client.rset(timeout=self._waits.command.total_seconds())
        if not client.is_connected:
            client.close()
        elif line.letters >= self._per_connection:
            await self._quit(line)
        else:
            self._idle.append(line)

    async def _quit(self, line: _Line) -> None:
        with contextlib.suppress(SMTPException, OSError):
            await line.client.quit(timeout=min(5.0, self._waits.command.total_seconds()))
        line.client.close()

    async def _open(self) -> _Line:
        address, seconds = self._address, self._waits.connect.total_seconds()
        client = SMTP(
            hostname=address.host,
            port=address.port,
            local_hostname=self._hostname,
            timeout=self._waits.command.total_seconds(),
            use_tls=address.mode == "smtps",
            start_tls=False,
            tls_context=self._context() if address.mode == "smtps" else None,
        )
        try:
            async with asyncio.timeout(seconds):
                await client.connect(timeout=seconds)
                await self._prepare(client)
        except TimeoutError:
            client.close()
            raise _SetupError(Reply(421, "4.4.1", "Relay did not answer in time")) from None
        except SMTPResponseException as error:
            client.close()
            raise _SetupError(out_of_service(error.code, error.message)) from None
        except ssl.SSLError:
            client.close()
            raise _SetupError(NO_TLS) from None
        except OSError as error:
            client.close()
            raise _SetupError(NO_TLS if isinstance(error.__cause__, ssl.SSLError) else UNREACHED) from None
        except BaseException:
            client.close()
            raise
        return _Line(client)

    async def _prepare(self, client: SMTP) -> None:
        address = self._address
        await self._hello(client)
        encrypted = address.mode == "smtps"
        offered = client.supports_extension("starttls")
        if address.mode == "smtp+tls" and not offered:
            raise _SetupError(NO_TLS)
        if not encrypted and offered:
            await client.starttls(tls_context=self._context(), server_hostname=address.host)
            await self._hello(client)
            encrypted = True
        if address.username:
            # A password in clear text would be anybody's who can take STARTTLS out of the offer.
            if not encrypted and not address.local:
                raise _SetupError(NO_TLS)
            try:
                await client.login(address.username, address.password)
            except SMTPTimeoutError:
                raise
            except SMTPException:
                raise _SetupError(NO_LOGIN) from None

    async def _hello(self, client: SMTP) -> None:
        try:
            await client.ehlo()
        except SMTPResponseException:
            if not client.is_connected:
                raise
            await client.helo()

    def _context(self) -> ssl.SSLContext:
        """Made once. Certificates are checked, but where TLS is only taken as a gift and no password is at stake."""
        if self._tls is None:
            if self._address.mode == "smtp" and (self._address.local or not self._address.username):
                # Opportunistic (RFC 7435): refusing a relay's own certificate would mean plain text instead.
                self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
                self._tls.check_hostname = False
                self._tls.verify_mode = ssl.CERT_NONE
            else:
                self._tls = ssl.create_default_context()
            self._tls.minimum_version = ssl.TLSVersion.TLSv1_2
        return self._tls


def _reply_to(error: Exception) -> Reply:
    if isinstance(error, SMTPTimeoutError | TimeoutError):
        return SLOW
    if isinstance(error, OSError | SMTPException):
        return DEAD
    return Reply(451, "4.3.0", f"Sending failed: {type(error).__name__}")
