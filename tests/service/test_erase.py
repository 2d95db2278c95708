"""MY DATA, ERASE and the clock, end to end: the address is in no byte of the database any more."""

import asyncio
import base64
import json
from email import message_from_bytes

import pytest

from mailflow.mail.reply import Reply
from mailflow.model.registration import Status
from mailflow.service.retention import NIGHT, PEOPLE, SENSITIVE
from tests.service.conftest import EVENT, kind_of

ADA, BO, CAT = "ada.byron@example.org", "bo@example.org", "cat@example.org"
KIM, ROBIN = "kim.ek@example.org", "robin.berg@example.org"
SENSITIVE_EVENT = EVENT.replace("other = true\n", "other = true\nsensitive = true\n")


def octets(site):
    """Every byte of the database and of what SQLite keeps beside it."""
    files = sorted(site.folder.glob("mailflow.db*"))
    assert files
    return {file.name: file.read_bytes() for file in files}


def traces(site, *needles):
    """Where a text still stands, in any case, plain or in base64 at any offset."""
    forms = []
    for needle in needles:
        raw = needle.encode()
        forms.append(raw.lower())
        if len(raw) > 9:  # shorter ones stand in base64 of anything
            coded = (base64.b64encode(b" " * shift + raw)[4 if shift else 0 : -4] for shift in range(3))
            forms += (each.lower() for each in coded)
    return [(name, form) for name, content in octets(site).items() for form in forms if form in content.lower()]


def my_data(content):
    part = next(p for p in message_from_bytes(content).walk() if p.get_filename() == "my-data.json")
    assert part.get_content_type() == "application/json"
    return json.loads(part.get_payload(decode=True))


async def test_my_data_is_everything_and_nobody_elses(site):
    """Registration, history, letters, mails with their source: of this person alone, in the letter's file."""
    await site.mail(BO, "Register me please", subject="REGISTER")
    await site.mail(f"Ada Byron <{ADA}>", "Diet: vegan", subject="REGISTER")
    await site.mail(ADA, "Is there a lift?", subject="Hello")
    await site.mail(ADA, "", subject="MY DATA")
    assert site.kinds(ADA)[-1] == "my_data"
    data = my_data(site.raw(ADA)[-1])
    (row,) = data["registrations"]
    assert (row["name"], row["status"], row["address"]) == ("Ada Byron", "confirmed", ADA)
    assert row["answers"][0]["options"] == ["vegan"]
    assert [step["what"] for step in data["history"]] == ["registered"]
    assert [letter["letter"] for letter in data["letters"]] == ["registered", "question_received"]
    assert [mail["read_as"] for mail in data["mails"]] == ["register", "question"]
    assert "Is there a lift?" in data["mails"][1]["source"]
    assert data["handed_to_the_organisers"][0]["subject"] == "Hello"
    assert BO not in json.dumps(data)


async def test_an_unproved_wish_is_confirmed_first(site):
    """And a mail that nothing proves is listed without its text: somebody else may have written it."""
    await site.mail(ADA, "", subject="MY DATA", signed=False)
    (asked,) = site.letters(ADA)
    assert (kind_of(asked), "send you your details" in " ".join(asked.text.split())) == ("please_confirm", True)
    await site.mail(ADA, "Yes", signed=False, headers=[f"In-Reply-To: <{asked.message_id}>"])
    assert site.kinds(ADA) == ["please_confirm", "my_data"]
    data = my_data(site.raw(ADA)[-1])
    assert data["registrations"] == []
    assert [mail["source"] for mail in data["mails"]] == [None]
    assert data["asked_to_confirm"][0]["state"] == "used"


