"""The door list (letters.md §8, §9): who is expected, as rows of a letter, of a file, and of a sheet to print."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from mailflow.mail.clean import clean, person_name
from mailflow.model.event import Event, Question
from mailflow.model.letter import DoorList, Letter
from mailflow.model.registration import Registration
from mailflow.render import facts
from mailflow.render.words import Words

HEADS = ("no", "tick", "name", "diet", "note", "code")
# Two blanks wide, and drawn by every font.
_BOX = "[\u00a0\u00a0]"
_DIET, _NOTE, _AFFILIATION = "diet", "note", "affiliation"
_CELL = 160


@dataclass(frozen=True, slots=True)
class DoorRow:
    """One who is expected. `number` and `code` are "" for a guest, who comes in on somebody else's."""

    number: str
    name: str
    diet: str = ""
    note: str = ""
    code: str = ""
    box: str = _BOX

    @property
    def cells(self) -> tuple[str, ...]:
        """In the order of HEADS."""
        return (self.numbered, self.box, self.name, self.diet, self.note, self.code)

    @property
    def numbered(self) -> str:
        """`3.`: a lone digit is too short for a program to judge how well it can be read."""
        return f"{self.number}." if self.number else ""

    @property
    def line(self) -> str:
        """The cells that hold something, as one line of text."""
        return " · ".join(filter(None, self.cells))


@dataclass(frozen=True, slots=True)
class DoorWords:
    """All that the letters and the sheet print. `more` says how many rows are left out of `rows`."""

    when: str
    date: str
    names: str
    diets: str
    heads: tuple[str, ...]
    rows: tuple[DoorRow, ...]
    more: str
    gone: tuple[str, ...]
    new: tuple[str, ...]
    number: str
    who: str
    seats: str


def in_order(words: Words, people: Iterable[Registration]) -> list[Registration]:
    """By surname, in the alphabet of `words`: that of the event, whoever reads the list (letters.md §9)."""
    return sorted(people, key=lambda one: (words.by_surname(person_name(one.name) or str(one.address)), one.number))


def door_rows(words: Words, order: Words, event: Event, people: Iterable[Registration]) -> tuple[DoorRow, ...]:
    """A row for each and one for each guest, in the alphabet of `order` and the words of `words`."""
    diet, note = (_question(event, name) for name in (_DIET, _NOTE))
    rows: list[DoorRow] = []
    for one in in_order(order, people):
        name = person_name(one.name) or str(one.address)
        notes = [_answer(words, note, one), words.say("door_list", "unreached") if one.undeliverable else ""]
        number = str(one.door_number) if one.door_number else ""
        said = ", ".join(filter(None, notes))
        rows.append(DoorRow(number, name, _answer(words, diet, one), said, one.code))
        rows += [DoorRow("", f"+{guest} {name}") for guest in range(1, one.guests + 1)]
    return tuple(rows)


def heads(words: Words) -> tuple[str, ...]:
    """The names of the columns."""
    return tuple(words.say("door_list", head) for head in HEADS)


def door_words(words: Words, order: Words, letter: Letter, event: Event, now: datetime, most: int) -> DoorWords:
    """The list or the notice of `letter`, at most `most` rows in it; the numbers are always those of everybody."""
    listed, here = letter.door_list or DoorList(), event.local(now)
    rows = door_rows(words, order, event, listed.expected)
    special = sum(bool(_answer(words, _question(event, _DIET), one)) for one in listed.expected)
    about = next(iter((*listed.gone, *listed.new)), None)
    state = letter.state
    return DoorWords(
        when=words.relative(event.starts, here),
        date=words.long(event.starts, event.ends),
        names=words.count("names", len(rows)),
        diets=words.count("special_diets", special),
        heads=heads(words),
        rows=rows[:most],
        more=words.count("more", len(rows) - most) if len(rows) > most else "",
        gone=() if listed.nameless else tuple(_said(words, event, one) for one in listed.gone),
        new=tuple(_said(words, event, one) for one in listed.new if one is not about),
        number=str(about.door_number) if about else "",
        who=_who(about) if about and not listed.nameless else "",
        seats=words.count("taken", state.taken)
        if state.capacity is None
        else words.say("digest", "of_seats", taken=state.taken, capacity=state.capacity),
    )


def badges(words: Words, order: Words, event: Event, people: Iterable[Registration]) -> tuple[tuple[str, str], ...]:
    """(name, where from) for each person, and a line to write on for each guest."""
    question = _question(event, _AFFILIATION)
    found: list[tuple[str, str]] = []
    for one in in_order(order, people):
        found.append((person_name(one.name) or str(one.address), _answer(words, question, one)))
        found += [("", words.say("door_list", "guest_of", name=found[-1][0]))] * one.guests
    return tuple(found)


def _said(words: Words, event: Event, one: Registration) -> str:
    """`Maja Lind: vegetarian`."""
    diet = _answer(words, _question(event, _DIET), one)
    name = f"{_who(one)} +{one.guests}" if one.guests else _who(one)
    return f"{name}: {diet}" if diet else name


def _who(one: Registration) -> str:
    return person_name(one.name) or str(one.address)


def _question(event: Event, name: str) -> Question | None:
    return next((question for question in event.questions if question.id == name), None)


def _answer(words: Words, question: Question | None, one: Registration) -> str:
    return clean(facts.answer_text(words, question, one.answer(question.id)), _CELL) if question else ""
