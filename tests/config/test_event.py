from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailflow.config.event import face, load_event, load_events
from mailflow.config.problems import ConfigError
from mailflow.config.schema import Digest, EventDefaults
from mailflow.mail.address import Address
from mailflow.model.event import Localized

SEED = Path(__file__).parents[2] / "deploy" / "demo" / "creative-machines.toml"
SMALL = """
title = { en = "Bread", sv = "Bröd" }
languages = ["en", "sv"]
timezone = "Europe/Stockholm"
starts = 2030-03-14T17:00:00
ends = 2030-03-14T20:00:00
"""


@pytest.fixture
def event(tmp_path):
    """Call it with the TOML of an event, and get the event."""

    def load(text=SMALL, name="bread", defaults=None):
        path = tmp_path / f"{name}.toml"
        path.write_text(text, encoding="utf-8")
        return load_event(path, "events.example.org", *([defaults] if defaults else []))

    return load


def faults(event, text, name="bread"):
    """The problems of an event file, by key."""
    with pytest.raises(ConfigError) as raised:
        event(text, name)
    return {problem.key: problem for problem in raised.value.problems}


@pytest.fixture(scope="module")
def seed():
    return load_event(SEED, "events.example.org")


def test_the_seed_event_says_when_and_where(seed):
    """23 August 12:00 in Lund is 10:00 UTC; the doors open before the start."""
    assert seed.id == "creative-machines"
    assert seed.closes.astimezone(UTC) == datetime(2019, 8, 23, 10, 0, tzinfo=UTC)
    assert seed.starts.astimezone(UTC) == datetime(2019, 8, 27, 10, 30, tzinfo=UTC)
    assert seed.ends - seed.starts == timedelta(hours=3, minutes=30)
    assert (seed.venue.name, seed.venue.floor.get("sv"), seed.venue.street) == ("Eden 236", "plan 2", "Paradisgatan 5H")
    assert seed.venue.map == "https://www.openstreetmap.org/search?query=Paradisgatan%205H%2C%20Lund"


def test_the_seed_event_speaks_both_languages(seed):
    """What the organisers say is in Swedish too, and the subjects' titles are short."""
    assert seed.title.get("sv") == "De kreativa maskinernas intåg – GAN-teknik som gör fejkdata till en resurs"
    assert seed.short_title.get("en") == "The rise of creative machines"
    assert seed.included.get("sv") == "lunch och fika"
    assert [item.title.get("sv") for item in seed.programme if item.at] == [
        "Mingel, registrering och lunch",
        "Legal and societal challenges of generative AI. How useful is it to speak of imaginative AI?",
        "Fika och mingel",
        "Paneldiskussion",
    ]


def test_the_seed_event_has_the_whole_programme(seed):
    """Eight lines, seven names, the abstracts entire."""
    assert len(seed.programme) == 8
    speakers = " ".join(item.speaker for item in seed.programme)
    for name in (
        "Katja de Vries",
        "Najmeh Abiri",
        "Henning Petzka",
        "Håkan Jonsson",
        "Jonas Ledendal",
        "Stefan Larsson",
    ):
        assert name in speakers
    abstracts = [item.abstract.get("en") for item in seed.programme]
    assert abstracts[1].startswith("In this talk Katja de Vries, postdoctoral researcher")
    assert abstracts[1].endswith("can there be science based on ‘fabricated’ data?")
    assert "\n- not require labeled data (unsupervised learning),\n" in abstracts[2]
    assert abstracts[5].endswith("How could/should citizens be included?")


def test_the_seed_event_has_organisers_questions_and_reminders(seed):
    """Stand-ins, until the organisers' own are entered."""
    assert [str(one.address) for one in seed.organisers] == ["kim.ek@example.org", "robin.berg@example.org"]
    assert [one.digest for one in seed.organisers] == ["changed", "weekly"]
    assert [question.id for question in seed.questions] == ["diet", "affiliation", "note"]
    assert len(seed.questions[0].options) == 8
    assert seed.questions[0].sensitive
    assert [reminder.days_before for reminder in seed.reminders] == [7, 1]
    assert (seed.capacity, seed.guests) == (40, 0)


