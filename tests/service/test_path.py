"""The one path, end to end: a mail goes in over SMTP, seats, letters and invitations come out."""

import asyncio
import email
import smtplib
from datetime import UTC, datetime

import dkim
import pytest

from mailflow.mail.reply import Reply
from mailflow.model.registration import Status
from tests.service.conftest import EVENT, kind_of

ADA, BO, CY = "ada@example.org", "bo@example.org", "cy@example.org"


def calendar_of(content):
    parts = [p for p in email.message_from_bytes(content).walk() if p.get_content_type() == "text/calendar"]
    return parts[0].get_payload(decode=True).decode() if parts else None


async def test_a_signed_register_is_a_seat_an_invitation_and_a_row(site):
    """One mail from a proved sender; the confirmation threads with it and carries a REQUEST for that person."""
    reply = await site.mail("Ada Lovelace <ada@example.org>", "register\nDiet: vegan", message_id="first@example.org")
    assert reply == Reply(250, "2.0.0", "Accepted")
    (letter,) = site.letters(ADA)
    assert kind_of(letter) == "registered"
    assert letter.in_reply_to == ("first@example.org",)
    assert letter.subject == "You're in: The rise of creative machines, Tue 27 Aug 12:30"
    assert "You have a seat, Ada!" in letter.text
    assert "vegan" in letter.text
    calendar = calendar_of(site.raw(ADA)[0])
    assert "METHOD:REQUEST" in calendar
    assert "mailto:ada@example.org" in calendar
    person = await site.person(ADA)
    assert (person.status, person.name) == (Status.CONFIRMED, "Ada Lovelace")
    assert person.answers[0].options == ("vegan",)


async def test_our_letters_are_signed_and_verify(site):
    """Unchanged dkimpy, with the record that `dns` prints, says the signature holds."""
    from mailflow.proof.signer import public_record

    await site.mail(ADA, "register")
    record = public_record((site.folder / "dkim.key").read_bytes()).encode()
    assert dkim.verify(site.raw(ADA)[0], dnsfunc=lambda name, timeout=5: record)


async def test_an_unsigned_register_is_asked_and_yes_in_the_thread_registers(site):
    """The question holds nothing the sender wrote; YES by reply does it, without any code."""
    await site.mail("Cheap Pills <ada@example.org>", "register", signed=False, subject="buy now")
    (asked,) = site.letters(ADA)
    assert kind_of(asked) == "please_confirm"
    assert "Cheap" not in site.raw(ADA)[0].decode()
    assert "buy now" not in asked.text
    assert (await site.person(ADA)).status is Status.PENDING
    await site.mail(ADA, "Yes", signed=False, headers=[f"In-Reply-To: <{asked.message_id}>"])
    assert site.kinds(ADA) == ["please_confirm", "registered"]
    assert (await site.person(ADA)).status is Status.CONFIRMED


async def test_the_button_s_code_in_the_subject_confirms_too(site):
    """Some clients drop In-Reply-To; the button carries the challenge's own code."""
    await site.mail(ADA, "register", signed=False)
    await site.mail(ADA, "YES", signed=False, subject=f"YES {site.code(ADA)}")
    assert site.kinds(ADA) == ["please_confirm", "registered"]


async def test_the_reply_address_confirms_too(site):
    """With a recipient delimiter, a YES to Reply-To needs neither thread nor code; an out-of-office there does not."""
    await site.mail(ADA, "register", signed=False)
    reply_to = site.letters(ADA)[0].header("reply-to").strip(" <>")
    assert reply_to.startswith("gan+r.")
    await site.mail(ADA, "Yes, I am away", signed=False, to=reply_to, headers=["Auto-Submitted: auto-replied"])
    assert site.kinds(ADA) == ["please_confirm"]
    await site.mail(ADA, "yes", signed=False, to=reply_to.upper().replace("EVENTS.TEST.EXAMPLE", "events.test.example"))
    assert site.kinds(ADA) == ["please_confirm", "registered"]


