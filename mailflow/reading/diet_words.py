"""The words of food in a sentence: the tables' phrases, compounds (`jordnötsallergi`) and typing errors."""

from functools import cache, lru_cache

from mailflow.reading.field_words import Span, Tagger, folded_set, one_edit, section, tagged
from mailflow.reading.sentences import Sentence
from mailflow.reading.words import Words

# A typing error is believed in long words only: "vegitarian", "laktosintollerant".
_LONG = 8
_LONGEST = 40
_TAGS = (
    "after", "verb_after", "allergy", "topic", "avoid", "weak", "fallback", "unneeded", "count", "no", "not", "all",
    "only", "except", "stop", "join", "good", "fill",
)  # fmt: skip
_ABOUT = frozenset({"avoid", "after", "verb_after", "allergy", "topic", "all"})


@cache
def _tagger() -> Tagger:
    entries = [(f"need {code}", text) for code, text in section("diet_codes")]
    entries += [(f"food {codes}", text) for codes, text in section("diet_foods")]
    return Tagger((*entries, *tagged("diet_words", _TAGS)))


@cache
def _exact() -> dict[str, str]:
    return {text: f"food {code}" for code, text in section("diet_exact")}


@cache
def nothing_words() -> frozenset[str]:
    """What is written where there is no need: "none", "inga", "nej"."""
    return folded_set("diet_words", "nothing") | folded_set("diet_words", "no") | folded_set("diet_words", "not")


@cache
def longer_words() -> frozenset[str]:
    """`no longer`, `any more`: a need is taken back."""
    return folded_set("diet_words", "longer")


@cache
def _stems() -> dict[str, str]:
    found: dict[str, str] = {}
    for code, text in section("diet_stems"):
        for spelt in Tagger([(code, text)]).words():
            found.setdefault(spelt[0], code)
    return found


@cache
def _endings() -> tuple[str, ...]:
    return tuple(sorted(folded_set("diet_endings", "all"), key=lambda e: (-len(e), e)))


@cache
def _long_words() -> tuple[tuple[str, str], ...]:
    food = ("need", "food")
    return tuple((word, tag) for word, tag in _tagger().words() if len(word) >= _LONG and tag.startswith(food))


@lru_cache(maxsize=4096)
def _guess(word: str) -> str:
    """The tag of a word that is in no table, or ""."""
    if len(word) > _LONGEST:
        return ""
    return _compound_tag(word) or _mistyped(word)


def _compound_tag(word: str) -> str:
    """`jordnötsallergi`, `laktosfri`; an allergy to a thing we do not know is "other"."""
    stems = _stems()
    for ending in _endings():
        stem = word.removesuffix(ending)
        if not stem or stem == word:
            continue
        for shape in (stem, stem.removesuffix("s")):
            if shape in stems:
                return f"need {stems[shape]}"
        if "allerg" in ending and len(stem) > 2:
            return "need other"
    return ""


def _mistyped(word: str) -> str:
    if len(word) < _LONG - 1:
        return ""
    return next((tag for known, tag in _long_words() if known[0] == word[0] and one_edit(known, word)), "")


def food_spans(sentence: Sentence) -> list[Span]:
    """The sentence as phrases: `need <codes>`, `food <codes>`, or one of the tags above; "" for another word."""
    exact = _exact()
    found: list[Span] = []
    for span in _tagger().spans(sentence.folded):
        tag = exact.get(sentence.words[span.start].casefold(), span.tag) if span.end - span.start == 1 else span.tag
        found.append(Span(span.start, span.end, tag or _guess(sentence.folded[span.start])))
    return found


def needful(span: Span) -> bool:
    """Whether the phrase speaks of what somebody eats."""
    return span.tag.startswith(("need", "food")) or span.tag in _ABOUT


def units(sentence: Sentence, spans: list[Span]) -> list[Span]:
    """`nut and egg ALLERGY`, `gluten- och LAKTOSFRI`: the foods that such a word closes become needs."""
    out = list(spans)
    for at, span in enumerate(spans):
        closes = span.tag in {"after", "verb_after", "allergy"} and span.start not in sentence.breaks
        if closes:
            _close(out, spans, at - 1)
        elif _compound(sentence, span) and at and spans[at - 1].tag == "join" and span.start not in sentence.breaks:
            _close(out, spans, at - 2)
        if closes and at and out[at - 1].tag.startswith("need"):
            out[at] = Span(span.start, span.end, "closing")
        elif span.tag == "verb_after":
            out[at] = Span(span.start, span.end, "avoid")
    return out


def _close(out: list[Span], spans: list[Span], at: int) -> None:
    """Make needs of the foods from `at` backwards, as far as the list of them goes."""
    gap = False
    while at >= 0:
        tag = spans[at].tag
        if tag.startswith("food"):
            out[at] = Span(spans[at].start, spans[at].end, "need" + tag[4:])
        elif not tag.startswith("need") and (tag != "join" or gap):
            return
        gap = tag == "join"
        at -= 1


def _compound(sentence: Sentence, span: Span) -> bool:
    word = sentence.folded[span.start]
    return span.tag.startswith("need") and span.end - span.start == 1 and word.endswith(_endings())


@cache
def food_words(key: str) -> frozenset[str]:
    """One of the small lists of `diet_words`."""
    return folded_set("diet_words", key)


@cache
def only_words() -> frozenset[str]:
    """`only`, `bara`."""
    return folded_set("diet_words", "just")


@cache
def except_words() -> frozenset[Words]:
    """`except`, `utom`."""
    return frozenset(tuple(form.split()) for form in folded_set("diet_words", "except"))


@cache
def meal_words() -> frozenset[str]:
    """`lunch`, `there`: what one does not eat when one is away, which is no diet."""
    return folded_set("diet_words", "meal")
