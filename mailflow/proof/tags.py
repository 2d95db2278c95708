"""`tag=value; tag=value`: the lists of DKIM and of DMARC, with limits before any work."""

import base64
import binascii
import string
from dataclasses import dataclass

SIGNATURE_LIMIT_OCTETS = 8192
RECORD_LIMIT_OCTETS = 2048
_BLANK_RUN = 20
_TAGS = 50
_BLANKS = bytes.maketrans(b"\t\r\n", b"   ")
_NAME = frozenset(string.ascii_letters + string.digits + "_")
_PRINTABLE = bytes(range(0x20, 0x7F))


class TagError(ValueError):
    """The text is no list of tags that we take; the message is constant and may be shown to the operator."""


@dataclass(frozen=True, slots=True)
class Tags:
    """Names (case matters) and values, stripped of outer blanks, in order. No name occurs twice."""

    pairs: tuple[tuple[str, str], ...]

    def get(self, name: str, default: str = "") -> str:
        """The value of that tag, or `default` where it is absent."""
        return next((value for key, value in self.pairs if key == name), default)

    def __contains__(self, name: str) -> bool:
        return any(key == name for key, _ in self.pairs)


def parse_tags(octets: bytes, limit_octets: int) -> Tags:
    """Read a tag list strictly. Folding is taken for blanks. Raises TagError. RFC 6376 §3.2.

    Linear. What comes out is printable ASCII, so nothing behind this door meets a control character or a long run of
    blanks (dkimpy's own expressions are quadratic on those, trust.md §12).
    """
    if len(octets) > limit_octets:
        raise TagError(f"longer than {limit_octets} octets")
    octets = octets.translate(_BLANKS)
    if octets.translate(None, _PRINTABLE):
        raise TagError("characters outside printable ASCII")
    if b" " * (_BLANK_RUN + 1) in octets:
        raise TagError(f"a run of more than {_BLANK_RUN} blanks")
    specs = octets.decode("ascii").split(";")
    if not specs[-1].strip(" "):
        specs.pop()
    if len(specs) > _TAGS:
        raise TagError(f"more than {_TAGS} tags")
    pairs: dict[str, str] = {}
    for spec in specs:
        name, equals, value = spec.partition("=")
        name = name.strip(" ")
        if not equals or not name or not name[0].isalpha() or not _NAME.issuperset(name):
            raise TagError("not a list of tags")
        if name in pairs:
            raise TagError("a tag occurs twice")
        pairs[name] = value.strip(" ")
    return Tags(tuple(pairs.items()))


def loose_tags(octets: bytes, limit_octets: int) -> Tags:
    """Read what can be read: a broken or repeated tag is left out, the first of its name counts. Never raises.

    For DMARC, whose records are to be read with the faulty parts ignored (RFC 9989 §4.7). Names in lower case.
    """
    pairs: dict[str, str] = {}
    for spec in octets[:limit_octets].decode("ascii", "replace").split(";")[:_TAGS]:
        name, equals, value = spec.partition("=")
        if equals:
            pairs.setdefault(name.strip(" \t").lower(), value.strip(" \t"))
    return Tags(tuple(pairs.items()))


def octets_of(text: str) -> bytes:
    """Decode strict base64 with blanks inside; TagError when it is anything else, or empty."""
    try:
        octets = base64.b64decode(text.replace(" ", ""), validate=True)
    except (binascii.Error, ValueError) as error:
        raise TagError("base64 is not base64") from error
    if not octets:
        raise TagError("base64 is empty")
    return octets


def number_of(text: str) -> int:
    """A decimal number of 1 to 12 digits, else TagError."""
    if not 0 < len(text) <= 12 or not text.isascii() or not text.isdigit():
        raise TagError("a number is not of 1 to 12 digits")
    return int(text)
