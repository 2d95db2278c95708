"""Headers, envelope, threads and the calendar part (letters.md §3, calendar.md §2–§4)."""

from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes
from email.policy import default

import icalendar
import pytest

from mailflow.mail.address import Address
from mailflow.model.letter import VARIANTS, Cause
from mailflow.model.registration import Status
from mailflow.render.sample import MAJA, NOW, sample_letter, sample_registration

from .conftest import REFERENCE


def parsed(rendered):
    return message_from_bytes(rendered.octets, policy=default)


def vevent(rendered):
    parts = [part for part in parsed(rendered).walk() if part.get_content_type() == "text/calendar"]
    if not parts:
        return None, None
    calendar = icalendar.Calendar.from_ical(parts[0].get_payload(decode=True))
    return calendar, calendar.walk("VEVENT")[0]


@pytest.fixture
def render(renderer, event):
    def do(kind, variant="", language="en", at=NOW, **changes):
        return renderer.render(replace(sample_letter(kind, variant, language), **changes), event, REFERENCE, at)

    return do


def test_from_is_the_event_and_to_is_the_registered_address(render):
    """With the short title in the letter's language, and one recipient."""
    message = parsed(render("registered", language="sv"))
    assert message["From"].addresses[0].addr_spec == "creative-machines@events.example.org"
    assert message["From"].addresses[0].display_name == "De kreativa maskinernas intåg"
    assert [one.addr_spec for one in message["To"].addresses] == ["maja.lind@example.org"]
    assert message["To"].addresses[0].display_name == "Maja Lind"
    assert message["Cc"] is None


def test_the_fixed_fields_say_what_the_letter_is(render, seal):
    """Message-ID with its signature, X-Mailflow, language, automatic."""
    rendered = render("promoted", language="sv")
    message = parsed(rendered)
    assert seal.read_message_id(rendered.message_id, "events.example.org") == ("promoted", REFERENCE)
    assert message["Message-ID"] == f"<{rendered.message_id}>"
    assert message["X-Mailflow"] == "letter=promoted; event=creative-machines"
    assert message["Content-Language"] == "sv"
    assert message["Auto-Submitted"] == "auto-generated"
    assert parsed(render("registered"))["Auto-Submitted"] == "auto-replied"


def test_with_a_delimiter_answers_and_failures_come_back_to_tokens(render, seal):
    """Reply-To `+r.`, envelope sender `+b.`."""
    rendered = render("registered")
    local, _, token = parsed(rendered)["Reply-To"].addresses[0].username.partition("+r.")
    assert (local, seal.read_token("r", token)) == ("creative-machines", REFERENCE)
    assert seal.read_token("b", rendered.reverse_path.local.partition("+b.")[2]) == REFERENCE
    assert len(rendered.reverse_path.local) <= 64


def test_without_a_delimiter_there_is_no_reply_to(make, event):
    """Exchange on premises has no plus-addressing."""
    rendered = make(plus="").render(sample_letter("registered", "", "en"), event, REFERENCE, NOW)
    assert parsed(rendered)["Reply-To"] is None
    assert rendered.reverse_path == Address("creative-machines", "events.example.org")


def test_a_letter_answers_the_mail_that_caused_it(render):
    """References of at most ten ids: the first, and the newest."""
    ids = tuple(f"m{n}@example.org" for n in range(14))
    message = parsed(render("status", cause=Cause("m14@example.org", ids)))
    assert message["In-Reply-To"] == "<m14@example.org>"
    assert message["References"].split() == [f"<m{n}@example.org>" for n in (0, *range(6, 15))]


def test_a_notice_stays_in_the_thread_of_the_registration(render):
    """Nothing caused it just now."""
    message = parsed(render("promoted", cause=None))
    assert message["In-Reply-To"] == message["References"] == "<register.1@example.org>"


def test_a_forwarded_question_is_answered_to_its_sender(render):
    """Reply-To is the sender, References name the sender's mail, From stays the event."""
    message = parsed(render("question_forwarded"))
    assert message["Reply-To"].addresses[0].addr_spec == "maja.lind@example.org"
    assert message["References"] == "<question.1@example.org>"
    assert message["From"].addresses[0].addr_spec == "creative-machines@events.example.org"
    assert message["To"].addresses[0].addr_spec == "kim.ek@example.org"


