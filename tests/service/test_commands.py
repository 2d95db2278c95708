"""An organiser's commands over the whole path: who may give them, what they do, and what is told (trust.md §3)."""

import re

import pytest

from mailflow.mail.address import parse_address
from mailflow.model.registration import Status

from .conftest import EVENT

KIM, ROBIN, ADA, BO = "kim.ek@example.org", "robin.berg@example.org", "ada@example.org", "bo@example.org"
STRANGER = "eve@example.org"


async def state_of(site):
    return await site.read(lambda reader: reader.event_state("gan"))


async def status_of(site, address):
    person = await site.person(address)
    return person and person.status


def last(site, to=KIM, kind="transcript"):
    """The newest letter of that kind to that address."""
    found = [letter for letter in site.letters(to) if letter.header("x-mailflow").startswith(f"letter={kind};")]
    return found[-1] if found else None


def rows(site, to=KIM):
    """What the newest transcript says, a line each: (command, outcome)."""
    text = last(site, to).text.split("\n\n")
    block = next(part for part in text if part.startswith("> "))
    joined = re.sub(r"\n {20,}", " ", block)
    between = r" {2,}|(?<=\S) (?=Klart|Väntar|Inte gjort|Vi förstod|Done)"
    return [tuple(re.split(between, line[2:], maxsplit=1)) for line in joined.split("\n")]


def answer(letter, *headers):
    """Headers of a reply to one of our letters."""
    return (f"In-Reply-To: <{letter.message_id}>", *headers)


async def order(site, text, sender=KIM, **more):
    await site.mail(sender, text, **more)
    return last(site, sender)


async def yes(site, letter, sender=KIM, word="YES", **more):
    await site.mail(sender, word, headers=answer(letter), **more)


async def filled(site):
    """Ada and Cy have the two seats, Bo waits; and one question is open."""
    for name in ("ada", "cy", "bo"):
        await site.mail(f"{name}@example.org", "REGISTER")
    await site.mail("dan@example.org", "Is there a lift to the second floor? I use a wheelchair.")
    return {name: await site.person(f"{name}@example.org") for name in ("ada", "cy", "bo")}


async def closed(site):
    return (await state_of(site)).closed


async def seats(site):
    return (await state_of(site)).capacity


async def calls(site):
    return (await state_of(site)).called_off is not None


async def rhythm(site):
    notes = await site.read(lambda reader: reader.organiser_notes("gan"))
    return [note.digest for note in notes if str(note.address) == KIM]


async def added(site):
    notes = await site.read(lambda reader: reader.organiser_notes("gan"))
    return [str(note.address) for note in notes if note.added]


async def question(site):
    one = await site.read(lambda reader: reader.question("gan", 1))
    return one.done is not None


async def eve(site):
    return await status_of(site, STRANGER)


async def bo(site):
    return await status_of(site, BO)


async def ada(site):
    return await status_of(site, ADA)


async def corrected(site):
    return await status_of(site, "ada.lind@example.org")


async def told(site):
    return len([letter for letter in site.letters(KIM) if letter.header("x-mailflow").startswith("letter=transcript")])


# (the command, what to look at, before it, after it, whether it takes two steps)
COMMANDS = [
    ("STATUS", told, 0, 1, False),
    ("LIST", told, 0, 1, False),
    ("HELP", told, 0, 1, False),
    ("STÄNG", closed, False, True, False),
    ("SEATS 45", seats, 2, 45, False),
    ("PLATSER 1", seats, 2, 1, True),
    (f"ADD Eve Ek <{STRANGER}>", eve, None, Status.WAITING, False),
    (f"PROMOTE {BO}", bo, Status.WAITING, Status.CONFIRMED, False),
    ("FLYTTA IN {bo}", bo, Status.WAITING, Status.CONFIRMED, False),
    (f"REMOVE {ADA}", ada, Status.CONFIRMED, Status.REMOVED, True),
    ("TA BORT {ada}", ada, Status.CONFIRMED, Status.REMOVED, True),
    ("CHANGE {ada} ada.lind@example.org", corrected, None, Status.CONFIRMED, True),
    ("CANCEL EVENT The lecturer is ill.", calls, False, True, True),
    ("COORGANISER eve@example.org", added, [], [STRANGER], True),
    ("DONE F-1", question, False, True, False),
    ("DIGEST WEEKLY", rhythm, [], ["weekly"], False),
    ("SAMMANFATTNING VARJE DAG", rhythm, [], ["daily"], False),
]
every_command = pytest.mark.parametrize(
    ("command", "look", "before", "after", "two_steps"), COMMANDS, ids=[row[0] for row in COMMANDS]
)


