"""The courier against a real SMTP server whose replies are scripted."""

import asyncio
import contextlib
import ssl
from datetime import timedelta

import pytest
import trustme
from aiosmtpd.smtp import SMTP, AuthResult
from aiosmtplib.protocol import PERIOD_REGEX, normalize_message_line_endings
from hypothesis import given
from hypothesis import strategies as st

from mailflow.mail.address import Address
from mailflow.mail.reply import Reply
from mailflow.wire.data import stuffed
from mailflow.wire.relay import Relay, RelayAddress, Waits
from mailflow.wire.replies import reply_from

from .desk import Client

DESK = Address("gan", "events.example.org")
ADA = Address("ada", "example.org")
LETTER = b"Subject: hello\r\n\r\n.dots\r\nf\xc3\xa5r\r\n"
QUICK = Waits(timedelta(seconds=2), timedelta(seconds=2), timedelta(seconds=2))


class Sink:
    """An aiosmtpd handler: what is in `script` by command is the next answer; "close" hangs up in place of one."""

    def __init__(self, **script):
        self.script = {command: list(answers) for command, answers in script.items()}
        self.taken, self.connections, self.quits, self.logins = [], 0, 0, []

    async def next(self, command, server):
        answer = self.script[command].pop(0) if self.script.get(command) else None
        if answer == "close":
            server.transport.abort()
            await asyncio.sleep(60)
        elif answer == "farewell":
            await server.push("421 4.4.2 idle for too long")
            server.transport.close()
            await asyncio.sleep(60)
        elif answer == "silence":
            await asyncio.sleep(60)
        return answer

    async def handle_EHLO(self, server, session, envelope, hostname, responses):  # noqa: N802  aiosmtpd calls it so
        session.host_name = hostname
        await self.next("EHLO", server)
        return responses

    async def handle_MAIL(self, server, session, envelope, address, options):  # noqa: N802  aiosmtpd calls it so
        answer = await self.next("MAIL", server)
        envelope.mail_from, envelope.mail_options = address, options
        return answer or "250 2.1.0 Ok"

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802  aiosmtpd calls it so
        answer = await self.next("RCPT", server)
        if not answer:
            envelope.rcpt_tos.append(address)
        return answer or "250 2.1.5 Ok"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802  aiosmtpd calls it so
        answer = await self.next("DATA", server)
        if not answer:
            self.taken.append((envelope.mail_from, tuple(envelope.rcpt_tos), envelope.content, tuple(envelope.mail_options)))
        return answer or "250 2.0.0 Ok: queued as 4711"

    async def handle_QUIT(self, server, session, envelope):  # noqa: N802  aiosmtpd calls it so
        self.quits += 1
        return "221 2.0.0 Bye"

    def authenticate(self, server, session, envelope, mechanism, data):
        self.logins.append(data)
        return AuthResult(success=data.password == b"open sesame", handled=False)


def courier_to(port, mode="smtp", *, username="", password="", tls=None, waits=QUICK, **more):
    return Relay(RelayAddress("127.0.0.1", port, mode, username, password, tls), waits=waits, **more)


@contextlib.asynccontextmanager
async def relay(sink, *, scheme="smtp", server_tls=None, smtps=None, waits=QUICK, utf8=True, **more):
    """(courier, sink) with the courier closed and the server gone afterwards."""
    loop = asyncio.get_running_loop()
    sessions = []

    def made():
        sink.connections += 1
        sessions.append(SMTP(
            sink, loop=loop, hostname="relay.example.org", enable_SMTPUTF8=utf8, tls_context=server_tls,
            authenticator=sink.authenticate, auth_require_tls=False,
        ))  # fmt: skip
        return sessions[-1]

    server = await loop.create_server(made, "127.0.0.1", 0, ssl=smtps)
    port = server.sockets[0].getsockname()[1]
    courier = courier_to(port, scheme, waits=waits, hostname="mx.example.org", **more)
    try:
        yield courier
    finally:
        await courier.close()
        server.close()
        for session in sessions:
            if session._handler_coroutine is not None:
                session._handler_coroutine.cancel()
            if session.transport is not None:
                session.transport.abort()
        await asyncio.sleep(0.01)


