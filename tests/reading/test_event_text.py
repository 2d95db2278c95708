"""What a text says about an event: labels for certain, all else by guess; hostile text costs no time."""

import time as clock
from datetime import UTC, date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailflow.mail.address import Address
from mailflow.mail.message import Message
from mailflow.model.sketch import Sketch, changed
from mailflow.reading.context import ReadingContext
from mailflow.reading.dates import find_moments
from mailflow.reading.event_labels import labelled
from mailflow.reading.event_mail import read_event_mail
from mailflow.reading.event_text import read_text, with_defaults

TODAY = date(2019, 8, 20)
NOW = datetime(2019, 8, 20, 6, 30, tzinfo=UTC)
CONTEXT = ReadingContext("events.example.org", "new", "+", ("en", "sv"), (), making="Europe/Stockholm")
NEW = "new@events.example.org"


@pytest.mark.parametrize(
    ("text", "day", "begins", "ends"),
    [
        ("2019-08-27 12:30 to: 16:00", (2019, 8, 27), (12, 30), (16, 0)),
        ("27 August 12.30 to 16.00", (2000, 8, 27), (12, 30), (16, 0)),
        ("tisdag den 3 september kl 17-20", (2000, 9, 3), (17, 0), (20, 0)),
        ("3:e sept. 2019, kl. 9.15–11", (2019, 9, 3), (9, 15), (11, 0)),
        ("August 27th, 2019, 2-4 pm", (2019, 8, 27), (14, 0), (16, 0)),
        ("Mar 3 2020 10 am - 2 pm", (2020, 3, 3), (10, 0), (14, 0)),
        ("10-2pm", None, (10, 0), (14, 0)),
        ("27/8 2019 kl 13", (2019, 8, 27), (13, 0), None),
        ("27.8.2019 13.15", (2019, 8, 27), (13, 15), None),
        ("Lunch 12.30", None, (12, 30), None),
        ("room 4-6, call 046-222 00 00", None, None, None),
        ("30 februari 25.10", None, None, None),
        ("99 seats in 2019", None, None, None),
        ("12 am", None, (0, 0), None),
    ],
)
def test_dates_and_hours_are_found_as_people_write_them(text, day, begins, ends):
    """A year that is not written is 2000, to be settled; what is no date and no hour is none."""
    found = find_moments(text)
    assert found.day == (date(*day) if day else None)
    assert (found.begins, found.ends) == (time(*begins) if begins else None, time(*ends) if ends else None)


def test_a_stretch_of_days_has_a_last_one():
    """27–28 August 2019."""
    found = find_moments("27–28 augusti 2019 kl. 9")
    assert (found.day, found.last, found.begins) == (date(2019, 8, 27), date(2019, 8, 28), time(9))


LABELLED = [
    ("Title: Bread", Sketch(title="Bread")),
    ("Titel: Bröd", Sketch(title="Bröd")),
    ("* Datum: 3 september", Sketch(day=date(2019, 9, 3), guessed=("day",))),
    ("Date: 3 January", Sketch(day=date(2020, 1, 3), guessed=("day",))),
    ("Date: 2019-09-03", Sketch(day=date(2019, 9, 3))),
    ("Tid: 17-20", Sketch(begins=time(17), ends=time(20))),
    ("Time: 5 pm", Sketch(begins=time(17))),
    ("Place: Eden 236 [map]", Sketch(place="Eden 236")),
    ("Plats: Eden 236, plan 2", Sketch(place="Eden 236, plan 2")),
    ("Var: https://meet.example.org/x", Sketch(link="https://meet.example.org/x")),
    ("Link: javascript:alert(1)", Sketch()),
    ("Platser: 30 st", Sketch(seats=30)),
    ("Seats: 0", Sketch()),
    ("Seats: many", Sketch()),
    ("Sign up by: 2019-09-01", Sketch(closes_day=date(2019, 9, 1), closes_at=time(23, 59))),
    ("Anmälan senast: 1 september kl. 12", Sketch(closes_day=date(2019, 9, 1), closes_at=time(12))),
    ("Anmalan senast: 1 sep", Sketch(closes_day=date(2019, 9, 1), closes_at=time(23, 59))),
    ("Diet: yes", Sketch(diet=True)),
    ("Specialkost: nej", Sketch(diet=False)),
    ("Ingår: lunch och kaffe", Sketch(included=("lunch", "fika"))),
    ("Language: Swedish", Sketch(language="sv")),
    ("Språk: engelska", Sketch(language="en")),
    ("Favourite colour: blue", Sketch()),
    ("Title:", Sketch()),
]


@pytest.mark.parametrize(("line", "said"), LABELLED, ids=[line for line, _ in LABELLED])
def test_labels_are_read_in_both_languages(line, said):
    """An unknown label is ordinary text, and so is what does not fit its label."""
    assert labelled([line], TODAY) == said


def test_the_first_of_two_labels_counts_and_the_deadline_takes_the_event_s_year():
    """The last day to sign up is before the event, also across a new year."""
    found = labelled(["Date: 2020-01-10", "Date: 2021-01-10", "Sign up by: 20 December"], TODAY)
    assert (found.day, found.closes_day) == (date(2020, 1, 10), date(2019, 12, 20))


PROSE = """Hej!
Vi vill ha en kurs i brödbak för högst 15 personer.
Tisdag 3 september kl 17-20 i köket på plan 2. Middag ingår.
Anmäl dig senast den 1 september.
Hälsningar Kim"""


