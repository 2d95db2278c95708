"""Who sent it, over the whole path: SPF at a direct door, and a DNS that does not answer."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from mailflow.mail.address import parse_address
from mailflow.mail.envelope import Envelope, Peer
from mailflow.mail.parse import parse
from mailflow.proof.dns import Found, Missing, Unreachable
from mailflow.proof.spf import Spf, SpfQuestion
from mailflow.service.evidence import ask_spf, gather
from mailflow.service.receive import Reception
from mailflow.service.study import Examined

from .conftest import Site

ADA = "ada@example.org"


@pytest.fixture
async def direct(tmp_path, keys_pem):
    """A site that anybody may connect to, with SPF on; example.org sends from 192.0.2.1 and has a DMARC record."""
    site = Site(tmp_path, 2, keys_pem)
    site.records |= {"example.org": b"v=spf1 ip4:192.0.2.1 -all", "_dmarc.example.org": b"v=DMARC1; p=reject"}
    await site.start()
    house = site.service.house
    site.service.house = replace(house, config=replace(house.config, trust=replace(house.config.trust, spf=True)))
    yield site
    await site.close()


async def hand_over(site, host, content, reverse_path=ADA, helo="mail.example.org"):
    door = Reception(lambda: site.service.house, site.service.scribe, site.service._arrived.set)
    path = parse_address(reverse_path)
    await door.receive(Envelope(path, (parse_address(site.to),), "smtp", Peer(host, helo=helo)), content)
    await site.settle()


async def test_whom_spf_vouches_for_is_registered_at_once(direct):
    """Level M: an unsigned mail from the domain's own server."""
    await hand_over(direct, "192.0.2.1", direct.write(ADA, "register"))
    entry = await direct.last_mail()
    assert (entry.verdict.proof, direct.kinds(ADA)) == ("spf", ["registered"]), entry.verdict
    assert "spf=pass d=example.org" in entry.verdict.evidence


async def test_whom_spf_denies_under_a_policy_gets_nothing(direct):
    """Level F: kept, no letter, no effect."""
    await hand_over(direct, "198.51.100.1", direct.write(ADA, "register"))
    assert (await direct.last_mail()).verdict.proof == "failed"
    assert direct.letters() == []


async def test_a_path_of_somebody_else_vouches_for_nobody(direct):
    """SPF passes for evil.example, and From says example.org."""
    await hand_over(direct, "192.0.2.1", direct.write(ADA, "register"), reverse_path="eve@evil.example")
    assert (await direct.last_mail()).verdict.proof == "failed"


async def test_what_the_client_called_itself_reaches_spf(direct, monkeypatch):
    """The HELO name is kept with the mail, since records may ask for it, and goes with its other traces."""
    asked = []

    async def spf(resolver, question, most):
        asked.append(question)
        return Spf("none", question.domain)

    monkeypatch.setattr("mailflow.service.evidence.ask_spf", spf)
    await hand_over(direct, "192.0.2.1", direct.write(ADA, "register"))
    assert asked == [SpfQuestion("192.0.2.1", ADA, "example.org", "mail.example.org")]


async def looked_at(site, attempt):
    for _ in range(100):
        await asyncio.sleep(0.02)
        entry = await site.last_mail()
        if attempt(entry):
            return entry
    raise AssertionError(entry)


async def test_without_dns_a_mail_is_tried_after_1_5_and_15_minutes_and_then_asked(site, monkeypatch):
    """trust.md §1.5: neither proof nor guilt; in the end it is judged as unproved, and its sender is asked.

    Before all that once after ten seconds: the first look waits for nobody who is slow.
    """

    async def dead(resolver, names, within, most):
        return {name: Unreachable() for name in names}

    monkeypatch.setattr("mailflow.service.evidence.ask", dead)
    begun = site.clock.now()
    await site.mail(ADA, "register", settle=False)
    for wait in (1 / 6, 1, 6, 21):
        due = begun + timedelta(minutes=wait)
        entry = await looked_at(site, lambda one, due=due: one.next_attempt == due)
        assert (entry.state, entry.verdict.reason, site.letters()) == ("waiting", "DNS gave no answer", [])
        site.clock.forward(seconds=(due - site.clock.now()).total_seconds())
        site.service._arrived.set()
    entry = await looked_at(site, lambda one: one.state == "done")
    await site.settle()
    assert (entry.verdict.proof, site.kinds(ADA)) == ("none", ["please_confirm"])
    assert "DNS gave no answer in 21 minutes" in entry.verdict.evidence


