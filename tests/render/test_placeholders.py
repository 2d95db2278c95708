"""Organisers' text is plain text: paragraphs, lists, links, a closed list of placeholders; never a template."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from mailflow.model.event import Localized
from mailflow.render.placeholders import Block, Span, fill, prose, unknown
from mailflow.render.sample import NOW, sample_letter

from .conftest import REFERENCE
from .lint import Lint


def text_of(blocks):
    return [["".join(span.text for span in entry) for entry in block.entries] for block in blocks]


def test_placeholders_are_filled_once():
    """A name that looks like a placeholder stays a name."""
    values = {"first_name": "{booking_code}", "booking_code": "K7-QX4M"}
    assert fill("Hi {first_name}, {booking_code}", values) == "Hi {booking_code}, K7-QX4M"


def test_what_is_not_known_leaves_no_hole():
    """Nobody's name is told to an address that is not proved: the sentence is whole without it."""
    values = {"first_name": "", "title": "Knitting"}
    assert fill("We have no flour, {first_name}.", values) == "We have no flour."
    assert fill("Hi {first_name}!\n{first_name}, bring {title}.", values) == "Hi!\nbring Knitting."
    assert fill("{title} {first_name}", values) == "Knitting"
    assert fill("{title}, {x}, {first_name} {title}", values) == "Knitting, {x} Knitting"


def test_other_braces_stay_as_typed_and_are_reported():
    """`check` tells the organiser."""
    assert fill("{nmae} {{ 7*7 }} {}", {"name": "Maja"}) == "{nmae} {{ 7*7 }} {}"
    assert unknown("{nmae} {name} {nmae} {x}") == ("nmae", "x")


def test_paragraphs_lists_and_links_are_found():
    """`- ` begins an item; an empty line ends a paragraph; only https becomes a link."""
    blocks = prose("One\ntwo.\n\n- a https://example.org/x.\n  more\n- b\nthen http://example.org")
    assert text_of(blocks) == [["One two."], ["a https://example.org/x. more", "b"], ["then http://example.org"]]
    assert [block.is_list for block in blocks] == [False, True, False]
    assert Span("https://example.org/x", "https://example.org/x") in blocks[1].entries[0]
    assert blocks[2] == Block(False, ((Span("then http://example.org"),),))


@settings(max_examples=100)
@given(st.text(alphabet="ab {}-\n:/.htps<>&", max_size=200))
def test_no_word_of_the_organiser_is_lost(text):
    """Whatever is typed, every mark but list dashes comes out, in order."""
    out = "".join("".join(entry) for block in text_of(prose(text)) for entry in block)
    kept = "".join(out.split()).replace("-", "")
    assert kept == "".join(text.split()).replace("-", "")


def test_organisers_text_is_never_jinja_nor_html(make, event):
    """Template code and markup arrive as the characters they are; placeholders as values; https as a link."""
    intro = "Hi {first_name}! {{ 7*7 }} {% raw %} <b>bold</b> & https://example.org/a?b=1&c=2\n\n- {seats} seats"
    event = replace(event, intro=Localized((("en", intro),)))
    rendered = make().render(sample_letter("registered", "", "en"), event, REFERENCE, NOW)
    assert "Hi Maja! {{ 7*7 }} {% raw %} <b>bold</b> &" in " ".join(rendered.text.split())
    assert "- 40 seats" in rendered.text
    assert "&lt;b&gt;bold&lt;/b&gt; &amp; " in rendered.html
    assert 'href="https://example.org/a?b=1&amp;c=2"' in rendered.html
    assert not Lint(rendered.html).wrong
