"""An organiser invites the service to a meeting; the meeting moves, or ends, and the organiser is asked first."""

import email

import pytest

from tests.service.conftest import kind_of
from tests.service.test_making import KIM, NEW, drafts, ended, makers, with_makers, write  # noqa: F401  a fixture

ADA, BO = "ada@example.org", "bo@example.org"
EVENT = "machines-that-dream"
HOME = f"{EVENT}@events.test.example"
ZONE = """BEGIN:VTIMEZONE
TZID:W. Europe Standard Time
BEGIN:STANDARD
DTSTART:16010101T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
END:STANDARD
END:VTIMEZONE
"""


def meeting(*, method="REQUEST", sequence=0, starts="20190827T123000", ends="20190827T160000", where="Eden 236", zone="W. Europe Standard Time",
            who=KIM, title="Machines that dream", more="", uid="040000008200E00074C5B7101A82E008"):  # fmt: skip
    """As Exchange writes it."""
    return f"""BEGIN:VCALENDAR
METHOD:{method}
PRODID:Microsoft Exchange Server 2010
VERSION:2.0
{ZONE}BEGIN:VEVENT
ORGANIZER;CN=Kim Ek:mailto:{who}
ATTENDEE;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRUE;CN=new:mailto:
 {NEW}
DESCRIPTION;LANGUAGE=sv-SE:What they dream of\\, and why.\\nSeats: 2\\n
UID:{uid}
SUMMARY;LANGUAGE=sv-SE:{title}
DTSTART;TZID={zone}:{starts}
DTEND;TZID={zone}:{ends}
DTSTAMP:20190820T043000Z
SEQUENCE:{sequence}
LOCATION;LANGUAGE=sv-SE:{where}
{more}BEGIN:VALARM
DESCRIPTION:REMINDER
TRIGGER;RELATED=START:-PT15M
ACTION:DISPLAY
END:VALARM
END:VEVENT
END:VCALENDAR
"""


async def invite(site, *, sender=f"Kim Ek <{KIM}>", headers=(), **more):
    """The invitation as its own part, below a text that says nothing."""
    site.count += 1
    site.to = NEW
    body = (
        "--b\nContent-Type: text/plain; charset=utf-8\n\nYou are invited.\n"
        f"--b\nContent-Type: text/calendar; charset=utf-8; method={more.get('method', 'REQUEST')}\n\n{meeting(**more)}\n--b--\n"
    )
    content = site.write(sender, body, headers=headers).replace(
        b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit", b"Content-Type: multipart/alternative; boundary=b", 1
    )  # fmt: skip
    await site.mail(sender, content=content, to=NEW)


async def public(site):
    """The meeting as an event with two people, who have heard nothing since."""
    await invite(site)
    await write(site, "PUBLISH", reply_to=drafts(site)[-1])
    for who in (ADA, BO):
        await site.mail(who, "register", to=HOME)
    return site


async def later(site, **delta):
    """What has stood for ten minutes is told, at a tick after that."""
    site.clock.forward(**delta)
    await site.tick()


def calendar_of(content):
    return next(p for p in email.message_from_bytes(content).walk() if p.get_content_type() == "text/calendar").get_payload(decode=True).decode()


async def test_an_invitation_becomes_a_draft_and_an_event(makers):  # noqa: F811
    """Title, time in the zone that Windows names, place and description; what the text says of seats counts."""
    await public(makers)
    event = makers.service.house.events[EVENT]
    assert (event.title.get("en"), event.venue.name, event.capacity) == ("Machines that dream", "Eden 236", 2)
    assert event.starts.isoformat() == "2019-08-27T12:30:00+02:00"
    assert event.timezone == "Europe/Berlin"
    assert event.description.get("en").startswith("What they dream of, and why.")
    assert makers.kinds(ADA) == makers.kinds(BO) == ["registered"]


async def test_a_calendar_s_automatic_mark_is_no_hindrance_and_an_unknown_zone_is_said(makers):  # noqa: F811
    """Google marks what a person sends by hand; a zone that nobody knows is that of the site."""
    await invite(makers, headers=["Auto-Submitted: auto-generated"], zone="Customized Time Zone")
    (draft,) = drafts(makers)
    assert "Tuesday 27 August 2019, 12:30–16:00" in draft.text
    assert "We do not know the time zone of your calendar" in draft.text


