"""What a command link sends is read by our own reader as what it says, from its subject alone and from its body alone."""

import re
from urllib.parse import unquote, urlsplit

import pytest

from mailflow.mail.address import Address
from mailflow.mail.envelope import Envelope
from mailflow.mail.message import Message
from mailflow.model.command import Orders
from mailflow.model.intent import (
    AskStatus,
    Cancel,
    EraseMe,
    ForPeople,
    Help,
    MyData,
    No,
    Proposed,
    Register,
    RemindOff,
    Update,
    Yes,
)
from mailflow.reading.context import ReadingContext
from mailflow.reading.event_mail import read_event_mail
from mailflow.reading.read import read
from mailflow.render.sample import NOW

from .conftest import EVERY, LANGUAGES, NAMES
from .lint import Lint

# Letters whose commands are an organiser's.
ORGANISERS = ("digest", "door_list", "question_forwarded", "transcript")
MAJA = Address("maja.lind", "example.org")
# The command in language.toml → what its link asks for. ASK is for people, whatever follows it.
ASKS = {
    "register": Register, "cancel": Cancel, "yes": Yes, "no": No, "status": AskStatus, "resend": AskStatus,
    "waitlist": Register, "ask": ForPeople, "my_data": MyData, "erase": EraseMe, "stop": RemindOff, "help": Help,
}  # fmt: skip


def reads(event, *, subject="", text="", asked=False, organiser=False):
    """The intent of a new mail of Maja's, who has a seat; `asked`: a question of ours waits for her YES."""
    context = ReadingContext(
        "events.example.org", event.id, "+", event.languages, event.questions, thread=asked, asked=asked,
        standing="confirmed", organiser=organiser, titles=tuple(title for _, title in event.title.values),
    )  # fmt: skip
    message = Message(sender=MAJA, sender_name="Maja Lind", subject=subject, text=text)
    return read(message, Envelope(MAJA, (Address(event.id, "events.example.org"),), "smtp"), context).intent


def links_of(rendered):
    """(subject, body) of each command link of a letter."""
    for link in Lint(rendered.html).links:
        if link.startswith("mailto:"):
            fields = dict(field.split("=", 1) for field in urlsplit(link).query.split("&"))
            yield unquote(fields["subject"]), unquote(fields["body"])


@pytest.fixture(scope="module")
def commands(renderer):
    """The word that a letter prints → what it asks for, in every language."""
    words = [renderer._library.words(language, "") for language in LANGUAGES]
    return {one.command(key): kind for one in words for key, kind in ASKS.items()}


@pytest.mark.parametrize("key", EVERY, ids=NAMES)
def test_each_link_is_read_as_its_command(every, event, commands, key):
    """Some programs keep only the subject (with its booking code), some only the body: either is enough."""
    for subject, body in links_of(every[key]):
        if body.endswith(": \r\n") or key[0] == "event_draft" or key[0] in ORGANISERS:
            continue
        asked = commands[body] in (Yes, No)
        assert type(reads(event, subject=subject, asked=asked)) is commands[body], subject
        assert type(reads(event, text=body, asked=asked)) is commands[body], body
        assert type(reads(event, subject=subject, text=body, asked=asked)) is commands[body], subject


DRAFTS = [key for key in EVERY if key[0] == "event_draft"]


@pytest.mark.parametrize("key", DRAFTS, ids=[name for name in NAMES if "/event_draft" in name])
def test_each_link_of_a_draft_is_read_as_its_word(every, renderer, key):
    """By the reader of mails to the address for new events: from the subject alone, with its code, and the body alone."""
    words = renderer._library.words(key[2], "")
    means = {words.command(word): word for word in ("publish", "drop", "yes", "no")}
    context = ReadingContext("events.example.org", "new", "+", LANGUAGES, (), thread=True, making="Europe/Stockholm")
    for subject, body in links_of(every[key]):
        if body.endswith(": \r\n"):
            filled = Message(sender=MAJA, subject=subject, text=body.replace(": \r\n", ": 3 May 2030, 12.30\r\n"))
            assert not read_event_mail(filled, context, "new@events.example.org", NOW).said.empty
            continue
        for message in (Message(sender=MAJA, subject=subject), Message(sender=MAJA, text=body)):
            assert read_event_mail(message, context, "new@events.example.org", NOW).word == means[body]
    assert links_of(every[key])


@pytest.mark.parametrize("key", [key for key in EVERY if key[0] in ORGANISERS], ids=str)
def test_each_link_to_an_organiser_is_read_as_an_order(every, event, key):
    """What it does is the desk's; the samples' booking codes have no check character, so they get one here."""
    for subject, body in links_of(every[key]):
        if body.split()[0] in ("YES", "JA", "NO", "NEJ"):
            continue
        for text in (subject, body):
            written = re.sub(r"\b[A-Z0-9]{2}-[A-Z0-9]{4}\b", "K7-QX4G", text)
            # ANNOUNCE is only the beginning of what an organiser writes.
            more = "\n\nM:101" if text in ("ANNOUNCE", "UTSKICK") else ""
            assert isinstance(unproposed(reads(event, text=written + more, organiser=True)), Orders), text


def unproposed(intent):
    return intent.wish if isinstance(intent, Proposed) else intent


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_form_that_a_letter_asks_to_fill_in_is_read_as_an_update(every, event, language):
    """Its lines as they come, with an answer behind each colon; the subject is no second command."""
    forms = [
        (subject, body) for subject, body in links_of(every["registered", "", language]) if body.endswith(": \r\n")
    ]
    assert forms
    for subject, body in forms:
        intent = reads(event, subject=subject, text=body.replace(": \r\n", ": Lunds universitet\r\n"))
        assert isinstance(intent, Update)
        assert [answer.question for answer in intent.fields.answers] == ["affiliation"]


def test_every_command_link_that_can_be_printed_is_in_some_letter(every, commands):
    """So nothing above is true of an empty list; RESEND, STATUS and HELP are printed by few letters or none."""
    seen = {body for rendered in every.values() for _, body in links_of(rendered)}
    assert {commands[word] for word in seen if word in commands} >= {
        Register,
        Cancel,
        Yes,
        No,
        MyData,
        EraseMe,
        RemindOff,
    }
