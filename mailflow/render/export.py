"""Lists as files that a spreadsheet opens without being asked anything (letters.md §9, trust.md §9)."""

from collections.abc import Iterable, Iterator, Sequence

from mailflow.mail.clean import clean
from mailflow.model.event import Event
from mailflow.model.registration import Registration
from mailflow.render import facts
from mailflow.render.words import Words, load_words
from mailflow.resources import shipped

# A cell that begins so is a formula to a spreadsheet: an attendee's name must not become a program.
# The full-width signs are those of Chinese and Japanese keyboards, which Excel takes for the same.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")

# What a list can show beside the organiser's questions, which are columns by their ids. A question with one of these
# ids hides the column.
COLUMNS = ("code", "name", "address", "mail", "status", "since", "guests")


def cell(text: str) -> str:
    """One quoted field; `'` before what a spreadsheet would calculate, also after leading blanks."""
    if text.lstrip(" \n\u00a0\u3000").startswith(_FORMULA) or text.startswith(_FORMULA):
        text = "'" + text
    return '"' + text.replace("\0", "").replace('"', '""') + '"'


def csv_octets(rows: Iterable[tuple[str, ...]]) -> bytes:
    """UTF-8 with BOM, separator `;`, every field quoted, lines end with CRLF: what Excel opens as it is."""
    return b"\xef\xbb\xbf" + "".join(";".join(map(cell, row)) + "\r\n" for row in rows).encode("utf-8", "replace")


def attendee_rows(
    words: Words, event: Event, registrations: Iterable[Registration], columns: Sequence[str] = ()
) -> Iterator[tuple[str, ...]]:
    """A head, and a row for each registration in the order given. `columns` () is all: see COLUMNS."""
    questions = {question.id: question for question in event.questions}
    # `guests` stands last, and questions of the organiser's before it.
    chosen = tuple(columns) or (*COLUMNS[:-1], *questions, COLUMNS[-1])
    yield tuple(
        questions[column].label.get(words.language) if column in questions else words.say("export", column)
        for column in chosen
    )
    for registration in registrations:
        yield tuple(
            facts.answer_text(words, questions[column], registration.answer(column))
            if column in questions
            else _fact(words, event, registration, column)
            for column in chosen
        )


def _fact(words: Words, event: Event, registration: Registration, column: str) -> str:
    match column:
        case "code":
            return registration.code
        case "name":
            return clean(registration.name, 200)
        case "address":
            return str(registration.address)
        case "mail":
            return words.say("export", "comes_back") if registration.undeliverable else ""
        case "status":
            return words.say("export", "applied" if registration.applied else registration.status.value)
        case "since":
            return event.local(registration.since).strftime("%Y-%m-%d %H:%M")
        case "guests":
            return str(registration.guests)
        case _:
            raise ValueError(f"no column {column}")


def attendees_csv(
    event: Event, registrations: Iterable[Registration], language: str, columns: Sequence[str] = ()
) -> bytes:
    """The attendees as CSV with the shipped words of that language, or of English where there is none."""
    return list_octets(shipped_words(language), event, registrations, columns)


def said(event: Event, registrations: Iterable[Registration], language: str) -> Iterator[dict[str, str]]:
    """For each, by question: what was answered, in the words of the list. A question without an answer is left out."""
    words = shipped_words(language)
    for one in registrations:
        texts = ((q.id, facts.answer_text(words, q, one.answer(q.id))) for q in event.questions)
        yield {question: text for question, text in texts if text}


def shipped_words(language: str) -> Words:
    """Those of that language, or of English where there are none."""
    folder = shipped("templates")
    known = language if (folder / language / "language.toml").is_file() else "en"
    return load_words(known, folder / known / "language.toml")


def list_rows(
    words: Words, event: Event, registrations: Iterable[Registration], columns: Sequence[str] = ()
) -> list[tuple[str, ...]]:
    """`attendee_rows`, sorted by surname in the language's alphabet."""
    ordered = sorted(registrations, key=lambda r: (words.by_surname(r.name), r.number))
    return list(attendee_rows(words, event, ordered, columns))


def list_octets(
    words: Words, event: Event, registrations: Iterable[Registration], columns: Sequence[str] = ()
) -> bytes:
    """The attendees as CSV, sorted so."""
    return csv_octets(list_rows(words, event, registrations, columns))
