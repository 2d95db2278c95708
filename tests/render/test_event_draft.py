"""What goes with the letters about a draft: the code, the poster, and the letter that people are going to get."""

from dataclasses import replace
from email import message_from_bytes
from email.policy import default

import pytest

from mailflow.mail.address import Address
from mailflow.model.event import Localized
from mailflow.render.poster import code_file, sign_up_link
from mailflow.render.sample import NOW, sample_letter

from .conftest import LANGUAGES, REFERENCE

HOME = Address("creative-machines", "events.example.org")


def files(renderer, event, kind, variant="", language="en"):
    letter = replace(sample_letter(kind, variant, language))
    message = message_from_bytes(renderer.render(letter, event, REFERENCE, NOW).octets, policy=default)
    return message, {part.get_filename(): part.get_content() for part in message.iter_attachments()}


def test_a_draft_comes_from_the_address_for_new_events_with_all_that_it_will_be(renderer, event):
    """What is answered goes there, too; the code, the poster and the letter name the address that it will have."""
    message, found = files(renderer, event, "event_draft")
    assert message["From"].addresses[0].addr_spec == "new@events.example.org"
    assert message["Reply-To"].addresses[0].addr_spec.startswith("new+r.")
    assert message["X-Mailflow"] == "letter=event_draft; event=new"
    assert list(found) == ["sign-up.png", "poster.html", "what-people-get.html"]
    assert "mailto:creative-machines@events.example.org?subject=CANCEL" in found["what-people-get.html"]
    assert "new@" not in found["what-people-get.html"] + found["poster.html"]


@pytest.mark.parametrize(("kind", "variant", "names"), [
    ("event_draft", "incomplete", []), ("event_draft", "moved", []), ("event_draft", "called_off", []),
    ("event_published", "", ["sign-up.png", "poster.html"]), ("event_published", "moved", []),
])  # fmt: skip
def test_other_letters_bring_what_is_true(renderer, event, kind, variant, names):
    """No poster of what has no day yet, nor of what is to be called off."""
    assert list(files(renderer, event, kind, variant)[1]) == names


def test_the_published_letter_comes_from_the_event(renderer, event):
    """So that what its organiser answers are orders to it."""
    message, _ = files(renderer, event, "event_published")
    assert message["From"].addresses[0].addr_spec == str(HOME)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_code_opens_a_sign_up(renderer, language):
    """A PNG of a short mailto link with the word that signs up in the event's language; always the same octets."""
    words = renderer._library.words(language, "")
    link = sign_up_link(words, HOME)
    assert link.startswith("mailto:creative-machines@events.example.org?subject=")
    assert len(link) < 120
    assert code_file(words, HOME) == code_file(words, HOME)
    assert code_file(words, HOME).octets.startswith(b"\x89PNG\r\n")


def test_a_poster_needs_nothing_from_the_network_and_is_nobody_s_markup(renderer, event):
    """The code is inside it; a hostile title is text."""
    hostile = replace(event, title=Localized((("en", '</h1><script src="https://x.example/">{{ 7 * 7 }}'),)))
    _, found = files(renderer, hostile, "event_published")
    poster = found["poster.html"]
    assert "<script" not in poster
    assert "{{ 7 * 7 }}" in poster
    assert "size: A4" in poster
    assert poster.count("src=") == 3  # the code, and twice the title's text
    assert 'src="data:image/svg+xml' in poster
