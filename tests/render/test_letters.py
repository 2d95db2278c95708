"""Every letter in every language and variant: words, looks, links."""

import re
from email import message_from_bytes
from email.policy import default
from urllib.parse import unquote, urlsplit

import pytest

from mailflow.render.sample import NOW, sample_letter

from .conftest import EVERY, LANGUAGES, NAMES, REFERENCE
from .lint import Lint, differences

every_letter = pytest.mark.parametrize("key", EVERY, ids=NAMES)


@every_letter
def test_letters_read_as_they_did(every, golden, key):
    """The golden files are read as prose when they change."""
    kind, variant, language = key
    rendered = every[key]
    name = f"letters/{language}/{kind}" + (f".{variant}" if variant else "")
    golden(f"{name}.txt", f"Subject: {rendered.subject}\n\n{rendered.text}")
    golden(f"{name}.html", rendered.html)


@every_letter
def test_subjects_are_one_line_of_at_most_78_characters(every, key):
    """With the seed event's titles; code never cuts a subject."""
    subject = every[key].subject
    assert 10 < len(subject) <= 78
    assert subject == " ".join(subject.split())


@every_letter
def test_html_is_small_accessible_and_needs_nothing_from_the_network(every, key):
    """Our own lint: tags, table roles, scope, caption, lang, sizes, contrast, no resource; at most 18 KB."""
    html = every[key].html
    lint = Lint(html)
    assert not lint.wrong
    assert lint.headings == 1
    assert len(html.encode()) <= 18 * 1024
    assert f'<html lang="{key[2]}">' in html
    assert not re.search(r"https?://(?!www\.openstreetmap\.org/search\?)", html)
    assert not re.search(r"<(img|svg|form|script|link|iframe|object)\b", html)


@every_letter
def test_the_preview_line_is_no_repeat_of_the_subject(every, key):
    """20 to 130 characters (90, but for the digest), hidden, followed by invisible filler."""
    rendered = every[key]
    preheader, filler = re.search(r'aria-hidden="true">(.*?)((?:\u034f\u200c\u00a0)+)</div>', rendered.html).groups()
    assert 20 <= len(preheader) <= (130 if key[0] == "digest" else 90)
    assert len(filler) >= 90
    assert preheader not in rendered.subject


@every_letter
def test_text_and_html_hold_the_same_words(every, key):
    """Both are drawn from one file: each word of the HTML is in the text, and each of the text in the HTML."""
    assert differences(every[key]) == (set(), set())


@every_letter
def test_text_has_72_columns_and_no_mailto(every, key):
    """Only an address, a code or a link may be longer."""
    for line in every[key].text.split("\n"):
        assert len(line) <= 72 or "https://" in line
        assert "mailto:" not in line
        assert line == "-- " or line == line.rstrip()


@every_letter
def test_command_links_parse_back_to_their_command(every, key):
    """Subject and body both hold the command; the address is the event's; the attribute is escaped."""
    rendered = every[key]
    links = [link for link in Lint(rendered.html).links if link.startswith("mailto:")]
    for link in links:
        parts = urlsplit(link)
        home = "new" if key[0] == "event_draft" else "creative-machines"
        assert unquote(parts.path) == f"{home}@events.example.org"
        assert "+" not in parts.query
        assert len(link) < 500
        fields = dict(field.split("=", 1) for field in parts.query.split("&"))
        subject, body = unquote(fields["subject"]), unquote(fields["body"])
        assert list(fields) == ["subject", "body"]
        assert subject.startswith(body) or body.endswith(": \r\n")
    assert "&body=" not in rendered.html


@every_letter
def test_links_show_the_word_that_they_send(every, key):
    """What the letter prints is what the mail says: AVBOKA shows AVBOKA."""
    for link, shown in re.findall(r'<a class="link" href="(mailto:[^"]*)"[^>]*>([^<]*)</a>', every[key].html):
        body = unquote(link.split("body=")[1])
        if not body.endswith("\r\n"):
            assert shown == body


@every_letter
def test_the_message_holds_what_was_rendered(every, key):
    """Octets → email package → the same subject, text and HTML."""
    rendered = every[key]
    message = message_from_bytes(rendered.octets, policy=default)
    assert str(message["Subject"]) == rendered.subject
    text = message.get_body(("plain",)).get_content()
    html = message.get_body(("html",)).get_content()
    assert text.replace("\r\n", "\n").strip() == rendered.text.strip()
    assert html.replace("\r\n", "\n").strip() == rendered.html.strip()


@pytest.mark.parametrize("language", LANGUAGES)
def test_rendering_twice_gives_the_same_octets(renderer, event, language):
    """A letter is a function of its arguments."""
    letter = sample_letter("registered", "", language)
    assert renderer.render(letter, event, REFERENCE, NOW) == renderer.render(letter, event, REFERENCE, NOW)


def test_exclamation_marks_stand_only_in_registered(every):
    """letters.md §6."""
    for (kind, _, language), rendered in every.items():
        if language == "sv" and kind != "registered":
            assert "!" not in rendered.text


def test_swedish_letters_say_plats_for_a_seat_only(every):
    """The place is "Var" or "lokal"; a person's seat is "avbokad"; no letter says "inställd" or "e-post"."""
    for (_, _, language), rendered in every.items():
        if language == "sv":
            assert not re.search(r"inställd|e-post|\bmail\b|\bni\b|platsen är i", rendered.text, re.IGNORECASE)