async def test_a_border_server_s_word_is_proof(site):
    """Authentication-Results of a configured authserv-id acts at once; that of anybody else does not."""
    word = "Authentication-Results: {}; dmarc=pass header.from=example.org"
    await site.mail(
        ADA,
        "register",
        signed=False,
        content=word.format("mx.test.example").encode() + b"\r\n" + site.write(ADA, "register"),
    )
    await site.mail(
        BO,
        "register",
        signed=False,
        content=word.format("mx.evil.example").encode() + b"\r\n" + site.write(BO, "register"),
    )
    assert (site.kinds(ADA), site.kinds(BO)) == (["registered"], ["please_confirm"])


async def test_a_swedish_mail_gets_a_swedish_letter(site):
    """The language of the command word."""
    await site.mail(ADA, "Anmäl mig")
    assert site.letters(ADA)[0].subject.startswith("Du har en plats")


async def test_ja_is_remembered_for_the_letters_that_come_later(make_site):
    """Asked in both languages, since an empty mail tells none; after JA everything is in Swedish, by itself as well."""
    site = await make_site(seats=1)
    await site.mail(BO, "register")
    await site.mail(ADA, "", signed=False)
    (asked,) = site.letters(ADA)
    assert asked.header("content-language") == "en, sv"
    await site.mail(ADA, "JA", signed=False, headers=[f"In-Reply-To: <{asked.message_id}>"])
    assert (await site.person(ADA)).language == "sv"
    await site.mail(BO, "cancel")
    assert site.kinds(ADA) == ["please_confirm", "waitlisted", "promoted"]
    assert [letter.header("content-language") for letter in site.letters(ADA)[1:]] == ["sv", "sv"]


async def test_full_then_cancel_then_promoted(site):
    """Two seats: the third waits, and gets the seat that the first gives up, with an invitation of its own."""
    for who in (ADA, BO, CY):
        await site.mail(who, "register")
    assert site.kinds(CY) == ["waitlisted"]
    assert calendar_of(site.raw(CY)[0]) is None
    await site.mail(ADA, "cancel")
    assert site.kinds(ADA) == ["registered", "cancelled"]
    gone = calendar_of(site.raw(ADA)[1])
    assert "METHOD:CANCEL" in gone
    assert "SEQUENCE:1" in gone
    assert site.kinds(CY) == ["waitlisted", "promoted"]
    assert "METHOD:REQUEST" in calendar_of(site.raw(CY)[1])


async def test_the_same_mail_twice_is_one_registration_and_one_letter(site):
    """A double delivery (same Message-ID, From, Date, body) is accepted and ignored, with a reason."""
    content = site.write(ADA, "register")
    await site.mail(ADA, content=content)
    await site.mail(ADA, content=b"Received: from elsewhere\r\n" + content)
    assert site.kinds(ADA) == ["registered"]
    entry = await site.last_mail()
    assert (entry.state, entry.verdict.reason) == ("ignored", "same mail as 1")


async def test_a_second_sign_up_is_told_the_present_state(site):
    """Another mail, same wish: one registration, the invitation again."""
    await site.mail(ADA, "register")
    site.clock.forward(minutes=5)
    await site.mail(ADA, "register please")
    await site.mail(ADA, "register")
    assert "status" in site.kinds(ADA)
    assert len(await site.read(lambda r: r.registrations("gan"))) == 1


async def test_an_empty_mail_is_asked_back(site):
    """Do you want to register? Reply YES."""
    await site.mail(ADA, "")
    assert site.kinds(ADA) == ["please_confirm"]
    await site.mail(ADA, "yes", headers=[f"In-Reply-To: <{site.letters(ADA)[0].message_id}>"])
    assert site.kinds(ADA) == ["please_confirm", "registered"]


