"""Forms: known labels, whole words, raw text kept."""

import pytest

from mailflow.mail.address import Address, parse_address
from mailflow.model.intent import Other, Register, RegisterOther
from mailflow.reading.forms import read_form
from mailflow.reading.labels import EMAIL, NAME, Line

from .conftest import acts


def answer(reading, question):
    return next((a for a in reading.intent.fields.answers if a.question == question), None)


@pytest.mark.parametrize("form", [
    "Name: Anna Berg\nDiet: vegan",
    "Namn: Anna Berg\nSpecialkost: veganskt",
    "namn = Anna Berg\nspecialkost = vegan",
    "| Name | Anna Berg |\n| Diet | vegan |",
    "- Name: Anna Berg\n- Dietary requirements: vegan",
    "Name ....: Anna Berg\nFood .....: vegan",
    "*Name:* Anna Berg\n*Diet:* Vegan.",
    "Hej!\n\nNamn: Anna Berg\nAllergier (frivilligt): vegan\n\nMvh\nAnna",
])  # fmt: skip
def test_two_filled_lines_are_a_registration(read_mail, form):
    """In either language, in the layouts that people and programs make of it."""
    reading = read_mail(form, "Workshop")
    assert reading.intent.fields.name == "Anna Berg"
    assert answer(reading, "diet").options == ("vegan",)


@pytest.mark.parametrize(("form", "why"), [
    ("Diet: vegan", "one line changes something, or asks"),
    ("Name: Anna Berg\nDiet:", "a line that was left empty is not given"),
    ("Name: Anna Berg\nHotel: yes", "a label nobody knows is a sentence"),
    ("Name: Anna Berg\nName: Bo Lind\nDiet: vegan", "two people"),
    ("Name: my colleague Bo\nDiet: vegan", "not a name"),
    ("Name: www.win.example\nDiet: vegan", "not a name"),
    ("Name: Anna Berg\nDiet: vegan\nPlease cancel this", "a sentence below"),
    ("Name: Anna Berg\nDiet: please cancel me", "a command in a value"),
    ("Name: Anna Berg\nDiet: vegan?", None),
])  # fmt: skip
def test_a_form_that_says_something_else_is_for_people(read_mail, form, why):
    """Nothing is guessed; a question mark inside a value is the value's."""
    assert acts(read_mail(form, "Workshop")) is (why is None)


def test_a_form_with_another_address_is_about_that_person(read_mail):
    """The sender is not registered; that address is asked."""
    reading = read_mail("Name: Bo Lind\nE-mail: bo@example.org\nDiet: vegan", "Workshop")
    assert reading.intent == RegisterOther((Other("Bo Lind", Address("bo", "example.org")),))


def test_the_senders_own_address_in_a_form_changes_nothing(read_mail):
    """Case and brackets do not make another person."""
    reading = read_mail("Name: Anna Berg\nE-mail: <Anna.Berg@Example.org>\nDiet: vegan")
    assert isinstance(reading.intent, Register)


@pytest.mark.parametrize(("sender", "named", "same"), [
    ("straße@example.org", "Straße@example.org", True), ("straße@example.org", "strasse@example.org", False),
    ("strasse@example.org", "straße@example.org", False), ("anna@xn--bcher-kva.example", "anna@bücher.example", True),
    ("anna@example.org", "anna", False),
])  # fmt: skip
def test_an_address_in_a_form_is_compared_as_addresses_are(sender, named, same):
    """Two mailboxes that only fold alike are two people's (Address.key)."""
    form = read_form((Line(EMAIL, named), Line(NAME, "Anna Berg")), (), parse_address(sender))
    assert form.fault == ("" if same else "the form names another address")


@pytest.mark.parametrize(("value", "options"), [
    ("vegan", ("vegan",)),
    ("VEGANSKT, glutenfri", ("vegan", "gluten")),
    ("nötallergi", ("nuts",)),
    ("no nuts", ("nuts",)),
    ("notallergi", ("nuts",)),
    ("gluten-free and vegetarian", ("vegetarian", "gluten")),
    ("jordnötter", ()),
    ("inga jordnötter", ()),
    ("nuts", ("nuts",)),
    ("not vegan", ()),
    ("inte vegan", ()),
    ("vegan, but no milk", ()),
    ("maybe vegan", ()),
    ("none", ()),
    ("inga allergier", ()),
    ("veganism is my hobby", ()),
    ("löjrom", ()),
])  # fmt: skip
def test_a_choice_is_a_whole_word_and_the_raw_text_is_always_kept(read_mail, value, options):
    """An allergy survives a parser miss."""
    found = answer(read_mail(f"REGISTER\nDiet: {value}"), "diet")
    assert found.options == options
    assert found.text == value


@pytest.mark.parametrize(("line", "question", "options", "text"), [
    ("T-shirt size: M", "size", ("M",), "M"),
    ("T-shirt size: S or M", "size", (), "S or M"),
    ("T-shirt size: XL", "size", (), "XL"),
    ("Own laptop: yes", "laptop", ("yes",), "yes"),
    ("Egen dator: Nej", "laptop", ("no",), "Nej"),
    ("Own laptop: yes but broken", "laptop", (), "yes but broken"),
    ("University:  Lund   University ", "affiliation", (), "Lund University"),
])  # fmt: skip
def test_each_kind_of_question_reads_its_own_values(read_mail, line, question, options, text):
    """One choice, yes or no, free text."""
    found = answer(read_mail(f"REGISTER\n{line}"), question)
    assert (found.options, found.text) == (options, text)


def test_the_signature_says_who_and_from_where_and_nothing_else(read_mail):
    """Name and affiliation may come from below the sign-off; a wish or a diet never does."""
    fields = read_mail("REGISTER\n\nMvh\nAnna Berg\nLund University").intent.fields
    assert fields.name == "Anna Berg"
    assert [(answer.question, answer.text) for answer in fields.answers] == [("affiliation", "Lund University")]
