"""An event that is called off, on the real path: everybody is told once, whatever breaks, and nothing goes on after."""

import pytest

from mailflow.mail.address import parse_address
from mailflow.model.event import Localized
from mailflow.service import rounds

from .test_changed import edit, invitation, wait

PEOPLE = [f"p{n}@example.org" for n in range(5)]
ADA, BO, CY, DI, ED = PEOPLE
REASON = Localized((("en", "The lecturer is ill. Write to {contact}."), ("sv", "Föreläsaren är sjuk.")))


@pytest.fixture
async def site(make_site):
    """Four seats are taken, Ed waits, one was asked and has not answered; 20 August."""
    one = await make_site(4)
    for who in PEOPLE:
        await one.mail(who, "register")
    await one.mail("stranger@elsewhere.example", "register", signed=False)
    return one


async def call_off(site):
    await site.service.scribe.write(lambda writer: writer.call_off("gan", REASON, site.clock.now()))


def told(site, who):
    return [letter for letter in site.letters(who) if "letter=event_cancelled" in letter.header("x-mailflow")]


async def test_everybody_is_told_once_and_the_list_is_empty(site):
    """Seats with a CANCEL that their calendar knows, the line without one, strangers not at all."""
    await call_off(site)
    for _ in range(3):
        await wait(site)
    assert [len(told(site, who)) for who in PEOPLE] == [1] * 5
    assert not told(site, "stranger@elsewhere.example")
    first, last = (invitation(octets) for octets in (site.raw(ADA)[0], site.raw(ADA)[-1]))
    assert [str(last[key]) for key in ("UID", "STATUS", "SUMMARY")] == [str(first["UID"]), "CANCELLED", str(first["SUMMARY"])]
    assert (last["SEQUENCE"], last["DTSTART"].dt) == (1, first["DTSTART"].dt)
    assert b"METHOD:CANCEL" in site.raw(ADA)[-1] or b"method=CANCEL" in site.raw(ADA)[-1]
    assert b"text/calendar" not in site.raw(ED)[-1]
    assert "The lecturer is ill. Write to Kim Ek and Robin Berg." in " ".join(told(site, ADA)[0].text.split())
    state = await site.read(lambda reader: reader.event_state("gan"))
    assert (state.taken, state.waiting) == (0, 0)
    assert not await site.read(lambda reader: [c for c in reader.chosen("gan") if c.taken])
    assert list(await site.service.scribe.read(lambda reader: reader.people_to_end("gan", 0, 9))) == []


async def test_the_round_is_walked_in_parts_and_survives_a_fault(site, monkeypatch):
    """Two people a tick; what breaks is taken back and made up for; who asks meanwhile hears how it stands."""
    monkeypatch.setattr(rounds, "BATCH", 2)
    await call_off(site)
    await wait(site)
    assert sum(len(told(site, who)) for who in PEOPLE) == 2
    await site.mail(DI, "status")
    assert "your letter is on its way" in " ".join(site.letters(DI)[-1].text.split())
    whole = rounds.carry_out

    def breaks(*args):
        raise OSError("the disk is full")

    monkeypatch.setattr(rounds, "carry_out", breaks)
    before = [len(told(site, who)) for who in PEOPLE]
    await site.tick()
    assert [len(told(site, who)) for who in PEOPLE] == before
    monkeypatch.setattr(rounds, "carry_out", whole)
    for _ in range(4):
        await wait(site)
    assert [len(told(site, who)) for who in PEOPLE] == [1] * 5


async def test_nothing_goes_on_afterwards(site):
    """No seat for the line, no reminder, no thanks, no news of the file; the file does not take it back."""
    await call_off(site)
    await wait(site)
    before = len(site.letters())
    await edit(site, "capacity = 4", 'capacity = 9\n[[reminder]]\ndays_before = 1\nat = 09:00:00\n[after]\nthank_you_at = "09:00"')
    await edit(site, "Eden 236", "Eden 116")
    for _ in range(24 * 9):
        await wait(site, 60)
    kinds = {letter.header("x-mailflow").partition("letter=")[2].partition(";")[0] for letter in site.letters()[before:]}
    assert kinds <= {"digest"}
    assert (await site.read(lambda reader: reader.event_state("gan"))).called_off


async def test_it_is_said_once_and_for_all(site):
    """The first word and the first reason stand."""
    await call_off(site)
    later = await site.service.scribe.write(lambda writer: writer.call_off("gan", Localized(), site.clock.now()))
    assert later is False
    assert (await site.read(lambda reader: reader.event_state("gan"))).reason == REASON


async def test_who_writes_later_is_answered(site):
    """Sign-ups and YES; questions reach people, and what is held can be seen and erased."""
    code = site.code("stranger@elsewhere.example")
    await call_off(site)
    await wait(site)
    await site.mail("new@example.org", "anmäl mig")
    assert site.letters("new@example.org")[-1].subject.startswith("Inställt: ")
    await site.mail("stranger@elsewhere.example", "yes", subject=f"YES {code}", signed=False)
    assert site.letters("stranger@elsewhere.example")[-1].subject.startswith(("Called off: ", "Inställt: "))
    await site.mail(ADA, "Will there be another one in spring, do you think? I had looked forward to it.")
    assert site.kinds("kim.ek@example.org")[-1] == "question_forwarded"
    await site.mail(ADA, "my data")
    site.clock.forward(hours=2)
    await site.mail(ADA, "erase")
    assert site.kinds(ADA)[-2:] == ["my_data", "erased"]
    assert await site.read(lambda reader: reader.registration_of("gan", parse_address(ADA))) is None


async def test_each_hears_of_the_day_that_they_know(site):
    """The file moved the event a moment ago, and nobody was told: the letter and its CANCEL say the old day."""
    await edit(site, "2019-08-27T", "2019-08-28T")
    await site.mail("new@example.org", "cancel")
    await call_off(site)
    await wait(site, 1)
    (letter,) = told(site, ADA)
    assert "Tue 27 Aug 12:30" in letter.subject
    assert "27 August 2019" in letter.text
    assert invitation(site.raw(ADA)[-1])["DTSTART"].dt == invitation(site.raw(ADA)[0])["DTSTART"].dt


async def test_everybody_is_erased_on_their_day(site):
    """Thirty days after the event would have ended."""
    await call_off(site)
    await wait(site)
    site.clock.forward(days=38)
    await site.tick()
    assert await site.read(lambda reader: reader.registrations("gan")) == ()


async def test_the_digest_says_that_it_is_called_off(site):
    """And how many were told."""
    await call_off(site)
    await wait(site, 30)
    site.clock.forward(hours=24)
    await site.tick()
    digest = site.letters("robin.berg@example.org") + site.letters("kim.ek@example.org")
    text = " ".join(digest[-1].text.split())
    assert "inställt" in text.lower()
    assert "5 personer" in text
