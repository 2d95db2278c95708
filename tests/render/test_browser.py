"""Every letter as a browser shows it: accessible, readable, whole, and silent on the network."""

import re
from dataclasses import replace

import pytest

from mailflow.render import commands
from mailflow.render.sample import NOW, sample_letter

from .browser import look, measured, painted, wrong
from .conftest import EVERY, NAMES, REFERENCE
from .strained import NAMES as PEOPLE
from .strained import strained_event, strained_letter

pytestmark = pytest.mark.needs_chromium

ORGANISERS = ("question_forwarded", "digest", "door_list", "late_cancellation", "transcript")


@pytest.fixture(scope="module")
def looks(every, renderer, event):
    """Every letter and variant in each language, and in both where the reader's language may be open."""
    letters = {name: every[key].html for name, key in zip(NAMES, EVERY, strict=True)}
    pairs = {}
    for kind, variant, language in EVERY:
        if language == "en" and kind not in ORGANISERS:
            letter = replace(sample_letter(kind, variant, language), languages=("en", "sv"))
            pairs[f"en, sv/{kind}.{variant}"] = renderer.render(letter, event, REFERENCE, NOW).html
    # The halves of a pair are letters that are looked at in all four ways; two are enough for how they stand together.
    found = [*look(letters), *look(pairs, (("light", 375), ("dark", 600)))]
    assert len(found) == 4 * len(letters) + 2 * len(pairs)
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


def test_nothing_that_anybody_writes_is_too_long_for_a_phone(renderer, event):
    """Names, titles, places, labels, answers and mails without a blank, or of 300 characters, in any script, at 375 px."""
    letters = {
        f"{language}/{kind}.{variant}": renderer.render(
            strained_letter(kind, variant, language, PEOPLE[number % len(PEOPLE)]),
            strained_event(event),
            REFERENCE,
            NOW,
        ).html
        for number, (kind, variant, language) in enumerate(EVERY)
    }
    assert measured(letters, 375) == []


def without_own_dark(html):
    """The letter as a program takes it that knows nothing of dark rules and inverts by itself."""
    for own in (
        r"<meta name=\"[a-z-]*color-schemes?\"[^>]*>\n",
        r":root \{[^}]*\}\n",
        r"@media \(prefers.*?\n\}\n(?=@media)",
    ):
        html, times = re.subn(own, "", html, flags=re.DOTALL)
        assert times
    return html


@pytest.mark.parametrize("own_rules", ["kept", "gone"])
def test_a_browser_that_makes_every_page_dark_keeps_letters_readable(every, own_rules):
    """Chromium's forced dark, measured in its pixels: one letter of each kind, with our dark rules and without them."""
    letters = {}
    for kind, _, language in EVERY:
        if language == "sv":
            html = every[kind, "", language].html
            letters.setdefault(kind, html if own_rules == "kept" else without_own_dark(html))
    lines = painted(letters, "--enable-features=WebContentsForceDark", "--blink-settings=forceDarkModeEnabled=true")
    assert {name for name, *_ in lines} == set(letters)
    assert [line for line in lines if line[2] < 4.5] == []
    # It was dark: behind most lines, the button's apart, there is hardly any light.
    assert sum(paper < 0.1 for *_, paper in lines) > 0.9 * len(lines)


def test_pixels_tell_a_pale_letter(every):
    """The measure of the test above: 15.2:1 for our text on white, and too little for a paler one."""
    html = every["registered", "", "en"].html
    for ink, least, most in (("#1b2733", 14.5, 15.3), ("#c0c8d0", 1.5, 2.0)):
        lines = painted({"letter": html.replace("color:#1b2733", f"color:{ink}")})
        (ratio,) = [ratio for _, text, ratio, _ in lines if text == "You have a seat, Maja!"]
        assert least < ratio < most


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


def test_every_command_of_an_organiser_fits_a_phone(renderer, event, monkeypatch):
    """Whichever of them are carried out; a thumb finds each, also one with a long address."""
    every = "status list close seats announce help digest_weekly done change promote absent"
    monkeypatch.setattr(commands, "WORKING", frozenset(every.split()))
    letters = {}
    for language in ("en", "sv"):
        for kind in ("digest", "door_list"):
            letter = strained_letter(kind, "", language, PEOPLE[0])
            letters[f"{language}/{kind}"] = renderer.render(letter, event, REFERENCE, NOW).html
            letters[f"{language}/{kind}, plain"] = renderer.render(
                sample_letter(kind, "", language), event, REFERENCE, NOW
            ).html
    assert "SAMMANFATTNING" in letters["sv/digest"]
    assert measured(letters, 375) == []