def test_the_announcement_is_entered_whole(seed, shared):
    """Each talk of the announcement stands in the file, but for its missing blanks."""
    announcement = " ".join((shared / "samples" / "seed-event.txt").read_text(encoding="utf-8").split())
    for item in seed.programme:
        title = item.title.get("en").replace(" – ", " - ")
        assert title in announcement
        for sentence in item.abstract.get("en").replace("\n- ", " • ").split("\n"):
            known = sentence.replace("use cases", "uses cases").replace(
                "to talk of imaginative", "to talk ofimaginative"
            )
            assert known.rstrip(".") in announcement


def test_a_small_event_takes_what_the_site_says(event):
    """The silence of the file is filled by the site, or by no limit at all."""
    text = SMALL + '[[organiser]]\nname = "Kim"\naddress = "kim@example.org"\n'
    defaults = EventDefaults(("en", "sv"), Digest(at=time(6), when="daily"), timedelta(days=5))
    found = event(text, defaults=defaults)
    assert found.short_title == Localized((("en", "Bread"), ("sv", "Bröd")))
    assert (found.capacity, found.opens, found.closes) == (None, None, None)
    assert found.after.people == timedelta(days=5)
    (kim,) = found.organisers
    assert (kim.digest, kim.digest_at, kim.language) == ("daily", time(6), "en")
    assert kim.address == Address("kim", "example.org")


BROKEN = """
title = { sv = "Bröd", de = "Brot" }
short_title = { en = "A short title that is much longer than forty characters" }
languages = ["en", "sv"]
timezone = "Europe/Stockholm"
starts = 2030-03-14T17:00:00+01:00
ends = 2030-03-14
dors = 2030-03-14T16:00:00
page = "http://example.org"
[venue]
flor = "2"
link = "https://example.org/å"
geo = [91.0, 13]
[registration]
capacity = 0
opens = 2030-03-13T12:00:00
closes = 2030-03-12T12:00:00
members_only = ["lu"]
[waiting_list]
mode = "maybe"
offer_for = 48
[[question]]
id = "Diet"
kind = "choices"
label = { en = "Diet" }
[[question]]
id = "food"
kind = "choice"
label = { en = "Food" }
also = ["DIET"]
options = [{ id = "vegan", en = "vegan", fr = "végane" }, { id = "plants", en = "plants", also = ["Vegan"] }, { id = "vegan" }]
[[question]]
id = "email"
kind = "text"
label = { en = "Mail" }
options = [{ id = "x", en = "x" }]
[programme]
items = [{ at = "12:30", title = { en = "Talk" } }, { titel = { en = "Talk" } }]
[[organiser]]
name = ""
address = "Bread+x@events.example.org"
language = "fi"
digest = { when = "hourly" }
[[reminder]]
days_before = -1
[after]
door_list_hours_before = [24, 24]
[text]
intro = "Welcome"
"""


def test_every_problem_of_an_event_is_told_at_once(event):
    """Each with the key path, entries counted from 1."""
    found = faults(event, BROKEN)
    assert {
        "title", "short_title", "starts", "ends", "dors", "page", "venue.flor", "venue.link", "venue.geo",
        "registration.capacity", "registration.closes", "registration.members_only", "waiting_list.mode",
        "waiting_list.offer_for", "question[1].id", "question[1].options", "question[2].also",
        "question[2].options[1].fr", "question[2].options[2].also", "question[2].options[3].id",
        "question[2].options[3].en", "question[3].id", "question[3].options", "programme.items[1].at",
        "programme.items[2].titel", "programme.items[2].title", "organiser[1].name", "organiser[1].address",
        "organiser[1].language", "organiser[1].digest.when", "reminder[1].days_before", "reminder[1].at",
        "after.door_list_hours_before", "text.intro",
    } == set(found)  # fmt: skip
    assert found["dors"].hint == "did you mean doors?"
    assert "offset" in found["starts"].hint
    assert "time of day is missing" in found["ends"].hint


