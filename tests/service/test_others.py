"""Somebody else, end to end over SMTP: asked at their own address, registered by their own YES, counted there."""

from mailflow.model.registration import Status
from mailflow.service.opening import open_site_store
from tests.service.conftest import kind_of

ADA, BO, CY, KIM = "ada@example.org", "bo@example.net", "cy@example.net", "kim.ek@example.org"


async def test_a_colleague_is_asked_and_registers_by_a_yes(make_site):
    """Nothing of the mail is in the letter to the stranger; the YES of that mailbox is what registers."""
    site = await make_site(5)
    await site.mail(f"Ada Lovelace <{ADA}>", "Please register my colleague Bo Lind, bo@example.net.\n\nAda")
    assert site.kinds() == ["status", "please_confirm"]
    (asked,) = site.letters(BO)
    raw = site.raw(BO)[0].decode()
    assert not [word for word in ("Ada", "Lovelace", "Lind", "colleague", "1@example.org", "ada@") if word in raw]
    assert (await site.person(BO)).status is Status.PENDING
    (told,) = site.letters(ADA)
    assert "We ask the person you named" in " ".join(told.text.split())
    assert (await site.last_mail()).verdict.number is None
    await site.mail(BO, "Yes", signed=False, headers=[f"In-Reply-To: <{asked.message_id}>"])
    bo = await site.person(BO)
    assert (bo.status, bo.name, kind_of(site.letters(BO)[-1])) == (Status.CONFIRMED, "Bo Lind", "registered")
    assert list(open_site_store(site.config).recount()) == []


async def test_the_sender_and_others_in_one_mail(make_site):
    """Own seat at once; each of the others gets a question with a code of its own; a second mail asks nobody again."""
    site = await make_site(5)
    text = "Please register me and bo@example.net and cy@example.net.\n\nAda"
    await site.mail(ADA, text)
    assert (await site.person(ADA)).status is Status.CONFIRMED
    assert site.kinds(BO) == site.kinds(CY) == ["please_confirm"]
    assert site.code(BO) != site.code(CY)
    await site.mail(CY, "YES", signed=False, subject=f"YES {site.code(CY)}")
    assert ((await site.person(CY)).status, (await site.person(BO)).status) == (Status.CONFIRMED, Status.PENDING)
    await site.mail(ADA, text)
    assert site.kinds(BO) == ["please_confirm"]
    assert site.kinds(ADA) == ["registered", "status"]


async def test_an_address_of_ours_or_of_the_sender_is_nobody_to_ask(make_site):
    """A loop cannot be started by naming the event itself; people see such a mail."""
    site = await make_site(5)
    await site.mail(ADA, "Please register my colleague, gan@events.test.example.\n\nAda")
    assert set(site.kinds(ADA)) == {"question_received"}
    assert site.letters("gan@events.test.example") == []


async def test_no_robot_is_asked(make_site):
    """`list-request@` takes mail for orders, and nobody reads `noreply@`: the person beside them is asked."""
    site = await make_site(5)
    robots = ("postmaster@example.net", "noreply@example.net", "list-request@example.net", "mailer-daemon@example.net")
    await site.mail(ADA, f"Please register me and {', '.join(robots)} and bo@example.net.\n\nAda")
    assert {str(to) for _, to, _ in site.courier.letters} - {KIM, "robin.berg@example.org"} == {ADA, BO}


async def test_an_unsigned_mail_asks_no_strangers(make_site):
    """Whoever forges a sender must not make us write to a third address."""
    site = await make_site(5)
    await site.mail(ADA, "Please register my colleague Bo Lind, bo@example.net.\n\nAda", signed=False)
    assert site.letters(BO) == []
    assert (await site.person(BO)) is None
    assert "question_forwarded" in site.kinds(KIM)