async def test_everything_else_reaches_the_organisers(site):
    """Both who take questions get it with the sender as Reply-To; the sender is told that a person reads it."""
    await site.mail("Ada L <ada@example.org>", "Is there a place to park my bicycle?", subject="Bicycle")
    assert site.kinds(ADA) == ["question_received"]
    (forwarded,) = site.letters("kim.ek@example.org")
    assert kind_of(forwarded) == "question_forwarded"
    assert forwarded.header("reply-to").strip(" <>").endswith("ada@example.org")
    assert "park my bicycle" in forwarded.text
    assert site.kinds("robin.berg@example.org") == ["question_forwarded"]


@pytest.mark.parametrize(
    ("headers", "reverse_path"),
    [
        (["Auto-Submitted: auto-replied"], ""),
        (["List-Id: <x.example.org>"], ""),
        (["Precedence: bulk"], ""),
        ([], None),
    ],
)
async def test_robots_are_never_answered(site, headers, reverse_path):
    """Each is kept, ends in a named state, and gets no letter."""
    await site.mail(ADA, "register", headers=headers, reverse_path=reverse_path)
    assert site.letters() == []
    assert (await site.last_mail()).state == "silent"


async def test_our_own_letter_coming_back_is_silent(site):
    """A loop ends here."""
    await site.mail(ADA, "register")
    await site.mail(ADA, content=site.raw(ADA)[0], signed=False)
    assert site.kinds() == ["registered"]


async def test_unknown_addresses_are_refused_and_roles_are_passed_on(site):
    """550 5.1.1 for no event, 550 5.7.1 for another domain; postmaster's mail goes to the site's contact."""
    assert (await site.mail(ADA, "register", to="nosuch@events.test.example")).status == "5.1.1"
    assert (await site.mail(ADA, "register", to="gan@elsewhere.example")).status == "5.7.1"
    assert (await site.mail(ADA, "hello", to="PostMaster@events.test.example")).ok
    (passed_on,) = site.courier.letters
    assert str(passed_on[1]) == "desk@example.org"
    assert passed_on[0] is None
    assert b"hello" in passed_on[2]


@pytest.mark.parametrize("head", ["From: gan@events.test.example\r\nSubject: pay\r\n", "Subject: no sender\r\n", ""])
async def test_what_is_passed_on_to_the_contact_carries_no_signature_of_ours(site, head):
    """Our key vouches for our own letters only; a mail without From reaches the contact all the same."""
    await site.mail(ADA, content=f"{head}\r\nhello\r\n".encode(), signed=False, to="abuse@events.test.example")
    (passed_on,) = site.courier.letters
    assert passed_on[2].startswith(b"Received: by events.test.example")
    assert b"d=events.test.example" not in passed_on[2]


async def test_a_look_alike_of_another_alphabet_cannot_give_up_a_seat(site):
    """`strasse@` is proved, and still is not `straße@`."""
    await site.mail("straße@example.org", "register")
    await site.mail("strasse@example.org", "cancel")
    assert (await site.person("straße@example.org")).status is Status.CONFIRMED


def send(site, sender, paths, content):
    """One transaction with several recipients."""
    host, _, port = site.service.where[0].rpartition(":")
    with smtplib.SMTP(host, int(port), timeout=10) as client:
        client.sendmail(sender, paths, content)


async def test_one_mail_to_many_tags_of_an_event_is_one_mail(site):
    """One transaction, one mail: who names fifty tags makes no fifty letters; each of the doubles has an end."""
    mail = site.write(ADA, "Where can I park?", subject="a question")
    paths = ["gan@events.test.example", *(f"gan+{tag}@events.test.example" for tag in range(20))]
    await asyncio.to_thread(send, site, ADA, paths, mail)
    await site.settle()
    assert site.kinds("kim.ek@example.org") == ["question_forwarded"]
    mails = await site.read(lambda reader: reader.mails())
    assert sorted(one.state for one in mails) == ["done", *["ignored"] * 20]


