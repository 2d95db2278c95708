"""Organisers' orders on the real path: while the service runs, from the database to the letter."""

import email

from icalendar import Calendar

from mailflow.model.intent import MoveIn, Remove
from mailflow.model.registration import Status
from mailflow.service.opening import build_house
from mailflow.service.orders import carry_out_order

ADA, BO, CY, DI = (f"{name}@example.org" for name in ("ada", "bo", "cy", "di"))


async def order(site, who, wish):
    """As the command line does it: with a house of its own, on the same database."""
    house = build_house(site.config, site.keys, site.clock)
    one = await site.person(who)
    done = await site.service.scribe.write(
        lambda writer: carry_out_order(house, writer, house.events["gan"], one, wish, site.clock.now())
    )
    site.service._posted.set()
    await site.settle()
    return done


def calendar(octets):
    parts = email.message_from_bytes(octets).walk()
    octets = next(part.get_payload(decode=True) for part in parts if part.get_content_type() == "text/calendar")
    return Calendar.from_ical(octets)


async def test_the_calendar_entry_goes_with_the_seat(site):
    """CANCEL with the UID of the invitation and the next SEQUENCE; the reason is filled in, and never a template."""
    for who in (ADA, BO, CY):
        await site.mail(f"{who.partition('@')[0].title()} Ek <{who}>", "register")
    await order(site, ADA, Remove("Sorry, {first_name}: {{ 7 * 7 }} speakers {nowhere} <b>need</b> seats."))
    letter, octets = site.letters(ADA)[-1], site.raw(ADA)[-1]
    text = " ".join(letter.text.split())
    assert "The organiser has cancelled your seat. Sorry, Ada: {{ 7 * 7 }} speakers {nowhere} <b>need</b> seats." in text
    invited, gone = calendar(site.raw(ADA)[0]), calendar(octets)
    assert gone["METHOD"] == "CANCEL"
    first, last = (each.walk("VEVENT")[0] for each in (invited, gone))
    assert (last["UID"], last["SEQUENCE"]) == (first["UID"], first["SEQUENCE"] + 1)
    assert letter.header("auto-submitted") == "auto-generated"
    assert site.kinds(CY) == ["waitlisted", "promoted"]
    await site.mail(ADA, "register")
    assert (await site.person(ADA)).status is Status.WAITING
    await order(site, ADA, MoveIn())
    again = calendar(site.raw(ADA)[-1]).walk("VEVENT")[0]
    assert again["UID"] != first["UID"]
    assert list(site.service.means.store.recount()) == []


async def test_an_offered_seat_is_asked_for_when_somebody_is_removed(make_site):
    """In mode offer the letter to the next in line holds a question of its own."""
    from tests.service.conftest import EVENT

    site = await make_site(seats=1, event=EVENT + '[waiting_list]\nmode = "offer"\n')
    for who in (ADA, BO):
        await site.mail(who, "register")
    await order(site, ADA, Remove())
    assert site.kinds(BO) == ["waitlisted", "offered"]
    await site.mail(BO, "Yes", signed=False, headers=[f"In-Reply-To: <{site.letters(BO)[-1].message_id}>"])
    assert (await site.person(BO)).status is Status.CONFIRMED
