"""Signs: which characters of a stranger's text may stay at all."""

import re
import unicodedata

_BREAKS = re.compile("\r\n|[\r\v\f\x85\u2028\u2029]")
# A fast look for what may have to go: controls, and where format characters, surrogates and private use live.
_SUSPECT = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\xad\u0600-\u0605\u061c\u06dd\u070f\u08e2\u180e\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\ud800-\uf8ff\ufdd0-\ufdef\ufeff\ufff0-\uffff\U000110bd-\U0010ffff]"
)
_DROPPED = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
_KEPT = "\t\n\u200c\u200d"
# A joiner means something only between two signs of a script that joins, or between two emoji.
_IDLE_JOINER = re.compile(
    r"(?<![^\x00-\x7f])[\u200c\u200d]+|(?<=[\u200c\u200d\s])[\u200c\u200d]+|[\u200c\u200d]+(?=[\x00-\x7f\s]|\Z)"
)
_MARKS_MOST = 30  # Unicode's stream-safe text format (UAX #15 §13) allows as many in a row


def normal_form(text: str) -> str:
    """`text` in NFC, in linear time.

    CPython sorts a run of combining marks by insertion, so 100 KB of marks would take minutes: runs are cut to 30.
    """
    if text.isascii():
        return text
    marks = {c for c in set(text) if unicodedata.combining(c)}
    if marks:
        kept: list[str] = []
        run = 0
        for c in text:
            run = run + 1 if c in marks else 0
            if run <= _MARKS_MOST:
                kept.append(c)
        text = "".join(kept)
    return unicodedata.normalize("NFC", text)


def printable(text: str) -> str:
    """NFC with LF as the only line end, and without controls, format characters (but ZWJ, ZWNJ), private use.

    TAB stays. The order is that of calendar.md §6, with a second NFC at the end, because what is deleted may have
    stood between a letter and its accent.
    """
    if text.isascii() and not _SUSPECT.search(text) and not _BREAKS.search(text):
        return text
    text = _BREAKS.sub("\n", normal_form(text))
    if _SUSPECT.search(text):
        gone = {c for c in set(text) if unicodedata.category(c) in _DROPPED and c not in _KEPT}
        gone |= {c for c in set(text) if ord(c) & 0xFFFE == 0xFFFE or "\ufdd0" <= c <= "\ufdef"}  # never characters
        text = text.translate(dict.fromkeys(map(ord, gone)))
        text = normal_form(_IDLE_JOINER.sub("", text))
    return text
