"""Names, guests, organisations and people with an address, in the words of many people."""

import time

import pytest

from mailflow.mail.address import Address, parse_address
from mailflow.reading.people import Signed, find_affiliation, find_guests, find_name, find_others, name_of, signed
from mailflow.reading.sentences import sentence_of

ANNA = Address("anna.berg", "example.org")


def left(find, text):
    """The words that are not explained."""
    sentence = sentence_of(text)
    return [word for at, word in enumerate(sentence.words) if at not in find(sentence).places]


@pytest.mark.parametrize(("text", "number"), [
    ("+1", 1),
    ("I'm coming +1", 1),
    ("me and 2 more", 2),
    ("vi är tre", 2),
    ("Vi blir fyra personer", 3),
    ("we are four", 3),
    ("min fru följer med", 1),
    ("I'm bringing a colleague", 1),
    ("bringing my colleague Bo", 1),
    ("bara jag", 0),
    ("It's just me", 0),
    ("no guests", 0),
    ("jag tar med två studenter", 2),
    ("I'd like to come with my wife and two children", 3),
    ("Anmäl mig och min kollega Bo Ek", 1),
    ("vi är två", 1),
    ("There will be five of us", 4),
    ("I will register with 2 guests", 2),
    ("plus one", 1),
    ("My husband would like to come too", 1),
    ("my two students will join me", 2),
    ("Jag och en kollega kommer", 1),
    ("utan gäst", 0),
    ("I'll bring my husband along", 1),
    ("My husband and our two kids will join us", 3),
    ("Min man hänger med", 1),
    ("Jag kommer med min sambo", 1),
    ("jag + 2", 2),
    ("me +2", 2),
    ("+ 1 person", 1),
    ("Vi kommer tre personer", 2),
    ("vi blir två", 1),
    ("There are two of us", 1),
    ("A colleague will join me", 1),
    ("I'm coming alone", 0),
    ("Jag kommer ensam", 0),
    ("I won't be bringing anyone", 0),
    ("jag tar med mig en vän och en kollega", 2),
    ("my two PhD students would like to come too", 2),
    ("plus two guests", 2),
    ("2 guests", 2),
    ("utan sällskap", 0),
    ("Jag och min man Per kommer", 1),
    ("We will be five people from the department", 4),
    ("vi är tre som vill komma", 2),
    ("me, my wife and my son", 2),
    ("bringing a plus one", 1),
    ("just me this time", 0),
    ("no plus one", 0),
    ("tar med två", 2),
])  # fmt: skip
def test_guests_are_counted_without_the_sender(text, number):
    """By number, by person, or as the size of the party."""
    assert find_guests(sentence_of(text)).value == number


@pytest.mark.parametrize("text", [
    "call me at +46 70 123 45 67",
    "call +46701234567",
    "We are three weeks late",
    "my colleague told me about it",
    "my wife can't come",
    "2 more",
    "one question",
    "i två dagar",
    "We are very happy",
    "room for one more?",
    "There are two buses",
    "vi är tre veckor sena",
    "I have two questions",
    "one of my colleagues will also attend",
    "min kollega tipsade mig om kursen",
    "my supervisor told me to register",
    "let me know",
    "ring 046-222 00 00",
    "+46 (0)70 1234567",
    "tel +45 12 34 56 78",
    "+4670",
    "a friend of mine says hi",
    "min fru kan inte komma",
    "without my wife this time",
    "I work with two colleagues on GANs",
    "I was one of the first",
    "I'm one of four organisers",
    "Room 2",
    "Vi ses den 12:e",
    "We are happy to come",
    "my wife is a doctor",
    "I met two students",
    "Kan jag ta med en kollega?",
    "I can't bring my wife",
    "Bo Ek <bo@x.example> and a friend will join me",
])  # fmt: skip
def test_who_is_only_spoken_of_is_no_guest(text):
    """Nor are telephone numbers, weeks and questions; where the number is not certain there is none."""
    assert find_guests(sentence_of(text)) is None


