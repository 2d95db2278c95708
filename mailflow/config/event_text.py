"""A sketch becomes the text of an event file, and the id that is its address."""

import tomllib
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

from mailflow.config.edit import literal
from mailflow.config.event_name import ROLES, name_fault
from mailflow.mail.clean import clean
from mailflow.model.event import Organiser
from mailflow.model.sketch import Sketch

_SHORT = 40
_NAME = 25
# Letters that no decomposition turns into ASCII.
_LETTERS = str.maketrans({"ø": "o", "æ": "ae", "đ": "d", "ł": "l", "ß": "ss", "þ": "th", "ð": "d", "œ": "oe", "ı": "i"})
_STREETS = (
    "gatan",
    "gata",
    "vägen",
    "väg",
    "gränd",
    "torget",
    "torg",
    "allén",
    "allé",
    "street",
    "road",
    "avenue",
    "lane",
)
_FOODS = {
    "en": {"breakfast": "breakfast", "lunch": "lunch", "fika": "fika", "dinner": "dinner"},
    "sv": {"breakfast": "frukost", "lunch": "lunch", "fika": "fika", "dinner": "middag"},
}
_AND = {"en": "and", "sv": "och"}

# What is done unless a file leaves it out (letters.md §9): who makes an event by mail has no file to put it into.
_CUSTOMS = (
    "[[reminder]]", "days_before = 7", "at = 09:00:00", "if_registered_days_before = 14", "",
    "[[reminder]]", "days_before = 1", "at = 09:00:00", "",
    "[after]", "thank_you_at = 09:00:00",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Home:
    """What the site gives an event made by mail: its time zone where the sketch names none, and who runs it."""

    timezone: str
    organiser: Organiser


def event_id(title: str, small: frozenset[str], taken: Callable[[str], bool]) -> str:
    """A short ASCII id out of the title's own words; with a number behind it where somebody has it already.

    `small` are words to leave out. The rules of event ids hold, and no id is a mailbox of the domain's own
    (config/event_name.py).
    """
    folded = unicodedata.normalize("NFKD", short_title(title).casefold().translate(_LETTERS))
    plain = "".join(sign if sign.isalnum() else " " for sign in folded if not unicodedata.combining(sign))
    row = [word for word in plain.split() if word.isascii()]
    row = [word for word in row if word not in small] or row
    base = ""
    for word in row:
        if base and len(f"{base}-{word}") > _NAME:
            break
        base = f"{base}-{word}"[:_NAME] if base else word[:_NAME]
    base = base if base and not name_fault(base) and base not in ROLES else "event"
    if not taken(base):
        return base
    numbered = (f"{base[: _NAME - len(str(n)) - 1].rstrip('-')}-{n}" for n in range(2, 1000))
    return next(name for name in numbered if not taken(name))


def short_title(title: str) -> str:
    """At most 40 characters: what stands before a dash or colon, else whole words."""
    if len(title) <= _SHORT:
        return title
    for sign in (" – ", " — ", " - ", ": ", ". "):
        head = title.partition(sign)[0].strip()
        if 3 < len(head) <= _SHORT:
            return head
    cut = title[: _SHORT - 1]
    return f"{(cut[: cut.rfind(' ')] if ' ' in cut[20:] else cut).rstrip(' ,-–')}…"


def event_file(sketch: Sketch, home: Home) -> str:
    """The text of the file. ValueError for a sketch that lacks what an event needs.

    It is for people to go on with: one language, and only what was said or has to stand there.
    """
    if sketch.day is None or sketch.begins is None or not sketch.title:
        raise ValueError("no title, no day, or no time")
    language = sketch.language
    starts = datetime.combine(sketch.day, sketch.begins)
    ends = datetime.combine(sketch.last_day or sketch.day, sketch.ends or time(23, 59))
    if ends <= starts:
        # Past midnight.
        ends += timedelta(days=1)
    rows: list[tuple[str, object]] = [("title", {language: sketch.title})]
    short = clean(short_title(sketch.title), _SHORT)
    rows += [("short_title", {language: short})] if short != sketch.title else []
    rows += [
        ("languages", [language]),
        ("timezone", sketch.timezone or home.timezone),
        ("starts", starts),
        ("ends", ends),
    ]
    rows += [("included", {language: foods(sketch.included, language)})] if sketch.included else []
    rows += [("description", {language: sketch.description})] if sketch.description else []
    lines = ["# Made by mail."]
    lines += _table(rows)
    lines += ["", "[venue]", *_table([*venue(sketch.place), *([("link", sketch.link)] if sketch.link else [])])]
    registration: list[tuple[str, object]] = []
    if sketch.closes_day is not None:
        closes = datetime.combine(sketch.closes_day, sketch.closes_at or time(23, 59))
        registration.append(("closes", min(closes, ends)))
    registration.append(("capacity", sketch.seats))
    lines += ["", "[registration]", *_table(registration)]
    lines += ["", "[[question]]", *_table(_diet(language))] if sketch.diet else []
    if sketch.programme:
        items = [{"at": at, "title": {language: title}} for at, title in sketch.programme]
        lines += ["", "[programme]", "items = [", *(f"  {literal(item)}," for item in items), "]"]
    maker = home.organiser
    person = [("name", maker.name), ("address", str(maker.address)), ("language", maker.language)]
    lines += ["", "[[organiser]]", *_table(person), "", *_CUSTOMS]
    return "\n".join(lines) + "\n"


def _table(rows: list[tuple[str, object]] | list[tuple[str, str]]) -> list[str]:
    return [f"{key} = {literal(value)}" for key, value in rows]


def foods(words: tuple[str, ...], language: str) -> str:
    """`lunch and fika`."""
    known = _FOODS.get(language, _FOODS["en"])
    names = [known[word] for word in words if word in known]
    return f"{', '.join(names[:-1])} {_AND.get(language, 'and')} {names[-1]}" if len(names) > 1 else "".join(names)


def venue(place: str) -> list[tuple[str, object]]:
    """`Eden 236, floor 2, Paradisgatan 5H, Lund`: where a street stands in it, it and the city make a map link."""
    parts = [part.strip() for part in place.split(",") if part.strip()]
    at = next((n for n, part in enumerate(parts) if _street(part)), None)
    if at is None:
        return [("name", clean(place, 120))] if place else []
    rows: list[tuple[str, object]] = [("name", clean(", ".join(parts[:at]), 120))] if at else []
    rows.append(("street", clean(parts[at], 120)))
    return [*rows, ("city", clean(parts[at + 1], 80))] if len(parts) > at + 1 else rows


def _street(part: str) -> bool:
    words = part.split()
    return len(words) > 1 and words[-1][0].isdigit() and any(
        word.casefold().endswith(_STREETS) for word in words[:-1]
    )  # fmt: skip


@cache
def _question() -> dict[str, Any]:
    text = files("mailflow.config").joinpath("diet.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def _diet(language: str) -> list[tuple[str, object]]:
    """The question about diet, in that language; a language that it does not know gets the English words."""
    known = _question()
    spoken = language if language in known["label"] else "en"
    options = [{"id": one["id"], language: one[spoken], "also": one.get("also", [])} for one in known["options"]]
    return [
        ("id", "diet"), ("kind", "choices"), ("label", {language: known["label"][spoken]}), ("also", known["also"]),
        ("sensitive", True), ("other", True), ("options", options),
    ]  # fmt: skip
