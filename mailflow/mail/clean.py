"""Text of strangers made harmless, once, at the place where it becomes part of a letter, a file or a log.

The names of persons besides: what mail programs put before an address (understanding.md §2.8, trust.md §9).
"""

import re
import unicodedata
from functools import lru_cache

from mailflow.mail.signs import printable

_GRAPHEME_MOST = 32
NAME_MOST = 80
_WORDS_MOST = 6
_ALIKE = {"LATIN", "CYRILLIC", "GREEK"}
_DIGITS_MOST = 3
_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|\{[^{}]*\}")
_AFFIX = re.compile(r"\s*\||\s+/|\s[-\u2013]\s|/(?=[A-ZÅÄÖ][a-zåäö]{2})|\s+(?i:via|c/o|on behalf of)\s")
_DOTTED = re.compile(r"[^\W\d_]{2,40}\.[^\W\d_]{2,40}")
_LINK = re.compile(
    r"://|www\.|@|[^\W_]{2,}\.(?:com|net|org|info|biz|se|no|dk|fi|de|fr|uk|nl|eu|io|ru|cn|xyz|top|site|online|shop"
    r"|app|dev|club|link|click|me|co|tv|cc|us|pl|it|es|ch|at|be|example)\b",
    re.IGNORECASE,
)


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_TITLES = _set(
    "dr dr. prof prof. professor mr mr. mrs mrs. ms ms. miss docent doc. herr fru frau hr hr. ing. ir. mag. dipl.-ing. "
    "phd ph.d. md msc m.sc. mba sir madam civ.ing. rektor"
)
_SUFFIXES = _set("jr jr. sr sr. ii iii iv phd ph.d. ph.d md m.d. msc m.sc. mba bsc dds esq esq.")
_PARTICLES = _set("von van af de da di du del der den dos das la le los ter ten zu zum zur bin ibn al el ap")
_ROLES = _set(
    "registrator reception receptionen support helpdesk info admin administrator office kansli kansliet kundtjänst "
    "noreply no-reply donotreply postmaster webmaster mailer-daemon team service servicedesk newsletter notification "
    "notifications event events konferens conference secretariat sekretariat sales contact kontakt mailbox system "
    "undisclosed-recipients okänd unknown unbekannt root registrations registration bookings booking bokning bokningar "
    "anmälan anmälningar expeditionen expedition account accounts administration administrationen kursadministration "
    "workshop workshops course courses kurs kursen institutionssekreterare redaktionen customer services iphone ipad "
    "studievägledning studievägledningen sekreterare secretary"
)
_HOUSES = re.compile(
    r"universit|högskola|institut|\bdept|department|school|\bab\b|\binc\b|gmbh|\bltd|kommun|region"
    r"|avdelning|\blu\b|college",
    re.IGNORECASE,
)


def clean(text: str, length: int) -> str:
    """`text` as one harmless line of at most `length` characters, never cut inside a grapheme. Never raises.

    NFC; no control, format, surrogate or private character; blanks and line ends collapsed; `=?` broken up, so that
    no program takes a piece of it for an encoded word. Cleaning twice is cleaning once. trust.md §9, calendar.md §6.
    """
    line = " ".join(printable(text[: 8 * length + 256]).split())
    if "=?" in line:
        line = line.replace("=?", "= ?")
    return _cut(line, length)


def clean_text(text: str, length: int) -> str:
    """Like `clean`, for text of several lines: LF stays, blanks are collapsed within lines and dropped around LF."""
    lines = printable(text[: 8 * length + 256]).split("\n")
    return _cut("\n".join(" ".join(line.split()) for line in lines).strip(), length)


def _cut(text: str, length: int) -> str:
    if len(text) <= length:
        return text
    end = length
    while end > max(0, length - _GRAPHEME_MOST) and _inside(text, end):
        end -= 1
    # A grapheme without end is somebody's joke; then the number of characters is what counts.
    if _inside(text, end):
        end = length
    return text[:end].rstrip().rstrip("\u200c\u200d").rstrip()


def _inside(text: str, at: int) -> bool:
    """Whether a cut before `at` would part what is drawn as one sign (UAX #29, nearly)."""
    if not 0 < at < len(text):
        return False
    before, after = text[at - 1], text[at]
    if after in "\u200c\u200d" or before == "\u200d" or unicodedata.category(after).startswith("M"):
        return True
    if "\U0001f3fb" <= after <= "\U0001f3ff":  # skin tones
        return True
    if "\U0001f1e6" <= after <= "\U0001f1ff":  # flags are pairs of these
        start = at
        while start > max(0, at - _GRAPHEME_MOST) and "\U0001f1e6" <= text[start - 1] <= "\U0001f1ff":
            start -= 1
        return (at - start) % 2 == 1
    return False


