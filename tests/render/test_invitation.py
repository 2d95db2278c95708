"""What of an event stands in its invitations (calendar.md §3), and in the file for everybody (§12)."""

from dataclasses import replace
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from mailflow.mail.address import Address
from mailflow.model.event import Item, Localized, Venue
from mailflow.render.invitation import face
from mailflow.render.published import event_calendar
from mailflow.render.sample import NOW, sample_event, sample_letter, sample_state
from mailflow.render.words import load_words
from mailflow.resources import shipped
from mailflow.zonefile import zone_octets
from tests.foreign_readers import tool

lint_ics = tool("lint_ics").lint_ics
WORDS = load_words("en", shipped("templates") / "en" / "language.toml")
START = datetime(2019, 8, 27, 12, 30, tzinfo=ZoneInfo("Europe/Stockholm"))
CANCEL = "Can't make it? Reply CANCEL to our letter, or decline the invitation."


def item(hour, title, by=""):
    return Item(Localized((("en", title),)), None if hour is None else time(hour), by)


def described(*items, ends, **changes):
    event = replace(sample_event(), starts=START, ends=ends, programme=items, included=Localized(), **changes)
    made = face(WORDS, event, sample_letter("registered", "", "en"), Address("gan", "events.example.org"), None)
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


def published(language="en", **state):
    event, state = sample_event(), replace(sample_state(), **{"revised_at": None, **state})
    return event_calendar(event, state, "events.example.org", NOW, language, zone_octets(event.timezone))


def lines(octets):
    return octets.decode().replace("\r\n ", "").split("\r\n")


def test_the_file_for_everybody_tells_how_to_sign_up():
    """Nobody's name, no question, the event's own UID, as old as the event while no revision is known."""
    octets = published("sv")
    assert lint_ics(octets, profile="publish") == []
    assert {"METHOD:PUBLISH", "UID:event-creative-machines@events.example.org", "SEQUENCE:0", "STATUS:CONFIRMED",
            "DTSTAMP:20190812T071500Z", "LAST-MODIFIED:20190812T071500Z", "NAME:De kreativa maskinernas intåg"} <= set(lines(octets))  # fmt: skip
    assert "Anmäl dig med ett mejl till creative-machines@events.example.org." in octets.decode().replace("\r\n ", "")
    assert b"ATTENDEE" not in octets
    assert octets == published("sv")


def test_a_new_revision_is_a_new_file():
    """SEQUENCE and stamps are those of the revision."""
    text = lines(published(revision=3, revised_at=NOW + timedelta(hours=1)))
    assert {"SEQUENCE:3", "DTSTAMP:20190812T081500Z", "LAST-MODIFIED:20190812T081500Z"} <= set(text)


def test_an_event_that_is_called_off_stays_in_the_file_as_cancelled():
    """Whoever subscribed sees that it will not be; nobody is told to sign up."""
    octets = published(called_off=NOW + timedelta(days=1))
    assert lint_ics(octets, profile="publish") == []
    assert {"STATUS:CANCELLED", "TRANSP:TRANSPARENT", "DTSTAMP:20190813T071500Z"} <= set(lines(octets))
    assert b"To register" not in octets
