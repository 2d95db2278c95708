"""The door over real sockets: clocks, caps, what is held, how it closes."""

import asyncio
import contextlib
import logging
import ssl
import warnings
from datetime import timedelta
from ipaddress import ip_network

import pytest
import trustme

from mailflow.mail.address import Address
from mailflow.mail.envelope import Envelope, Peer
from mailflow.wire.door import DoorLimits
from mailflow.wire.gate import Gate
from mailflow.wire.place import PlaceError
from mailflow.wire.smtp import listen, server_tls

from .desk import Client, Desk, opened, until

GAN = Address("gan", "events.example.org")
ADA = Address("ada", "example.org")
SHORT = timedelta(seconds=0.1)


async def test_the_envelope_says_who_came_and_how():
    """A peer named by `allow` is a relay of ours, with its address."""
    desk = Desk()
    async with opened(desk) as listening:
        client = await (await Client.to(listening.where)).greeted()
        assert await client.letter(b"x\r\n") == "250 2.0.0 Accepted"
        await client.close()
    assert desk.taken == [(Envelope(ADA, (GAN,), "smtp", Peer("127.0.0.1", relay=True)), b"x\r\n")]


async def test_without_allow_everybody_is_a_stranger():
    """Direct: no relay, so no word of a relay counts."""
    desk = Desk()
    async with opened(desk, direct=True) as listening:
        client = await (await Client.to(listening.where)).greeted()
        await client.letter(b"x\r\n")
        await client.close()
    assert desk.taken[0][0].peer == Peer("127.0.0.1", relay=False, helo="me.example")


@pytest.mark.parametrize("protocol", ["smtp", "lmtp"])
async def test_a_unix_socket_is_a_relay_without_an_address(protocol, tmp_path):
    """Only what runs on this machine reaches it; the file goes with the door."""
    desk, path = Desk(), tmp_path / "in.sock"
    async with opened(desk, direct=True, protocol=protocol, where=f"unix:{path}") as listening:
        assert listening.where == f"unix:{path}"
        client = await (await Client.to(listening.where)).greeted("LHLO x" if protocol == "lmtp" else "EHLO x")
        await client.letter(b"x\r\n")
        await client.close()
    assert desk.taken[0][0] == Envelope(ADA, (GAN,), protocol, Peer("", relay=True))
    assert not path.exists()


async def test_who_is_not_named_is_not_let_in():
    """`allow` names networks; the others hear 554 and nothing more."""
    async with opened(Desk(), allow=(ip_network("192.0.2.0/24"),)) as listening:
        client = await Client.to(listening.where)
        assert await client.hear() == "554 5.7.1 Not allowed"
        assert await client.hear() == ""
        await client.close()


async def test_ipv6_is_a_place_too():
    """`[::1]:0` listens there."""
    try:
        async with opened(Desk(), where="[::1]:0") as listening:
            assert listening.where.startswith("[::1]:")
            client = await Client.to(listening.where)
            assert (await client.hear()).startswith("220 ")
            await client.close()
    except OSError:
        pytest.skip("no IPv6 here")


@pytest.mark.parametrize("where", ["", "25", "localhost", "::1:25", "127.0.0.1:70000", "127.0.0.1:", "127.0.0.1:²", "systemd:nobody"])
async def test_a_place_that_is_none_is_named(where):
    """PlaceError shows the text."""
    with pytest.raises(PlaceError, match=r"is not|IPv6|systemd"):
        await listen(where, Desk(), DoorLimits(), protocol="smtp", hostname="x", allow=())


async def test_connections_are_counted_and_given_back():
    """One too many hears 421; when one leaves, the next is welcome."""
    async with opened(Desk(), limits=DoorLimits(max_connections=2)) as listening:
        first, second, third = [await Client.to(listening.where) for _ in range(3)]
        assert (await first.hear())[:3] == (await second.hear())[:3] == "220"
        assert await third.hear() == "421 4.7.0 Too many connections, try again later"
        assert await third.hear() == ""
        await first.say("QUIT")
        await first.close()
        fourth = await Client.to(listening.where)
        assert (await fourth.hear())[:3] == "220"
        for client in (second, third, fourth):
            await client.close()


