"""Invitations over their whole life, on the real path (calendar.md §13: 4 to 8, 12, 23).

Where the acceptance tests for what goes out are:

| calendar.md §13 | tests |
|---|---|
| 1 tree, copies, addresses | render/test_random_events (lint), render/test_headers, mail/test_compose (with a further file) |
| 2 foreign readers agree with zoneinfo | render/test_random_events, mail/test_calendar; test_calendar_clients (Evolution, khal) |
| 3 golden files, defects | mail/test_calendar |
| 4 room, time, both | here; test_changed |
| 5 marks of CANCEL | here; mail/test_calendar |
| 6 resend | here; mail/test_calendar |
| 7 crash, race | here; whole/test_kill; store/test_processes |
| 8 back again | here |
| 9 hostile values | mail/test_calendar (also under python -O), render/test_random_events |
| 10 zones, odd hours | mail/test_calendar, mail/test_timezone, render/test_random_events |
| 11 skeletons | mail/test_calendar |
| 12 letters without a calendar | here; render/test_headers |
| 23 file for everybody | here (answers to it); cli/test_lists, render/test_invitation, mail/test_calendar |
"""

import asyncio
import email

import pytest

from mailflow.mail.reply import Reply
from mailflow.model.registration import Status
from tests.foreign_readers import tool
from tests.service.calendars import answer, calendars, change, edit, invitations, wait
from tests.service.conftest import EVENT

lint_message = tool("lint_ics").lint_message
ADA, BO, CY = "ada@example.org", "bo@example.org", "cy@example.org"
NOON, ONE = "2019-08-27T12:30:00", "2019-08-27T13:15:00"


def asked(event):
    return event["ATTENDEE"].params["PARTSTAT"], event["ATTENDEE"].params["RSVP"]


def rows(octets):
    return octets.decode().replace("\r\n ", "").split("\r\n")


def body(content):
    """What was rendered: the signature is put on top of it at each attempt."""
    return content[content.index(b"From:") :]


async def uid(site, who):
    return str(invitations(site.raw(who))[-1]["UID"])


# A change of the event (4)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ([("Eden 236", "Eden 116")], ("ACCEPTED", "FALSE")),
        ([(NOON, ONE)], ("NEEDS-ACTION", "TRUE")),
        ([("Eden 236", "Eden 116"), (NOON, ONE)], ("NEEDS-ACTION", "TRUE")),
        ([("The rise of", "The fall of")], ("ACCEPTED", "FALSE")),
    ],
)
async def test_a_new_time_asks_again_and_anything_else_keeps_the_answer(site, changes, expected):
    """Ada had accepted: the same UID, SEQUENCE one higher, a newer DTSTAMP; her seat is kept either way."""
    await site.mail(ADA, "register")
    await answer(site, ADA, await uid(site, ADA), "ACCEPTED")
    for old, new in changes:
        await edit(site, old, new)
    await wait(site)
    first, second = invitations(site.raw(ADA))
    assert second["UID"] == first["UID"]
    assert (first["SEQUENCE"], second["SEQUENCE"]) == (0, 1)
    assert second.decoded("DTSTAMP") > first.decoded("DTSTAMP")
    assert asked(second) == expected
    assert (await site.person(ADA)).status is Status.CONFIRMED
    assert all(lint_message(octets) == [] for octets in site.raw(ADA))


async def test_a_tentative_answer_is_asked_again_with_the_new_room(site):
    """TENTATIVE is kept and RSVP=TRUE: who wavers may say more."""
    await site.mail(ADA, "register")
    await answer(site, ADA, await uid(site, ADA), "TENTATIVE")
    await change(site, "Eden 236", "Eden 116")
    assert asked(invitations(site.raw(ADA))[-1]) == ("TENTATIVE", "TRUE")


# The end (5)


async def test_a_cancellation_is_marked_in_all_places_and_ends_the_last_invitation(make_site):
    """METHOD, STATUS and MIME parameter; SEQUENCE above every REQUEST; start, end and title of the last; no alarm."""
    site = await make_site(4, config='[calendar]\nalarm = "1 day"\n')
    await site.mail(ADA, "register")
    await answer(site, ADA, await uid(site, ADA), "ACCEPTED")
    await change(site, "Eden 236", "Eden 116")
    await change(site, NOON, ONE)
    await answer(site, ADA, await uid(site, ADA), "ACCEPTED", sequence=2)
    await site.mail(ADA, "cancel")
    found = calendars(site.raw(ADA))
    assert [method for method, _ in found] == ["REQUEST", "REQUEST", "REQUEST", "CANCEL"]
    assert all(b"BEGIN:VALARM" in octets for _, octets in found[:3])
    *_, last, end = invitations(site.raw(ADA))
    assert {"METHOD:CANCEL", "STATUS:CANCELLED", "SEQUENCE:3"} <= set(rows(found[3][1]))
    assert b"VALARM" not in found[3][1]
    assert asked(end) == ("ACCEPTED", "FALSE")
    assert end.decoded("DTSTAMP") > last.decoded("DTSTAMP")
    for name in ("UID", "DTSTART", "DTEND", "SUMMARY", "LOCATION", "ORGANIZER"):
        assert end[name] == last[name], name
    assert end["ATTENDEE"] == last["ATTENDEE"]
    assert lint_message(site.raw(ADA)[-1]) == []