@lru_cache(maxsize=16)  # a letter asks four times for the one name
def person_name(text: str) -> str:
    """The name in a decoded display name or a form, given name first where that is certain, or "".

    "" when it looks like a link, an address, a role or an advertisement: over three digits, six words or 80
    characters. Two plain words keep their order: nobody can know which of them is the family name.
    """
    name = _BRACKETS.sub(" ", clean(text, 200)).strip(" \"'`“”‘’«»<>,;")
    if "://" in name:
        return ""
    if (affix := _AFFIX.search(name)) and affix.start() > 0:
        name = name[: affix.start()]
    name = "".join(
        c for c in name if unicodedata.category(c) not in {"So", "Sk", "Cn"} and c not in "\ufe0f\u200d*_|<>"
    )
    # `anna.svensson`: the local part of an address in place of a name.
    if _DOTTED.fullmatch(name) and not _LINK.search(name):
        name = name.replace(".", " ")
    name = " ".join(_in_order(" ".join(name.split())).split())
    if len(name) > NAME_MOST or len(name.split(" ")) > _WORDS_MOST or _LINK.search(name):
        return ""
    if sum(c.isdigit() for c in name) > _DIGITS_MOST or not any(c.isalpha() for c in name):
        return ""
    if any(word.casefold().strip(".,:;-") in _ROLES for word in name.split()):
        return ""
    return clean(_cased(name), NAME_MOST)


def first_name(name: str) -> str:
    """How to greet the bearer of a name that `person_name` gave, or "" where that is an initial or a family name."""
    words = name.split()
    if not words or words[0] in _PARTICLES:
        return ""
    first = words[0].strip(".,;:'\"")
    return first if sum(c.isalpha() for c in first) > 1 and not words[0].endswith(".") else ""


def _in_order(name: str) -> str:
    """Without titles; `Last, First` and `LAST First` turned round."""
    parts = [part.strip() for part in name.split(",") if part.strip()]
    while len(parts) > 1 and (parts[-1].casefold() in _SUFFIXES or _HOUSES.search(parts[-1])):
        parts.pop()
    if len(parts) > 1:
        return f"{_untitled(parts[1])} {_untitled(parts[0])}"
    name = _untitled(parts[0]) if parts else ""
    words = name.split()
    shouted = 0
    while shouted < len(words) and (
        _shouted(words[shouted]) or (words[shouted].isupper() and words[shouted].casefold() in _PARTICLES)
    ):
        shouted += 1
    # `SVENSSON Erik` is a habit of directories; an initial or `AB` in front is not.
    if 0 < shouted < len(words) and not any(w.isupper() and len(w) > 1 for w in words[shouted:]):
        words = words[shouted:] + words[:shouted]
    return " ".join(words)


def _shouted(word: str) -> bool:
    letters = [c for c in word if c.isalpha()]
    return len(letters) >= 3 and word.isupper()


def _untitled(name: str) -> str:
    words = name.split()
    while len(words) > 1 and words[0].casefold() in _TITLES:
        words = words[1:]
    while len(words) > 1 and words[-1].casefold() in _SUFFIXES - {"ii", "iii", "iv"}:
        words = words[:-1]
    return " ".join(words)


def _cased(name: str) -> str:
    """Words that are all capitals become names; so do names without any capital. Initials and particles stay."""
    small = name.islower()
    words = []
    for at, word in enumerate(name.split()):
        if word.casefold() in _PARTICLES and (at > 0 or small) and (small or word.isupper()):
            words.append(word.lower())
        elif _shouted(word) or small:
            words.append(re.sub(r"[^\W\d_]+", lambda found: found[0][:1].upper() + found[0][1:].lower(), word))
        else:
            words.append(word)
    return " ".join(words)


def mixed_alphabets(text: str) -> bool:
    """Whether one word has Latin letters beside Cyrillic or Greek ones, which look like them (trust.md §9)."""
    if text.isascii():
        return False
    words = ({unicodedata.name(sign, "").partition(" ")[0] for sign in word} & _ALIKE for word in text[:200].split())
    return any("LATIN" in alphabets and len(alphabets) > 1 for alphabets in words)
