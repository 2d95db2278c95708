"""Announcements on the real path: once a person, whatever breaks, and repeated in what is confirmed later."""

import pytest

from mailflow.desk.announce import announcement_of
from mailflow.service import rounds
from mailflow.service.announce import announce, propose, recipients

PEOPLE = [f"p{n}@example.org" for n in range(5)]
ADA, BO, CY, DI, ED = PEOPLE
TEXT = "Another entrance\nDear {first_name}, use the one towards the park.\n--- sv ---\nEn annan ingång\nAnvänd den mot parken.\n"


@pytest.fixture
async def site(make_site):
    """Four seats for five people: Ed waits."""
    one = await make_site(4)
    for who in PEOPLE:
        await one.mail(who, "register")
    one.clock.forward(minutes=1)
    return one


async def say(site, text=TEXT, **more):
    """What the verb and the YES do."""
    house = site.service.house
    event = house.events["gan"]
    draft = announcement_of(text, event.languages)
    return await site.service.scribe.write(lambda writer: announce(house, writer, event, draft, **more))


def told(site, who):
    return site.kinds(who).count("announcement")


def counts(site):
    return [told(site, who) for who in PEOPLE]


async def test_everyone_with_a_seat_is_told_once(site):
    """In a letter of their own, with the way out in its header; ticking on sends nothing twice."""
    await say(site)
    for _ in range(3):
        await site.tick()
    assert counts(site) == [1, 1, 1, 1, 0]
    letter = site.letters(ADA)[-1]
    assert letter.subject == "The rise of creative machines: Another entrance"
    code = (await site.person(ADA)).code
    assert letter.header("list-unsubscribe") == f"<mailto:{site.to}?subject=STOP%20{code}>"
    assert letter.header("list-id") == "<gan.events.test.example>"
    assert letter.header("auto-submitted") == "auto-generated"
    assert letter.in_reply_to
    (said,) = await site.read(lambda reader: reader.announcements("gan"))
    assert said.state == "sent"


async def test_each_reads_it_in_their_language(site):
    """Bo writes Swedish from now on."""
    await site.mail(BO, "Min anmälan", subject="status")
    await site.mail(BO, "Specialkost: vegan")
    assert (await site.person(BO)).language == "sv"
    await say(site)
    await site.tick()
    assert site.letters(BO)[-1].subject == "De kreativa maskinernas intåg: En annan ingång"
    assert site.letters(ADA)[-1].subject.endswith(": Another entrance")


async def test_the_line_is_told_by_itself_or_with_all(site):
    """One after the other, in order: each reads them as they were written."""
    await say(site, "First\nOne.", audience="waiting")
    await say(site, "Second\nTwo.", audience="all")
    await site.tick()
    assert counts(site) == [0, 0, 0, 0, 1]
    await site.tick()
    assert counts(site) == [1, 1, 1, 1, 2]
    assert [letter.subject.rpartition(": ")[2] for letter in site.letters(ED)[-2:]] == ["First", "Second"]


async def test_stop_is_heard_and_counted(site):
    """Neither in the number that is shown before, nor in the round."""
    event = site.service.house.events["gan"]
    await site.mail(ADA, "STOP")
    assert await site.read(lambda reader: recipients(reader, event, "confirmed")) == 3
    await say(site)
    await site.tick()
    assert counts(site) == [0, 1, 1, 1, 0]


async def test_a_round_that_breaks_off_goes_on_without_doubles(site, monkeypatch):
    """The transaction takes back what it wrote; the next ticks write to everybody, once."""
    monkeypatch.setattr(rounds, "BATCH", 2)
    await say(site)
    await site.tick()
    assert sum(counts(site)) == 2
    whole, calls = rounds.carry_out, []

    def breaks(*args):
        calls.append(args)
        if len(calls) == 2:
            raise OSError("the disk is full")
        return whole(*args)

    monkeypatch.setattr(rounds, "carry_out", breaks)
    await site.tick()
    assert len(calls) == 2
    assert sum(counts(site)) == 2
    for _ in range(3):
        await site.tick()
    assert counts(site) == [1, 1, 1, 1, 0]


async def test_who_comes_later_reads_it_in_the_confirmation(site):
    """Ed moves up while the round is still to begin: the letter that gives the seat has it, and is the only one."""
    await say(site)
    site.clock.forward(minutes=1)
    await site.mail(ADA, "cancel")
    await site.tick()
    assert counts(site) == [0, 1, 1, 1, 0]
    promoted = site.letters(ED)[-1]
    assert site.kinds(ED)[-1] == "promoted"
    assert "Latest from the organiser" in promoted.text
    assert "use the one towards the park" in promoted.text


async def test_what_the_line_was_told_is_no_news_to_who_has_a_seat(site):
    """Nor is there anything to repeat before the first."""
    await say(site, "Patience\nYou may still get in.", audience="waiting")
    await site.tick()
    await site.mail(ADA, "cancel")
    assert "Latest" not in site.letters(ED)[-1].text


async def test_when_the_event_is_called_off_the_round_goes_no_further(site, monkeypatch):
    """The letter about the end is the last word."""
    monkeypatch.setattr(rounds, "BATCH", 2)
    await say(site)
    await site.tick()
    from mailflow.model.event import Localized

    await site.service.scribe.write(lambda writer: writer.call_off("gan", Localized(), site.clock.now()))
    for _ in range(4):
        await site.tick()
    assert sum(counts(site)) == 2
    (said,) = await site.read(lambda reader: reader.announcements("gan"))
    assert said.state == "ended"


async def test_a_long_one_is_repeated_in_part(site):
    """A confirmation has more to say: after a thousand characters it is cut between words."""
    await say(site, "Long\n" + "word " * 900)
    site.clock.forward(minutes=1)
    await site.mail(ADA, "cancel")
    await site.mail(ADA, "register")
    text = site.letters(ED)[-1].text
    assert 150 < text.count("word") < 210
    assert "word…" in text


async def test_the_preview_is_the_letter_that_goes_out(site):
    """One of each text, and the number; nothing is kept by it."""
    house = site.service.house
    event = house.events["gan"]
    draft = announcement_of(TEXT, event.languages)
    shown = await site.read(lambda reader: propose(house, reader, event, reader.event_state("gan"), draft, "confirmed"))
    assert shown.people == 4
    assert [letter.subject.rpartition(": ")[2] for letter in shown.letters] == ["Another entrance", "En annan ingång"]
    await say(site)
    await site.tick()
    assert shown.letters[0].text.strip() == site.letters(ADA)[-1].text.strip()