@pytest.mark.parametrize("limits", [DoorLimits(max_connections_per_address=1), DoorLimits(new_per_minute=1)])
async def test_one_address_does_not_take_the_whole_door(limits):
    """A stranger's address has its own counts; a relay of ours has not."""
    for direct, reply in ((True, "421"), (False, "220")):
        async with opened(Desk(), direct=direct, limits=limits) as listening:
            first, second = [await Client.to(listening.where) for _ in range(2)]
            assert (await first.hear())[:3] == "220"
            assert (await second.hear())[:3] == reply
            await first.close()
            await second.close()


def test_an_address_of_ipv6_is_its_network():
    """Who has one address of a /64 has them all; an IPv4 address inside IPv6 is the IPv4 address."""
    gate = Gate(DoorLimits(max_connections_per_address=1), ())
    assert gate.enter("2001:db8::1") is None
    assert gate.enter("2001:db8::ffff:2") is not None
    assert gate.enter("2001:db8:0:1::1") is None
    assert gate.enter("::ffff:192.0.2.1") is None
    assert gate.enter("192.0.2.1") is not None
    gate.leave("2001:db8::1")
    assert gate.enter("2001:db8::3") is None
    named = Gate(DoorLimits(), (ip_network("192.0.2.0/24"),))
    assert named.enter("::ffff:192.0.2.9") is None
    assert named.enter("198.51.100.1").code == 554


def test_the_minute_is_forgotten_when_it_is_over():
    """New connections are counted by the minute."""
    now = [60.0]
    gate = Gate(DoorLimits(new_per_minute=1), (), lambda: now[0])
    assert gate.enter("192.0.2.1") is None
    assert gate.enter("192.0.2.1").code == 421
    now[0] = 120.0
    assert gate.enter("192.0.2.1") is None


async def test_who_says_nothing_is_let_go():
    """Idle: 421 4.4.2, closed; half a command every now and then is no sign of life."""
    async with opened(Desk(), limits=DoorLimits(idle=SHORT)) as listening:
        silent, slow = await Client.to(listening.where), await Client.to(listening.where)
        await silent.hear()
        await slow.hear()

        async def drip():
            for octet in b"NOOP NOOP NOOP NOOP":
                slow.send(bytes([octet]))
                await asyncio.sleep(0.02)

        dripping = asyncio.create_task(drip())
        for client in (silent, slow):
            assert await client.hear() == "421 4.4.2 Too slow, closing"
            assert await client.hear() == ""
        await dripping
        await silent.close()
        await slow.close()


async def test_a_session_has_an_end():
    """However busy: 421 after the whole time."""
    async with opened(Desk(), limits=DoorLimits(session=SHORT, commands_without_delivery=10_000)) as listening:
        client = await Client.to(listening.where)
        await client.hear()
        replies = set()
        while reply := await client.say("NOOP"):
            replies.add(reply[:9])
            await asyncio.sleep(0.01)
        assert replies == {"250 2.0.0", "421 4.4.2"}
        await client.close()


@pytest.mark.parametrize("limits", [DoorLimits(data_grace=SHORT, data_octets_per_second=1_000_000), DoorLimits(idle=SHORT)])
async def test_a_message_must_come_at_some_speed(limits):
    """DATA that drips, or stops, ends the session; nothing is taken."""
    desk = Desk()
    async with opened(desk, limits=limits) as listening:
        client = await (await Client.to(listening.where)).greeted()
        await client.begin()
        client.send(b"x")
        assert await client.hear() == "421 4.4.2 Too slow, closing"
        assert await client.hear() == ""
        await client.close()
    assert desk.taken == []


async def test_a_slow_house_is_not_a_slow_client():
    """While a mail is being committed no clock runs against the peer."""
    desk = Desk()
    desk.go.clear()
    async with opened(desk, limits=DoorLimits(idle=SHORT, session=timedelta(seconds=0.25))) as listening:
        client = await (await Client.to(listening.where)).greeted()
        await client.begin()
        client.send(b"x\r\n.\r\n")
        await asyncio.sleep(0.4)
        desk.go.set()
        assert await client.hear() == "250 2.0.0 Accepted"
        await client.close()


async def test_a_full_house_says_so_before_the_data():
    """452 in place of 354, from the door and from the memory of all sessions."""
    desk = Desk()
    async with opened(desk, limits=DoorLimits(memory_octets=1000)) as listening:
        client = await (await Client.to(listening.where)).greeted()
        await client.say("MAIL FROM:<ada@example.org> SIZE=2000")
        await client.say("RCPT TO:<gan@events.example.org>")
        assert await client.say("DATA") == "452 4.3.1 Not enough room, try again later"
        await client.say("RSET")
        desk.full = True
        await client.say("MAIL FROM:<ada@example.org>", "RCPT TO:<gan@events.example.org>")
        assert await client.say("DATA") == "452 4.3.1 Not enough room, try again later"
        await client.close()


