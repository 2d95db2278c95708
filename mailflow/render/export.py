"""Lists as files that a spreadsheet opens without being asked anything (letters.md §9, trust.md §9)."""

from collections.abc import Iterable

from mailflow.mail.clean import clean
from mailflow.model.event import Event
from mailflow.model.registration import Registration
from mailflow.render import facts
from mailflow.render.words import Words, load_words
from mailflow.resources import shipped

# A cell that begins so is a formula to a spreadsheet: an attendee's name must not become a program.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def cell(text: str) -> str:
    """One quoted field; `'` before what a spreadsheet would calculate, also after leading blanks."""
    if text.lstrip(" \n\u00a0").startswith(_FORMULA) or text.startswith(_FORMULA):
        text = "'" + text
    return '"' + text.replace("\0", "").replace('"', '""') + '"'


def csv_octets(rows: Iterable[tuple[str, ...]]) -> bytes:
    """UTF-8 with BOM, separator `;`, every field quoted, lines end with CRLF: what Excel opens as it is."""
    return b"\xef\xbb\xbf" + "".join(";".join(map(cell, row)) + "\r\n" for row in rows).encode("utf-8", "replace")


def attendee_rows(words: Words, event: Event, registrations: Iterable[Registration]) -> Iterable[tuple[str, ...]]:
    """A head, and a row for each registration in the order given."""
    yield (
        *(words.say("export", column) for column in ("code", "name", "address", "status", "since")),
        *(question.label.get(words.language) for question in event.questions),
        words.say("export", "guests"),
    )
    for registration in registrations:
        yield (
            registration.code,
            clean(registration.name, 200),
            str(registration.address),
            words.say("export", registration.status.value),
            event.local(registration.since).strftime("%Y-%m-%d %H:%M"),
            *(facts.answer_text(words, q, registration.answer(q.id)) for q in event.questions),
            str(registration.guests),
        )


def attendees_csv(event: Event, registrations: Iterable[Registration], language: str) -> bytes:
    """The attendees as CSV with the shipped words of that language, or of English where there is none."""
    folder = shipped("templates")
    known = language if (folder / language / "language.toml").is_file() else "en"
    return list_octets(load_words(known, folder / known / "language.toml"), event, registrations)


def list_octets(words: Words, event: Event, registrations: Iterable[Registration]) -> bytes:
    """The attendees as CSV, sorted by surname in the language's alphabet."""
    ordered = sorted(registrations, key=lambda r: (words.by_surname(r.name), r.number))
    return csv_octets(attendee_rows(words, event, ordered))
