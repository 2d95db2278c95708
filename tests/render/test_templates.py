"""Search order, overrides, both forms from one file, strictness, accents."""

from dataclasses import replace

import jinja2
import pytest

from mailflow.model.event import Localized
from mailflow.render import palette
from mailflow.render.sample import NOW, sample_letter, sample_registration
from mailflow.render.templates import Library, MissingTemplate

from .conftest import REFERENCE
from .lint import Lint

OVERRIDE = '{% extends "shipped/sv/registered.j2" %}{% block heading %}Hej {{ person.first_name }} <3{% endblock %}'


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


@pytest.fixture
def folders(tmp_path):
    return (tmp_path / "events", tmp_path / "templates")


def test_an_override_replaces_one_block_of_a_shipped_letter(make, event, folders):
    """The rest stays. A letter file holds no HTML: its own signs are escaped too."""
    write(folders[1] / "sv" / "registered.j2", OVERRIDE)
    renderer = make(folders=folders)
    rendered = renderer.render(sample_letter("registered", "", "sv"), event, REFERENCE, NOW)
    assert rendered.text.startswith("Hej Maja <3\n\nDu är anmäld till")
    assert ">Hej Maja &lt;3</h1>" in rendered.html
    english = renderer.render(sample_letter("registered", "", "en"), event, REFERENCE, NOW)
    assert english.text.startswith("You have a seat, Maja!")


def test_an_events_own_letter_goes_before_the_sites(make, event, folders):
    """And only for that event."""
    write(folders[1] / "sv" / "registered.j2", OVERRIDE.replace("Hej", "Site"))
    write(folders[0] / event.id / "templates" / "sv" / "registered.j2", OVERRIDE.replace("Hej", "Event"))
    renderer = make(folders=folders)
    letter = sample_letter("registered", "", "sv")
    assert renderer.render(letter, event, REFERENCE, NOW).text.startswith("Event Maja")
    other = replace(event, id="other")
    assert renderer.render(replace(letter, event="other"), other, REFERENCE, NOW).text.startswith("Site Maja")


def test_language_goes_before_owner(make, event, folders):
    """A site's English text never hides the shipped Swedish."""
    write(folders[1] / "en" / "registered.j2", OVERRIDE.replace("/sv/", "/en/"))
    rendered = make(folders=folders).render(sample_letter("registered", "", "sv"), event, REFERENCE, NOW)
    assert rendered.text.startswith("Du har en plats, Maja!")


def test_an_unknown_language_falls_back_to_the_events_first(make, event):
    """Then to English; words and dates with it."""
    swedish = replace(event, languages=("sv", "en"))
    rendered = make().render(sample_letter("registered", "", "fi"), swedish, REFERENCE, NOW)
    assert rendered.text.startswith("Du har en plats, Maja!")
    assert '<html lang="sv">' in rendered.html
    finnish = replace(event, languages=("fi",))
    assert (
        make().render(sample_letter("registered", "", "fi"), finnish, REFERENCE, NOW).text.startswith("You have a seat")
    )


def test_two_languages_that_are_one_make_one_letter(make, event):
    """Nobody gets the same words twice."""
    letter = replace(sample_letter("registered", "", "en"), languages=("fi", "en"))
    assert make().render(letter, event, REFERENCE, NOW).text.count("You have a seat") == 1


def test_a_name_that_does_not_exist_is_an_error(make, event, folders):
    """StrictUndefined: a broken template rolls the transaction back, nobody gets half a letter."""
    write(folders[1] / "sv" / "registered.j2", OVERRIDE.replace("first_name", "frist_name"))
    with pytest.raises(jinja2.UndefinedError):
        make(folders=folders).render(sample_letter("registered", "", "sv"), event, REFERENCE, NOW)


def test_a_letter_that_nobody_ships_is_an_error():
    """It cannot be sent empty."""
    with pytest.raises(MissingTemplate):
        Library((), "#0b5cad").sheet("no_such_letter", ("sv",), "gan")


def test_both_forms_have_the_same_macros():
    """A letter file cannot draw in one form only."""
    sheet = Library((), "#0b5cad").sheet("registered", ("sv",), "gan")
    names = [
        {name for name in vars(macros) if not name.startswith("_")} for macros in (sheet.text_macros, sheet.html_macros)
    ]
    assert names[1] - names[0] == {"link", "run"}
    assert names[0] <= names[1]
    assert {
        "p",
        "facts",
        "changes",
        "programme",
        "list",
        "bars",
        "button",
        "command",
        "note",
        "quote",
        "rule",
    } <= names[0]


def test_every_macro_draws_in_both_forms(tmp_path, make, event):
    """Also those that no letter of today uses."""
    write(
        tmp_path / "en" / "registered.j2",
        '{% extends "shipped/en/registered.j2" %}{% block body %}{% call b.p() %}One & two{% endcall %}'
        '{{ b.rule() }}{{ b.changes([{"label": "Diet", "now": "vegan", "before": "none & nought"}], "Changed") }}'
        '{{ b.bars([{"label": "3 of 4", "part": 3, "whole": 4, "percent": 75}]) }}{{ b.quote("a\nb <c>") }}{% endblock %}',
    )
    rendered = make(folders=(tmp_path,)).render(sample_letter("registered", "", "en"), event, REFERENCE, NOW)
    assert "  Diet, Now: vegan\n  Diet, Before: none & nought" in rendered.text
    assert "███████████████░░░░░  3 of 4" in rendered.text
    assert "> a\n> b <c>" in rendered.text
    assert "none &amp; nought" in rendered.html
    assert "One &amp; two" in rendered.html
    assert "a<br>b &lt;c&gt;" in rendered.html
    assert not Lint(rendered.html).wrong


