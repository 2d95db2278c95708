"""Whose need a sentence speaks of: the sender's, or that of somebody who comes along."""

from dataclasses import dataclass
from functools import cache

from mailflow.reading.field_words import Tagger, folded_set, tagger
from mailflow.reading.sentences import Sentence


@dataclass(frozen=True, slots=True)
class Owners:
    """For each word whether what is said there is the sender's; and whether he speaks of himself at all."""

    places: tuple[bool, ...]
    first_person: bool


def _people() -> Tagger:
    return tagger("diet_words", "companion", "self")


@cache
def _set(key: str) -> frozenset[str]:
    return folded_set("diet_words", key)


def owners(sentence: Sentence, needs: frozenset[int]) -> Owners:
    """Walk the sentence; `needs` are the places of words about food. A companion who is only brought along ("with my
    wife and need vegan food") is no subject; one who "is", "has", "who eats" is, until the sender speaks of himself.
    """
    folded = sentence.folded
    mine = True
    place: list[bool] = []
    first = False
    spans = _people().spans(folded)
    for at, span in enumerate(spans):
        if span.tag == "self":
            mine = first = True
        elif span.tag == "companion":
            joint = at >= 2 and spans[at - 2].tag == "self" and folded[span.start - 1] in {"and", "och", "o"}
            mine = joint or not _is_subject(sentence, span.start, span.end, needs)
            if not mine and span.start > 0 and folded[span.start - 1] in _set("of_other"):
                place = _given_to(place, sentence, needs, span.start - 1)
        elif _named(sentence, span.start, needs):
            mine = False
        place += [mine] * (span.end - span.start)
    return Owners(tuple(place), first)


def _is_subject(sentence: Sentence, start: int, end: int, needs: frozenset[int]) -> bool:
    """Whether the companion at `start` is who is spoken of; up to two names may stand behind it."""
    folded = sentence.folded
    brought = start > 0 and folded[start - 1] in _set("with") and start not in sentence.breaks
    after = end
    while after < min(end + 2, len(folded)) and sentence.words[after][:1].isupper() and after not in needs:
        after += 1
    if after >= len(folded):
        return folded[start - 1] in _set("of_other") if start else False
    return not brought or folded[after] in _set("verb") or after in needs or folded[start - 1] in _set("of_other")


def _given_to(place: list[bool], sentence: Sentence, needs: frozenset[int], at: int) -> list[bool]:
    """`vegan food FOR MY WIFE`: the needs right before, up to a comma, are hers."""
    out = list(place)
    while at > 0 and at not in sentence.breaks:
        at -= 1
        if sentence.folded[at] in {"and", "och", "but", "men"}:
            break
        if at in needs:
            out[at] = False
    return out


def _named(sentence: Sentence, at: int, needs: frozenset[int]) -> bool:
    """`Anna is vegan`: a capitalised word, a verb of the third person, a need."""
    folded, words = sentence.folded, sentence.words
    if at + 2 >= len(folded) or not words[at][:1].isupper() or words[at].isupper() or at in needs or len(words[at]) < 2:
        return False
    if folded[at + 1] not in {"is", "ar", "har", "has", "eats", "ater", "doesn't"} or folded[at] in _common():
        return False
    return at + 2 in needs or (
        at + 3 in needs and folded[at + 2] in {"a", "en", "allergic", "also", "ocksa", "severely"}
    )


@cache
def _common() -> frozenset[str]:
    words = {word for tag in ("fill", "topic", "join", "no", "not", "meal") for word in folded_set("diet_words", tag)}
    return frozenset(
        words | {"it", "there", "which", "that", "this", "what", "vad", "detta", "here", "everything", "sa", "da"}
    )


def companion_before(sentence: Sentence, at: int) -> bool:
    """Whether the words right before `at` name somebody else: "my colleague Bo (from …)"."""
    spans = [span for span in _people().spans(sentence.folded) if span.end <= at]
    last = next((span for span in reversed(spans) if span.tag), None)
    return last is not None and last.tag == "companion" and at - last.end <= 3
