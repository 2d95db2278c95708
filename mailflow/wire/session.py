"""What the commands of SMTP and LMTP mean here. Each is answered by one method, constant text throughout."""

# ruff: noqa: N802  aiosmtpd finds a command by the name of its method

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from mailflow.mail.address import Address
from mailflow.mail.envelope import Envelope
from mailflow.mail.headers import is_damaged
from mailflow.mail.reply import TRY_LATER, Reply
from mailflow.wire.connection import CLOSING, SYNTAX, Connection, log
from mailflow.wire.data import TOO_BIG, Collector, fault_of, unstuffed
from mailflow.wire.entrance import Entrance, Transaction
from mailflow.wire.gate import NO_ROOM
from mailflow.wire.path import MailCommand, WrongError, parse_mail, parse_rcpt

OK = Reply(250, "2.0.0", "OK")
BYE = Reply(221, "2.0.0", "Bye")
ENOUGH = Reply(421, "4.7.0", "Enough for one session")
UNKNOWN = Reply(500, "5.5.1", "Command not recognized")
ABSENT = Reply(502, "5.5.1", "Command not implemented")
ORDER = Reply(503, "5.5.1", "Bad sequence of commands")
ARGUMENT = Reply(501, "5.5.4", "Bad argument")
TOO_MANY_RECIPIENTS = Reply(452, "4.5.3", "Too many recipients")
NO_TLS = Reply(502, "5.5.1", "TLS not available")
UNSURE = Reply(252, "2.1.5", "Send some mail and see")
HELP = Reply(214, "2.0.0", "RFC 5321")

_ABSENT = frozenset({"EXPN", "AUTH", "BDAT", "XCLIENT", "XFORWARD", "TURN", "ETRN", "SEND", "SOML", "SAML"})


