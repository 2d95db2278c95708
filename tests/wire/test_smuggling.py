"""Nothing is smuggled in or out: false ends of data, ends cut anywhere, transactions that share a packet (trust.md §11)."""

import pytest

from mailflow.mail.address import Address
from mailflow.mail.headers import is_damaged
from mailflow.wire.data import unstuffed
from mailflow.wire.door import DoorLimits
from mailflow.wire.relay import Relay, RelayAddress
from mailflow.wire.session import Session

from .desk import Client, Desk, opened, until
from .test_data import FALSE

ADA, GAN = Address("ada", "example.org"), Address("gan", "events.example.org")
EVIL = b"MAIL FROM:<evil@example.org>\r\nRCPT TO:<gan@events.example.org>\r\nDATA\r\nsmuggled\r\n"
ROOM = DoorLimits(messages=1000, new_per_minute=1000)


def port_of(listening):
    return int(listening.where.rpartition(":")[2])


def test_there_are_forty_false_ends():
    """As many as trust.md asks for, each another one."""
    assert len(set(FALSE)) >= 40


@pytest.mark.parametrize("direct", [True, False], ids=["direct", "relay"])
async def test_forty_false_ends_smuggle_nothing_in(direct):
    """One reply each, at the real end. A stranger's bare CR, LF or NUL is refused then; a relay's is kept as it came."""
    desk = Desk()
    async with opened(desk, direct=direct, limits=ROOM) as listening:
        client = await (await Client.to(listening.where)).greeted()
        for false in FALSE:
            inside = b"Subject: one\r\n\r\nbefore" + false + EVIL
            reply = await client.letter(inside)
            refused = direct and is_damaged(inside)
            assert reply == ("550 5.6.0 Bare CR, bare LF or NUL in the message" if refused else "250 2.0.0 Accepted")
            if not refused:
                envelope, content = desk.taken.pop()
                assert (envelope.reverse_path, content) == (ADA, unstuffed(inside))
            assert desk.taken == []
        assert await client.say("NOOP") == "250 2.0.0 OK"
        await client.close()


@pytest.mark.parametrize("false", FALSE, ids=ascii)
@pytest.mark.parametrize("at", ["start", "middle", "end"])
async def test_forty_false_ends_smuggle_nothing_out(false, at):
    """A letter with CRLF line ends arrives as it is, alone, wherever the false end stands in it."""
    # What we send has no other line ends (mail/compose); the dots are what is left of the danger.
    false = false.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", b"\r\n")
    before = b"" if at == "start" else b"Subject: one\r\n\r\nbefore"
    letter = before + false + (b"" if at == "end" else EVIL)
    desk = Desk()
    async with opened(desk, limits=ROOM) as listening:
        relay = Relay(RelayAddress("127.0.0.1", port_of(listening)), connections=1)
        for _ in range(2):
            assert (await relay.deliver(ADA, GAN, letter)).ok
        await relay.close()
    whole = letter if letter.endswith(b"\r\n") else letter + b"\r\n"
    assert [(envelope.reverse_path, content) for envelope, content in desk.taken] == [(ADA, whole)] * 2


SESSION = (
    b"EHLO x\r\nMAIL FROM:<ada@example.org>\r\nRCPT TO:<gan@events.example.org>\r\nDATA\r\n"
    b"one\r\n..\r\n.\r\nMAIL FROM:<>\r\nRCPT TO:<abuse@events.example.org>\r\nDATA\r\n.\r\nQUIT\r\n"
)


@pytest.fixture
def packets(monkeypatch):
    """What the door has been given, packet by packet."""
    seen, given = [], Session.data_received
    monkeypatch.setattr(Session, "data_received", lambda self, octets: (seen.append(octets), given(self, octets))[1])
    return seen


async def speak(where, pieces, packets):
    """All that is heard when each piece goes out after the one before has come in."""
    client = await Client.to(where)
    for number, piece in enumerate(pieces, 1):
        client.send(piece)
        await until(lambda number=number: len(packets) == number)
    heard = await client.reader.read(-1)
    await client.close()
    return heard


async def test_two_transactions_arrive_as_two_wherever_they_are_cut(packets):
    """In one write, and in two packets cut at each octet: the same replies, the same two mails."""
    heard = set()
    for cut in range(len(SESSION)):
        desk = Desk()
        packets.clear()
        async with opened(desk, limits=ROOM) as listening:
            pieces = [piece for piece in (SESSION[:cut], SESSION[cut:]) if piece]
            heard.add(await speak(listening.where, pieces, packets))
        assert packets == pieces
        assert [content for _, content in desk.taken] == [b"one\r\n.\r\n", b""]
        assert [str(envelope.forward_paths[0]) for envelope, _ in desk.taken] == [str(GAN), "abuse@events.example.org"]
    (replies,) = heard
    assert replies.count(b"250 2.0.0 Accepted\r\n") == 2
    assert replies.endswith(b"221 2.0.0 Bye\r\n")


