"""Events that are made by mail: over real SMTP, from the first mail to the first registration."""

import asyncio
import email
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mailflow.mail.address import parse_address
from mailflow.model.registration import Status
from mailflow.service.opening import build_house, open_site_store
from mailflow.service.orders import erase_person
from mailflow.service.serve import Means, Service
from tests.service.conftest import kind_of

KIM, ADA = "kim.ek@example.org", "ada@example.org"
NEW = "new@events.test.example"
MAKERS = '[site]\ndomain = "events.test.example"\nevent_makers = ["kim.ek@example.org", "*@makers.example"]\n'
FORM = """Title: Bread baking for beginners
Date: 3 September 2019
Time: 17-20
Place: The teaching kitchen, Paradisgatan 1, Lund
Seats: 12
Sign up by: 1 September
Diet: yes
"""
SWEDISH = """Titel: Brödbak för nybörjare
Datum: 3 september
Tid: 17-20
Plats: Köket, Paradisgatan 1, Lund
Platser: 12
Anmälan senast: 1 september kl. 12
Specialkost: ja
"""
SEED = Path(__file__).parents[1] / "samples" / "seed-event.txt"


@pytest.fixture
async def makers(make_site, monkeypatch):
    """A site where Kim may make events."""
    monkeypatch.setattr("tests.service.conftest.CONFIG", with_makers())
    site = await make_site()
    site.to = NEW
    return site


def with_makers():
    from tests.service.conftest import CONFIG

    return CONFIG.replace('[site]\ndomain = "events.test.example"\n', MAKERS)


async def write(site, body, *, sender=f"Kim Ek <{KIM}>", reply_to=None, **more):
    """A mail to new@, in answer to a letter of ours if there is one."""
    headers = [f"In-Reply-To: <{reply_to.message_id}>"] if reply_to else []
    return await site.mail(sender, body, to=NEW, headers=headers, **more)


def drafts(site):
    return [letter for letter in site.letters(KIM) if kind_of(letter) == "event_draft"]


def files_of(octets):
    parts = email.message_from_bytes(octets).walk()
    return {part.get_filename(): part.get_payload(decode=True) for part in parts if part.get_filename()}


async def ended(site):
    mail = await site.last_mail()
    return mail.state, mail.verdict.reason


async def test_a_form_becomes_a_draft_then_an_event_and_the_first_guest_is_registered(makers):
    """Nothing is real before PUBLISH; then the address works at once, without a restart."""
    await write(makers, FORM, subject="event")
    (draft,) = drafts(makers)
    assert draft.subject == "Draft: Bread baking for beginners, Tue 3 Sept 17:00".replace("Sept", "Sep")
    assert str(draft.sender) == NEW
    for words in ("Bread baking for beginners", "Tuesday 3 September 2019, 17:00–20:00", "The teaching kitchen",
                  "12", "bread-baking-beginners@events.test.example", "Reply PUBLISH"):  # fmt: skip
        assert words in " ".join(draft.text.split())
    assert (await makers.mail(ADA, "register", to="bread-baking-beginners@events.test.example")).status == "5.1.1"
    files = files_of(makers.raw(KIM)[-1])
    assert set(files) == {"sign-up.png", "poster.html", "what-people-get.html"}
    assert files["sign-up.png"].startswith(b"\x89PNG")
    assert b"bread-baking-beginners@events.test.example" in files["poster.html"]
    await write(makers, "PUBLISH", reply_to=draft)
    published = makers.letters(KIM)[-1]
    assert kind_of(published) == "event_published"
    assert str(published.sender) == "bread-baking-beginners@events.test.example"
    assert (await makers.mail(ADA, "register\nDiet: vegan", to="bread-baking-beginners@events.test.example")).ok
    assert makers.kinds(ADA) == ["registered"]
    event = makers.service.house.events["bread-baking-beginners"]
    assert (event.capacity, event.organisers[0].name, str(event.organisers[0].address)) == (12, "Kim Ek", KIM)
    assert event.closes.isoformat() == "2019-09-01T23:59:00+02:00"
    # What a restart reads is what the service knows.
    assert build_house(makers.config, makers.keys, makers.clock).events["bread-baking-beginners"] == event
    person = await makers.read(lambda r: r.registration("bread-baking-beginners", 1))
    assert person.status is Status.CONFIRMED


