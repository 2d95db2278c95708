"""How many come along without an address of their own: "+1", "vi är tre", "my wife is coming too"."""

import re
from functools import cache

from mailflow.reading.field_words import Found, Span, folded_set, spread, tagger
from mailflow.reading.sentences import Sentence

MOST = 20
_NUMBERS = {
    word: number
    for number, word in enumerate((
        "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen",
        "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty",
    ), 1)
}  # fmt: skip
_TAGS = ("alone", "single", "guest", "follow", "bring", "we", "person", *_NUMBERS, "join", "self", "fill", "denies")
_ENDS = frozenset({"", "denies"})
_FIGURES = frozenset(map(str, range(1, MOST + 1)))
_PLUS = re.compile(r"(?<![\w+@.])\+ ?(\d{1,2})(?![\w\d]|[ -]\d)")


@cache
def _set(key: str) -> frozenset[str]:
    return folded_set("guests", key)


def find_guests(sentence: Sentence) -> Found[int] | None:
    """The number of people who come along, the sender not counted; None when none is said or it is not certain."""
    spans = _spans(sentence)
    plus = _plus(sentence, spans)
    denied = _denied(sentence, spans)
    for at, span in enumerate(spans):
        if span.tag == "alone" and not (at and spans[at - 1].tag == "denies"):
            return Found(0, _around(spans, {at}))
        if span.tag == "we" and not denied[at] and (found := _party(sentence, spans, at)):
            return found
    if any("@" in word for word in sentence.folded) or sentence.question:
        return plus
    total, taken = _company(sentence, spans, denied)
    if not total:
        return plus
    return Found(total, _around(spans, taken)) if total <= MOST else None


def _denied(sentence: Sentence, spans: tuple[Span, ...]) -> list[bool]:
    """For each span whether its clause, up to the next comma or bracket, denies something or tells a story."""
    out: list[bool] = []
    clause: list[Span] = []
    for span in spans:
        if span.start in sentence.breaks:
            out += [any(one.tag == "denies" for one in clause)] * len(clause)
            clause = []
        clause.append(span)
    return out + [any(one.tag == "denies" for one in clause)] * len(clause)


def _spans(sentence: Sentence) -> tuple[Span, ...]:
    """The phrases of the tables; figures count as number words."""
    names = list(_NUMBERS)
    return tuple(
        Span(span.start, span.end, names[int(word) - 1])
        if not span.tag and (word := sentence.folded[span.start]) in _FIGURES
        else span
        for span in tagger("guests", *_TAGS).spans(sentence.folded)
    )


def _plus(sentence: Sentence, spans: tuple[Span, ...]) -> Found[int] | None:
    """`+1`, `+ 2`; a telephone number is none."""
    match = _PLUS.search(sentence.text[:1000])
    if not match or not 0 < int(match[1]) <= MOST:
        return None
    number = {next((at for at, word in enumerate(sentence.folded) if word == match[1]), -1)}
    return Found(int(match[1]), spread(spans, number, _ENDS))


def _number(span: Span) -> int:
    return _NUMBERS.get(span.tag, 0)


def _party(sentence: Sentence, spans: tuple[Span, ...], at: int) -> Found[int] | None:
    """`vi är tre`, `there will be four of us`: the sender is one of them."""
    after = at + 1
    while after < len(spans) and spans[after].tag == "fill" and after - at < 4:
        after += 1
    if after >= len(spans) or not 1 < _number(spans[after]) <= MOST:
        return None
    end = spans[after].end
    if end < len(sentence.folded) and end not in sentence.breaks:
        us = spans[at].start < len(sentence.folded) and sentence.folded[spans[at].start] in _set("us")
        counted = spans[after + 1].tag in {"person", "guest", "fill", "join"}
        if sentence.folded[end] in _set("units") or not (us or counted):  # "there are two buses"
            return None
    count = _number(spans[after]) - 1
    return Found(count, _around(spans, set(range(at, after + 1))))


def _company(sentence: Sentence, spans: tuple[Span, ...], denied: list[bool]) -> tuple[int, set[int]]:
    """The people who are brought along or follow, and the spans that say so."""
    total = 0
    taken: set[int] = set()
    at = 0
    while at < len(spans):
        count, end = _people(sentence, spans, at)
        if not count or denied[at]:
            at += 1
            continue
        # "My husband and our two kids": all of them, or none.
        after = _past_names(sentence, spans, end)
        while (
            after + 1 < len(spans) and spans[after].tag == "join" and (more := _people(sentence, spans, after + 1))[0]
        ):
            count += more[0]
            end = more[1]
            after = _past_names(sentence, spans, end)
        follows = after < len(spans) and spans[after].tag == "follow"
        if follows or _brought(sentence, spans, at) or spans[end - 1].tag in {"guest", "single"}:
            total += count
            taken.update(range(at, after + (1 if follows else 0)))
            at = after
        else:
            at = end
    return total, taken


def _people(sentence: Sentence, spans: tuple[Span, ...], at: int) -> tuple[int, int]:
    """How many people the spans from `at` on are, and where they end; (0, at) for none: "my two students"."""
    if spans[at].tag == "single":
        return 1, at + 1
    count, end = 0, at
    while end < len(spans) and _number(spans[end]):
        count = max(count, _number(spans[end]))
        end += 1
    while count and end < len(spans) and spans[end].tag in {"person", "guest"}:
        end += 1
        if spans[end - 1].tag == "guest" or end == len(spans) or spans[end].tag not in {"person", "guest"}:
            return count, end
    # "me and two", "tar med två": a number and nothing behind it.
    bare = count and (end == len(spans) or spans[end].start in sentence.breaks) and spans[at].tag != "one"
    return (count, end) if bare and at > 0 and spans[at - 1].tag in {"bring", "join"} else (0, at)


def _past_names(sentence: Sentence, spans: tuple[Span, ...], end: int) -> int:
    """Behind up to three capitalised names, "also", "who"."""
    at = end
    while at < len(spans) and at - end < 4:
        named = not spans[at].tag and sentence.words[spans[at].start][:1].isupper()
        if not (named or spans[at].tag == "fill"):
            break
        at += 1
    return at


def _brought(sentence: Sentence, spans: tuple[Span, ...], at: int) -> bool:
    """Whether `bringing`, `with`, `me and` or `me,` stands right before."""
    before = at - 1
    if before >= 0 and spans[before].tag == "self" and spans[at].start in sentence.breaks:
        return True
    joined = before >= 0 and spans[before].tag == "join"
    before -= joined
    while before >= 0 and spans[before].tag == "fill" and at - before < 5:
        before -= 1
    if before < 0:
        return False
    if joined:
        return spans[before].tag == "self"
    if spans[before].tag == "self":  # "tar med mig en kollega"
        before -= 1
    tag = spans[before].tag if before >= 0 else ""
    return tag == "bring" or (tag == "follow" and sentence.folded[spans[before].end - 1] in {"med", "with"})


def _around(spans: tuple[Span, ...], taken: set[int]) -> frozenset[int]:
    """The places of the spans of those numbers, and of the small words around them."""
    return spread(spans, {place for at in taken for place in spans[at].places}, _ENDS)