def spelled(command, people):
    return command.format(**{name: one.code for name, one in people.items()})


@every_command
async def test_the_right_person_is_obeyed(site, command, look, before, after, two_steps):
    """At once, or after a YES to the transcript where it hurts; nothing is done before it."""
    people = await filled(site)
    assert await look(site) == before
    letter = await order(site, spelled(command, people))
    if two_steps:
        assert await look(site) == before
        assert letter.subject.startswith("Svara JA: ")
        await yes(site, letter)
    assert await look(site) == after


@every_command
async def test_the_right_person_unproved_is_asked_or_not_answered(site, command, look, before, after, two_steps):
    """Nothing is done; light commands are asked about once, and a YES from the mailbox does them."""
    people = await filled(site)
    await order(site, spelled(command, people), signed=False)
    assert await look(site) == before
    asked = last(site, KIM, "please_confirm")
    assert (asked is None) is two_steps
    if asked:
        await yes(site, asked, word="JA", signed=False)
        assert await look(site) == after


@every_command
async def test_somebody_else_is_not_obeyed(site, command, look, before, after, two_steps):
    """Whatever he writes, and however well it is signed."""
    people = await filled(site)
    await site.mail("mallory@example.org", spelled(command, people))
    assert await look(site) == before
    assert last(site, "mallory@example.org") is None


@every_command
async def test_a_replay_a_day_later_does_nothing(make_site, command, look, before, after, two_steps):
    """The mail as it was signed, from another server: whether or not it came here the first time."""
    site = await make_site()
    people = await filled(site)
    old = site.signer.sign(site.write(KIM, spelled(command, people)), site.clock.now())
    site.clock.forward(hours=25)
    for trace in (b"Received: from a by b; Mon, 1 Jan 2019 00:00:00 +0000\r\n", b"X-Trace: 2\r\n"):
        await site.mail(KIM, content=trace + old, signed=False)
    if look is not told:
        assert await look(site) == before
    letters = [letter for letter in site.letters(KIM) if letter.header("x-mailflow").startswith("letter=transcript")]
    assert [letter.subject for letter in letters] == [f"Inget gjordes: {spelled(command, people)}"]
    assert not letters[0].attachments


@every_command
async def test_a_quoted_command_does_nothing(site, command, look, before, after, two_steps):
    """In a reply, below what is written; or with nothing written at all."""
    people = await filled(site)
    quoted = f"On Tuesday 20 August 2019 12:00 Robin Berg <{ROBIN}> wrote:\n> {spelled(command, people)}\n"
    for text in (f"Thanks\n\n{quoted}", quoted):
        await site.mail(KIM, text)
    assert await look(site) == before
    assert last(site) is None


async def test_lines_are_done_in_the_order_sent(site):
    """A later line sees what an earlier one did; what nobody understands hinders none; one letter tells it all."""
    await filled(site)
    await order(site, "SEATS 3  # the big room\nCLOSE\nADD Eve Ek <eve@example.org>\nROOM 12\nREMOVE ada@example.org")
    assert rows(site) == [
        ("SEATS 3", "Klart. 3 platser (var 2). 1 person på väntelistan fick en plats."),
        ("CLOSE", "Klart. Anmälan är stängd. 3 av 3 platser är tagna."),
        ("ADD Eve Ek <eve@example.org>", "Klart. Eve Ek står på väntelistan."),
        ("ROOM 12", "Vi förstod inte raden. Inget har gjorts för den."),
        ("REMOVE ada@example.org", "Väntar på dig. Tar bort ada@example.org. Svara JA inom 24 timmar."),
    ]  # fmt: skip
    assert site.kinds(KIM).count("transcript") == 1
    assert await bo(site) is Status.CONFIRMED
    assert site.kinds(BO)[-1] == "promoted"
    assert await eve(site) is Status.WAITING
    await yes(site, last(site))
    assert await ada(site) is Status.REMOVED
    assert await eve(site) is Status.CONFIRMED


