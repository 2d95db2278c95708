"""The door list as files: a page to print, CSV, and with the extras a spreadsheet and a PDF."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime

from mailflow.mail.clean import clean
from mailflow.mail.outline import File
from mailflow.model.event import Event
from mailflow.model.registration import Registration
from mailflow.render import facts
from mailflow.render.door_list import DoorRow, badges, door_rows, heads
from mailflow.render.export import csv_octets
from mailflow.render.pdf import pdf_octets
from mailflow.render.spreadsheet import XLSX, xlsx_octets
from mailflow.render.templates import Library
from mailflow.render.words import Words

# Setting 500 rows takes 0.6 s and 80 MB, 5000 more memory than a service is given: those print the page.
_PDF_ROWS = 1000
_CLASSES = ("no", "tick", "name", "", "", "code")


def door_list_files(
    library: Library, words: Words, order: Words, event: Event, people: Sequence[Registration], now: datetime
) -> tuple[File, ...]:
    """What goes with the letter: door-list.html and .csv, and .xlsx and .pdf where their extras are installed.

    A list of more than a thousand rows is not set as PDF, and one that cannot be is left out.
    """
    rows = door_rows(words, order, event, people)
    table = [heads(words), *(_plain(row) for row in rows)]
    files = [
        File("door-list.html", "text/html", _page(library, words, event, rows, now)),
        File("door-list.csv", "text/csv", csv_octets(table)),
    ]
    if (sheet := xlsx_octets(words.say("door_list", "title"), table)) is not None:
        files.append(File("door-list.xlsx", XLSX, sheet))
    pages = None
    if len(rows) <= _PDF_ROWS:
        # Whoever stands at the door needs the list more than this form of it.
        with suppress(RuntimeError):
            pages = pdf_octets(_printed(words, event, rows, now))
    if pages is not None:
        files.append(File("door-list.pdf", "application/pdf", pages))
    return tuple(files)


def door_list_page(
    library: Library, words: Words, order: Words, event: Event, people: Sequence[Registration], now: datetime
) -> bytes:
    """The page alone: A4, for any browser, and nothing from the network."""
    return _page(library, words, event, door_rows(words, order, event, people), now)


def door_list_pdf(
    words: Words, order: Words, event: Event, people: Sequence[Registration], now: datetime
) -> bytes | None:  # fmt: skip
    """The same as PDF; None without the extra."""
    return pdf_octets(_printed(words, event, door_rows(words, order, event, people), now))


def badges_page(
    library: Library, words: Words, order: Words, event: Event, people: Sequence[Registration]
) -> bytes:  # fmt: skip
    """A badge for each person, and one to write on for each guest; ten on an A4 page."""
    return library.page(
        "badges",
        lang=words.language,
        title=words.say("door_list", "badges"),
        event=clean(event.short_title.get(words.language), 120),
        badges=badges(words, order, event, people),
    )


def _page(library: Library, words: Words, event: Event, rows: Sequence[DoorRow], now: datetime) -> bytes:
    return library.page("door_list", **_printed(words, event, rows, now), classes=_CLASSES)


def _printed(words: Words, event: Event, rows: Sequence[DoorRow], now: datetime) -> dict[str, object]:
    """What the printed list says, whatever draws it."""
    names = words.count("names", len(rows))
    return {
        "lang": words.language,
        "title": words.say("door_list", "title"),
        "event": clean(event.short_title.get(words.language), 120),
        "when": words.long(event.starts, event.ends),
        "where": facts.where(words, event),
        "note": words.say("door_list", "page", now=words.relative(event.local(now), event.local(now)), names=names),
        "heads": heads(words),
        "rows": tuple(rows),
    }


def _plain(row: DoorRow) -> tuple[str, ...]:
    """A cell to tick in a spreadsheet is an empty one."""
    return (row.number, "", row.name, row.diet, row.note, row.code)
