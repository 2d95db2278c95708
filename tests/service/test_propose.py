"""Propose and ask, end to end: what the reader proposes is kept, asked, shown to people, and done by YES."""

from dataclasses import replace

import pytest

from mailflow.model.intent import Cancel, Fields, ForPeople, Proposed, Register
from mailflow.model.registration import Status
from tests.service.conftest import Inline, kind_of

ADA, KIM, ROBIN = "ada@example.org", "kim.ek@example.org", "robin.berg@example.org"
READ = {
    "I might come": Proposed(Register(Fields("Ada L"))),
    "I might not come": Proposed(Cancel()),
    "Hello again": ForPeople("Hello again"),
}


@pytest.fixture
def reader(monkeypatch):
    """Three sentences whose reading is known, so that these tests are about what follows from one."""
    judge = Inline.judge

    async def known(self, cases):
        return [replace(one, reading=replace(one.reading, intent=READ.get(one.reading.quote, one.reading.intent)))
                for one in await judge(self, cases)]  # fmt: skip

    monkeypatch.setattr(Inline, "judge", known)


@pytest.mark.parametrize("signed", [True, False])
async def test_yes_to_a_proposal_does_it_and_the_organisers_have_seen_the_mail(site, reader, signed):
    """Registered, then given up, each by a YES in the thread of the question."""
    await site.mail(ADA, "I might come", signed=signed)
    (asked,) = site.letters(ADA)
    assert kind_of(asked) == "please_confirm"
    assert (await site.person(ADA)).status is Status.PENDING
    (shown,) = site.letters(KIM)
    assert "I might come" in shown.text
    assert "Vi läste det här som en anmälan och har bett avsändaren bekräfta." in " ".join(shown.text.split())
    assert site.kinds(ROBIN) == ["question_forwarded"]
    await site.mail(ADA, "Yes", signed=signed, headers=[f"In-Reply-To: <{asked.message_id}>"])
    assert (await site.person(ADA)).status is Status.CONFIRMED
    assert (await site.person(ADA)).name == "Ada L"
    await site.mail(ADA, "I might not come", signed=signed)
    asked = site.letters(ADA)[-1]
    assert (await site.person(ADA)).status is Status.CONFIRMED
    await site.mail(ADA, "Yes", signed=signed, headers=[f"In-Reply-To: <{asked.message_id}>"])
    assert (await site.person(ADA)).status is Status.CANCELLED
    assert site.kinds(ADA) == ["please_confirm", "registered", "please_confirm", "cancelled"]
    assert len(await site.read(lambda r: r.open_questions("gan", site.clock.now().replace(year=2000)))) == 2


async def test_an_answer_to_our_receipt_reaches_people_and_no_second_receipt_goes_out(site, reader):
    """Two mails in one thread: the organisers get both, the sender was told once."""
    await site.mail(ADA, "Hello again")
    (receipt,) = site.letters(ADA)
    await site.mail(ADA, "Hello once more", headers=[f"In-Reply-To: <{receipt.message_id}>"])
    await site.mail(ADA, "I might come", headers=[f"In-Reply-To: <{receipt.message_id}>"])
    assert site.kinds(ADA) == ["question_received"]
    assert site.kinds(KIM) == ["question_forwarded"] * 3
    assert (await site.last_mail()).verdict.reason == "read as register; handed to the organisers"
