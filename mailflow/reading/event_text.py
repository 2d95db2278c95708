"""What a text that nobody wrote as a form says about an event. Pure, linear, never raises.

A form (`Title: …`) and a text that somebody passes on are read by the same rules; what has no label is a guess.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, time

from mailflow.mail.clean import clean, clean_text
from mailflow.model.sketch import Sketch
from mailflow.reading.dates import LINE, find_moments
from mailflow.reading.event_labels import (
    DESCRIPTION,
    LAST_MINUTE,
    LINES,
    SEATS_MOST,
    TITLE,
    Found,
    foods_in,
    last_day_to_sign_up,
    read_labels,
    settled,
    sketch_of,
)
from mailflow.reading.event_words import inside, phrases, words
from mailflow.reading.words import fold_words

_PROSE = 60
_PROGRAMME = 50


def read_text(lines: Sequence[str], subject: str, today: date) -> Sketch:
    """All that a text tells of an event. `subject` is that of the mail, without Re: and Fwd:."""
    whole = [line.strip() for line in lines[:LINES]]
    lines = [line[:LINE] for line in whole]
    found = Found()
    rows = read_labels(found, lines, today)
    _dates(found, [lines[at] for at in range(len(lines)) if at not in rows], today)
    _deadline(found, lines, today)
    _title(found, lines, subject, rows)
    _seats(found, lines)
    _foods(found, lines)
    _programme(found, lines)
    prose = _prose([line if at not in rows else "" for at, line in enumerate(whole)], found.values.get("title", ""))
    found.note(description=prose or None)
    return sketch_of(found)


def _dates(found: Found, lines: Sequence[str], today: date) -> None:
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
            day, last = settled(moments, today)
            found.note("day", day=day)
            found.note(last_day=last)
            found.note("begins", begins=moments.begins)
            found.note(ends=moments.ends)


def _deadline(found: Found, lines: Sequence[str], today: date) -> None:
    for line in lines:
        if (at := inside(line, "deadline")) >= 0 and last_day_to_sign_up(found, line[at:], today):
            return


def _title(found: Found, lines: Sequence[str], subject: str, rows: frozenset[int]) -> None:
    """The line above the first one that tells the day, when it reads like a title; else the subject; else the first."""
    fitting = [at for at, line in enumerate(lines) if at not in rows and _like_title(line)]
    dated = next((at for at, line in enumerate(lines) if line and find_moments(line).day is not None), len(lines))
    above = [at for at in fitting if at < dated and not any(lines[at + 1 : dated])]
    short = dated < len(lines) and len(lines[dated]) <= _PROSE
    if above and short:
        found.note("title", title=clean(lines[above[0]], TITLE))
    named = fold_words(subject)
    if named and " ".join(named) not in {" ".join(row) for row in phrases("nameless")}:
        found.note("title", title=clean(subject, TITLE) or None)
    if fitting:
        found.note("title", title=clean(lines[fitting[0]], TITLE) or None)


def _like_title(line: str) -> bool:
    row = fold_words(line)
    return (
        3 < len(line) <= TITLE
        and bool(row)
        and row[0] not in words("greetings")
        and not line.endswith((".", ",", ":", ";"))
        and find_moments(line).day is None
        and "@" not in line.rsplit(" ", maxsplit=1)[-1]
    )


def _seats(found: Found, lines: Sequence[str]) -> None:
    before, after = phrases("seats_before"), words("seats_after")
    for line in lines:
        row = fold_words(line)
        for at, word in enumerate(row):
            if not (word.isascii() and word.isdigit() and 0 < int(word[:7]) <= SEATS_MOST):
                continue
            told = any(row[max(0, at - len(phrase)) : at] == phrase for phrase in before)
            if told or (row[at + 1 : at + 2] and row[at + 1] in after):
                found.note("seats", seats=int(word[:7]))
                return


def _foods(found: Found, lines: Sequence[str]) -> None:
    foods = tuple(dict.fromkeys(food for line in lines for food in foods_in(line)))
    found.note("included", included=foods or None)
    if "lunch" in foods or "dinner" in foods or "fika" in foods or "breakfast" in foods:
        found.note("diet", diet=True)


def _programme(found: Found, lines: Sequence[str]) -> None:
    """Lines that begin with a time of day and then say what happens: two at least, or it is none."""
    items: list[tuple[time, str]] = []
    for line in lines:
        head, _, rest = line.partition(" ")
        moments = find_moments(head)
        plain = head.replace(".", "").replace(":", "").replace("-", "").replace("\u2013", "").isdigit()
        said = clean(rest.lstrip("-\u2013 "), TITLE)
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
        if len(line) > _PROSE and clean(line, TITLE) != title:
            kept.append(line[:DESCRIPTION])
        if sum(map(len, kept)) > DESCRIPTION:
            break
    return clean_text("\n\n".join(kept), DESCRIPTION)


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
        sketch = replace(sketch, ends=ends if ends > sketch.begins else LAST_MINUTE)
        guessed.append("ends")
    return replace(sketch, guessed=tuple(dict.fromkeys(guessed)))
