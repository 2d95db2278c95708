"""Commands that come another way than their writer meant, or from somebody who was an organiser (trust.md §3)."""

import pytest

from mailflow.config.find import Whereabouts
from mailflow.config.load import load
from mailflow.model.registration import Status
from mailflow.service.opening import build_house, sync_event
from tests.service.conftest import EVENT
from tests.service.test_commands import (
    ADA,
    KIM,
    ROBIN,
    answer,
    calls,
    closed,
    filled,
    last,
    order,
    rows,
    seats,
    state_of,
    status_of,
    yes,
)

TWO = "two@events.test.example"


def reread(site):
    """What the service does when its files have changed."""
    site.config = load(Whereabouts(site.folder / "mailflow.toml", site.folder, "test"), {})
    site.service.house = build_house(site.config, site.keys, site.clock)
    return site.service.house


@pytest.fixture
async def pair(site):
    """Kim runs two events of one site."""
    (site.folder / "events" / "two.toml").write_text(EVENT.replace("SEATS", "5"))
    house = reread(site)
    await site.service.scribe.write(lambda writer: sync_event(house, writer, house.events["two"]))
    return site


async def second(site):
    return await site.read(lambda reader: reader.event_state("two"))


async def test_a_command_to_one_event_does_nothing_at_another(pair):
    """Sent on to it, or in the thread of a letter about the first: it is shown, and waits for a YES."""
    mail = pair.signer.sign(pair.write(KIM, "CLOSE"), pair.clock.now())
    await pair.mail(KIM, content=mail, signed=False, to=TWO)
    assert rows(pair)[0][1].startswith("Väntar på dig.")
    letter = await order(pair, "STATUS")
    await pair.mail(KIM, "CLOSE", headers=answer(letter), to=TWO)
    assert not (await second(pair)).closed


async def test_a_yes_to_one_event_does_nothing_at_another(pair):
    """Neither what was asked there, nor the same here."""
    letter = await order(pair, "CANCEL EVENT")
    await pair.mail(KIM, "YES", headers=answer(letter), to=TWO)
    assert not await calls(pair)
    assert (await second(pair)).called_off is None


async def test_whoever_is_no_organiser_any_more_cannot_say_yes(site):
    """Taken off the file between the command and the YES."""
    await filled(site)
    letter = await order(site, f"REMOVE {ADA}", sender=ROBIN)
    file = site.folder / "events" / "gan.toml"
    file.write_text(file.read_text().rpartition("[[organiser]]")[0])
    reread(site)
    await yes(site, letter, sender=ROBIN)
    await order(site, "CLOSE", sender=ROBIN)
    assert await status_of(site, ADA) is Status.CONFIRMED
    assert not await closed(site)


async def test_two_yeses_at_the_same_moment_do_it_once(site):
    """Both were read while the question was open; the second finds it answered."""
    await filled(site)
    letter = await order(site, f"REMOVE {ADA}")
    for _ in range(2):
        await site.mail(KIM, "YES", headers=answer(letter), settle=False)
    await site.settle()
    assert site.kinds(ADA) == ["registered", "cancelled"]
    assert (await site.last_mail()).state == "ignored"


async def test_approvals_of_two_organisers_at_the_same_moment_do_not_overbook(make_site):
    """Each is decided on what the one before has left, and whoever has been decided about is decided about no more."""
    site = await make_site(seats=1, event=EVENT.replace("capacity = SEATS", "capacity = SEATS\napproval = true"))
    names = [f"p{n}@example.org" for n in range(3)]
    for name in names:
        await site.mail(name, "REGISTER")
    one, two, three = [(await site.person(name)).number for name in names]
    await site.mail(KIM, f"APPROVE {one}, {two}", settle=False)
    await site.mail(ROBIN, f"APPROVE {two}, {three}\nREJECT {one}", settle=False)
    await site.settle()
    assert (await state_of(site)).taken == 1
    standing = [await status_of(site, name) for name in names]
    assert standing.count(Status.CONFIRMED) == 1
    # Whoever said so first is obeyed: Kim's first was approved, or rejected by Robin before.
    assert set(standing) <= {Status.CONFIRMED, Status.WAITING, Status.REMOVED}
    assert last(site, KIM)
    assert last(site, ROBIN)


@pytest.mark.parametrize("header", ["Auto-Submitted: auto-replied", "List-Id: <x.example.org>", "Precedence: bulk"])
async def test_robots_and_lists_order_nothing(site, header):
    """Whoever's address they bear."""
    await site.mail(KIM, "SEATS 45", headers=(header,))
    assert await seats(site) == 2
    assert site.letters() == []


@pytest.mark.parametrize("part", [
    "Content-Type: text/plain\nContent-Disposition: attachment; filename=a.txt\n\nSEATS 45",
    "Content-Type: message/rfc822\n\nFrom: kim.ek@example.org\nSubject: SEATS 45\n\nSEATS 45",
])  # fmt: skip
async def test_what_is_attached_orders_nothing(site, part):
    """A file, and a mail that is passed on as one."""
    parts = f"--b\nContent-Type: text/plain\n\nHello\n--b\n{part}\n--b--"
    mail = site.write(KIM, parts).replace(b"text/plain; charset=utf-8", b"multipart/mixed; boundary=b", 1)
    await site.mail(KIM, content=mail)
    assert await seats(site) == 2
