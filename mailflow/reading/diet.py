"""What somebody eats, as codes and by which words (understanding.md §2.8). An allergy must survive: in doubt "other".

A sentence is cut into phrases of the tables. A food ("nuts", "fish") says a need only in the reach of words such as
"no", "allergic to" or "-free"; a word such as "vegan" says one by itself, unless it is denied.
"""

from dataclasses import dataclass, field
from functools import cache, lru_cache

from mailflow.reading.owners import owners
from mailflow.reading.field_words import Span, Tagger, folded_set, one_edit, section
from mailflow.reading.sentences import Sentence, sentence_of
from mailflow.reading.words import Words

CODES = (
    "vegetarian", "vegan", "pescetarian", "gluten", "lactose", "dairy", "nuts", "peanuts", "egg", "fish", "shellfish",
    "soy", "halal", "kosher", "pork", "other",
)  # fmt: skip
# A typing error is believed in long words only: "vegitarian", "laktosintollerant".
_LONG = 8
_TAGS = ("after", "verb_after", "allergy", "topic", "avoid", "weak", "fallback", "no", "not", "all", "only", "except", "stop", "join", "good", "fill")
_UNKNOWN_MOST = 2


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


@dataclass(slots=True)
class _Scan:
    """The state of one walk over a sentence. `scope` is the reach of the last denying words."""

    own: tuple[bool, ...]
    scope: str = ""  # "" | "no" | "not" | "avoid" | "denied"
    took: str = ""  # what the scope has met: "" | "food" | "need"
    unknown: int = 0
    strong: bool = False
    allergic: bool = False
    none: bool = False
    denied: bool = False
    topic: int = -1
    waiting: int = -1
    good_fish: bool = False
    fallback: bool = False
    codes: dict[bool, set[str]] = field(default_factory=lambda: {True: set(), False: set()})
    core: set[int] = field(default_factory=set)


def find_diet(sentence: Sentence) -> Diet | None:
    """What the sentence says of food that is a need; None for a mere mention ("lunch sounds good"). Linear."""
    spans = _units(sentence, _spans(sentence))
    own = owners(sentence, frozenset(i for span in spans if _needful(span) for i in span.places))
    if sentence.question and not own.first_person:
        return None
    scan = _Scan(own.places)
    for at, span in enumerate(spans):
        _step(scan, sentence, spans, at, span)
    return _result(scan, sentence, spans)


def diet_of_value(text: str) -> Diet:
    """What is written behind "Diet:" in a form: there a food alone is one to leave out, and nothing is a mention."""
    sentence = sentence_of(text)
    spans = _units(sentence, _spans(sentence))
    scan = _Scan((True,) * len(sentence.folded), scope="avoid", strong=True)
    for at, span in enumerate(spans):
        _step(scan, sentence, spans, at, span)
        if not scan.scope and span.tag in {"join", "stop"}:
            scan.scope, scan.took = "avoid", ""
    found = _result(scan, sentence, spans)
    if sentence.folded and all(word in _nothing() for word in sentence.folded):
        return Diet((), frozenset(range(len(sentence.folded))), none=True)
    return found or Diet(("other",) if sentence.folded else (), frozenset(range(len(sentence.folded))))


@cache
def _tagger() -> Tagger:
    entries = [(f"need {code}", text) for code, text in section("diet_codes")]
    entries += [(f"food {codes}", text) for codes, text in section("diet_foods")]
    entries += [(tag, text) for wanted in _TAGS for tag, text in section("diet_words") if tag == wanted]
    return Tagger(entries)


@cache
def _exact() -> dict[str, str]:
    return {text: f"food {code}" for code, text in section("diet_exact")}


@cache
def _nothing() -> frozenset[str]:
    return folded_set("diet_words", "nothing") | folded_set("diet_words", "no") | folded_set("diet_words", "not")


@cache
def _longer() -> frozenset[str]:
    return folded_set("diet_words", "longer")


@cache
def _stems() -> tuple[tuple[str, str], ...]:
    found: dict[str, str] = {}
    for code, text in section("diet_stems"):
        for spelt in Tagger([(code, text)]).words():
            found.setdefault(spelt[0], code)
    return tuple(found.items())


@cache
def _endings() -> tuple[str, ...]:
    return tuple(sorted(folded_set("diet_endings", "all"), key=lambda e: (-len(e), e)))


@cache
def _long_words() -> tuple[tuple[str, str], ...]:
    return tuple((word, tag) for word, tag in _tagger().words() if len(word) >= _LONG and tag.startswith(("need", "food")))


@lru_cache(maxsize=4096)
def _guess(word: str) -> str:
    """The tag of a word that is in no table: a compound such as `jordnötsallergi`, or a word with a typing error."""
    if len(word) > 40:
        return ""
    stems = dict(_stems())
    for ending in _endings():
        if word.endswith(ending) and (stem := word.removesuffix(ending)):
            for shape in (stem, stem.removesuffix("s"), stem.removesuffix("o")):
                if shape in stems:
                    return f"need {stems[shape]}"
            if len(ending) > 5 and "allerg" in ending and len(stem) > 2:
                return "need other"
    if len(word) < _LONG - 1:
        return ""
    for known, tag in _long_words():
        if known[0] == word[0] and one_edit(known, word):
            return tag
    if word.endswith(_endings()):
        return ""
    return ""


