"""What an answer says beside the options that it names."""

import re

from mailflow.mail.clean import clean
from mailflow.model.event import Question
from mailflow.model.registration import Answer

_ANSWER_LENGTH = 500
_SIGNS = re.compile(r"[.,!;]")
# Beside the name of a choice these say nothing. A word that denies, limits or adds is not among them.
_PLAIN = frozenset({"i", "am", "i'm", "im", "eat", "and", "jag", "är", "äter", "och"})


def own_words(question: Question, answer: Answer) -> str:
    """The person's own words, or "" when they only repeat a name of the chosen options ("Jag äter vegetariskt")."""
    text = clean(answer.text, _ANSWER_LENGTH)
    chosen = [option for option in question.options if option.id in answer.options]
    left = f" {' '.join(_SIGNS.sub(' ', text.casefold()).split())} "
    for name in sorted({name.casefold() for option in chosen for name in option.texts}, key=len, reverse=True):
        left = left.replace(f" {name} ", " ")
    return "" if chosen and _PLAIN.issuperset(left.split()) else text


def same_answer(question: Question, one: Answer | None, other: Answer | None) -> bool:
    """Whether two answers say the same to a reader. None is an answer that says nothing."""
    return _said(question, one) == _said(question, other)


def _said(question: Question, answer: Answer | None) -> tuple[frozenset[str], str]:
    return (frozenset(answer.options), own_words(question, answer)) if answer else (frozenset(), "")
