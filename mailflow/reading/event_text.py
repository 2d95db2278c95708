"""What a text says about an event: labelled lines for certain, and all else by guess. Pure, linear, never raises.

A form (`Title: …`) and a text that somebody forwards are read by the same rules; only what has a label is certain.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, time
from typing import Any

from mailflow.mail.clean import clean, clean_text
from mailflow.model.sketch import Piece, Sketch
from mailflow.reading.dates import LINE, Moments, find_moments
from mailflow.reading.event_words import inside, keys, phrases, words
from mailflow.reading.words import fold_words

LINES = 400
_LABEL = 40
_TITLE = 200
_PLACE = 300
_DESCRIPTION = 3000
_PROSE = 60
_PROGRAMME = 50
_SEATS_MOST = 1_000_000
# A day is over at its last minute.
_LAST_MINUTE = time(23, 59)


@dataclass(slots=True)
class _Found:
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
    found = _Found()
    _labels(found, lines[:LINES], today)
    return _sketch(found)


def read_text(lines: Sequence[str], subject: str, today: date) -> Sketch:
    """All that a text tells of an event. `subject` is that of the mail, without Re: and Fwd:."""
    whole = [line.strip() for line in lines[:LINES]]
    lines = [line[:LINE] for line in whole]
    found = _Found()
    rows = _labels(found, lines, today)
    _dates(found, [lines[at] for at in range(len(lines)) if at not in rows], today)
    _deadline(found, lines, today)
    _title(found, lines, subject, rows)
    _seats(found, lines)
    _foods(found, lines)
    _programme(found, lines)
    prose = _prose([line if at not in rows else "" for at, line in enumerate(whole)], found.values.get("title", ""))
    found.note(description=prose or None)
    return _sketch(found)


def _sketch(found: _Found) -> Sketch:
    values = found.values
    day, closes = values.get("day"), values.get("closes_day")
    if closes is not None and "closes_year" in values:
        # Without a year, the last day to sign up is the last one before the event.
        bound = day or closes
        year = bound.year if (closes.month, closes.day) <= (bound.month, bound.day) else bound.year - 1
        values["closes_day"] = _in_year(closes, year)
    values.pop("closes_year", None)
    if values.get("closes_day") is not None:
        values.setdefault("closes_at", _LAST_MINUTE)
    return Sketch(**values, guessed=tuple(dict.fromkeys(found.guessed)))


def _in_year(day: date, year: int) -> date:
    try:
        return day.replace(year=year)
    except ValueError:  # 29 February
        return day.replace(year=year, day=28)


def _settled(moments: Moments, today: date) -> tuple[date | None, date | None]:
    """First and last day; without a year they are the next ones."""
    day, last = moments.day, moments.last
    if day is None or moments.year:
        return day, last
    coming = _in_year(day, today.year)
    year = today.year if coming >= today else today.year + 1
    return _in_year(day, year), _in_year(last, year) if last else None


def _labels(found: _Found, lines: Sequence[str], today: date) -> frozenset[int]:
    """Reads each labelled line; the places of those that were."""
    rows: set[int] = set()
    for at, line in enumerate(lines):
        label, colon, value = line.strip().lstrip("*-\u2022 ")[:LINE].partition(":")
        key = keys("labels").get(fold_words(label), "") if colon and len(label) <= _LABEL else ""
        value = clean(value, LINE)
        if key and value and _KEYS[key](found, value, today):
            rows.add(at)
    return frozenset(rows)


def _when(found: _Found, value: str, today: date) -> bool:
    moments = find_moments(value, bare=True)
    day, last = _settled(moments, today)
    found.note(None if moments.year else "day", day=day)
    found.note(last_day=last, begins=moments.begins, ends=moments.ends)
    return day is not None or moments.begins is not None


def _day(found: _Found, value: str, today: date) -> bool:
    moments = find_moments(value)
    day, last = _settled(moments, today)
    found.note(None if moments.year else "day", day=day)
    found.note(last_day=last, begins=moments.begins, ends=moments.ends)
    return day is not None


def _ends(found: _Found, value: str, today: date) -> bool:
    moments = find_moments(value, bare=True)
    day, _ = _settled(moments, today)
    found.note(last_day=day, ends=moments.begins)
    return moments.begins is not None


def _closes(found: _Found, value: str, today: date) -> bool:
    moments = find_moments(value)
    if moments.day is None or "closes_day" in found.values:
        return False
    found.note(closes_day=moments.day, closes_at=moments.begins)
    if not moments.year:
        found.note(closes_year=True)
        # Settled by the day of the event, if there is one.
        if "day" not in found.values:
            found.values["closes_day"] = _settled(moments, today)[0]
    return True


def _number(found: _Found, value: str, _today: date) -> bool:
    digits = next((word for word in fold_words(value)[:10] if word.isascii() and word.isdigit()), "")
    if not digits or not 0 < int(digits[:9]) <= _SEATS_MOST:
        return False
    found.note(seats=int(digits[:9]))
    return True


def _yes_or_no(found: _Found, value: str, _today: date) -> bool:
    first = next(iter(fold_words(value)), "")
    said = True if first in words("yes") else False if first in words("no") else None
    found.note(diet=said)
    return said is not None


def _food(found: _Found, value: str, _today: date) -> bool:
    foods = _foods_in(value)
    found.note(included=foods or None)
    return bool(foods)


def _spoken(found: _Found, value: str, _today: date) -> bool:
    language = next(
        (keys("languages")[(word,)] for word in fold_words(value)[:5] if (word,) in keys("languages")), None
    )
    found.note(language=language)
    return language is not None


def _place(found: _Found, value: str, today: date) -> bool:
    value = value.removesuffix("[map]").removesuffix("[karta]").strip(" ,")
    if value.startswith("https://"):
        return _link(found, value, today)
    found.note(place=clean(value, _PLACE) or None)
    return bool(value)


def _link(found: _Found, value: str, _today: date) -> bool:
    link = value.split(" ", maxsplit=1)[0]
    sound = link.startswith("https://") and link.isascii() and not any(sign in link for sign in '<>"')
    found.note(link=link if sound else None)
    return sound


def _words_of(name: str, limit: int) -> Callable[[_Found, str, date], bool]:
    def read(found: _Found, value: str, _today: date) -> bool:
        found.note(**{name: clean(value, limit) or None})
        return True

    return read


_KEYS: dict[str, Callable[[_Found, str, date], bool]] = {
    "title": _words_of("title", _TITLE), "day": _day, "time": _when, "when": _when, "ends": _ends, "place": _place,
    "link": _link, "seats": _number, "closes": _closes, "diet": _yes_or_no, "included": _food, "language": _spoken,
    "description": _words_of("description", _DESCRIPTION),
}  # fmt: skip


def _dates(found: _Found, lines: Sequence[str], today: date) -> None:
    """The first date that stands anywhere but behind a word for the last day to sign up, and the hours beside it."""
    for line in lines:
        if "day" in found.values and "begins" in found.values:
            return
        if inside(line, "deadline") >= 0:
            continue
        moments = find_moments(line)
        if "day" in found.values:
            # The programme's first line says when it begins.
            found.note("begins", begins=moments.begins)
        elif moments.day is not None:
            day, last = _settled(moments, today)
            found.note("day", day=day)
            found.note(last_day=last)
            found.note("begins", begins=moments.begins)
            found.note(ends=moments.ends)


def _deadline(found: _Found, lines: Sequence[str], today: date) -> None:
    for line in lines:
        if (at := inside(line, "deadline")) >= 0 and _closes(found, line[at:], today):
            return


def _title(found: _Found, lines: Sequence[str], subject: str, rows: frozenset[int]) -> None:
    """The line above the first one that tells the day, when it reads like a title; else the subject; else the first."""
    fitting = [at for at, line in enumerate(lines) if at not in rows and _like_title(line)]
    dated = next((at for at, line in enumerate(lines) if line and find_moments(line).day is not None), len(lines))
    above = [at for at in fitting if at < dated and not any(lines[at + 1 : dated])]
    short = dated < len(lines) and len(lines[dated]) <= _PROSE
    if above and short:
        found.note("title", title=clean(lines[above[0]], _TITLE))
    named = fold_words(subject)
    if named and " ".join(named) not in {" ".join(row) for row in phrases("nameless")}:
        found.note("title", title=clean(subject, _TITLE) or None)
    if fitting:
        found.note("title", title=clean(lines[fitting[0]], _TITLE) or None)


def _like_title(line: str) -> bool:
    row = fold_words(line)
    return (
        3 < len(line) <= _TITLE
        and bool(row)
        and row[0] not in words("greetings")
        and not line.endswith((".", ",", ":", ";"))
        and find_moments(line).day is None
        and "@" not in line.rsplit(" ", maxsplit=1)[-1]
    )


def _seats(found: _Found, lines: Sequence[str]) -> None:
    before, after = phrases("seats_before"), words("seats_after")
    for line in lines:
        row = fold_words(line)
        for at, word in enumerate(row):
            if not (word.isascii() and word.isdigit() and 0 < int(word[:7]) <= _SEATS_MOST):
                continue
            told = any(row[max(0, at - len(phrase)) : at] == phrase for phrase in before)
            if told or (row[at + 1 : at + 2] and row[at + 1] in after):
                found.note("seats", seats=int(word[:7]))
                return


def _foods_in(text: str) -> tuple[str, ...]:
    known = keys("foods")
    return tuple(dict.fromkeys(known[(word,)] for word in fold_words(text) if (word,) in known))


def _foods(found: _Found, lines: Sequence[str]) -> None:
    foods = tuple(dict.fromkeys(food for line in lines for food in _foods_in(line)))
    found.note("included", included=foods or None)
    if "lunch" in foods or "dinner" in foods or "fika" in foods or "breakfast" in foods:
        found.note("diet", diet=True)


def _programme(found: _Found, lines: Sequence[str]) -> None:
    """Lines that begin with a time of day and then say what happens: two at least, or it is none."""
    items: list[tuple[time, str]] = []
    for line in lines:
        head, _, rest = line.partition(" ")
        moments = find_moments(head)
        plain = head.replace(".", "").replace(":", "").replace("-", "").replace("\u2013", "").isdigit()
        said = clean(rest.lstrip("-\u2013 "), _TITLE)
        if moments.begins is not None and plain and len(said) > 2 and not said[0].isdigit():
            items.append((moments.begins, said))
    if len(items) > 1:
        found.note(programme=tuple(items[:_PROGRAMME]))


def _prose(lines: Sequence[str], title: str) -> str:
    """The paragraphs before the one that names the last day to sign up."""
    kept: list[str] = []
    for line in lines:
        if kept and inside(line[:LINE], "deadline") >= 0:
            break
        if len(line) > _PROSE and clean(line, _TITLE) != title:
            kept.append(line[:_DESCRIPTION])
        if sum(map(len, kept)) > _DESCRIPTION:
            break
    return clean_text("\n\n".join(kept), _DESCRIPTION)


def with_defaults(sketch: Sketch, language: str, seats: int) -> Sketch:
    """What nobody said and everybody needs, each of it a guess: two hours, so many seats, that language."""
    guessed = list(sketch.guessed)
    if sketch.seats is None:
        sketch = replace(sketch, seats=seats)
        guessed.append("seats")
    if not sketch.language:
        sketch = replace(sketch, language=language)
        guessed.append("language")
    if sketch.begins is not None and sketch.ends is None:
        ends = time((sketch.begins.hour + 2) % 24, sketch.begins.minute)
        sketch = replace(sketch, ends=ends if ends > sketch.begins else _LAST_MINUTE)
        guessed.append("ends")
    return replace(sketch, guessed=tuple(dict.fromkeys(guessed)))