class Session(Connection):
    """The state machine of RFC 5321 §4.1.4, and RFC 2033."""

    def __init__(self, entrance: Entrance, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(entrance, loop)
        self._commands = 0
        self._wrong = 0
        self._messages = 0

    async def _obey(self, line: bytes) -> None:
        self._commands += 1
        if self._commands > self._limits.commands_without_delivery:
            self._dismiss(ENOUGH)
            return
        try:
            await self._answer(line)
        except WrongError as wrong:
            self._wrong += 1
            if self._wrong > self._limits.wrong_commands:
                self._dismiss(ENOUGH)
            else:
                await self.push(wrong.reply)
        except ConnectionError:
            raise
        except Exception as error:  # noqa: BLE001  # the door: whatever happens, the answer is 451
            await self.push(await self.handle_exception(error))

    async def _answer(self, line: bytes) -> None:
        if len(line) > self._limits.command_octets or is_damaged(line):
            raise WrongError(SYNTAX)
        verb, _, argument = line.decode("utf-8", "surrogateescape").partition(" ")
        verb = verb.upper()
        method = self._smtp_methods.get(verb)
        if method is None:
            raise WrongError(ABSENT if verb in _ABSENT else UNKNOWN)
        await method(argument)

    def _must(self, *, be: bool) -> None:
        if not be:
            raise WrongError(ORDER)

    async def smtp_HELO(self, hostname: str) -> None:
        if self._lmtp:
            raise WrongError(UNKNOWN)
        self._greet(hostname)
        await self.push(f"250 {self.hostname}")

    async def smtp_EHLO(self, hostname: str) -> None:
        if self._lmtp:
            raise WrongError(UNKNOWN)
        await self._extended(hostname)

    async def smtp_LHLO(self, hostname: str) -> None:
        """The greeting of LMTP, and the only one there (RFC 2033 §4.1)."""
        if not self._lmtp:
            raise WrongError(UNKNOWN)
        await self._extended(hostname)

    def _greet(self, hostname: str) -> None:
        if not hostname or not hostname.isascii():
            raise WrongError(ARGUMENT)
        self.envelope = Transaction()
        self._greeted = True
        if not self._peer.relay:
            # No domain name is longer; a relay's own name tells nothing about the sender.
            self._peer = replace(self._peer, helo=hostname if len(hostname) <= 255 else "")

    async def _extended(self, hostname: str) -> None:
        self._greet(hostname)
        offers = [self.hostname, "PIPELINING", "8BITMIME", f"SIZE {self._limits.max_size_octets}", "SMTPUTF8"]
        if self.tls_context is not None and not self._encrypted:
            offers.append("STARTTLS")
        await self.push("\r\n".join([*(f"250-{offer}" for offer in offers), "250 ENHANCEDSTATUSCODES"]))

    async def smtp_MAIL(self, arg: str | None) -> None:
        self._must(be=self._greeted and self.envelope.mail is None)
        mail = parse_mail(arg or "")
        if self._messages >= self._limits.messages:
            self._dismiss(ENOUGH)
        elif mail.size_octets > self._limits.max_size_octets:
            await self.push(TOO_BIG)
        else:
            self.envelope.mail = mail
            await self.push(Reply(250, "2.1.0", "OK"))

    async def smtp_RCPT(self, arg: str | None) -> None:
        mail = self.envelope.mail
        if mail is None:
            raise WrongError(ORDER)
        path = parse_rcpt(arg or "", smtputf8=mail.smtputf8, home=self._entrance.domain)
        refusal = self._entrance.door.welcome(path)
        if refusal is None and len(self.envelope.paths) >= self._limits.recipients:
            refusal = TOO_MANY_RECIPIENTS
        if refusal is None:
            self.envelope.paths.append(path)
        await self.push(refusal or Reply(250, "2.1.5", "OK"))

    async def smtp_DATA(self, arg: str | None) -> None:
        transaction = self.envelope
        if transaction.mail is None or not transaction.paths:
            raise WrongError(ORDER)
        if arg:
            raise WrongError(ARGUMENT)
        memory = self._entrance.gate.memory
        refusal = self._entrance.door.ready()
        if refusal is None and not memory.has(max(transaction.mail.size_octets, 1)):
            refusal = NO_ROOM
        if refusal is not None:
            await self.push(refusal)
            return
        await self.push("354 End data with <CR><LF>.<CR><LF>")
        collector = Collector(self._limits.max_size_octets, memory)
        self._clock.data_begins()
        try:
            if not await self._lines.data(collector):
                return
            self._clock.data_ends()
            replies = await self._deliver(transaction.mail, transaction.paths, collector)
        finally:
            self._clock.free()
            collector.release()
        self.envelope = Transaction()
        self._commands = 0
        self._messages += 1
        await self.push("\r\n".join(map(str, replies)) if self._lmtp else _one_of(replies))
        if self._stopping:
            self._dismiss(CLOSING)

    async def _deliver(self, mail: MailCommand, paths: list[Address], collector: Collector) -> Sequence[Reply]:
        """Exactly one reply for each path, in order, whatever happens (RFC 2033 §4.2)."""
        fault = collector.fault
        if fault is None:
            content = unstuffed(collector.content())
            fault = fault_of(content, self._limits, relay=self._peer.relay)
        if fault is not None:
            return (fault,) * len(paths)
        # A recipient named twice is one delivery, and both places in the list get its answer.
        unique = tuple(dict.fromkeys(paths))
        envelope = Envelope(mail.reverse_path, unique, self._entrance.protocol, self._peer, mail.smtputf8)
        try:
            replies = await self._entrance.door.receive(envelope, content)
            answers = dict(zip(unique, replies, strict=True))
        except Exception as error:  # noqa: BLE001  # the door: whatever happens, the answer is 451
            self._blame(error)
            return (TRY_LATER,) * len(paths)
        return [answers[path] for path in paths]

    async def smtp_RSET(self, arg: str) -> None:
        if arg:
            raise WrongError(ARGUMENT)
        self.envelope = Transaction()
        await self.push(OK)

    async def smtp_NOOP(self, arg: str) -> None:  # noqa: ARG002  it calls each with what stood behind the command  # RFC 5321 §4.1.1.9 lets it have one
        await self.push(OK)

    async def smtp_VRFY(self, arg: str) -> None:  # noqa: ARG002  it calls each with what stood behind the command  # the answer is the same for everything
        await self.push(UNSURE)

    async def smtp_HELP(self, arg: str) -> None:  # noqa: ARG002  it calls each with what stood behind the command
        await self.push(HELP)

    async def smtp_QUIT(self, arg: str) -> None:
        if arg:
            raise WrongError(ARGUMENT)
        self._dismiss(BYE)

    async def smtp_STARTTLS(self, arg: str) -> None:
        """RFC 3207. aiosmtpd makes the handshake, and forgets the session before it (`connection_made`)."""
        if self.tls_context is None:
            raise WrongError(NO_TLS)
        if arg:
            raise WrongError(ARGUMENT)
        self._must(be=self._greeted and not self._encrypted)
        if self._lines.ended:
            self._leave()  # No handshake can come any more.
            return
        self._lines.forget()
        try:
            await super().smtp_STARTTLS("")
        except Exception as error:  # noqa: BLE001  # a handshake fails in many ways, and each ends the connection
            log.warning("starttls failed peer=%s error=%.300s", self._peer.host, repr(error.__cause__ or error))
        if not self._encrypted:
            # asyncio tells nobody of a connection that is lost inside a handshake, and a cut one it calls a success.
            self.connection_lost(None)


Session.commands = tuple(name for name in vars(Session) if name.startswith("smtp_"))


def _one_of(replies: Sequence[Reply]) -> Reply:
    """SMTP has one reply for all recipients: 250 only when all have it.

    Otherwise a temporary one wins over a refusal: the peer tries again, who has the mail already takes it as the same
    mail (the fingerprint), and nobody's mail is lost. A refusal stays a refusal, so that the sender learns of it.
    """
    failed = [reply for reply in replies if not reply.ok]
    return next((reply for reply in failed if reply.temporary), failed[0] if failed else replies[0])
