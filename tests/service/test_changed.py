"""A change of the event file on the real path: read again by the running service, told once, when it has stood."""

import asyncio
import email
from dataclasses import replace
from io import StringIO

import pytest
from icalendar import Calendar

from mailflow.journal import Journal
from mailflow.service import rounds
from mailflow.service.changed import to_be_told
from mailflow.service.opening import build_house, sync_events

PEOPLE = [f"p{n}@example.org" for n in range(5)]
ADA, BO, CY, DI, ED = PEOPLE
NOON, ONE = "2019-08-27T12:30:00", "2019-08-27T13:15:00"


@pytest.fixture
async def site(make_site):
    """Four seats are taken, Ed waits; 20 August."""
    one = await make_site(4)
    for who in PEOPLE:
        await one.mail(who, "register")
    return one


async def edit(site, old, new):
    """The file says `new`, and HUP. The tick that HUP causes is left out: the tests tick, when their clock says so."""
    site.service._reread = asyncio.Event()
    file = site.folder / "events" / "gan.toml"
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))
    site.service.reload = lambda: (build_house(site.config, site.keys, site.clock), site.keys)
    await site.service.reread()


async def wait(site, minutes=10):
    site.clock.forward(minutes=minutes)
    await site.tick()


def told(site, who):
    return [letter for letter in site.letters(who) if "event_changed" in letter.header("x-mailflow")]


def invitation(octets):
    parts = email.message_from_bytes(octets).walk()
    octets = next(part.get_payload(decode=True) for part in parts if part.get_content_type() == "text/calendar")
    return Calendar.from_ical(octets).walk("VEVENT")[0]


async def test_a_new_time_is_told_once_to_seats_and_line(site):
    """After ten minutes: with a new invitation to seats, without one to the line, and never again."""
    await edit(site, NOON, ONE)
    await wait(site, 9)
    assert not any(told(site, who) for who in PEOPLE)
    for _ in range(4):
        await wait(site, 1)
    assert [len(told(site, who)) for who in PEOPLE] == [1] * 5
    assert told(site, ADA)[0].subject == "New time for The rise of creative machines: Tue 27 Aug 13:15"
    first, second = (invitation(octets) for octets in (site.raw(ADA)[0], site.raw(ADA)[-1]))
    assert second["UID"] == first["UID"]
    assert (first["SEQUENCE"], second["SEQUENCE"]) == (0, 1)
    assert second.decoded("DTSTAMP") > first.decoded("DTSTAMP")
    assert second.decoded("DTSTART").strftime("%H:%M") == "13:15"
    assert second["ATTENDEE"].params["PARTSTAT"] == "NEEDS-ACTION"
    assert told(site, ADA)[0].header("auto-submitted") == "auto-generated"
    assert told(site, ADA)[0].header("list-unsubscribe") is None
    assert told(site, ADA)[0].in_reply_to
    assert b"text/calendar" not in site.raw(ED)[-1]
    assert "number 1 on the waiting list" in told(site, ED)[0].text


async def test_the_calendar_answer_outlives_a_change_of_room(site):
    """The room is told with the stored answer, and no question."""
    row = await site.person(ADA)
    await edit(site, "Eden 236", "Eden 116")
    await wait(site)
    assert told(site, ADA)[0].subject.endswith("New venue for The rise of creative machines: Eden 116")
    assert (await site.person(ADA)).sequence == row.sequence + 1
    assert "Eden 236" in told(site, ADA)[0].text
    assert "Eden 116" in invitation(site.raw(ADA)[-1])["LOCATION"]


async def test_a_slip_that_is_mended_at_once_is_told_to_nobody(site):
    """There and back within ten minutes; and a second change starts the ten minutes anew."""
    await edit(site, "Eden 236", "Eden 263")
    site.clock.forward(minutes=5)
    await edit(site, "Eden 263", "Eden 236")
    await wait(site, 60)
    assert not any(told(site, who) for who in PEOPLE)
    await edit(site, NOON, ONE)
    site.clock.forward(minutes=6)
    await edit(site, "Eden 236", "Eden 116")
    await wait(site, 6)
    assert not told(site, ADA)
    await wait(site, 4)
    (letter,) = told(site, ADA)
    assert "12:30" in letter.text
    assert "Eden 236" in letter.text
    assert letter.subject.startswith("New time")