def test_the_invitation_belongs_to_the_letter(render, seal):
    """ORGANIZER = From, ATTENDEE = To, UID from the seal, both copies equal, alternative first in mixed."""
    rendered = render("registered", language="sv")
    calendar, found = vevent(rendered)
    assert calendar["METHOD"] == "REQUEST"
    assert found["ORGANIZER"] == "mailto:creative-machines@events.example.org"
    assert found["ATTENDEE"] == "mailto:maja.lind@example.org"
    assert found["UID"] == seal.uid("creative-machines", 17, 0, "events.example.org")
    assert found["LOCATION"] == "Eden 236, plan 2, Paradisgatan 5H, Lund"
    assert "K7-QX4M" not in found["DESCRIPTION"]
    assert found["DESCRIPTION"].startswith("Ingår: lunch och fika.")
    message = parsed(rendered)
    assert message.get_content_type() == "multipart/mixed"
    alternative, file = message.iter_parts()
    assert alternative.get_content_type() == "multipart/alternative"
    inline = list(alternative.iter_parts())[-1]
    assert inline.get_payload(decode=True) == file.get_payload(decode=True)
    assert file.get_filename() == "invite.ics"


@pytest.mark.parametrize(
    ("kind", "variant", "stored", "partstat", "rsvp"),
    [
        ("registered", "", "ACCEPTED", "NEEDS-ACTION", "TRUE"),
        ("promoted", "", "NEEDS-ACTION", "NEEDS-ACTION", "TRUE"),
        ("status", "resent", "NEEDS-ACTION", "NEEDS-ACTION", "TRUE"),
        ("status", "resent", "ACCEPTED", "ACCEPTED", "FALSE"),
        ("status", "resent", "TENTATIVE", "TENTATIVE", "TRUE"),
        ("cancelled", "", "ACCEPTED", "ACCEPTED", "FALSE"),
    ],
)
def test_a_calendar_is_asked_once(render, kind, variant, stored, partstat, rsvp):
    """PARTSTAT and RSVP as calendar.md §4 says; SEQUENCE and DTSTAMP are those of the registration."""
    registration = replace(sample_registration(), partstat=stored, sequence=3, dtstamp=NOW - timedelta(hours=1))
    calendar, found = vevent(render(kind, variant, registration=registration))
    assert (found["ATTENDEE"].params["PARTSTAT"], found["ATTENDEE"].params["RSVP"]) == (partstat, rsvp)
    assert found["SEQUENCE"] == 3
    assert found.decoded("DTSTAMP") == NOW - timedelta(hours=1)
    assert calendar["METHOD"] == ("CANCEL" if kind == "cancelled" else "REQUEST")


def test_a_site_may_send_invitations_as_accepted(make, event):
    """`calendar.ask = false`."""
    rendered = make(calendar_ask=False).render(sample_letter("registered", "", "en"), event, REFERENCE, NOW)
    params = vevent(rendered)[1]["ATTENDEE"].params
    assert (params["PARTSTAT"], params["RSVP"]) == ("ACCEPTED", "FALSE")


@pytest.mark.parametrize(
    "kind", ["waitlisted", "closed", "please_confirm", "question_received", "not_understood", "digest"]
)
def test_other_letters_have_no_calendar_part(render, kind):
    """A REQUEST would ask again."""
    assert vevent(render(kind)) == (None, None)


def test_an_international_address_gets_the_letter_alone(render):
    """Calendars cannot hold it; and the letter does not speak of an attached invitation."""
    address = Address("åsa", "example.org")
    rendered = render("registered", to=address, registration=replace(sample_registration(), address=address))
    assert vevent(rendered) == (None, None)
    assert "invitation" not in rendered.html
    assert "decline in your calendar" not in rendered.text


def test_a_letter_to_an_unproved_address_holds_nothing_the_sender_wrote(render):
    """No name, subject, quote or answer, in any header or part, for every letter that could go there."""
    registration = replace(sample_registration(), name="Evil Name", status=Status.PENDING)
    cause = Cause("m@example.org", (), "Evil Subject", MAJA, "Evil Name")
    for kind, variant in (("please_confirm", ""), ("please_confirm", "cancel"), ("please_confirm", "read_register"),
                          ("please_confirm", "read_cancel"), ("not_understood", ""), ("status", ""), ("closed", "full"),
                          ("question_received", ""), ("cancelled", "withdrawn")):  # fmt: skip
        rendered = render(kind, variant, proved=False, quote="Evil quote", to_name="Evil Name", cause=cause,
                          registration=registration)  # fmt: skip
        for text in (str(parsed(rendered)), rendered.text, rendered.html, rendered.subject):
            assert "Evil" not in text
            assert "vegetarian" not in text