def _spans(sentence: Sentence) -> list[Span]:
    exact = _exact()
    found: list[Span] = []
    for span in _tagger().spans(sentence.folded):
        tag = exact.get(sentence.words[span.start].casefold(), span.tag) if span.end - span.start == 1 else span.tag
        found.append(Span(span.start, span.end, tag or _guess(sentence.folded[span.start])))
    return found


def _needful(span: Span) -> bool:
    return span.tag.startswith(("need", "food")) or span.tag in {"avoid", "after", "verb_after", "allergy", "topic", "all"}


def _units(sentence: Sentence, spans: list[Span]) -> list[Span]:
    """`nut and egg ALLERGY`, `gluten- och LAKTOSFRI`: the foods that such a word closes become needs."""
    out = list(spans)
    for at, span in enumerate(spans):
        closes = span.tag in {"after", "verb_after", "allergy"}
        compound = span.tag.startswith("need") and span.end - span.start == 1 and bool(_compound(sentence.folded[span.start]))
        before = at - 1
        if compound and before >= 0 and spans[before].tag == "join" and span.start not in sentence.breaks:
            before -= 1
        elif not closes or span.start in sentence.breaks:
            if span.tag == "verb_after":
                out[at] = Span(span.start, span.end, "avoid")
            continue
        gap = False
        while before >= 0:
            tag = spans[before].tag
            if tag.startswith("food"):
                out[before] = Span(spans[before].start, spans[before].end, "need" + tag[4:])
            elif tag.startswith("need") or (tag == "join" and not gap):
                pass
            else:
                break
            gap = tag == "join"
            before -= 1
        if closes and at and out[at - 1].tag.startswith("need"):
            out[at] = Span(span.start, span.end, "closing")
        elif span.tag == "verb_after":
            out[at] = Span(span.start, span.end, "avoid")
    return out


@lru_cache(maxsize=4096)
def _compound(word: str) -> bool:
    return word.endswith(_endings()) and not word.startswith(("allerg", "alerg"))


def _step(scan: _Scan, sentence: Sentence, spans: list[Span], at: int, span: Span) -> None:
    """One phrase."""
    if span.start in sentence.breaks:
        _break(scan, spans, at)
    kind, _, codes = span.tag.partition(" ")
    match kind:
        case "need":
            _need(scan, span, codes)
        case "food":
            _food(scan, span, codes, spans, at)
        case "avoid" | "weak":
            if kind == "avoid":
                scan.core.update(span.places)
                scan.waiting = span.start if scan.scope not in {"no", "not"} else -1
            scan.strong = scan.scope not in {"no", "not"}
            scan.denied |= kind == "avoid" and not scan.strong
            scan.scope, scan.took, scan.unknown = ("avoid" if scan.strong else "denied"), "", 0
        case "no" | "not" | "except":
            _negation(scan, sentence, span)
        case "all":
            scan.none = True
            scan.core.update(span.places)
            scan.scope = ""
        case "allergy" | "topic" | "only" | "after":
            _topic(scan, sentence, span)
        case "fallback":
            scan.fallback, scan.scope = bool(scan.codes[True] or scan.codes[False]), ""
        case "stop":
            excepted = scan.none and sentence.folded[span.start : span.end] in _except()
            scan.scope, scan.took, scan.unknown = ("avoid" if excepted else ""), "", 0
        case "":
            _other_word(scan, sentence, span)


@cache
def _except() -> frozenset[Words]:
    return frozenset(tuple(form.split()) for form in folded_set("diet_words", "except"))


def _break(scan: _Scan, spans: list[Span], at: int) -> None:
    """A comma ends the reach of a "no", unless a list of foods goes on behind it."""
    if spans[at].tag.startswith("food") or spans[at].tag in {"join", "fill"}:
        if scan.took == "food" or scan.scope == "avoid" or scan.scope == "denied":
            return
    scan.scope = scan.took = ""
    scan.unknown = 0


def _need(scan: _Scan, span: Span, codes: str) -> None:
    scan.core.update(span.places)
    scan.waiting = -1
    if scan.scope in {"no", "not", "denied"} and scan.took != "food":
        scan.denied = True
        scan.took = "need"
        return
    if not scan.fallback:  # "halal if possible, otherwise vegetarian" asks for halal
        scan.codes[scan.own[span.start]].update(codes.split())
    scan.took = scan.took or "food"


