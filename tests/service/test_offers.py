"""Offers and held seats on the real path: letters over SMTP, jobs by a clock that is moved."""

import email
from dataclasses import replace

import pytest

from mailflow.mail.address import parse_address
from mailflow.model.decision import Challenge, Challenged, Saved
from mailflow.model.registration import Status
from mailflow.service.opening import open_site_store
from mailflow.service.simulate import Mail, simulate
from tests.service.conftest import EVENT, html_of

ADA, BO, CY = "ada@example.org", "bo@example.org", "cy@example.org"
OFFERING = EVENT + '[waiting_list]\nmode = "offer"\noffer_for = "24 hours"\nuntil = 2019-08-26T12:00:00\n'
UNDOING = EVENT + '[waiting_list]\nundo_for = "10 min"\n'


@pytest.fixture
async def offered(make_site):
    """One seat; Ada has given it up, and it is offered to Bo; Cy waits."""
    site = await make_site(1, event=OFFERING)
    for who in (ADA, BO, CY):
        await site.mail(who, "register")
    await site.mail(ADA, "cancel")
    return site


async def state_of(site):
    state = await site.read(lambda reader: reader.event_state("gan"))
    return state.taken, state.waiting


async def test_a_yes_in_the_thread_of_an_offer_takes_the_seat(offered):
    """Unsigned: the reference of the letter shows that the mailbox was read, as that of a question to confirm does."""
    letter = offered.letters(BO)[-1]
    assert offered.kinds(BO) == ["waitlisted", "offered"]
    assert "The offer stands until Wednesday 21 August at 06:30." in letter.text
    assert await state_of(offered) == (1, 1)
    await offered.mail(BO, "Yes please", signed=False, headers=[f"In-Reply-To: <{letter.message_id}>"])
    assert offered.kinds(BO)[-1] == "promoted"
    assert (await offered.person(BO)).status is Status.CONFIRMED
    assert offered.kinds(CY) == ["waitlisted"]


@pytest.mark.parametrize(("word", "status"), [("YES", Status.CONFIRMED), ("NO", Status.CANCELLED)])
async def test_the_letter_s_links_do_what_they_say(offered, word, status):
    """A button writes a new mail, without a thread: its subject carries the question's own code."""
    assert f"?subject={word}%20" in html_of(offered.raw(BO)[-1])
    await offered.mail(BO, word, signed=False, subject=f"{word} {offered.code(BO)}")
    assert (await offered.person(BO)).status is status
    assert offered.kinds(CY)[1:] == (["offered"] if status is Status.CANCELLED else [])


async def test_a_proved_yes_needs_no_thread(offered):
    """Bo writes a mail of his own."""
    await offered.mail(BO, "ja tack")
    assert (await offered.person(BO)).status is Status.CONFIRMED


async def test_an_offer_runs_out_once_and_the_next_one_is_asked(offered):
    """By the clock, also after downtime, and never twice; the late YES takes nothing."""
    challenge = offered.letters(BO)[-1].message_id
    offered.clock.forward(hours=23)
    await offered.tick()
    assert offered.kinds(BO) == ["waitlisted", "offered"]
    offered.clock.forward(hours=30)
    for _ in range(3):
        await offered.tick()
    assert (offered.kinds(BO), offered.kinds(CY)) == (["waitlisted", "offered", "cancelled"], ["waitlisted", "offered"])
    assert "Reply WAITLIST to stand in line again." in " ".join(offered.letters(BO)[-1].text.split())
    assert (await offered.person(BO)).status is Status.EXPIRED
    await offered.mail(BO, "yes", signed=False, headers=[f"In-Reply-To: <{challenge}>"])
    assert len(offered.kinds(BO)) == 3
    assert (await offered.person(CY)).status is Status.OFFERED


async def test_more_seats_are_offered_by_the_tick(offered):
    """A raised capacity is as good as a cancellation."""
    await offered.service.scribe.write(lambda writer: writer.set_capacity("gan", 2))
    await offered.tick()
    assert offered.kinds(CY) == ["waitlisted", "offered"]
    assert await state_of(offered) == (2, 0)


async def test_a_given_up_seat_is_held_and_given_back(make_site):
    """Within ten minutes REGISTER brings the same seat back; the counters agree all the way."""
    site = await make_site(1, event=UNDOING)
    for who in (ADA, BO):
        await site.mail(who, "register")
    await site.mail(ADA, "cancel")
    assert "If you reply REGISTER within 10 minutes you get the same seat back." in site.letters(ADA)[-1].text.replace(
        "\n", " "
    )
    site.clock.forward(minutes=9)
    await site.tick()
    await site.mail(ADA, "register")
    assert (site.kinds(ADA), site.kinds(BO)) == (["registered", "cancelled", "registered"], ["waitlisted"])
    assert await state_of(site) == (1, 1)


