"""Every mail of tests/samples is read as its table says."""

import tomllib
from pathlib import Path

import pytest

from mailflow.mail.address import parse_address
from mailflow.mail.envelope import Envelope
from mailflow.mail.parse import parse
from mailflow.model.event import Localized, Option, Question
from mailflow.model.intent import label
from mailflow.reading.context import ReadingContext
from mailflow.reading.read import read

FOLDER = Path(__file__).parent.parent / "samples"
SAMPLES = tomllib.loads((FOLDER / "reading.toml").read_text(encoding="utf-8"))["sample"]


def question(name, kind, en, sv, *options):
    texts = Localized((("en", en), ("sv", sv)))
    return Question(name, kind, texts, options=tuple(Option(o, Localized((("en", o),))) for o in options))


QUESTIONS = (
    question("diet", "choices", "Diet", "Specialkost", "vegan", "vegetarian", "gluten", "lactose"),
    question("affiliation", "text", "Affiliation", "Arbetsplats"),
    question("tshirt", "choice", "T-shirt size", "T-shirtstorlek", "S", "M", "L", "XL"),
    question("laptop", "yes_no", "Bringing own laptop", "Egen dator"),
    question("level", "text", "Experience", "Erfarenhet"),
)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample["file"])
def test_a_sample_is_read_as_its_table_says(sample):
    """The reason stands beside it in reading.toml."""
    message = parse((FOLDER / sample["file"]).read_bytes())
    asked = sample.get("asked", False)
    path = (message.header("return-path") or "").strip().strip("<>")
    to = parse_address("workshop@events.lu.example")
    context = ReadingContext(
        "events.lu.example",
        "workshop",
        "+",
        ("en", "sv"),
        QUESTIONS,
        thread=asked or sample.get("thread", False),
        asked=asked,
        standing="confirmed" if sample["intent"] == "cancel" else "none",
    )
    reading = read(message, Envelope(parse_address(path) if path else None, (to,), "smtp"), context)
    assert label(reading.intent) == sample["intent"], (sample["why"], reading.evidence)


def test_every_sample_has_its_table():
    """No mail without an expected reading, none twice."""
    named = [sample["file"] for sample in SAMPLES]
    assert sorted(named) == sorted(
        path.name for path in FOLDER.glob("*.eml") if path.name in named or path.name[:2].isdigit()
    )
    assert all(sample["why"] for sample in SAMPLES)