async def test_the_memory_of_all_sessions_is_given_back():
    """After a delivery, a refusal and a lost connection nothing is held."""
    desk, limits = Desk(), DoorLimits()
    gate = Gate(limits, ())
    async with opened(desk, limits=limits, gate=gate) as listening:
        client = await (await Client.to(listening.where)).greeted()
        await client.letter(b"x" * 5000 + b"\r\n")
        await client.letter(b"x" * 70_000 + b"\r\n")
        await client.begin()
        client.send(b"y" * 5000)
        await until(lambda: gate.memory.used)
        await client.close()
        await until(lambda: not listening.sessions)
        assert gate.memory.used == 0


async def test_a_flood_is_cut_off():
    """Over twice the limit the connection goes; before it, one 552 at the end of data."""
    async with opened(Desk(), limits=DoorLimits(max_size_octets=100_000)) as listening:
        client = await (await Client.to(listening.where)).greeted()
        assert await client.letter(b"x" * 200_000 + b"\r\n") == "552 5.3.4 Message too big"
        assert await client.say("NOOP") == "250 2.0.0 OK"
        await client.begin()
        client.send(b"x" * 2_000_000)
        await until(lambda: not listening.sessions)
        await client.close()


async def test_long_lines_are_refused_at_the_end():
    """500 5.6.0, and the session goes on."""
    async with opened(Desk()) as listening:
        client = await (await Client.to(listening.where)).greeted()
        assert await client.letter(b"x" * 65_535 + b"\r\n") == "500 5.6.0 Line too long"
        assert await client.letter(b"x" * 65_534 + b"\r\n") == "250 2.0.0 Accepted"
        await client.close()


async def test_long_commands():
    """Over 2048 octets: 500. Over 64 KiB without an end: closed."""
    async with opened(Desk()) as listening:
        client = await Client.to(listening.where)
        await client.hear()
        assert await client.say("NOOP " + "x" * 2043) == "250 2.0.0 OK"
        assert await client.say("NOOP " + "x" * 2044) == "500 5.5.2 Syntax error"
        client.send(b"x" * 70_000)
        assert await client.hear() == "500 5.5.2 Syntax error"
        assert await client.hear() == ""
        await client.close()


async def test_a_pipelined_crowd_of_commands_is_held_back_not_held():
    """A peer that sends and never reads fills the socket, not the process; the answers all come."""
    async with opened(Desk(), limits=DoorLimits(commands_without_delivery=10**6)) as listening:
        client = await Client.to(listening.where)
        await client.hear()
        client.send(b"NOOP\r\n" * 100_000 + b"QUIT\r\n")
        answers = await asyncio.wait_for(client.reader.read(-1), 10)
        assert answers.count(b"250 2.0.0 OK\r\n") == 100_000
        assert answers.endswith(b"221 2.0.0 Bye\r\n")
        await client.close()


async def test_half_a_farewell_is_still_answered():
    """Who sends everything and shuts his side down gets his replies."""
    desk = Desk()
    async with opened(desk) as listening:
        client = await Client.to(listening.where)
        client.send(b"HELO x\r\nMAIL FROM:<>\r\nRCPT TO:<gan@events.example.org>\r\nDATA\r\nx\r\n.\r\n")
        client.writer.write_eof()
        answers = await asyncio.wait_for(client.reader.read(-1), 5)
        assert answers.splitlines()[-1] == b"250 2.0.0 Accepted"
        await client.close()
    assert desk.taken[0][1] == b"x\r\n"


async def test_half_a_message_is_no_message():
    """A connection that ends inside DATA leaves nothing behind."""
    desk = Desk()
    async with opened(desk) as listening:
        client = await (await Client.to(listening.where)).greeted()
        await client.begin()
        client.send(b"x\r\n.\r")
        await client.close()
        await until(lambda: not listening.sessions)
    assert desk.taken == []


async def test_a_reason_goes_to_the_log_and_not_to_the_peer(caplog):
    """451, constant; the log has the error and no message content."""
    async with opened(Desk()) as listening:
        client = await (await Client.to(listening.where)).greeted()
        with caplog.at_level(logging.DEBUG):
            assert await client.letter(b"private words\r\n", "boom@events.example.org") == "451 4.3.0 Try again later"
        await client.close()
    lines = [record.getMessage() for record in caplog.records if record.name != "asyncio"]
    assert len(lines) == 1
    assert "secret of the house" in lines[0]
    assert "private words" not in caplog.text