async def test_publishing_twice_does_it_once(makers):
    """The second answer finds the draft published, and writes to nobody."""
    await write(makers, FORM)
    for _ in range(2):
        await write(makers, "PUBLISH", reply_to=drafts(makers)[0])
    assert makers.kinds(KIM) == ["event_draft", "event_published"]
    assert await ended(makers) == ("ignored", "the draft is published already")


async def test_a_swedish_form_is_answered_and_published_in_swedish(makers):
    """The dates without a year are the next ones; PUBLICERA and the button's code do it without a thread."""
    await write(makers, SWEDISH, subject="Nytt evenemang")
    (draft,) = drafts(makers)
    assert draft.subject == "Utkast: Brödbak för nybörjare, tis 3 sep 17.00"
    assert "svenska" in draft.text
    await write(makers, "PUBLICERA", subject=f"PUBLICERA {makers.code(KIM)}")
    event = makers.service.house.events["brodbak-nyborjare"]
    assert event.languages == ("sv",)
    assert event.closes.isoformat() == "2019-09-01T12:00:00+02:00"
    assert [question.id for question in event.questions] == ["diet"]
    await makers.mail(ADA, "Jag vill anmäla mig", to="brodbak-nyborjare@events.test.example")
    assert makers.kinds(ADA) == ["registered"]


async def test_the_announcement_of_the_seed_event_comes_out_right(makers):
    """Title, day, hours, room, deadline, food and programme; seats, which it does not say, are a guess and said so."""
    await write(makers, SEED.read_text(encoding="utf-8"), subject="Fwd: Workshop")
    (draft,) = drafts(makers)
    text = " ".join(draft.text.split())
    for words in (
        "The rise of creative machines - GAN Technology for Fake Data as Resource (our guess)",
        "Tuesday 27 August 2019, 12:30–16:00", "Eden 236, Eden, floor 2, Paradisgatan 5H, Lund",
        "Friday 23 August at 12:00", "lunch and fika (our guess)", "40 (our guess)",
        "rise-creative-machines@events.test.example",
    ):  # fmt: skip
        assert words in text
    await write(makers, "PUBLISH", reply_to=draft)
    event = makers.service.house.events["rise-creative-machines"]
    assert [item.title.get("en") for item in event.programme] == [
        "Mingle, registration and lunch", "Presentations", "Fika and mingle", "Panel discussion",
    ]  # fmt: skip
    assert event.venue.map.startswith("https://www.openstreetmap.org/")


async def test_lines_in_reply_change_the_draft_and_a_new_letter_comes(makers):
    """Only the newest letter publishes: PUBLISH to the one before shows what has become of it."""
    await write(makers, FORM)
    first = drafts(makers)[0]
    await write(makers, "Seats: 20\nPlace: Eden 116", reply_to=first)
    second = drafts(makers)[1]
    assert "20" in second.text
    assert "Eden 116" in second.text
    await write(makers, "PUBLISH", reply_to=first)
    assert makers.kinds(KIM) == ["event_draft"] * 3
    assert await ended(makers) == ("done", "the answer is to an older letter")
    await write(makers, "PUBLISH\nSeats: 21", reply_to=drafts(makers)[2])
    assert makers.kinds(KIM) == ["event_draft"] * 4
    await write(makers, "Publish!", reply_to=drafts(makers)[3])
    assert makers.service.house.events["bread-baking-beginners"].capacity == 21


async def test_what_is_missing_is_asked_for_and_a_day_that_is_over_is_missing(makers):
    """A draft without a day cannot be published; the letter has the lines to fill in."""
    await write(makers, "We want to bake bread together.", subject="Baking")
    (draft,) = drafts(makers)
    assert draft.subject == "Draft, something is missing: Baking"
    assert "Date:" in draft.text
    await write(makers, "PUBLISH", reply_to=draft)
    assert not any(name.startswith("baking") for name in makers.service.house.events)
    await write(makers, "Date: 2019-08-01\nTime: 12.30", reply_to=drafts(makers)[-1])
    assert "something is missing" in drafts(makers)[-1].subject
    await write(makers, "Date: 2019-09-01", reply_to=drafts(makers)[-1])
    assert drafts(makers)[-1].subject == "Draft: Baking, Sun 1 Sep 12:30"


