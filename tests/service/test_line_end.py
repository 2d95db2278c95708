"""The end of the waiting list on the real path: once each, in parts, made up for after downtime."""

import pytest

from mailflow.model.registration import Status
from mailflow.service import line_end
from tests.service.conftest import EVENT

PEOPLE = [f"p{n}@example.org" for n in range(5)]
UNTIL = EVENT + "[waiting_list]\nuntil = 2019-08-26T12:00:00\n"


@pytest.fixture
async def site(make_site):
    """One seat is taken and four people wait, the last of them in Swedish; until Monday noon, six days on."""
    one = await make_site(1, event=UNTIL)
    for who in PEOPLE[:-1]:
        await one.mail(who, "register")
    await one.mail(PEOPLE[-1], "Hej, jag vill anmäla mig!")
    return one


def told(site):
    return [len([letter for letter in site.letters(who) if "No seat came free" in letter.subject or
                 "Ingen plats blev ledig" in letter.subject]) for who in PEOPLE]  # fmt: skip


async def test_the_round_is_walked_in_parts_once(site, monkeypatch):
    """Two people a tick; then nobody is left, and nothing more is sent."""
    monkeypatch.setattr(line_end, "BATCH", 2)
    site.clock.forward(days=6, hours=5, minutes=29)
    await site.tick()
    assert told(site) == [0] * 5
    site.clock.forward(minutes=1)
    await site.tick()
    assert told(site) == [0, 1, 1, 0, 0]
    for _ in range(3):
        await site.tick()
    assert told(site) == [0, 1, 1, 1, 1]
    assert (await site.person(PEOPLE[1])).status is Status.EXPIRED
    letter = site.letters(PEOPLE[-1])[-1]
    assert letter.subject == "Ingen plats blev ledig: De kreativa maskinernas intåg, tis 27 aug 12.30"
    assert b"text/calendar" not in site.raw(PEOPLE[-1])[-1]
    assert letter.header("auto-submitted") == "auto-generated"
    assert list(site.service.means.store.recount()) == []


async def test_downtime_is_made_up_for_in_the_morning(site):
    """Two in the night before the event: they hear at seven, while they can still use it."""
    site.clock.forward(days=6, hours=19, minutes=30)
    await site.tick()
    assert told(site) == [0] * 5
    site.clock.forward(hours=5)
    await site.tick()
    assert told(site) == [0, 1, 1, 1, 1]


async def test_who_was_told_and_asks_again_is_told_what_is_so(site):
    """No seat and no line: nobody comes to wait for nothing."""
    site.clock.forward(days=6, hours=6)
    await site.tick()
    await site.mail(PEOPLE[1], "register")
    assert (await site.person(PEOPLE[1])).status is Status.EXPIRED
    assert site.kinds(PEOPLE[1]) == ["waitlisted", "cancelled", "closed"]


async def test_nothing_is_sent_where_nobody_waits(make_site):
    """An event with seats enough ends as before."""
    site = await make_site(9, event=UNTIL)
    await site.mail(PEOPLE[0], "register")
    site.clock.forward(days=6, hours=6)
    await site.tick()
    assert [kind for kind in site.kinds() if kind not in ("digest", "door_list")] == ["registered"]