async def test_closing_waits_for_the_letter_in_hand():
    """Idle sessions hear 421, a message that is being sent is taken and answered, and nobody new comes in."""
    desk = Desk()
    async with opened(desk, grace=timedelta(seconds=5)) as listening:
        idle = await (await Client.to(listening.where)).greeted()
        busy = await (await Client.to(listening.where)).greeted()
        await busy.begin()
        closing = asyncio.create_task(listening.close(timedelta(seconds=5)))
        assert await idle.hear() == "421 4.3.2 Shutting down"
        with pytest.raises(OSError):
            await Client.to(listening.where)
        busy.send(b"x\r\n.\r\n")
        assert await busy.hear() == "250 2.0.0 Accepted"
        assert await busy.hear() == "421 4.3.2 Shutting down"
        await closing
        await idle.close()
        await busy.close()
    assert len(desk.taken) == 1


async def test_closing_does_not_wait_for_ever():
    """After the grace the line is cut."""
    async with opened(Desk()) as listening:
        client = await (await Client.to(listening.where)).greeted()
        await client.begin()
        await asyncio.wait_for(listening.close(SHORT), 3)
        assert listening.sessions == 0
        assert await client.hear() == ""
        await client.close()


async def test_a_lost_peer_does_not_stop_the_commit():
    """A letter that is being committed when the line breaks is committed; the sender tries again, and it is known."""
    desk = Desk()
    desk.go.clear()
    async with opened(desk) as listening:
        client = await (await Client.to(listening.where)).greeted()
        await client.begin()
        client.send(b"x\r\n.\r\n")
        await desk.begun.wait()
        client.writer.transport.abort()
        await asyncio.sleep(0.02)
        desk.go.set()
        await until(lambda: desk.taken)


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


