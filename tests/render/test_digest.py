"""The organisers' morning letter and the attached list."""

import csv
import io
import re
from dataclasses import replace
from email import message_from_bytes
from email.policy import default
from urllib.parse import unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailflow.model.letter import Digest, Trouble
from mailflow.model.registration import Answer, Status
from mailflow.render import commands
from mailflow.render.export import attendees_csv, cell
from mailflow.render.sample import NOW, sample_digest, sample_letter, sample_registration

from .conftest import REFERENCE
from .lint import Lint


@pytest.fixture
def render(renderer, event):
    def do(language="en", state=None, **changes):
        letter = sample_letter("digest", "", language)
        letter = replace(letter, digest=replace(letter.digest, **changes), state=state or letter.state)
        return renderer.render(letter, event, REFERENCE, NOW)

    return do


def rows(octets):
    assert octets.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(octets.decode("utf-8-sig"), newline=""), delimiter=";"))


def crowd(count, **changes):
    return tuple(replace(sample_registration(), number=n, name=f"Person {n:03}", **changes) for n in range(count))


def test_the_subject_counts_seats_changes_and_tasks(render, event):
    """What is nought is left out; the minus is a minus."""
    assert render().subject == "38/40 (+5, −1), 3 to do: The rise of creative machines, 27 Aug"
    assert render("sv").subject == "38/40 (+5, −1), 3 att göra: De kreativa maskinernas intåg, 27 aug"
    assert render(new=(), gone=(), troubles=()).subject.startswith("38/40: ")
    unlimited = replace(sample_letter("digest", "", "en").state, capacity=None)
    assert render(state=unlimited, new=(), troubles=()).subject.startswith("38 (−1): ")


def test_people_who_wait_do_not_count_as_seats(render):
    """Three who joined the line took no chair."""
    assert render(new=crowd(3, status=Status.WAITING), gone=(), troubles=()).subject.startswith("38/40: ")


def test_the_preview_line_tells_the_night(render):
    """letters.md §8."""
    html = render().html
    assert "Since yesterday 07:00: 5 new, 1 cancelled. 3 waiting. 15 days left." in html
    assert "Sedan i går 07.00: 5 nya, 1 avbokad. 3 på väntelistan. 15 dagar kvar." in render("sv").html


def test_empty_sections_are_left_out_but_for_numbers_and_seats(render):
    """A quiet event makes a short letter."""
    text = render(new=(), gone=(), troubles=(), seated=(), upcoming=(), accepted=0).text
    for title in ("Needs you", "New and gone", "For the kitchen", "Coming up"):
        assert title not in text
    assert "Since yesterday 07:00" in text
    assert "nobody new" in text
    assert "38 of 40 seats taken, 3 waiting" in text


def test_sections_stand_in_their_order(render):
    """letters.md §9."""
    text = render().text
    places = [text.index(title) for title in ("Since", "Seats\n", "Needs you", "New and gone", "For the kitchen", "Coming up")]
    assert places == sorted(places)


def test_the_first_digest_and_a_quiet_monday(render):
    """Without a last digest it tells what there is so far; a quiet one says since when nothing changed."""
    assert "So far\n" in render(since=None).text
    assert "No change since yesterday 07:00." in render(new=(), gone=(), quiet=True).text
    assert "Ingen ändring sedan i går 07.00." in render("sv", new=(), gone=(), quiet=True).text


def test_the_reason_of_a_trouble_is_said_in_the_organisers_language(render):
    """The desk's words are keys; what is unknown is not shown as it came."""
    trouble = Trouble("failed_letter", "bo@example.org", NOW, "the mailbox is full")
    assert "gick inte att skicka: brevlådan är full." in " ".join(render("sv", troubles=(trouble,)).text.split())
    strange = replace(trouble, reason="550 <b>go away</b>", what="")
    assert "go away" not in render(troubles=(strange,)).text
    assert "an unknown sender" in render(troubles=(strange,)).text


def test_the_kitchen_counts_guests_and_keeps_peoples_own_words(render):
    """An allergy survives a parser miss."""
    text = render().text
    assert "In all:      6" in text
    assert "vegetarian:  1" in text
    assert "“no strawberries”" in text


