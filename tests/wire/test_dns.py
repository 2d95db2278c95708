"""DNS answers: from a table, and from a real name server on the loopback address."""

import asyncio
import contextlib
from datetime import timedelta

import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset
import pytest

from mailflow.proof.dns import Found, Missing, Unreachable
from mailflow.wire.dns import ASKING, MAX_QUERIES, SystemResolver, TableResolver, ask


class Zone(asyncio.DatagramProtocol):
    """A name server with one table: name → records, an rcode, or silence; "MX name" for other kinds than TXT."""

    def __init__(self, table, ttl):
        self.table, self.ttl, self.asked = table, ttl, []

    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, data, address):
        query = dns.message.from_wire(data)
        name = query.question[0].name.to_text(omit_final_dot=True).lower()
        self.asked.append(name)
        kind = dns.rdatatype.to_text(query.question[0].rdtype)
        found = self.table.get(name if kind == "TXT" else f"{kind} {name}")
        if found == "silence":
            return
        if found == "garbage":
            self.transport.sendto(data[:2] + b"\xff" * 40, address)
            return
        response = dns.message.make_response(query)
        if found is None:
            response.set_rcode(dns.rcode.NXDOMAIN)
        elif isinstance(found, str):
            response.set_rcode(dns.rcode.from_text(found))
        elif found:
            response.answer.append(dns.rrset.from_text_list(query.question[0].name, self.ttl, "IN", kind, found))
        self.transport.sendto(response.to_wire(max_size=65_535), address)


@contextlib.asynccontextmanager
async def zone(table, ttl=60):
    loop = asyncio.get_running_loop()
    transport, server = await loop.create_datagram_endpoint(lambda: Zone(table, ttl), local_addr=("127.0.0.1", 0))
    clock = [1000.0]
    resolver = SystemResolver(
        nameservers=["127.0.0.1"],
        port=transport.get_extra_info("sockname")[1],
        timeout=timedelta(seconds=0.3),
        clock=lambda: clock[0],
    )
    try:
        yield resolver, server, clock
    finally:
        transport.close()
        await asyncio.sleep(0)


async def test_records_come_joined_from_their_strings():
    """RFC 7208 §3.3; names are asked in lower case, with or without the last dot."""
    async with zone({"k._domainkey.example.org": ['"v=DKIM1; " "p=AAAA"'], "example.org": ['"a"', '"b"']}) as (
        resolver,
        _,
        _,
    ):
        assert await resolver.txt("K._domainkey.Example.org.") == Found((b"v=DKIM1; p=AAAA",))
        answer = await resolver.txt("example.org")
        assert sorted(answer.records) == [b"a", b"b"]


async def test_absence_and_failure_are_different_things():
    """NXDOMAIN, a name without TXT, and no usable answer."""
    async with zone(
        {"empty.example": [], "broken.example": "SERVFAIL", "mute.example": "silence", "odd.example": "garbage"}
    ) as (resolver, _, _):
        assert await resolver.txt("nobody.example") == Missing()
        assert await resolver.txt("empty.example") == Missing(exists=True)
        for name in ("broken.example", "mute.example", "odd.example"):
            assert await resolver.txt(name) == Unreachable()


@pytest.mark.parametrize(
    "name", ["", ".", "a..b", "x" * 64 + ".example", "a." * 130 + "example", "å.example", "\\", "a\x00b\\999"]
)
async def test_what_is_no_name_does_not_exist(name):
    """Names come out of mails; nothing is asked for these."""
    async with zone({}) as (resolver, server, _):
        assert await resolver.txt(name) == Missing()
        assert server.asked == []


async def test_answers_are_kept_for_their_time_and_an_hour_at_most():
    """Absence five minutes, failures half a minute: a mail is looked at again after a whole one."""
    async with zone({"a.example": ['"a"'], "down.example": "SERVFAIL"}, ttl=86_400) as (resolver, server, clock):
        for _ in range(2):
            await resolver.txt("a.example")
            await resolver.txt("b.example")
        assert server.asked == ["a.example", "b.example"]
        clock[0] += 301
        await resolver.txt("a.example")
        await resolver.txt("b.example")
        assert server.asked == ["a.example", "b.example", "b.example"]
        clock[0] += 3300
        await resolver.txt("a.example")
        assert server.asked[3:] == ["a.example"]
        before = len(server.asked)
        await resolver.txt("down.example")
        once = len(server.asked) - before
        assert await resolver.txt("down.example") == Unreachable()
        assert len(server.asked) - before == once
        clock[0] += 31
        await resolver.txt("down.example")
        assert len(server.asked) - before == 2 * once


async def test_a_question_that_nobody_waits_for_any_longer_is_answered_for_the_next_who_asks():
    """A mail does not wait for a slow name server, and is looked at again; two who ask at once are one question."""
    async with zone({"slow.example": "silence", "a.example": ['"a"']}) as (resolver, server, _):
        answers = await ask(resolver, ["a.example", "slow.example"], timedelta(seconds=0.1))
        assert answers == {"a.example": Found((b"a",)), "slow.example": Unreachable()}
        before = len(server.asked)
        assert await asyncio.gather(*(resolver.txt("slow.example") for _ in range(3))) == [Unreachable()] * 3
        assert await resolver.txt("slow.example") == Unreachable()
        assert len(server.asked) - before <= 1  # dnspython may have sent its one question once more