def test_prose_is_guessed_and_every_guess_is_named():
    """The subject names it; the deadline's date is not taken for the day."""
    found = read_text(PROSE.split("\n"), "Brödbak", TODAY)
    assert (found.title, found.day, found.begins, found.ends) == ("Brödbak", date(2019, 9, 3), time(17), time(20))
    assert (found.seats, found.closes_day, found.included, found.diet) == (15, date(2019, 9, 1), ("dinner",), True)
    assert set(found.guessed) == {"title", "day", "begins", "seats", "included", "diet"}


def test_announcements_as_people_write_them():
    """A lecture in one sentence, a dinner with an o.s.a., an English notice with its hours in the afternoon."""
    lecture = read_text(
        ["Torsdagen den 12 september klockan 18.30 talar Bo Ek om bin i biblioteket, max 60 personer."], "Bin", TODAY
    )
    assert (lecture.day, lecture.begins, lecture.seats) == (date(2019, 9, 12), time(18, 30), 60)
    dinner = read_text(["Datum: fredag den 13 september 2019, kl. 19", "O.s.a. 10 september"], "Middag", TODAY)
    assert (dinner.title, dinner.begins, dinner.closes_day) == ("Middag", time(19), date(2019, 9, 10))
    notice = ["Hi,", "", "Workshop: Writing for the web", "When: Sept 12, 1:15pm - 3pm", "Where: Room 204"]
    found = read_text(notice, "", TODAY)
    assert (found.title, found.begins, found.ends) == ("Workshop: Writing for the web", time(13, 15), time(15))


def test_the_seed_event_s_announcement(samples):
    """As it stands on the page it was copied from, with a line of navigation in each corner."""
    lines = (samples / "seed-event.txt").read_text(encoding="utf-8").split("\n")
    found = read_text(lines, "Fwd", TODAY)
    assert found.title == "The rise of creative machines - GAN Technology for Fake Data as Resource"
    assert (found.day, found.begins, found.ends) == (date(2019, 8, 27), time(12, 30), time(16))
    assert found.place == "Eden 236, Eden, floor 2, Paradisgatan 5H, Lund"
    assert (found.closes_day, found.closes_at) == (date(2019, 8, 23), time(12))
    assert found.included == ("lunch", "fika")
    assert found.seats is None
    assert found.description.startswith("Workshop on opportunities and perils of fake data")
    assert [at.isoformat("minutes") for at, _ in found.programme] == ["12:30", "13:15", "15:00", "15:30"]
    assert "seats" in with_defaults(found, "en", 40).guessed


@pytest.fixture(scope="module")
def samples():
    from pathlib import Path

    return Path(__file__).parents[1] / "samples"


def test_what_is_said_later_is_no_guess_any_more():
    """A new day ends an old last day; a new beginning ends the guess of two hours."""
    draft = with_defaults(labelled(["Title: A", "Date: 2019-09-03", "Time: 17"], TODAY), "en", 40)
    assert draft.ends == time(19)
    assert set(draft.guessed) == {"seats", "language", "ends"}
    draft = changed(draft, labelled(["Time: 12.30", "Seats: 12"], TODAY))
    assert draft.ends is None
    assert with_defaults(draft, "en", 40).ends == time(14, 30)
    assert "seats" not in draft.guessed
    two = labelled(["When: 27-28 August 2019"], TODAY)
    assert changed(two, labelled(["Date: 2019-09-03"], TODAY)).last_day is None


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("PUBLISH", "publish"), ("Publicera!\n\n/Kim", "publish"), ("drop", "drop"), ("Kasta.", "drop"), ("JA", "yes"),
        ("no", "no"), ("PUBLISH it tomorrow, please", ""), ("do not publish", ""), ("> PUBLISH", ""),
        ("Hello,\nPUBLISH", ""), ("", ""),
    ],
)  # fmt: skip
def test_a_word_stands_alone_as_the_first_line(text, word):
    """A sentence around it is for nobody to guess at; what is quoted is not the sender's."""
    message = Message(sender=Address("kim", "example.org"), text=text)
    assert read_event_mail(message, CONTEXT, NEW, NOW).word == word


def test_a_forwarded_text_is_read_with_what_is_written_above_it():
    """The line above says how many; the text below says when and where."""
    below = "---------- Forwarded message ---------\nFrom: A <a@example.org>\nDate: Mon, 1 Jul 2019\nSubject: Bread\nTo: B <b@example.org>\n\nBaking bread\n3 September 2019, 17-20\nPlace: The kitchen"  # fmt: skip
    message = Message(sender=Address("kim", "example.org"), subject="Fwd: Bread", text=f"Seats: 12\n\n{below}")
    found = read_event_mail(message, CONTEXT, NEW, NOW).sketch
    assert (found.seats, found.place, found.begins) == (12, "The kitchen", time(17))
    assert found.day == date(2019, 9, 3)


HOSTILE = [
    "1" * 100_000, "1." * 50_000, "12:30-" * 20_000, "27 August " * 10_000, "27-" * 40_000, "kl " * 40_000,
    ("Title: " + "x" * 5000 + "\n") * 2000, "max 1 " * 20_000, "senast " * 20_000, "\n" * 100_000, ": : : " * 20_000,
    "a " * 100_000, "å" * 200_000, "no later than " * 10_000, "12.30 x\n" * 20_000,
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_is_read_in_no_time(text):
    """Lines and characters are bounded, and no pattern goes back over what it has read."""
    begun = clock.process_time()
    read_text(text.split("\n"), text[:500], TODAY)
    assert clock.process_time() - begun < 1.5


@given(st.lists(st.text(max_size=80), max_size=20), st.text(max_size=80))
def test_any_text_is_read(lines, subject):
    """Total, and what comes out can be completed."""
    found = with_defaults(read_text(lines, subject, TODAY), "en", 40)
    assert found.seats
    assert found.language
