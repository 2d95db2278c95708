"""Sessions, and answers to the organiser's own questions, in running text."""

import time

import pytest

from mailflow.model.event import Localized, Option, Question
from mailflow.reading.answers import find_answers, find_sessions
from mailflow.reading.sentences import sentence_of


def both(en, sv):
    return Localized((("en", en), ("sv", sv)))


SESSIONS = Question(
    "sessions", "sessions", both("Sessions", "Pass"),
    options=(
        Option("morning", both("morning session", "förmiddag")),
        Option("afternoon", both("afternoon session", "eftermiddag")),
        Option("dinner", both("dinner", "middag")),
    ),
)  # fmt: skip
QUESTIONS = (
    Question("tshirt", "choice", both("T-shirt size", "T-shirtstorlek"),
             options=tuple(Option(size, both(size, size)) for size in ("S", "M", "L", "XL"))),
    Question("laptop", "yes_no", both("Bringing own laptop", "Egen dator")),
    Question("parking", "yes_no", both("Need parking", "Behöver parkering")),
    Question("level", "text", both("Experience", "Erfarenhet")),
    SESSIONS,
)  # fmt: skip


@pytest.mark.parametrize(("text", "yes", "no"), [
    ("only the afternoon", "afternoon", ""),
    ("fm och lunch", "morning", ""),
    ("everything but the dinner", "morning afternoon", "dinner"),
    ("not the dinner", "", "dinner"),
    ("I will skip the morning session but come to the afternoon and the dinner.", "afternoon dinner", "morning"),
    ("I would love to take part in both sessions but unfortunately I can't stay for the dinner.", "morning afternoon", "dinner"),
    ("Jag deltar på eftermiddagen men hoppar över förmiddagen och middagen.", "afternoon", "morning dinner"),
    ("Jag kommer på fm men inte på middagen", "morning", "dinner"),
    ("allt utom middagen", "morning afternoon", "dinner"),
    ("middagen hoppar jag över", "", "dinner"),
    ("The dinner I can't make, but the morning is fine.", "morning", "dinner"),
    ("I'd like to join the dinner", "dinner", ""),
    ("Kommer hela dagen men inte middagen", "morning afternoon", "dinner"),
    ("I'll attend everything", "morning afternoon dinner", ""),
    ("Jag vill vara med på allt", "morning afternoon dinner", ""),
    ("bara fm", "morning", ""),
    ("em + middag", "afternoon dinner", ""),
    ("Kan bara komma på eftermiddagen.", "afternoon", ""),
    ("Tyvärr kan jag inte stanna på middagen", "", "dinner"),
    ("I'm in for the dinner!", "dinner", ""),
    ("anmäl mig till middagen", "dinner", ""),
    ("Anmäler mig till förmiddagen, nej förlåt, eftermiddagen menar jag", "afternoon", ""),
    ("anteckna mig för eftermiddagen", "afternoon", ""),
    ("Kommer för- och eftermiddagen", "morning afternoon", ""),
    ("I come to the afternoon, not sure yet about parking", "afternoon", ""),
    ("kan inte riktigt hinna med middagen", "", "dinner"),
    ("I'm coming to all sessions", "morning afternoon dinner", ""),
    ("we'll do the morning and the afternoon", "morning afternoon", ""),
    ("I'll attend the afternoon instead of the morning", "afternoon", "morning"),
])  # fmt: skip
def test_sessions_are_said_yes_and_no_to(text, yes, no):
    """In the organiser's words and in those that people use; "everything but" is all minus one."""
    found = find_sessions(sentence_of(text), SESSIONS)
    assert (" ".join(found.yes), " ".join(found.no)) == (yes, no)


@pytest.mark.parametrize("text", [
    "Good morning!",
    "See you in the morning",
    "Vegan dinner please",
    "I look forward to the dinner",
    "My wife can't come to the dinner after all",
    "All the best",
    "Thanks for everything",
    "Morning!", "Good evening", "Thanks for the dinner", "Tack för middagen", "Thanks for everything!", "my wife would only join for the dinner", "The morning train is late",
])  # fmt: skip
def test_a_greeting_or_a_meal_is_no_session(text):
    """Neither is what somebody else comes to."""
    assert find_sessions(sentence_of(text), SESSIONS) is None


