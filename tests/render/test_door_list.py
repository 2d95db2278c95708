"""The door list: rows, order, files to print, and what the extras add."""

import csv
import io
from dataclasses import replace
from email import message_from_bytes
from email.policy import default

import pytest

from mailflow.mail.address import Address
from mailflow.model.letter import DoorList
from mailflow.model.registration import Answer
from mailflow.render import commands
from mailflow.render.sample import moment_of, sample_letter, sample_registration
from mailflow.render.spreadsheet import xlsx_octets

from .conftest import REFERENCE
from .lint import Lint


@pytest.fixture
def render(renderer, event):
    def do(language="en", people=None, default_language="en", kind="door_list"):
        letter = sample_letter(kind, "", language)
        if people is not None:
            letter = replace(letter, door_list=DoorList(tuple(people)))
        languages = tuple(sorted(event.languages, key=lambda one: one != default_language))
        return renderer.render(letter, replace(event, languages=languages), REFERENCE, moment_of(kind, event))

    return do


def files(rendered):
    message = message_from_bytes(rendered.octets, policy=default)
    return {part.get_filename(): part.get_payload(decode=True) for part in message.iter_attachments()}


def crowd(count, **changes):
    return [
        replace(sample_registration(), number=n, door_number=n, code=f"K7-Q{n:03}", name=f"Ada P{chr(97 + n // 676)}{chr(97 + n // 26 % 26)}{chr(97 + n % 26)}", **changes)
        for n in range(1, count + 1)
    ]  # fmt: skip


def names(octets):
    return [row[2] for row in csv.reader(io.StringIO(octets.decode("utf-8-sig"), newline=""), delimiter=";")][1:]


def test_the_list_stands_in_the_alphabet_of_the_event(render):
    """By surname; Å, Ä, Ö after Z in Swedish, whatever language the organiser reads."""
    for language in ("en", "sv"):
        swedish = names(files(render(language, default_language="sv"))["door-list.csv"])
        assert [name.split()[-1] for name in swedish] == ["Ek", "Ek", "Lind", "Yıldız", "Zetterström", "Öberg"]
        english = names(files(render(language))["door-list.csv"])
        assert [name.split()[-1] for name in english] == ["Ek", "Ek", "Lind", "Öberg", "Yıldız", "Zetterström"]


def test_a_guest_has_a_line_and_no_number(render):
    """It comes in on somebody else's; in the CSV it is no formula."""
    rendered = render()
    assert "[  ] · +1 Bo Ek" in rendered.text
    assert "'+1 Bo Ek" in names(files(rendered)["door-list.csv"])
    assert "6 names" in rendered.subject


def test_a_long_list_is_cut_in_the_letter_and_whole_in_the_files(render):
    """25 names, then the attached list; under 18 KB however long the names."""
    people = crowd(300)
    rendered = render(people=people)
    assert "And 275 more, see the attached list." in rendered.text
    assert ", 300 names" in rendered.subject
    assert len(names(files(rendered)["door-list.csv"])) == 300
    assert files(rendered)["door-list.html"].count(b'class="box"') == 300
    long = render(people=[replace(one, name="Ægir " * 15, answers=(Answer("diet", (), "no nuts " * 18),)) for one in people])
    assert len(long.html.encode()) <= 18 * 1024


def test_an_empty_list_says_so(render):
    """Zero is written out (letters.md §6)."""
    assert render(people=[]).subject.endswith("tomorrow 12:30, nobody")
    assert "No special diets. Printable list attached." in render(people=[]).html
    assert render("sv", people=[]).subject.endswith("i morgon 12.30, ingen")


def test_the_sheet_needs_nothing_from_the_network_and_prints_on_a4(render):
    """Its heads are repeated on each page, and no row is broken."""
    page = files(render("sv"))["door-list.html"].decode()
    assert '<html lang="sv">' in page
    for word in ("size: A4", "table-header-group", "break-inside: avoid", "Läget i dag 21.30. 6 namn."):
        assert word in page
    for word in ("http", "src=", "url(", "<script", "@import"):
        assert word not in page


