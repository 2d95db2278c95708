"""One tick: what breaks in one event holds nobody else up, and no tick grows with an event."""

import pytest

from mailflow.model.registration import Status
from mailflow.service import tick as ticking
from tests.service.conftest import EVENT

ADA, BO, CY = "ada@example.org", "bo@example.org", "cy@example.org"
DAILY = EVENT.replace('language = "sv"', 'language = "sv"\ndigest = { when = "daily" }')


@pytest.fixture
async def broken(make_site):
    """Seven in the morning; two who wait, two new seats, and a digest that somebody's own template breaks."""
    site = await make_site(1, event=DAILY)
    for who in (ADA, BO, CY):
        await site.mail(who, "register")
    folder = site.folder / "templates" / "sv"
    folder.mkdir(parents=True)
    (folder / "digest.j2").write_text("{{ no.such.thing }}")
    await site.service.scribe.write(lambda writer: writer.set_capacity("gan", 3))
    site.clock.forward(hours=1)
    return site


async def test_a_template_that_breaks_takes_back_its_own_step_alone(broken):
    """The line moves, what is old goes, the operator hears of it; and when it is mended the digest goes out."""
    await broken.tick()
    assert (await broken.person(BO)).status is (await broken.person(CY)).status is Status.CONFIRMED
    assert broken.kinds(BO) == ["waitlisted", "promoted"]
    assert broken.kinds("kim.ek@example.org") == []
    service = broken.service
    again = await service.scribe.write(lambda writer: ticking.tick(service.house, writer, broken.clock.now()))
    assert ([event for event, _ in again.troubles], again.letters) == (["gan"], 0)
    assert list(service.means.store.recount()) == []
    (broken.folder / "templates" / "sv" / "digest.j2").unlink()
    await broken.client.close()
    await broken.service.close()
    await broken.start()
    await broken.tick()
    assert broken.kinds("kim.ek@example.org") == ["digest"]
    assert broken.kinds(BO) == ["waitlisted", "promoted"]


async def test_other_events_go_on(broken):
    """The first event's step fails; the second's people are told all the same."""
    second = (broken.folder / "events" / "gan.toml").read_text().replace("Kim Ek", "Lo Ek").replace("kim.ek", "lo.ek")
    (broken.folder / "events" / "zoo.toml").write_text(second.replace('language = "sv"', 'language = "en"'))
    await broken.client.close()
    await broken.service.close()
    await broken.start()
    await broken.tick()
    assert broken.kinds("lo.ek@example.org") == ["digest"]


async def test_a_tick_moves_so_many_up_and_the_next_one_the_others(make_site, monkeypatch):
    """In order, however many seats there are all at once."""
    monkeypatch.setattr(ticking, "_MOVED", 3)
    monkeypatch.setattr(ticking, "HEAD", 2)
    monkeypatch.setattr("mailflow.service.view.HEAD", 2)
    site = await make_site(1)
    await site.service.scribe.write(lambda writer: writer.set_capacity("gan", 0))
    people = [f"p{n}@example.org" for n in range(7)]
    for who in people:
        await site.mail(who, "register")
    await site.service.scribe.write(lambda writer: writer.set_capacity("gan", None))
    for seated in (4, 7, 7):
        await site.tick()
        statuses = [(await site.person(who)).status for who in people]
        assert statuses == [Status.CONFIRMED] * seated + [Status.WAITING] * (7 - seated)


async def test_a_list_that_cannot_be_written_stops_no_event(broken):
    """What the night forgets is tried again; people are written to, and the digest breaks by itself."""
    broken.clock.forward(days=1)
    (broken.folder / "erased.list").mkdir()
    service = broken.service
    done = await service.scribe.write(lambda writer: ticking.tick(service.house, writer, broken.clock.now()))
    assert [event for event, _ in done.troubles] == ["gan", ""]
    assert done.letters >= 2
    assert (await broken.person(CY)).status is Status.CONFIRMED


async def test_a_slip_in_the_year_costs_nobody_anything_for_a_while(make_site):
    """Last year's date, read by HUP: for ten minutes nobody loses a place in line, and for a day nothing is erased."""
    site = await make_site(1)
    for who in (ADA, BO):
        await site.mail(who, "register")
    file = site.folder / "events" / "gan.toml"
    right = file.read_text()
    await read_again(site, right.replace("2019-", "2018-"))
    site.clock.forward(minutes=9)
    await site.tick()
    assert (await site.person(BO)).status is Status.WAITING
    site.clock.forward(hours=23)
    await site.tick()
    assert (await site.person(ADA)).status is Status.CONFIRMED
    assert (await site.person(BO)).status is Status.EXPIRED
    await read_again(site, right)
    site.clock.forward(days=2)
    await site.tick()
    assert (await site.person(ADA)).status is Status.CONFIRMED
    await read_again(site, right.replace("2019-", "2018-"))
    site.clock.forward(hours=24)
    await site.tick()
    assert await site.person(ADA) is None


async def read_again(site, text):
    (site.folder / "events" / "gan.toml").write_text(text)
    await site.client.close()
    await site.service.close()
    await site.start()
