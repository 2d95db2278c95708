"""What stands behind labels in a text about an event: `Title: …`, `Platser: 30`. What has a label is certain."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, time
from typing import Any

from mailflow.mail.clean import clean
from mailflow.model.sketch import Piece, Sketch
from mailflow.reading.dates import LINE, Moments, find_moments
from mailflow.reading.event_words import keys, words
from mailflow.reading.words import fold_words

LINES = 400
TITLE = 200
DESCRIPTION = 3000
SEATS_MOST = 1_000_000
# A day is over at its last minute.
LAST_MINUTE = time(23, 59)
_LABEL = 40
_PLACE = 300


@dataclass(slots=True)
class Found:
    """The pieces as they are found; the first of each counts."""

    values: dict[str, Any] = field(default_factory=dict)
    guessed: list[Piece] = field(default_factory=list)

    def note(self, guess: Piece | None = None, /, **values: object) -> None:
        for name, value in values.items():
            if value is not None and name not in self.values:
                self.values[name] = value
                if guess:
                    self.guessed.append(guess)


def labelled(lines: Sequence[str], today: date) -> Sketch:
    """What stands behind labels, in lines such as `Title: …` and `Platser: 30`."""
    found = Found()
    read_labels(found, lines[:LINES], today)
    return sketch_of(found)


def sketch_of(found: Found) -> Sketch:
    """What was found, with the year of the last day to sign up settled."""
    values = found.values
    day, closes = values.get("day"), values.get("closes_day")
    if closes is not None and "closes_year" in values:
        # Without a year, the last day to sign up is the last one before the event.
        bound = day or closes
        year = bound.year if (closes.month, closes.day) <= (bound.month, bound.day) else bound.year - 1
        values["closes_day"] = _in_year(closes, year)
    values.pop("closes_year", None)
    if values.get("closes_day") is not None:
        values.setdefault("closes_at", LAST_MINUTE)
    return Sketch(**values, guessed=tuple(dict.fromkeys(found.guessed)))


def _in_year(day: date, year: int) -> date:
    try:
        return day.replace(year=year)
    except ValueError:  # 29 February
        return day.replace(year=year, day=28)


def settled(moments: Moments, today: date) -> tuple[date | None, date | None]:
    """First and last day; without a year they are the next ones."""
    day, last = moments.day, moments.last
    if day is None or moments.year:
        return day, last
    coming = _in_year(day, today.year)
    year = today.year if coming >= today else today.year + 1
    return _in_year(day, year), _in_year(last, year) if last else None


def read_labels(found: Found, lines: Sequence[str], today: date) -> frozenset[int]:
    """Reads each labelled line; the places of those that were."""
    rows: set[int] = set()
    for at, line in enumerate(lines):
        label, colon, value = line.strip().lstrip("*-\u2022 ")[:LINE].partition(":")
        key = keys("labels").get(fold_words(label), "") if colon and len(label) <= _LABEL else ""
        value = clean(value, LINE)
        if key and value and _KEYS[key](found, value, today):
            rows.add(at)
    return frozenset(rows)


def _when(found: Found, value: str, today: date) -> bool:
    moments = find_moments(value, bare=True)
    day, last = settled(moments, today)
    found.note(None if moments.year else "day", day=day)
    found.note(last_day=last, begins=moments.begins, ends=moments.ends)
    return day is not None or moments.begins is not None


def _day(found: Found, value: str, today: date) -> bool:
    moments = find_moments(value)
    day, last = settled(moments, today)
    found.note(None if moments.year else "day", day=day)
    found.note(last_day=last, begins=moments.begins, ends=moments.ends)
    return day is not None


def _ends(found: Found, value: str, today: date) -> bool:
    moments = find_moments(value, bare=True)
    day, _ = settled(moments, today)
    found.note(last_day=day, ends=moments.begins)
    return moments.begins is not None


def last_day_to_sign_up(found: Found, value: str, today: date) -> bool:
    """The first date in `value`; whether there was one, and none before."""
    moments = find_moments(value)
    if moments.day is None or "closes_day" in found.values:
        return False
    found.note(closes_day=moments.day, closes_at=moments.begins)
    if not moments.year:
        found.note(closes_year=True)
        # Settled by the day of the event, if there is one.
        if "day" not in found.values:
            found.values["closes_day"] = settled(moments, today)[0]
    return True


def _number(found: Found, value: str, _today: date) -> bool:
    digits = next((word for word in fold_words(value)[:10] if word.isascii() and word.isdigit()), "")
    if not digits or not 0 < int(digits[:9]) <= SEATS_MOST:
        return False
    found.note(seats=int(digits[:9]))
    return True


def _yes_or_no(found: Found, value: str, _today: date) -> bool:
    first = next(iter(fold_words(value)), "")
    said = True if first in words("yes") else False if first in words("no") else None
    found.note(diet=said)
    return said is not None


def _food(found: Found, value: str, _today: date) -> bool:
    foods = foods_in(value)
    found.note(included=foods or None)
    return bool(foods)


def _spoken(found: Found, value: str, _today: date) -> bool:
    language = next(
        (keys("languages")[(word,)] for word in fold_words(value)[:5] if (word,) in keys("languages")), None
    )
    found.note(language=language)
    return language is not None


def _place(found: Found, value: str, today: date) -> bool:
    value = value.removesuffix("[map]").removesuffix("[karta]").strip(" ,")
    if value.startswith("https://"):
        return _link(found, value, today)
    found.note(place=clean(value, _PLACE) or None)
    return bool(value)


def _link(found: Found, value: str, _today: date) -> bool:
    link = value.split(" ", maxsplit=1)[0]
    sound = link.startswith("https://") and link.isascii() and not any(sign in link for sign in '<>"')
    found.note(link=link if sound else None)
    return sound


def _words_of(name: str, limit: int) -> Callable[[Found, str, date], bool]:
    def read(found: Found, value: str, _today: date) -> bool:
        found.note(**{name: clean(value, limit) or None})
        return True

    return read


_KEYS: dict[str, Callable[[Found, str, date], bool]] = {
    "title": _words_of("title", TITLE), "day": _day, "time": _when, "when": _when, "ends": _ends, "place": _place,
    "link": _link, "seats": _number, "closes": last_day_to_sign_up, "diet": _yes_or_no, "included": _food,
    "language": _spoken, "description": _words_of("description", DESCRIPTION),
}  # fmt: skip


def foods_in(text: str) -> tuple[str, ...]:
    """The words for what is served, in order."""
    known = keys("foods")
    return tuple(dict.fromkeys(known[(word,)] for word in fold_words(text) if (word,) in known))