async def test_a_letter_goes_to_exactly_one_recipient_as_it_is():
    """The octets arrive unchanged, dots and all; the relay's words become the Reply."""
    sink = Sink()
    async with relay(sink) as courier:
        assert await courier.deliver(DESK, ADA, LETTER) == Reply(250, "2.0.0", "Ok: queued as 4711")
    assert sink.taken == [(str(DESK), (str(ADA),), LETTER, (f"SIZE={len(LETTER)}", "BODY=8BITMIME"))]


@given(st.lists(st.sampled_from([b".", b"..", b"\r\n", b"a", b"\r\n.\r\n"]), max_size=12).map(b"".join))
def test_dots_are_doubled_as_the_library_doubles_them(content):
    """We spare its look at each line end, and send what it would have sent."""
    assert stuffed(content) == PERIOD_REGEX.sub(b"..", normalize_message_line_endings(content)) + b".\r\n"


async def test_a_line_end_that_is_no_crlf_is_mended():
    """Our letters have none; should one ever, then no relay gets to see it."""
    sink = Sink()
    async with relay(sink) as courier:
        assert (await courier.deliver(DESK, ADA, b"Subject: x\n\n.\rb\r\n")).ok
    assert sink.taken[0][2] == b"Subject: x\r\n\r\n.\r\nb\r\n"


async def test_the_null_path_is_written_as_such():
    """A notice of ours that must not be answered."""
    sink = Sink()
    async with relay(sink) as courier:
        assert (await courier.deliver(None, ADA, b"x\r\n")).ok
    assert sink.taken[0][0] == "<>"


async def test_a_connection_is_kept_and_renewed():
    """`per_connection` letters on each, then QUIT and a new one."""
    sink = Sink()
    async with relay(sink, per_connection=2) as courier:
        for _ in range(5):
            assert (await courier.deliver(DESK, ADA, LETTER)).ok
        assert (len(sink.taken), sink.connections, sink.quits) == (5, 3, 2)
    assert sink.quits == 3


async def test_several_letters_are_under_way_at_once_but_not_many():
    """At most `connections`; the others wait their turn."""
    sink = Sink()
    async with relay(sink, connections=3) as courier:
        replies = await asyncio.gather(*(courier.deliver(DESK, ADA, LETTER) for _ in range(20)))
    assert all(reply.ok for reply in replies)
    assert (len(sink.taken), sink.connections) == (20, 3)


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize("said", ["451 4.7.1 Greylisted", "550 5.1.1 No such user", "550 no status here", "452 5.1.1 other class"])
async def test_a_refusal_is_a_reply_and_the_connection_is_kept(command, said):
    """Code and enhanced status as said, or derived; the next letter is not bothered."""
    sink = Sink(**{command: [said]})
    wanted = {
        "451": Reply(451, "4.7.1", "Greylisted"), "550 5": Reply(550, "5.1.1", "No such user"),
        "550 n": Reply(550, "5.0.0", "no status here"), "452": Reply(452, "4.0.0", "other class"),
    }  # fmt: skip
    async with relay(sink) as courier:
        assert await courier.deliver(DESK, ADA, LETTER) == next(reply for start, reply in wanted.items() if said.startswith(start))
        assert (await courier.deliver(DESK, ADA, LETTER)).ok
    assert (len(sink.taken), sink.connections) == (1, 1)


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA", "EHLO"])
async def test_a_line_that_breaks_is_421(command):
    """On the first letter of a connection: tried again later, by the outbox."""
    sink = Sink(**{command: ["close"]})
    async with relay(sink) as courier:
        reply = await courier.deliver(DESK, ADA, LETTER)
        assert (reply.code, reply.temporary, reply.status[:4]) == (421, True, "4.4.")
        assert (await courier.deliver(DESK, ADA, LETTER)).ok


