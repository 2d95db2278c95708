"""One walk over the phrases of a sentence about food: which of them are needs, and whose (diet.py)."""

from dataclasses import dataclass, field

from mailflow.reading.diet_words import except_words, food_words, longer_words, only_words
from mailflow.reading.field_words import Span
from mailflow.reading.sentences import Sentence

_UNKNOWN_MOST = 2


@dataclass(slots=True)
class Scan:
    """The state of one walk. `scope` is the reach of the last denying words, `took` what it has met so far.

    `own`: for each word whether it is about the sender. `codes` by whether they are his. `topic` and `waiting` are the
    places of words that announce a need ("allergies", "can't eat") which has not been understood yet.
    """

    own: tuple[bool, ...]
    scope: str = ""  # "" | "no" | "not" | "avoid" | "denied"
    took: str = ""  # what the scope has met: "" | "food" | "need"
    unknown: int = 0
    strong: bool = False
    allergic: bool = False
    none: bool = False
    none_own: bool = False
    latest: frozenset[str] = frozenset()
    denied: bool = False
    topic: int = -1
    waiting: int = -1
    good_fish: bool = False
    meat: bool = False
    fallback: bool = False
    codes: dict[bool, set[str]] = field(default_factory=lambda: {True: set(), False: set()})
    core: set[int] = field(default_factory=set)


def step(scan: Scan, sentence: Sentence, spans: list[Span], at: int) -> None:
    """Take in the phrase `at`."""
    span = spans[at]
    if span.start in sentence.breaks:
        _break(scan, sentence, spans, at)
    kind, _, codes = span.tag.partition(" ")
    match kind:
        case "need":
            _need(scan, span, codes)
        case "food":
            _food(scan, sentence, spans, at)
        case "avoid" | "weak":
            _avoid(scan, span)
        case "no" | "not" | "except":
            _negation(scan, sentence, span)
        case "all" | "count":
            _all_or_many(scan, span)
        case "allergy" | "topic" | "only":
            _topic(scan, span)
        case "fallback" | "stop" | "unneeded":
            _turn(scan, sentence, span)
        case "":
            _other_word(scan, span)


def _all_or_many(scan: Scan, span: Span) -> None:
    """`Eat everything`; "the number of vegetarians", who are not the sender."""
    if span.tag == "all":
        scan.none = True
        scan.none_own = scan.none_own or scan.own[span.start]
        scan.core.update(span.places)
    scan.scope, scan.took = ("" if span.tag == "all" else "count"), ""


def _unneeded(scan: Scan, span: Span) -> None:
    """`… is not needed any more` takes back what was named last, and only that."""
    if scan.latest:
        scan.codes[scan.own[span.start]] -= scan.latest
        scan.none, scan.none_own = True, scan.own[span.start]
        scan.core.update(span.places)


def _avoid(scan: Scan, span: Span) -> None:
    """`allergic to`, `can't eat`; behind a "not" it says the opposite. "Skip the" may speak of anything."""
    scan.strong = scan.scope not in {"no", "not"}
    if span.tag == "avoid":
        scan.core.update(span.places)
        scan.waiting = span.start if scan.strong else -1
        scan.denied = scan.denied or not scan.strong
    scan.scope, scan.took, scan.unknown = ("avoid" if scan.strong else "denied"), "", 0


def _turn(scan: Scan, sentence: Sentence, span: Span) -> None:
    """`but`: the reach of a "no" ends; "everything but" begins one. `otherwise`: what follows is second best."""
    if span.tag == "unneeded":
        _unneeded(scan, span)
    if span.tag == "fallback":
        scan.fallback = any(scan.codes.values())
    excepted = scan.none and sentence.folded[span.start : span.end] in except_words()
    scan.scope, scan.took, scan.unknown = ("avoid" if excepted else ""), "", 0


def _break(scan: Scan, sentence: Sentence, spans: list[Span], at: int) -> None:
    """A comma ends the reach of a "no", unless a list of foods goes on behind it."""
    goes_on = spans[at].tag.startswith("food") or spans[at].tag in {"join", "fill"}
    only = " ".join(sentence.folded[spans[at].start : spans[at].end]) in only_words()  # "no meat, only fish"
    if goes_on and not only and (scan.took == "food" or scan.scope in {"avoid", "denied"}):
        return
    scan.scope = scan.took = ""
    scan.unknown = 0


def _need(scan: Scan, span: Span, codes: str) -> None:
    if scan.scope == "count":
        return
    scan.core.update(span.places)
    scan.waiting = -1
    if scan.scope in {"no", "not", "denied"} and scan.took != "food":
        scan.denied = True
        scan.took = "need"
        return
    if not scan.fallback:  # "halal if possible, otherwise vegetarian" asks for halal
        scan.codes[scan.own[span.start]].update(codes.split())
        scan.latest = frozenset(codes.split())
    scan.took = scan.took or "food"


def _food(scan: Scan, sentence: Sentence, spans: list[Span], at: int) -> None:
    span, codes = spans[at], spans[at].tag[5:]
    welcome = codes == "fish" and _welcome(sentence, spans, at)
    if welcome and at + 1 < len(spans) and spans[at + 1].tag == "good":
        scan.good_fish = True
        scan.core.update(span.places)
    elif scan.scope in {"no", "not", "avoid"} and scan.took != "need":
        scan.meat = scan.meat or codes == "vegetarian"
        scan.core.update(span.places)
        scan.codes[scan.own[span.start]].update(codes.split())
        scan.allergic = scan.allergic or (scan.scope == "avoid" and scan.strong)
        scan.took, scan.waiting, scan.unknown = "food", -1, 0
    elif scan.scope == "denied":
        scan.core.update(span.places)
    elif welcome:
        scan.good_fish = True
        scan.core.update(span.places)


def _welcome(sentence: Sentence, spans: list[Span], at: int) -> bool:
    """`fish is fine`, `I eat fish`, `only fish`."""
    near = [spans[i] for i in (at - 1, at + 1) if 0 <= i < len(spans)]
    near += [spans[at - 2]] if at > 1 and spans[at - 1].tag == "fill" else []
    before = " ".join(sentence.folded[spans[at - 1].start : spans[at - 1].end]) if at else ""
    return any(span.tag == "good" for span in near) or before in only_words()


def _negation(scan: Scan, sentence: Sentence, span: Span) -> None:
    """`no`, `not`, `except`: after an allergy, "not peanuts" says what may be eaten."""
    words = " ".join(sentence.folded[span.start : span.end])
    if span.tag == "except":
        denies = sentence.folded[span.end - 1] in food_words("no") | food_words("not") and not scan.allergic
        scan.scope = "avoid" if scan.none else "no" if denies else ""
        scan.core.update(span.places if scan.none else ())
    elif words in food_words("rather") and scan.scope in {"no", "not"} and scan.took == "need":
        scan.scope = ""  # Swedish "inte vegan utan vegetarian"
    elif span.tag == "not" and scan.allergic:
        scan.scope = ""
    elif span.tag == "not" and scan.waiting >= 0:
        return
    else:
        scan.scope = span.tag
    scan.took, scan.unknown = "", 0
    scan.core.update(span.places if words in longer_words() else ())


def _topic(scan: Scan, span: Span) -> None:
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


def _other_word(scan: Scan, span: Span) -> None:
    """A word of no table: behind "allergic to" it may be what is meant; it ends the reach of a mere "no"."""
    if scan.scope == "avoid" and scan.unknown < _UNKNOWN_MOST:
        scan.unknown += 1
        if scan.waiting >= 0:
            scan.core.update(span.places)
    else:
        scan.scope = scan.took = ""
