"""What the value of a form line says in answer to its question; the raw words are always kept."""

from functools import cache

from mailflow.model.event import Option, Question
from mailflow.model.registration import Answer
from mailflow.reading.diet import diet_of_value
from mailflow.reading.field_words import folded_set, section
from mailflow.reading.sentences import sentence_of
from mailflow.reading.sessions import find_sessions
from mailflow.reading.words import Words, fold_words, lexicon, spellings

_DIET = "diet"
_MOST_GUESTS = 20
_NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def answer_to(question: Question, value: str) -> Answer:
    """The answer that `value` is; without options where nothing certain is said."""
    words = fold_words(value)
    match question.kind:
        case "choices":
            options = _options(question.options, words)
            return Answer(question.id, _with_diet(question, options, value), value)
        case "sessions":
            said = find_sessions(sentence_of(value), question)
            options = _options(question.options, words)
            return Answer(question.id, said.yes if said else options, value)
        case "choice":
            found = _options(question.options, words)
            return Answer(question.id, found if len(found) == 1 else (), value)
        case "yes_no":
            return Answer(question.id, _yes_no(words), value)
        case "text":
            return Answer(question.id, (), value)


def _with_diet(question: Question, options: tuple[str, ...], value: str) -> tuple[str, ...]:
    """What we know of diets besides the organiser's own words, as far as the question has an option for it."""
    if question.id != _DIET or lexicon().doubtful(fold_words(value)):
        return options
    codes = diet_of_value(value).codes
    return tuple(o.id for o in question.options if o.id in options or o.id in codes)


def _yes_no(words: Words) -> tuple[str, ...]:
    """`yes`, `Ja tack`, `no, sorry`; anything more is for people."""
    known = lexicon()
    if not words or not all(word in folded_set("form_words", "polite") for word in words[1:4]) or len(words) > 4:
        return ()
    return ("yes",) if words[0] in known.yes_values else ("no",) if words[0] in known.no_values else ()


def guests_in(value: str) -> int | None:
    """`2`, `+1`, `two`, `inga`: the number in a form, at most 20; None for anything else."""
    words = fold_words(value)
    if len(words) != 1:
        return None
    if words[0].isascii() and words[0].isdigit() and len(words[0]) <= 2 and int(words[0]) <= _MOST_GUESTS:
        return int(words[0])
    return _numbers().get(words[0])


@cache
def _numbers() -> dict[str, int]:
    found = {
        form[0]: number
        for number, key in enumerate(_NUMBERS, 1)
        for found_key, text in section("guests")
        if found_key == key
        for form in spellings(text)
        if len(form) == 1 and form[0].isalpha() and len(form[0]) > 1
    }
    nobody = folded_set("diet_words", "no") | folded_set("diet_words", "nothing") - folded_set("diet_words", "any")
    found.update(dict.fromkeys(nobody | lexicon().no_values, 0))
    return {word: number for word, number in found.items() if word not in {"my", "our", "min", "var", "another"}}


def _options(options: tuple[Option, ...], words: Words) -> tuple[str, ...]:
    """Ids of the options named by whole words, or () when what is left over denies or doubts something."""
    common = dict(lexicon().options)
    forms = {}
    for option in options:
        for form in {fold_words(text) for text in option.texts} | common.get(option.id, frozenset()):
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