async def test_the_same_mail_twice_is_done_once(site):
    """With another envelope, and with other trace fields: nothing is done, and no second letter goes out."""
    mail = site.signer.sign(site.write(KIM, "ADD Eve <eve@example.org>"), site.clock.now())
    await site.mail(KIM, content=mail, signed=False)
    await site.mail(KIM, content=mail, signed=False, to="gan+x@events.test.example")
    await site.mail(KIM, content=b"X-Trace: 1\r\n" + mail, signed=False)
    assert site.kinds(KIM) == ["transcript"]
    assert site.kinds(STRANGER) == ["registered"]


async def test_add_registers_a_person_who_is_told(site):
    """With an invitation; the seat is the person's, and the letter is a notice."""
    await order(site, "LÄGG TILL Eve Ek <eve@example.org>")
    letter = last(site, STRANGER, "registered")
    assert letter.header("auto-submitted") == "auto-generated"
    person = await site.person(STRANGER)
    assert (person.name, person.status) == ("Eve Ek", Status.CONFIRMED)


async def test_more_than_five_added_take_two_steps(site):
    """Five are added at once; six are shown first."""
    names = [f"p{n}@example.org" for n in range(6)]
    letter = await order(site, "\n".join(f"ADD {name}" for name in names))
    assert await status_of(site, names[0]) is None
    await yes(site, letter)
    assert [await status_of(site, name) for name in names].count(Status.CONFIRMED) == 2
    assert len([kind for name in names for kind in site.kinds(name)]) == 6


async def test_more_than_five_moved_in_or_decided_about_take_two_steps(make_site):
    """It is the mail that counts, not the line: a hundred lines of five would be letters to five hundred people."""
    site = await make_site(seats=20, event=EVENT.replace("capacity = SEATS", "capacity = SEATS\napproval = true"))
    names = [f"p{n}@example.org" for n in range(6)]
    for name in names:
        await site.mail(name, "REGISTER")
    numbers = [(await site.person(name)).number for name in names]
    letter = await order(site, "APPROVE {}, {}, {}\nREJECT {}, {}, {}".format(*numbers))
    assert {await status_of(site, name) for name in names} == {Status.PENDING}
    await yes(site, letter)
    assert [await status_of(site, name) for name in names] == [Status.CONFIRMED] * 3 + [Status.REMOVED] * 3


async def test_what_has_changed_since_it_was_shown_is_shown_anew(site):
    """The YES was to other numbers: nothing is done, and the new letter's YES counts."""
    await filled(site)
    letter = await order(site, "CANCEL EVENT")
    await site.mail("late@example.org", "REGISTER")
    await yes(site, letter)
    assert not await calls(site)
    again = last(site)
    assert again.message_id != letter.message_id
    assert "4 personer" in again.text
    await yes(site, letter)
    assert not await calls(site)
    await yes(site, again)
    assert await calls(site)


async def test_a_no_ends_it(site):
    """Nothing is done, and a YES after it does nothing either."""
    await filled(site)
    letter = await order(site, "REMOVE ada@example.org")
    await yes(site, letter, word="NO")
    await yes(site, letter)
    assert await ada(site) is Status.CONFIRMED


