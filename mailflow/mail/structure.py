"""The parts of a mail as places in its octets (RFC 2046). Nothing is copied, nothing is decoded.

Parts are found by searching for boundaries, not by reading lines: `email.feedparser` needs 3 s for 10 MB of empty
lines, and as many times more as multiparts are nested. Parameters are read by the `email` package (RFC 2231).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message as Fields
from email.utils import collapse_rfc2231_value
from functools import lru_cache

from mailflow.mail.decode import decode_raw, decode_words
from mailflow.mail.headers import Field, read_header
from mailflow.mail.prescan import limit_of

PARTS_MOST = 100
DEPTH_MOST = 10
GROUPS_MOST = 200
_HEADER_OCTETS = 64 * 1024
_BOUNDARY_MOST = 200


class TooMuch(Exception):
    """The mail breaks a limit of trust.md §8; the text names it."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part: what its header says (types and parameters in lower case), and where its body is.

    `name` is the file name as written, decoded; `attached` that it is meant as a file. A multipart whose boundary
    never comes is read as text/plain.
    """

    kind: str
    start: int
    end: int
    encoding: str = ""
    charset: str = ""
    method: str = ""
    name: str = ""
    flowed: bool = False
    delsp: bool = False
    attached: bool = False
    children: tuple["Part", ...] = ()


def structure(content: bytes, fields: tuple[Field, ...], start: int) -> Part:
    """The tree of a mail with CRLF line ends whose header is `fields` and whose body begins at `start`.

    Raises TooMuch beyond 100 parts, depth 10, a header of a part over 64 KiB, a report over 200 groups.
    """
    return _Reader(content).part(fields, start, len(content), depth=0, default="text/plain")


class _Reader:
    """The octets, and how many parts have been found in them."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._parts = 0

    def part(self, fields: tuple[Field, ...], start: int, end: int, *, depth: int, default: str) -> Part:
        self._parts += 1
        if self._parts > PARTS_MOST:
            raise TooMuch("over 100 parts")
        first = _first_of(fields)
        kind, parameters = _media(first.get("content-type", ""), default)
        disposition, further = _media(first.get("content-disposition", ""), "")
        encoding = first.get("content-transfer-encoding", "").strip(" \t\"'").lower()[:40]
        children: tuple[Part, ...] = ()
        if kind.startswith("multipart/"):
            if depth >= DEPTH_MOST:
                raise TooMuch("parts nested deeper than 10")
            children = self._children(kind, parameters.get("boundary", ""), start, end, depth)
            if not children:
                kind = "text/plain"
        elif kind in {"message/delivery-status", "message/global-delivery-status"} and (
            self._content.count(b"\r\n\r\n", start, end) > GROUPS_MOST
        ):
            raise TooMuch("report over 200 groups")
        name = further.get("filename") or parameters.get("name", "")
        return Part(
            kind, start, end, encoding,
            charset=parameters.get("charset", ""),
            method=parameters.get("method", ""),
            name=decode_words(name),
            flowed=parameters.get("format", "").lower() == "flowed",
            delsp=parameters.get("delsp", "").lower() == "yes",
            # `name=` alone makes a file of a part, but not of a whole mail.
            attached=disposition == "attachment" or bool(further.get("filename")) or bool(name and depth),
            children=children,
        )  # fmt: skip

    def _children(self, kind: str, boundary: str, start: int, end: int, depth: int) -> tuple[Part, ...]:
        default = "message/rfc822" if kind == "multipart/digest" else "text/plain"
        found = []
        for at, stop in self._between(boundary, start, end):
            fields, body = self._header(at, stop)
            found.append(self.part(fields, body, stop, depth=depth + 1, default=default))
        return tuple(found)

    def _between(self, boundary: str, start: int, end: int) -> list[tuple[int, int]]:
        """Where the parts between the boundary lines are, without the CRLF that belongs to the boundary."""
        if not boundary or len(boundary) > _BOUNDARY_MOST:
            return []
        mark = b"--" + boundary.encode("utf-8", "surrogateescape")
        places: list[tuple[int, int]] = []
        opened = -1
        at = start if self._content.startswith(mark, start, end) else self._next(mark, start, end)
        while at >= 0:
            after = at + len(mark)
            line_end = self._content.find(b"\r\n", after, end)
            line = self._content[after : min(after + 200, line_end if line_end >= 0 else end)]
            if line.strip(b" \t") in {b"", b"--"}:
                if opened >= 0:
                    # Two boundaries in a row leave nothing between them.
                    places.append((opened, max(opened, at - 2)))
                opened = line_end + 2 if line_end >= 0 else end
                if line.startswith(b"--"):
                    return places
            at = self._next(mark, after, end)
        # The end is missing: a cut mail still has its last part.
        return [*places, (opened, end)] if 0 <= opened < end else places

    def _next(self, mark: bytes, start: int, end: int) -> int:
        at = self._content.find(b"\r\n" + mark, start, end)
        return at + 2 if at >= 0 else -1

    def _header(self, start: int, end: int) -> tuple[tuple[Field, ...], int]:
        """The fields of a part, and where its body begins."""
        if self._content.startswith(b"\r\n", start, end) or start >= end:
            return (), min(start + 2, end)
        stop = self._content.find(b"\r\n\r\n", start, min(end, start + _HEADER_OCTETS + 4))
        if stop < 0 and end - start > _HEADER_OCTETS:
            raise TooMuch("header of a part over 64 KiB")
        block = self._content[start : stop if stop >= 0 else end]
        header = read_header(block)
        if header.refused or any(len(field.value) > limit_of(field.name) for field in header.fields):
            raise TooMuch("header of a part over a limit")
        if header.octets < len(block):
            return header.fields, start + header.octets
        return header.fields, stop + 4 if stop >= 0 else end


def _first_of(fields: tuple[Field, ...]) -> Mapping[str, str]:
    """The Content-* fields that matter, the first of each, decoded."""
    found: dict[str, str] = {}
    for field in fields:
        if field.name.startswith("content-") and field.name not in found:
            found[field.name] = decode_raw(field.unfolded)
    return found


# A thousand mails have a dozen different values here.
@lru_cache(maxsize=256)
def _media(value: str, default: str) -> tuple[str, Mapping[str, str]]:
    """Type and parameters of a Content-Type or Content-Disposition, names in lower case, the first of each."""
    word, semicolon, _ = value.partition(";")
    word = word.strip().lower()[:100]
    if default and (word.count("/") != 1 or word.startswith("/") or word.endswith("/") or " " in word):
        # RFC 2045 §5.2: what has no readable type is plain text.
        word = default if not word else "text/plain"
    if not semicolon:
        return word, {}
    fields = Fields()
    fields["content-type"] = value
    found: dict[str, str] = {}
    try:
        for name, parameter in fields.get_params(failobj=[])[1:]:
            found.setdefault(name.strip().lower(), collapse_rfc2231_value(parameter)[:1000])
    except (ValueError, TypeError, LookupError, UnicodeError):
        return word, {}
    return word, found