@pytest.mark.parametrize(
    ("key", "line"),
    [
        ("ends", "ends = 2030-03-14T17:00:00"),
        ("doors", "doors = 2030-03-14T17:00:01"),
        ("registration.closes", "[registration]\ncloses = 2030-03-14T20:00:01"),
        ("registration.opens", "[registration]\nopens = 2030-03-14T20:00:00"),
        ("waiting_list.until", "[waiting_list]\nuntil = 2030-03-15T00:00:00"),
    ],
)
def test_times_have_an_order(event, key, line):
    """Nothing of an event lies after its end."""
    text = SMALL.replace("ends = 2030-03-14T20:00:00\n", "") if key == "ends" else SMALL
    assert set(faults(event, text + line)) == {key}


def test_an_hour_that_summer_time_skips_is_refused(event):
    """In Stockholm 02:30 on 31 March 2030 does not exist."""
    text = SMALL + "[registration]\ncloses = 2030-03-31T02:30:00\n"
    text = text.replace("03-14", "05-14")
    assert "does not exist" in faults(event, text)["registration.closes"].hint


def test_an_hour_that_comes_twice_is_its_first(event):
    """In Stockholm 02:30 on 27 October 2030 comes in summer time and again in winter time."""
    found = event(SMALL.replace("03-14", "11-14") + "[registration]\ncloses = 2030-10-27T02:30:00\n")
    assert found.closes.astimezone(UTC) == datetime(2030, 10, 27, 0, 30, tzinfo=UTC)


def test_times_are_compared_as_moments(event):
    """Across the hour that comes twice the wall clock would put the later time first."""
    found = event(SMALL.replace("2030-03-14T17:00", "2030-10-27T01:30").replace("2030-03-14T20:00", "2030-10-27T03:30"))
    assert found.ends.astimezone(UTC) - found.starts.astimezone(UTC) == timedelta(hours=3)


@pytest.mark.parametrize("name", ["new", "postmaster", "abuse", "Bread", "a" * 26, "bread_day", "bröd", "-a", "a-"])
def test_names_that_are_no_address(event, name):
    """At most 25 lower-case letters, digits and hyphens; three are taken."""
    assert set(faults(event, SMALL, name)) == {""}


def test_a_language_must_be_one_of_the_site_s(event):
    """A letter in a language without templates cannot be written."""
    assert "languages" in faults(event, SMALL.replace('"sv"]', '"sv", "de"]'))


def test_two_organisers_with_one_address(event):
    """Case does not make two of them."""
    one = '[[organiser]]\nname = "Kim"\naddress = "kim@example.org"\n'
    assert set(faults(event, SMALL + one + one.replace("kim@", "KIM@"))) == {"organiser[2].address"}


def test_an_organiser_may_have_an_address_in_the_site_s_domain(event):
    """One event address in an old domain is an everyday site; only our own addresses are nobody's."""
    one = '[[organiser]]\nname = "Kim"\naddress = "kim@events.example.org"\n'
    assert event(SMALL + one).organisers[0].address.local == "kim"
    assert set(faults(event, SMALL + one.replace("kim@", "bread@"))) == {"organiser[1].address"}


def test_words_are_made_harmless(event):
    """Organisers paste: controls and bidi marks go, blanks collapse, paragraphs stay where they may be."""
    text = SMALL + '[text]\nintro = { en = "One\\u202e  line.\\r\\n\\r\\n- more " }\n[venue]\nname = " Eden\\n236 "\n'
    found = event(text)
    assert found.intro.get("en") == "One line.\n\n- more"
    assert found.venue.name == "Eden 236"


