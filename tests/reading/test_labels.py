"""Labels of forms in any language and layout, and what stands behind them."""

import time

import pytest

from mailflow.mail.address import Address
from mailflow.model.event import Localized, Option, Question
from mailflow.model.intent import Other
from mailflow.reading.forms import read_form
from mailflow.reading.labels import Labels, Line


def both(en, sv):
    return Localized((("en", en), ("sv", sv)))


DIETS = ("vegetarian", "vegan", "gluten", "nuts")
QUESTIONS = (
    Question("diet", "choices", both("Diet", "Specialkost"), options=tuple(Option(d, both(d, d)) for d in DIETS)),
    Question("affiliation", "text", both("Affiliation", "Tillhörighet")),
    Question("size", "choice", both("T-shirt size", "Tröjstorlek"),
             options=tuple(Option(s, both(s, s)) for s in ("S", "M", "L"))),
    Question("laptop", "yes_no", both("Own laptop", "Egen dator")),
    Question("days", "sessions", both("Sessions", "Pass"),
             options=(Option("morning", both("Morning session", "Förmiddag")), Option("dinner", both("Dinner", "Middag")))),
    Question("level", "text", both("Experience", "Erfarenhet")),
)  # fmt: skip
ANNA = Address("anna.berg", "example.org")


def form_of(*lines):
    read = [Labels(QUESTIONS).read(line) for line in lines]
    assert all(read), lines
    return read_form(tuple(read), QUESTIONS, ANNA)


@pytest.mark.parametrize(("line", "key", "value"), [
    ("Name: Anna Berg", "name", "Anna Berg"), ("Navn: Anna", "name", "Anna"), ("Nimi: Anna", "name", "Anna"),
    ("Vor- und Nachname: Anna Berg", "name", "Anna Berg"), ("Vorname: Anna", "first_name", "Anna"),
    ("Prénom: Anna", "first_name", "Anna"), ("Efternamn: Berg", "last_name", "Berg"), ("E-post: a@b.se", "email", "a@b.se"),
    ("Sähköposti: a@b.fi", "email", "a@b.fi"), ("Arbeitgeber: SAP", "affiliation", "SAP"), ("Ruokavalio: vegaani", "diet", "vegaani"),
    ("Allergien: Nüsse", "diet", "Nüsse"), ("Régime alimentaire: végétarien", "diet", "végétarien"),
    ("Dietary requirements (optional): vegan", "diet", "vegan"), ("Diet or allergies: vegan", "diet", "vegan"),
    ("Specialkost / allergier: vegan", "diet", "vegan"), ("T-shirt: M", "size", "M"), ("T-shirt size ....: M", "size", "M"),
    ("T-shirt size.......... M", "size", "M"), ("Namn.......... Anna Berg", "name", "Anna Berg"), ("Full name - Anna Berg", "name", "Anna Berg"),
    ("| Experience | none yet |", "level", "none yet"), ("experience = none yet", "level", "none yet"), ("Exper.: none yet", "level", "none yet"),
    ("Erfarenhett: liten", "level", "liten"), ("Affilliation: LTH", "affiliation", "LTH"), ("Expereince: little", "level", "little"),
    ("- *Own laptop*: yes", "laptop", "yes"), ("Guests: 2", "guests", "2"), ("Antal gäster: 1", "guests", "1"),
    ("Own laptop: [x] yes [ ] no", "laptop", "yes"), ("T-shirt size: [ ] S [x] M [ ] L", "size", "M"),
    ("T-shirt size: ( ) S ( ) M (x) L", "size", "L"), ("Diet: [x] vegan [x] nuts [ ] gluten", "diet", "vegan, nuts"),
    ("Pass: förmiddag", "days", "förmiddag"), ("Sessions: morning", "days", "morning"),
])  # fmt: skip
def test_a_label_in_any_language_and_layout(line, key, value):
    """Its beginning will do, and one wrong letter in a long word."""
    assert Labels(QUESTIONS).read(line) == Line(key, value)