async def test_so_many_names_are_asked_at_once_and_no_more():
    """A flood of mails that name mute servers must not grow what is under way."""
    async with zone(dict.fromkeys((f"{n}.example" for n in range(ASKING)), "silence")) as (resolver, _, _):
        under_way = [asyncio.create_task(resolver.txt(f"{n}.example")) for n in range(ASKING)]
        await asyncio.sleep(0)
        async with asyncio.timeout(0.2):
            assert await resolver.txt("one-more.example") == Unreachable()
        assert await asyncio.gather(*under_way) == [Unreachable()] * ASKING
        assert await resolver.txt("one-more.example") == Missing()


async def test_a_flood_of_records_is_cut():
    """A hundred records, 4096 octets each."""
    table = {
        "many.example": [f'"{number}"' for number in range(150)],
        "long.example": ['"x" ' + '"%s" ' % ("y" * 250) * 17, '"short"'],
    }
    async with zone(table) as (resolver, _, _):
        assert len((await resolver.txt("many.example")).records) == 100
        assert await resolver.txt("long.example") == Found((b"short",))


async def test_the_last_of_a_universitys_many_records_is_seen():
    """Sixty services each want a TXT record on the name itself; SPF's is among them, and must not be cut off."""
    table = {"uni.example": [f'"service-{number}={"x" * 60}"' for number in range(60)] + ['"v=spf1 -all"']}
    async with zone(table) as (resolver, _, _):
        assert b"v=spf1 -all" in (await resolver.txt("uni.example")).records


async def test_spf_has_other_kinds_of_record():
    """Addresses, exchanges and names as text; what no host can be called is left out."""
    table = {
        "A a.example": ["192.0.2.1"], "AAAA a.example": ["2001:DB8::1"],
        "MX a.example": ["10 MX.a.example.", "20 a\\032b.example."], "PTR 1.2.0.192.in-addr.arpa": ["a.example.", "\\000.example."],
    }  # fmt: skip
    async with zone(table) as (resolver, server, _):
        assert await resolver.look_up("A", "A.example.") == Found((b"192.0.2.1",))
        assert await resolver.look_up("AAAA", "a.example") == Found((b"2001:db8::1",))
        assert await resolver.look_up("MX", "a.example") == Found((b"10 mx.a.example",))
        assert await resolver.look_up("PTR", "1.2.0.192.in-addr.arpa") == Found((b"a.example",))
        asked = len(server.asked)
        assert await resolver.look_up("A", "a.example") == Found((b"192.0.2.1",))
        assert len(server.asked) == asked
        assert await resolver.look_up("A", "b.example") == Missing()


async def test_what_is_kept_has_a_bound_in_octets():
    """Answers at length push out others: eight megabytes at most."""
    long = [f'"{number}" ' + '"%s" ' % ("y" * 250) * 16 for number in range(15)]
    names = [f"{number}.example" for number in range(150)]
    async with zone(dict.fromkeys(names, long)) as (resolver, server, _):
        for name in names:
            await resolver.txt(name)
        assert (
            resolver._kept_octets
            == sum(len(r) for _, kept in resolver._kept.values() for r in kept.records)
            <= 8 * 1024 * 1024
        )
        assert len(resolver._kept) < len(names)
        await resolver.txt(names[-1])
        assert len(server.asked) == len(names)


async def test_a_table_is_a_resolver_too():
    """For the demo: what is not in it does not exist."""
    table = TableResolver({"k._domainkey.example.org": b"v=DKIM1"})
    answers = await ask(table, ["k._domainkey.example.org", "other.example", "k._domainkey.example.org"])
    assert answers == {"k._domainkey.example.org": Found((b"v=DKIM1",)), "other.example": Missing()}
    assert await ask(table, []) == {}


class Mixed:
    """Answers by the name."""

    asked = 0

    async def txt(self, name):
        self.asked += 1
        if name == "late":
            await asyncio.sleep(60)
        if name == "broken":
            raise RuntimeError
        return Found((name.encode(),))


async def test_names_are_asked_all_at_once_and_late_ones_are_unreachable():
    """The time is for all together; a failing resolver is no failing mail."""
    answers = await ask(Mixed(), ["a", "late", "broken", "b"], timedelta(seconds=0.05))
    assert answers == {"a": Found((b"a",)), "late": Unreachable(), "broken": Unreachable(), "b": Found((b"b",))}


async def test_no_mail_asks_without_end():
    """Forty names; the rest is Unreachable."""
    resolver = Mixed()
    answers = await ask(resolver, [str(number) for number in range(100)])
    assert (resolver.asked, len(answers), answers["99"]) == (MAX_QUERIES, 100, Unreachable())