async def test_the_yes_needs_authority_again(site):
    """Not proved, from somebody else, from the other organiser, from a robot, a day later, from a quote: nothing."""
    await filled(site)
    letter = await order(site, "REMOVE ada@example.org")
    await yes(site, letter, signed=False)
    await yes(site, letter, sender="mallory@example.org")
    await yes(site, letter, sender=ROBIN)
    await site.mail(KIM, "YES", headers=answer(letter, "Auto-Submitted: auto-replied"))
    await site.mail(KIM, "Thanks\n\n> YES", headers=answer(letter))
    assert await ada(site) is Status.CONFIRMED
    site.clock.forward(hours=25)
    await yes(site, letter)
    assert await ada(site) is Status.CONFIRMED


async def test_the_other_organisers_are_told_of_heavy_acts(site):
    """At once, so that a stolen mailbox is noticed; of light ones they read in their digest."""
    await filled(site)
    await order(site, "CLOSE")
    assert last(site, ROBIN) is None
    await yes(site, await order(site, "REMOVE ada@example.org"))
    receipt = last(site, ROBIN)
    assert receipt.subject.startswith("Done by Kim Ek: REMOVE ada@example.org")
    assert receipt.header("auto-submitted") == "auto-generated"


async def test_a_mail_signed_before_the_last_heavy_command_is_not_taken(site):
    """It was held back by somebody, or the clock of its writer is wrong: it has to be written anew."""
    await filled(site)
    early = site.signer.sign(site.write(KIM, "CLOSE"), site.clock.now())
    site.clock.forward(minutes=5)
    await yes(site, await order(site, "REMOVE ada@example.org"))
    await site.mail(KIM, content=early, signed=False)
    assert not await closed(site)
    assert rows(site)[0][1].startswith("Inte gjort.")


async def test_a_signature_that_leaves_out_to_takes_two_steps(site):
    """It proves the domain; the YES then answers a letter of ours, which is as good."""
    text = site.write(KIM, "CLOSE").replace(b"To: gan@events.test.example", b"To: list@example.org")
    await site.mail(KIM, content=text)
    assert not await closed(site)
    letter = last(site)
    assert rows(site) == [("CLOSE", "Väntar på dig. Stänger anmälan. Svara JA inom 24 timmar.")]
    await yes(site, letter)
    assert await closed(site)


async def test_a_copy_added_to_a_signed_mail_takes_two_steps(site):
    """What an organiser wrote to others is no command, whoever puts the event's address into Cc and sends it on."""
    text = site.write(KIM, "CLOSE").replace(b"To: gan@events.test.example", b"To: list@example.org")
    signed = site.signer.sign(text, site.clock.now())
    await site.mail(KIM, content=b"Cc: gan@events.test.example\r\n" + signed, signed=False)
    assert not await closed(site)


async def test_an_answer_to_a_letter_of_ours_is_as_good_as_a_full_signature(site):
    """As somebody writes who answers the digest."""
    letter = await order(site, "STATUS")
    text = site.write(KIM, "CLOSE", headers=answer(letter)).replace(b"To: gan@events.test.example", b"To: x@example.org")
    await site.mail(KIM, content=text)
    assert await closed(site)


async def test_commands_to_another_tag_of_the_address_are_not_taken(site):
    """Somebody sends the mail once more, to an address that its writer did not mean."""
    await site.mail(KIM, "CLOSE", to="gan+cancel=1@events.test.example")
    assert not await closed(site)


@pytest.mark.parametrize(("commands", "after"), [
    ("CLOSE", {"closed": False}), ("SEATS 3", {"capacity": 2}), ("CLOSE\nSEATS 5", {"closed": False, "capacity": 2}),
])  # fmt: skip
async def test_undo_takes_back_what_the_letter_tells_of(site, commands, after):
    """In answer to it, once, within 24 hours."""
    letter = await order(site, commands)
    await yes(site, letter, word="UNDO")
    state = await state_of(site)
    assert {key: getattr(state, key) for key in after} == after
    assert all(outcome.startswith("Klart.") for _, outcome in rows(site))
    await order(site, commands)
    await yes(site, letter, word="ÅNGRA")
    assert rows(site) == [("ÅNGRA", "Inte gjort. Det finns inget som kan ångras med det här.")]


