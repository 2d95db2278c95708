"""Where somebody works or studies. Always optional: wrong is worse than empty (understanding.md §2.8)."""

from functools import cache

from mailflow.mail.clean import clean
from mailflow.reading.field_words import Found, Span, Tagger, as_written, folded_set, tagger
from mailflow.reading.owners import companion_before
from mailflow.reading.sentences import Sentence
from mailflow.reading.words import fold, split_words

_WORDS = 12
_LENGTH = 100
# Prepositions that also say where an event is; and those behind which a short row of capitals is rather a subject.
_PLACES = frozenset({"at", "pa", "vid", "ved", "in", "i", "am", "an"})
_SUBJECTS = frozenset({"of", "in", "i", "pa", "with", "by", "inom", "av"})


def _intros() -> Tagger:
    return tagger("people", "works", "loosely", "department", "sure", "maybe")


@cache
def _set(key: str) -> frozenset[str]:
    return folded_set("people", key)


@cache
def _ends() -> tuple[str, ...]:
    return tuple(sorted(_set("marker_ends")))


def organisation_word(word: str) -> bool:
    """Whether a word marks an organisation: University, Institutionen, AB (in capitals), Malmöuniversitetet."""
    folded = fold(word).removesuffix("s") if fold(word) not in _set("marker") else fold(word)
    if folded in _set("marker"):
        return len(folded) > 2 or word.isupper()
    return folded.endswith(_ends())


def find_affiliation(sentence: Sentence) -> Found[str] | None:
    """The organisation behind "I work at", or behind "from", "at" when it looks like one. Linear."""
    spans = _intros().spans(sentence.folded)
    for at, span in enumerate(spans):
        if span.tag not in {"works", "loosely"} or not _fits(sentence, span):
            continue
        start = span.end
        while start < len(sentence.words) and sentence.folded[start] in {
            "the",
            "den",
            "det",
            "der",
            "a",
            "an",
            "en",
            "ett",
        }:
            start += 1
        department = any(other.tag == "department" and other.start == start for other in spans[at:])
        end = _run(sentence, start, department=department)
        words = sentence.words[start:end]
        if words and _organisation(sentence, span, words) and not companion_before(sentence, span.start):
            return Found(
                clean(as_written(sentence.text, sentence.words, start, end), _LENGTH), frozenset(range(span.start, end))
            )
    return _introduced(sentence, spans)


def _introduced(sentence: Sentence, spans: tuple[Span, ...]) -> Found[str] | None:
    """`My name is Oksana Melnyk, Institute of Crop Science`: a whole part of the sentence that is an organisation."""
    if not spans or not any(span.tag in {"sure", "maybe"} for span in spans[:2]):
        return None
    for start in sorted(sentence.breaks):
        end = _run(sentence, start, department=False)
        words = sentence.words[start:end]
        if (
            len(words) > 1
            and any(map(organisation_word, words))
            and (end in sentence.breaks or end == len(sentence.words))
        ):
            return Found(
                clean(as_written(sentence.text, sentence.words, start, end), _LENGTH), frozenset(range(start, end))
            )
    return None


def _fits(sentence: Sentence, span: Span) -> bool:
    """Whether the preposition may speak of the sender: not "the workshop at", "a mail from"; not in a question."""
    if span.tag == "works":
        return True
    if sentence.question:
        return False
    before = sentence.folded[span.start - 1] if span.start else ""
    if before in _set("given_by"):
        return False
    if sentence.folded[span.end - 1] not in _PLACES or span.end - span.start > 1:
        return True
    if not span.start or span.start in sentence.breaks:
        return True
    near = range(max(0, span.start - 6), span.start)
    return any(sentence.folded[at] in _set("role") for at in near)


def _run(sentence: Sentence, start: int, *, department: bool) -> int:
    """Where the organisation ends: capitals, markers, small words between them; behind a department what it studies."""
    words, folded = sentence.words, sentence.folded
    end = start
    marked = False
    while end < len(words) and end - start < _WORDS:
        parted = end in sentence.breaks and folded[end - 1] not in {"dept", "inst", "avd", "univ"}
        if parted and end > start and not (marked and _goes_on(sentence, end)):
            break
        if _proper(words[end]):
            marked = marked or organisation_word(words[end]) or _acronym(words[end])
        elif folded[end] in _set("inner") and end > start:
            if not (end + 1 < len(words) and (_proper(words[end + 1]) or (department and _topic(folded[end + 1])))):
                break
        elif not (department and _topic(folded[end])):
            break
        marked = marked or department
        end += 1
    while end > start and folded[end - 1] in _set("inner") | {"the"}:
        end -= 1
    return end


def _goes_on(sentence: Sentence, at: int) -> bool:
    """`LTH, Electrical Engineering`: capitals behind a comma, more than one of them or a mark of an organisation."""
    following = sentence.words[at : at + 2]
    if len(following) < 1 or not _proper(following[0]) or sentence.folded[at] in _set("ends"):
        return False
    return organisation_word(following[0]) or (
        len(following) == 2 and (_proper(following[1]) or sentence.folded[at + 1] in _set("inner"))
    )


def _topic(folded: str) -> bool:
    return folded.isalpha() and folded not in _set("stops") and folded not in _set("ends") - _set("inner")


def _proper(word: str) -> bool:
    return (word[:1].isupper() and word not in {"I", "I'm", "I've", "I'd", "I'll", "Jag"}) or (
        organisation_word(word) and len(word) > 3
    )


def _acronym(word: str) -> bool:
    capitals = sum(c.isupper() for c in word)
    return 2 <= len(word) <= 7 and capitals >= 2 and word.isalpha() and fold(word) not in _set("not_organisations")


def _organisation(sentence: Sentence, span: Span, words: tuple[str, ...]) -> bool:
    if len(words) == 1 and fold(words[0]) in _set("marker") and not words[0].isupper():  # "the University", which one?
        return False
    if any(fold(word) in _set("not_organisations") for word in words[:1]):
        return False
    if span.tag == "works" or any(organisation_word(word) for word in words):
        return True
    return _acronym(words[0]) and sentence.folded[span.end - 1] not in _SUBJECTS


def organisation_in(line: str) -> str:
    """The organisation in a line of a sign-off: from the first part with a marker on, or ""."""
    if any(mark in line for mark in ("@", "://", "www.")) or len(line) > _LENGTH:
        return ""
    for piece in line.strip(" *_-/").split("|"):
        parts = [part.strip(" *_") for part in piece.split(",")]
        first = next((i for i, part in enumerate(parts) if any(map(organisation_word, split_words(part)))), None)
        if first is not None:
            kept = [part for part in parts[first:] if not any(c.isdigit() for c in part)]
            words = split_words(" ".join(kept))
            if len(words) > 1 and words[0][:1].isupper():
                return clean(", ".join(kept), _LENGTH)
        # "Ola Hauge, UiO"
        if len(parts) > 1 and len(split_words(parts[0])) > 1 and parts[0].istitle() and _acronym(parts[1]):
            return parts[1]
    return ""
