"""What somebody eats, as codes and by which words (understanding.md §2.8). An allergy must survive: in doubt "other".

A sentence is cut into phrases of the tables. A food ("nuts", "fish") says a need only in the reach of words such as
"no", "allergic to" or "-free"; a word such as "vegan" says one by itself, unless it is denied.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from mailflow.mail.address import Address
from mailflow.reading.diet_scan import Scan, step
from mailflow.reading.diet_words import food_spans, food_words, longer_words, meal_words, needful, nothing_words, units
from mailflow.reading.field_words import Span
from mailflow.reading.owners import owners
from mailflow.reading.sentences import Sentence, sentence_of, sentences

CODES = (
    "vegetarian", "vegan", "pescetarian", "gluten", "lactose", "dairy", "nuts", "peanuts", "egg", "fish", "shellfish",
    "soy", "halal", "kosher", "pork", "other",
)  # fmt: skip
# Words that do not part a need from what it is about: "I am", "to", "severely", "please".
_SMALL = frozenset({
    "fallback", "weak", "fill", "join", "good", "no", "not", "only", "closing", "allergy", "after", "topic", "except",
    "stop", "avoid", "all",
})  # fmt: skip

_TURNS = frozenset({"no", "not", "except", "stop", "weak", "fallback"})


@dataclass(frozen=True, slots=True)
class Diet:
    """`codes` in the order of CODES, and the places of the words that belong to them.

    `none`: says that there is no need. Neither codes nor `none`: a need is denied ("I am not vegan"). `own` is false
    when it is a companion's.
    """

    codes: tuple[str, ...]
    places: frozenset[int]
    none: bool = False
    own: bool = True


def find_diet(sentence: Sentence, sender: Address | None = None) -> Diet | None:
    """What the sentence says of food that is a need; None for a mere mention ("lunch sounds good"). Linear.

    With `sender`, a line with another address ("Bo Ek, bo@x.example, vegan") is about its owner.
    """
    spans = units(sentence, food_spans(sentence))
    own = owners(sentence, frozenset(i for span in spans if needful(span) for i in span.places))
    if sentence.question and not own.first_person:
        return None
    other = not own.first_person and any(
        "@" in word and sender is not None and word != sender.key for word in sentence.folded
    )
    scan = Scan((False,) * len(sentence.folded) if other else own.places)
    for at in range(len(spans)):
        step(scan, sentence, spans, at)
    return _result(scan, sentence, spans)


def diet_of_value(text: str) -> Diet:
    """What is written behind "Diet:" in a form: there a food alone is one to leave out, and nothing is a mention."""
    sentence = sentence_of(text)
    spans = units(sentence, food_spans(sentence))
    scan = Scan((True,) * len(sentence.folded), scope="avoid", strong=True)
    for at, span in enumerate(spans):
        step(scan, sentence, spans, at)
        if not scan.scope and span.tag in {"join", "stop"}:
            scan.scope, scan.took = "avoid", ""
    found = _result(scan, sentence, spans)
    if sentence.folded and all(word in nothing_words() for word in sentence.folded):
        return Diet((), frozenset(range(len(sentence.folded))), none=True)
    return found or Diet(("other",) if sentence.folded else (), frozenset(range(len(sentence.folded))))


def says_none(text: str) -> bool:
    """Whether words that were kept as an answer about food say that there is no need ("None", "äter allt").

    An answer without codes is a need that was not understood, unless this is true. `text` is one line or several.
    """
    value = diet_of_value(text)
    if value.none and not value.codes:
        return True
    own = [found for one in sentences((text,)) if (found := find_diet(one)) and found.own]
    return any(found.none for found in own) and not any(found.codes for found in own)


def _result(scan: Scan, sentence: Sentence, spans: list[Span]) -> Diet | None:
    _ends_in_none(scan, sentence, spans)
    mine, theirs = scan.codes[True], scan.codes[False]
    own = bool(mine) or not theirs
    places = _spread(sentence, scan.core, spans)
    if scan.none_own and not mine:
        return Diet((), places, none=True)
    if codes := mine or theirs:
        return Diet(_tidy(scan, sentence, codes), places, own=own)
    if scan.none or scan.denied:
        return Diet((), places, none=scan.none or _nothing_left(sentence), own=own) if scan.core else None
    if max(scan.topic, scan.waiting) < 0 or _only_a_meal(scan, sentence):
        return None
    return Diet(("other",), places, own=scan.own[max(scan.topic, scan.waiting)])


def _ends_in_none(scan: Scan, sentence: Sentence, spans: list[Span]) -> None:
    """`Allergies: none`."""
    if scan.topic < 0 or scan.codes[True]:
        return
    if any(" ".join(sentence.folded[-size:]) in nothing_words() for size in (1, 2, 3)):
        scan.none, scan.topic = True, -1
        scan.core.update(spans[-1].places)


def _nothing_left(sentence: Sentence) -> bool:
    """`Not vegan any more`, `not allergic to anything`."""
    row = f" {' '.join(sentence.folded)} "
    return any(f" {phrase} " in row for phrase in longer_words() | food_words("any"))


def _only_a_meal(scan: Scan, sentence: Sentence) -> bool:
    """`I won't eat lunch`: a matter of sessions."""
    near = sentence.folded[max(0, scan.waiting) : scan.waiting + 6]
    return scan.topic < 0 and any(word in meal_words() for word in near)


def _tidy(scan: Scan, sentence: Sentence, codes: set[str]) -> tuple[str, ...]:
    """`No meat or fish` is vegetarian; a vegetarian who eats fish is pescetarian. An allergy is never dropped."""
    found = set(codes)
    if scan.good_fish and "vegetarian" in found:
        found = found - {"vegetarian", "fish"} | {"pescetarian"}
    if scan.meat and not any("allerg" in word or "alerg" in word for word in sentence.folded):
        found -= {"fish", "shellfish", "pork"}
    return merged_codes(found)


def merged_codes(codes: Iterable[str]) -> tuple[str, ...]:
    """The codes of several sentences together, in the order of CODES: who is vegan is not asked about meat too."""
    found = set(codes)
    if "vegan" in found:
        found -= {"vegetarian"}
    return tuple(code for code in CODES if code in found)


def _spread(sentence: Sentence, core: set[int], spans: list[Span]) -> frozenset[int]:
    """The core, and the small words around it that belong to it: "I am", "allergic to", "please", "if possible".

    Words that turn a sentence ("not", "but") belong to a need only where they stand between its parts or, without a
    comma between, right before it: in "vegan but not coming" they belong to the rest.
    """
    inside = [bool(core.intersection(span.places)) for span in spans]
    marks = [at for at, hit in enumerate(inside) if hit]
    for first, last in pairwise(marks):
        if all(_belongs(spans[at]) for at in range(first + 1, last)):
            inside[first:last] = [True] * (last - first)
    for mark in marks:
        at = mark + 1
        while at < len(spans) and not inside[at] and _belongs(spans[at]) and spans[at].tag not in _TURNS:
            inside[at] = True
            at += 1
        at, parted = mark - 1, spans[mark].start in sentence.breaks
        while at >= 0 and not inside[at] and _belongs(spans[at]) and not (parted and spans[at].tag in _TURNS):
            inside[at] = True
            parted = parted or spans[at].start in sentence.breaks
            at -= 1
    return frozenset(place for span, taken in zip(spans, inside, strict=True) if taken for place in span.places)


def _belongs(span: Span) -> bool:
    return span.tag in _SMALL or span.tag.startswith(("need", "food"))
