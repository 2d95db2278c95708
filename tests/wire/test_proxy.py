"""The PROXY protocol: what is a header, and whose connection it then is."""

import struct
from datetime import timedelta
from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailflow.wire.door import DoorLimits
from mailflow.wire.gate import Gate
from mailflow.wire.proxy import Announced, ProxyError, parse_proxy

from .desk import LOOPBACK, Client, Desk, opened, until

SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"
SHORT = timedelta(seconds=0.1)


def second(source="192.0.2.7", *, first=0x21, family=None, block=None, more=b"", size=None):
    """Version 2, right where nothing else is asked for."""
    address = ip_address(source)
    octets = address.packed * 2 + struct.pack("!HH", 40_000, 25) if block is None else block
    kind = (0x11 if address.version == 4 else 0x21) if family is None else family
    length = len(octets + more) if size is None else size
    return SIGNATURE + struct.pack("!BBH", first, kind, length) + octets + more


GOOD = {
    b"PROXY TCP4 192.0.2.7 198.51.100.1 40000 25\r\n": "192.0.2.7",
    b"PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n": "255.255.255.255",
    b"PROXY TCP6 2001:db8::7 2001:DB8::1 40000 25\r\n": "2001:db8::7",
    b"PROXY TCP6 ::ffff:192.0.2.7 ::1 0 25\r\n": "192.0.2.7",
    b"PROXY UNKNOWN\r\n": "",
    b"PROXY UNKNOWN what ever \xc3\r\n".replace(b"\xc3", b"c"): "",
    b"PROXY UNKNOWN " + b"f" * 91 + b"\r\n": "",
    second(): "192.0.2.7",
    second("2001:db8::7"): "2001:db8::7",
    second("::ffff:192.0.2.7"): "192.0.2.7",
    second(more=b"\x03\x00\x04abcd" + b"\x20\x00\xff" + b"x" * 255): "192.0.2.7",
    second(more=b"x" * 2036): "192.0.2.7",
    second(first=0x20): "",
    second(first=0x20, family=0, block=b""): "",
    second(first=0x20, family=0xFF, block=b"abc"): "",
    second(family=0, block=b"abc"): "",
    second(family=0x31, block=b"/" * 216): "",
}
BAD = [
    b"EHLO x\r\n", b"\x16\x03\x01", b"\r\n\r\n\0\r\nQUIT\r\n", b"proxy TCP4 192.0.2.7 198.51.100.1 40000 25\r\n", b"PROXY\r\n", b"PROXY \r\n", b"X",
    b"PROXY  TCP4 192.0.2.7 198.51.100.1 40000 25\r\n", b"PROXY TCP4\r\n", b"PROXY TCP4 192.0.2.7\r\n", b"PROXY TCP4 192.0.2.7 198.51.100.1\r\n",
    b"PROXY TCP4 192.0.2.7 198.51.100.1 40000\r\n", b"PROXY TCP4 192.0.2.7 198.51.100.1 40000 25 \r\n", b"PROXY TCP4 192.0.2.7 198.51.100.1 40000 25 x\r\n",
    b"PROXY TCP4 192.0.2.7 198.51.100.1 40000 65536\r\n", b"PROXY TCP4 192.0.2.7 198.51.100.1 -1 25\r\n", b"PROXY TCP4 192.0.2.7 198.51.100.1 40000 000025\r\n",
    b"PROXY TCP4 2001:db8::7 2001:db8::1 40000 25\r\n", b"PROXY TCP6 192.0.2.7 198.51.100.1 40000 25\r\n", b"PROXY TCP4 192.0.2.07 198.51.100.1 1 25\r\n",
    b"PROXY TCP4 192.0.2.256 198.51.100.1 1 25\r\n", b"PROXY TCP4 localhost 198.51.100.1 1 25\r\n", b"PROXY UDP4 192.0.2.7 198.51.100.1 1 25\r\n",
    b"PROXY TCP4 192.0.2.7 198.51.100.1 \xd9\xa1 25\r\n", b"PROXY TCP4 192.0.2.7\n198.51.100.1 1 25\r\n", b"PROXY UNKNOWN " + b"f" * 92 + b"\r\n",
    b"PROXY TCP4 192.0.2.7 198.51.100.1 1 25\n" + b" " * 80, b"PROXY TCP6 fe80::1%eth0\x00 ::1 1 25\r\n", b"PROXY UNKNOWN \xff\r\n",
    second(first=0x11), second(first=0x31), second(first=0x22), second(first=0x2F), second(family=0x12), second(family=0x22), second(family=0x01),
    second(family=0x41), second(family=0xFF), second(block=b"x" * 11), second("::1", block=b"x" * 35), second(family=0x31, block=b"x" * 215),
    second(more=b"x" * 2037), second(size=65_535),
]  # fmt: skip


