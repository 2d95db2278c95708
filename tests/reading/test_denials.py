"""Words that turn a wish round, however they are spelt and wherever they stand."""

import pytest

from mailflow.model.intent import ForPeople, Proposed, Silent

from .conftest import acts


@pytest.mark.parametrize("text", [
    "please dnt cancel my seat", "Please do nott register me", "anmäl mig itne", "jag vill innte komma", "Dno't register me",
    "I will come mabye", "anmäl mig knske",
])  # fmt: skip
def test_a_misspelt_denial_or_hedge_never_acts(read_mail, text):
    """A word that nobody knows is passed over beside a wish, but not when it is a letter away from one that turns it."""
    assert not acts(read_mail(text, standing="confirmed" if "cancel" in text else "none"))


@pytest.mark.parametrize("text", [
    "When can I register?", "Which days can I attend?", "Var kan jag anmäla mig?", "När får jag anmäla mig",
    "Ska jag avboka", "Måste jag avboka", "Behöver jag avboka", "Shall I cancel", "Should I cancel my registration",
    "Do I need to cancel", "Must I register", "Ska jag anmäla mig", "Muss ich mich anmelden", "Skal jeg tilmelde mig",
])  # fmt: skip
def test_a_question_about_a_wish_is_no_wish(read_mail, text):
    """A question word before it, or the verb first: people forget the mark."""
    standing = "confirmed" if any(word in text for word in ("avboka", "ancel")) else "none"
    assert isinstance(read_mail(text, standing=standing).intent, ForPeople)


@pytest.mark.parametrize("text", ["Tyvärr måste jag avboka", "Unfortunately I must cancel", "Can I register?", "Kan jag få en plats?"])
def test_what_only_looks_like_such_a_question_is_a_wish(read_mail, text):
    """The same words behind others, and requests."""
    reading = read_mail(text, standing="confirmed" if any(word in text for word in ("avboka", "cancel")) else "none")
    assert acts(reading) or isinstance(reading.intent, Proposed)


@pytest.mark.parametrize("text", [
    "Is there parking?\n-- \nAnna\nREGISTER", "I am ill.\n-- \nAnna\nCANCEL", "Thanks!\n-- \nAnna\nAvboka mig",
])  # fmt: skip
def test_a_signature_never_decides(read_mail, text):
    """Rank 11 of understanding.md §2.2."""
    assert not acts(read_mail(text, standing="confirmed"))


@pytest.mark.parametrize("text", [
    "Bo said: register me", "Bo: please register me", "My colleague wrote: please register me", "Bo wrote: cancel me",
    "Så här skrev min kollega: anmäl mig", "Lena sa: avboka mig", "Kim Ek: avboka mig",
])  # fmt: skip
def test_what_somebody_else_said_is_for_people(read_mail, text):
    """Reported speech (understanding.md §2.4.10)."""
    assert isinstance(read_mail(text, standing="confirmed").intent, ForPeople)


def test_an_allergy_beside_a_form_survives(read_mail):
    """The form says one thing, the sentence below it another: both are kept, codes and words."""
    reading = read_mail("REGISTER\nDiet: vegan\nI am allergic to nuts.")
    (diet,) = (answer for answer in reading.intent.fields.answers if answer.question == "diet")
    assert diet.options == ("vegan", "nuts")
    assert "vegan" in diet.text
    assert "nuts" in diet.text


@pytest.mark.parametrize("text", ["wheelchair please", "invoice please", "parking please", "rubbish thanks", "Tack, hund"])
def test_courtesy_does_not_hide_a_request(read_mail, text):
    """A word that nobody knows is never thanks: a person would not be heard."""
    assert not isinstance(read_mail(text, standing="confirmed", thread=True, answered="registered").intent, Silent)


@pytest.mark.parametrize("text", ["REGISTER\nmaybe", "Anmäl mig.\nKanske."])
def test_a_hedge_by_itself_hedges_the_mail(read_mail, text):
    """Rule 6: it goes to people."""
    assert isinstance(read_mail(text).intent, ForPeople)
