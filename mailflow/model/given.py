"""What an answer says beside the options that it names."""

from mailflow.mail.clean import clean
from mailflow.model.event import Question
from mailflow.model.registration import Answer

_ANSWER_LENGTH = 500


def own_words(question: Question, answer: Answer) -> str:
    """The person's own words, or "" when they only repeat a name of the chosen options."""
    text = clean(answer.text, _ANSWER_LENGTH)
    chosen = [option for option in question.options if option.id in answer.options]
    known = {text.casefold() for option in chosen for text in option.texts}
    said = [part.strip(" .!").casefold() for part in text.split(",")]
    return "" if chosen and all(part in known for part in said) else text


def same_answer(question: Question, one: Answer | None, other: Answer | None) -> bool:
    """Whether two answers say the same to a reader. None is an answer that says nothing."""
    return _said(question, one) == _said(question, other)


def _said(question: Question, answer: Answer | None) -> tuple[frozenset[str], str]:
    return (frozenset(answer.options), own_words(question, answer)) if answer else (frozenset(), "")