@pytest.mark.parametrize(("text", "words"), [
    ("min fru följer med", []), ("bara jag", []), ("me and 2 more", []), ("I'm bringing a colleague", []),
    ("jag tar med två studenter", []), ("Please cancel, my wife will join me", ["Please", "cancel"]),
])  # fmt: skip
def test_the_words_about_guests_are_explained(text, words):
    """And no others."""
    assert left(find_guests, text) == words


@pytest.mark.parametrize(("text", "name"), [
    ("My name is Anna Berg and I want to register", "Anna Berg"),
    ("jag heter anna berg", "Anna Berg"),
    ("Jag heter Björn Ödegård, och jobbar på LTH", "Björn Ödegård"),
    ("I am Anna Berg from Lund University", "Anna Berg"),
    ("This is Wei Zhang from LTH", "Wei Zhang"),
    ("Ich heiße Karl-Heinz Müller", "Karl-Heinz Müller"),
    ("je m'appelle Camille Laurent", "Camille Laurent"),
    ("nimeni on Pekka Virtanen", "Pekka Virtanen"),
    ("my name is Carl von Essen", "Carl von Essen"),
    ("I'm Professor Anna Berg", "Anna Berg"),
    ("jag heter Anna", "Anna"),
    ("Jag heter Anna-Karin Öberg", "Anna-Karin Öberg"),
    ("My name is Fiona O'Hara", "Fiona O'Hara"),
    ("This is John Smith", "John Smith"),
    ("my name is Li Chen", "Li Chen"),
    ("Hej, jag heter Per Ahl och vill vara med", "Per Ahl"),
    ("mitt namn är per ahl", "Per Ahl"),
    ("Hi, I'm Maria Popescu from Bucharest", "Maria Popescu"),
    ("My name is spelled Håkan Bergström", "Håkan Bergström"),
    ("nu heter jag Emma Sjö", "Emma Sjö"),
])  # fmt: skip
def test_a_name_is_what_somebody_calls_himself(text, name):
    """Without capitals only behind "my name is"; behind "I am" only two words that can be nothing else."""
    assert find_name(sentence_of(text)).value == name


@pytest.mark.parametrize("text", [
    "I am vegetarian",
    "Jag är doktorand vid Lunds universitet",
    "This is Lund University calling",
    "I am Very happy",
    "I am Swedish",
    "Det är lugnt",
    "I am John",
    "I'm Swedish and I love it",
    "I am the Head of Department",
    "I'm Not Sure",
    "Här är Lunds Universitet",
    "I am a PhD Student",
    "Byt namn till Emma Sjö",
    "What is my name?",
    "I'm Dr. Smith",
    "the name is wrong",
    "my name is misspelled",
    "namnet är fel",
    "My name is not Bo",
])  # fmt: skip
def test_what_somebody_is_is_not_a_name(text):
    """Titles, nationalities, moods and organisations are none."""
    assert find_name(sentence_of(text)) is None


@pytest.mark.parametrize(("text", "organisation"), [
    ("I'm from Lund University", "Lund University"),
    ("jag jobbar på SLU", "SLU"),
    ("Jag är doktorand vid Institutionen för kulturvetenskaper", "Institutionen för kulturvetenskaper"),
    ("I'm a postdoc at Chalmers", "Chalmers"),
    ("I work at Axis Communications and would like to come", "Axis Communications"),
    ("I come from the Department of Building and Environmental Technology", "Department of Building and Environmental Technology"),
    ("Jag kommer från Region Skåne och vill gärna delta", "Region Skåne"),
    ("This is Wei Zhang from LTH, Electrical and Information Technology", "LTH, Electrical and Information Technology"),
    ("Professor of physics at Uppsala University", "Uppsala University"),
    ("I study at KTH", "KTH"),
    ("jag pluggar på Lunds universitet", "Lunds universitet"),
    ("I work for Ericsson AB in Lund", "Ericsson AB in Lund"),
    ("Jag kommer från Eslövs kommun", "Eslövs kommun"),
    ("I'm from LTH", "LTH"),
    ("we at the Department of Physics would like to join", "Department of Physics"),
    ("professor vid Uppsala universitet", "Uppsala universitet"),
    ("vi på Länsstyrelsen Skåne vill delta", "Länsstyrelsen Skåne"),
    ("Jag är bibliotekarie på Malmö stadsbibliotek", "Malmö stadsbibliotek"),
    ("I'm with the Swedish Institute of Space Physics", "Swedish Institute of Space Physics"),
    ("doktorand i historia vid Göteborgs universitet", "Göteborgs universitet"),
    ("I am a student from UiO", "UiO"),
    ("Je travaille au CNRS", "CNRS"),
    ("Ich arbeite an der Universität Kiel", "Universität Kiel"),
    ("I'm at the Dept. of Clinical Sciences, Lund University", "Dept. of Clinical Sciences, Lund University"),
])  # fmt: skip
def test_an_organisation_is_where_somebody_works(text, organisation):
    """With the department's whole name, and what it belongs to."""
    assert find_affiliation(sentence_of(text)).value == organisation


