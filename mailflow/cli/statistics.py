"""`mailflow event show --stats`: sign-ups in numbers, also of people who have been erased."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from mailflow.cli.desk import Desk, choose_event

# ruff: noqa: PLC0415  heavy imports happen inside: --help must be quick

if TYPE_CHECKING:
    from datetime import datetime

    from mailflow.model.event import Event
    from mailflow.model.statistics import Statistics


def show_statistics(desk: Desk, name: str | None) -> None:
    """Bars for people; with --json one object."""
    from mailflow.render.export import shipped_words
    from mailflow.render.statistics import as_text, parts

    house = desk.house()
    event = choose_event(house, name)
    with desk.reading(house.config).read() as reader:
        told = reader.statistics(event.id)
    now = house.now()
    if desk.as_json:
        desk.one(_object(event, told, now))
        return
    words = shipped_words("en")
    shown = parts(words, event, told, now)
    title = f"{words.say('statistics', 'title')}: {event.short_title.get(*event.languages)}"
    click.echo(as_text(title, shown) if shown else "Nobody has signed up yet.\n", nl=False)


def _object(event: Event, told: Statistics, now: datetime) -> dict[str, object]:
    from mailflow.render.statistics import show_up_rate

    return {
        "event": event.id,
        "standing": {tally.status: {"people": tally.people, "seats": tally.seats} for tally in told.tallies},
        "signed_up": {str(day): people for day, people in told.signed_up},
        "cancelled": {str(day): people for day, people in told.gone},
        "languages": dict(told.languages),
        "affiliations": dict(told.affiliations),
        "absent": told.absent,
        "show_up_percent": show_up_rate(told, event, now),
    }