async def test_a_moved_meeting_asks_its_organiser_and_then_tells_everybody(makers):  # noqa: F811
    """Nobody hears a word before YES; then the file follows, with all else in it, and each gets an invitation anew."""
    await public(makers)
    file = makers.folder / "events" / f"{EVENT}.toml"
    file.write_text(file.read_text() + "# mine\n")
    before = file.read_text()
    await invite(makers, sequence=1, starts="20190828T140000", ends="20190828T170000", where="Eden 116")
    (_, asked) = drafts(makers)
    assert asked.subject == "Reply YES to move it: Machines that dream"
    for words in ("Wednesday 28 August 2019, 14:00–17:00", "Tuesday 27 August 2019, 12:30–16:00", "2 people will be told", "Eden 116"):
        assert words in " ".join(asked.text.split())
    await later(makers, minutes=15)
    assert file.read_text() == before
    assert makers.kinds(ADA) == ["registered"]
    await write(makers, "YES", reply_to=asked)
    assert kind_of(makers.letters(KIM)[-1]) == "event_published"
    assert makers.kinds(ADA) == ["registered"]
    assert file.read_text().endswith("# mine\n")
    await later(makers, minutes=11)
    assert makers.kinds(ADA) == makers.kinds(BO) == ["registered", "event_changed"]
    assert "SEQUENCE:1" in calendar_of(makers.raw(ADA)[-1])
    assert makers.service.house.events[EVENT].starts.isoformat() == "2019-08-28T14:00:00+02:00"
    # The same update once more is nothing new; nor is a program's, that raises no number for another room.
    await invite(makers, sequence=1, starts="20190828T140000", ends="20190828T170000", where="Eden 116")
    assert len(drafts(makers)) == 2


async def test_a_cancelled_meeting_asks_its_organiser_and_then_calls_the_event_off(makers):  # noqa: F811
    """NO leaves it as it is; YES is for good, and everybody is told."""
    await public(makers)
    await invite(makers, method="CANCEL", sequence=1)
    await write(makers, "No", reply_to=drafts(makers)[-1])
    await later(makers, minutes=15)
    assert makers.kinds(ADA) == ["registered"]
    await invite(makers, method="CANCEL", sequence=2)
    assert drafts(makers)[-1].subject == "Reply YES to call it off: Machines that dream"
    await write(makers, "yes", reply_to=drafts(makers)[-1])
    await later(makers, minutes=1)
    assert makers.kinds(ADA) == makers.kinds(BO) == ["registered", "event_cancelled"]
    assert "METHOD:CANCEL" in calendar_of(makers.raw(ADA)[-1])
    state = await makers.read(lambda r: r.event_state(EVENT))
    assert state.called_off is not None


async def test_a_yes_holds_for_the_numbers_that_were_shown_and_for_a_day(makers):  # noqa: F811
    """Somebody gave up the seat meanwhile, or it is the day after: the question comes anew."""
    await public(makers)
    await invite(makers, sequence=1, where="Eden 116")
    await makers.mail(BO, "cancel", to=HOME)
    await write(makers, "YES", reply_to=drafts(makers)[-1])
    assert "1 person will be told" in drafts(makers)[-1].text
    assert makers.service.house.events[EVENT].venue.name == "Eden 236"
    makers.clock.forward(hours=25)
    await write(makers, "YES", reply_to=drafts(makers)[-1])
    assert makers.service.house.events[EVENT].venue.name == "Eden 236"
    await write(makers, "YES", reply_to=drafts(makers)[-1])
    assert makers.service.house.events[EVENT].venue.name == "Eden 116"


async def test_the_meeting_of_a_draft_changes_the_draft_and_its_end_drops_it(makers):  # noqa: F811
    """Nobody knows of it yet; what the maker said by lines stays."""
    await invite(makers)
    await write(makers, "Seats: 30", reply_to=drafts(makers)[-1])
    await invite(makers, sequence=1, where="Eden 116")
    assert "Eden 116" in drafts(makers)[-1].text
    await invite(makers, method="CANCEL", sequence=2)
    assert await ended(makers) == ("done", "the meeting was cancelled")
    await write(makers, "PUBLISH", reply_to=drafts(makers)[-1])
    assert EVENT not in makers.service.house.events


