"""Letters to people who write much, in any script, about events with long names: the same promises hold."""

import pytest

from mailflow.render.sample import NOW

from .conftest import EVERY, NAMES, REFERENCE
from .lint import Lint, differences
from .strained import ALLERGY, UNBROKEN, strained_event, strained_letter
from .strained import NAMES as PEOPLE


@pytest.mark.parametrize("key", EVERY, ids=NAMES)
def test_a_letter_with_no_room_left_keeps_its_promises(renderer, event, key):
    """At most 18 KB, our lint, the same words in text and HTML, no line but of one word beyond 72 columns."""
    for name in PEOPLE:
        rendered = renderer.render(strained_letter(*key, name), strained_event(event), REFERENCE, NOW)
        assert len(rendered.html.encode()) <= 18 * 1024
        assert Lint(rendered.html).wrong == []
        assert differences(rendered) == (set(), set())
        for line in rendered.text.split("\n"):
            assert len(line) <= 72 or max(map(len, line.split())) > 40, line


@pytest.mark.parametrize("language", ["en", "sv"])
def test_an_allergy_of_300_characters_is_repeated_whole(renderer, event, language):
    """It is what the kitchen will get; nothing of it is cut in the letter that confirms it."""
    letter = strained_letter("registered", "", language, "Maja Lind")
    rendered = renderer.render(letter, strained_event(event), REFERENCE, NOW)
    assert ALLERGY in Lint(rendered.html).text
    assert ALLERGY in " ".join(rendered.text.split())


def test_a_number_stays_behind_a_name_that_is_written_from_right_to_left(renderer, event):
    """A mark after the name keeps "+3" and what follows at its place; other names carry none."""
    for name, mark in ((PEOPLE[1], "\u200e"), (PEOPLE[2], "\u200e"), (UNBROKEN, "")):
        rendered = renderer.render(strained_letter("digest", "", "en", name), event, REFERENCE, NOW)
        assert f"{name}{mark} +3: vegan" in Lint(rendered.html).text
        assert ("\u200e" in rendered.text) is bool(mark)