@pytest.mark.parametrize(("text", "question", "value"), [
    ("size M please", "tshirt", "M"),
    ("tröja L", "tshirt", "L"),
    ("I'd like a t-shirt in XL", "tshirt", "XL"),
    ("T-shirt size: S", "tshirt", "S"),
    ("My t-shirt size is L.", "tshirt", "L"),
    ("t-shirt medium", "tshirt", "M"),
    ("I'd like a large t-shirt", "tshirt", "L"),
    ("strl xl", "tshirt", "XL"),
    ("please change my T-shirt from M to L", "tshirt", "L"),
    ("I'll bring my own laptop", "laptop", "yes"),
    ("tar med egen dator", "laptop", "yes"),
    ("Jag har egen dator med mig", "laptop", "yes"),
    ("ingen egen dator", "laptop", "no"),
    ("I don't have a laptop", "laptop", "no"),
    ("I won't bring a computer", "laptop", "no"),
    ("jag har ingen dator", "laptop", "no"),
    ("egen dator, nej", "laptop", "no"),
    ("I'll bring my laptop, not sure about the rest", "laptop", "yes"),
    ("I need parking", "parking", "yes"),
    ("jag behöver parkering", "parking", "yes"),
    ("I don't need parking", "parking", "no"),
    ("Anmäl mig, erfarenhet: nybörjare", "level", "nybörjare"),
    ("experience = a little R", "level", "a little R"),
    ("Eigenen Laptop hab ich dabei", "laptop", "yes"),
])  # fmt: skip
def test_an_answer_that_can_mean_only_one_thing(text, question, value):
    """The subject of the question beside an option, a verb or a sign."""
    found = {answer.question: answer for answer, _ in find_answers(sentence_of(text), QUESTIONS)}
    assert set(found) == {question}
    assert (found[question].options or (found[question].text,)) == (value,)


@pytest.mark.parametrize(("text", "words"), [
    ("only the afternoon", []), ("everything but the dinner", []), ("I come to the dinner but not sure", ["but", "not", "sure"]),
    ("Jag kommer inte, boka om mig till middagen", ["kommer", "inte"]), ("not the dinner", []), ("middagen hoppar jag över", []),
])  # fmt: skip
def test_the_words_about_sessions_are_explained(text, words):
    """A "not" only where it denies a session."""
    sentence = sentence_of(text)
    places = find_sessions(sentence, SESSIONS).places
    assert [word for at, word in enumerate(sentence.words) if at not in places and word in (words or sentence.words)] == words


@pytest.mark.parametrize("text", [
    "I'm Anna M.", "size S or M", "M", "either M or L for the t-shirt", "not size M, maybe", "can I borrow a laptop?",
    "maybe I'll bring my laptop", "if I find my laptop I'll bring it", "my laptop is broken", "I work on laptops",
    "is there parking?", "jag kan låna en dator", "the size of the room", "L is the best letter", "I've experience in R",
    "See you at 10: the usual place",
])  # fmt: skip
def test_an_answer_that_might_mean_something_else_is_none(text):
    """It stays a sentence for people."""
    assert find_answers(sentence_of(text), QUESTIONS) == ()


@pytest.mark.parametrize(("text", "words"), [
    ("I'll bring my own laptop", []), ("size M please", []), ("tar med egen dator", []), ("ingen egen dator", []),
    ("I bring my own laptop, not coming", ["not", "coming"]),
    ("bring my laptop and cancel my seat", ["cancel", "my", "seat"]),
])  # fmt: skip
def test_the_words_of_an_answer_are_explained(text, words):
    """And no others."""
    sentence = sentence_of(text)
    ((_, places),) = find_answers(sentence, QUESTIONS)
    assert [word for at, word in enumerate(sentence.words) if at not in places] == words


@pytest.mark.parametrize("word", ["dinner ", "not the morning ", "size M ", "laptop ", "but "])
def test_a_sentence_of_one_phrase_takes_no_time(word):
    """Linear, whatever is repeated."""
    sentence = sentence_of(word * 2000)
    find_answers(sentence_of("size M"), QUESTIONS)
    start = time.process_time()
    find_sessions(sentence, SESSIONS)
    find_answers(sentence, QUESTIONS)
    assert time.process_time() - start < 0.5
