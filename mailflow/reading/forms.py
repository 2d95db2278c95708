"""Forms: lines `Label: value` whose label we know. Nothing is guessed, and the raw words are always kept."""

from dataclasses import dataclass

from mailflow.mail.address import Address
from mailflow.model.event import Option, Question
from mailflow.model.intent import Fields
from mailflow.model.registration import Answer
from mailflow.reading.words import Words, fold_words, lexicon

NAME = "name"
EMAIL = "email"
_VALUE_LENGTH = 500
_NAME_LENGTH = 80
_NO_FIELDS = Fields()


@dataclass(frozen=True, slots=True)
class Line:
    """A form line: `key` is "name", "email" or the id of a question; `value` one line, "" when left unfilled."""

    key: str
    value: str


@dataclass(frozen=True, slots=True)
class Form:
    """What the lines of one mail say together. `known` counts filled keys but e-mail; `fault` says what is wrong."""

    fields: Fields = _NO_FIELDS
    known: int = 0
    fault: str = ""


class Labels:
    """The labels that mean something at one event, in any language."""

    def __init__(self, questions: tuple[Question, ...]) -> None:
        self._keys: dict[Words, str] = {}
        common = dict(lexicon().labels)
        for key in (NAME, EMAIL):
            self._keys.update(dict.fromkeys(common[key], key))
        # What the organiser wrote comes last and wins: a question may be called "E-mail of your supervisor".
        for question in questions:
            self._keys.update(dict.fromkeys(common.get(question.id, ()), question.id))
        for question in questions:
            texts = (question.id, *question.also, *(text for _, text in question.label.values))
            self._keys.update({words: question.id for text in texts if (words := fold_words(text))})
        self.questions = questions

    def read(self, line: str) -> Line | None:
        """`Label: value`, `Label = value`, `Label ....: value`, `| label | value |`; None when the label is unknown."""
        text = line.strip().lstrip("*-•").strip()
        if text.startswith("|"):
            label, _, value = text.strip("|").partition("|")
        else:
            ends = [at for sign in ":=" if (at := text.find(sign, 0, 80)) > 0]
            if not ends:
                return None
            label, value = text[: min(ends)], text[min(ends) + 1 :]
        label = label.partition("(")[0].strip(" .*_|")
        key = self._keys.get(fold_words(label))
        return Line(key, " ".join(value.strip(" *_|").split())[:_VALUE_LENGTH]) if key else None


def read_form(lines: tuple[Line, ...], questions: tuple[Question, ...], sender: Address | None) -> Form:
    """The fields of a form. `fault`: two values for one key, another's address, a value that is more than a value."""
    values: dict[str, str] = {}
    for line in lines:
        if line.value and values.setdefault(line.key, line.value) != line.value:
            return Form(fault="a form key with two values")
    if any(_commands(value) for value in values.values()):
        return Form(fault="a command inside a form value")
    address = values.get(EMAIL, "").strip("<>").removeprefix("mailto:")
    if address and (sender is None or address.casefold() != sender.key):
        return Form(fault="the form names another address")
    name = values.get(NAME, "")
    if name and not plain_name(name):
        return Form(fault="the name in the form is not a name")
    answers = tuple(_answer(question, values[question.id]) for question in questions if question.id in values)
    return Form(Fields(name=name, answers=answers), len(answers) + bool(name))


def _commands(value: str) -> bool:
    """Whether a value speaks of giving up, erasing or stopping: then it is a sentence that people have to read."""
    phrases = lexicon().phrases
    words = fold_words(value)
    return any(
        meaning.kind == "command" and meaning.name in {"cancel", "erase", "stop", "data"}
        for at in range(len(words))
        for meaning in phrases.at(words, at)[1]
    )


def plain_name(text: str) -> bool:
    """Whether a text may go into letters as a name (trust.md §9): no link, address, number, sentence or command."""
    words = fold_words(text)
    return (
        0 < len(text) <= _NAME_LENGTH
        and 0 < len(words) <= 6
        and not any(mark in text for mark in ("@", "://", "www.", ";", "\n", "<", ">"))
        and sum(c.isdigit() for c in text) <= 3
        and not lexicon().doubtful(words)
    )


def _answer(question: Question, value: str) -> Answer:
    words = fold_words(value)
    match question.kind:
        case "choices" | "sessions":
            return Answer(question.id, _options(question.options, words), value)
        case "choice":
            found = _options(question.options, words)
            return Answer(question.id, found if len(found) == 1 else (), value)
        case "yes_no":
            known = lexicon()
            first = words[0] if len(words) == 1 else ""
            chosen = ("yes",) if first in known.yes_values else ("no",) if first in known.no_values else ()
            return Answer(question.id, chosen, value)
        case "text":
            return Answer(question.id, (), value)


def _options(options: tuple[Option, ...], words: Words) -> tuple[str, ...]:
    """Ids of the options named by whole words, or () when what is left over denies or doubts something."""
    common = dict(lexicon().options)
    forms = {}
    for option in options:
        texts = (option.id, *option.also, *(text for _, text in option.label.values))
        for form in {fold_words(text) for text in texts} | common.get(option.id, frozenset()):
            forms[form] = option.id
    forms.pop((), None)
    longest = max(map(len, forms), default=0)
    found: list[str] = []
    left: list[str] = []
    at = 0
    while at < len(words):
        size = next((n for n in range(min(longest, len(words) - at), 0, -1) if words[at : at + n] in forms), 0)
        if size:
            found.append(forms[words[at : at + size]])
        else:
            left.append(words[at])
        at += size or 1
    if "no" in left or lexicon().doubtful(tuple(left)):
        return ()
    return tuple(option.id for option in options if option.id in found)
