"""Whoever forges a sender must not be able to use us against him: limits of questions and letters, on the real path."""

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from mailflow.desk.budget import AskLimits
from mailflow.mail.address import parse_address
from mailflow.mail.envelope import Envelope, Peer
from mailflow.model.registration import Status
from mailflow.service.receive import Reception

ADA, KIM = "ada@example.org", "kim.ek@example.org"
FORGED = 60
HOUR = timedelta(hours=1)


@pytest.fixture
def limited(make_site):
    """A site with small limits: what holds for sixty mails and ten questions holds for 10 000 and 500."""

    async def make(config="", **limits):
        site = await make_site(200, config=config)
        site.service.house = replace(site.service.house, ask_limits=AskLimits(**limits))
        return site

    return make


async def forge(site, count, domain="victim-{n}.example", first=0):
    for n in range(first, first + count):
        await site.mail(f"v{n}@{domain.format(n=n)}", "register", signed=False, settle=False)
    await site.settle()


async def until(site, true):
    async with asyncio.timeout(20):
        while not await site.read(true):
            await asyncio.sleep(0.02)


async def an_hour_later(site):
    """Whatever waits is looked at again."""
    site.clock.forward(minutes=61)
    site.service._arrived.set()
    later = site.clock.now() + HOUR
    await until(site, lambda reader: all(m.next_attempt >= later for m in reader.mails(state="waiting", limit=1000)))
    await site.settle()


async def states(site):
    return Counter(mail.state for mail in await site.read(lambda reader: reader.mails(limit=1000)))


async def test_a_flood_of_forged_registrations_becomes_no_flood_of_letters(limited):
    """10 000 victims, 500 letters an hour; who is proved is served meanwhile; every mail has its end, and is told."""
    site = await limited(event=10, site=12)
    await forge(site, FORGED)
    assert len(site.letters()) == 10
    assert await states(site) == {"done": 10, "waiting": 50}
    await site.mail(ADA, "register")
    assert site.kinds(ADA) == ["registered"]
    for hour in range(1, 4):
        await an_hour_later(site)
        assert len(site.letters()) == 11 + 10 * hour
    await an_hour_later(site)
    assert await states(site) == {"done": 51, "failed": 10}
    parked = await site.read(lambda reader: reader.mails(state="failed"))
    assert {mail.verdict.reason for mail in parked} == {"limit: one event"}
    assert (await site.person(ADA)).status is Status.CONFIRMED
    site.clock.forward(hours=21)
    await site.tick()
    digest = " ".join(site.letters(KIM)[-1].text.split())
    assert (
        "(för det här evenemanget). Fler mejl väntar i högst fyra timmar eller har lagts åt sidan: 10 hittills"
        in digest
    )
    assert "gick inte att hantera" not in digest
    # The operator lets one in: nothing of it was lost.
    await site.service.scribe.write(lambda writer: writer.retry_mail(parked[0].id, site.clock.now()))
    site.service._arrived.set()
    await site.settle()
    assert (await states(site))["failed"] == 9


async def test_one_domain_is_asked_so_often_in_an_hour_and_no_other_waits_for_it(limited):
    """Thirty to a university, three hundred to a large provider; the next domain is asked at once."""
    site = await limited(domain=2, provider=3)
    await forge(site, 4, "lu.example")
    await forge(site, 4, "gmail.com", first=10)
    await forge(site, 1, first=20)
    told = Counter(str(to).partition("@")[2] for _, to, _ in site.courier.letters)
    assert told == {"lu.example": 2, "gmail.com": 3, "victim-20.example": 1}


async def test_what_a_proved_sender_is_asked_back_is_no_question_to_a_stranger(limited):
    """The mailbox is known to be theirs; but whom they name is somebody else."""
    site = await limited(event=0)
    await site.mail(ADA, "")
    assert site.kinds(ADA) == ["please_confirm"]
    await site.mail("bo@example.org", "Please register me and my colleague Cy, cy@example.net.")
    assert site.kinds("cy@example.net") == []
    assert (await site.last_mail()).verdict.reason == "limit: one event"