@pytest.mark.parametrize("text", [
    "at home",
    "See you at the workshop at Lund University",
    "I got a mail from Lund University",
    "from Lund",
    "My colleague Bo from Lund University is coming",
    "on Monday at LUX",
    "Anna Berg, Lunds universitet",
    "Register me for the AI day",
    "I arrive at 9 AM",
    "I am a PhD student in AI",
    "anmäl mig på GAN",
    "jag kommer från Malmö",
    "I come from Germany",
    "Hälsningar från Lund",
    "meet at the University Library",
    "I will be at Lund University on Monday",
    "I work at home",
    "I work in healthcare",
    "I work nights",
    "Jag jobbar på distans",
    "jag jobbar på kvällen",
    "from Monday",
    "My wife works at IKEA",
    "He works at Lund University",
    "Can I park at the Hospital?",
    "I arrive from Copenhagen Airport",
])  # fmt: skip
def test_a_place_or_somebody_elses_employer_is_no_affiliation(text):
    """Wrong is worse than empty."""
    assert find_affiliation(sentence_of(text)) is None


@pytest.mark.parametrize(("text", "others"), [
    ("Please also register Bo Ek <bo@x.example>", [("Bo Ek", "bo@x.example")]),
    ("my colleague Anna, anna@x.example", [("Anna", "anna@x.example")]),
    ("Sten Rask (sten@x.example) och Mona Ask (mona@x.example)", [("Sten Rask", "sten@x.example"), ("Mona Ask", "mona@x.example")]),
    ("my colleague also wants to come: bob.stone@cs.example", [("", "bob.stone@cs.example")]),
    ("please register my boss, Professor Tore Björk (tore@fysik.example)", [("Tore Björk", "tore@fysik.example")]),
    ("Nu vill vår praktikant Samir Qasim också gå, skicka till honom på samir.qasim@x.example", [("Samir Qasim", "samir.qasim@x.example")]),
    ("bo@x.example (Bo Ek)", [("Bo Ek", "bo@x.example")]),
    ("Anna-Karin Öberg <ak@x.example>", [("Anna-Karin Öberg", "ak@x.example")]),
    ("Maria von Essen, maria@x.example, vegan", [("Maria von Essen", "maria@x.example")]),
    ("Bo's email is bo@x.example", [("Bo", "bo@x.example")]),
])  # fmt: skip
def test_people_with_an_address_are_named(text, others):
    """Name and address, in the order in which they stand."""
    found = find_others(sentence_of(text), ANNA)
    assert [(other.name, str(other.address)) for other in found.value] == others


@pytest.mark.parametrize("text", [
    "I am anna.berg@example.org", "ANNA.BERG@example.org", "my private address is anna@home.example", "reach me at anna@home.example",
    "min privata mejl är anna@home.example", "see www.x.example", "meet @ noon", "a@b", "nobody@",
])  # fmt: skip
def test_the_senders_own_addresses_are_nobody_else(text):
    """Neither is what only looks like an address."""
    assert find_others(sentence_of(text), ANNA) is None