@pytest.fixture(scope="module")
def certificate(authority, tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    issued = authority.issue_cert("mx.example.org")
    issued.cert_chain_pems[0].write_to_path(folder / "cert.pem")
    issued.private_key_pem.write_to_path(folder / "key.pem")
    return server_tls(str(folder / "cert.pem"), str(folder / "key.pem"))


async def test_starttls_begins_the_session_anew(authority, certificate):
    """What came in the same packet is thrown away; EHLO is needed again; the mail arrives (RFC 3207)."""
    desk = Desk()
    async with opened(desk, tls=certificate) as listening:
        client = await Client.to(listening.where)
        await client.hear()
        assert "STARTTLS" in await client.say("EHLO x")
        await client.say("MAIL FROM:<evil@example.org>")
        client.send(b"STARTTLS\r\nRCPT TO:<gan@events.example.org>\r\nNOOP\r\n")
        assert (await client.hear())[:3] == "220"
        context = ssl.create_default_context()
        authority.configure_trust(context)
        await client.writer.start_tls(context, server_hostname="mx.example.org")
        assert (await client.say("MAIL FROM:<ada@example.org>"))[:3] == "503"
        assert "STARTTLS" not in await client.say("EHLO x")
        assert (await client.say("STARTTLS"))[:3] == "503"
        assert await client.letter(b"x\r\n") == "250 2.0.0 Accepted"
        assert await client.say("QUIT") == "221 2.0.0 Bye"
        await client.close()
        await until(lambda: not listening.sessions)
    assert desk.taken[0][0].reverse_path == ADA


async def test_a_failed_handshake_ends_the_connection(certificate, caplog):
    """No TLS, no session, and no other session notices."""
    async with opened(Desk(), tls=certificate) as listening:
        client = await (await Client.to(listening.where)).greeted()
        await client.say("STARTTLS")
        client.send(b"this is no handshake\r\n")
        await asyncio.wait_for(client.reader.read(-1), 5)
        await client.close()
        await until(lambda: not listening.sessions)


async def test_a_flood_over_lmtp_has_one_reply_for_each_recipient():
    """Also where the connection is closed for it."""
    async with opened(Desk(), protocol="lmtp", limits=DoorLimits(max_size_octets=1000)) as listening:
        client = await (await Client.to(listening.where)).greeted("LHLO x")
        await client.begin("gan@events.example.org", "abuse@events.example.org")
        client.send(b"x" * 70_000)
        assert [await client.hear() for _ in range(3)] == ["552 5.3.4 Message too big"] * 2 + [""]
        await client.close()


async def test_five_slow_clients_do_not_slow_the_sixth():
    """Half-sent messages hold only what they sent."""
    desk = Desk()
    async with opened(desk) as listening:
        slow = [await (await Client.to(listening.where)).greeted() for _ in range(5)]
        for client in slow:
            await client.begin()
            client.send(b"x")
        quick = await (await Client.to(listening.where)).greeted()
        assert await asyncio.wait_for(quick.letter(b"x\r\n"), 1) == "250 2.0.0 Accepted"
        for client in (*slow, quick):
            await client.close()


@pytest.mark.parametrize("ending", ["nonsense", "farewell", "cut", "silence", "flood"])
async def test_a_handshake_that_fails_gives_its_place_back(certificate, ending):
    """However it fails: nonsense, an end, a cut, silence, or more junk behind STARTTLS than a session may hold."""
    limits = DoorLimits(max_connections=1, idle=SHORT)
    async with opened(Desk(), tls=certificate, limits=limits) as listening:
        for _ in range(3):
            client = await (await Client.to(listening.where)).greeted()
            client.send(b"STARTTLS\r\n" + b"NOOP\r\n" * (60_000 if ending == "flood" else 0))
            assert (await client.hear()) == "220 Ready to start TLS"
            if ending in {"nonsense", "flood"}:
                client.send(b"this is no handshake\r\n")
            elif ending == "farewell":
                client.writer.write_eof()
            elif ending == "cut":
                client.writer.transport.abort()
            with contextlib.suppress(ConnectionError):
                await asyncio.wait_for(client.reader.read(-1), 5)
            await until(lambda: not listening.sessions)
            await client.close()


async def test_nobody_is_answered_who_has_gone(caplog):
    """A peer that pipelines and hangs up does not fill the log with writes to a dead line (found by door_fuzz, seed 67)."""
    desk = Desk()
    desk.go.clear()
    async with opened(desk) as listening:
        client = await (await Client.to(listening.where)).greeted()
        await client.begin()
        # So much that reading is paused: that the peer has gone is found out by writing.
        client.send(b"x\r\n.\r\n" + b"NOOP\r\n" * 50_000)
        await desk.begun.wait()
        await asyncio.sleep(0.05)
        client.writer.transport.abort()
        await asyncio.sleep(0.05)
        desk.go.set()
        await until(lambda: not listening.sessions)
    assert len(desk.taken) == 1
    assert caplog.text == ""


async def test_no_handshake_is_waited_for_after_a_farewell(certificate):
    """STARTTLS of somebody who has shut his side down already: closed, at once (found by door_fuzz, seed 74920025)."""
    desk = Desk()
    desk.go.clear()
    async with opened(desk, tls=certificate) as listening:
        client = await (await Client.to(listening.where)).greeted()
        await client.begin()
        client.send(b"x\r\n.\r\nSTARTTLS\r\n")
        client.writer.write_eof()
        await desk.begun.wait()
        await asyncio.sleep(0.05)
        desk.go.set()
        assert await client.hear() == "250 2.0.0 Accepted"
        assert await client.hear() == ""
        await client.close()


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
async def test_tls_of_today_is_spoken(authority, certificate, version):
    """1.2 and 1.3; what is older is not offered."""
    assert certificate.minimum_version == ssl.TLSVersion.TLSv1_2
    async with opened(Desk(), tls=certificate) as listening:
        client = await (await Client.to(listening.where)).greeted()
        await client.say("STARTTLS")
        context = ssl.create_default_context()
        authority.configure_trust(context)
        context.minimum_version = context.maximum_version = version
        await client.writer.start_tls(context, server_hostname="mx.example.org")
        assert client.writer.get_extra_info("ssl_object").version() == version.name.replace("_", ".")
        await client.close()


async def test_tls_of_yesterday_is_not_spoken(authority, certificate):
    """A client that knows no more than TLS 1.1 gets no session."""
    async with opened(Desk(), tls=certificate) as listening:
        client = await (await Client.to(listening.where)).greeted()
        await client.say("STARTTLS")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        authority.configure_trust(context)
        with warnings.catch_warnings(action="ignore"):
            context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
        context.set_ciphers("ALL:@SECLEVEL=0")
        with pytest.raises((ssl.SSLError, ConnectionError)):
            await client.writer.start_tls(context, server_hostname="mx.example.org")
        await client.close()
        await until(lambda: not listening.sessions)