def test_other_questions_have_totals(renderer, event):
    """Options only: free text is in the list."""
    sessions = replace(event.questions[0], id="sessions", label=event.questions[1].label)
    person = replace(sample_registration(), answers=(Answer("sessions", ("vegan",)),))
    letter = replace(sample_letter("digest", "", "en"), digest=Digest(since=None, seated=(person, person)))
    rendered = renderer.render(letter, replace(event, questions=(sessions,)), REFERENCE, NOW)
    assert "Affiliation\n-----------" in rendered.text
    assert "vegan:  2" in rendered.text
    assert "2 answers" in rendered.html


@pytest.mark.parametrize("language", ["en", "sv"])
def test_a_large_digest_stays_under_18_kb_and_points_to_the_list(render, language):
    """25 names, then how many more; with long names fewer; the list has everybody."""
    everybody = crowd(300)
    rendered = render(language, new=everybody, gone=everybody, seated=everybody)
    assert len(rendered.html.encode()) <= 18 * 1024
    assert {"en": "and 275 more, see the attached list", "sv": "och 275 till, se den bifogade listan"}[
        language
    ] in rendered.text
    long = tuple(replace(one, name="Å" * 79, answers=(Answer("diet", (), "ä" * 500),)) for one in everybody)
    troubles = tuple(Trouble("question", "ö" * 300, NOW, reference=f"F-{n}") for n in range(40))
    rendered = render(language, new=long, gone=long, seated=long, troubles=troubles)
    assert len(rendered.html.encode()) <= 18 * 1024
    assert not Lint(rendered.html).wrong


def test_the_list_is_attached(render):
    """Everyone who has a seat or waits, in the organiser's language."""
    message = message_from_bytes(render("sv").octets, policy=default)
    file = next(part for part in message.iter_attachments())
    assert file.get_filename() == "attendees.csv"
    assert file.get_content_type() == "text/csv"
    table = rows(file.get_payload(decode=True))
    assert table[0] == ["Bokningskod", "Namn", "Adress", "Mejl", "Status", "Sedan", "Specialkost", "Tillhörighet", "Gäster"]
    assert [row[1] for row in table[1:]] == [
        "Bo Ek",
        "Nils Holm",
        "Maja Lind",
        "Cem Yıldız",
        "Ada Zetterström",
        "Åsa Öberg",
    ]
    assert [
        "K7-QX4M",
        "Maja Lind",
        "maja.lind@example.org",
        "",
        "har en plats",
        "2019-08-12 09:15",
        "vegetariskt",
        "",
        "0",
    ] in table


def test_a_cell_is_never_a_formula():
    """Quoted always; `'` before what a spreadsheet would calculate, also after blanks."""
    assert cell("=1+1") == '"\'=1+1"'
    assert cell("  @x") == '"\'  @x"'
    assert cell("\u3000 ＠x") == '"\'\u3000 ＠x"'
    for start in "+-\t\r＝＋－＠":
        assert cell(f"{start}1").startswith("\"'")
    assert cell('say "hi"; ok') == '"say ""hi""; ok"'


@settings(max_examples=60)
@given(st.text(max_size=60))
def test_any_name_comes_back_from_the_list(name):
    """Whatever somebody is called, there are the same columns and nothing to calculate."""
    from mailflow.render.sample import sample_event

    table = rows(attendees_csv(sample_event(), [replace(sample_registration(), name=name)], "xx"))
    assert [len(row) for row in table] == [9, 9]
    assert table[1][1].lstrip()[:1] not in tuple("=+-@")
    assert table[0][0] == "Booking code"


def test_sample_digests_differ_only_in_language():
    """The stand-ins are one set of people."""
    assert len(sample_digest("en").seated) == len(sample_digest("sv").seated) == 5


def test_who_cannot_be_reached_is_named_with_what_may_help(render):
    """letters.md §8: the reason, what may have been meant, and how long the seat waits."""
    text = " ".join(render().text.split())
    assert "We could not reach Bo Ek <bo.ek@exmaple.org>: the address does not exist. Did they mean bo.ek@example.org?" in text
    assert "Their seat is kept until" in text
    swedish = " ".join(render("sv").text.split())
    assert "Vi når inte Bo Ek <bo.ek@exmaple.org>: adressen finns inte. Ska det vara bo.ek@example.org?" in swedish
    line = Trouble("undeliverable", "x@example.org", NOW, "the mailbox is full", kept="place")
    text = " ".join(render(troubles=(line,)).text.split())
    assert "We could not reach x@example.org: the mailbox is full." in text
    assert "kept until" not in text


