"""A change by reply, end to end over SMTP: the row, the letter with before and now, and the question that keeps it."""

from mailflow.model.intent import Fields
from mailflow.model.registration import Status
from mailflow.service.opening import open_site_store
from tests.service.conftest import EVENT, kind_of

ADA, BO = "ada@example.org", "bo@example.org"
LIMITED = EVENT.replace("capacity = SEATS", "capacity = SEATS\nguests = 1").replace(
    "[[organiser]]",
    """[[question]]
id = "tour"
kind = "sessions"
label = { en = "Tour", sv = "Rundtur" }
options = [ { id = "lab", en = "Lab", sv = "Labbet", places = 1 }, { id = "roof", en = "Roof", sv = "Taket" } ]
[[organiser]]""",
    1,
)


def words(letter):
    return " ".join(letter.text.split())


async def test_a_line_in_reply_changes_the_registration(site):
    """Proved: at once, told once, and what was is in the letter; the same line again is told the status."""
    await site.mail(ADA, "register\n\nDiet: vegetarian")
    thread = [f"In-Reply-To: <{site.letters(ADA)[0].message_id}>"]
    await site.mail(ADA, "Diet: vegan", headers=thread)
    told = site.letters(ADA)[-1]
    assert kind_of(told) == "updated"
    assert "Diet, Now: vegan Diet, Before: vegetarian" in words(told)
    assert "BEGIN:VCALENDAR" not in site.raw(ADA)[-1].decode()
    assert (await site.person(ADA)).answer("diet").options == ("vegan",)
    await site.mail(ADA, "Diet: Vegan", headers=thread)
    assert site.kinds(ADA) == ["registered", "updated", "status"]


async def test_an_unsigned_change_waits_for_a_yes_and_is_kept_until_then(site):
    """The values are in the database, not in the letter; the YES in its thread does it; then they are kept no more."""
    await site.mail(ADA, "register")
    await site.mail(ADA, "Diet: vegan", signed=False, headers=[f"In-Reply-To: <{site.letters(ADA)[0].message_id}>"])
    asked = site.letters(ADA)[-1]
    assert (kind_of(asked), "vegan" in asked.text) == ("please_confirm", False)
    assert (await site.person(ADA)).answers == ()
    (kept,) = await site.read(lambda r: r.open_challenges("gan", 1, "update", 9))
    assert kept.wanted.answers[0].options == ("vegan",)
    await site.mail(ADA, "Yes", signed=False, headers=[f"In-Reply-To: <{asked.message_id}>"])
    assert (await site.person(ADA)).answer("diet").options == ("vegan",)
    assert (await site.read(lambda r: r.challenge(kept.id))).wanted == Fields()
    assert site.kinds(ADA) == ["registered", "please_confirm", "updated"]


async def test_places_and_seats_are_limits_and_a_change_frees_them(make_site):
    """A full tour and a guest too many are said in the letter; what is let go goes to the next."""
    site = await make_site(2, event=LIMITED)
    await site.mail(ADA, "register\n\nTour: lab\nGuests: 1")
    await site.mail(BO, "register\n\nTour: lab")
    assert "Tour: Lab is full, so it is not noted." in words(site.letters(BO)[0])
    assert ((await site.person(BO)).status, (await site.person(BO)).answers) == (Status.WAITING, ())
    await site.mail(ADA, "Guests: 0\nTour: roof", headers=[f"In-Reply-To: <{site.letters(ADA)[0].message_id}>"])
    assert "Guests, Now: none Guests, Before: 1" in words(site.letters(ADA)[-1])
    assert site.kinds(BO) == ["waitlisted", "promoted"]
    await site.mail(BO, "Tour: lab\nGuests: 1", headers=[f"In-Reply-To: <{site.letters(BO)[-1].message_id}>"])
    told = site.letters(BO)[-1]
    assert (kind_of(told), (await site.person(BO)).answer("tour").options) == ("updated", ("lab",))
    assert "There is no free seat for more guests." in words(told)
    assert list(open_site_store(site.config).recount()) == []
