"""One event, one person, and a mail in one line."""

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from mailflow.mail.address import Address
from mailflow.mail.envelope import Envelope
from mailflow.mail.message import Message
from mailflow.model.event import Localized, Option, Question
from mailflow.model.intent import ForPeople, Proposed, Silent
from mailflow.reading.context import ReadingContext
from mailflow.reading.read import read

# The corpora are read here as the benchmark reads them, by the same code.
sys.path.insert(0, str(Path(__file__).parent.parent.parent))

ANNA = Address("anna.berg", "example.org")
EVENT = Address("gan", "events.example.org")


def both(en, sv):
    return Localized((("en", en), ("sv", sv)))


QUESTIONS = (
    Question(
        "diet", "choices", both("Diet", "Specialkost"), also=("food", "allergy", "kost", "mat"), sensitive=True, other=True,
        options=(
            Option("vegetarian", both("vegetarian", "vegetariskt"), also=("veggie", "vego")),
            Option("vegan", both("vegan", "veganskt")),
            Option("gluten", both("gluten-free", "glutenfritt"), also=("gluten",)),
            Option("nuts", both("no nuts", "inga nötter"), also=("nut allergy", "nötallergi")),
            Option("pork", both("no pork", "inget fläsk")),
        ),
    ),
    Question("affiliation", "text", both("Affiliation", "Tillhörighet"), also=("university",)),
    Question("size", "choice", both("T-shirt size", "Tröjstorlek"),
             options=(Option("S", both("S", "S")), Option("M", both("M", "M")))),
    Question("laptop", "yes_no", both("Own laptop", "Egen dator")),
)  # fmt: skip


@pytest.fixture
def read_mail():
    """Read a mail from Anna Berg. Keywords: those of ReadingContext, `path`, and any field of Message."""

    def reading(
        text="",
        subject="",
        *,
        thread=None,
        asked=False,
        own_text=(),
        path=ANNA,
        standing="none",
        answered="",
        organiser=False,
        claims=False,
        questions=(),
        month=0,
        titles=("GAN workshop",),
        **fields,
    ):
        context = ReadingContext(
            "events.example.org", "gan", "+", ("en", "sv"), (*QUESTIONS, *questions),
            thread=asked if thread is None else thread, asked=asked, own_text=own_text,
            standing=standing, answered=answered, organiser=organiser, claims=claims, titles=titles, month=month,
        )  # fmt: skip
        if context.thread:
            fields = {"in_reply_to": ("a@events.example.org",)} | fields
        message = Message(**{"sender": ANNA, "sender_name": "Anna Berg", "subject": subject, "text": text} | fields)
        return read(message, Envelope(path, (EVENT,), "smtp"), context)

    return reading


def acts(reading):
    """Whether something is done at once: neither proposed, nor handed to people, nor filed."""
    return not isinstance(reading.intent, ForPeople | Proposed | Silent)


def bare(intent):
    """The intent without who the sender is: the name and affiliation that the mail's frame may tell."""
    if isinstance(intent, Proposed):
        return Proposed(bare(intent.wish))
    fields = getattr(intent, "fields", None)
    if fields is None:
        return intent
    answers = tuple(answer for answer in fields.answers if answer.question != "affiliation")
    return replace(intent, fields=replace(fields, name="", answers=answers))
