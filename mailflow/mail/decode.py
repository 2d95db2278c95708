"""Octets to text: charsets by allow-list, transfer encodings, encoded words, flowed lines. Total and linear."""

import binascii
import re
from collections.abc import Iterator

WORDS_MOST = 200
TEXT_OCTETS = 256 * 1024
# By name without `-`, `_` and blanks. Only character sets: never utf-7, punycode, idna or a codec that is none
# (trust.md §8). Some names mean the larger set that the WHATWG puts in their place; us-ascii is as good as unknown.
_CODECS = (
    {f"iso8859{n}": f"iso8859_{n}" for n in range(2, 17) if n != 12}
    | {f"{word}{n}": f"cp{n}" for word in ("windows", "cp", "win") for n in (*range(1250, 1259), 874)}
    | {f"koi8{letter}": f"koi8_{letter}" for letter in "rtu"}
    | {"utf8": "utf_8", "iso88591": "cp1252", "iso88599": "cp1254", "iso885911": "cp874", "iso88598i": "iso8859_8"}
    | {"latin1": "cp1252", "latin2": "iso8859_2", "latin5": "cp1254", "latin9": "iso8859_15"}
    | dict.fromkeys(("gb2312", "gbk", "gb18030", "cp936", "euccn"), "gb18030")
    | dict.fromkeys(("shiftjis", "sjis", "xsjis", "cp932", "ms932", "windows31j"), "cp932")
    | dict.fromkeys(("ksc5601", "ksc56011987", "cp949", "uhc", "euckr"), "cp949")
    | {"big5": "big5", "big5hkscs": "big5hkscs", "eucjp": "euc_jp"}
    | {"iso2022jp": "iso2022_jp", "iso2022jp1": "iso2022_jp_1", "iso2022jp2": "iso2022_jp_2"}
    | {"iso2022jp3": "iso2022_jp_3", "iso2022jpext": "iso2022_jp_ext", "iso2022kr": "iso2022_kr"}
)
_NO_DASHES = str.maketrans("", "", "-_ \t\"'")
_DOUBLE = frozenset({"gb18030", "big5", "big5hkscs", "cp932", "cp949", "euc_jp"})
_NOT_ASCII = re.compile("[^\x00-\x7f\ufffd]")
_WORD = re.compile(r"=\?([^?\s*]{1,60})(?:\*[^?\s]{0,20})?\?([bBqQ])\?((?:[^?]|\?(?!=)){0,2000})\?=")
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]+")
_QUOTED = re.compile(r"(>*)( ?)")


def codec_of(charset: str) -> str:
    """The Python codec for a declared charset, "" for one that is unknown, not allowed, or plain ASCII."""
    return _CODECS.get(charset[:40].lower().translate(_NO_DASHES), "")


def decode_text(octets: bytes, charset: str) -> str:
    """`octets` as text, whatever the label says: wrong labels are everyday (understanding.md §2.7). Never raises.

    Declared double-byte sets strictly; else UTF-8 where it is valid, even against a Latin label; else the declared
    set; else Windows-1252; in the end with U+FFFD for what is left.
    """
    codec = codec_of(charset)
    seven_bit = codec.startswith("iso2022")
    if octets.isascii() and not seven_bit:
        return octets.decode("ascii")
    if seven_bit or codec in _DOUBLE:
        try:
            return octets.decode(codec)
        except UnicodeDecodeError:
            pass
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError:
        pass
    if codec and codec != "utf_8":
        return octets.decode(codec, "replace")
    # A cut or a stray octet spoils strict UTF-8; the text is UTF-8 all the same where most of it is.
    text = octets.decode("utf-8", "replace")
    if len(_NOT_ASCII.findall(text)) > text.count("\ufffd"):
        return text
    return octets.decode("cp1252", "replace")


def undo_transfer(octets: bytes, encoding: str, most: int) -> bytes:
    """At most `most` octets of what base64 or quoted-printable carries; any other encoding is taken as it stands."""
    match encoding.strip(" \t\"'").lower():
        case "base64":
            return _base64(octets[: most * 3 // 2 + 1024])[:most]
        case "quoted-printable" | "quoted printable":
            return binascii.a2b_qp(octets[: most * 3 + 1024])[:most]
        case _:
            return octets[:most]


def _base64(octets: bytes) -> bytes:
    """What can be read, without complaint about length, padding or foreign characters."""
    body = _NOT_BASE64.sub(b"", octets.partition(b"=")[0])
    body = body[: len(body) - 1] if len(body) % 4 == 1 else body
    return binascii.a2b_base64(body + b"=" * (-len(body) % 4))


def decode_words(text: str) -> str:
    """`text` with its encoded words (RFC 2047) decoded, at most 200 of them, inside quotes too. Never raises.

    Blanks between two words go; words of one charset are joined before decoding, because some programs cut a
    character in two.
    """
    if "=?" not in text:
        return text
    return "".join(_pieces(text))


def _pieces(text: str) -> Iterator[str]:
    at, run, charset = 0, b"", ""
    for _ in range(WORDS_MOST):
        match = _WORD.search(text, at)
        if not match:
            break
        gap = text[at : match.start()]
        if run and (gap.strip() or match[1].lower() != charset):
            yield decode_text(run, charset)
            run = b""
            gap = gap if gap.strip() else ""
        elif run:
            gap = ""
        yield gap
        charset = match[1].lower()
        run += _octets_of(match[2], match[3])
        at = match.end()
    yield decode_text(run, charset)
    yield text[at:]


def _octets_of(encoding: str, text: str) -> bytes:
    octets = text.encode("utf-8", "replace")
    return _base64(octets) if encoding in "bB" else binascii.a2b_qp(octets, header=True)


def decode_raw(value: str) -> str:
    """An unfolded header value with surrogate escapes as text: UTF-8 (RFC 6532), else Windows-1252."""
    return value if value.isascii() else decode_text(value.encode("utf-8", "surrogateescape"), "")


def unflow(text: str, *, delsp: bool) -> str:
    """`format=flowed` (RFC 3676): lines that end with a blank are joined with the next of the same quote depth.

    Quote marks stay in front of each joined line; `-- ` stays a line of its own.
    """
    lines: list[str] = []
    open_parts: list[str] = []
    open_depth = 0
    for line in text.split("\n"):
        match = _QUOTED.match(line)
        assert match is not None
        depth, words = len(match[1]), line[match.end() :] if match[1] or match[2] else line
        if open_parts and (depth != open_depth or words == "-- "):
            lines.append(_closed(open_parts, open_depth))
            open_parts = []
        flowed = words.endswith(" ") and words != "-- "
        open_parts.append(words[:-1] if flowed and delsp else words)
        open_depth = depth
        if not flowed:
            lines.append(_closed(open_parts, depth))
            open_parts = []
    if open_parts:
        lines.append(_closed(open_parts, open_depth))
    return "\n".join(lines)


def _closed(parts: list[str], depth: int) -> str:
    return ("> " * min(depth, 20) + "".join(parts)) if depth else "".join(parts)
