"""Programs that answer programs: mailflow ends it after one letter (trust.md §5, §11).

The robots are as bad as they come: they answer every letter, whatever its headers ask for, to every address it names,
and quote it whole; their domain signs what they write, so that we take them for proved people.
"""

import asyncio
import re
from email.utils import format_datetime

import pytest

from mailflow.mail.parse import parse
from mailflow.proof.signer import public_record

from . import conftest
from .conftest import CONFIG, Site

ROBOT = "robot@example.org"
HOPS = 40


class Town(Site):
    """A site with a domain of its own, whose signature the other town can verify."""

    def __init__(self, folder, keys_pem, domain):
        super().__init__(folder, 5, keys_pem)
        self.domain, self.to = domain, f"gan@{domain}"
        self.records |= {f"mf1._domainkey.{one}": public_record(keys_pem[0]).encode() for one in ("a.example", "b.example")}
        self.posted = 0

    def new_letters(self):
        letters, self.posted = self.courier.letters[self.posted :], len(self.courier.letters)
        return letters


@pytest.fixture
async def make_town(tmp_path, keys_pem, monkeypatch):
    """Sites by their domain."""
    made = []

    async def make(domain):
        (tmp_path / domain).mkdir()
        monkeypatch.setattr(conftest, "CONFIG", CONFIG.replace("events.test.example", domain))
        made.append(await Town(tmp_path / domain, keys_pem, domain).start())
        return made[-1]

    yield make
    await asyncio.gather(*(town.close() for town in made))


async def until_silence(towns, robot=None):
    """Carry every letter where it is addressed, and what comes of it, until nobody writes any more."""
    by_domain = {town.domain: town for town in towns}
    for _ in range(HOPS):
        letters = [(town, *letter) for town in towns for letter in town.new_letters()]
        if not letters:
            return
        for town, reverse, to, content in letters:
            if to.domain in by_domain:
                await by_domain[to.domain].mail(str(reverse), to=str(to), reverse_path=str(reverse), content=content, signed=False)
            elif robot is not None and str(to) == ROBOT:
                for back in robot(town, parse(content), content):
                    await town.mail(ROBOT, reverse_path=back.get("reverse", ROBOT), to=back["to"], content=back["content"])
        for town in towns:
            await town.tick()
    pytest.fail("they never stop")


def answer(town, letter, raw, *, body="", headers=(), subject="Re: {}", threaded=True, new_id=True, reverse=ROBOT):
    """One mail to each address that the letter names, with all of the letter quoted below."""
    quoted = "\n".join(f"> {line}" for line in letter.text.splitlines())
    names = dict.fromkeys(re.findall(r"[\w.+-]+@" + re.escape(town.domain), raw.partition(b"\r\n\r\n")[0].decode()))
    for to in (name for name in names if name.startswith("gan")):
        town.count += 1
        lines = [
            f"From: A Robot <{ROBOT}>", f"To: {to}", f"Subject: {subject.format(letter.subject)}",
            f"Date: {format_datetime(town.clock.now())}",
            f"Message-ID: <{town.count if new_id else 'same'}.robot@example.org>",
            *([f"In-Reply-To: <{letter.message_id}>", f"References: <{letter.message_id}>"] if threaded else []),
            *headers, "MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: 8bit", "",
            body, "", quoted,
        ]  # fmt: skip
        content = "\r\n".join(lines).replace("\r\n", "\n").replace("\n", "\r\n").encode() + b"\r\n"
        yield {"to": to, "content": content, "reverse": reverse}


AWAY = "I am away until Monday and will read your mail then. In urgent cases ask my colleague."
RECEIVED = "Thank you for contacting us. Your request has been received and will be answered as soon as possible."


def vacation(town, letter, raw):
    """RFC 3834, as Sieve writes it."""
    return answer(town, letter, raw, body=AWAY, subject="Auto: {}", headers=["Auto-Submitted: auto-replied"], reverse=None)


def outlook(town, letter, raw):
    """Exchange's."""
    return answer(town, letter, raw, body=AWAY, subject="Automatic reply: {}", headers=["X-Auto-Response-Suppress: All"])


def procmail(town, letter, raw):
    """An old one: a null path and no more."""
    return answer(town, letter, raw, body=AWAY, reverse=None, threaded=False)