@pytest.mark.parametrize("header", GOOD, ids=ascii)
def test_a_header_says_whose_the_connection_is(header):
    """Whole at its last octet and not before; what follows is not touched."""
    assert parse_proxy(header + b"EHLO x\r\n") == Announced(GOOD[header], len(header))
    for cut in range(len(header)):
        assert parse_proxy(header[:cut]) is None


@pytest.mark.parametrize("header", BAD, ids=ascii)
def test_what_is_no_header_is_none(header):
    """Wrong words, families, lengths, ports, and anything else."""
    with pytest.raises(ProxyError):
        parse_proxy(header)


@settings(max_examples=300)
@given(st.sampled_from([b"", b"PROXY ", b"PROXY TCP4 ", SIGNATURE, SIGNATURE + b"\x21\x11\x00"]), st.binary(max_size=300))
def test_any_octets_are_a_header_or_none_or_not_yet(start, octets):
    """Nothing else is raised, a host is an address, and a header is never longer than what has come."""
    try:
        announced = parse_proxy(start + octets)
    except ProxyError:
        return
    if announced is None:
        assert len(start + octets) < 2064
    else:
        assert announced.octets <= len(start + octets)
        assert not announced.host or ip_address(announced.host)


def known(taken):
    """Who the door says the peer is, and whether it is a relay of ours."""
    return taken[0].peer.host, taken[0].peer.relay


async def arrive(listening, header, *, cut=None):
    client = await Client.to(listening.where)
    client.send(header[:cut])
    if cut is not None:
        client.send(header[cut:])
    return client


@pytest.mark.parametrize("header", [b"PROXY TCP4 192.0.2.7 198.51.100.1 40000 25\r\n", second(), second("::ffff:192.0.2.7")], ids=ascii)
async def test_the_announced_address_is_the_peer(header):
    """A stranger that the proxy has let through: no relay, whatever `allow` says of the proxy. What is pipelined counts."""
    desk = Desk()
    async with opened(desk, proxy_protocol=True) as listening:
        client = await arrive(listening, header + b"EHLO x\r\n")
        assert (await client.hear())[:4] == "220 "
        assert (await client.hear())[:4] == "250-"
        await client.letter(b"x\r\n")
        await client.begin()
        client.send(b"bare\nfeed\r\n.\r\n")
        assert await client.hear() == "550 5.6.0 Bare CR, bare LF or NUL in the message"
        await client.close()
    assert [known(taken) for taken in desk.taken] == [("192.0.2.7", False)]


async def test_a_border_server_behind_the_proxy_is_our_relay():
    """An announced address that `allow` names is one of our own servers."""
    desk = Desk()
    async with opened(desk, proxy_protocol=True, allow=(*LOOPBACK, ip_network("192.0.2.0/24"))) as listening:
        client = await (await arrive(listening, second())).greeted()
        await client.letter(b"x\r\n")
        await client.close()
    assert known(desk.taken[0]) == ("192.0.2.7", True)


@pytest.mark.parametrize("header", [b"PROXY UNKNOWN\r\n", second(first=0x20), second(family=0, block=b"")], ids=ascii)
async def test_a_proxy_that_does_not_say_who_is_let_in_and_not_believed(header):
    """LOCAL and UNKNOWN: nobody knows who stands behind it, and its own address says nothing of a sender (SPF)."""
    desk = Desk()
    async with opened(desk, proxy_protocol=True) as listening:
        client = await (await arrive(listening, header)).greeted()
        await client.letter(b"x\r\n")
        await client.close()
    assert known(desk.taken[0]) == ("", False)


