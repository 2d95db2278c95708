"""The labels of form lines, in any language: what stands before the colon, and the layouts in which it does."""

from dataclasses import dataclass
from functools import cache

from mailflow.model.event import Question
from mailflow.reading.field_words import folded_set, one_edit, section
from mailflow.reading.words import Words, fold_words, lexicon, spellings

NAME = "name"
EMAIL = "email"
FIRST = "first_name"
LAST = "last_name"
GUESTS = "guests"
AFFILIATION = "affiliation"
_FIXED = (NAME, EMAIL, FIRST, LAST, GUESTS)
_VALUE_LENGTH = 500
_LABEL_LENGTH = 80
_LONG = 6
_PREFIX = 4
_TICKED = ("[x]", "(x)", "[✓]", "[✔]", "[*]", "☑", "☒", "✅", "✓", "✔")
_EMPTY = ("[ ]", "[]", "( )", "()", "☐", "[_]", "[-]")


@dataclass(frozen=True, slots=True)
class Line:
    """A form line: `key` is a key above or the id of a question; `value` one line, "" when left unfilled.

    `ticked`: an option of its own line, `[x] vegan`; a question may have several of them.
    """

    key: str
    value: str
    ticked: bool = False


class Labels:
    """The labels that mean something at one event, in any language."""

    def __init__(self, questions: tuple[Question, ...]) -> None:
        self._keys: dict[Words, str] = {}
        common = _common()
        for key in _FIXED:
            self._keys.update(dict.fromkeys(common.get(key, ()), key))
        # What the organiser wrote comes last and wins: a question may be called "E-mail of your supervisor".
        for question in questions:
            named = "sessions" if question.kind == "sessions" else question.id
            self._keys.update(dict.fromkeys(common.get(named, ()), question.id))
        for question in questions:
            self._keys.update({words: question.id for text in question.texts for words in spellings(text) if words})
        self._small = folded_set("form_words", "small") | {word for label in self._keys for word in label}
        self._options = _ticks(questions)
        self._lists = {question.id: _options(question) for question in questions}

    def read(self, line: str) -> Line | None:
        """`Label: value`, `Label = value`, `Label ....: value`, `| label | value |`, `[x] option`; None if unknown."""
        text = line.strip().lstrip("*-\u2022>").strip()
        if ticked := _tick(text):
            return self._tick_line(ticked[0], ticked=ticked[1])
        if text.startswith("|"):
            label, _, value = text.strip("|").partition("|")
        else:
            ends = [at for sign in ":=" if (at := text.find(sign, 0, _LABEL_LENGTH)) > 0]
            if not ends:
                return self._led(text)
            label, value = text[: min(ends)], text[min(ends) + 1 :]
        if "@" in label or "//" in value[:2]:
            return None
        label = label.partition("(")[0].strip(" .*_|")
        key = self.key(fold_words(label))
        return Line(key, self._value(key, value)) if key else None

    def _led(self, text: str) -> Line | None:
        """`Label ........ value`, `Label - value`: without a colon the label has to be exactly one of ours."""
        for sign in ("...", "\u2026", " - ", " \u2013 "):
            label, found, value = text[:_LABEL_LENGTH].partition(sign)
            words = fold_words(label.partition("(")[0])
            if found and (key := self._keys.get(words, "") or (self._begun(words) if sign[0] in ".\u2026" else "")):
                return Line(key, self._value(key, (value + text[_LABEL_LENGTH:]).strip(" .\u2026")))
        return None

    def key(self, label: Words) -> str:
        """The key of a label: exactly, or its beginning, or with one letter wrong in a long word; "" if unknown."""
        if not label or len(label) > 10:
            return ""
        return self._keys.get(label, "") or self._begun(label) or self._mistyped(label)

    def _begun(self, label: Words) -> str:
        """`T-shirt` for "T-shirt size", `Affil.` for "Affiliation", `Diet or allergies`: one key only."""
        joined = " ".join(label)
        if len(joined) < _PREFIX:
            return ""
        longer = {key for words, key in self._keys.items() if key not in _FIXED and " ".join(words).startswith(joined)}
        if longer:
            return longer.pop() if len(longer) == 1 else ""
        found = [
            (len(words), key)
            for words, key in self._keys.items()
            if key not in _FIXED and label[: len(words)] == words and len(" ".join(words)) >= _PREFIX
        ]
        return max(found)[1] if found and self._small.issuperset(label[max(found)[0] :]) else ""

    def _mistyped(self, label: Words) -> str:
        found = {
            key
            for words, key in self._keys.items()
            if len(words) == len(label)
            and all(a == b or (min(len(a), len(b)) >= _LONG - 1 and max(len(a), len(b)) >= _LONG and one_edit(a, b))
                    for a, b in zip(words, label, strict=True))
        }  # fmt: skip
        return found.pop() if len(found) == 1 else ""

    def _tick_line(self, option: str, *, ticked: bool) -> Line | None:
        keys = self._options.get(fold_words(option), frozenset())
        if len(keys) != 1:
            return None
        (key,) = keys
        return Line(key, " ".join(option.split())[:_VALUE_LENGTH] if ticked else "", ticked=ticked)

    def _value(self, key: str, raw: str) -> str:
        """The value on one line; "" for a template that was not filled in."""
        value = " ".join(raw.strip(" *_|").split())[:_VALUE_LENGTH]
        if any(mark in value.lower() for mark in (*_TICKED, *_EMPTY)):
            return _ticked_in(value)
        words = fold_words(value)
        if not any(sign.isalnum() for sign in value) or (value[0] in "<[{" and value[-1] in ">]}" and "@" not in value):
            return ""
        if " ".join(words) in folded_set("unfilled", "values"):
            return ""
        listed = self._lists.get(key, frozenset())
        # All options are the template's own list: "S / M / L / XL".
        unique = {form for form in listed if form and _inside(form, words)}
        return "" if len(listed) > 2 and unique == listed else value


