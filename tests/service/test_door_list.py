"""The door list on the real path: when it goes out, numbers that stay, late cancellations, and who was absent."""

import csv
import io
from email import message_from_bytes
from email.policy import default

import pytest

from mailflow.model.intent import Absent, Done
from mailflow.service.door_list import at_door
from mailflow.service.orders import carry_out_order
from tests.service.conftest import EVENT, kind_of

PEOPLE = [f"{name}@example.org" for name in ("ada", "bo", "cy", "di")]
ADA, BO, CY, DI = PEOPLE
KIM, ROBIN = "kim.ek@example.org", "robin.berg@example.org"
THANKING = EVENT + "[after]\nthank_you_at = 09:00:00\n"


@pytest.fixture
async def site(make_site):
    """Three seats, taken by Ada, Bo and Cy; Di waits; Tuesday 27 August at 12:30 in Stockholm is 10:30 UTC."""
    one = await make_site(3, event=THANKING)
    for who in PEOPLE:
        await one.mail(who, "register")
    return one


def go_to(site, day, hour, minute=0):
    site.clock.moment = site.clock.moment.replace(month=8, day=day, hour=hour, minute=minute)


async def at(site, *moment):
    go_to(site, *moment)
    await site.tick()


def told(site, who, kind="door_list"):
    return [letter for letter in site.letters(who) if kind_of(letter) == kind]


def rows(site, who):
    """(number, name) of the CSV of the newest list."""
    newest = [octets for _, to, octets in site.courier.letters if str(to) == who and b"letter=door_list" in octets][-1]
    message = message_from_bytes(newest, policy=default)
    (table,) = [part for part in message.iter_attachments() if part.get_filename() == "door-list.csv"]
    text = table.get_payload(decode=True).decode("utf-8-sig")
    return [(row[0], row[2]) for row in csv.reader(io.StringIO(text, newline=""), delimiter=";")][1:]


async def test_it_goes_out_a_day_and_two_hours_before_once_to_each(site):
    """In each organiser's language; nothing before, and nothing from the start on."""
    await at(site, 26, 10, 29)
    assert told(site, KIM) == []
    for moment in ((26, 10, 30), (26, 22), (27, 8, 29), (27, 8, 30), (27, 10), (27, 10, 30), (27, 12)):
        await at(site, *moment)
        await site.tick()
    for who in (KIM, ROBIN):
        assert len(told(site, who)) == 2
    assert told(site, KIM)[0].subject.startswith("Avprickningslista: ")
    assert told(site, ROBIN)[1].subject.endswith("today 12:30, 3 names")


async def test_a_list_that_was_missed_is_overtaken_and_none_comes_after_the_start(site):
    """Down until an hour before: one list; down until the event has begun: none."""
    await at(site, 27, 9, 30)
    await site.tick()
    assert len(told(site, KIM)) == 1
    await at(site, 27, 10, 30)
    assert len(told(site, KIM)) == 1


async def test_the_quiet_hours_do_not_hold_it_back(make_site):
    """A breakfast at six: two hours before it is four in the night."""
    early = THANKING.replace("2019-08-27T12:30:00", "2019-08-27T06:00:00")
    one = await make_site(3, event=early)
    await one.mail(ADA, "register")
    await at(one, 27, 2)
    assert told(one, ROBIN)[-1].subject.endswith("today 06:00, 1 name")


async def test_a_number_stays_with_its_person(site):
    """Bo leaves, Di moves in and gets a new one; on the second list Ada and Cy have theirs still."""
    await at(site, 26, 10, 30)
    assert [number for number, _ in rows(site, KIM)] == ["1", "2", "3"]
    before = {name: number for number, name in rows(site, KIM)}
    await site.mail(BO, "cancel")
    await at(site, 27, 8, 30)
    after = {name: number for number, name in rows(site, KIM)}
    assert {name: after[name] for name in before if name in after} == {
        name: number for name, number in before.items() if name in after
    }
    assert sorted(after.values()) == ["1", "3", "4"]


async def test_a_late_cancellation_reaches_the_organisers_at_once(site):
    """With the number on their list; who gets the seat stands beside it. Before the list and after the start: nothing."""
    await at(site, 26, 10, 30)
    await site.mail(BO, "cancel")
    for who in (KIM, ROBIN):
        assert len(told(site, who, "late_cancellation")) == 1
    letter = told(site, ROBIN, "late_cancellation")[0]
    assert letter.subject.startswith("Late cancellation, no. 2: ")
    assert "New, and not on your printed list:" in letter.text
    go_to(site, 27, 10, 30)
    await site.mail(CY, "cancel")
    assert len(told(site, ROBIN, "late_cancellation")) == 1


async def test_who_was_absent_is_not_thanked_and_counts_in_the_statistic(site):
    """By door-list number or code, whichever is said; also when everybody has been erased."""
    await at(site, 27, 8, 30)
    go_to(site, 27, 14)

    def mark(writer):
        event = site.service.house.events["gan"]
        assert at_door(writer, "gan", "99") is at_door(writer, "gan", "x") is at_door(writer, "gan", "1" * 40) is None
        one = at_door(writer, "gan", "2")
        assert at_door(writer, "gan", one.code.lower()) == one
        assert carry_out_order(site.service.house, writer, event, one, Absent(), site.clock.now()).state == "done"
        return one

    with site.service.means.store.write() as writer:
        absent = mark(writer)
    await at(site, 28, 7)
    assert sorted(who for who in PEOPLE if "thank_you" in site.kinds(who)) == [
        who for who in (ADA, BO, CY) if who != str(absent.address)
    ]
    with site.service.means.store.write() as writer:
        writer.erase_people("gan", site.clock.now())
        told_now = writer.statistics("gan")
        assert (told_now.people("confirmed"), told_now.absent) == (3, 1)


async def test_a_question_that_is_done_leaves_the_digest(site):
    """F-1 waits in the morning's digest until somebody says DONE."""
    await site.mail(ADA, "Hello, is there a lift to the second floor? I use a wheelchair.")
    with site.service.means.store.write() as writer:
        (question,) = writer.open_questions("gan", site.clock.now().replace(year=2000))
        event = site.service.house.events["gan"]
        done = carry_out_order(site.service.house, writer, event, None, Done(question.number), site.clock.now())
        assert done.reason == "done"
        assert carry_out_order(site.service.house, writer, event, None, Done(99), site.clock.now()).state == "ignored"
        assert writer.open_questions("gan", site.clock.now().replace(year=2000)) == ()


async def test_what_was_not_understood_is_in_the_digest(site):
    """Its sender was told the words; the organisers see that there was somebody who could not say it."""
    await site.mail(ADA, "cancel??? change!! status")
    await site.mail("eve@example.org", "flurb")
    entry = await site.last_mail()
    assert entry.verdict.reason == "not understood"
    await at(site, 21, 5)
    text = told(site, KIM, "digest")[-1].text
    assert "Vi förstod inte ett mejl från eve@example.org" in " ".join(text.split())
