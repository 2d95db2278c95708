"""What letters say of seats that are taken: true for one seat, for a party, and where the line stops before a free seat."""

from dataclasses import replace

import pytest

from mailflow.render.sample import NOW, sample_letter

from .conftest import REFERENCE


@pytest.fixture
def told(renderer, event):
    """The text of a letter, on one line, as it is where so many seats are taken."""

    def text(kind, variant, language, *, capacity, taken, guests=0, place=1, mode="auto"):
        letter = sample_letter(kind, variant, language)
        letter = replace(letter, place=place, state=replace(letter.state, capacity=capacity, taken=taken))
        if letter.registration:
            letter = replace(letter, registration=replace(letter.registration, guests=guests))
        here = replace(event, waiting_list=replace(event.waiting_list, mode=mode))
        return " ".join(renderer.render(letter, here, REFERENCE, NOW).text.split())

    return text


def test_the_only_seat_is_one(told):
    """Not "all 1 seats"."""
    assert "The only seat is taken right now." in told("waitlisted", "", "en", capacity=1, taken=1)
    assert "Den enda platsen är tagen just nu." in told("waitlisted", "", "sv", capacity=1, taken=1)
    assert "The only seat for The rise" in told("closed", "full", "en", capacity=1, taken=1)
    assert "Den enda platsen till De kreativa" in told("closed", "full", "sv", capacity=1, taken=1)


def test_a_party_is_told_that_it_is_larger_than_what_is_free(told):
    """It stands first, beside seats that are free but too few: all are not taken, and one more is not enough."""
    words = told("waitlisted", "", "en", capacity=4, taken=2, guests=2)
    assert "You asked for 3 seats, and only 2 are free right now." in words
    assert "When 3 are free, they are yours automatically." in words
    assert "All 4 seats" not in words
    assert "only 1 is free" in told("waitlisted", "", "en", capacity=4, taken=3, guests=2)
    words = told("waitlisted", "", "sv", capacity=4, taken=3, guests=2, mode="offer")
    assert "Du bad om 3 platser, och just nu är bara 1 ledig." in words
    assert "När 3 är lediga har du 48 timmar på dig att tacka ja." in words
    assert "bara 2 lediga" in told("waitlisted", "", "sv", capacity=4, taken=2, guests=2)


def test_who_waits_behind_a_party_is_told_whose_the_free_seats_are(told):
    """The line keeps its order, so seats are free and still not for this person."""
    words = told("waitlisted", "", "en", capacity=4, taken=2, place=2)
    assert "Seats that are free right now are kept for those before you in line." in words
    assert "When it is your turn, you get a seat automatically." in words
    assert "All 4 seats" not in words
    words = told("waitlisted", "", "sv", capacity=4, taken=2, place=2, mode="offer")
    assert "När det är din tur har du 48 timmar på dig att tacka ja." in words
    assert "Platser som är lediga just nu är till för dem som står före dig." in words


def test_a_party_in_a_full_house_waits_for_as_many_seats_as_it_is(told):
    """One seat that opens is not theirs."""
    words = told("waitlisted", "", "en", capacity=4, taken=4, guests=1, place=3)
    assert "All 4 seats are taken right now." in words
    assert "When 2 are free, they are yours automatically." in words
