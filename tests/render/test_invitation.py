"""What of an event stands in its invitations: the programme of several days (calendar.md §3)."""

from dataclasses import replace
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from mailflow.mail.address import Address
from mailflow.model.event import Item, Localized, Venue
from mailflow.render.invitation import face
from mailflow.render.sample import sample_event, sample_letter
from mailflow.render.words import load_words
from mailflow.resources import shipped

WORDS = load_words("en", shipped("templates") / "en" / "language.toml")
START = datetime(2019, 8, 27, 12, 30, tzinfo=ZoneInfo("Europe/Stockholm"))
CANCEL = "Can't make it? Reply CANCEL to our letter, or decline the invitation."


def item(hour, title, by=""):
    return Item(Localized((("en", title),)), None if hour is None else time(hour), by)


def described(*items, ends, **changes):
    event = replace(sample_event(), starts=START, ends=ends, programme=items, included=Localized(), **changes)
    made = face(WORDS, event, sample_letter("registered", "", "en"), Address("gan", "events.example.org"), "")
    assert (made.starts, made.ends) == (START, ends)
    return made.description.split("\n")


def test_several_days_are_one_entry_with_the_programme_in_it():
    """Below how to cancel; the next day begins where the clock goes back; a talk without a time follows."""
    items = (
        item(13, "Opening"),
        item(None, "Talk", "Bo Ek"),
        item(9, "Coffee"),
        item(23, "Party"),
        item(10, "Goodbye"),
    )
    assert described(*items, ends=START + timedelta(days=2)) == [
        CANCEL, "", "27 August 2019", "13:00 Opening", "Talk (Bo Ek)", "", "28 August 2019", "09:00 Coffee",
        "23:00 Party", "", "29 August 2019", "10:00 Goodbye",
    ]  # fmt: skip
    midnight = datetime(2019, 8, 29, tzinfo=START.tzinfo)
    assert "28 August 2019" in described(item(13, "Opening"), item(9, "Coffee"), ends=midnight)


def test_a_date_that_would_be_guessed_is_left_out():
    """Three days, and a clock that goes back once."""
    items = (item(13, "Opening"), item(9, "Coffee"))
    assert described(*items, ends=START + timedelta(days=2)) == [CANCEL, "", "13:00 Opening", "09:00 Coffee"]
    assert described(ends=START + timedelta(days=2)) == [CANCEL]


@pytest.mark.parametrize("hours", [3, 12])
def test_one_day_or_evening_has_no_programme_in_the_calendar(hours):
    """The letter tells it, and the entry stays short."""
    assert described(item(13, "Opening"), ends=START + timedelta(hours=hours)) == [CANCEL]


def test_a_long_programme_ends_with_a_whole_line():
    """4000 characters with the link of the online part; how to cancel stands above it and is never cut."""
    link = "https://meet.example.org/" + "x" * 900
    lines = described(
        *(item(None, f"{n:03d}" + "y" * 96) for n in range(60)), ends=START + timedelta(days=1), venue=Venue(link=link)
    )
    assert lines[0] == CANCEL
    assert {len(line) for line in lines[2:]} == {99}
    length = len("\n".join((link, *lines)))
    assert 3900 <= length <= 4000