async def test_a_deadline_that_is_over_is_left_out_and_said_to_be_a_guess(makers):
    """An announcement of last year with this year's day: nobody would be able to sign up."""
    await write(makers, FORM.replace("1 September", "2019-08-01"))
    (draft,) = drafts(makers)
    assert "until it begins (our guess)" in draft.text
    await write(makers, "PUBLISH", reply_to=draft)
    assert makers.service.house.events["bread-baking-beginners"].closes is None


async def test_drop_ends_the_draft(makers):
    """KASTA, too; nothing can be published any more."""
    await write(makers, SWEDISH)
    await write(makers, "Kasta", reply_to=drafts(makers)[0])
    assert await ended(makers) == ("done", "dropped by its maker")
    await write(makers, "PUBLICERA", reply_to=drafts(makers)[0])
    assert makers.kinds(KIM) == ["event_draft"]


@pytest.mark.parametrize(
    ("sender", "signed", "headers"),
    [
        (ADA, True, []),
        (KIM, False, []),
        (KIM, True, ["Auto-Submitted: auto-replied"]),
        (KIM, False, ["Authentication-Results: mx.test.example; dmarc=pass header.from=example.org"]),
    ],
    ids=["not a maker", "not proved", "a robot", "proved without a signature"],
)
async def test_nobody_else_makes_anything_or_gets_a_letter(makers, sender, signed, headers):
    """Neither somebody who is not on the list, nor anybody who only says to be; the mail is kept with its reason."""
    await makers.mail(sender, FORM, to=NEW, signed=signed, headers=headers)
    assert makers.letters() == []
    state, reason = await ended(makers)
    assert (state, reason) in {
        ("ignored", "not among site.event_makers"),
        ("ignored", "not proved as makers of events have to be"),
        ("silent", "auto-reply"),
    }


async def test_somebody_else_cannot_publish_nor_can_the_maker_unproved(makers):
    """Whoever has the letter, and whoever writes the maker's address, changes nothing."""
    await write(makers, FORM)
    (draft,) = drafts(makers)
    await write(makers, "PUBLISH", reply_to=draft, sender=ADA)
    await write(makers, "PUBLISH", reply_to=draft, signed=False)
    assert makers.kinds() == ["event_draft"]
    assert list(makers.service.house.events) == ["gan"]


async def test_quoted_words_publish_nothing(makers):
    """Our own letter below an answer says PUBLISH; so does what somebody else wrote."""
    await write(makers, FORM)
    (draft,) = drafts(makers)
    quoted = "\n".join(f"> {line}" for line in ("PUBLISH", *draft.text.splitlines()))
    await write(makers, f"On 20 August 2019 12:00 Desk <{NEW}> wrote:\n{quoted}", reply_to=draft)
    await write(makers, f"What do you think?\n\nOn 20 August 2019 12:00 Desk <{NEW}> wrote:\n{quoted}", reply_to=draft)
    assert list(makers.service.house.events) == ["gan"]
    assert "unread" not in makers.kinds(KIM)
    assert drafts(makers)[-1].subject == "Nothing has changed: Bread baking for beginners"


@pytest.mark.parametrize(("subject", "text"), [
    ("Re: PUBLISH", ""), ("Fwd: PUBLISH", ""), ("Re: Draft", "PUBLISH but not yet"), ("Re: Draft", "Should we\nPUBLISH"),
    ("Re: Draft", "> PUBLISH"), ("Re: Draft", "PUBLISH?"), ("Re: Draft", "PUBLISH\n\nNo, wait, the room is wrong."),
])  # fmt: skip
async def test_only_ones_own_word_alone_publishes(makers, subject, text):
    """Not the subject of what is answered or passed on, not a word in a sentence, not a question."""
    await write(makers, FORM)
    await write(makers, text, subject=subject, reply_to=drafts(makers)[0])
    assert list(makers.service.house.events) == ["gan"]
    await write(makers, "PUBLISH\n\nThank you!\nBest regards,\nKim Ek", reply_to=drafts(makers)[-1])
    assert list(makers.service.house.events) == ["gan", "bread-baking-beginners"]


