"""Which parts of the event somebody comes to: "only the afternoon", "everything but the dinner", "inte middagen"."""

from dataclasses import dataclass, field
from functools import lru_cache

from mailflow.model.event import Option, Question
from mailflow.reading.field_words import Span, Tagger, folded_set, section, spread, tagged
from mailflow.reading.owners import owners
from mailflow.reading.sentences import Sentence
from mailflow.reading.words import Words, spellings

_TAGS = ("correct", "not", "all", "attend", "stop", "join", "fill")
_ENDS = frozenset({"", "not", "stop"})


@dataclass(frozen=True, slots=True)
class Sessions:
    """Ids of the options said yes and no to, in the organiser's order, and the places of the words that say so."""

    yes: tuple[str, ...]
    no: tuple[str, ...]
    places: frozenset[int]


@dataclass(slots=True)
class _Scan:
    """One walk. `group` are the options named since the last turn of the sentence; `denied` the reach of a "not"."""

    yes: set[str] = field(default_factory=set)
    no: set[str] = field(default_factory=set)
    group: list[str] = field(default_factory=list)
    denied: bool = False
    pending: bool = False  # a "not" that has met no session yet
    attends: bool = False
    whole: bool = False
    last: str = ""
    nots: range = range(0)  # where the last "not" stands; it is explained when it meets a session
    dropped: set[str] = field(default_factory=set)  # taken back, if another one follows
    core: set[int] = field(default_factory=set)


def find_sessions(sentence: Sentence, question: Question) -> Sessions | None:
    """The sessions said yes and no to; None when none is named, or none in a way that says who comes. Linear."""
    spans = _tagger(question.options).spans(sentence.folded)
    named = frozenset(place for span in spans if span.tag.startswith("session ") for place in span.places)
    if not named and not any(span.tag == "all" for span in spans):
        return None
    own = owners(sentence, named).places
    if not all(own[place] for place in named):
        return None
    scan = _Scan()
    for span in spans:
        _step(scan, sentence, span)
    _turn(scan)
    # "Fm och lunch", "hela dagen": nothing but sessions; "thanks for the dinner" is something else.
    bare = all(span.tag for span in spans) and sentence.folded[0] not in _set("thanks")
    if scan.whole and (scan.attends or bare):
        scan.yes = {option.id for option in question.options} - scan.no
    if not (scan.yes or scan.no) or not (scan.attends or scan.no or bare):
        return None
    order = [option.id for option in question.options]
    scan.yes -= scan.no
    yes, no = (tuple(option for option in order if option in said) for said in (scan.yes, scan.no))
    return Sessions(yes, no, spread(spans, scan.core, _ENDS))


@lru_cache(maxsize=64)
def _tagger(options: tuple[Option, ...]) -> Tagger:
    groups: dict[str, list[str]] = {}
    for key, text in section("session_names"):
        groups.setdefault(key, []).append(text)
    entries: list[tuple[str, str]] = []
    for option in options:
        entries += [(f"session {option.id}", text) for text in option.texts]
    for option in options:
        words = {word for text in option.texts for word in _significant(text)}
        for texts in groups.values():
            if words & {form for text in texts for form in spellings(text)}:
                entries += [(f"session {option.id}", text) for text in texts]
    ids = {option.id for option in options}
    entries += [
        (f"session {key}", text)
        for key, texts in groups.items()
        if " " in key
        for text in texts
        if set(key.split()) <= ids
    ]
    entries += [("part", text) for texts in groups.values() for text in texts]
    return Tagger((*entries, *tagged("session_words", _TAGS)))


def _significant(text: str) -> set[Words]:
    """The text, and it without "session", "pass" and the like."""
    generic = folded_set("session_words", "generic")
    found: set[Words] = set()
    for words in spellings(text):
        found.add(words)
        found.add(tuple(word for word in words if word not in generic))
    return found - {()}


def _step(scan: _Scan, sentence: Sentence, span: Span) -> None:
    if span.start in sentence.breaks and not span.tag.startswith("session ") and span.tag not in {"join", "correct"}:
        _turn(scan)
    kind, _, option = span.tag.partition(" ")
    match kind:
        case "session":
            if not _greets(sentence, span):
                _session(scan, span, option.split())
        case "not":
            scan.nots = span.places
            scan.denied = scan.pending = True
        case "all":
            scan.core.update(span.places)
            scan.whole = scan.whole or not scan.denied
        case "correct" | "stop":
            _correct(scan, span)
        case "":
            scan.pending = False  # "the afternoon, not sure yet" takes nothing back
        case "attend":
            scan.attends = True
            # "I skip the morning but come to the rest", "hoppar över middagen och kommer på eftermiddagen"
            if scan.denied and not scan.pending and span.start and sentence.folded[span.start - 1] in _set("join"):
                _turn(scan)
    scan.last = kind


def _correct(scan: _Scan, span: Span) -> None:
    """`The morning, no sorry, the afternoon`; "everything but the dinner"; a plain "but"."""
    if span.tag == "correct":
        scan.dropped.update(scan.group)
        scan.group = []
        return
    _turn(scan)
    if scan.last == "all":
        scan.denied, scan.nots = True, span.places


def _session(scan: _Scan, span: Span, options: list[str]) -> None:
    scan.core.update(span.places)
    scan.yes -= scan.dropped
    scan.dropped.clear()
    scan.group.extend(options)
    (scan.no if scan.denied else scan.yes).update(options)
    scan.core.update(scan.nots if scan.denied else ())
    scan.pending = False


def _set(key: str) -> frozenset[str]:
    return folded_set("session_words", key)


def _turn(scan: _Scan) -> None:
    """The sentence turns: a "not" behind what it denies ("the dinner I can't make") reaches back to it."""
    if scan.pending and scan.group:
        scan.core.update(scan.nots)
        for option in scan.group:
            scan.yes.discard(option)
            scan.no.add(option)
    scan.denied = scan.pending = False
    scan.group = []


def _greets(sentence: Sentence, span: Span) -> bool:
    """`Good morning`, `i eftermiddag`, `vegan dinner`: no matter of who comes."""
    if not span.start and sentence.folded[0] in _set("hellos") and "!" in sentence.text:
        return True
    return (
        span.start > 0
        and span.start not in sentence.breaks
        and sentence.folded[span.start - 1] in _set("greets") - {"i"}
    )