async def test_erase_leaves_no_byte_of_the_person(make_site):
    """Mail, letters, lists to organisers, questions, history, index and log: after delivery nothing names her."""
    site = await make_site(seats=1)
    await site.mail(f"Ada Byron <{ADA}>", "Diet: vegan", subject="REGISTER")
    await site.mail(BO, "", subject="REGISTER")
    await site.mail(ADA, "Is there a lift for Ada Byron?", subject="Hello from Byron")
    await site.mail(ADA.upper().replace("EXAMPLE.ORG", "example.org"), "", subject="STATUS", signed=False)
    site.clock.forward(hours=1)
    await site.tick()
    assert "digest" in site.kinds(KIM)
    assert traces(site, ADA)
    await site.mail(ADA, "", subject="ERASE")
    last = site.letters(ADA)[-1]
    assert kind_of(last) == "erased"
    text = " ".join(last.text.split())
    assert "Your seat has been released." in text
    assert "backups are overwritten within 14 days" in text
    assert b"METHOD:CANCEL" in site.raw(ADA)[-1] or "method=CANCEL" in site.raw(ADA)[-1].decode()
    assert (await site.person(BO)).status is Status.CONFIRMED
    assert await site.person(ADA) is None
    assert traces(site, ADA, "ada.byron", "Ada Byron", "Hello from Byron") == []
    assert list(site.service.means.store.recount()) == []
    rows = list(site.service.means.store.database.query("SELECT * FROM statistics"))
    assert rows == [{"event": "gan", "status": "cancelled", "people": 1, "seats": 1}]
    hashes = list(site.service.means.store.database.query("SELECT event FROM erasures"))
    assert hashes == [{"event": "gan"}]


async def test_the_last_letter_is_kept_until_it_is_delivered(site):
    """It has to be sent to somebody; when nobody takes it for good, it is emptied as well."""
    site.courier.answer = lambda to: Reply(451, "4.3.0", "later") if str(to) == ADA else Reply(250, "2.0.0", "ok")
    await site.mail(ADA, "", subject="ERASE")
    assert traces(site, ADA)
    site.courier.answer = lambda to: Reply(550, "5.1.1", f"no {to} here")
    site.clock.forward(hours=2)
    site.service._posted.set()
    await wait_for_letters(site)
    assert traces(site, ADA) == []


async def test_erasing_again_and_saying_yes_again_change_nothing(site):
    """The same mail twice is one; a second wish gets the same answer; a used YES gets none."""
    await site.mail(ADA, "", subject="REGISTER")
    wish = site.write(ADA, "", subject="ERASE")
    await site.mail(ADA, content=wish)
    await site.mail(ADA, content=wish)
    assert site.kinds(ADA) == ["registered", "erased"]
    await site.mail(ADA, "", subject="ERASE", signed=False)
    asked = site.letters(ADA)[-1]
    for _ in range(2):
        await site.mail(ADA, "Yes", signed=False, headers=[f"In-Reply-To: <{asked.message_id}>"])
    assert site.kinds(ADA) == ["registered", "erased", "please_confirm", "erased"]
    # What is left came after the erasure: the second YES, which was nobody's any more.
    assert (await site.last_mail()).verdict.state == "ignored"


async def test_a_list_that_was_under_way_goes_with_its_delivery(make_site):
    """A digest that names her was still due when she was erased: its octets are gone once it was taken."""
    site = await make_site(seats=3)
    await site.mail(f"Ada Byron <{ADA}>", "", subject="REGISTER")
    site.courier.answer = lambda to: Reply(451, "4.3.0", "later") if str(to) == KIM else Reply(250, "2.0.0", "ok")
    site.clock.forward(hours=1)
    await site.tick()
    await site.mail(ADA, "", subject="ERASE")
    assert traces(site, "Byron")
    site.courier.answer = lambda to: Reply(250, "2.0.0", "ok")
    site.clock.forward(hours=2)
    site.service._posted.set()
    await wait_for_letters(site)
    assert "digest" in site.kinds(KIM)
    assert traces(site, ADA, "Byron") == []


async def wait_for_letters(site):
    for _ in range(250):
        if not await site.read(lambda reader: reader.letters(state="due")):
            return
        await asyncio.sleep(0.02)
    pytest.fail("letters are still due")


