"""A mail that somebody passes on: its writer is asked, if it is wholly a sign-up."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailflow.mail.address import Address
from mailflow.model.intent import Fields, ForPeople, Other, Proposed, RegisterOther
from mailflow.reading.conclude import Conclusion
from mailflow.reading.forms import Form
from mailflow.reading.gather import Gathered
from mailflow.reading.newtext import NewText, split_text
from mailflow.reading.passed_on import passed_on
from mailflow.reading.rules import Places

from .conftest import ANNA, acts

BO = Other("Bo Ek", Address("bo", "example.org"))
HEADERS = "From: Bo Ek <bo@example.org>\nSent: Monday\nTo: Anna\nSubject: GAN\n\n"
OUTCOME = Conclusion(ForPeople("x"), ("a forwarded mail",))
NOTHING = Gathered((), Fields(), Form(), given=False, signature=(), others=(), left_out=())


def forwarded(above, beneath, headers=HEADERS):
    """A mail with some words above another mail that is passed on."""
    return f"{above}\n\n---------- Forwarded message ---------\n{headers}{beneath}"


def test_the_writer_of_a_sign_up_is_asked(read_mail):
    """Not the one who passes it on; with nothing or politeness above it, that is done at once."""
    for above in ("", "Hi,", "Thanks!\nAnna"):
        reading = read_mail(forwarded(above, "Please register me for the workshop.\n\nBo"), "Fwd: GAN")
        assert reading.intent == RegisterOther((BO,)), above
        assert "the mail passed on is a sign-up" in reading.evidence


def test_words_above_it_that_are_not_understood_make_it_a_proposal(read_mail):
    """The one who passes it on is asked whether that was meant."""
    reading = read_mail(forwarded("Bo sits in the room beside mine with the yellow door", "Please register me."), "Fwd: GAN")
    assert reading.intent == Proposed(RegisterOther((BO,)))


@pytest.mark.parametrize("headers", [
    "Från: Bo Ek <bo@example.org>\nSkickat: måndag\nTill: Anna\nÄmne: GAN\n\n",
    "*From:* Bo Ek <bo@example.org>\n*Sent:* Monday\n*To:* Anna\n*Subject:* GAN\n\n",
    "From: Bo Ek [mailto:bo@example.org]\nSent: Monday\nTo: Anna\nSubject: GAN\n\n",
    "Von: Bo Ek <bo@example.org>\nGesendet: Montag\nAn: Anna\nBetreff: GAN\n\n",
])  # fmt: skip
def test_the_writer_is_named_as_programs_name_him(read_mail, headers):
    """In the languages of programs, with stars, or with mailto: in square brackets."""
    assert read_mail(forwarded("", "Please register me.", headers), "Fwd: GAN").intent == RegisterOther((BO,))


@pytest.mark.parametrize(("above", "beneath", "why"), [
    ("", "I have to cancel.", "a cancellation is nobody's but the writer's"),
    ("", "Please register me.\nNo wait, forget that.", "taken back"),
    ("", "Do not register me.", "denied"),
    ("", "If it is online, please register me.", "a condition"),
    ("", "Is there parking?", "no wish"),
    ("", "Please register my colleague Siv.", "for somebody else again"),
    ("", "", "nothing was passed on"),
    ("Ignore this", "Please register me.", "the one who passes it on takes it back"),
    ("Do not register me", "Please register me.", "and denies it"),
    ("CANCEL", "Please register me.", "and wants something else"),
])  # fmt: skip
def test_everything_else_goes_to_people(read_mail, above, beneath, why):
    """They see the whole of it."""
    reading = read_mail(forwarded(above, beneath), "Fwd: GAN", standing="confirmed")
    assert isinstance(reading.intent, ForPeople), (why, reading.evidence)
    assert beneath in reading.quote


def test_a_mail_of_ones_own_that_is_passed_on_is_for_people(read_mail):
    """Perhaps it was meant long ago; who wants a seat can say so."""
    mine = f"From: Anna Berg <{ANNA}>\nSent: Monday\nTo: Kim\nSubject: GAN\n\n"
    assert isinstance(read_mail(forwarded("", "Please register me.", mine), "Fwd: GAN").intent, ForPeople)


@pytest.mark.parametrize("headers", [
    "From: Bo Ek\nSent: Monday\nTo: Anna\nSubject: GAN\n\n", "Sent: Monday\nTo: Anna\nSubject: GAN\n\n",
    "From: <bo@>\nSent: Monday\nTo: Anna\nSubject: GAN\n\n",
])  # fmt: skip
def test_without_an_address_nobody_can_be_asked(read_mail, headers):
    """A name alone is for people."""
    assert isinstance(read_mail(forwarded("", "Please register me.", headers), "Fwd: GAN").intent, ForPeople)


def test_only_the_first_mail_beneath_counts():
    """A conversation that is passed on: what somebody quotes in it is not his wish."""
    text = split_text(forwarded("", "Is there parking?\n\n> Please register me."))
    assert passed_on(OUTCOME, text, NOTHING, Places(), ANNA) == OUTCOME


def test_a_quoted_reply_is_not_passed_on(read_mail):
    """Somebody else's sign-up in the quote of an ordinary answer is nobody's wish now."""
    text = "Is there parking?\n\nOn 2026-03-03 12:12 Bo Ek <bo@example.org> wrote:\n> Please register me."
    assert isinstance(read_mail(text, "Re: GAN").intent, ForPeople)


def test_nobody_is_registered_by_it(read_mail):
    """It names somebody who is asked at that address; the one who passes it on gets no seat."""
    intent = read_mail(forwarded("", "Please register me."), "Fwd: GAN").intent
    assert not hasattr(intent, "fields")
    assert acts(read_mail(forwarded("", "Please register me."), "Fwd: GAN"))


BENEATH = st.lists(
    st.one_of(
        st.text(max_size=60),
        st.sampled_from(["From: Bo <bo@example.org>", "From: [mailto:]<<>>", "*From:*", "Sent: x", "To: y", "", "> register me", "register me"]),
    ),
    max_size=20,
).map(tuple)  # fmt: skip


@settings(max_examples=150, deadline=None, derandomize=True)
@given(BENEATH, st.one_of(st.none(), st.just(ANNA)))
def test_no_lines_beneath_break_it(beneath, sender):
    """Total; it leaves the outcome alone or names somebody who is not the sender."""
    outcome = passed_on(OUTCOME, NewText(beneath=beneath, forwarded=True), NOTHING, Places(), sender)
    if outcome is not OUTCOME:
        assert isinstance(outcome.wish, RegisterOther)
        assert sender is not None
        assert all(other.address.key != sender.key for other in outcome.wish.others)