async def test_octet_by_octet_is_the_same(packets):
    """A packet for each octet."""
    desk = Desk()
    async with opened(desk) as listening:
        replies = await speak(listening.where, [bytes([octet]) for octet in SESSION], packets)
    assert replies.count(b"250 2.0.0 Accepted\r\n") == len(desk.taken) == 2


async def test_a_hundred_and_more_transactions_in_one_write():
    """Pipelined to the end; each is answered, in order, and none is two."""
    one = b"MAIL FROM:<ada@example.org>\r\nRCPT TO:<gan@events.example.org>\r\nDATA\r\n%d\r\n.\r\n"
    desk = Desk()
    async with opened(desk, limits=ROOM) as listening:
        client = await Client.to(listening.where)
        client.send(b"EHLO x\r\n" + b"".join(one % number for number in range(150)) + b"QUIT\r\n")
        assert (await client.reader.read(-1)).count(b"250 2.0.0 Accepted\r\n") == 150
        await client.close()
    assert [content for _, content in desk.taken] == [b"%d\r\n" % number for number in range(150)]


FAULTS = {
    "552 5.3.4 Message too big": b"x" * 40 + b"\r\n",
    "500 5.6.0 Line too long": b"x" * 20 + b"\r\n",
    "452 4.3.1 Not enough room, try again later": b"x\r\n" * 9,
    "451 4.3.0 Try again later": b"x\r\n",
    "250 2.0.0 Accepted": b"\r\n",
}


@pytest.mark.parametrize(("reply", "content"), FAULTS.items(), ids=[text[:3] for text in FAULTS])
@pytest.mark.parametrize("recipients", [1, 2, 7])
async def test_lmtp_has_one_reply_for_each_recipient_on_every_path(reply, content, recipients):
    """RFC 2033 §4.2: however it ends, exactly one each, and the session goes on."""
    sizes = {"452": {"memory_octets": 20}, "552": {"max_size_octets": 30}}
    limits = DoorLimits(**{"line_octets": 20, **sizes.get(reply[:3], {})})
    local = "boom" if reply.startswith("451") else "gan"
    async with opened(Desk(), protocol="lmtp", limits=limits) as listening:
        client = await (await Client.to(listening.where)).greeted("LHLO x")
        await client.begin(*[f"{local}@events.example.org"] * recipients)
        client.send(content + b".\r\nNOOP\r\n")
        assert [await client.hear() for _ in range(recipients + 1)] == [reply] * recipients + ["250 2.0.0 OK"]
        await client.close()


@pytest.mark.parametrize("answers", [0, 1, 3])
async def test_a_house_that_answers_too_few_or_too_many_is_451_for_each(answers):
    """A fault of ours never shifts one recipient's answer to another."""
    desk = Desk()

    async def receive(envelope, content):
        return ("250 2.0.0 of somebody else",) * answers

    desk.receive = receive
    async with opened(desk, protocol="lmtp") as listening:
        client = await (await Client.to(listening.where)).greeted("LHLO x")
        await client.begin("gan@events.example.org", "abuse@events.example.org")
        client.send(b".\r\nNOOP\r\n")
        assert [await client.hear() for _ in range(3)] == ["451 4.3.0 Try again later"] * 2 + ["250 2.0.0 OK"]
        await client.close()


VERBS = ["HELO x", "EHLO x", "MAIL FROM:<>", "RCPT TO:<gan@events.example.org>", "DATA", "RSET", "NOOP", "VRFY x", "HELP", "QUIT", "STARTTLS"]


@pytest.mark.parametrize("verb", VERBS)
async def test_an_exception_anywhere_is_451_and_says_nothing(verb, monkeypatch, caplog):
    """Whatever breaks in whichever command: constant words for the peer, the reason for the log, and the session goes on."""

    async def broken(self, argument):
        raise RuntimeError(f"/var/lib/mailflow secret {argument}")

    monkeypatch.setattr(Session, f"smtp_{verb.partition(' ')[0]}", broken)
    async with opened(Desk()) as listening:
        client = await Client.to(listening.where)
        await client.hear()
        assert await client.say(verb) == "451 4.3.0 Try again later"
        assert await client.say("LHLO x") == "500 5.5.1 Command not recognized"
        await client.close()
    assert "secret" in caplog.text


@pytest.mark.parametrize("asked", ["welcome", "ready", "receive"])
async def test_an_exception_in_the_house_is_451_and_says_nothing(asked, caplog):
    """The three questions that the door asks."""
    desk = Desk()

    def broken(*_):
        raise OSError("/var/lib/mailflow/secret")

    setattr(desk, asked, broken)
    async with opened(desk) as listening:
        client = await (await Client.to(listening.where)).greeted()
        replies = [
            await client.say(line) for line in ("MAIL FROM:<>", "RCPT TO:<gan@events.example.org>", "DATA", "x\r\n.", "NOOP")
        ]
        await client.close()
    assert "451 4.3.0 Try again later" in replies
    assert not [reply for reply in replies if "secret" in reply]
    assert "secret" in caplog.text
