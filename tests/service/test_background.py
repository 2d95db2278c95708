"""What the reader is told beside a mail: standing, organiser, titles, and the letter that is answered."""

import asyncio
from dataclasses import replace

import pytest

from mailflow.mail.address import parse_address
from mailflow.mail.envelope import Envelope
from mailflow.mail.message import Message
from mailflow.model.intent import Silent
from mailflow.model.registration import Status
from mailflow.reading.read import read
from mailflow.service import study
from mailflow.service.background import background_of
from mailflow.service.receive import incoming
from mailflow.store.rows import Inbound

ADA, KIM = "ada@example.org", "kim.ek@example.org"


@pytest.fixture
def told(site):
    """The context of a mail from somebody to the event, or to a tagged address."""

    async def ask(sender, *, to="", **fields):
        message = Message(sender=parse_address(sender), **fields)
        envelope = Envelope(message.sender, (parse_address(to or site.to),), "smtp")
        (row,) = incoming(site.service.house, envelope, b"From: x\r\n\r\n")
        inbound = Inbound(1, row, site.clock.now(), 1)
        return (await site.read(lambda reader: background_of(site.service.house, reader, inbound, message)))[1]

    return ask


async def test_a_stranger_is_nobody_and_the_event_has_its_names(told):
    """No standing, no letter; titles in every language and the event's id."""
    context = await told("who@example.net")
    assert (context.standing, context.organiser, context.answered, context.thread) == ("none", False, "", False)
    assert context.own_text == ()
    assert {"The rise of creative machines", "De kreativa maskinernas intåg", "gan"} <= {*context.titles}
    assert (context.default_language, context.tag) == ("en", "")


@pytest.mark.parametrize(("sender", "ours"), [
    ("gan@events.test.example", True), ("GAN+r.x@events.test.example", True), ("other@events.test.example", True),
    ("postmaster@events.test.example", True), ("kim@events.test.example", False), ("gan@test.example", False),
])  # fmt: skip
async def test_a_mail_from_any_address_of_the_site_is_known_for_ours(site, told, sender, ours):
    """Two events that write to each other would never end; a person may have a mailbox in the same domain."""
    house = site.service.house
    site.service.house = replace(house, events=house.events | {"other": house.events["gan"]})
    context = await told(sender)
    assert context.own_sender is ours
    message = Message(sender=parse_address(sender), text="register")
    assert (read(message, Envelope(message.sender, (), "smtp"), context).intent == Silent("own")) is (
        ours and not sender.startswith("postmaster")
    )


@pytest.mark.parametrize(
    ("body", "signed", "standing"),
    [
        (("register",), True, "confirmed"),
        (("register",), False, "pending"),
        (("register", "cancel"), True, "cancelled"),
    ],
)
async def test_the_standing_is_that_of_the_from_address(site, told, body, signed, standing):
    """As the registration stands when the mail is read; case of the address does not matter."""
    for words in body:
        await site.mail(ADA, words, signed=signed)
    assert (await told("Ada@Example.org")).standing == standing
    assert (await told("bo@example.org")).standing == "none"


async def test_who_waits_and_who_let_a_question_run_out(site, told):
    """Waiting is a standing; a request that nobody confirmed never was one."""
    for name in ("a", "b", "c"):
        await site.mail(f"{name}@example.org", "register")
    await site.mail("late@example.org", "register", signed=False)
    site.clock.forward(hours=49)
    await site.tick()
    assert (await told("c@example.org")).standing == "waiting"
    assert (await site.person("late@example.org")).status is Status.EXPIRED
    assert (await told("late@example.org")).standing == "none"


async def test_the_letter_that_is_answered_is_known_by_kind_and_text(site, told):
    """By In-Reply-To, by References, by the tag of our Reply-To; of a stranger's ids nothing is known."""
    await site.mail(ADA, "register", signed=False)
    (letter,) = site.letters(ADA)
    tagged = letter.header("reply-to").strip("<>")
    for found in (
        await told(ADA, in_reply_to=(letter.message_id,)),
        await told(ADA, references=(letter.message_id, "later@example.org")),
        await told(ADA, to=tagged),
    ):
        assert (found.answered, found.thread, found.asked) == ("please_confirm", True, True)
        lines = {line.strip() for line in letter.text.splitlines() if line.strip()}
        assert {line.strip() for line in found.own_text} == lines
    other = await told(ADA, in_reply_to=("registered.00000001.zzzzzzzzzzzzzzzzzzzzzzzzzz@events.test.example",))
    assert (other.answered, other.thread, other.own_text) == ("", False, ())


async def test_a_challenge_found_by_its_code_alone_names_its_letter(site, told):
    """The button puts the code into the subject of a new mail, which has no thread."""
    await site.mail(ADA, "register", signed=False)
    context = await told(ADA, subject=f"YES {site.code(ADA)}")
    assert (context.answered, context.asked) == ("please_confirm", True)


async def test_a_letter_that_is_quoted_without_any_mark_is_not_read_as_new(site):
    """The whole confirmation below a "cancel", as plain as if typed: its own "Reply CANCEL" and facts are ours."""
    await site.mail(ADA, "register")
    (letter,) = site.letters(ADA)
    thread = [f"In-Reply-To: <{letter.message_id}>"]
    await site.mail(ADA, f"cancel\n\n{letter.text}", headers=thread)
    assert (await site.person(ADA)).status is Status.CANCELLED
    assert site.kinds(ADA)[-1] == "cancelled"


async def test_only_a_proved_organiser_is_told_to_the_reader(site, monkeypatch):
    """On the event's list and signed; unsigned he is anybody, and so is everybody else who signs."""
    seen = []
    read = study.read

    def listen(message, envelope, context):
        seen.append((str(message.sender), context.organiser))
        return read(message, envelope, context)

    monkeypatch.setattr(study, "read", listen)
    await site.mail(KIM, "help")
    await site.mail(KIM, "help", signed=False)
    await site.mail(ADA, "help")
    assert seen == [(KIM, True), (KIM, False), (ADA, False)]


async def test_a_batch_of_mails_is_known_each_by_itself(site, monkeypatch):
    """Contexts are not mixed up among the mails that are claimed together."""
    seen = {}
    read = study.read

    def listen(message, envelope, context):
        seen[str(message.sender)] = context.standing
        return read(message, envelope, context)

    await site.mail(ADA, "register")
    await site.mail("bo@example.org", "register", signed=False)
    monkeypatch.setattr(study, "read", listen)
    senders = (ADA, "bo@example.org", "cy@example.org")
    await asyncio.gather(*(site.mail(sender, "status", settle=False) for sender in senders))
    await site.settle()
    assert seen == {ADA: "confirmed", "bo@example.org": "pending", "cy@example.org": "none"}
