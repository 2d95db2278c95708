"""Everything that the new text holds: form, sentences with their fields, and where the signature begins."""

import time
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailflow.model.event import Localized, Option, Question
from mailflow.model.intent import Register
from mailflow.reading.gather import gather
from mailflow.reading.newtext import split_text
from mailflow.reading.rules import Places
from mailflow.reading.sentences import sentence_of
from mailflow.reading.signature import own_names

from .conftest import ANNA, QUESTIONS, acts

SESSIONS = Question(
    "sessions", "sessions", Localized((("en", "Sessions"),)),
    options=tuple(Option(name, Localized((("en", name),))) for name in ("morning", "afternoon", "dinner")),
)  # fmt: skip
PLACES = Places(event=frozenset({"gan", "workshop"}), own=own_names("Anna Berg", ANNA))


def gathered(text, questions=QUESTIONS, **keywords):
    """What a mail from Anna Berg holds."""
    new = split_text(text)
    return gather(new.lines, new.signature, questions, PLACES, ANNA, "Anna Berg", **keywords)


def said(found):
    """The sentences that are left to be understood."""
    return [one.sentence.text for one in found.sentences]


def answers(found):
    """Question by question: the options, or the words where there are none."""
    return {answer.question: answer.options or answer.text for answer in found.fields.answers}


# Signatures


@pytest.mark.parametrize("signature", [
    "Mvh\nAnna Berg\nJuridiska institutionen\n070-123 45 67", "Best regards,\nAnna", "Med vänlig hälsning\n\nAnna Berg\nDoktorand",
    "/Anna", "- Anna", "Anna Berg", "Hälsningar Anna",
])  # fmt: skip
def test_what_stands_below_the_sign_off_is_no_sentence(signature):
    """A closing formula, a name behind a slash, or the sender's own name at the end; it is kept as signature."""
    found = gathered(f"Please register me.\n\n{signature}")
    assert said(found) == ["Please register me."]
    assert found.signature


@pytest.mark.parametrize(("text", "rest"), [
    ("Anmäl mig /Anna", ("Anna",)), ("Anmäl mig // Anna Berg, jurist", ("Anna Berg, jurist",)), ("Anmäl mig - Anna", ("Anna",)),
    ("Anmäl mig – Anna Berg", ("Anna Berg",)),
])  # fmt: skip
def test_a_slash_at_the_end_of_the_last_line_signs_it(text, rest):
    """With the sender's own name behind it."""
    found = gathered(text)
    assert said(found) == ["Anmäl mig"]
    assert found.signature == rest


def test_another_name_behind_the_slash_signs_nothing(read_mail):
    """It may be somebody else's wish that was passed on."""
    assert said(gathered("Anmäl mig /Bo")) == ["Anmäl mig /Bo"]
    assert gathered("Anmäl mig /Bo").signature == ()


def test_a_name_alone_is_no_signature():
    """Something must stand above it."""
    assert said(gathered("Anna")) == ["Anna"]


@pytest.mark.parametrize("tail", [
    "Glöm det jag skrev ovan.", "PS. My boss can't come", "Is there parking?", "Please cancel my seat", "maybe", "I am allergic to nuts",
])  # fmt: skip
def test_what_is_more_than_a_signature_is_read_below_the_name_too(tail):
    """A wish, a word that turns something, a question, a diet: people write a postscript."""
    found = gathered(f"REGISTER\n\nBest,\nAnna\n\n{tail}")
    assert tail.split()[-1].strip(".?") in " ".join(said(found))


def test_the_signature_tells_name_and_affiliation():
    """And nothing else; a department and its university are one affiliation."""
    found = gathered("REGISTER\n\nBest,\nAnna Karin Berg\nDepartment of Law\nLund University")
    assert found.fields.name == "Anna Karin Berg"
    assert answers(found) == {"affiliation": "Department of Law, Lund University"}
    assert not found.given


