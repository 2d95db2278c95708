"""A renderer, and every letter once in each language."""

from datetime import timedelta
from pathlib import Path

import pytest

from mailflow.model.letter import VARIANTS
from mailflow.model.seal import Seal
from mailflow.render import Renderer, Site
from mailflow.render.sample import moment_of, sample_event, sample_letter
from mailflow.resources import shipped

REFERENCE = "7M2KQ9XD"
LANGUAGES = ("en", "sv")
EVERY = [
    (kind, variant, language) for kind, variants in VARIANTS.items() for variant in variants for language in LANGUAGES
]
NAMES = [f"{language}/{kind}.{variant}".rstrip(".") for kind, variant, language in EVERY]


def make_site(**more) -> Site:
    values = {
        "domain": "events.example.org", "name": "Events", "contact": "events@example.org", "plus": "+",
        "languages": LANGUAGES, "accent": "#0b5cad", "confirm_within": timedelta(hours=48), "calendar_ask": True,
        "calendar_alarm": None, **more,
    }  # fmt: skip
    return Site(**values)


@pytest.fixture(scope="session")
def seal():
    return Seal(b"a key of thirty-two octets, or so")


@pytest.fixture(scope="session")
def make(seal):
    """A renderer of a site with other settings; zones come from the tzdata package's text, or are written in UTC."""

    def build(**more) -> Renderer:
        return Renderer(make_site(**more), seal, lambda _: None)

    return build


@pytest.fixture(scope="session")
def renderer(make):
    return make()


@pytest.fixture(scope="session")
def event():
    return sample_event()


@pytest.fixture(scope="session")
def every(renderer, event):
    """(kind, variant, language) → Rendered."""
    return {
        key: renderer.render(sample_letter(*key), event, REFERENCE, moment_of(key[0], event))
        for key in EVERY
    }  # fmt: skip


@pytest.fixture(scope="session")
def templates() -> Path:
    return shipped("templates")