async def test_a_cancellation_ends_what_the_calendar_has_though_the_file_says_otherwise(site):
    """The file has another time, room and title, and nobody was told yet: the CANCEL names those of the REQUEST."""
    await site.mail(ADA, "register")
    for old, new in ((NOON, ONE), ("Eden 236", "Eden 116"), ("The rise of", "The fall of")):
        await edit(site, old, new)
    await site.mail(ADA, "cancel")
    request, end = invitations(site.raw(ADA))
    assert (end["STATUS"], end["SEQUENCE"]) == ("CANCELLED", 1)
    for name in ("UID", "DTSTART", "DTEND", "SUMMARY", "LOCATION"):
        assert end[name] == request[name], name
    assert lint_message(site.raw(ADA)[-1]) == []


# The same again (6)


async def test_a_copy_with_what_nobody_was_told_yet_is_a_new_invitation(site):
    """Within the ten minutes of a change: SEQUENCE rises with the contents, and once more when it is told."""
    await site.mail(ADA, "register")
    await edit(site, "Eden 236", "Eden 116")
    await site.mail(ADA, "resend")
    await wait(site)
    first, copy, told = invitations(site.raw(ADA))
    assert [one["SEQUENCE"] for one in (first, copy, told)] == [0, 1, 2]
    assert ["Eden 116" in one["LOCATION"] for one in (first, copy, told)] == [False, True, True]


async def test_two_resends_in_one_second_differ_in_their_stamps_alone(site):
    """Receivers order by SEQUENCE and DTSTAMP, whose finest step is a second."""
    await site.mail(ADA, "register")
    await asyncio.gather(*(site.mail(ADA, "resend", settle=False) for _ in range(2)))
    await site.settle()
    first, *again = (rows(octets) for _, octets in calendars(site.raw(ADA)))
    assert len(again) == 2
    stamps = {next(row for row in text if row.startswith("DTSTAMP")) for text in (first, *again)}
    assert len(stamps) == 3
    for text in again:
        assert [new.partition(":")[0] for old, new in zip(first, text, strict=True) if old != new] == ["DTSTAMP"]


# Crashes and races (7)


async def test_what_was_committed_is_sent_as_it_was_after_a_crash(site):
    """The relay is away, the service dies and starts again, the event has changed: the same octets, once."""
    tried = []

    def busy(_):
        return Reply(451, "4.3.0", "not now")

    deliver = site.courier.deliver

    async def noted(reverse_path, to, content):
        tried.append(content)
        return await deliver(reverse_path, to, content)

    site.courier.deliver, site.courier.answer = noted, busy
    await site.mail(ADA, "register")
    assert len(tried) == 1
    await site.client.close()
    await site.service.close()
    file = site.folder / "events" / "gan.toml"
    file.write_text(file.read_text().replace("Eden 236", "Eden 116"))
    site.clock.forward(minutes=5)
    again = asyncio.Event()

    def taken(_):
        again.set()
        return Reply(250, "2.0.0", "taken")

    site.courier.answer = taken
    await site.start()
    await asyncio.wait_for(again.wait(), 20)
    (sent,) = site.raw(ADA)
    assert body(sent) == body(tried[0])
    assert b"DKIM-Signature" in sent


async def test_a_sequence_never_stands_for_two_contents(site):
    """A change of room, resends and a cancellation at the same moment, in whatever order they win."""
    await site.mail(ADA, "register")
    await edit(site, "Eden 236", "Eden 116")
    site.clock.forward(minutes=10)
    await asyncio.gather(
        site.service._tick(), *(site.mail(ADA, word, settle=False) for word in ("resend", "cancel", "resend"))
    )
    await site.settle()
    seen = {}
    stamps = []
    for event in invitations(site.raw(ADA)):
        stamps.append((event["SEQUENCE"], event.decoded("DTSTAMP")))
        del event["DTSTAMP"]
        assert seen.setdefault(event["SEQUENCE"], event.to_ical()) == event.to_ical()
    assert len(stamps) == len(set(stamps)) >= 2
    # The outbox may be carried away in another order; as they were posted, both rise.
    assert sorted(stamps) == sorted(stamps, key=lambda pair: pair[1])


# Back again (8)


async def cancels(site):
    await site.mail(ADA, "cancel")