def test_an_affiliation_that_no_question_asks_for_is_not_kept():
    """What the event does not want is no data of its."""
    assert answers(gathered("REGISTER\n-- \nAnna\nLund University", QUESTIONS[:1])) == {}


# Behind "-- "


def test_a_signature_behind_dashes_is_no_text():
    """Whatever it says of names and places."""
    found = gathered("REGISTER\n-- \nAnna Berg\nLund University\nwww.lu.example\nWe hire PhD students")
    assert said(found) == ["REGISTER"]
    assert found.signature[:2] == ("Anna Berg", "Lund University")


@pytest.mark.parametrize("line", ["Please ignore this mail", "Glöm det jag skrev ovan", "never mind", "maybe", "CANCEL", "Avboka mig"])
def test_a_signature_behind_dashes_that_takes_something_back_is_read(read_mail, line):
    """Some people write below their signature: what is there stops a wish."""
    text = f"REGISTER\n-- \nAnna\n{line}"
    assert [one.sentence.text for one in gathered(text).telling] == [line]
    assert not acts(read_mail(text))


# Fields of sentences


@pytest.mark.parametrize(("text", "expected"), [
    ("I am vegan", {"diet": ("vegan",)}),
    ("I'm vegan. I also can't eat nuts.", {"diet": ("vegan", "nuts")}),
    ("I'm bringing my own laptop. Size M.", {"size": ("M",), "laptop": ("yes",)}),
    ("I am from Lund University", {"affiliation": "Lund University"}),
    ("Diet: vegan\nT-shirt size: M", {"diet": ("vegan",), "size": ("M",)}),
    ("My daughter is vegan", {}),
    ("Is the food vegan?", {}),
])  # fmt: skip
def test_fields_are_found_in_sentences_and_in_forms(text, expected):
    """In the order of the event's questions; a companion's diet and a question tell nothing about the sender."""
    assert answers(gathered(text)) == expected


def test_the_words_of_a_diet_are_always_kept():
    """Codes may miss something; people read the sentence."""
    (answer,) = gathered("I'm vegan. I also can't eat nuts.").fields.answers
    assert answer.text == "I'm vegan. I also can't eat nuts."


def test_an_allergy_inside_a_question_is_kept():
    """A question tells nothing about its writer, but for what he must not eat."""
    assert answers(gathered("I am allergic to nuts, is that a problem?")) == {"diet": ("nuts",)}


def test_no_diet_is_an_answer():
    """"None" is another thing than "not given"."""
    (answer,) = gathered("I have no allergies").fields.answers
    assert (answer.options, answer.text) == ((), "I have no allergies")


def test_words_that_fields_took_are_explained():
    """The sentence is understood, and the "no" of "no nuts" turns nothing."""
    (one,) = gathered("No nuts please").sentences
    assert not one.unexplained
    assert not one.dangers


def test_sessions_that_are_named_are_chosen_and_those_denied_left_out():
    """By name; a reason that names one chooses none."""
    assert answers(gathered("I will come in the morning", (SESSIONS,))) == {"sessions": ("morning",)}
    assert gathered("I can't come to the dinner", (SESSIONS,)).left_out == ("dinner",)
    assert answers(gathered("Morning!", (SESSIONS,))) == {}


@pytest.mark.parametrize(("text", "name"), [
    ("Jag heter Anna Karin Berg och är vegan.", "Anna Karin Berg"), ("Name: Anna K Berg", "Anna K Berg"), ("REGISTER", "Anna Berg"),
    ("Name: Anna K Berg\nMy name is Anna Karin Berg\n\nMvh\nAnna", "Anna K Berg"),
])  # fmt: skip
def test_the_form_names_the_sender_before_the_text_and_the_text_before_the_frame(text, name):
    """Form, text, the fuller of display name and sign-off."""
    assert gathered(text).fields.name == name


def test_companions_without_an_address_are_guests():
    """The sender is not counted; nobody and not said are different."""
    assert gathered("We are three.").fields.guests == 2
    assert gathered("Just me.").fields.guests == 0
    assert gathered("REGISTER").fields.guests is None