async def test_undo_leaves_what_another_organiser_ruled_since(site):
    """Of the seats as of the opening; what has been taken back is not in the way."""
    seats_of_kim, closing = await order(site, "SEATS 45"), await order(site, "CLOSE")
    seats_of_robin = await order(site, "SEATS 60", sender=ROBIN)
    await order(site, "OPEN", sender=ROBIN)
    await order(site, "CLOSE", sender=ROBIN)
    await yes(site, seats_of_kim, word="UNDO")
    await yes(site, closing, word="UNDO")
    assert rows(site)[0][1].startswith("Inte gjort.")
    assert (await seats(site), await closed(site)) == (60, True)
    await yes(site, seats_of_robin, sender=ROBIN, word="UNDO")
    await yes(site, seats_of_kim, word="UNDO")
    assert await seats(site) == 2


async def test_undo_takes_an_added_person_off_again(site):
    """The person is told."""
    letter = await order(site, "ADD Eve <eve@example.org>")
    await yes(site, letter, word="UNDO")
    assert await eve(site) is Status.REMOVED
    assert site.kinds(STRANGER) == ["registered", "cancelled"]


@pytest.mark.parametrize("command", [f"ADD {STRANGER}", f"PROMOTE {STRANGER}"])
async def test_undo_takes_no_seat_that_somebody_signed_up_for_since(site, command):
    """What the organiser did has come to its end; the new registration is its owner's, and REMOVE asks first."""
    if command.startswith("PROMOTE"):
        await filled(site)
        await site.mail(STRANGER, "REGISTER")
    letter = await order(site, command)
    site.clock.forward(hours=1)
    await site.mail(STRANGER, "CANCEL")
    site.clock.forward(hours=1)
    await order(site, "SEATS 9")
    await site.mail(STRANGER, "REGISTER")
    assert await eve(site) is Status.CONFIRMED
    await yes(site, letter, word="UNDO")
    assert await eve(site) is Status.CONFIRMED
    assert rows(site) == [("UNDO", "Inte gjort. Det finns inget som kan ångras med det här.")]


async def test_undo_puts_who_was_moved_in_back_where_he_stood(site):
    """With a cancellation for the calendar; and the seat is not given to somebody else by it."""
    people = await filled(site)
    await site.mail("late@example.org", "REGISTER")
    letter = await order(site, f"PROMOTE {people['bo'].code}")
    assert (await state_of(site)).taken == 3
    await yes(site, letter, word="UNDO")
    assert (await site.person(BO)).status is Status.WAITING
    assert site.kinds(BO)[-2:] == ["promoted", "waitlisted"]
    assert b"METHOD:CANCEL" in site.raw(BO)[-1] or b"method=CANCEL" in site.raw(BO)[-1]
    assert (await state_of(site)).taken == 2


async def test_undo_a_day_later_or_of_another_organiser_does_nothing(site):
    """Only what one's own letter tells of, and only while it is fresh."""
    letter = await order(site, "CLOSE")
    await yes(site, letter, sender=ROBIN, word="UNDO")
    assert await closed(site)
    site.clock.forward(hours=25)
    await yes(site, letter, word="UNDO")
    assert await closed(site)


async def test_list_has_everybody_as_a_file(site):
    """Those with a seat, then those in line; to the organiser's address alone."""
    await filled(site)
    letter = await order(site, "LISTA")
    assert letter.attachments[0].name == "attendees.csv"  # where the extra is installed, a workbook follows


async def test_commands_in_html_alone_get_the_words(site):
    """What is shown is not what is written there: none of it is done."""
    html = site.write(KIM, "<p>STÄNG</p>").replace(b"text/plain", b"text/html")
    await site.mail(KIM, content=html)
    assert not await closed(site)
    assert "Du kan skriva" in last(site).text


async def test_an_unproved_organiser_is_asked_once_a_day(site):
    """The question says nothing that the sender wrote; five mails are one letter."""
    for number in range(5):
        await order(site, f"SEATS {number + 40}", signed=False)
    letter = last(site, KIM, "please_confirm")
    assert site.kinds(KIM) == ["please_confirm"]
    assert "PLATSER" in letter.text
    assert "40" not in letter.text