@pytest.mark.parametrize("line", [
    "Diet:", "Diet: ____", "Name: <your name>", "Name: [your name]", "T-shirt size: S / M / L", "T-shirt size: S, M or L", "Own laptop: yes/no",
    "Egen dator: ja/nej", "Own laptop: [ ] yes [ ] no", "Experience: ...", "Diet: (please specify)", "[ ] vegan", "Experience: -", "| Diet | |",
])  # fmt: skip
def test_a_template_line_that_was_not_filled_in_is_not_given(line):
    """It is known, and empty."""
    assert Labels(QUESTIONS).read(line).value == ""


@pytest.mark.parametrize("line", [
    "Hotel: yes", "Name of my colleague: Bo", "E-mail of my boss: a@b.se", "PS: see you", "Note: I am late", "See https://x.example/a=b", "Time: 10:00",
    "Anna - thanks", "I am vegan - really", "[x] yes", "[x] I agree to everything", "[ ] other", "Please register: me", "na: x", "di: x", "Re: Diet",
    "Subject: Name", "bo@x.example: hello", "Numbe: 4", "x" * 500 + ":", ":", "=", "|", "||", "[x]", "- ", "...",
])  # fmt: skip
def test_what_no_label_is_stays_a_sentence(line):
    """People have to read it."""
    assert Labels(QUESTIONS).read(line) is None


def test_ticked_options_of_one_question_are_one_answer():
    """Each on its own line, empty boxes between them."""
    form = form_of("[x] vegan", "[ ] vegetarian", "[X] nuts", "\u2611 Morning session", "\u2610 Dinner")
    diet, days = form.fields.answers
    assert (diet.options, diet.text) == (("vegan", "nuts"), "vegan, nuts")
    assert days.options == ("morning",)
    assert not form.fault


def test_a_name_in_two_lines_is_one():
    """First and last name, in either order."""
    assert form_of("Efternamn: Berg", "Förnamn: Anna").fields.name == "Anna Berg"


@pytest.mark.parametrize(("value", "guests"), [("2", 2), ("+1", 1), ("0", 0), ("two", 2), ("inga", 0), ("none", 0), ("no", 0),
                                                ("perhaps", None), ("99", None), ("2 or 3", None)])  # fmt: skip
def test_guests_are_a_number(value, guests):
    """At most 20; anything else is no number."""
    assert form_of("Name: Anna", f"Guests: {value}").fields.guests == guests


def test_a_form_with_another_address_says_whose():
    """It is asked there; nothing is registered for the sender."""
    form = form_of("Namn: Lotta Hed", "E-post: lotta.hed@arkiv.example", "Specialkost: ingen")
    assert form.other == Other("Lotta Hed", Address("lotta.hed", "arkiv.example"))
    assert form.fault
    assert form_of("Name: Anna", "E-mail: nonsense").other is None


@pytest.mark.parametrize(("value", "options"), [("yes", ("yes",)), ("Ja tack", ("yes",)), ("no, sorry", ("no",)), ("Nej", ("no",)),
                                                ("yes but broken", ()), ("perhaps", ()), ("x", ("yes",))])  # fmt: skip
def test_yes_and_no_with_a_polite_word(value, options):
    """Anything more is for people."""
    (answer,) = form_of(f"Own laptop: {value}").fields.answers
    assert (answer.options, answer.text) == (options, value)


@pytest.mark.parametrize(("value", "options"), [
    ("förmiddag", ("morning",)), ("Morning session", ("morning",)), ("not the dinner", ()), ("fm", ("morning",)), ("all sessions", ("morning", "dinner")),
    ("everything but the dinner", ("morning",)), ("no idea", ()),
])  # fmt: skip
def test_sessions_in_a_form(value, options):
    """By label, by what people call them, and by exception."""
    (answer,) = form_of(f"Sessions: {value}").fields.answers
    assert (answer.options, answer.text) == (options, value)


@pytest.mark.parametrize("line", ["Diet: " + "vegan, " * 3000, "a " * 5000 + ":", "[x] " * 3000, "Diet: " + "[x] vegan [ ] " * 700,
                                  "." * 10_000, "Name" + " " * 5000 + ": x", "| " * 5000, "Diet: " + "x" * 9000])  # fmt: skip
def test_a_hostile_line_takes_no_time(line):
    """Linear, whatever is repeated."""
    labels = Labels(QUESTIONS)
    start = time.process_time()
    if found := labels.read(line):
        read_form((found,) * 60, QUESTIONS, ANNA)
    assert time.process_time() - start < 0.5
