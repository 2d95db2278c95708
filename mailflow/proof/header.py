"""The header as octets: DKIM signs octets, so the decoded fields of a Message are of no use to it."""

from dataclasses import dataclass

HEADER_LIMIT_OCTETS = 128 * 1024
_FIELDS = 300
_FOLDS = 400
_NAME_OCTETS = 76
_NAME = bytes(range(0x21, 0x7F))


@dataclass(frozen=True, slots=True)
class Field:
    """`name` in lower case; `octets_name` as written; `value` behind the colon, folds kept, CRLF at its end."""

    name: str
    octets_name: bytes
    value: bytes


@dataclass(frozen=True, slots=True)
class Header:
    """The fields from top to bottom, and where the body begins in the content."""

    fields: tuple[Field, ...]
    body_start: int

    def named(self, name: str) -> tuple[Field, ...]:
        """The fields of that lower-case name, topmost first."""
        return tuple(field for field in self.fields if field.name == name)

    def count(self, name: str) -> int:
        return sum(field.name == name for field in self.fields)


def split_header(content: bytes) -> Header | None:
    """Split off the header. None when it breaks a limit of trust.md §8 or is no list of fields. Linear.

    A lone LF ends a line as CRLF does (mail that came through a pipe); the values always have CRLF.
    """
    fields: list[tuple[bytes, list[bytes]]] = []
    position = 0
    while position < len(content):
        end = content.find(b"\n", position, HEADER_LIMIT_OCTETS + 1)
        if end < 0 and len(content) > HEADER_LIMIT_OCTETS:
            return None
        following = len(content) if end < 0 else end + 1
        line = content[position : len(content) if end < 0 else end].removesuffix(b"\r")
        position = following
        if not line:
            break
        if line[:1] in (b" ", b"\t"):
            if not fields or len(fields[-1][1]) > _FOLDS:
                return None
            fields[-1][1].append(line)
            continue
        name, colon, value = line.partition(b":")
        if not colon or not _is_name(name) or len(fields) == _FIELDS:
            return None
        fields.append((name, [value]))
    split = tuple(Field(name.decode("ascii").lower(), name, b"\r\n".join(lines) + b"\r\n") for name, lines in fields)
    return Header(split, position)


def _is_name(name: bytes) -> bool:
    return 0 < len(name) <= _NAME_OCTETS and not name.translate(None, _NAME)
