"""Forms: lines `Label: value` whose label we know. Nothing is guessed, and the raw words are always kept."""

from dataclasses import dataclass

from mailflow.mail.address import Address, AddressError, parse_address
from mailflow.mail.clean import person_name
from mailflow.model.event import Question
from mailflow.model.intent import Fields, Other
from mailflow.reading.labels import AFFILIATION, EMAIL, FIRST, GUESTS, LAST, NAME, Labels, Line
from mailflow.reading.values import answer_to, guests_in
from mailflow.reading.words import fold_words, lexicon

__all__ = ["Form", "Labels", "Line", "answer_to", "plain_name", "read_form"]

_NAME_LENGTH = 80
_NO_FIELDS = Fields()


@dataclass(frozen=True, slots=True)
class Form:
    """What the lines of one mail say together. `known` counts filled keys but e-mail; `fault` says what is wrong.

    `other` is who the form is about where its address is not the sender's; `fault` is then set too.
    """

    fields: Fields = _NO_FIELDS
    known: int = 0
    fault: str = ""
    other: Other | None = None


def read_form(lines: tuple[Line, ...], questions: tuple[Question, ...], sender: Address | None) -> Form:
    """The fields of a form. `fault`: two values for one key, another's address, a value that is more than a value."""
    values: dict[str, str] = {}
    for line in lines:
        if line.ticked and line.key in values:
            values[line.key] += f", {line.value}"
        elif line.value and values.setdefault(line.key, line.value) != line.value:
            return Form(fault="a form key with two values")
    if any(_commands(value) for value in values.values()):
        return Form(fault="a command inside a form value")
    name = values.get(NAME) or " ".join(filter(None, (values.get(FIRST), values.get(LAST))))
    if name and not plain_name(name):
        return Form(fault="the name in the form is not a name")
    address = values.get(EMAIL, "").strip("<>").removeprefix("mailto:")
    other = _other(name, address)
    if address and (sender is None or other is None or other.address.key != sender.key):
        return Form(fault="the form names another address", other=other)
    answers = tuple(answer_to(question, values[question.id]) for question in questions if question.id in values)
    guests = guests_in(values[GUESTS]) if GUESTS in values else None
    known = len(answers) + bool(name) + (guests is not None)
    return Form(Fields(name=name, answers=answers, guests=guests), known + (AFFILIATION in values and not any(
        answer.question == AFFILIATION for answer in answers)))  # fmt: skip


def _other(name: str, address: str) -> Other | None:
    try:
        return Other(person_name(name), parse_address(address))
    except AddressError:
        return None


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
