"""Who signs, and for whom: the lines behind a closing formula or `-- ` (understanding.md §2.8)."""

from dataclasses import dataclass

from mailflow.mail.clean import person_name
from mailflow.reading.affiliation import find_affiliation, organisation_in, organisation_word
from mailflow.reading.field_words import as_written, folded_set, tagger
from mailflow.reading.sentences import sentence_of
from mailflow.reading.words import fold, lexicon, split_words

_NAME_WORDS = 5
_SIGNED_LINES = 8


@dataclass(frozen=True, slots=True)
class Signed:
    """What a sign-off says; "" where it says nothing."""

    name: str = ""
    affiliation: str = ""


def signed(lines: tuple[str, ...], display_name: str) -> Signed:
    """Name and affiliation from the lines behind a closing formula or `-- ` and the display name of the sender.

    The fuller of the two names; for the order of its words the sign-off decides (understanding.md §2.8).
    """
    shown = person_name(display_name)
    written = ""
    for line in lines[:3]:
        if written := _signed_name(line, shown):
            break
    affiliation = ""
    for at, line in enumerate(lines[:_SIGNED_LINES]):
        if affiliation := organisation_in(line):
            below = organisation_in(lines[at + 1]) if at + 1 < len(lines) else ""
            affiliation = f"{affiliation}, {below}" if below and below != affiliation else affiliation
            break
    if not affiliation:  # "Amélie Dubois, exchange student at the Dept of Communication"
        places = (find_affiliation(sentence_of(line)) for line in lines[:_SIGNED_LINES])
        affiliation = next((place.value for place in places if place), "")
    return Signed(_fuller(shown, written), affiliation)


def _signed_name(line: str, shown: str) -> str:
    """The name that a line of a sign-off consists of or begins with, or ""."""
    slash = line.lstrip().startswith("/")
    head = _without_formula(line).strip(" /-\u2013\u2014*_").replace("|", ",").replace(" - ", ",").partition("(")[0]
    part = head.partition(",")[0].strip()
    words = split_words(part)
    if not 0 < len(words) <= _NAME_WORDS or any(c.isdigit() or c in "@:/?!" for c in part):
        return ""
    sentence = sentence_of(part)
    if any(map(organisation_word, words)) or lexicon().phrases.tile(sentence.folded) is not None:
        return ""
    titles = lexicon().titles | folded_set("people", "role")
    proper = [word for word, plain in zip(words, sentence.folded, strict=False) if plain not in titles]
    # Without capitals it is a name behind a slash, or when the display name says so.
    small = len(words) <= 3 and part.islower() and (slash or bool(set(sentence.folded) & {*map(fold, shown.split())}))
    if not proper or not (small or all(w[:1].isupper() or fold(w) in folded_set("people", "particles") for w in words)):
        return ""
    return person_name(part)


def _without_formula(line: str) -> str:
    """`Mvh Anna Berg`, `Best, Anna`: what stands behind the formula."""
    sentence = sentence_of(line[:200])
    if not sentence.folded:
        return line
    span = tagger("people", "formulas").at(sentence.folded, 0)
    if span.tag and span.end < len(sentence.words):
        return as_written(sentence.text, sentence.words, span.end, len(sentence.words))
    return line


def _fuller(shown: str, written: str) -> str:
    """The name that says more; where they say the same in another order, or disagree in a part, the written one."""
    ours, theirs = shown.casefold().split(), written.casefold().split()
    if not ours or not theirs:
        return shown or written
    shared = set(ours) & set(theirs)
    if not shared and not any(
        a[0] == b[0] and min(len(a.rstrip(".")), len(b.rstrip("."))) == 1 for a in ours for b in theirs
    ):
        return shown if len(ours) > 1 else written if len(theirs) > 1 else shown
    if len(ours) != len(theirs):
        return shown if len(ours) > len(theirs) else written
    brief = any("." in word or len(word) == 1 for word in theirs) and not any("." in word for word in ours)
    begun = all(any(one.startswith(word) for one in ours) for word in theirs)
    return shown if brief or (begun and len("".join(theirs)) < len("".join(ours))) else written