def test_a_name_elsewhere_in_the_text_may_be_the_addresses():
    """Where the address is made of it."""
    where = (sentence_of("Min dotter Agnes Brandt vill gå."), sentence_of("Anmäl henne på agnes.brandt@x.example"))
    assert name_of(parse_address("agnes.brandt@x.example"), where) == "Agnes Brandt"
    assert name_of(parse_address("agnes@x.example"), where) == ""
    assert name_of(parse_address("brandt.brandt@x.example"), where) == ""


@pytest.mark.parametrize(("lines", "shown", "name", "affiliation"), [
    (("Anna",), "Anna Berg", "Anna Berg", ""),
    (("Anna Berg",), "Anna", "Anna Berg", ""),
    (("anna berg",), "Anna", "Anna Berg", ""),
    (("//anna berg, masterstudent",), "", "Anna Berg", ""),
    (("see you",), "Anna", "Anna", ""),
    (("Pekka Virtanen",), "Virtanen Pekka", "Pekka Virtanen", ""),
    ((), "Virtanen Pekka", "Virtanen Pekka", ""),
    (("Lund University",), "Anna", "Anna", "Lund University"),
    (("John Smith",), "J. Smith", "John Smith", ""),
    (("K.-H. Müller",), "Prof. Dr. Karl-Heinz Müller", "Karl-Heinz Müller", ""),
    (("Anna B",), "Anna Berg", "Anna Berg", ""),
    (("Ravi Kumar", "Chalmers Industriteknik"), "Registrations", "Ravi Kumar", "Chalmers Industriteknik"),
    (("Prof. Dr. Karl-Heinz Müller", "Universität Kiel"), "", "Karl-Heinz Müller", "Universität Kiel"),
    (("Anna Berg, Lunds universitet",), "", "Anna Berg", "Lunds universitet"),
    (("Anna Berg | PhD student", "Dept. of Physics, Lund University", "Box 118, 221 00 Lund"), "", "Anna Berg", "Dept. of Physics, Lund University"),
    (("Anna Berg", "Institutionen för fysik", "Lunds universitet"), "", "Anna Berg", "Institutionen för fysik, Lunds universitet"),
    (("Mvh Ola Hauge, UiO",), "Ola Hauge", "Ola Hauge", "UiO"),
    (("Ola Hauge, UiO",), "Ola Hauge", "Ola Hauge", "UiO"),
    (("Ola Hauge, exchange student at the Dept of Physics",), "Ola", "Ola Hauge", "Dept of Physics"),
    (("Ola Hauge, PhD",), "Ola Hauge", "Ola Hauge", ""),
    (("Hilsen Eirik Solbakken",), "Eirik Solbakken", "Eirik Solbakken", ""),
    (("Med vänlig hälsning",), "Eva Ek", "Eva Ek", ""),
    (("Eslövs kommun", "Tel 0413-000 00"), "Per Ek", "Per Ek", "Eslövs kommun"),
    ((), "SVENSSON Erik", "Erik Svensson", ""),
    (("Tel. +46 46 222 00 00", "www.lu.example"), "Registrator", "", ""),
])  # fmt: skip
def test_the_fuller_of_display_name_and_sign_off(lines, shown, name, affiliation):
    """For the order of two plain words the sign-off decides; roles, titles and organisations are no names."""
    assert signed(lines, shown) == Signed(name, affiliation)


@pytest.mark.parametrize("word", ["my wife and ", "from the University of ", "Anna ", "a@b.example ", "my name is ", "two ", "+1 ", "jag och "])
def test_a_sentence_of_one_phrase_takes_no_time(word):
    """Linear, whatever is repeated."""
    sentence = sentence_of(word * 2000)
    start = time.process_time()
    for find in (find_guests, find_name, find_affiliation):
        find(sentence)
    find_others(sentence, ANNA)
    signed((word * 60,) * 20, word * 20)
    assert time.process_time() - start < 0.5