@cache
def _common() -> dict[str, set[Words]]:
    """The labels that we know at every event, by key. Read once."""
    found: dict[str, set[Words]] = {key: set(forms) for key, forms in lexicon().labels}
    for key, text in section("labels"):
        found.setdefault(key, set()).update(words for words in spellings(text) if words)
    return found


def _ticks(questions: tuple[Question, ...]) -> dict[Words, frozenset[str]]:
    found: dict[Words, set[str]] = {}
    for question in questions:
        for option in question.options:
            for text in option.texts:
                found.setdefault(fold_words(text), set()).add(question.id)
    return {words: frozenset(keys) for words, keys in found.items() if words}


def _options(question: Question) -> frozenset[Words]:
    return frozenset(fold_words(option.label.values[0][1]) for option in question.options if option.label.values)


def _inside(words: Words, row: Words) -> bool:
    return any(row[at : at + len(words)] == words for at in range(len(row) - len(words) + 1))


def _tick(text: str) -> tuple[str, bool] | None:
    """The option behind a box at the start of a line, and whether the box is ticked."""
    low = text[:4].lower()
    for marks, ticked in ((_TICKED, True), (_EMPTY, False)):
        for mark in marks:
            if low.startswith(mark) and (rest := text[len(mark) :].strip(" .*_|")):
                return rest, ticked
    return None


def _ticked_in(value: str) -> str:
    """`[x] yes [ ] no` is "yes"."""
    parts: list[str] = []
    taking = False
    at = 0
    low = value.lower()
    while at < len(value):
        mark = next((m for m in (*_TICKED, *_EMPTY) if low.startswith(m, at)), "")
        if mark:
            taking = mark in _TICKED
            if taking:
                parts.append("")
            at += len(mark)
            continue
        if taking:
            parts[-1] += value[at]
        at += 1
    return ", ".join(part.strip(" ,;/") for part in parts if part.strip(" ,;/"))