async def test_a_token_beside_the_plain_address_still_confirms(site):
    """Reply to all: YES goes to `gan@` and to the address with the token, and the token counts, whatever the order."""
    await site.mail(ADA, "register", signed=False)
    token = email.message_from_bytes(site.raw(ADA)[0])["Reply-To"]
    mail = site.write("ada@elsewhere.example", "yes", subject="Re: hello")
    await asyncio.to_thread(send, site, "ada@elsewhere.example", ["gan@events.test.example", token], mail)
    await site.settle()
    assert site.kinds(ADA) == ["please_confirm", "registered"]
    assert site.kinds("kim.ek@example.org") == []


async def test_plus_tags_and_case_are_no_obstacle(site):
    """An unknown detail must not lose a mail."""
    await site.mail(ADA, "register", to="GAN+whatever@events.test.example")
    assert site.kinds(ADA) == ["registered"]


async def test_a_calendar_decline_frees_the_seat(site):
    """Proved and current: cancelled without a calendar part, and the line moves."""
    for who in (ADA, BO, CY):
        await site.mail(who, "register")
    uid = next(line[4:] for line in calendar_of(site.raw(ADA)[0]).splitlines() if line.startswith("UID:"))
    reply = (
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:REPLY\r\nBEGIN:VEVENT\r\n"
        f"UID:{uid}\r\nSEQUENCE:0\r\nDTSTAMP:20190820T050000Z\r\n"
        "ATTENDEE;PARTSTAT=DECLINED:mailto:ada@example.org\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    content = site.write(ADA, reply, subject="Declined").replace(
        b"text/plain; charset=utf-8", b"text/calendar; method=REPLY"
    )
    await site.mail(ADA, content=content)
    assert site.kinds(ADA) == ["registered", "cancelled"]
    assert calendar_of(site.raw(ADA)[1]) is None
    assert site.kinds(CY)[-1] == "promoted"


async def test_a_raised_capacity_moves_the_line(site):
    """The event file says three seats; a reload and the clock give the third to the first in line."""
    for who in (ADA, BO, CY):
        await site.mail(who, "register")
    (site.folder / "events" / "gan.toml").write_text(EVENT.replace("SEATS", "3"))
    from mailflow.service.opening import build_house, load_keys

    site.service.reload = lambda: (build_house(site.config, load_keys(site.config), site.clock), site.keys)
    await site.service.reread()
    await site.tick()
    assert site.kinds(CY) == ["waitlisted", "promoted"]


async def test_closing_at_noon_in_stockholm(site):
    """A second before 12.00 on 23 August it is open, at 12.00 it is closed."""
    site.clock.moment = datetime(2019, 8, 23, 9, 59, 59, tzinfo=UTC)
    await site.mail(ADA, "register")
    site.clock.forward(seconds=1)
    await site.mail(BO, "register")
    assert (site.kinds(ADA), site.kinds(BO)) == (["registered"], ["closed"])


async def test_the_daily_digest(site):
    """At seven, for who wants changes; the weekly one waits for Monday; nothing when nothing changed; no second one."""
    await site.mail("Ada L <ada@example.org>", "register\nDiet: vegan")
    await site.tick()
    assert site.kinds("kim.ek@example.org") == []
    site.clock.forward(hours=1)
    await site.tick()
    await site.tick()
    (digest,) = site.letters("kim.ek@example.org")
    assert kind_of(digest) == "digest"
    assert "1/2" in digest.subject
    assert "Ada L" in digest.text
    assert digest.attachments[0].name == "attendees.csv"
    assert site.kinds("robin.berg@example.org") == []
    site.clock.forward(days=1)
    await site.tick()
    assert site.kinds("kim.ek@example.org") == ["digest"]


