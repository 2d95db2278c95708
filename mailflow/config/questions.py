"""The questions of an event file, and the words that must not mean two things."""

import re
from collections.abc import Iterable, Sequence

from mailflow.config.section import Section
from mailflow.config.values import BOOLEAN, Kind, one_of, whole
from mailflow.config.words import WORDS, localized_title, title
from mailflow.model.event import Localized, Option, Question, QuestionKind

_ID = re.compile(r"[a-z][a-z0-9_-]{0,30}")
# What every form has; operations.md §1.2 gives these names to what is found in a mail.
_TAKEN = frozenset({"name", "email", "guests", "answers", "others", "token", "partstat", "capacity", "target",
                    "message", "failed"})  # fmt: skip
_KIND: Kind[QuestionKind] = one_of("choices", "choice", "yes_no", "text", "sessions")


def _id(raw: object) -> str:
    if not isinstance(raw, str) or not _ID.fullmatch(raw):
        raise ValueError("a letter first; lower-case letters, digits, - and _, at most 31")
    return raw


ID = Kind("a short name", '"diet"', _id)


def questions(event: Section, languages: Sequence[str]) -> tuple[Question, ...]:
    """All `[[question]]` tables; two with one id, or with a label in common, are a problem."""
    found: list[Question] = []
    ids: dict[str, str] = {}
    labels: dict[str, str] = {}
    for section in event.tables("question", 30):
        question = _question(section, languages)
        if question.id in _TAKEN:
            section.fault("id", "an id that is free", 'id = "diet"', f"{question.id} is in every form already")
        _claim(section, "id", ids, (question.id,), question.id)
        _claim(section, "also", labels, (*question.label.texts, *question.also), question.id)
        found.append(question)
    return tuple(found)


def _question(section: Section, languages: Sequence[str]) -> Question:
    question = Question(
        id=section.need("id", ID),
        kind=section.need("kind", _KIND),
        label=section.need("label", localized_title(languages, 80)),
        also=section.get("also", WORDS, ()),
        sensitive=section.get("sensitive", BOOLEAN, default=False),
        other=section.get("other", BOOLEAN, default=False),
        options=_options(section, languages),
    )
    chooses = question.kind in ("choices", "choice", "sessions")
    if chooses and not question.options:
        section.fault("options", "at least one option", 'options = [{ id = "vegan", en = "vegan" }]')
    if not chooses and question.options:
        section.fault("options", f'no options where kind is "{question.kind}"')
    if not chooses and question.other:
        section.fault("other", f'nothing where kind is "{question.kind}"', "", "it allows free text beside options")
    section.close()
    return question


def _options(section: Section, languages: Sequence[str]) -> tuple[Option, ...]:
    found: list[Option] = []
    ids: dict[str, str] = {}
    words: dict[str, str] = {}
    for table in section.tables("options", 100):
        option = _option(table, languages)
        _claim(table, "id", ids, (option.id,), option.id)
        _claim(table, "also", words, (*option.label.texts, *option.also), option.id)
        found.append(option)
    return tuple(found)


def _option(table: Section, languages: Sequence[str]) -> Option:
    # A label's key is its language; so an event in Indonesian (id) needs another first language.
    identity = table.need("id", ID)
    text = title(80)
    first = languages[0]
    labels = [(first, table.need(first, text))]
    labels += [(language, table.get(language, text, "")) for language in languages[1:] if table.has(language)]
    option = Option(
        id=identity,
        label=Localized(tuple(labels)),
        also=table.get("also", WORDS, ()),
        places=table.get("places", whole(1, 100_000, 20), None),
    )
    table.close()
    return option


def _claim(table: Section, key: str, taken: dict[str, str], words: Iterable[str], owner: str) -> None:
    """Note words that another question or option has taken; a word twice on one owner is nothing."""
    for word in dict.fromkeys(word.casefold() for word in words):
        before = taken.setdefault(word, table.path)
        if before != table.path:
            table.fault(key, "words that mean one thing", "", f'"{word}" of {owner} is taken by {before}')
