"""Content lines of a calendar (RFC 5545 §3.1), read leniently: what programs break in them is passed over."""

import binascii
import codecs
import re
from collections.abc import Iterator
from urllib.parse import unquote

from mailflow.mail.clean import clean
from mailflow.mail.decode import decode_text

VALUE_MOST = 1000


def text_of(octets: bytes, charset: str) -> str:
    """UTF-16 by BOM or by its zero octets, else as any text; quoted-printable undone where it is still there."""
    if octets.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        text = octets.decode("utf-16", "replace")
    elif b"\0" in octets[:40]:
        text = octets.decode("utf-16-be" if octets.startswith(b"\0") else "utf-16-le", "replace")
    else:
        text = decode_text(octets, charset)
    if "PARTSTAT=3D" in text.upper():
        text = decode_text(binascii.a2b_qp(text.encode("utf-8", "replace")), "")
    return text


def lines_of(text: str) -> Iterator[str]:
    """Content lines, unfolded (RFC 5545 §3.1), whatever the line ends are.

    Blank lines mean nothing, and come between a line and its fold where a gateway has doubled the line ends.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = "\n".join(filter(None, text.split("\n")))
    return iter(text.replace("\n ", "").replace("\n\t", "").split("\n"))


def split_line(line: str) -> tuple[dict[str, str], str]:
    """Parameters (names in upper case, the first of each) and value of a content line.

    A quote that never closes is read as if it were not there; otherwise the attendee would be lost with it.
    """
    pieces = _pieces(line, quotes='"') or _pieces(line, quotes="") or [line]
    parameters: dict[str, str] = {}
    for piece in pieces[1:-1]:
        name, _, value = piece.partition("=")
        parameters.setdefault(name.strip().upper(), value.strip().strip('"'))
    return parameters, pieces[-1].strip() if len(pieces) > 1 else ""


def _pieces(line: str, *, quotes: str) -> list[str]:
    """The line cut at `;`, and at the first `:` that stands outside quotes; empty when there is none."""
    pieces: list[str] = []
    start, quoted = 0, False
    for found in re.finditer(f"[;:{quotes}]", line):
        sign = found[0]
        if sign == '"':
            quoted = not quoted
        elif not quoted:
            pieces.append(line[start : found.start()])
            start = found.end()
            if sign == ":":
                return [*pieces, line[start:]]
    return []


def mailbox_of(value: str, email: str) -> str:
    """The address without `mailto:`, percent-decoded, lower case; the EMAIL parameter where the value is none."""
    for candidate in (value, email):
        bare = candidate.strip()
        bare = bare[7:] if bare[:7].lower() == "mailto:" else bare
        if "@" in (address := unquote(bare[:VALUE_MOST].strip("<> "))):
            return clean(address, 320).lower()  # as Address.key
    return ""


def unescaped(text: str) -> str:
    """RFC 5545 §3.3.11."""
    return re.sub(r"\\([\\;,nN])", lambda found: "\n" if found[1] in "nN" else found[1], text)
