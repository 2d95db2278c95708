"""Header fields as octets: names and subjects of strangers go in, and nothing they wrote can end a line."""

import re
from binascii import b2a_base64
from collections.abc import Iterable
from datetime import datetime

from mailflow.mail.address import Address

FOLD = 78
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_QUOTABLE = re.compile(r"[ !#-\[\]-~]{1,60}", re.ASCII)  # printable, without the double quote and the backslash
_PRINTABLE = re.compile(r"[!-~]+(?: [!-~]+)*", re.ASCII)
_WORD_OCTETS = 60
_ID = re.compile(r"[!-;=?-~]{1,900}", re.ASCII)  # printable, without angle brackets
_LOCAL = re.compile(r'[^\x00-\x20\x7f-\xa0\s()<>@,;:\\"\[\]\ud800-\udfff]{1,64}')
_DOMAIN = re.compile(r"[a-z0-9.-]{1,253}", re.ASCII)
_IDS_MOST = 10
# 42 octets are 56 of base64: with `Subject: ` and the wrapping of an encoded word 77 columns.
_CHUNK_OCTETS = 42
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class ComposeError(ValueError):
    """A letter that must not go out as it is. The operator's business, never a stranger's: their text is cleaned."""


def field(name: str, words: Iterable[str]) -> bytes:
    """`name: word word …` with CRLF, folded before the word that would pass 78 columns. Words are never cut."""
    words = list(words)
    line = " ".join([f"{name}:", *words])
    if len(line) > FOLD:
        lines = [f"{name}:"]
        for word in words:
            if len(lines[-1]) + len(word) + 1 > FOLD and lines != [f"{name}:"]:
                lines.append("")
            lines[-1] += f" {word}"
        line = "\r\n".join(lines)
    return line.encode("utf-8", "replace") + b"\r\n"


def unstructured(text: str) -> list[str]:
    """The words of a subject: as they are when they are ASCII and short, else encoded words (RFC 2047 §2)."""
    text = _CONTROL.sub(" ", text)
    words = text.split(" ") if text else []
    if not text or (
        _PRINTABLE.fullmatch(text) and "=?" not in text and all(len(word) <= _WORD_OCTETS for word in words)
    ):
        return words
    return _encoded(text)


def mailbox(name: str, address: Address) -> list[str]:
    """`"Name" <address>` (RFC 5322 §3.4): a quoted string when ASCII and at most 60 characters, else encoded words.

    Only an address with an international local part is raw UTF-8 (RFC 6532 §3.2). Raises ComposeError for an address
    that did not go through `parse_address`.
    """
    if not _LOCAL.fullmatch(address.local) or not _DOMAIN.fullmatch(address.domain):
        raise ComposeError("not an address")
    name = _CONTROL.sub(" ", name).strip()
    if not name:
        return [str(address)]
    # Some readers, Python's among them, decode encoded words inside a quoted string, though RFC 2047 §5 forbids it.
    plain = _QUOTABLE.fullmatch(name) and "=?" not in name and "  " not in name
    return [*([f'"{name}"'] if plain else _encoded(name)), f"<{address}>"]


def identifier(message_id: str) -> str:
    """Our own id in angle brackets. Raises ComposeError for one that is none."""
    if not _ID.fullmatch(message_id) or "@" not in message_id:
        raise ComposeError("not a Message-ID")
    return f"<{message_id}>"


def identifiers(ids: Iterable[str]) -> list[str]:
    """Ids of others in angle brackets, without those that cannot be written; of more than ten, the first and nine.

    The nine are the last. The first is the root of the thread, which some programs sort by (RFC 5322 §3.6.4 keeps all).
    """
    found = [f"<{one}>" for one in dict.fromkeys(ids) if _ID.fullmatch(one)]
    return found if len(found) <= _IDS_MOST else [found[0], *found[1 - _IDS_MOST :]]


def date(moment: datetime) -> list[str]:
    """RFC 5322 §3.3. Not strftime, whose names follow the locale. Raises ComposeError on a naive moment."""
    if moment.utcoffset() is None:
        raise ComposeError("a Date without an offset")
    day, month = _DAYS[moment.weekday()], _MONTHS[moment.month - 1]
    return [f"{day}, {moment.day:02} {month} {moment.year:04} {moment:%H:%M:%S %z}"]


def _encoded(text: str) -> list[str]:
    """Base64 encoded words of at most 68 characters, each of whole characters (RFC 2047 §5)."""
    octets, words, start = text.encode("utf-8", "replace"), [], 0
    while start < len(octets):
        end = start + _CHUNK_OCTETS
        while end < len(octets) and octets[end] & 0xC0 == 0x80:  # the next octet continues a character
            end -= 1
        words.append(f"=?UTF-8?B?{b2a_base64(octets[start:end], newline=False).decode('ascii')}?=")
        start = end
    return words