async def test_letters_wait_for_a_relay_that_is_down_and_fail_with_a_reason(site):
    """4xx: again after the table's minute. 5xx: failed, with a sentence that the digest shows."""
    site.courier.answer = lambda to: Reply(451, "4.7.1", "greylisted")
    await site.mail(ADA, "register")
    assert site.letters() == []
    site.courier.answer = lambda to: Reply(250, "2.0.0", "ok")
    site.clock.forward(seconds=61)
    site.service._posted.set()
    for _ in range(100):
        if site.letters():
            break
        await asyncio.sleep(0.05)
    assert site.kinds(ADA) == ["registered"]
    site.courier.answer = lambda to: (
        Reply(550, "5.1.1", "no such user here, go away") if str(to) == BO else Reply(250, "", "")
    )
    await site.mail(BO, "register")
    (failed,) = await site.read(lambda r: r.letters(state="failed"))
    assert failed.reason == "the address does not exist"
    site.clock.forward(hours=1)
    await site.tick()
    text = site.letters("kim.ek@example.org")[0].text
    assert "bo@example.org" in text
    assert "go away" not in text


async def test_a_mail_that_breaks_the_house_is_parked_and_kept(site, monkeypatch):
    """Three attempts, then `failed`: raw, shown, retried by the operator; its neighbours are handled."""
    from mailflow.service import handle

    real = handle.settle_mail

    def broken(house, writer, one, now):
        if one.message.sender and one.message.sender.local == "eve":
            writer.next_letter()
            raise RuntimeError("a bug")
        return real(house, writer, one, now)

    monkeypatch.setattr(handle, "settle_mail", broken)
    await site.mail("eve@example.org", "register", settle=False)
    await site.mail(ADA, "register")
    entries = await site.read(lambda r: r.mails(state="failed"))
    assert [(e.attempts, e.verdict.reason) for e in entries] == [(3, "RuntimeError")]
    assert (await site.read(lambda r: r.mail_octets(entries[0].id))) is not None
    assert site.kinds(ADA) == ["registered"]
    monkeypatch.setattr(handle, "settle_mail", real)
    await site.service.scribe.write(lambda w: w.retry_mail(entries[0].id, site.clock.now()))
    site.service._arrived.set()
    await site.settle()
    assert site.kinds("eve@example.org") == ["registered"]


async def test_dns_out_of_reach_waits_and_then_asks(site, monkeypatch):
    """A temperror is neither proof nor guilt: looked at again, in the end judged as unproved, never lost."""
    monkeypatch.setattr("mailflow.service.evidence.ask", lambda resolver, names, within, most: _dead(names))
    await site.mail(ADA, "register", settle=False)
    for _ in range(60):
        await asyncio.sleep(0.05)
        if (await site.last_mail()).state == "waiting":
            break
    entry = await site.last_mail()
    assert (entry.state, entry.verdict.reason) == ("waiting", "DNS gave no answer")
    monkeypatch.undo()
    site.clock.forward(minutes=2)
    site.service._arrived.set()
    for _ in range(60):
        await asyncio.sleep(0.05)
        if site.letters():
            break
    assert site.kinds(ADA) == ["registered"]


async def _dead(names):
    from mailflow.proof.dns import Unreachable

    return {name: Unreachable() for name in names}


@pytest.mark.parametrize("wrong", ["tag", "code"])
async def test_a_token_that_is_none_of_ours_draws_no_letter(site, wrong):
    """Whoever guesses learns nothing from the answer, for there is none (trust.md §2.2)."""
    await site.mail(ADA, "register", signed=False)
    code = site.code(ADA)
    guess = code[:-1] + ("7" if code[-1] != "7" else "8")
    where = {"to": "gan+r.7m2kq9xd00000000000000000000000000@events.test.example"} if wrong == "tag" else {}
    for sender in (ADA, BO):
        await site.mail(sender, "yes", signed=False, subject=f"YES {guess}" if wrong == "code" else "yes", **where)
        assert (await site.last_mail()).verdict.reason == "a token that is none of ours"
    assert (site.kinds(ADA), site.kinds(BO)) == (["please_confirm"], [])
    await site.mail(ADA, "yes", signed=False, subject=f"YES {code}")
    assert site.kinds(ADA) == ["please_confirm", "registered"]