async def test_a_seat_that_is_held_no_longer_goes_to_the_line(make_site):
    """By the clock, once."""
    site = await make_site(1, event=UNDOING)
    for who in (ADA, BO):
        await site.mail(who, "register")
    await site.mail(ADA, "cancel")
    assert await state_of(site) == (1, 1)
    site.clock.forward(minutes=10)
    for _ in range(2):
        await site.tick()
    assert site.kinds(BO) == ["waitlisted", "promoted"]
    assert await state_of(site) == (1, 0)


async def test_simulate_shows_the_offer_that_a_cancellation_would_make(make_site):
    """Both letters, rendered; nothing is written, and no reference in them is one that counts."""
    site = await make_site(1, event=OFFERING)
    for who in (ADA, BO, CY):
        await site.mail(who, "register")
    mail = Mail(site.write(ADA, "cancel"), parse_address(ADA), parse_address(site.to))
    store = open_site_store(site.config)
    trace = simulate(site.service.house, store, mail, site.clock.now(), answers={}, assume="dkim")
    store.close()
    assert [(letter.kind, str(letter.to)) for letter, _ in trace.letters] == [("cancelled", ADA), ("offered", BO)]
    assert (await site.person(ADA)).status is Status.CONFIRMED
    assert await site.read(lambda reader: reader.letter_ref(trace.letters[1][0].challenge)) is None


async def test_the_digest_names_offers_that_are_about_to_end(offered):
    """A day before their end the organisers may help along; the list has who is offered a seat, too (letters.md §9)."""
    offered.clock.forward(hours=1)
    await offered.tick()
    (digest,) = offered.letters("kim.ek@example.org")
    assert "bo@example.org har inte svarat på erbjudandet om en plats." in " ".join(digest.text.split())
    listed = offered.raw("kim.ek@example.org")[0]
    (csv,) = [p for p in email.message_from_bytes(listed).walk() if p.get_filename() == "attendees.csv"]
    rows = csv.get_payload(decode=True).decode("utf-8-sig").splitlines()
    assert [address in row for row, address in zip(rows[1:], (BO, CY), strict=True)] == [True, True]


async def test_what_runs_out_of_an_event_without_a_file_holds_nobody_up(offered):
    """Its questions and offers wait for the file, however many and however old; those of other events end in time."""
    start = offered.clock.now()
    person = await offered.person(BO)

    def leave_behind(writer):
        writer.sync_event("old", 500, None, None, "", start)
        for number in range(1, 251):
            to = parse_address(f"p{number}@example.net")
            row = replace(person, event="old", number=number, code=f"{number}", address=to, until=start)
            asked = Challenge(f"OLD{number}", "old", "offer", to, number, start, start)
            for change in (Saved("offered", None, row), Challenged(asked)):
                writer.apply(change, "old", start)

    await offered.service.scribe.write(leave_behind)
    offered.clock.forward(hours=72)
    await offered.tick()
    assert (await offered.person(BO)).status is Status.EXPIRED
    assert await offered.read(lambda reader: reader.expired_challenges("gan", offered.clock.now(), 10)) == ()
    assert offered.kinds(CY) == ["waitlisted", "offered"]
    assert len(await offered.read(lambda reader: reader.run_out("old", start, 300))) == 250


async def test_numbers_of_letters_are_drawn_where_a_letter_may_follow(offered):
    """A refused mail draws none, and a mail that cannot free a seat none for the line, however long that is."""
    numbers = []

    async def drawn(sender, body, **more):
        before = await offered.service.scribe.write(lambda writer: writer.next_letter())
        await offered.mail(sender, body, **more)
        numbers.append(await offered.service.scribe.write(lambda writer: writer.next_letter()) - before - 1)

    for name in ("di", "ed", "flo"):
        await offered.mail(f"{name}@example.org", "register")
    await drawn("gus@example.org", "register", signed=False, headers=[f"X-{n}: x" for n in range(400)])
    assert (await offered.last_mail()).state == "refused"
    await drawn("gus@example.org", "register")
    await drawn(BO, "no")
    # The question that may be asked, and the letter; the same, the offer that Cy may get, and the letter with it.
    assert numbers == [0, 2, 4]
    assert offered.kinds(CY) == ["waitlisted", "offered"]


async def test_a_full_event_with_a_line_costs_the_tick_one_look(offered):
    """No row of the line is read, and no number drawn, while no seat is free."""
    asked = []
    await offered.tick()
    await offered.service.scribe.write(lambda writer: writer.sql.set_trace_callback(asked.append))
    await offered.tick()
    await offered.service.scribe.write(lambda writer: writer.sql.set_trace_callback(None))
    assert asked
    assert not [statement for statement in asked if "status = 'waiting'" in statement or "UPDATE counters" in statement]