async def test_a_signed_mail_that_is_sent_again_does_nothing(site):
    """With a new envelope and other fields that nobody signed the fingerprint is another; the signature is not."""
    content = site.signer.sign(site.write(ADA, "register"), site.clock.now())
    await site.mail(ADA, content=content, signed=False)
    await site.mail(ADA, "cancel")
    assert site.kinds(ADA) == ["registered", "cancelled"]
    for again in (content, b"X-Seen: 1\r\n" + content, base64_otherwise(content)):
        for to in ("gan@events.test.example", "gan+x@events.test.example"):
            site.clock.forward(minutes=1)
            await site.mail(ADA, content=again, signed=False, to=to, reverse_path="eve@evil.example")
            assert (await site.last_mail()).state == "ignored"
    assert (await site.last_mail()).verdict.reason == "signed as mail 1 was: the same mail again"
    assert (site.kinds(ADA), (await site.person(ADA)).status) == (["registered", "cancelled"], "cancelled")


def base64_otherwise(content):
    """The same octets in `b=`, written with other idle bits: RSA-2048 gives 256 octets, so the last sign has four."""
    head, mark, rest = content.partition(b"==\r\n")
    assert (mark, len(head.rpartition(b"b=")[2]) > 300) == (b"==\r\n", True)
    signs = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    last = signs.index(head[-1])
    return head[:-1] + signs[last ^ 1 : (last ^ 1) + 1] + mark + rest


async def test_the_same_signed_mail_to_two_addresses_of_the_desk_is_done_once(site):
    """A client that delivers To and Cc by themselves: the second changes nothing."""
    content = site.signer.sign(site.write(ADA, "register"), site.clock.now())
    for to in ("gan+x@events.test.example", "gan@events.test.example"):
        await site.mail(ADA, content=content, signed=False, to=to)
    assert site.kinds(ADA) == ["registered"]


class Slow:
    """Answers TXT at once, unless the name says otherwise."""

    def __init__(self):
        self.asked = []

    async def txt(self, name):
        self.asked.append(name)
        if "slow" in name:
            await asyncio.sleep(60)
        return Found((name.encode(),))

    async def look_up(self, kind, name):
        if "slow" in name:
            await asyncio.sleep(60)
        return Found((b"v=spf1 a:slow.example -all",)) if kind == "TXT" else Missing()


def examined(*names, spf=None):
    return Examined(parse(b""), names, spf)


async def test_forty_questions_are_for_a_mail_and_not_for_a_batch():
    """Sixty-four mails of sixty-four domains are all judged in one go."""
    mails = [examined(*(f"{n}.d{mail}.example" for n in range(5))) for mail in range(64)]
    for mail, found in zip(mails, await gather(Slow(), mails), strict=True):
        assert found.answers == {name: Found((name.encode(),)) for name in mail.questions}


async def test_a_mail_with_many_questions_takes_turns_with_the_others():
    """First each mail's first question: forty slow names of one are not before anybody else's."""
    resolver = Slow()
    greedy = examined(*(f"{n}.greedy.example" for n in range(40)))
    await gather(resolver, [greedy, examined("a.example", "b.example")])
    assert resolver.asked[:4] == ["0.greedy.example", "a.example", "1.greedy.example", "b.example"]


async def test_spf_that_waits_for_a_name_server_is_a_temperror():
    """Eight seconds; here less."""
    question = SpfQuestion("192.0.2.1", "a@uni.example", "uni.example", "unknown")
    assert (await ask_spf(Slow(), question, 40, timedelta(seconds=0.2))).result == "temperror"


async def test_spf_gets_what_is_left_of_a_mails_forty_questions():
    """None left: a permerror, which proves and blames nobody."""
    question = SpfQuestion("192.0.2.1", "a@uni.example", "uni.example", "unknown")
    (found,) = await gather(Slow(), [examined(*(f"{n}.example" for n in range(40)), spf=question)])
    assert found.spf.result == "permerror"
    assert await gather(Slow(), []) == []