async def test_raw_mail_goes_after_its_days(make_site):
    """On its day, and what became of the mail is still listed."""
    site = await make_site(config='[retention]\nraw_mail = "3 days"\n')
    await site.mail(ADA, "a secret word: xylophone", subject="REGISTER")
    mail = (await site.last_mail()).id
    site.clock.forward(days=2, hours=23)
    await site.tick()
    assert await site.read(lambda reader: reader.mail_octets(mail))
    site.clock.forward(hours=2)
    await site.tick()
    assert await site.read(lambda reader: reader.mail_octets(mail)) is None
    assert (await site.read(lambda reader: reader.mail_entry(mail))).verdict.intent
    await site.tick()


async def test_sensitive_answers_go_on_their_day_and_people_on_theirs(make_site):
    """Seven days after the end diets, thirty days after it everybody; each once, also after a long downtime."""
    site = await make_site(event=SENSITIVE_EVENT)
    await site.mail(f"Ada Byron <{ADA}>", "Diet: vegan", subject="REGISTER")
    await site.mail(BO, "", subject="REGISTER")
    await site.mail(CAT, "", subject="REGISTER")
    assert (await site.person(ADA)).answers
    site.clock.forward(days=14, hours=9)  # 3 September, 15:30 in Stockholm
    await site.tick()
    assert (await site.person(ADA)).answers
    site.clock.forward(hours=1)
    await site.tick()
    ada = await site.person(ADA)
    assert (ada.answers, ada.name, ada.status) == ((), "Ada Byron", Status.CONFIRMED)
    assert traces(site, "Diet: vegan") == []
    site.clock.forward(days=40)
    await site.tick()
    await site.tick()
    assert await site.person(ADA) is None
    assert traces(site, ADA, BO, CAT, "Byron") == []
    rows = [tuple(row.values()) for row in site.service.means.store.database.query("SELECT * FROM statistics")]
    assert rows == [("gan", "confirmed", 2, 2), ("gan", "expired", 1, 1)]
    assert list(site.service.means.store.recount()) == []
    state = await site.read(lambda reader: reader.event_state("gan"))
    assert (state.taken, state.waiting, state.next_number) == (0, 0, 4)
    jobs = {row["kind"]: row["result"] for row in site.service.means.store.database.query("SELECT * FROM jobs")}
    assert (jobs[SENSITIVE], jobs[PEOPLE]) == ("1 people", "3 people")
    assert NIGHT in jobs


async def test_what_comes_after_the_erasure_goes_after_its_days(site):
    """People write to old addresses; that mail is kept as long as raw mail is."""
    site.clock.forward(days=60)
    await site.tick()
    await site.mail(ADA, "Was it good?", subject="Hello")
    assert traces(site, ADA)
    site.clock.forward(days=15)
    await site.tick()
    assert traces(site, ADA) == []


async def test_registered_promises_what_is_kept(site):
    """The date, and the two words that work (letters.md §8)."""
    await site.mail(ADA, "", subject="REGISTER")
    text = " ".join(site.letters(ADA)[-1].text.split())
    assert "We erase your details on" in text
    assert "reply MY DATA or ERASE whenever you like." in text
    await site.tick()
    site.clock.forward(hours=1)
    await site.tick()
    (digest, *_) = [letter for letter in site.letters(KIM) if kind_of(letter) == "digest"]
    assert "Vi raderar allas uppgifter" in digest.text



async def test_the_file_is_packed_soon_and_a_large_one_at_night(site, monkeypatch):
    """Within a tick while it is small; else once, at three by the site's clock."""
    store = site.service.means.store
    untidy = "SELECT 1 FROM marks WHERE name = 'untidy'"
    await site.mail(ADA, "", subject="ERASE")
    assert list(store.database.query(untidy))
    await site.tick()
    assert not list(store.database.query(untidy))
    monkeypatch.setattr("mailflow.service.serve._PACKED_AT_ONCE", 1)
    await site.mail(BO, "", subject="ERASE")
    site.clock.forward(hours=20, minutes=20)  # 02:50 in Stockholm
    await site.tick()
    assert list(store.database.query(untidy))
    site.clock.forward(minutes=20)
    await site.tick()
    assert not list(store.database.query(untidy))
    assert not await site.service.scribe.tidy()
