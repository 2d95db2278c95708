"""Where the organisers choose, no letter promises more than an application."""

from dataclasses import replace
from html import unescape

import pytest

from mailflow.render.sample import NOW, sample_letter

from .conftest import REFERENCE

APPLYING = {"en": ("application", "to apply"), "sv": ("ansökan", "ansöka")}
PROMISES = ("you're registered", "är du anmäld", "anmälan klar", "a seat if one is free", "en plats om det finns")


@pytest.mark.parametrize("language", ["en", "sv"])
@pytest.mark.parametrize(
    ("kind", "variant"),
    [*(("please_confirm", variant) for variant in ("", "ask_register", "read_register", "named")), ("cancelled", "")],
)
def test_yes_and_register_promise_no_seat(renderer, event, kind, variant, language):
    """Not even the line that a list of mails shows; with a choice, the letter says so."""
    letter = sample_letter(kind, variant, language)
    page = unescape(renderer.render(letter, event, REFERENCE, NOW).html)
    chosen = unescape(renderer.render(letter, replace(event, approval=True), REFERENCE, NOW).html)
    assert any(words in " ".join(page.split()) for words in PROMISES)
    assert not any(words in " ".join(chosen.split()) for words in PROMISES)
    assert any(word in chosen for word in APPLYING[language])
