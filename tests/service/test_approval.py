"""Approval on the real path: applied, chosen, told; and what is left when the event begins."""

from mailflow.model.intent import Approve, Reject
from mailflow.service.orders import carry_out_order
from tests.service.conftest import EVENT

ADA, BO, CY = (f"{name}@example.org" for name in ("ada", "bo", "cy"))
CHOOSING = EVENT.replace("capacity = SEATS", "capacity = SEATS\napproval = true")


async def order(site, who, what):
    """As the verb and the command by mail do it."""
    one = await site.person(who)
    house = site.service.house

    def work(writer):
        return carry_out_order(house, writer, house.events["gan"], one, what, site.clock.now())

    done = await site.service.scribe.write(work)
    await site.settle()
    return done


async def test_applications_are_chosen_and_told(make_site):
    """One seat: Bo gets it, Ada waits, Cy is told no; and everything is written in each person's language."""
    site = await make_site(1, event=CHOOSING)
    for who in (ADA, CY):
        await site.mail(who, "register")
    await site.mail(BO, "Jag vill anmäla mig, tack!")
    assert [site.kinds(who) for who in (ADA, BO, CY)] == [["applied"]] * 3
    assert "text/calendar" not in site.raw(ADA)[-1].decode()
    assert site.letters(BO)[-1].subject.startswith("Vi har fått din ansökan")
    await order(site, BO, Approve())
    await order(site, ADA, Approve())
    await order(site, CY, Reject("We chose those who build such machines, {first_name}."))
    assert [site.kinds(who)[-1] for who in (ADA, BO, CY)] == ["waitlisted", "registered", "rejected"]
    assert b"text/calendar" in site.raw(BO)[-1]
    assert "We chose those who build such machines" in site.letters(CY)[-1].text
    await site.mail(BO, "cancel")
    assert site.kinds(ADA)[-1] == "promoted"


async def test_who_is_not_proved_confirms_first(make_site):
    """The question says what its YES does; the organisers' list has the application only then."""
    site = await make_site(2, event=CHOOSING)
    await site.mail(ADA, "register", signed=False)
    assert "your application" not in site.letters(ADA)[-1].subject
    assert (await site.person(ADA)).applied is None
    code = site.code(ADA)
    await site.mail(ADA, "YES", subject=f"YES {code}", signed=False)
    assert site.kinds(ADA) == ["please_confirm", "applied"]
    assert [one.number for one in await site.read(lambda reader: reader.applications("gan", 9))] == [1]


async def test_when_the_event_begins_each_is_told_once(make_site):
    """Nobody decided; ticking on tells nobody twice."""
    site = await make_site(2, event=CHOOSING)
    for who in (ADA, BO):
        await site.mail(who, "register")
    await order(site, BO, Approve())
    site.clock.moment = site.service.house.events["gan"].starts.astimezone(site.clock.moment.tzinfo)
    for _ in range(3):
        await site.tick()
    assert site.kinds(ADA) == ["applied", "rejected"]
    assert "nobody had decided on your application" in site.letters(ADA)[-1].text.replace("\n", " ")
    assert "rejected" not in site.kinds(BO)
    assert not await site.read(lambda reader: reader.applications("gan", 9))


async def test_the_question_how_it_stands_is_answered(make_site):
    """Applied is neither registered nor waiting for a YES of one's own."""
    site = await make_site(2, event=CHOOSING)
    await site.mail(ADA, "register")
    await site.mail(ADA, "", subject="status")
    text = site.letters(ADA)[-1].text.replace("\n", " ")
    assert "organiser has yet to decide" in text
    assert "YES" not in text


async def test_the_digest_tells_who_waits(make_site):
    """Every morning while somebody does, also where nothing else happened."""
    site = await make_site(2, event=CHOOSING)
    for who in (ADA, BO):
        await site.mail(who, "register\nDiet: vegan")
    site.clock.forward(hours=1)
    await site.tick()
    (digest,) = site.letters("kim.ek@example.org")
    assert "2 ansökningar väntar på dig" in digest.text
    assert f"{ADA} har sökt en plats" in digest.text
    assert "vegan" not in digest.text.partition(f"{ADA} har sökt")[2][:80]
    site.clock.forward(days=1)
    await site.tick()
    assert len(site.letters("kim.ek@example.org")) == 2