def test_texts_that_are_too_long_are_not_cut_in_silence(event):
    """The organiser is told, and how much is too much."""
    assert "at most 200" in faults(event, SMALL.replace('"Bread"', f'"{"x" * 201}"'))["title"].hint


def test_what_is_missing_falls_back_to_the_event_s_first_language(event):
    """However the file orders them."""
    found = event(SMALL.replace('{ en = "Bread", sv = "Bröd" }', '{ sv = "Bröd", en = "Bread" }'))
    assert found.title.get("de") == "Bread"


def test_a_map_link_is_made_from_street_and_city(event):
    """And from nothing less."""
    assert event(SMALL + '[venue]\nstreet = "Ö 1"\n').venue.map == ""
    made = event(SMALL + '[venue]\nstreet = "Östra Vägen 1"\ncity = "Malmö"\n').venue.map
    assert made == "https://www.openstreetmap.org/search?query=%C3%96stra%20V%C3%A4gen%201%2C%20Malm%C3%B6"


def test_all_files_of_a_folder_are_read(tmp_path):
    """By name; what is no .toml file is none of our business, and all problems come together."""
    for name in ("b", "a"):
        (tmp_path / f"{name}.toml").write_text(SMALL, encoding="utf-8")
    (tmp_path / "a").mkdir()
    (tmp_path / "notes.txt").write_text("x")
    assert [event.id for event in load_events(tmp_path, "events.example.org")] == ["a", "b"]
    (tmp_path / "c.toml").write_text("title")
    (tmp_path / "d.toml").write_text(SMALL + "x = 1")
    with pytest.raises(ConfigError) as raised:
        load_events(tmp_path, "events.example.org")
    assert [Path(problem.file).name for problem in raised.value.problems] == ["c.toml", "d.toml"]


def test_a_missing_folder_is_a_problem(tmp_path):
    """A site without its events answers 550 to everybody: better not to start."""
    with pytest.raises(ConfigError, match="not there"):
        load_events(tmp_path / "none", "events.example.org")


def test_a_face_is_what_people_see(event):
    """Time, place and words move it; seats, deadlines and questions do not."""
    before = face(event())
    assert face(event(SMALL + "[registration]\ncapacity = 5\ncloses = 2030-03-10T12:00:00\n")) == before
    for change in ('[venue]\nname = "Eden"', '[text]\nbring = { en = "Flour" }', "doors = 2030-03-14T16:30:00"):
        assert face(event(SMALL + change)) != before
    assert face(event(SMALL.replace("20:00", "21:00"))) != before


def test_the_seed_event_s_face_stays(seed):
    """Another way of computing it would write to everybody who is registered anywhere."""
    assert face(seed) == "06eb106df800905d3d8ed31a180b43f98eb1dd276f3dcf62fd6269a025413cc2"


@given(st.binary(max_size=300))
@settings(max_examples=50)
def test_any_octets_are_an_event_or_problems(tmp_path_factory, octets):
    """Nothing but ConfigError comes out of a file."""
    path = tmp_path_factory.getbasetemp() / "fuzz.toml"
    path.write_bytes(octets)
    with pytest.raises(ConfigError):
        load_event(path, "events.example.org")


def test_an_event_may_ask_for_approval(event):
    """The value reaches the desk; left out, everybody who comes in time gets a seat."""
    assert event(SMALL + "[registration]\napproval = true\n").approval is True
    assert event(SMALL).approval is False


def test_two_reminders_of_one_day_are_a_fault(event):
    """A person is written to once a day; which of the two hours was meant is not for us to guess."""
    two = "[[reminder]]\ndays_before = 1\nat = 09:00:00\n[[reminder]]\ndays_before = 1\nat = 15:00:00\n"
    with pytest.raises(ConfigError) as caught:
        event(SMALL + two)
    assert [problem.key for problem in caught.value.problems] == ["reminder"]
