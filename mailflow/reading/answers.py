"""Answers to the organiser's own questions in running text: only where one alone can be meant (understanding.md §2.8).

A choice needs the question's subject beside it ("size M", "tröja L"); yes and no need it and a verb ("I'll bring my own
laptop"); a text needs `label: words`. Everything else stays a sentence for people.
"""

from functools import lru_cache

from mailflow.model.event import Option, Question
from mailflow.model.registration import Answer
from mailflow.reading.field_words import Span, Tagger, folded_set, section
from mailflow.reading.forms import Labels, answer_to
from mailflow.reading.sentences import Sentence
from mailflow.reading.sessions import Sessions, find_sessions
from mailflow.reading.words import Words, fold_words, lexicon, spellings

__all__ = ["Sessions", "find_answers", "find_sessions"]

_NEAR = 4
_DIET = "diet"
_AFFILIATION = "affiliation"


def find_answers(sentence: Sentence, questions: tuple[Question, ...]) -> tuple[tuple[Answer, frozenset[int]], ...]:
    """Each answer with the places of the words that give it; at most one a question. Linear in the sentence."""
    found: list[tuple[Answer, frozenset[int]]] = []
    for question in questions:
        if question.id in {_DIET, _AFFILIATION} or question.kind == "sessions":
            continue
        one = _labelled(sentence, question)
        if one is None and question.kind in {"choice", "choices"}:
            one = _choice(sentence, question)
        if one is None and question.kind == "yes_no":
            one = _yes_no(sentence, question)
        if one:
            found.append(one)
    return tuple(found)


@lru_cache(maxsize=64)
def _labels(question: Question) -> Labels:
    return Labels((question,))


def _labelled(sentence: Sentence, question: Question) -> tuple[Answer, frozenset[int]] | None:
    """`…, experience: none`, `level = beginner`: the label right before the sign, the value up to the end."""
    for sign in (":", "="):
        at = sentence.text.find(sign)
        if not 0 < at < 300:
            continue
        before, value = fold_words(sentence.text[:at]), sentence.text[at + 1 :].strip(" .")
        for size in range(min(5, len(before)), 0, -1):
            if value and _labels(question).key(before[-size:]) == question.id:
                answer = answer_to(question, " ".join(value.split())[:500])
                if answer.options or question.kind == "text":
                    return answer, frozenset(range(len(before) - size, len(sentence.folded)))
    return None


@lru_cache(maxsize=64)
def _subject(question: Question) -> frozenset[Words]:
    """What the question is about: the words of its labels that mean something, and those that stand for them."""
    generic = folded_set("answer_words", "generic")
    groups: dict[str, set[Words]] = {}
    for key, text in section("answer_groups"):
        groups.setdefault(key, set()).update(spellings(text))
    words: set[Words] = {
        (word,)
        for text in question.texts
        for form in spellings(text)
        for word in form
        if len(word) > 2 and word not in generic
    }
    whole = {form for text in question.label.texts for form in spellings(text)}
    for members in groups.values():
        if members & (words | whole):
            words |= members
    return frozenset(words)


def _subjects(sentence: Sentence, question: Question) -> list[range]:
    """Where the question's subject stands in the sentence."""
    found = []
    about = _subject(question)
    for at in range(len(sentence.folded)):
        for size in (3, 2, 1):
            if at + size <= len(sentence.folded) and sentence.folded[at : at + size] in about:
                found.append(range(at, at + size))
                break
    return found


@lru_cache(maxsize=64)
def _options(options: tuple[Option, ...]) -> Tagger:
    common: dict[str, list[str]] = {}
    for key, text in section("answer_options"):
        common.setdefault(key, []).append(text)
    return Tagger(
        (option.id, text) for option in options for text in (*option.texts, *common.get(option.id.upper(), ()))
    )


