"""What is shown of an answer beside the options it names."""

import pytest

from mailflow.model.event import Localized, Option, Question
from mailflow.model.given import own_words
from mailflow.model.registration import Answer

DIET = Question("diet", "choices", Localized((("en", "Diet"),)), other=True, options=(
    Option("vegetarian", Localized((("en", "vegetarian"), ("sv", "vegetariskt")))),
    Option("vegan", Localized((("en", "vegan"), ("sv", "veganskt")))),
    Option("pork", Localized((("en", "no pork"), ("sv", "inget fläsk")))),
))  # fmt: skip


@pytest.mark.parametrize(("chosen", "text"), [
    (("vegetarian",), "vegetarian"), (("vegetarian",), "Jag äter vegetariskt."), (("vegan",), "I'm vegan!"),
    (("vegan", "pork"), "I am vegan and no pork"), (("vegetarian", "pork"), "Vegetariskt, inget fläsk"),
])  # fmt: skip
def test_what_only_repeats_a_choice_is_not_said_twice(chosen, text):
    """Neither in a letter nor on the kitchen's list."""
    assert own_words(DIET, Answer("diet", chosen, text)) == ""


@pytest.mark.parametrize(("chosen", "text"), [
    ((), "vegan"), (("vegan",), "I am not vegan"), (("vegan",), "vegan and allergic to nuts"), (("vegan",), "mostly vegan"),
    (("vegetarian",), "vegetarian, no eggs"), (("pork",), "no pork or fish"), (("vegan",), "vegan (very strict)"),
    (("vegetarian",), "Jag äter inte vegetariskt"), (("vegan",), "no vegan"),
])  # fmt: skip
def test_what_says_more_is_kept(chosen, text):
    """An allergy, a limit and a denial survive."""
    assert own_words(DIET, Answer("diet", chosen, text)) == text


def test_nothing_is_nothing():
    """An answer without words has no words."""
    assert own_words(DIET, Answer("diet", ("vegan",), "")) == ""