def tickets(town, letter, raw):
    """A ticket system that says what it is."""
    return answer(town, letter, raw, body=RECEIVED, subject="[Ticket #4711] {}", headers=["Auto-Submitted: auto-generated"])


def request_tracker(town, letter, raw):
    """One that only has a mark of its own against loops."""
    return answer(town, letter, raw, body=RECEIVED, subject="[example.org #4711] {}", headers=["X-RT-Loop-Prevention: example.org"])


def mailing_list(town, letter, raw):
    """The event's address is on the list that has registered: it gets its own letter back, as the list's."""
    head, _, body = raw.partition(b"\r\n\r\n")
    kept = [line for line in re.split(rb"\r\n(?![ \t])", head) if not line.lower().startswith((b"from:", b"dkim-signature:", b"reply-to:"))]
    ours = [f"From: A list <{ROBOT}>".encode(), b"List-Id: <robot.example.org>", b"Precedence: list"]
    yield {"to": town.to, "content": b"\r\n".join([*ours, *kept]) + b"\r\n\r\n" + body, "reverse": "robot-bounces@example.org"}


def exploder(town, letter, raw):
    """An alias that hands on what it gets, as it is: our own From, our own Message-ID."""
    yield {"to": town.to, "content": raw, "reverse": ROBOT}


MARKED = [vacation, outlook, procmail, tickets, request_tracker, mailing_list, exploder]


@pytest.mark.parametrize("signed", [True, False], ids=["proved", "unproved"])
@pytest.mark.parametrize("robot", MARKED)
async def test_a_robot_gets_one_letter(make_town, robot, signed):
    """It has registered, or somebody forged that it does; what it answers is never answered, and confirms nothing."""
    town = await make_town("a.example")
    await town.mail(ROBOT, "register", signed=signed)
    await until_silence([town], robot)
    assert town.kinds(ROBOT) == ["registered" if signed else "please_confirm"]
    person = await town.person(ROBOT)
    assert person.status == ("confirmed" if signed else "pending")


def liar_on_leave(town, letter, raw):
    return answer(town, letter, raw, body=AWAY)


def liar_with_tickets(town, letter, raw):
    return answer(town, letter, raw, body=RECEIVED, subject="[#4711] {}", threaded=False)


def echo(town, letter, raw):
    return answer(town, letter, raw)


def parrot(town, letter, raw):
    return answer(town, letter, raw, body="register")


@pytest.mark.parametrize("signed", [True, False], ids=["proved", "unproved"])
@pytest.mark.parametrize(("robot", "most"), [(liar_on_leave, 2), (liar_with_tickets, 2), (echo, 2), (parrot, 4)])
async def test_a_robot_that_hides_it_is_soon_written_to_no_more(make_town, robot, most, signed):
    """Nothing marks what it writes, so it may be a person: one receipt, and at the very most three turns."""
    town = await make_town("a.example")
    await town.mail(ROBOT, "register", signed=signed)
    await until_silence([town], robot)
    assert 1 <= len(town.kinds(ROBOT)) <= most


STRIPPED = re.compile(rb"(?:auto-submitted|x-mailflow|x-auto-response-suppress|list-id|dkim-signature):.*\r\n(?:[ \t].*\r\n)*", re.IGNORECASE)


@pytest.mark.parametrize("words", ["register", "", "status", "Is there parking at the house?"])
async def test_two_mailflows_end_after_one_letter(make_town, words):
    """Somebody writes to the one in the name of the other: one letter, and the other knows it for what it is."""
    a, b = await make_town("a.example"), await make_town("b.example")
    await a.mail("gan@b.example", words, signed=False)
    await until_silence([a, b])
    assert len(a.letters("gan@b.example")) == 1
    assert b.letters("gan@a.example") == []


async def test_two_mailflows_end_also_when_their_marks_are_lost(make_town):
    """A border that throws our headers away, and the signature with them: each has one letter, a question and a receipt."""
    a, b = await make_town("a.example"), await make_town("b.example")
    for town in (a, b):
        deliver = town.courier.deliver
        town.courier.deliver = lambda reverse, to, content, deliver=deliver: deliver(reverse, to, STRIPPED.sub(b"", content))
    await a.mail("gan@b.example", "register", signed=False)
    await until_silence([a, b])
    assert (len(a.letters("gan@b.example")), len(b.letters("gan@a.example"))) == (1, 1)
