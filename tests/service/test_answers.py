"""Calendar answers over the wire: what they do to a seat, what organisers see of them, and what is forgotten."""

from datetime import UTC, datetime, timedelta

import pytest
from icalendar import Calendar

from tests.service.conftest import EVENT
from tests.service.test_path import calendar_of

ADA, BO, EVE = "ada@example.org", "bo@example.org", "eve@example.org"
KIM = "kim.ek@example.org"


def uid_of(site, who, letter=0):
    return next(line[4:] for line in calendar_of(site.raw(who)[letter]).splitlines() if line.startswith("UID:"))


async def answers(
    site, who, partstat="", *, uid=None, method="REPLY", sender=None, lines=(), at=None, sequence=0, **more
):
    """`who` answers the invitation that they got, as a calendar program would."""
    stamp = at or site.clock.now()
    attendee = f"ATTENDEE;PARTSTAT={partstat}:mailto:{who}" if partstat else f"ATTENDEE:mailto:{who}"
    calendar = "\r\n".join((
        "BEGIN:VCALENDAR", "VERSION:2.0", f"METHOD:{method}", "BEGIN:VEVENT", f"UID:{uid or uid_of(site, who)}",
        f"SEQUENCE:{sequence}", f"DTSTAMP:{stamp:%Y%m%dT%H%M%SZ}", attendee, *lines, "END:VEVENT", "END:VCALENDAR", "",
    ))  # fmt: skip
    content = site.write(sender or who, calendar, subject=partstat.capitalize()).replace(
        b"text/plain; charset=utf-8", f"text/calendar; charset=utf-8; method={method}".encode()
    )
    await site.mail(sender or who, content=content, **more)
    return await site.last_mail()


@pytest.fixture
async def seated(site):
    """Ada and Bo have seats; two hours have passed."""
    for who in (ADA, BO):
        await site.mail(who, "register")
    site.clock.forward(hours=2)
    return site


async def test_what_is_said_in_a_calendar_is_in_the_digest(seated):
    """Who pressed what, who has not yet, the comment in its own words, the proposed time as a task, the delegate."""
    site = seated
    await site.mail(EVE, "register")
    await answers(site, ADA, "ACCEPTED", lines=("COMMENT:I come a little late",))
    site.clock.forward(minutes=1)
    await answers(site, BO, method="COUNTER", lines=("DTSTART:20190827T113000Z", "COMMENT:An hour later?"))
    site.clock.forward(minutes=1)
    await answers(site, BO, "DELEGATED", lines=())
    site.clock.moment = datetime(2019, 8, 21, 5, 0, tzinfo=UTC)
    await site.tick()
    text = site.letters(KIM)[-1].text
    for words in ("1 har tackat ja, 1 har inte svarat", "I come a little late", BO, "An hour later?", "vill skicka någon annan", "13.30"):
        assert words in text, words
    # Said once: the next morning has nothing new.
    count = len(site.kinds(KIM))
    site.clock.forward(days=1)
    await site.tick()
    assert "a little late" not in "".join(letter.text for letter in site.letters(KIM)[count:])


async def test_another_time_is_answered_once_and_moves_nothing(seated):
    """The one letter has no calendar part: a REQUEST would ask again."""
    site = seated
    for text in ("later?", "later?", "much later?"):
        await answers(site, ADA, method="COUNTER", lines=("DTSTART:20190827T113000Z", f"COMMENT:{text}"))
    assert site.kinds(ADA) == ["registered", "status"]
    assert "can't be changed from your calendar" in site.letters(ADA)[-1].text
    assert calendar_of(site.raw(ADA)[-1]) is None
    assert (await site.person(ADA)).partstat == "NEEDS-ACTION"


async def test_a_refresh_sends_the_present_invitation_once_an_hour(seated):
    """The same UID and SEQUENCE, a newer DTSTAMP."""
    site = seated
    for _ in range(2):
        await answers(site, ADA, method="REFRESH")
    assert site.kinds(ADA) == ["registered", "status"]
    first, again = (Calendar.from_ical(calendar_of(octets).encode()).events[0] for octets in site.raw(ADA))
    assert (first["UID"], first["SEQUENCE"]) == (again["UID"], again["SEQUENCE"])
    assert again.decoded("DTSTAMP") > first.decoded("DTSTAMP")


async def test_the_tag_of_one_person_with_the_uid_of_another_is_rejected(seated):
    """A token never authorises another UID (calendar.md §10)."""
    site = seated
    tag = str(site.letters(ADA)[0].header("reply-to")).strip("<>")
    verdict = (await answers(site, BO, "DECLINED", to=tag)).verdict
    assert (verdict.state, "tag names somebody else" in verdict.reason) == ("ignored", True)
    assert (await site.person(BO)).status == "confirmed"


