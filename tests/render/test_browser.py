"""Every letter as a browser shows it: accessible, readable, whole, and silent on the network."""

from dataclasses import replace

import pytest

from mailflow.render.sample import NOW, sample_letter

from .browser import BOTH, look, wrong
from .conftest import EVERY, NAMES, REFERENCE

pytestmark = pytest.mark.needs_chromium

ORGANISERS = ("question_forwarded", "digest")


@pytest.fixture(scope="module")
def looks(every, renderer, event):
    """Every letter and variant in each language, and in both where the reader's language may be open."""
    letters = {name: every[key].html for name, key in zip(NAMES, EVERY, strict=True)}
    for kind, variant, language in EVERY:
        if language == "en" and kind not in ORGANISERS:
            letter = replace(sample_letter(kind, variant, language), languages=("en", "sv"))
            letters[f"en, sv/{kind}.{variant}"] = renderer.render(letter, event, REFERENCE, NOW).html
    found = look(letters)
    assert len(found) == len(letters) * len(BOTH)
    return found


def test_axe_finds_nothing_wrong_in_any_letter(looks):
    """All rules of WCAG 2.2 A and AA and of good practice, light and dark, 600 and 375 px."""
    assert wrong(looks, "violations") == []


def test_axe_leaves_nothing_open(looks):
    """What it could not decide would have to be settled here by a computation of our own; there is nothing."""
    assert wrong(looks, "unsure") == []


def test_letters_fit_their_window_and_a_thumb(looks):
    """No scrolling sideways, no text below 13 px, command links 44 px high, the button 44 px each way."""
    assert wrong(looks, "measures") == []


def test_no_letter_asks_the_network_for_anything(looks):
    """Reading a letter tells nobody that it was read."""
    assert wrong(looks, "requests") == []


FAULTS = {
    "language": ('<html lang="en">', "<html>", "violations", "html-has-lang"),
    "contrast": ("color:#1b2733", "color:#c0c8d0", "violations", "(light, 600 px): color-contrast"),
    "dark": (".ink { color: #f0f3f5", ".ink { color: #30343a", "violations", "(dark, 375 px): color-contrast"),
    "role": ("<h1 ", '<p role="marquis" ', "violations", "aria-roles"),
    "wide": ('<h1 style="', '<h1 style="width:376px;', "measures", "(light, 375 px)"),
    "small": ('<h1 style="margin:0 0 18px;font-size:24px', '<h1 style="font-size:12px', "measures", "12px"),
    "target": ("padding:14px 0;", "", "measures", "a target of"),
    "curious": ("<h1 ", '<img alt="" src="https://tracker.example/1.gif"><h1 ', "requests", "tracker.example/1.gif"),
}


@pytest.fixture(scope="module")
def spoiled(every):
    """A letter with one fault each, planted on purpose."""
    html = every["registered", "", "en"].html
    assert all(old in html for old, *_ in FAULTS.values())
    return look({name: html.replace(old, new) for name, (old, new, *_) in FAULTS.items()})


@pytest.mark.parametrize("fault", FAULTS)
def test_a_letter_spoiled_on_purpose_is_found_out(spoiled, fault):
    """The looks above can fail: each fault is told with its letter, scheme and width."""
    *_, what, finding = FAULTS[fault]
    found = [line for line in wrong(spoiled, what) if line.startswith(fault)]
    assert any(finding in line for line in found), found
