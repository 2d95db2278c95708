"""A letter as octets, joined from pieces: 0.1 ms, where `EmailMessage` takes 4 to 8 (calendar.md §2, letters.md §3)."""

import re
from binascii import b2a_base64, b2a_qp
from hashlib import blake2b

from mailflow.mail.field import ComposeError, date, field, identifier, identifiers, mailbox, unstructured
from mailflow.mail.outline import File, Outline

__all__ = ["ComposeError", "compose"]

_LINE_LIMIT_OCTETS = 998
_FIELD_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,60}", re.ASCII)
_FIELD_VALUE = re.compile(r"[!-~]+(?: [!-~]+)*", re.ASCII)
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8}){0,3}", re.ASCII)
_CONTENT_TYPE = re.compile(r"(?!multipart/|message/)[a-z]{1,20}/[a-z0-9.+-]{1,80}", re.ASCII)
_FILE_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._ -]{0,99}", re.ASCII)
# What `further` must not bring: our own fields, more recipients, another sender, and what relays and signers add.
_RESERVED = re.compile(
    r"from|to|subject|date|message-id|in-reply-to|references|reply-to|auto-submitted|x-auto-response-suppress|cc|bcc"
    r"|sender|return-path|received|dkim-signature|authentication-results|mime-version|content-.*|resent-.*|arc-.*",
    re.ASCII | re.IGNORECASE,
)
# CR and LF are counted by themselves; some readers end a line at others of these, too.
_CONTROL = re.compile(rb"[\x00-\x09\x0b\x0c\x0e-\x1f\x7f]")
_FROM = re.compile(rb"^From ", re.MULTILINE)
_CALENDAR = {
    "REQUEST": b"Content-Type: text/calendar; charset=UTF-8; method=REQUEST; component=VEVENT\r\n",
    "CANCEL": b"Content-Type: text/calendar; charset=UTF-8; method=CANCEL; component=VEVENT\r\n",
}
_INVITE = (
    b'Content-Type: application/ics; name="invite.ics"\r\nContent-Disposition: attachment; filename="invite.ics"\r\n'
)


def compose(outline: Outline) -> bytes:
    """The whole mail: CRLF, ASCII but for international addresses, no line over 998 octets, no signature yet.

    The same outline gives the same octets. Names and subject may be any text: controls become blanks, and nothing in
    them can end a header line. Raises ComposeError for what only a fault of ours can bring: an address, Message-ID,
    file or further field that is none, a calendar without its method. Recipients are never read back out of it.
    """
    if (outline.calendar is None) != (outline.method is None):
        raise ComposeError("a calendar and its method come together")
    head = _fields(outline)
    parts = [_words(b"plain", outline.text), _words(b"html", outline.html)]
    files = [_file(file) for file in outline.files]
    if outline.calendar is not None and outline.method is not None:
        # Encoded once, used twice: Outlook and Thunderbird act on the inline part only, webmails offer the file.
        encoded = _base64(outline.calendar)
        parts.append(_part(_CALENDAR[outline.method], b"base64", encoded))
        files.insert(0, _part(_INVITE, b"base64", encoded))
    mark = blake2b(outline.message_id.encode("ascii"), digest_size=9).hexdigest()
    kind, body = _multipart("alternative", mark, parts)
    if files:
        kind, body = _multipart("mixed", mark, [kind + b"\r\n" + body + b"\r\n", *files])
    octets = b"".join([*(octets for _, octets in head), b"MIME-Version: 1.0\r\n", kind, b"\r\n", body])
    _inspect(octets, [*(name for name, _ in head), "MIME-Version", "Content-Type"], outline)
    return octets


def _fields(outline: Outline) -> list[tuple[str, bytes]]:
    """Every header field but the last two, in order: its name, its octets."""
    if not all(_LANGUAGE.fullmatch(language) for language in outline.languages):
        raise ComposeError("not a language tag")
    before, thread = identifiers([outline.in_reply_to]), identifiers([*outline.references, outline.in_reply_to])
    languages = ", ".join(outline.languages)
    found: list[tuple[str, list[str]]] = [
        ("From", mailbox(outline.sender_name, outline.sender)),
        ("To", mailbox(outline.to_name, outline.to)),
        ("Subject", unstructured(outline.subject)),
        ("Date", date(outline.date)),
        ("Message-ID", [identifier(outline.message_id)]),
        *([("In-Reply-To", before)] if before else []),
        *([("References", thread)] if thread else []),
        *([("Reply-To", mailbox("", outline.reply_to))] if outline.reply_to else []),
        ("Auto-Submitted", [outline.auto_submitted]),
        # Not "All": that would also keep back the delivery reports, which we want.
        ("X-Auto-Response-Suppress", ["OOF, AutoReply, RN, NRN"]),
        *([("Content-Language", [languages])] if languages else []),
    ]
    for name, value in outline.further:
        if not _FIELD_NAME.fullmatch(name) or _RESERVED.fullmatch(name) or not _FIELD_VALUE.fullmatch(value):
            raise ComposeError(f"not a further field of ours: {name[:40]!r}")
        found.append((name, value.split(" ")))
    return [(name, field(name, words)) for name, words in found]