@pytest.mark.parametrize("header", [b"EHLO x\r\n", *BAD[1:4], BAD[-1], BAD[-2], b"PROXY TCP4 192.0.2.7 " + b" " * 90], ids=ascii)
async def test_a_wrong_header_closes_without_a_word(header, caplog):
    """Also none, and one that is too long. No greeting, no command, and the place is given back."""
    gate = Gate(DoorLimits(max_connections=1), LOOPBACK)
    async with opened(Desk(), proxy_protocol=True, gate=gate) as listening:
        for _ in range(2):
            client = await arrive(listening, header)
            assert await client.hear() == ""
            await client.close()
            await until(lambda: not listening.sessions)
    assert "proxy header" in caplog.text


@pytest.mark.parametrize("header", [b"", b"PROXY TCP4 192.0.2.7", SIGNATURE])
async def test_a_slow_header_closes(header):
    """Five seconds by default; the greeting waits for it. An end before the header is an end."""
    async with opened(Desk(), proxy_protocol=True, limits=DoorLimits(proxy_header=SHORT)) as listening:
        client = await arrive(listening, header)
        assert await client.hear() == ""
        hasty = await arrive(listening, header)
        hasty.writer.write_eof()
        assert await hasty.hear() == ""
        await client.close()
        await hasty.close()


async def test_a_header_may_come_in_pieces():
    """The packets of a header are cut anywhere."""
    header = second("2001:db8::7")
    async with opened(Desk(), proxy_protocol=True) as listening:
        for cut in (1, 12, 13, 15, 16, 30, len(header) - 1):
            client = await arrive(listening, header, cut=cut)
            assert (await client.hear())[:4] == "220 "
            await client.close()


async def test_the_caps_hold_for_the_announced_address():
    """Its own connections and its own minute, by /64; the proxy and our own servers have only the count of all."""
    limits = DoorLimits(max_connections_per_address=1)
    async with opened(Desk(), proxy_protocol=True, limits=limits) as listening:
        first = await arrive(listening, second("2001:db8::7"))
        assert (await first.hear())[:4] == "220 "
        again = await arrive(listening, second("2001:db8::8") + b"EHLO x\r\n")
        assert [await again.hear(), await again.hear()] == ["421 4.7.0 Too many connections, try again later", ""]
        for header in (second("2001:db8:0:1::7"), b"PROXY UNKNOWN\r\n", b"PROXY UNKNOWN\r\n", second("127.0.0.1"), second("127.0.0.1")):
            other = await arrive(listening, header)
            assert (await other.hear())[:4] == "220 "
            await other.close()
        await first.say("QUIT")
        await first.close()
        await until(lambda: not listening.sessions)
        back = await arrive(listening, second("2001:db8::9"))
        assert (await back.hear())[:4] == "220 "
        await back.close()
        await again.close()


async def test_who_is_no_proxy_is_not_asked_for_a_header():
    """Only `allow` may announce: everybody else hears 554 before anything is read."""
    async with opened(Desk(), proxy_protocol=True, allow=(ip_network("192.0.2.0/24"),)) as listening:
        client = await arrive(listening, second())
        assert await client.hear() == "554 5.7.1 Not allowed"
        await client.close()


async def test_over_lmtp_nobody_is_a_stranger():
    """LMTP is for our own servers: an announced address that `allow` does not name is not let in."""
    desk = Desk()
    async with opened(desk, proxy_protocol=True, protocol="lmtp") as listening:
        client = await arrive(listening, second())
        assert await client.hear() == "554 5.7.1 Not allowed"
        ours = await (await arrive(listening, second("127.0.0.9"))).greeted("LHLO x")
        await ours.letter(b"x\r\n")
        await client.close()
        await ours.close()
    assert known(desk.taken[0]) == ("127.0.0.9", True)


async def test_a_unix_socket_announces_nobody(tmp_path):
    """No proxy of `allow` is there: the first line is a command, and PROXY is none."""
    desk = Desk()
    async with opened(desk, proxy_protocol=True, where=f"unix:{tmp_path}/s") as listening:
        client = await Client.to(listening.where)
        assert (await client.hear())[:4] == "220 "
        assert (await client.say("PROXY UNKNOWN"))[:3] == "500"
        await client.close()