@pytest.mark.parametrize("how", ["close", "farewell"])
async def test_a_kept_connection_that_has_died_is_replaced_unseen(how):
    """Nothing of the letter was sent: once more on a fresh one, and the letter arrives once."""
    sink = Sink(MAIL=[None, how])
    async with relay(sink) as courier:
        assert (await courier.deliver(DESK, ADA, LETTER)).ok
        assert (await courier.deliver(DESK, ADA, LETTER)).ok
    assert (len(sink.taken), sink.connections) == (2, 2)


async def test_a_line_that_breaks_after_the_data_is_not_tried_again_here():
    """Perhaps it was taken: the outbox decides, and sends the same octets with the same Message-ID."""
    sink = Sink(DATA=[None, "close"])
    async with relay(sink) as courier:
        assert (await courier.deliver(DESK, ADA, LETTER)).ok
        assert await courier.deliver(DESK, ADA, LETTER) == Reply(421, "4.4.2", "Connection lost")
    assert (len(sink.taken), sink.connections) == (1, 1)


async def test_a_silent_relay_is_given_up():
    """Timed out, temporary, and the connection is not used again."""
    sink = Sink(RCPT=["silence"])
    waits = Waits(timedelta(seconds=2), timedelta(seconds=0.1), timedelta(seconds=2))
    async with relay(sink, waits=waits) as courier:
        assert await courier.deliver(DESK, ADA, LETTER) == Reply(421, "4.4.2", "Timed out")
        assert (await courier.deliver(DESK, ADA, LETTER)).ok
    assert sink.connections == 2


async def test_nobody_there_is_temporary():
    """A closed port."""
    courier = courier_to(1)
    reply = await courier.deliver(DESK, ADA, LETTER)
    assert reply == Reply(421, "4.4.1", "Relay cannot be reached")


@pytest.mark.parametrize("greeting", [b"554 5.3.2 not today\r\n", b"421 go away\r\n", b"SSH-2.0-x\r\n", b"\xff\xfe\x00\r\n", b"220 " + b"x" * 200_000])
async def test_a_relay_that_is_not_in_service_condemns_no_letter(greeting):
    """A permanent greeting is about the relay, not about this letter."""

    async def talk(reader, writer):
        writer.write(greeting)
        await reader.read(100)
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    waits = Waits(timedelta(seconds=0.3), timedelta(seconds=0.3), timedelta(seconds=0.3))
    courier = courier_to(server.sockets[0].getsockname()[1], waits=waits)
    assert (await courier.deliver(DESK, ADA, LETTER)).temporary
    server.close()
    await asyncio.sleep(0.01)


async def test_a_relay_that_takes_no_data_has_taken_nothing():
    """250 in answer to DATA itself is no delivery."""

    async def talk(reader, writer):
        writer.write(b"220 x\r\n")
        while await reader.readline():
            writer.write(b"250 fine\r\n")
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    courier = courier_to(server.sockets[0].getsockname()[1])
    assert (await courier.deliver(DESK, ADA, LETTER)).temporary
    await courier.close()
    server.close()
    await asyncio.sleep(0.01)


async def test_smtputf8_only_where_an_address_needs_it():
    """And where the relay does not know it, the letter fails with a reason."""
    ase = Address("åse", "example.org")
    sink = Sink()
    async with relay(sink) as courier:
        assert (await courier.deliver(DESK, ase, b"x\r\n")).ok
        assert (await courier.deliver(DESK, ADA, b"x\r\n")).ok
    assert [options for *_, options in sink.taken] == [("SMTPUTF8", "SIZE=3"), ("SIZE=3",)]
    async with relay(Sink(), utf8=False) as courier:
        assert str(await courier.deliver(DESK, ase, b"x\r\n")).startswith("550 5.6.7 ")


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