def test_the_list_marks_whose_letters_come_back(event):
    """In words, in the column of mail; whoever is reached has an empty cell."""
    people = (replace(sample_registration(), undeliverable=True), replace(sample_registration(), number=2))
    table = rows(attendees_csv(event, people, "en", ("address", "mail")))
    assert table[0] == ["Address", "Mail"]
    assert sorted(row[1] for row in table[1:]) == ["", "letters come back"]


def test_what_needs_somebody_has_the_mail_that_settles_it(render, monkeypatch):
    """DONE, CHANGE and PROMOTE, as soon as they are carried out; a limit is nothing to write about."""
    troubles = (
        Trouble("question", "Rullstol <maja@example.org>", NOW, reference="F-31"),
        Trouble("undeliverable", "bo@exmaple.org", NOW, "the address does not exist", "K1-QX4M", suggestion="bo@example.org"),
        Trouble("undeliverable", "cy@example.org", NOW, "the mailbox is full", "K2-QX4M"),
        Trouble("offer", "di@example.org", NOW, reference="K3-QX4M"),
        Trouble("limit", "37", NOW, "limit: one domain"),
    )
    monkeypatch.setattr(commands, "WORKING", frozenset({"done", "change", "promote"}))
    found = re.findall(r'href="mailto:[^"]*subject=([^&]*)&amp;body=([^"]*)"', render(troubles=troubles).html)
    assert [unquote(subject) for subject, _ in found] == [
        "DONE F-31", "CHANGE K1-QX4M bo@example.org", "PROMOTE K3-QX4M",
    ]  # fmt: skip
    assert all(subject == body for subject, body in found)
    assert "KLART F-31" in render("sv", troubles=troubles).html
    monkeypatch.setattr(commands, "WORKING", frozenset())
    assert "mailto:" not in render(troubles=troubles).html


def test_the_last_section_offers_what_is_carried_out(render, monkeypatch):
    """In the order of letters.md §9; nothing of it while no command works."""
    monkeypatch.setattr(commands, "WORKING", frozenset())
    assert "You can write" not in render().text
    every = ("status", "list", "close", "seats", "announce", "help", "digest_weekly")
    monkeypatch.setattr(commands, "WORKING", frozenset(every))
    text = render().text
    places = [text.index(word) for word in ("Coming up", "You can write", "STATUS –", "LIST –", "CLOSE –", "SEATS 45 –",
                                            "ANNOUNCE –", "HELP –", "DIGEST WEEKLY –")]  # fmt: skip
    assert places == sorted(places)
    assert "Du kan skriva" in render("sv").text
    assert Lint(render().html).wrong == []


def test_five_hundred_people_fit_into_a_phone(render):
    """Under 18 KB of HTML; the list is attached whole."""
    people = crowd(500, answers=(Answer("diet", ("vegan",), "vegan, and no peanuts please"),))
    rendered = render(new=people, seated=people, line=people, gone=people)
    assert len(rendered.html.encode()) <= 18 * 1024


def test_an_application_has_the_mail_that_approves_it(render, monkeypatch):
    """With what they wrote about themselves; how many wait is a number of its own."""
    troubles = (
        Trouble("application", "Ada Byron <ada@example.org>", NOW, "I build looms; Lund University", "K1-QX4M"),
        Trouble("application", "bo@example.org", NOW, reference="K2-QX4M"),
    )
    monkeypatch.setattr(commands, "WORKING", frozenset({"approve"}))
    text = " ".join(render(troubles=troubles, applied=2).text.split())
    assert "2 applications wait for you" in text
    assert "Ada Byron <ada@example.org> has applied for a seat: “I build looms; Lund University”." in text
    assert "bo@example.org has applied for a seat." in text
    assert "APPROVE" in text
    assert "subject=GODK%C3%84NN%20K1-QX4M" in render("sv", troubles=troubles).html
    monkeypatch.setattr(commands, "WORKING", frozenset())
    assert "APPROVE" not in render(troubles=troubles).text


def test_a_name_of_two_alphabets_is_shown_with_its_address(render):
    """Whoever looks like somebody else is told apart by where the mail came from (trust.md §9)."""
    maja = sample_registration("en")
    text = render(new=(replace(maja, name="Mаja Lind"),)).text  # the second letter is Cyrillic
    assert "<maja.lind@example.org> (letters of two alphabets)" in " ".join(text.split())
