"""Mails whose words look like a wish, a YES or mere thanks, and that must not be taken for it (holes.toml says why)."""

import tomllib
from pathlib import Path

import pytest

from mailflow.model.event import Option, Question
from mailflow.model.intent import Silent

from .conftest import acts, both

HOLES = tomllib.loads(Path(__file__).with_name("holes.toml").read_text("utf-8"))["hole"]
MAILS = [(hole, mail) for hole in HOLES for mail in hole["mails"]]
SESSIONS = Question(
    "sessions", "sessions", both("Sessions", "Pass"),
    options=(Option("morning", both("morning session", "förmiddag")), Option("dinner", both("dinner", "middag"))),
)  # fmt: skip


def name(entry):
    return (entry[1].get("subject") or entry[1]["text"])[:40]


@pytest.mark.parametrize(("hole", "mail"), MAILS, ids=[name(entry) for entry in MAILS])
def test_what_only_looks_like_it_does_not_happen(read_mail, hole, mail):
    """Nothing is done, and nothing that a person has to see is filed in silence."""
    reading = read_mail(
        mail["text"], mail.get("subject", ""), answered=hole["answered"], standing=hole["standing"],
        thread=bool(hole["answered"]), asked=hole["answered"] in {"please_confirm", "offered"},
        organiser=hole["organiser"], questions=(SESSIONS,), month=3,
    )  # fmt: skip
    assert not acts(reading), (hole["why"], reading)
    assert not isinstance(reading.intent, Silent), (hole["why"], reading)


def test_there_are_no_mails_twice():
    """Each mail in its place says something of its own."""
    places = [(hole["standing"], hole["answered"], hole["organiser"], *mail.values()) for hole, mail in MAILS]
    assert len(set(places)) == len(places)
    assert all(hole["why"] and hole["must_not"] in {"act", "silent"} for hole in HOLES)