@pytest.fixture(scope="module")
def server_side(authority):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


@pytest.fixture
def trusting(authority):
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


async def test_starttls_is_taken_when_offered(server_side):
    """Mode smtp: whatever the certificate; better than plain text."""
    sink = Sink()
    async with relay(sink, server_tls=server_side) as courier:
        assert (await courier.deliver(DESK, ADA, LETTER)).ok


async def test_starttls_may_be_required(server_side, trusting):
    """Mode smtp+tls: a trusted certificate is taken; none, or a strange one, is temporary and nothing is sent."""
    sink = Sink()
    async with relay(sink, scheme="smtp+tls", server_tls=server_side, tls=trusting) as courier:
        assert (await courier.deliver(DESK, ADA, LETTER)).ok
    async with relay(sink, scheme="smtp+tls") as courier:
        assert await courier.deliver(DESK, ADA, LETTER) == Reply(454, "4.7.0", "No usable TLS with the relay")
    async with relay(sink, scheme="smtp+tls", server_tls=server_side) as courier:
        assert await courier.deliver(DESK, ADA, LETTER) == Reply(454, "4.7.0", "No usable TLS with the relay")
    assert len(sink.taken) == 1


async def test_smtps_is_encrypted_from_the_first_octet(server_side, trusting):
    """And a strange certificate ends it."""
    sink = Sink()
    async with relay(sink, scheme="smtps", smtps=server_side, tls=trusting) as courier:
        assert (await courier.deliver(DESK, ADA, LETTER)).ok
    async with relay(sink, scheme="smtps", smtps=server_side) as courier:
        assert (await courier.deliver(DESK, ADA, LETTER)).code == 454
    assert len(sink.taken) == 1


async def test_login(server_side):
    """With a name, the courier logs in; a wrong password is temporary: it is the operator's to mend."""
    sink = Sink()
    async with relay(sink, server_tls=server_side, username="mailflow", password="open sesame") as courier:
        assert (await courier.deliver(DESK, ADA, LETTER)).ok
    assert (sink.logins[0].login, len(sink.taken)) == (b"mailflow", 1)
    async with relay(sink, server_tls=server_side, username="mailflow", password="wrong") as courier:
        assert await courier.deliver(DESK, ADA, LETTER) == Reply(454, "4.7.0", "Login to the relay failed")


@pytest.mark.parametrize(
    ("code", "said", "reply"),
    [
        (250, "2.0.0 Ok\n2.0.0 more", Reply(250, "2.0.0", "Ok 2.0.0 more")),
        (550, "5.7.26", Reply(550, "5.7.26", "")),
        (550, "5.7.1.9 x", Reply(550, "5.0.0", "5.7.1.9 x")),
        (450, "a\x1b[31mb\x00\udcff", Reply(450, "4.0.0", "a [31mb")),
        (550, "x" * 5000, Reply(550, "5.0.0", "x" * 200)),
        (-1, "?", Reply(421, "4.5.0", "The relay's answer makes no sense")),
        (199, "?", Reply(421, "4.5.0", "The relay's answer makes no sense")),
    ],
)
def test_what_a_relay_says_becomes_one_clean_line(code, said, reply):
    """Enhanced status where it stands and fits the code, no control characters, 200 characters."""
    assert reply_from(code, said) == reply


async def test_the_courier_and_the_door_understand_each_other(tmp_path):
    """Our own way out into our own way in."""
    from .desk import Desk, opened

    desk = Desk()
    async with opened(desk) as listening:
        courier = courier_to(int(listening.where.rpartition(":")[2]))
        assert await courier.deliver(ADA, DESK, LETTER) == Reply(250, "2.0.0", "Accepted")
        assert (await courier.deliver(ADA, Address("nobody", "events.example.org"), LETTER)).status == "5.1.1"
        await courier.close()
        client = await Client.to(listening.where)
        await client.close()
    assert desk.taken[0][1] == LETTER