async def test_one_network_causes_so_many_questions_where_everybody_may_connect(limited):
    """By /24 and /64; a mail that a server of ours hands over is of no network."""
    site = await limited(network=2)
    door = Reception(lambda: site.service.house, site.service.scribe, site.service._arrived.set)

    async def direct(host, n):
        sender = parse_address(f"v{n}@victim-{n}.example")
        content = site.write(str(sender), "register")
        await door.receive(Envelope(sender, (parse_address(site.to),), "smtp", Peer(host, relay=False)), content)

    hosts = ("192.0.2.1", "192.0.2.200", "192.0.2.7", "192.0.3.1", "::ffff:192.0.2.9", "2001:db8::1", "2001:db8::2:1")
    for n, host in enumerate((*hosts, "2001:db8::3", "2001:db8:0:1::1")):
        await direct(host, n)
    await site.settle()
    asked = {int(str(to)[1 : str(to).index("@")]) for _, to, _ in site.courier.letters}
    assert asked == {0, 1, 3, 5, 6, 8}
    await forge(site, 3, first=20)
    assert len(site.letters()) == 9


async def test_an_event_whose_questions_nobody_answers_asks_few_and_its_organisers_hear_it(limited):
    """More than half of the last hundred ran out: twenty an hour from then on, until people answer again."""
    site = await limited(domain=1000)
    for n in range(51):
        await site.mail(f"v{n}@x{n}.example", "register", signed=False, settle=False)
    await site.settle()
    site.clock.forward(hours=49)
    await site.tick()
    digest = " ".join(site.letters(KIM)[-1].text.split())
    assert "Mer än hälften av de senaste hundra som vi bad bekräfta svarade inte." in digest
    assert "högst 20 i timmen" in digest
    site.courier.letters.clear()
    await forge(site, 25, first=100)
    assert site.kinds().count("please_confirm") == 20
    site.clock.forward(hours=24)
    await site.tick()
    assert "bekräfta svarade inte" not in site.letters(KIM)[-1].text


async def test_the_site_sends_so_many_letters_an_hour_and_the_rest_waits_in_the_outbox(limited):
    """The relay's reputation is everybody's. None is lost, and they go in order."""
    site = await limited(config="[limits]\nletters_per_hour = 3\n")
    for n in range(5):
        await site.mail(f"p{n}@example.org", "register", settle=False)
    await until(
        site, lambda reader: not reader.mails(state="new") and reader.sent_since(site.clock.now() - HOUR, 9) == 3
    )
    site.clock.forward(minutes=61)
    site.service._posted.set()
    await site.settle()
    assert sorted(str(to) for _, to, _ in site.courier.letters) == [f"p{n}@example.org" for n in range(5)]


@pytest.mark.parametrize(("body", "kind"), [("help", "not_understood"), ("register", "closed")])
async def test_an_answer_that_asks_nothing_is_counted_as_a_question_is(limited, body, kind):
    """A forger who asks for help in the names of ten thousand would have as many letters sent otherwise."""
    site = await limited(event=10)
    site.clock.forward(days=4 if kind == "closed" else 0)
    for n in range(30):
        await site.mail(f"v{n}@victim-{n}.example", body, signed=False, settle=False)
    await site.settle()
    assert Counter(site.kinds())[kind] == 10


async def test_a_flood_to_postmaster_does_not_take_the_letters_of_others(limited):
    """Each such mail is a letter to the contact, and all letters of an hour have one bound: the flood waits, not Ada."""
    site = await limited(role=3, config="[limits]\nletters_per_hour = 10\n")
    for n in range(20):
        await site.mail(f"v{n}@x.example", f"hello {n}", signed=False, settle=False, to="postmaster@events.test.example")
    await until(site, lambda reader: not reader.mails(state="new"))
    await site.mail("x@x.example", "complaint", signed=False, settle=False, to="abuse@events.test.example")
    await site.mail(ADA, "register")
    assert site.kinds(ADA) == ["registered"]
    assert len(site.raw("desk@example.org")) == 4
    assert {mail.verdict.reason for mail in await site.read(lambda r: r.mails(state="waiting"))} == {"limit: postmaster"}
    await an_hour_later(site)
    assert len(site.raw("desk@example.org")) == 7
    for _ in range(3):
        await an_hour_later(site)
    parked = await site.read(lambda reader: reader.mails(state="failed"))
    assert {mail.verdict.reason for mail in parked} == {"limit: postmaster"}


async def test_mail_to_a_role_address_takes_no_questions_from_the_events(limited):
    """It is passed on to our own contact: the limit of questions to strangers is not touched by it."""
    site = await limited(site=2, role=10)
    for n in range(5):
        await site.mail(f"v{n}@x.example", f"hello {n}", signed=False, settle=False, to="postmaster@events.test.example")
    await site.settle()
    await forge(site, 3)
    assert site.kinds().count("please_confirm") == 2