def test_what_people_wrote_is_text_in_every_file(render):
    """No markup, no formula."""
    person = replace(sample_registration(), door_number=1, name='<script>alert("x")</script> =cmd|calc',
                     answers=(Answer("diet", (), "no <nuts>"),))  # fmt: skip
    rendered = render(people=[person])
    page = files(rendered)["door-list.html"].decode()
    assert "<script" not in page.lower()
    assert "no &lt;nuts&gt;" in page
    assert Lint(rendered.html).wrong == []


def test_badges_have_a_name_and_where_from(renderer, event):
    """Ten on a page, one to write on for each guest."""
    people = sample_letter("door_list", "", "sv").door_list.expected
    one = replace(people[0], answers=(Answer("affiliation", (), "Lunds universitet <b>"),))
    page = renderer.page("badges", event, (one, *people[1:]), "sv", moment_of("door_list", event)).decode()
    assert page.count("<li>") == 6
    for text in ("Åsa Öberg", "Lunds universitet &lt;b&gt;", "gäst till Bo Ek", "size: A4"):
        assert text in page


def test_absent_is_named_once_the_desk_carries_it_out(render, monkeypatch):
    """letters.md §8: the command stands in the letter, with a mail that says it; before that, no word of it."""
    monkeypatch.setattr(commands, "WORKING", frozenset())
    assert "ABSENT" not in render().text
    monkeypatch.setattr(commands, "WORKING", frozenset({"absent"}))
    rendered = render()
    assert "Afterwards, reply ABSENT 3, 7 to mark no-shows." in " ".join(rendered.text.replace("\u00a0", " ").split())
    assert "?subject=ABSENT%203%2C%207&amp;body=ABSENT%203%2C%207" in rendered.html
    assert "Svara efteråt SAKNADES 3, 7 om några inte kom." in " ".join(render("sv").text.replace("\u00a0", " ").split())


def test_a_spreadsheet_holds_text_and_nothing_else():
    """With the extra [xlsx]: =1+1 stays a name, a link no link; the same rows, the same octets."""
    pytest.importorskip("xlsxwriter")
    openpyxl = pytest.importorskip("openpyxl")
    rows = [("Name", "Code"), ("=1+1", "https://example.org"), ("Åsa\x00 Öberg", "007")]
    octets = xlsx_octets("Door list: [x]", rows)
    assert octets == xlsx_octets("Door list: [x]", rows)
    sheet = openpyxl.load_workbook(io.BytesIO(octets)).active
    assert [[cell.value for cell in row] for row in sheet.iter_rows()] == [
        ["Name", "Code"], ["=1+1", "https://example.org"], ["Åsa  Öberg", "007"],
    ]  # fmt: skip
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} == {"s"}
    assert not any(cell.hyperlink for row in sheet.iter_rows() for cell in row)


def test_a_pdf_is_made_where_its_extra_is_installed(render, event):
    """Typst takes what people wrote as text."""
    pytest.importorskip("typst")
    person = replace(sample_registration(), name="#panic() $x$ *Åsa* \\ [", address=Address("a", "example.org"), answers=())
    octets = files(render(people=[person, *crowd(120)]))["door-list.pdf"]
    assert octets.startswith(b"%PDF-")
    assert octets == files(render(people=[person, *crowd(120)]))["door-list.pdf"]


def test_a_list_that_cannot_be_set_goes_out_without_its_pdf(render, monkeypatch):
    """One of thousands would take the memory of the service; and a fault of the extra holds nobody's list up."""

    def breaks(_values):
        raise RuntimeError("no fonts")

    monkeypatch.setattr("mailflow.render.sheets.pdf_octets", lambda _: b"%PDF-")
    assert "door-list.pdf" in files(render(people=crowd(1000)))
    assert "door-list.pdf" not in files(render(people=crowd(1001)))
    monkeypatch.setattr("mailflow.render.sheets.pdf_octets", breaks)
    assert "door-list.html" in files(render())
    assert "door-list.pdf" not in files(render())


def test_without_the_extras_two_files_are_enough(render, monkeypatch):
    """A page to print and CSV."""
    monkeypatch.setattr("mailflow.render.sheets.xlsx_octets", lambda *_: None)
    monkeypatch.setattr("mailflow.render.sheets.pdf_octets", lambda _: None)
    assert list(files(render())) == ["door-list.html", "door-list.csv"]