async def test_a_forwarded_invitation_takes_no_seat_and_gets_no_letter(seated):
    """Eve accepts what Ada passed on to her, and declines it as well."""
    site = seated
    for partstat in ("ACCEPTED", "DECLINED"):
        site.clock.forward(minutes=1)
        await answers(site, EVE, partstat, uid=uid_of(site, ADA))
    assert site.kinds(EVE) == []
    assert await site.person(EVE) is None
    assert site.kinds(ADA) == ["registered", "please_confirm"]


@pytest.mark.parametrize("back", ["cancel", "decline"])
async def test_an_answer_to_the_uid_of_an_earlier_life_has_no_effect(seated, back):
    """Who comes back has a new UID with SEQUENCE 0 (calendar.md §13, 8)."""
    site = seated
    old = uid_of(site, ADA)
    if back == "cancel":
        await site.mail(ADA, "cancel")
    else:
        await answers(site, ADA, "DECLINED")
    await site.mail(ADA, "register")
    new = Calendar.from_ical(calendar_of(site.raw(ADA)[-1]).encode()).events[0]
    assert (str(new["UID"]) != old, new["SEQUENCE"]) == (True, 0)
    site.clock.forward(minutes=1)
    assert (await answers(site, ADA, "DECLINED", uid=old)).verdict.state == "ignored"
    assert (await site.person(ADA)).status == "confirmed"


async def test_two_declines_at_once_are_one_cancellation(make_site):
    """The line moves by one, and one letter goes out."""
    site = await make_site(1)
    for who in (ADA, BO, EVE):
        await site.mail(who, "register")
    site.clock.forward(hours=1)
    uid = uid_of(site, ADA)
    for _ in range(2):
        await answers(site, ADA, "DECLINED", uid=uid, settle=False)
    await site.settle()
    assert site.kinds(ADA) == ["registered", "cancelled"]
    assert [site.kinds(who)[-1] for who in (BO, EVE)] == ["promoted", "waitlisted"]


async def test_an_automatic_decline_frees_the_seat_and_is_not_answered(make_site):
    """An agent that declines by itself; who moves up is told."""
    site = await make_site(1)
    for who in (ADA, BO):
        await site.mail(who, "register")
    uid = uid_of(site, ADA)
    calendar = (
        f"BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nBEGIN:VEVENT\r\nUID:{uid}\r\n"
        f"ATTENDEE;PARTSTAT=DECLINED:mailto:{ADA}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    content = site.write(ADA, calendar, headers=("Auto-Submitted: auto-replied",)).replace(b"text/plain", b"text/calendar")
    await site.mail(ADA, content=content)
    assert (site.kinds(ADA), site.kinds(BO)) == (["registered"], ["waitlisted", "promoted"])


async def test_answers_after_the_event_do_nothing(seated):
    """No letter, no change."""
    site = seated
    site.clock.moment = datetime(2019, 8, 27, 15, 0, tzinfo=UTC)
    for partstat, method in (("DECLINED", "REPLY"), ("", "REFRESH"), ("", "COUNTER")):
        assert (await answers(site, ADA, partstat, method=method)).verdict.state == "ignored"
    assert (await site.person(ADA)).status == "confirmed"


async def test_an_answer_to_the_public_file_is_nobodys(seated):
    """The UID of the file on the page is no registration's (calendar.md §12)."""
    verdict = (await answers(seated, ADA, "DECLINED", uid="event-gan@events.test.example")).verdict
    assert verdict.state == "ignored"
    assert (await seated.person(ADA)).status == "confirmed"


async def test_what_was_said_in_a_calendar_is_told_and_erased(seated):
    """MY DATA has the comment; ERASE leaves no byte of it."""
    site = seated
    await answers(site, ADA, "ACCEPTED", lines=("COMMENT:Zwetschgenknödel",))
    await site.mail(ADA, "my data")
    dossier = await site.read(lambda reader: reader.dossier("gan", site.letters(ADA)[-1].to[0]))
    assert [(note.kind, note.text) for note in dossier.notes] == [("comment", "Zwetschgenknödel")]
    await site.mail(ADA, "erase")
    notes = await site.read(lambda reader: reader.calendar_notes("gan", since=site.clock.now() - timedelta(days=9)))
    assert notes == ()


async def test_sensitive_answers_and_comments_go_on_the_same_day(make_site):
    """A comment may say that somebody is ill."""
    site = await make_site(2, event=EVENT.replace("other = true", "other = true\nsensitive = true"))
    await site.mail(ADA, "register")
    await answers(site, ADA, "ACCEPTED", lines=("COMMENT:I am allergic to nuts",))
    site.clock.moment = datetime(2019, 9, 5, 6, 0, tzinfo=UTC)
    await site.tick()
    assert await site.read(lambda reader: reader.calendar_notes("gan")) == ()