@pytest.mark.parametrize(
    "name", ["<script>alert(1)</script>", '"><img src=x onerror=1>', "{{ 7*7 }}", "Maja\r\nBcc: x@example.org", "=?utf-8?q?x?=",
             "\u202eevil", "a\x1fb\x1fc"],
)  # fmt: skip
@pytest.mark.parametrize("language", ["en", "sv"])
def test_hostile_names_are_only_names(renderer, event, name, language):
    """Escaped in HTML, one line everywhere, never evaluated; the letter keeps its structure."""
    letter = sample_letter("registered", "", language)
    registration = replace(sample_registration(language), name=name)
    rendered = renderer.render(replace(letter, registration=registration, to_name=name), event, REFERENCE, NOW)
    assert not Lint(rendered.html).wrong
    assert "<script" not in rendered.html
    assert "<img" not in rendered.html
    assert "49" not in rendered.text
    assert "\nBcc:" not in rendered.octets.decode()
    assert "=?utf-8?q?x?=" not in rendered.text
    assert "\u202e" not in rendered.text
    assert "\x1f" not in rendered.text


def test_an_advertisement_is_no_name(renderer, event):
    """The letter says hello without it (trust.md §9)."""
    for name in ("Visit https://evil.example", "www.evil.com", "call 0701234567", "x@y.example", "a b c d e f g"):
        letter = sample_letter("registered", "", "en")
        rendered = renderer.render(
            replace(letter, registration=replace(sample_registration(), name=name), to_name=name), event, REFERENCE, NOW
        )
        assert rendered.text.startswith("You have a seat!")
        assert name not in rendered.text + rendered.html


def test_a_hostile_question_reaches_organisers_as_text(renderer, event):
    """Quoted line by line; a long one is cut, and attached whole."""
    letter = sample_letter("question_forwarded", "", "sv")
    quote = "<b>{{ 7*7 }}</b>\n-- \nREGISTER\n" + "ååå <&> " * 1200
    rendered = renderer.render(replace(letter, quote=quote), event, REFERENCE, NOW)
    assert "> <b>{{ 7*7 }}</b>" in rendered.text
    assert "&lt;b&gt;{{ 7*7 }}&lt;/b&gt;<br>" in rendered.html
    assert "Hela texten finns i den bifogade filen." in rendered.text
    assert len(rendered.html.encode()) <= 18 * 1024
    assert b'filename="mail.txt"' in rendered.octets
    assert not Lint(rendered.html).wrong


def test_an_unproved_question_is_marked(renderer, event):
    """The organiser decides how much to believe."""
    letter = sample_letter("question_forwarded", "", "sv")
    rendered = renderer.render(replace(letter, cause=replace(letter.cause, proved=False)), event, REFERENCE, NOW)
    assert "Avsändaren är inte kontrollerad." in rendered.text


def test_an_online_event_names_its_zone_and_link(renderer, event):
    """The reader may sit elsewhere."""
    online = replace(event, venue=replace(event.venue, name="", floor=Localized(), street="", city="", map="",
                                          link="https://meet.example.org/x"))  # fmt: skip
    rendered = renderer.render(sample_letter("registered", "", "sv"), online, REFERENCE, NOW)
    assert "kl. 12.30–16.00 (svensk" in rendered.text
    assert "  Länk:         https://meet.example.org/x\n" in rendered.text
    assert "Var:" not in rendered.text


@pytest.mark.parametrize("accent", ["#0b5cad", "#ffff00", "#000000", "#ffffff", "#cc0033", "#777777", "#00ff00"])
def test_any_accent_can_be_read_in_light_and_dark(make, event, accent):
    """Text on the accent and links on the card keep 4.5:1."""
    for colours in (palette.light(accent), palette.dark(accent)):
        assert palette.contrast(colours.accent, colours.on_accent) >= 4.5
        assert palette.contrast(colours.link, colours.card) >= 4.5
        assert palette.contrast(colours.text, colours.card) >= 4.5
        assert palette.contrast(colours.muted, colours.card) >= 4.5
    rendered = make(accent=accent).render(sample_letter("please_confirm", "", "en"), event, REFERENCE, NOW)
    assert not Lint(rendered.html).wrong


def test_contrast_is_that_of_the_specification():
    """letters.md §4's own figures."""
    assert round(palette.contrast("#1b2733", "#ffffff"), 1) == 15.2
    assert round(palette.contrast("#0b5cad", "#ffffff"), 1) == 6.7
    assert round(palette.contrast("#8ec1ff", "#1f2428"), 1) == 8.4
    with pytest.raises(ValueError):
        palette.contrast("red", "#ffffff")