async def test_a_coorganiser_may_order_from_then_on(site):
    """He is told so at once, in the language of whoever made him one, and from his first command on in his own."""
    await yes(site, await order(site, f"COORGANISER Eve Ek <{STRANGER}>"))
    assert last(site, STRANGER).subject == "Du är arrangör nu: De kreativa maskinernas intåg"
    await order(site, "STATUS", sender=STRANGER)  # a word of both languages
    assert rows(site, STRANGER)[0][1].startswith("Klart.")
    await order(site, "CLOSE", sender=STRANGER)
    assert await closed(site)
    assert rows(site, STRANGER)[0][1].startswith("Done.")


@pytest.mark.parametrize("address", ["gan@events.test.example", "new@events.test.example", ROBIN])
async def test_who_cannot_become_an_organiser_is_said_at_once(site, address):
    """The desk itself, and who is one already: there is nothing to say YES to."""
    await order(site, f"COORGANISER {address}")
    assert rows(site)[0][1].startswith("Inte gjort.")


async def test_a_changed_rhythm_is_that_of_the_digest(site):
    """Robin's digest was weekly; on a Wednesday it now comes."""
    await order(site, "DIGEST DAILY", sender=ROBIN)
    site.clock.forward(days=1, hours=1)
    await site.tick()
    assert "digest" in site.kinds(ROBIN)


async def test_who_was_erased_is_not_added_by_others(site):
    """Only a mail from there brings them back."""
    await site.mail(STRANGER, "REGISTER")
    await site.mail(STRANGER, "ERASE")
    await order(site, f"ADD Eve <{STRANGER}>")
    assert await eve(site) is None
    assert rows(site)[0][1].startswith("Inte gjort.")


async def test_the_corrected_address_gets_the_registration(site):
    """With a new calendar UID; the wrong one hears nothing more."""
    people = await filled(site)
    before = len(site.letters(ADA))
    await yes(site, await order(site, f"CHANGE {people['ada'].code} ada.lind@example.org"))
    after = await site.person("ada.lind@example.org")
    assert (after.number, after.code) == (people["ada"].number, people["ada"].code)
    assert after.epoch > people["ada"].epoch
    assert site.kinds("ada.lind@example.org") == ["registered"]
    assert len(site.letters(ADA)) == before


async def test_calling_off_tells_everybody(site):
    """Within minutes, with the reason that the command gave."""
    await filled(site)
    await yes(site, await order(site, "CANCEL EVENT The lecturer is ill."))
    await site.tick()
    assert site.kinds(ADA)[-1] == "event_cancelled"
    assert "The lecturer is ill." in site.letters(ADA)[-1].text
    await order(site, "OPEN")
    assert rows(site)[0][1].startswith("Inte gjort.")


async def test_applications_are_decided_by_number_or_code(make_site):
    """One at a time, as each may take the last seat; who does not wait for it is counted; more than five take a YES."""
    site = await make_site(seats=1, event=EVENT.replace("capacity = SEATS", "capacity = SEATS\napproval = true"))
    names = [f"p{n}@example.org" for n in range(4)]
    for name in names:
        await site.mail(name, "REGISTER")
    people = [await site.person(name) for name in names]
    await order(site, f"APPROVE {people[0].number}, {people[1].code}, 99\nAVSLÅ {people[2].number}")
    assert rows(site)[0][1].startswith("Klart. 2 personer är godkända och får besked. 1 av numren")
    assert rows(site)[1][1].startswith("Klart. 1 person har fått avslag")
    assert [await status_of(site, name) for name in names] == [
        Status.CONFIRMED, Status.WAITING, Status.REMOVED, Status.PENDING,
    ]  # fmt: skip
    letter = await order(site, f"APPROVE {people[3].number}, 91, 92, 93, 94, 95")
    assert await status_of(site, names[3]) is Status.PENDING
    await yes(site, letter)
    assert await status_of(site, names[3]) is Status.WAITING