def _food(scan: _Scan, span: Span, codes: str, spans: list[Span], at: int) -> None:
    if scan.scope in {"no", "not", "avoid"} and scan.took != "need":
        scan.core.update(span.places)
        scan.codes[scan.own[span.start]].update(codes.split())
        scan.allergic = scan.allergic or (scan.scope == "avoid" and scan.strong)
        scan.took, scan.waiting, scan.unknown = "food", -1, 0
    elif scan.scope == "denied":
        scan.core.update(span.places)
    elif codes == "fish" and any(
        0 <= near < len(spans) and spans[near].tag == "good" for near in (at - 1, at + 1, at - 2 if spans[at - 1].tag == "fill" else -1)
    ):
        scan.good_fish = True
        scan.core.update(span.places)


def _negation(scan: _Scan, sentence: Sentence, span: Span) -> None:
    """`no`, `not`, `except`: after an allergy, "not peanuts" says what may be eaten."""
    words = " ".join(sentence.folded[span.start : span.end])
    if span.tag == "except":
        scan.scope = "avoid" if scan.none else ""
        scan.core.update(span.places if scan.none else ())
    elif span.tag == "not" and scan.allergic:
        scan.scope = ""
    elif span.tag == "not" and scan.scope == "avoid" and not scan.took:
        return
    else:
        scan.scope = span.tag
    scan.took, scan.unknown = "", 0
    scan.core.update(span.places if words in _longer() else ())


def _topic(scan: _Scan, sentence: Sentence, span: Span) -> None:
    """`allergies`, `diet`: without more, a need that we do not understand; behind "no", none."""
    scan.core.update(span.places)
    if scan.scope in {"no", "not"} and span.tag != "only":
        scan.none = True
        scan.scope = "no"
        scan.took = "need"
        return
    scan.topic = span.start
    if span.tag == "allergy":
        scan.scope, scan.took, scan.unknown = "avoid", "", 0


def _other_word(scan: _Scan, sentence: Sentence, span: Span) -> None:
    """A word of no table: behind "allergic to" it may be what is meant; it ends the reach of a mere "no"."""
    if scan.scope == "avoid" and scan.unknown < _UNKNOWN_MOST:
        scan.unknown += 1
        if scan.waiting >= 0:
            scan.core.update(span.places)
    else:
        scan.scope = scan.took = ""


def _result(scan: _Scan, sentence: Sentence, spans: list[Span]) -> Diet | None:
    last = spans[-1] if spans else None
    ends_no = last is not None and all(word in _nothing() for word in sentence.folded[last.start : last.end])
    if scan.topic >= 0 and last and ends_no and not scan.codes[True]:
        scan.none, scan.topic = True, -1
        scan.core.update(last.places)
    if not scan.core:
        return None
    mine, theirs = scan.codes[True], scan.codes[False]
    codes = mine or theirs
    own = bool(mine) or not theirs
    if not codes and not scan.none and not scan.denied:
        if not (scan.topic >= 0 or scan.waiting >= 0) or _only_a_meal(scan, sentence):
            return None
        codes = {"other"}
        own = scan.own[max(scan.topic, scan.waiting)]
    places = _spread(scan.core, sentence, spans)
    if not codes:
        longer = any(word in _longer() for word in (*sentence.folded, " ".join(sentence.folded[:3])))
        return Diet((), places, none=scan.none or longer or _taken_back(sentence), own=own)
    return Diet(_tidy(codes, fish=scan.good_fish), places, own=own)


def _taken_back(sentence: Sentence) -> bool:
    row = f" {' '.join(sentence.folded)} "
    return any(f" {phrase} " in row for phrase in _longer())


def _only_a_meal(scan: _Scan, sentence: Sentence) -> bool:
    """`I won't eat lunch`: a matter of sessions."""
    meals = folded_set("diet_words", "meal")
    return scan.topic < 0 and scan.waiting >= 0 and any(
        word in meals for word in sentence.folded[scan.waiting : scan.waiting + 6]
    )


def _tidy(codes: set[str], *, fish: bool) -> tuple[str, ...]:
    """"No meat or fish" is vegetarian; a vegetarian who eats fish is pescetarian; a code says more than "other"."""
    found = set(codes)
    if fish and "vegetarian" in found:
        found = found - {"vegetarian", "fish"} | {"pescetarian"}
    if found & {"vegetarian", "vegan"}:
        found -= {"fish", "pork"} if "shellfish" not in found else {"pork"}
    if {"vegan", "vegetarian"} <= found:
        found -= {"vegetarian"}
    return tuple(code for code in CODES if code in found)


def _spread(core: set[int], sentence: Sentence, spans: list[Span]) -> frozenset[int]:
    """The core, and the small words around it that belong to it: "I am", "allergic to", "please", "if possible"."""
    tags = {"fallback", "weak", "fill", "join", "good", "no", "not", "only", "closing", "allergy", "after", "topic", "except", "stop", "avoid", "all"}
    belongs = [span.tag in tags or span.tag.startswith(("need", "food")) for span in spans]
    inside = [bool(core.intersection(span.places)) for span in spans]
    for order in (range(len(spans)), range(len(spans) - 1, -1, -1)):
        reached = False
        for at in order:
            reached = inside[at] or (reached and belongs[at])
            inside[at] = reached
    return frozenset(place for span, taken in zip(spans, inside, strict=True) if taken for place in span.places)