async def test_a_mail_that_is_sent_again_does_nothing(makers):
    """The same signed mail, a day later or with other trace fields: a replay is known by its signature."""
    mail = makers.signer.sign(makers.write(f"Kim Ek <{KIM}>", FORM), makers.clock.now())
    await makers.mail(KIM, content=mail, signed=False, to=NEW)
    assert makers.kinds(KIM) == ["event_draft"]
    again = b"Received: by elsewhere.example; Tue, 20 Aug 2019 06:30:00 +0000\r\nX-Other: 1\r\n" + mail
    await makers.mail(KIM, content=again.replace(b"Subject: ", b"X-Was: 1\r\nSubject: ", 1), signed=False, to=NEW)
    makers.clock.forward(hours=25)
    late = makers.signer.sign(makers.write(KIM, FORM, subject="late"), datetime(2019, 8, 20, 4, 31, tzinfo=UTC))
    await makers.mail(KIM, content=late, signed=False, to=NEW)
    assert makers.kinds(KIM) == ["event_draft"]


async def test_without_makers_the_address_does_not_exist(site):
    """550 5.1.1, as any unknown address."""
    assert (await site.mail(KIM, FORM, to=NEW)).status == "5.1.1"


async def test_two_events_of_one_title_have_two_addresses(makers):
    """The second is numbered; a title without letters that an address could have is called event."""
    for _ in range(2):
        await write(makers, FORM)
        await write(makers, "PUBLISH", reply_to=drafts(makers)[-1])
    await write(makers, FORM.replace("Bread baking for beginners", "日本"))
    assert {"bread-baking-beginners", "bread-baking-beginners-2"} <= set(makers.service.house.events)
    assert "event@events.test.example" in drafts(makers)[-1].text


async def test_another_service_on_the_database_hears_of_it(makers):
    """It reads the one new file when it looks for mail, within a second; a reload keeps what it knows."""
    other = build_house(makers.config, makers.keys, makers.clock)
    await write(makers, FORM)
    await write(makers, "PUBLISH", reply_to=drafts(makers)[0])
    makers.service.house = other
    makers.service._gazette.since = makers.clock.now()
    makers.service._gazette._seen.clear()
    await makers.service._read_news()
    assert "bread-baking-beginners" in makers.service.house.events


async def test_drafts_are_forgotten_after_fourteen_days(makers):
    """Not what was published: its meeting may still move."""
    await write(makers, FORM)
    await write(makers, FORM.replace("Bread", "Cake"))
    await write(makers, "PUBLISH", reply_to=drafts(makers)[1])
    makers.clock.forward(days=14, hours=1)
    await makers.tick()
    await write(makers, "PUBLISH", reply_to=drafts(makers)[0])
    assert await ended(makers) == ("ignored", "the draft is gone")
    assert await makers.read(lambda r: r.event_draft(2)) is not None


async def test_a_second_door_on_the_database_opens_to_the_new_address(makers):
    """A service that only takes mail in hears within a second what another one has published."""
    store = open_site_store(makers.config)
    door = Service(build_house(makers.config, makers.keys, makers.clock), Means(store, makers.keys), ("intake",))
    await door.start()
    try:
        await write(makers, FORM)
        await write(makers, "PUBLISH", reply_to=drafts(makers)[0])
        for _ in range(200):
            if "bread-baking-beginners" in door.house.events:
                break
            await asyncio.sleep(0.05)
        assert door.house.welcome(parse_address("bread-baking-beginners@events.test.example")) is None
    finally:
        await door.close()


async def test_an_erased_maker_leaves_no_draft(makers):
    """Mails, letters and drafts at the address for new events go with the address, as at any event."""
    await write(makers, FORM)
    address = parse_address(KIM)
    house, now = makers.service.house, makers.clock.now()
    await makers.service.scribe.write(lambda writer: erase_person(house, writer, "new", address, now, "none"))
    assert await makers.read(lambda reader: reader.event_draft(1)) is None
    assert not await makers.read(lambda reader: reader.holds("new", address))


async def test_a_file_that_cannot_be_written_fails_as_any_fault_does_and_is_tried_again_later(makers, monkeypatch):
    """Nothing of it is done; when the folder is mended, the operator's retry publishes it."""
    await write(makers, FORM)

    def full(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("mailflow.service.publishing.put_file", full)
        await write(makers, "PUBLISH", reply_to=drafts(makers)[0])
    (failed,) = await makers.read(lambda reader: reader.mails(state="failed"))
    assert makers.kinds(KIM) == ["event_draft"]
    assert await makers.read(lambda reader: reader.event_state("bread-baking-beginners")) is None
    await makers.service.scribe.write(lambda writer: writer.retry_mail(failed.id, makers.clock.now()))
    makers.service._arrived.set()
    await makers.settle()
    assert makers.kinds(KIM) == ["event_draft", "event_published"]