async def declines(site):
    await answer(site, ADA, await uid(site, ADA), "DECLINED")


@pytest.mark.parametrize("leave", [cancels, declines])
async def test_who_comes_back_has_a_new_entry_and_the_old_one_is_dead(site, leave):
    """New UID, SEQUENCE 0; what the old entry's copy in some program still answers changes nothing."""
    await site.mail(ADA, "register")
    old = await uid(site, ADA)
    await leave(site)
    site.clock.forward(minutes=5)
    await site.mail(ADA, "register")
    event = invitations(site.raw(ADA))[-1]
    assert event["UID"] != old
    assert (event["SEQUENCE"], asked(event)) == (0, ("NEEDS-ACTION", "TRUE"))
    site.clock.forward(minutes=5)
    before, letters = await site.person(ADA), len(site.raw(ADA))
    for partstat in ("DECLINED", "ACCEPTED"):
        for sequence in (0, 5):
            await answer(site, ADA, old, partstat, sequence=sequence)
            site.clock.forward(seconds=1)
    assert await site.person(ADA) == before
    assert before.status is Status.CONFIRMED
    assert len(site.raw(ADA)) == letters
    await answer(site, ADA, event["UID"], "ACCEPTED")
    assert (await site.person(ADA)).partstat == "ACCEPTED"


async def test_a_held_seat_that_is_taken_back_has_a_new_entry(make_site):
    """`undo_for`: the CANCEL has gone out, so the old UID stays dead though the seat was never free."""
    site = await make_site(1, event=EVENT + '[waiting_list]\nundo_for = "10 min"\n')
    await site.mail(ADA, "register")
    await site.mail(ADA, "cancel")
    await site.mail(ADA, "register")
    first, end, second = invitations(site.raw(ADA))
    assert end["UID"] == first["UID"] != second["UID"]
    assert second["SEQUENCE"] == 0
    before = await site.person(ADA)
    await answer(site, ADA, first["UID"], "DECLINED", sequence=9)
    assert await site.person(ADA) == before


# Letters without a calendar (12)


async def test_only_who_has_a_seat_has_something_in_the_calendar(make_site):
    """In line, offered, reminded, asked, declined, out of line: no calendar part, and none of an international address."""
    event = EVENT.replace("[venue]", "[[reminder]]\ndays_before = 1\nat = 09:00:00\n[venue]")
    site = await make_site(1, event=event + '[waiting_list]\nmode = "offer"\noffer_for = "24 hours"\n')
    for who in (ADA, BO, CY):
        await site.mail(who, "register")
    await site.mail("di@example.org", "register", signed=False)
    await answer(site, ADA, await uid(site, ADA), "DECLINED")
    code = site.code(BO)
    await change(site, "Eden 236", "Eden 116")
    await site.mail(BO, "YES", subject=f"YES {code}")
    await site.mail(CY, "cancel")
    with_calendar = {
        kind
        for who in (ADA, BO, CY, "di@example.org")
        for kind, octets in zip(site.kinds(who), site.raw(who), strict=True)
        if calendars([octets])
    }
    without = {kind for who in (ADA, BO, CY, "di@example.org") for kind in site.kinds(who)} - with_calendar
    assert with_calendar == {"registered", "promoted"}
    assert {"waitlisted", "offered", "cancelled", "please_confirm", "event_changed"} <= without
    assert site.kinds(ADA) == ["registered", "cancelled"]
    assert b"text/calendar" not in site.raw(ADA)[-1]
    site.clock.moment = site.clock.moment.replace(day=26, hour=8)
    await site.tick()
    assert site.kinds(BO)[-1] == "reminder"
    assert not calendars(site.raw(BO)[-1:])


# The file for everybody (23)


@pytest.mark.parametrize("partstat", ["ACCEPTED", "DECLINED"])
async def test_an_answer_to_the_file_for_everybody_answers_for_nobody(site, partstat):
    """Its UID is no registration's: whoever imported it and presses a button changes nothing, and gets no letter."""
    await site.mail(ADA, "register")
    before = await site.person(ADA)
    for who in (ADA, BO):
        await answer(site, who, "event-gan@events.test.example", partstat)
        assert await site.person(ADA) == before
        assert (await site.last_mail()).state == "ignored"
    assert await site.person(BO) is None
    assert (site.kinds(ADA), site.kinds(BO)) == (["registered"], [])


async def test_each_copy_in_a_letter_is_the_same(site):
    """The part that programs act on, and the file that webmails offer."""
    await site.mail(ADA, "register")
    parts = list(email.message_from_bytes(site.raw(ADA)[0]).walk())
    copies = [part.get_payload(decode=True) for part in parts if part.get_content_subtype() in ("calendar", "ics")]
    assert len(copies) == 2
    assert copies[0] == copies[1]
