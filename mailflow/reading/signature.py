"""Names and signatures: the words that say who writes and not what (understanding.md §2.6.9)."""

import re

from mailflow.mail.address import Address
from mailflow.model.seal import parse_code
from mailflow.reading.words import Meaning, fold, fold_words, lexicon, split_words

_CODE = re.compile(r"\b[0-9A-Za-z]{2}[- ]?[0-9A-Za-z]{4}\b")
_CHALLENGE = re.compile(r"\b[0-9A-Za-z]{4}(?:-[0-9A-Za-z]{4}){3}\b")


_PARTICLES = frozenset(
    {"van", "von", "de", "af", "av", "der", "den", "la", "le", "di", "da", "du", "el", "bin", "ter", "zu"}
)


def without_codes(text: str) -> str:
    """The text without booking codes and challenge codes: they say whose, not what."""

    def replace(match: re.Match[str]) -> str:
        found = match[0]
        # One that is mistyped explains as little as a right one; a plain word or number is no code.
        mixed = any(c.isdigit() for c in found) and any(c.isalpha() for c in found)
        code = (mixed and found[2] == "-") or (parse_code(found) and (mixed or "-" in found))
        return " " if code else found

    # The long ones first: "JA" or "NO" with the beginning of one behind it has the shape of a booking code.
    return _CODE.sub(replace, _CHALLENGE.sub(" ", text))


def own_names(sender_name: str, sender: Address | None) -> frozenset[str]:
    """The words of the sender's name and of his address; none that means something in the tables."""
    words = set(fold_words(sender_name[:200]))
    if sender:
        words.update(fold_words(sender.local.replace("_", " ")))
    known = lexicon()
    return frozenset(
        word for word in words if not (word.isdigit() or known.phrases.at((word,), 0)[0] or known.doubtful((word,)))
    )


def signature_like(line: str) -> bool:
    """A short line of names, titles, places or numbers: capitalised words, known titles, digits, links.

    Positive evidence for every word, since a retraction often stands below the name.
    """
    known = lexicon()
    if any(mark in line for mark in ("?", "!")) or len(line) > 100:
        return False
    rest = [part for part in line.split() if "@" not in part and "://" not in part and not part.startswith("www.")]
    words = split_words(" ".join(rest))
    folded = tuple(fold(word) for word in words)
    if len(words) > 10 or known.doubtful(folded):
        return False
    for at, word in enumerate(words):
        _, meanings = known.phrases.at(folded, at)
        if _is(meanings, "command"):
            return False
        if not (word[0].isupper() or word[0].isdigit() or folded[at] in known.titles or folded[at] in _PARTICLES):
            return False
    return True


def _is(meanings: tuple[Meaning, ...], *kinds: str) -> bool:
    return any(meaning.kind in kinds for meaning in meanings)