def _words(subtype: bytes, text: str) -> bytes:
    """A text part. Quoted-printable while that is the shorter form, which it is for every Latin script."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n") + "\n"
    octets = text.replace("\n", "\r\n").encode("utf-8", "replace")
    encoding, encoded = b"quoted-printable", b2a_qp(octets, quotetabs=False, istext=True)
    if len(encoded) * 8 > len(octets) * 11:
        encoding, encoded = b"base64", _base64(octets)
    # A line that begins with "From " is changed on its way into some mailboxes, and then no signature holds. The line
    # is broken softly behind that word, for `=46rom` might make it longer than the 76 columns of RFC 2045 §6.7.
    if b"From " in encoded:
        encoded = _FROM.sub(b"From=\r\n ", encoded)
    # The line end in front of a delimiter belongs to the delimiter; with one more, the text keeps its last.
    return _part(b"Content-Type: text/%b; charset=UTF-8\r\n" % subtype, encoding, encoded + b"\r\n")


def _file(file: File) -> bytes:
    if not _FILE_NAME.fullmatch(file.name) or not _CONTENT_TYPE.fullmatch(file.content_type):
        raise ComposeError("not a file of ours")
    charset = ["charset=UTF-8;"] if file.content_type.startswith("text/") else []
    kind = field("Content-Type", [f"{file.content_type};", *charset, f'name="{file.name}"'])
    place = field("Content-Disposition", ["attachment;", f'filename="{file.name}"'])
    return _part(kind + place, b"base64", _base64(file.octets))


def _part(fields: bytes, encoding: bytes, body: bytes) -> bytes:
    return b"%bContent-Transfer-Encoding: %b\r\n\r\n%b" % (fields, encoding, body)


def _base64(octets: bytes) -> bytes:
    text = b2a_base64(octets, newline=False)
    return b"".join(text[at : at + 76] + b"\r\n" for at in range(0, len(text), 76))


def _multipart(subtype: str, mark: str, parts: list[bytes]) -> tuple[bytes, bytes]:
    """The Content-Type field, and the body. The same message id gives the same boundary (RFC 2046 §5.1.1)."""
    # `=_` occurs neither in quoted-printable nor in base64; what we did not think of must stop here all the same.
    boundary = f"=_mf_{subtype[:5]}_{mark}".encode("ascii")
    if any(boundary in part for part in parts):
        raise ComposeError("a boundary that occurs inside")
    body = b"".join(b"--%b\r\n%b" % (boundary, part) for part in parts) + b"--%b--\r\n" % boundary
    return field("Content-Type", [f"multipart/{subtype};", f'boundary="{boundary.decode("ascii")}"']), body


def _inspect(octets: bytes, names: list[str], outline: Outline) -> None:
    """The last look at a finished letter (trust.md §9). Raises ComposeError: `python -O` would drop an assert.

    Every line ends in CRLF and has at most 998 octets; the header fields are those we meant, each once: so one To.
    """
    lines = octets.split(b"\r\n")
    if not octets.count(b"\r") == octets.count(b"\n") == len(lines) - 1 or lines[-1] or b"\0" in octets:
        raise ComposeError("a bare CR, LF or NUL")
    if max(map(len, lines)) > _LINE_LIMIT_OCTETS:
        raise ComposeError("a line of more than 998 octets")
    head = lines[: lines.index(b"")]
    if any(_CONTROL.search(line) for line in head):
        raise ComposeError("a control character in the header")
    if [line.partition(b":")[0].decode("ascii", "replace") for line in head if line[:1] not in b" \t"] != names:
        raise ComposeError("a header field that was not meant")
    if len({name.lower() for name in names}) != len(names):
        raise ComposeError("a header field twice")
    addresses = (outline.sender, outline.to, outline.reply_to)
    if not octets.isascii() and all(address is None or address.ascii for address in addresses):
        raise ComposeError("an octet outside ASCII in a letter without international address")
