"""What an announcement says, in which language, and to whom."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailflow.desk.announce import FAULTS, LINES_MOST, SUBJECT_MOST, TEXT_MOST, announcement_of
from mailflow.mail.address import parse_address
from mailflow.model.announcement import Announcement, Draft
from mailflow.model.event import Localized
from mailflow.model.intent import Cancel, Due, Register, RemindOff
from tests.desk.world import World

BOTH = ("en", "sv")
ADA, BO, CY = (f"{name}@example.org" for name in ("ada", "bo", "cy"))


def draft(**texts):
    """A subject and a text in each of these languages."""
    pairs = [(language, text.partition(": ")) for language, text in texts.items()]
    return Draft(
        Localized(tuple((language, subject) for language, (subject, _, _) in pairs)),
        Localized(tuple((language, text) for language, (_, _, text) in pairs)),
    )


def test_the_first_line_is_the_subject_and_the_rest_the_text():
    """Paragraphs and lists stay as they are; of a line that goes on with an entry the blank is kept."""
    found = announcement_of("\n The  lift\n\nIt is broken.\n\n- stairs\n   to the left\n- ramp\n", BOTH)
    assert found == Draft(
        Localized((("", "The lift"),)), Localized((("", "It is broken.\n\n- stairs\n to the left\n- ramp"),))
    )


def test_a_line_with_a_language_begins_the_same_in_that_language():
    """Whatever stands first; what is above the first such line is for all the others."""
    text = "--- en ---\nNew room\nEden 116.\n\n--- SV ---\n\nNy lokal\nEden 116, nu.\n"
    assert announcement_of(text, BOTH) == draft(en="New room: Eden 116.", sv="Ny lokal: Eden 116, nu.")
    found = announcement_of(text.removeprefix("--- en ---\n"), BOTH)
    assert found.text.get("de") == found.text.get("en") == "Eden 116."
    assert found.subject.get("sv") == "Ny lokal"


def test_the_subject_may_stand_beside_the_command():
    """As ANNOUNCE has it: then all of the mail is text; or it is the subject of the language that follows."""
    assert announcement_of("Eden 116.", BOTH, "New room").subject.texts == ("New room",)
    found = announcement_of("--- en ---\nEden 116.\n--- sv ---\nNy lokal\nEden 116, nu.", BOTH, "New room")
    assert found == draft(en="New room: Eden 116.", sv="Ny lokal: Eden 116, nu.")


@pytest.mark.parametrize("line", ["--- de ---", "--- en", "---", "-- en --", "--- e n ---", "---en---"])
def test_any_other_line_is_text(line):
    """A rule between two paragraphs, or a language that the event does not have."""
    found = announcement_of(f"Subject\nabove\n{line}\nbelow", BOTH)
    assert found.text.texts == (f"above\n{line}\nbelow",)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "no_subject"), ("\n \n", "no_subject"), ("Lift", "no_text"), ("Lift\n\n \n", "no_text"),
        ("--- sv ---\n", "no_subject"), ("Lift\nbroken\n--- sv ---\nHissen", "no_text"),
        ("s" * (SUBJECT_MOST + 1) + "\ntext", "long_subject"), ("Lift\n" + "t" * (TEXT_MOST + 1), "long_text"),
        ("Lift\n" + "t\n" * (LINES_MOST + 1), "many_lines"), ("Lift\n" + "t" * 10**6, "long_text"),
        ("--- sv ---\nHiss\ntrasig\n--- sv ---\nHiss\nhel", "twice"),
    ],
)  # fmt: skip
def test_what_is_no_announcement_says_why(text, fault):
    """Each with a sentence for who wrote it."""
    assert announcement_of(text, BOTH) == fault
    assert FAULTS[fault].endswith(".")


@given(st.text(st.sampled_from("a {}-\n\t\u202e\x00<&sven"), max_size=400), st.sampled_from(["", "Lift"]))
def test_any_text_is_an_announcement_or_a_fault(text, subject):
    """Total, bounded and harmless; each language has both a subject and a text."""
    found = announcement_of(text + "\n--- sv ---\n" + text, BOTH, subject)
    if isinstance(found, Draft):
        assert [language for language, _ in found.subject.values] == [language for language, _ in found.text.values]
        for line in (*found.subject.texts, *(line for text in found.text.texts for line in text.splitlines())):
            assert line.strip() == line.lstrip(" ")
            assert "\x00" not in line
            assert "\u202e" not in line
    else:
        assert found in FAULTS


def told(world, who, said):
    """The decision about that person's part of it."""
    number = world.own(parse_address(who)).number
    return world.mail(None, Due("announce", number=number), located=number, announcement=said)


def full(**said):
    """Ada and Bo have the seats, Cy waits; an announcement of a moment later."""
    world = World(capacity=2)
    for who in (ADA, BO, CY):
        world.mail(who, Register())
    world.later(seconds=1)
    return world, replace(Announcement("gan", 1, draft(en="Lift: It is broken."), "", world.now), **said)


@pytest.mark.parametrize(
    ("audience", "reached"), [("confirmed", [ADA, BO]), ("waiting", [CY]), ("all", [ADA, BO, CY])]
)  # fmt: skip
def test_it_reaches_its_audience_alone(audience, reached):
    """Nothing changes, and nobody's calendar hears of it."""
    world, said = full(audience=audience)
    before = world.book
    for who in (ADA, BO, CY):
        told(world, who, said)
    letters = [letter for letter in world.letters if letter.kind == "announcement"]
    assert [str(letter.to) for letter in letters] == reached
    assert all((one.announcement, one.notice, one.calendar) == (said, True, "none") for one in letters)
    assert world.book == before


def test_stop_cancel_and_a_dead_address_are_heard():
    """The reason is said, and no letter goes out."""
    world, said = full()
    world.mail(ADA, RemindOff())
    assert told(world, ADA, said).reason == "wants no announcements"
    world.mail(BO, Cancel())
    assert told(world, BO, said).reason == "is cancelled"
    number = world.own(parse_address(ADA)).number
    rows = dict(world.book.registrations)
    rows[number] = replace(rows[number], reminders=True, undeliverable=True)
    world.book = replace(world.book, registrations=rows)
    assert told(world, ADA, said).reason == "letters come back"


def test_who_took_a_seat_since_has_read_it_in_the_confirmation():
    """Cy moved up after it was written; once is enough."""
    world, said = full()
    world.later(hours=1)
    world.mail(ADA, Cancel())
    assert told(world, CY, said).reason == "read it in the confirmation"
    assert told(world, CY, replace(said, at=world.now + timedelta(seconds=1))).letters


def test_nobody_reads_the_same_text_twice():
    """Of whom nobody knows a language: one text is one letter in one frame, two are two halves."""
    world, said = full()
    number = world.own(parse_address(ADA)).number
    rows = dict(world.book.registrations)
    rows[number] = replace(rows[number], language="")
    world.book = replace(world.book, registrations=rows)
    assert told(world, ADA, said).letters[0].languages == ("en",)
    both = replace(said, draft=draft(en="Lift: It is broken.", sv="Hiss: Den är trasig."))
    assert told(world, ADA, both).letters[0].languages == ("en", "sv")


def test_when_the_people_are_erased_nobody_is_told():
    """A round that is late by a month has nobody to write to."""
    world, said = full()
    world.now = world.event.erased_at
    assert not told(world, ADA, said).letters