async def test_commands_that_are_not_built_yet_say_so(site):
    """And do nothing; HELP does not name them."""
    await order(site, "PUBLISH")
    assert rows(site) == [("PUBLISH", "Inte gjort. Det här kommandot kommer i en senare version.")]
    assert "PUBLICERA" not in (await order(site, "HJÄLP")).text


async def test_an_address_of_the_desk_is_nobody(site):
    """It would write to itself."""
    await order(site, "ADD gan@events.test.example")
    assert rows(site)[0][1].startswith("Inte gjort.")
    assert await site.read(lambda reader: reader.registration_of("gan", parse_address("gan@events.test.example"))) is None


async def test_announce_shows_the_finished_text_and_how_many_get_it(site):
    """Placeholders filled in, in the language written; the YES sends it, to who has a seat."""
    await filled(site)
    letter = await order(site, "ANNOUNCE New room\n\nHi {first_name}, we meet in {room}.\n\nOPEN the door yourself.")
    assert letter.subject == "Svara JA: ANNOUNCE New room"
    assert "Skickar det här till 2 personer." in rows(site)[0][1]
    assert "OPEN the door yourself." in letter.text
    assert "1 ord inom klamrar" in rows(site)[0][1]
    await site.tick()
    assert "announcement" not in site.kinds(ADA)
    site.clock.forward(minutes=5)
    await yes(site, letter)
    await site.tick()
    assert site.kinds(ADA)[-1] == site.kinds("cy@example.org")[-1] == "announcement"
    assert "announcement" not in site.kinds(BO)
    assert last(site, ROBIN).subject.startswith("Done by Kim Ek: ANNOUNCE New room")


async def test_an_announcement_to_more_people_than_were_shown_is_shown_anew(site):
    """Somebody signed up meanwhile, or the other way round."""
    await filled(site)
    letter = await order(site, "ANNOUNCE New room\nM:101")
    await site.mail(ADA, "CANCEL")
    await site.mail("cy@example.org", "CANCEL")
    await yes(site, letter)
    await site.tick()
    assert "announcement" not in site.kinds(BO)
    assert "1 person" in last(site).text


@pytest.mark.parametrize("text", ["ANNOUNCE\nNew room", "ANNOUNCE " + "x" * 120 + "\nM:101", "ANNOUNCE a\n" + "x" * 6000])
async def test_an_announcement_that_cannot_be_sent_says_why(site, text):
    """No text, too long a subject or text: nothing waits for a YES."""
    await filled(site)
    letter = await order(site, text)
    assert letter.subject.startswith("Inget gjordes: ANNOUNCE")
    assert "announce_" not in letter.text


async def test_nobody_with_a_seat_is_nobody_to_announce_to(site):
    """It says so at once."""
    await order(site, "ANNOUNCE New room\nM:101")
    assert rows(site)[0][1].startswith("Inte gjort.")


async def test_who_was_absent_is_marked_by_the_number_of_the_door_list(site):
    """From the start on; what is nobody's number is said."""
    people = await filled(site)
    site.clock.moment = site.clock.moment.replace(day=27, hour=9)
    await site.tick()
    number = (await site.person(ADA)).door_number
    await order(site, f"ABSENT {number}")
    assert rows(site)[0][1].startswith("Inte gjort.")
    site.clock.forward(hours=2)
    await order(site, f"SAKNADES {number}, 77 och {people['cy'].code}")
    assert "2 personer är antecknade som frånvarande. 1 av numren" in rows(site)[0][1]
    assert (await site.person(ADA)).absent
    assert (await site.person("cy@example.org")).absent


async def test_those_at_the_door_hear_of_who_is_removed_late(site):
    """As of any other cancellation once the list is out."""
    await filled(site)
    site.clock.moment = site.clock.moment.replace(day=27, hour=9)
    await site.tick()
    await yes(site, await order(site, f"REMOVE {ADA}"))
    assert "late_cancellation" in site.kinds(ROBIN)
