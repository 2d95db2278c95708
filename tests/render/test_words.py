"""Dates, plurals, sorting; names compared with CLDR."""

import tomllib
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from babel.dates import get_day_names, get_month_names

from mailflow.render.words import load_words

from .conftest import LANGUAGES

ZONE = ZoneInfo("Europe/Stockholm")
NOW = datetime(2019, 8, 12, 9, 0, tzinfo=ZONE)


def at(day, hour=12, minute=30, month=8, year=2019):
    return datetime(year, month, day, hour, minute, tzinfo=ZONE)


@pytest.fixture(scope="module", params=LANGUAGES)
def words(request, templates):
    return load_words(request.param, templates / request.param / "language.toml")


@pytest.fixture(scope="module")
def english(templates):
    return load_words("en", templates / "en" / "language.toml")


@pytest.fixture(scope="module")
def swedish(templates):
    return load_words("sv", templates / "sv" / "language.toml")


def test_month_and_day_names_are_those_of_cldr(words):
    """Short ones without the full stop that CLDR gives Swedish months."""
    dates = words.table["dates"]
    months = get_month_names("wide", "format", words.language)
    assert dates["months"] == [months[n] for n in range(1, 13)]
    short = get_month_names("abbreviated", "format", words.language)
    assert dates["months_short"] == [short[n].rstrip(".") for n in range(1, 13)]
    days = get_day_names("wide", "format", words.language)
    assert dates["weekdays"] == [days[n] for n in range(7)]
    short_days = get_day_names("abbreviated", "format", words.language)
    assert dates["weekdays_short"] == [short_days[n] for n in range(7)]


def test_every_key_exists_in_every_language(templates):
    """With the same placeholders, and lists of the same length."""
    tables = {language: tomllib.loads((templates / language / "language.toml").read_text()) for language in LANGUAGES}

    def shape(value):
        if isinstance(value, dict):
            return {key: shape(one) for key, one in value.items()}
        return len(value) if isinstance(value, list) else type(value).__name__

    for table in tables.values():
        table["collation"].pop("fold")
        table["collation"].pop("after_z")
    assert shape(tables["en"]) == shape(tables["sv"])


def test_every_letter_exists_in_every_language(templates):
    """No language lacks a letter, and none has one that nobody knows."""
    from mailflow.model.letter import LETTER_KINDS

    for language in LANGUAGES:
        assert {path.stem for path in (templates / language).glob("*.j2")} == set(LETTER_KINDS)


def test_a_long_date_is_written_as_each_language_writes_it(english, swedish):
    """With an en dash without blanks, and the year."""
    assert english.long(at(27), at(27, 16, 0)) == "Tuesday 27 August 2019, 12:30–16:00"
    assert swedish.long(at(27), at(27, 16, 0)) == "tisdag 27 augusti 2019 kl.\u00a012.30–16.00"


def test_a_short_date_has_a_year_only_when_it_is_another(english, swedish):
    """Subjects are short; a letter in December about March says which March."""
    assert english.short(at(27), NOW) == "Tue 27 Aug 12:30"
    assert swedish.short(at(27), NOW) == "tis 27 aug 12.30"
    assert swedish.short(at(3, month=3, year=2020), NOW) == "tis 3 mars 2020 12.30"


def test_a_deadline_names_the_weekday(english, swedish):
    """letters.md §6."""
    assert english.deadline(at(23, 12, 0), NOW) == "Friday 23 August at 12:00"
    assert swedish.deadline(at(23, 12, 0), NOW) == "fredag 23 augusti kl.\u00a012.00"


def test_several_days_are_a_span(english, swedish):
    """Within a month, over two months, over two years."""
    assert english.days(at(27), at(28)) == "27–28 August 2019"
    assert swedish.days(at(27), at(28)) == "27–28 augusti 2019"
    assert swedish.days(at(30), at(2, month=9)) == "30 augusti – 2 september 2019"
    assert english.days(at(30, month=12), at(2, month=1, year=2020)) == "30 December 2019 – 2 January 2020"
    assert swedish.long(at(27), at(28)) == "27–28 augusti 2019, med start kl.\u00a012.30"


def test_an_evening_that_ends_after_midnight_is_one_day(swedish):
    """20.00–01.00 is not "27–28 augusti"."""
    assert swedish.long(at(27, 20, 0), at(28, 1, 0)) == "tisdag 27 augusti 2019 kl.\u00a020.00–01.00"


def test_near_days_have_words(english, swedish):
    """Only for organisers."""
    assert english.relative(at(11, 7, 0), NOW) == "yesterday 07:00"
    assert swedish.relative(at(11, 7, 0), NOW) == "i går 07.00"
    assert swedish.relative(at(13, 9, 0), NOW) == "i morgon 09.00"
    assert swedish.relative(at(5, 7, 0), NOW) == "måndag 5 augusti kl.\u00a007.00"


def test_plurals_are_chosen_by_number(english, swedish):
    """None, one, more; nought is written out."""
    assert [swedish.count("new", n) for n in (0, 1, 5)] == ["ingen ny", "1 ny", "5 nya"]
    assert [swedish.count("gone", n) for n in (1, 2)] == ["1 avbokad", "2 avbokade"]
    assert english.count("waiting", 0) == "nobody waiting"
    assert english.count("hours", 1) == "1 hour"


def test_swedish_sorts_its_own_letters_after_z(english, swedish):
    """By surname; é is e, ø is ö."""
    names = ["Ada Öberg", "Bo Zetter", "Cem Åkesson", "Dag Ärlig", "Eva Édouard", "Finn Østergaard", "Gun Ek"]
    assert [name.split()[1] for name in sorted(names, key=swedish.by_surname)] == [
        "Édouard", "Ek", "Zetter", "Åkesson", "Ärlig", "Öberg", "Østergaard",
    ]  # fmt: skip
    assert [name.split()[1] for name in sorted(names, key=english.by_surname)][:2] == ["Åkesson", "Ärlig"]


def test_names_are_listed_as_people_say_them(english, swedish):
    """letters.md: {contact}."""
    assert english.listed(("Kim Ek", "Robin Berg")) == "Kim Ek and Robin Berg"
    assert swedish.listed(("Kim Ek",)) == "Kim Ek"
    assert swedish.listed(()) == ""
    assert swedish.listed(("A", "B", "C")) == "A, B och C"


def test_a_value_with_braces_is_not_filled_in_again(english):
    """Strangers' text is only ever a value."""
    assert english.say("trouble", "suspicious", what="{reason}") == "A sender looks suspicious: {reason}."
