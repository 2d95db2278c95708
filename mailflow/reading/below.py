"""Where the text ends and the writer begins: sign-offs, names and titles below it (understanding.md §2.6.9)."""

from mailflow.reading.affiliation import organisation_word
from mailflow.reading.analyse import Analysis, analyse
from mailflow.reading.diet import find_diet
from mailflow.reading.field_words import folded_set
from mailflow.reading.objects import small_words
from mailflow.reading.rules import Places
from mailflow.reading.sentences import sentence_of
from mailflow.reading.signature import signature_like
from mailflow.reading.tables import tables
from mailflow.reading.words import fold_words, lexicon

_SIGNATURE_LINES = 8
_SIGNATURE_LENGTH = 70


def signature_start(lines: tuple[str, ...], own: frozenset[str]) -> int:
    """The number of the first line behind a sign-off, or of the name that ends the mail; `len(lines)` without one."""
    filled = [at for at, line in enumerate(lines) if line]
    for at in filled[1:]:
        if is_sign_off(lines[at], own):
            return at + 1
    start = len(lines)
    for at in reversed(filled[-_SIGNATURE_LINES:]):
        if not is_signature(lines[at], own):
            break
        start = at
        if fold_words(lines[at])[0] in own:
            break
    block = [line for line in lines[start:] if line]
    # Without a formula the name must be among it, and something must stand above: "Anna" alone is no signature.
    named = any(word in own for line in block for word in fold_words(line))
    return start if named and start > (filled[0] if filled else 0) else len(lines)


def slashed(lines: tuple[str, ...], own: frozenset[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The lines, and what `//Emma, student of law` at the end of the last one says of the writer."""
    last = next((at for at in reversed(range(len(lines))) if lines[at]), 0)
    for mark in ("//", " /", " - ", " \u2013 "):
        head, found, name = (lines[last] if lines else "").rpartition(mark)
        if found and head.strip() and set(fold_words(name)[:1]) & own and is_signature(name, own):
            return (*lines[:last], head.rstrip(), *lines[last + 1 :]), (name.strip(),)
    return lines, ()


def is_sign_off(line: str, own: frozenset[str]) -> bool:
    """A closing formula by itself or with a name behind it, or `/Anna`."""
    bare = line.strip()
    if bare.startswith(("/", "- ", "\u2013", "\u2014", "~")) and 0 < len(fold_words(bare)) <= 4:
        return all(word in own for word in fold_words(bare)) or signature_like(bare.lstrip("/-\u2013\u2014~ "))
    sentence = sentence_of(line)
    if not 0 < len(sentence.words) <= 9 or sentence.folded[0] not in tables().signing:
        return False
    one = analyse(sentence, Places(own=own))
    if "signoff" not in one.kinds or one.wishes or one.dangers:
        return False
    rest = [sentence.words[place] for place in one.unexplained]
    return all(word[:1].isupper() for word in rest)


def is_signature(line: str, own: frozenset[str]) -> bool:
    """A short line below the sign-off: names, titles, places, numbers; no sentence, wish or turning word."""
    words = fold_words(line)
    if not words or all(word in own for word in words) or signature_like(line):
        return bool(words)
    if len(line) > _SIGNATURE_LENGTH or line.rstrip()[-1] in ".!?:":
        return False
    one = analyse(sentence_of(line), Places(own=own))
    if one.wishes or one.dangers or one.kinds & {"partial", "idiom", "thanks"} or find_diet(one.sentence) is not None:
        return False
    said = one.sentence
    unknown = {at for at in (*one.unexplained, *one.loose) if said.folded[at] not in _particles()}
    # "Anna Berg, jurist": one word behind a comma is what one is.
    titled = unknown == {len(said.words) - 1} and len(said.words) - 1 in said.breaks
    return len(words) == 1 or titled or _of_a_person(one) or all(said.words[at][:1].isupper() for at in unknown)


def _particles() -> frozenset[str]:
    return folded_set("people", "particles")


def _of_a_person(one: Analysis) -> bool:
    """Whether a title or an organisation says that it is who one is: `doktorand i informatik`."""
    known = lexicon().titles - small_words().light
    return any(word in known for word in one.sentence.folded) or any(map(organisation_word, one.sentence.words))
