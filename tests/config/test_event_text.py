"""A sketch as an event file, and the id that is its address."""

from dataclasses import replace
from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailflow.config.event import read_event
from mailflow.config.event_name import name_fault
from mailflow.config.event_text import Home, event_file, event_id, short_title, venue
from mailflow.config.schema import EventDefaults
from mailflow.mail.address import Address
from mailflow.model.event import Organiser
from mailflow.model.sketch import Sketch

HOME = Home("Europe/Stockholm", Organiser('Kim "K" Ek', Address("kim", "example.org"), "sv"))
SKETCH = Sketch(title="Bread", day=date(2030, 9, 3), begins=time(17), ends=time(20), seats=12, language="en")
SMALL = frozenset({"the", "of", "och", "en"})


def event_of(sketch):
    return read_event(event_file(sketch, HOME), "bread", "events.example.org", EventDefaults())


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("The rise of creative machines – GAN Technology for Fake Data as Resource", "rise-creative-machines"),
        ("Brödbak och smör", "brodbak-smor"), ("Łódź & Ærø", "lodz-aero"), ("日本", "event"), ("New", "event"), ("Abuse", "event"),
        ("The of", "the-of"), ("Donaudampfschifffahrtsgesellschaft", "donaudampfschifffahrtsges"), ("--- 2030 ---", "2030"),
    ],
)  # fmt: skip
def test_ids_are_short_ascii_words_of_the_title(title, name):
    """Small words left out, whole words where they fit, and no name that is taken at every site."""
    assert event_id(title, SMALL, lambda _: False) == name


@pytest.mark.parametrize("title", ["Hostmaster", "Webmaster!", "The Admin", "Administrator", "Root", "MAILER-DAEMON", "Security"])
def test_a_title_makes_nobody_the_master_of_the_domain(title):
    """Certificates are given to whoever reads admin@ or hostmaster@, and an event's mail goes to its organisers."""
    assert event_id(title, SMALL, lambda _: False) == "event"
    assert event_id(f"{title} for beginners", SMALL, lambda _: False) != "event"


@given(st.text(max_size=200))
def test_any_title_has_an_id_and_the_next_one_another(title):
    """By the rules of event ids; numbered where it is somebody's."""
    first = event_id(title, SMALL, lambda _: False)
    second = event_id(title, SMALL, lambda name: name == first)
    assert name_fault(first) == name_fault(second) == ""
    assert first != second


def test_the_file_is_what_the_loader_takes():
    """One language; the maker is its organiser; a street makes a map; food asks for diet."""
    event = event_of(replace(SKETCH, place="Eden 236, Paradisgatan 5H, Lund", included=("lunch", "fika"), diet=True,
                             closes_day=date(2030, 9, 1), closes_at=time(12), programme=((time(17), "Mix"),),
                             description='"""\n# not TOML\n[venue]'))  # fmt: skip
    assert (event.venue.name, event.venue.street, event.venue.city) == ("Eden 236", "Paradisgatan 5H", "Lund")
    assert (event.included.get("en"), event.questions[0].label.get("en")) == ("lunch and fika", "Diet")
    assert (event.organisers[0].name, event.organisers[0].language) == ('Kim "K" Ek', "sv")
    assert event.description.get("en") == '"""\n# not TOML\n[venue]'
    assert event.closes.isoformat() == "2030-09-01T12:00:00+02:00"


def test_what_ends_past_midnight_ends_the_day_after_and_nothing_closes_after_the_end():
    """A party from nine to two; a deadline that was mistyped."""
    event = event_of(replace(SKETCH, begins=time(21), ends=time(2), closes_day=date(2030, 10, 1)))
    assert event.ends.isoformat() == "2030-09-04T02:00:00+02:00"
    assert event.closes == event.ends


@pytest.mark.parametrize("missing", ["title", "day", "begins"])
def test_without_title_day_or_time_there_is_no_file(missing):
    """ValueError, and nothing half made."""
    with pytest.raises(ValueError, match="no title"):
        event_file(replace(SKETCH, **{missing: "" if missing == "title" else None}), HOME)


@given(st.text(max_size=300).filter(str.strip), st.text(max_size=300))
def test_whatever_was_written_is_text_in_the_file(title, place):
    """No quote, line end or bracket of somebody's becomes TOML."""
    from mailflow.mail.clean import clean

    cleaned, where = clean(title, 200), clean(place, 300)
    if cleaned:
        event = event_of(replace(SKETCH, title=cleaned, place=where))
        assert event.title.get("en") == cleaned
        assert len(event.short_title.get("en")) <= 40


@pytest.mark.parametrize(("title", "short"), [
    ("Bread", "Bread"), ("Bread: an introduction to the art of baking it", "Bread: an introduction to the art of…"),
    ("Bread baking: an introduction to the art", "Bread baking: an introduction to the art"),
    ("Creative machines - what they are and why we should care", "Creative machines"),
])  # fmt: skip
def test_short_titles(title, short):
    """What stands before a dash or colon, else whole words."""
    assert short_title(title) in (short, title.partition(":")[0])


@pytest.mark.parametrize(("place", "rows"), [
    ("", {}), ("Eden 236, floor 2", {"name": "Eden 236, floor 2"}), ("Storgatan 1", {"street": "Storgatan 1"}),
    ("Hall, 1 Baker Street, London", {"name": "Hall, 1 Baker Street, London"}),
])  # fmt: skip
def test_places(place, rows):
    """Only a street with its number behind it is taken for one."""
    assert dict(venue(place)) == rows
