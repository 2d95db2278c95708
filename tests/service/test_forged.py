"""Somebody writes in an organiser's name, and the domain's own policy says that it was not from there (level F)."""

import io
from dataclasses import replace

import pytest

from mailflow.journal import Journal
from tests.service.conftest import Site

KIM, ROBIN = "kim.ek@example.org", "robin.berg@example.org"
LINE = "Minst fem mejl på ett dygn sade sig komma från robin.berg@example.org"


@pytest.fixture
async def site(tmp_path, keys_pem):
    """Whoever checks DMARC is to reject what example.org has not signed."""
    one = Site(tmp_path, 2, keys_pem)
    one.records["_dmarc.example.org"] = b"v=DMARC1; p=reject"
    await one.start()
    one.log = io.StringIO()
    one.service.house = replace(one.service.house, journal=Journal(one.log, "text", "info", str))
    yield one
    await one.close()


async def forged(site, count, who=ROBIN):
    """So many mails with a command, 20 minutes apart."""
    for n in range(count):
        site.clock.forward(minutes=20)
        await site.mail(who, f"SEATS {n + 50}", signed=False)


async def morning(site, day):
    """Kim's digest of that day."""
    site.clock.moment = site.clock.moment.replace(day=day, hour=5, minute=0)
    await site.tick()
    return " ".join(site.letters(KIM)[-1].text.split())


async def test_five_a_day_are_one_warning_and_a_line_in_every_digest(site):
    """None is answered or does anything; the sixth warns nobody anew."""
    await forged(site, 4)
    assert "organiser-forged" not in site.log.getvalue()
    await forged(site, 3)
    assert site.log.getvalue().count("warning=organiser-forged") == 1
    assert site.letters() == []
    assert (await site.read(lambda reader: reader.event_state("gan"))).capacity == 2
    text = await morning(site, 21)
    assert text.count(LINE) == 1
    assert "En avsändare ser misstänkt ut" not in text
    await morning(site, 22)
    assert site.kinds(KIM) == ["digest"]  # it is no news any more


async def test_fewer_in_a_day_or_in_somebody_else_s_name_are_no_such_line(site):
    """Four, and the fifth a day later, are lines of suspicious senders; so are those of who is no organiser."""
    await forged(site, 4)
    await forged(site, 6, "ada@example.org")
    text = await morning(site, 21)
    assert "Minst fem mejl" not in text
    assert "En avsändare ser misstänkt ut" in text
    site.clock.forward(hours=20)
    await forged(site, 1)
    assert "organiser-forged" not in site.log.getvalue()