async def test_other_words_and_more_seats_are_no_news(site):
    """What calendars show may change without a letter; the next one carries it."""
    await edit(site, 'timezone = "Europe/Stockholm"', 'timezone = "Europe/Stockholm"\nhost = "Somebody else"')
    await wait(site, 60)
    assert not told(site, ADA)


async def test_who_signed_up_after_the_change_knows_it(site):
    """The first letter told them already."""
    await edit(site, NOON, ONE)
    site.clock.forward(minutes=2)
    await site.mail("new@example.org", "register")
    await wait(site)
    assert told(site, ADA)
    assert not told(site, "new@example.org")


async def test_stop_does_not_stop_it_and_cancel_does(site):
    """A seat has to be found by whoever keeps it."""
    await site.mail(ADA, "STOP")
    await site.mail(BO, "cancel")
    await edit(site, NOON, ONE)
    await wait(site)
    assert len(told(site, ADA)) == 1
    assert not told(site, BO)


async def test_a_change_during_downtime_is_found_at_the_start(site):
    """A restart reads the file, as HUP does; the ten minutes count from then."""
    file = site.folder / "events" / "gan.toml"
    file.write_text(file.read_text().replace(NOON, ONE))
    await site.client.close()
    await site.service.close()
    site.clock.forward(hours=30)
    await site.start()
    await wait(site, 10)
    assert [len(told(site, who)) for who in PEOPLE] == [1] * 5


async def test_a_round_is_walked_in_parts_and_survives_a_fault(site, monkeypatch):
    """Two people a tick; what breaks is taken back and made up for, and nobody hears twice."""
    monkeypatch.setattr(rounds, "BATCH", 2)
    await edit(site, NOON, ONE)
    await wait(site)
    assert sum(len(told(site, who)) for who in PEOPLE) == 2
    whole = rounds.carry_out

    def breaks(*args):
        raise OSError("the disk is full")

    monkeypatch.setattr(rounds, "carry_out", breaks)
    before = [len(told(site, who)) for who in PEOPLE]
    await site.tick()
    assert [len(told(site, who)) for who in PEOPLE] == before
    monkeypatch.setattr(rounds, "carry_out", whole)
    for _ in range(4):
        await wait(site, 1)
    assert [len(told(site, who)) for who in PEOPLE] == [1] * 5


async def test_a_change_in_the_middle_of_a_round_tells_each_what_is_new_to_them(site, monkeypatch):
    """Taken back half-way: who was told of the room hears where it is now, who was not hears nothing."""
    monkeypatch.setattr(rounds, "BATCH", 2)
    await edit(site, "Eden 236", "Eden 116")
    await wait(site)
    await edit(site, "Eden 116", "Eden 236")
    for _ in range(4):
        await wait(site)
    assert [len(told(site, who)) for who in PEOPLE] == [2, 2, 0, 0, 0]
    assert "Eden 116" in told(site, ADA)[-1].text
    assert (await site.person(ADA)).sequence == 2
    assert (await site.person(CY)).sequence == 0


async def test_nothing_is_told_of_what_is_over(site):
    """A title that is mended afterwards is for the archive."""
    site.clock.forward(days=8)
    await edit(site, "The rise of", "The fall of")
    await wait(site)
    assert not told(site, ADA)
    assert len(await site.read(lambda reader: reader.announced("gan"))) == 1


async def test_how_many_will_be_told_is_said_before(site):
    """In the log when the file is read; and by anybody who asks, before that and until it is done."""
    file = site.folder / "events" / "gan.toml"
    file.write_text(file.read_text().replace(NOON, ONE))
    house = build_house(site.config, site.keys, site.clock)

    def ask(reader):
        return to_be_told(house, reader, house.events["gan"])

    assert await site.read(ask) == 5
    log = StringIO()
    house = replace(house, journal=Journal(log, "text", "info", str))
    site.service.reload = lambda: (house, site.keys)
    await site.service.reread()
    assert 'job=event-changed event=gan result="up to 5 to be told"' in log.getvalue()
    assert await site.read(ask) == 5
    await wait(site)
    assert await site.read(ask) == 0