def test_a_companion_with_an_address_is_no_guest():
    """He is asked himself, and counted once."""
    found = gathered("My colleague Siv Ek (siv@example.org) wants to come")
    assert [(one.name, str(one.address)) for one in found.others] == [("Siv Ek", "siv@example.org")]
    assert found.fields.guests is None


def test_ones_own_address_explains_itself():
    """It names nobody else."""
    found = gathered("Register me, anna.berg@example.org")
    assert found.others == ()
    assert not found.sentences[0].unexplained


def test_a_form_line_is_no_sentence(read_mail):
    """Nothing is read in its value but the value; two lines that know each other are a registration."""
    found = gathered("Diet: vegan\nT-shirt size: M\n\nMvh\nAnna")
    assert (said(found), found.form.known, found.given) == ([], 2, True)
    assert isinstance(read_mail("Diet: vegan\nT-shirt size: M\n\nMvh\nAnna").intent, Register)


def test_a_form_that_contradicts_itself_does_not_act(read_mail):
    """Two values for one key, or a command inside one."""
    for text in ("Diet: vegan\nDiet: gluten-free", "Diet: vegan\nName: CANCEL"):
        assert gathered(text).form.fault
        assert not acts(read_mail(text))


def test_booking_codes_say_whose_and_not_what():
    """They are no words of the sentence."""
    assert said(gathered("CANCEL K7-QX4M")) == ["CANCEL"]


def test_sentences_can_be_mended_before_they_are_understood():
    """The typing errors are another module's business; fields are found in what it makes of them."""
    def mend(one):
        return replace(sentence_of(one.text.replace("vegn", "vegan")), line=one.line)

    assert answers(gathered("I am vegn")) == {}
    assert answers(gathered("I am vegn", mend=mend)) == {"diet": ("vegan",)}


# Any text

PIECES = st.sampled_from([
    "REGISTER", "Anna", "Mvh", "/", "//", " - ", "-- \n", "\n", "\n\n", "Diet: vegan", "Diet:", "Name: x", "I am vegan", "no nuts",
    "bo@example.org", "Siv Ek", "we are three", "[x] M", "K7-QX4M", "Lund University", "?", "not", "anna.berg@example.org", "070-1",
])  # fmt: skip


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.lists(st.one_of(PIECES, st.text(max_size=20)), max_size=15).map("".join))
def test_no_text_breaks_it(text):
    """Total: each question is answered at most once, in order, with options that it has; guests are not below none."""
    found = gathered(text, (*QUESTIONS, SESSIONS))
    order = [question.id for question in (*QUESTIONS, SESSIONS)]
    named = [answer.question for answer in found.fields.answers]
    assert named == sorted(set(named), key=order.index)
    offered = {question.id: {option.id for option in question.options} for question in (*QUESTIONS, SESSIONS)}
    for answer in found.fields.answers:
        assert answer.question == "laptop" or set(answer.options) <= offered[answer.question]
    assert found.fields.guests is None or found.fields.guests >= 0
    assert all(other.address.key != ANNA.key for other in found.others)


@pytest.mark.parametrize("token", ["Anna ", "/Anna", "I am vegan. ", "no nuts ", "Diet: vegan ", "bo@example.org ", "Mvh\n", "Anna\n", "x: y\n",
                                   "-", "we are three ", "My name is "])  # fmt: skip
def test_as_much_as_the_reader_takes_of_a_mail_takes_no_time(token):
    """Sixty lines of a thousand characters, of anything."""
    lines = (token * 1000)[:60_000].split("\n")[:60] if "\n" in token else [(token * 1000)[:1000]] * 60
    gathered("REGISTER")
    started = time.process_time()
    gather(tuple(line.strip() for line in lines), (), QUESTIONS, PLACES, ANNA, "Anna Berg")
    assert time.process_time() - started < 1
