"""The files that go with a letter, beside those that the drawing itself made."""

from datetime import datetime

from mailflow.mail.outline import File
from mailflow.model.event import Event
from mailflow.model.letter import Letter
from mailflow.render.export import csv_octets, list_rows
from mailflow.render.my_data import my_data_octets
from mailflow.render.sheets import door_list_files
from mailflow.render.spreadsheet import XLSX, xlsx_octets
from mailflow.render.templates import Library
from mailflow.render.words import Words


def attached(
    library: Library, words: Words, order: Words, letter: Letter, event: Event, now: datetime
) -> tuple[File, ...]:
    """At the digest and after LIST attendees.csv (all who hold a seat, then all who wait), at `my_data` my-data.json,
    and at the door list what is printed, in the alphabet of `order`; a notice about one person brings no list.
    """
    if letter.dossier is not None:
        return (File("my-data.json", "application/json", my_data_octets(letter.dossier, event, now)),)
    if letter.kind == "door_list" and letter.door_list is not None:
        return door_list_files(library, words, order, event, letter.door_list.expected, now)
    listed = (*letter.digest.seated, *letter.digest.line) if letter.digest is not None else None
    if letter.transcript is not None:
        listed = letter.transcript.listed
    if listed is None:
        return ()
    rows = list_rows(words, event, listed)
    files = (File("attendees.csv", "text/csv", csv_octets(rows)),)
    sheets = xlsx_octets(words.say("export", "title"), rows)
    return files if sheets is None else (*files, File("attendees.xlsx", XLSX, sheets))
