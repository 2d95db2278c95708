"""Reminders and thanks on the real path: a clock that is moved, a service that was down, jobs that are done once."""

import pytest

from mailflow.service import rounds
from tests.service.conftest import EVENT

PEOPLE = [f"p{n}@example.org" for n in range(5)]
ADA, BO, CY, DI, ED = PEOPLE
REMINDING = (
    EVENT.replace("2019-08-27T12:30:00", "2019-09-27T12:30:00").replace("2019-08-27T16:00:00", "2019-09-27T16:00:00")
    + '[text]\nmaterial = { en = "Slides: https://example.org/slides" }\n'
    + "[[reminder]]\ndays_before = 7\nat = 09:00:00\nif_registered_days_before = 14\n"
    + "[[reminder]]\ndays_before = 1\nat = 09:00:00\n[after]\nthank_you_at = 09:00:00\n"
)


@pytest.fixture
async def site(make_site):
    """Five seats, all taken on 20 August; the event is on 27 September at 12:30."""
    one = await make_site(5, event=REMINDING)
    for who in PEOPLE:
        await one.mail(who, "register")
    return one


def told(site, who=ADA):
    """The kinds of the letters after the first one."""
    return site.kinds(who)[1:]


def go_to(site, day, hour, minute=0, month=9):
    site.clock.moment = site.clock.moment.replace(month=month, day=day, hour=hour, minute=minute)


async def test_each_round_goes_out_once_at_nine_on_the_wall(site):
    """07:00 UTC is 09:00 in Stockholm; ticking on sends nothing twice."""
    go_to(site, 20, 6, 59)
    await site.tick()
    assert told(site) == []
    for moment in ((20, 7), (20, 8), (21, 7), (26, 7), (26, 18), (27, 8), (28, 7), (29, 9)):
        go_to(site, *moment)
        for _ in range(2):
            await site.tick()
    for who in PEOPLE:
        assert told(site, who) == ["reminder", "reminder", "thank_you"]
    subjects = [letter.subject for letter in site.letters(ADA)[1:]]
    assert [subject.partition(":")[0] for subject in subjects[:2]] == ["In a week", "Tomorrow 12"]


async def test_downtime_is_made_up_for_without_doubles(site):
    """Down from before the week's reminder until the evening of the eve: one letter, in the words of that evening."""
    go_to(site, 26, 18)
    for _ in range(3):
        await site.tick()
    assert told(site) == ["reminder"]
    assert site.letters(ADA)[-1].subject.startswith("Tomorrow 12:30")


async def test_who_is_down_at_night_waits_for_the_morning(site):
    """21:30 in Stockholm is quiet; at 07:00 it is said that it is today."""
    go_to(site, 26, 19, 30)
    await site.tick()
    assert told(site) == []
    go_to(site, 27, 5)
    await site.tick()
    assert site.letters(ADA)[-1].subject.startswith("Today 12:30")


async def test_the_site_says_which_hours_are_quiet(make_site):
    """`quiet_to` moves what falls into them."""
    one = await make_site(5, event=REMINDING, config="[letters]\nquiet_to = 10:00:00\n")
    await one.mail(ADA, "register")
    go_to(one, 26, 7, 30)
    await one.tick()
    assert told(one) == []
    go_to(one, 26, 8)
    await one.tick()
    assert told(one) == ["reminder"]


async def test_stop_and_cancel_are_heard(site):
    """Neither gets the reminder; the one who keeps the seat keeps it."""
    await site.mail(ADA, "STOP")
    await site.mail(BO, "cancel")
    go_to(site, 26, 7)
    await site.tick()
    assert "reminder" not in site.kinds(ADA) + site.kinds(BO)
    assert told(site, CY) == ["reminder"]


async def test_a_long_round_is_walked_in_parts(site, monkeypatch):
    """Some people a tick, each once, in whatever order they leave; then it is over."""
    monkeypatch.setattr(rounds, "BATCH", 2)
    go_to(site, 26, 7)
    seen = []
    for _ in range(4):
        await site.tick()
        seen.append(sum("reminder" in site.kinds(who) for who in PEOPLE))
    assert seen == [2, 4, 5, 5]


async def test_a_round_that_breaks_off_goes_on_without_doubles(site, monkeypatch):
    """The transaction takes back what it wrote; the next tick writes to everybody, once."""
    monkeypatch.setattr(rounds, "BATCH", 2)
    go_to(site, 26, 7)
    await site.tick()
    whole, calls = rounds.carry_out, []

    def breaks(*args):
        calls.append(args)
        if len(calls) == 2:
            raise OSError("the disk is full")
        return whole(*args)

    monkeypatch.setattr(rounds, "carry_out", breaks)
    before = [site.kinds(who).count("reminder") for who in PEOPLE]
    await site.tick()
    assert [site.kinds(who).count("reminder") for who in PEOPLE] == before
    for _ in range(3):
        await site.tick()
    assert [site.kinds(who).count("reminder") for who in PEOPLE] == [1] * 5


async def test_a_reminder_offers_the_way_out_in_its_header(site):
    """RFC 2369: a mail, as everything; programs show it as a button (letters.md §3). It is signed too."""
    code = (await site.person(ADA)).code
    go_to(site, 26, 7)
    await site.tick()
    letter = site.letters(ADA)[-1]
    assert letter.header("list-unsubscribe") == f"<mailto:{site.to}?subject=STOP%20{code}>"
    assert letter.header("list-id") == "<gan.events.test.example>"
    assert letter.header("auto-submitted") == "auto-generated"
    assert b"list-unsubscribe" in site.raw(ADA)[-1].lower().partition(b"h=")[2]
    assert letter.in_reply_to
    assert site.letters(ADA)[0].header("list-unsubscribe") is None
    await site.mail(ADA, "", subject=f"STOP {code}")
    assert (await site.person(ADA)).reminders is False


async def test_an_answer_to_the_thanks_is_noted_and_its_words_reach_the_organisers(site):
    """A bare number gets no letter; a line about why is for people, without a receipt."""
    go_to(site, 28, 7)
    await site.tick()
    for who, words in ((ADA, "4"), (BO, "2\n\nThe talks were too long, and nobody could hear the second speaker.")):
        thread = site.letters(who)[-1].message_id
        await site.mail(who, words, signed=False, headers=[f"In-Reply-To: <{thread}>"])
        mail = await site.last_mail()
        assert mail.verdict.reason.startswith(f"rated {words[0]} of 5")
        assert told(site, who) == ["thank_you"]
    assert site.kinds("kim.ek@example.org").count("question_forwarded") == 1