async def test_a_room_may_change_without_a_new_sequence_and_twice_is_once(makers):  # noqa: F811
    """Some programs raise it for another time only; the same invitation by another way is no second draft."""
    await invite(makers)
    await invite(makers)
    assert len(drafts(makers)) == 1
    await write(makers, "PUBLISH", reply_to=drafts(makers)[-1])
    await invite(makers, more="X-COPY:1\n")
    assert await ended(makers) == ("ignored", "nothing that anybody was told has changed")
    await invite(makers, where="Eden 116")
    assert drafts(makers)[-1].subject.startswith("Reply YES to move it")


async def test_nobody_else_moves_it(makers):  # noqa: F811
    """Not unproved, not somebody who knows the UID, not another maker's meeting of the same UID."""
    await public(makers)
    moved = {"sequence": 1, "where": "Eden 116"}
    await invite(makers, sender="eve@example.org", **moved)
    await invite(makers, sender="eve@example.org", who="eve@example.org", **moved)
    content = makers.write(KIM, meeting(**moved)).replace(b"text/plain", b"text/calendar; method=REQUEST")
    await makers.mail(KIM, content=content, to=NEW, signed=False)
    # A forwarded invitation is no meeting of the sender's, and followed by nothing.
    await invite(makers, who="someone@else.example", **moved)
    assert [kind_of(letter) for letter in makers.letters(KIM)] == ["event_draft", "event_published", "event_draft"]
    assert drafts(makers)[-1].subject.startswith("Draft: Machines that dream")
    assert makers.service.house.events[EVENT].venue.name == "Eden 236"


@pytest.mark.parametrize("where", ["", "https://meet.example.org/room"])
async def test_what_only_a_draft_holds_can_follow_too(makers, where):  # noqa: F811
    """A link is a link; a meeting without a place leaves the place as it was."""
    await public(makers)
    await invite(makers, sequence=1, where=where, starts="20190829T123000", ends="20190829T160000")
    await write(makers, "YES", reply_to=drafts(makers)[-1])
    event = makers.service.house.events[EVENT]
    assert (event.venue.name, event.venue.link) == ("Eden 236", where)
    assert event.starts.day == 29


async def test_a_meeting_speaks_for_its_organiser_and_the_mail_around_it_does_not(makers):  # noqa: F811
    """A Swedish meeting in a mail without text, or one that an English program wrote, is answered in Swedish."""
    entry = meeting(title="Drömmande maskiner").replace("What they dream of\\, and why.", "Vad de drömmer om.")
    makers.to = NEW
    for text in ("", "Kim Ek invites you to a meeting. Please reply if you are able to come."):
        parts = f"--b\n\n{text}\n--b\nContent-Type: text/calendar; charset=utf-8; method=REQUEST\n\n{entry}\n--b--\n"
        content = makers.write(KIM, parts).replace(
            b"text/plain; charset=utf-8", b"multipart/alternative; boundary=b", 1
        )
        await makers.mail(KIM, content=content, to=NEW)
        assert drafts(makers)[-1].subject.startswith("Utkast: Drömmande maskiner")


async def test_the_other_organisers_are_told_of_it_at_once(makers):  # noqa: F811
    """What a stolen mailbox could move is noticed: each gets a receipt that says who did it."""
    await public(makers)
    makers.to = HOME
    await makers.mail(KIM, "COORGANISER robin.berg@example.org", to=HOME)
    await makers.mail(KIM, "YES", to=HOME, headers=[f"In-Reply-To: <{makers.letters(KIM)[-1].message_id}>"])
    await invite(makers, sequence=1, where="Eden 116")
    assert makers.kinds("robin.berg@example.org") == ["transcript"]
    await write(makers, "YES", reply_to=drafts(makers)[-1])
    told = makers.letters("robin.berg@example.org")[-1]
    assert told.subject.startswith("Changed: Machines that dream")
    assert "Kim Ek did this by mail" in told.text
    await invite(makers, method="CANCEL", sequence=2)
    await write(makers, "YES", reply_to=drafts(makers)[-1])
    assert makers.letters("robin.berg@example.org")[-1].subject.startswith("Called off: Machines that dream")