@pytest.mark.parametrize("language", ["en", "sv"])
@pytest.mark.parametrize("variant", VARIANTS["please_confirm"])
@pytest.mark.parametrize("proved", [True, False])
def test_a_challenge_is_small_and_its_button_carries_the_code(render, seal, language, variant, proved):
    """At most 8 KB (trust.md §2.2); the subject of the YES mail holds the 80-bit code; the text does not need it."""
    rendered = render("please_confirm", variant, language=language, proved=proved)
    code = seal.challenge_code("7M2KQ9XD")
    word = {"en": "YES", "sv": "JA"}[language]
    assert f"subject={word}%20{code}&amp;body={word}" in rendered.html
    assert code not in rendered.text
    assert len(rendered.octets) <= 8192


def test_a_challenge_names_nobody(render):
    """Whoever is asked may not be who wrote: no name in To, proved or not (trust.md §2.2)."""
    for proved in (True, False):
        message = parsed(render("please_confirm", "read_register", proved=proved, to_name="Maja Lind"))
        assert message["To"] == "maja.lind@example.org"


@pytest.mark.parametrize(
    ("language", "own", "other"),
    [("en", "We read your mail as", "read it as"), ("sv", "Vi läste ditt mejl som", "läste det som")],
)
@pytest.mark.parametrize("variant", ["read_register", "read_cancel"])
def test_a_proposal_asks_an_unproved_address_as_if_somebody_else_had_written(render, variant, language, own, other):
    """Only a proved sender is told "your mail"; who is not proved reads what to do if it was not he."""
    proved = render("please_confirm", variant, language).text
    assert own in proved
    unproved = render("please_confirm", variant, language, proved=False).text
    assert own not in unproved
    assert other in unproved
    doubt = {"en": "Wasn't you?", "sv": "Var det inte du?"}[language]
    assert (doubt in proved, doubt in unproved) == (False, True)


@pytest.mark.parametrize(
    ("status", "en", "sv"),
    [
        (Status.CONFIRMED, "your seat is released", "är din plats avbokad"),
        (Status.WAITING, "you leave the waiting list", "tar vi bort dig från väntelistan"),
        (Status.PENDING, "your registration is taken back", "tar vi tillbaka din anmälan"),
    ],
)
def test_a_proposed_cancellation_says_what_is_given_up(render, status, en, sv):
    """A seat, a place in line, or a request."""
    for language, words in (("en", en), ("sv", sv)):
        registration = replace(sample_registration(language), status=status)
        rendered = render("please_confirm", "read_cancel", language, registration=registration)
        assert words in " ".join(rendered.text.split())


@pytest.mark.parametrize("kind", ["registered", "waitlisted", "cancelled", "status", "closed", "please_confirm"])
def test_whose_question_went_to_people_is_told_in_the_one_letter(render, kind):
    """An act and a question in one mail: one letter, with one more sentence."""
    for language, words in (
        ("en", "We passed your question on to Kim Ek."),
        ("sv", "Vi har skickat din fråga vidare till Kim Ek."),
    ):
        rendered = render(kind, language=language, passed_on=True)
        assert words in rendered.text
        assert words in rendered.html
        assert words not in render(kind, language=language).text


def test_an_empty_mail_without_challenge_is_asked_to_register(render):
    """Nothing waits for a YES then, so the button says what it does."""
    assert (
        "subject=REGISTER&amp;body=REGISTER"
        in render("please_confirm", "ask_register", challenge="", registration=None).html
    )


def test_a_person_whose_language_nobody_knows_gets_both(renderer, event):
    """The event's default first, a rule, then the other; lang on each half; one subject."""
    letter = replace(sample_letter("please_confirm", "", "en"), languages=("en", "sv"))
    rendered = renderer.render(letter, event, REFERENCE, NOW)
    assert rendered.subject.startswith("Please confirm: ")
    assert " / Bekräfta din anmälan: " in rendered.subject
    assert rendered.text.index("Was it you?") < rendered.text.index("–" * 24) < rendered.text.index("Var det du?")
    assert rendered.html.count("<html") == 1
    assert '<td class="inside ink" lang="sv"' in rendered.html
    assert parsed(rendered)["Content-Language"] == "en, sv"
    assert "subject=YES%20" in rendered.html
    assert "subject=JA%20" in rendered.html


def test_the_last_answer_for_an_hour_says_so(render):
    """letters.md §3.3."""
    assert (
        "Vi svarar inte på fler mejl från den här adressen"
        in render("status", language="sv", last_for_an_hour=True).text
    )
    assert "We answer no more mail from this address for an hour." in render("status", last_for_an_hour=True).html