def _choice(sentence: Sentence, question: Question) -> tuple[Answer, frozenset[int]] | None:
    """One option near the subject of the question, and no other in the sentence; nothing denied or doubted."""
    subjects = _subjects(sentence, question)
    if not subjects or _doubted(sentence):
        return None
    hits = [span for span in _options(question.options).spans(sentence.folded) if span.tag and _meant(sentence, span)]
    if len(hits) == 2 and _before(sentence, hits[0]) in _set("from") and _before(sentence, hits[1]) in _set("to"):
        hits = hits[1:]  # "change my T-shirt from M to L"
        core = {place for subject in subjects for place in subject} | set(hits[0].places)
        return Answer(question.id, (hits[0].tag,), sentence.text.strip()), _spread(sentence, core)
    near = [hit for hit in hits if any(_between(sentence, hit, subject) for subject in subjects)]
    if len({hit.tag for hit in near}) != 1 or len({hit.tag for hit in hits}) != 1:
        return None
    core = {place for subject in subjects for place in subject} | set(near[0].places)
    return Answer(question.id, (near[0].tag,), sentence.text.strip()), _spread(sentence, core)


def _before(sentence: Sentence, span: Span) -> str:
    return sentence.folded[span.start - 1] if span.start else ""


def _meant(sentence: Sentence, span: Span) -> bool:
    """A single letter is a size only in capitals, or right behind "size": "I'm" and "s" are none."""
    word = sentence.words[span.start]
    return (
        span.end - span.start > 1
        or len(word) > 2
        or word.isupper()
        or (span.start > 0 and sentence.folded[span.start - 1] in {"size", "storlek", "strl", "stl"})
    )


def _between(sentence: Sentence, hit: Span, subject: range) -> bool:
    gap = range(subject.stop, hit.start) if subject.start < hit.start else range(hit.end, subject.start)
    return len(gap) <= _NEAR and all(sentence.folded[at] in _set("fill") for at in gap)


def _yes_no(sentence: Sentence, question: Question) -> tuple[Answer, frozenset[int]] | None:
    """`I'll bring my own laptop`, `ingen egen dator`: the subject with a verb that fits the question's label."""
    subjects = _subjects(sentence, question)
    if not subjects or sentence.question or _doubted(sentence):
        return None
    near = _clause(sentence, subjects)
    label = {word for text in question.label.texts for word in fold_words(text)}
    verbs = _set("has") if label & _set("has") or not label & _set("wants") else frozenset()
    if label & _set("wants") or not label & _set("has"):
        verbs |= _set("wants")
    denied = bool(near & (_set("no")))
    if not denied and not near & verbs:
        return None
    core = {place for subject in subjects for place in subject}
    places = _spread(sentence, core, _set("no") if denied else frozenset())
    return Answer(question.id, ("no" if denied else "yes",), sentence.text.strip()), places


def _clause(sentence: Sentence, subjects: list[range]) -> set[str]:
    """The words around the subject, up to a comma; and a "no" that ends the sentence behind one."""
    start, end = subjects[0].start, subjects[-1].stop
    while start > max(0, subjects[0].start - 6) and start not in sentence.breaks:
        start -= 1
    while end < min(len(sentence.folded), subjects[-1].stop + 4) and end not in sentence.breaks:
        end += 1
    final = sentence.folded[-1:] if len(sentence.folded) - 1 in sentence.breaks else ()
    return {*sentence.folded[start:end], *final}


def _doubted(sentence: Sentence) -> bool:
    doubts = _set("doubt")
    return any(sentence.folded[at] in doubts for at in range(len(sentence.folded)))


def _set(key: str) -> frozenset[str]:
    return folded_set("answer_words", key)


def _spread(sentence: Sentence, core: set[int], denials: frozenset[str] = frozenset()) -> frozenset[int]:
    """The core and the small words around it."""
    places = set(core)
    small = (_set("fill") | _set("has") | _set("wants") | lexicon().yes_values) - _set("no") | denials
    for step, start in ((-1, min(core)), (1, max(core))):
        at = start + step
        while 0 <= at < len(sentence.folded) and (sentence.folded[at] in small or at in core):
            places.add(at)
            at += step
    places.update(at for at in range(min(core), max(core)) if sentence.folded[at] in small)
    return frozenset(places)
