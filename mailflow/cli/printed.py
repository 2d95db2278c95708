"""`mailflow export` to what is printed or opened in a spreadsheet: .html, .pdf and .xlsx."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

# ruff: noqa: PLC0415  heavy imports happen inside: --help must be quick

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mailflow.cli.desk import Desk
    from mailflow.model.event import Event
    from mailflow.model.registration import Registration
    from mailflow.service.house import House

SUFFIXES = (".html", ".pdf", ".xlsx")
SHEETS = ("door-list", "badges", "statistics")


def printed(desk: Desk, house: House, event: Event, suffix: str, sheet: str, language: str) -> bytes:
    """That sheet for those who have a seat. A number of the door list is given out with the list itself, a day before:
    until then the column is empty, since it would not stay.
    """
    from mailflow.model.registration import Status

    now = house.now()
    if suffix == ".pdf" and sheet != "door-list":
        raise click.UsageError("Only the door list is written as .pdf; print the .html page of the others.")
    with desk.reading(house.config).read() as reader:
        people = reader.registrations(event.id, Status.CONFIRMED)
        told = reader.statistics(event.id) if sheet == "statistics" else None
    if told is not None:
        return house.renderer.statistics_page(event, told, language, now)
    if suffix == ".pdf":
        pages = house.renderer.door_list_pdf(event, people, language, now)
        if pages is None:
            raise click.UsageError("For .pdf install the extra: pip install 'mailflow[pdf]'.")
        return pages
    return house.renderer.page("badges" if sheet == "badges" else "door_list", event, people, language, now)


def spreadsheet(event: Event, people: Sequence[Registration], language: str, columns: str | None) -> bytes:
    """The list of the CSV as .xlsx."""
    from mailflow.render.export import list_rows, shipped_words
    from mailflow.render.spreadsheet import xlsx_octets

    words = shipped_words(language)
    octets = xlsx_octets(words.say("export", "title"), list_rows(words, event, people, columns_of(event, columns)))
    if octets is None:
        raise click.UsageError("For .xlsx install the extra: pip install 'mailflow[xlsx]'.")
    return octets


def columns_of(event: Event, columns: str | None) -> tuple[str, ...]:
    """The chosen columns, () for all."""
    from mailflow.render.export import COLUMNS

    known = (*COLUMNS, *(question.id for question in event.questions))
    wanted = tuple(columns.replace(" ", "").split(",")) if columns else ()
    if strange := [column for column in wanted if column not in known]:
        raise click.UsageError(f"No column {', '.join(strange)}; there is {', '.join(known)}.")
    return wanted