async def test_a_file_that_the_service_has_not_read_waits_for_it(site):
    """Two services on one database: the one that was reloaded writes, the other one keeps still."""
    file = site.folder / "events" / "gan.toml"
    file.write_text(file.read_text().replace(NOON, ONE))
    house = build_house(site.config, site.keys, site.clock)
    assert await site.service.scribe.write(lambda writer: sync_events(house, writer)) == (("gan", 5),)
    await wait(site, 60)
    assert not told(site, ADA)
    await edit(site, ONE, ONE)
    await wait(site, 0)
    assert len(told(site, ADA)) == 1


async def test_swedish_readers_are_told_in_swedish(site):
    """Each in the language of their last mail."""
    await site.mail("sv@example.org", "Hej, jag vill anmäla mig!")
    await edit(site, 'name = "Eden 236"', 'name = "Eden 116"')
    await wait(site)
    (letter,) = told(site, "sv@example.org")
    assert letter.subject == "Ny lokal för De kreativa maskinernas intåg: Eden 116"
    assert letter.header("content-language") == "sv"


async def test_what_is_included_and_when_doors_open_is_told(site):
    """Others counted on the lunch; the calendar learns it, and keeps its answer."""
    await edit(site, 'timezone = "Europe/Stockholm"', 'timezone = "Europe/Stockholm"\nincluded = { en = "lunch", sv = "lunch" }\ndoors = 2019-08-27T12:00:00')
    await wait(site)
    (letter,) = told(site, ADA)
    assert letter.subject == "Changed details: The rise of creative machines, Tue 27 Aug 12:30"
    assert "Included, Now: lunch" in letter.text
    assert "Doors open, Now: 12:00" in letter.text
    assert invitation(site.raw(ADA)[-1])["SEQUENCE"] == 1
    assert "lunch" in invitation(site.raw(ADA)[-1])["DESCRIPTION"]
    await wait(site, 60)
    assert len(told(site, ADA)) == 1


def listen(site):
    log = StringIO()
    site.service.house = replace(site.service.house, journal=Journal(log, "text", "info", str))
    return log


async def job(site, revision):
    day = site.clock.now().date()
    return await site.read(lambda reader: reader.job_result(f"event-changed-{revision}", "gan", "", day))


async def test_a_change_that_waits_when_the_event_ends_is_dropped_with_a_reason(site):
    """In the jobs and in the journal: nothing ends in silence."""
    site.clock.forward(days=7, hours=9, minutes=20)
    await edit(site, "Eden 236", "Eden 116")
    log = listen(site)
    await wait(site, 15)
    await wait(site, 15)
    assert not told(site, ADA)
    assert 'job=event-changed-1 event=gan result="the event is over"' in log.getvalue()
    assert await job(site, 1) == "the event is over"


async def test_a_round_that_a_newer_change_overtakes_ends(site, monkeypatch):
    """It is not under way for ever; who was not reached by it is told by the next."""
    monkeypatch.setattr(rounds, "BATCH", 2)
    await edit(site, "Eden 236", "Eden 116")
    await wait(site)
    assert (await job(site, 1)).isdigit()
    await edit(site, "Eden 116", "Eden 117")
    log = listen(site)
    await wait(site, 1)
    assert await job(site, 1) == "overtaken"
    assert "job=event-changed-1 event=gan result=overtaken" in log.getvalue()
    for _ in range(4):
        await wait(site)
    assert [len(told(site, who)) for who in PEOPLE] == [2, 2, 1, 1, 1]


async def test_a_cancel_says_what_the_invitation_said(site):
    """Within the ten minutes, the calendar has not seen the file's new time."""
    await edit(site, NOON, ONE)
    site.clock.forward(minutes=2)
    await site.mail("new@example.org", "register")
    await site.mail(ADA, "cancel")
    gone = invitation(site.raw(ADA)[-1])
    assert (gone["STATUS"], gone["SEQUENCE"]) == ("CANCELLED", 1)
    assert gone["DTSTART"].dt == invitation(site.raw(ADA)[0])["DTSTART"].dt
    await site.mail(BO, "erase")
    assert invitation(site.raw(BO)[-1])["DTSTART"].dt == gone["DTSTART"].dt
    # Ed moved up within them, and was invited to the new time.
    moved = invitation(site.raw(ED)[-1])
    assert moved.decoded("DTSTART").strftime("%H:%M") == "13:15"
    await site.mail(ED, "cancel")
    assert invitation(site.raw(ED)[-1])["DTSTART"].dt == moved["DTSTART"].dt
