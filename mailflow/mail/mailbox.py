"""Address fields (RFC 5322 §3.4): who sent a mail, and to whom. One linear pass over the characters."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from mailflow.mail.address import Address, AddressError, parse_address
from mailflow.mail.clean import clean
from mailflow.mail.decode import decode_raw, decode_words

PARSED_MOST = 4096
_COMMENTS_DEEP = 8
_NAME_MOST = 200
_CONTROL = re.compile("[\x00-\x08\x0a-\x1f\x7f]")
_STOP = re.compile('[,;"(<]')
_OPENER = re.compile('["(<]')


@dataclass(frozen=True, slots=True)
class Entry:
    """One element of a list: its `words`, `bare` those outside quotes, `bracket` what stands in `<>` or None.

    `broken` says that the grammar was left: an open quote or bracket, text after the bracket, a second bracket.
    """

    words: str = ""
    bare: str = ""
    comment: str = ""
    bracket: str | None = None
    broken: bool = False


@dataclass(frozen=True, slots=True)
class Sender:
    """The From field: `address` None when it is not one mailbox; `defects` lower the mail to level N."""

    address: Address | None
    name: str = ""
    defects: tuple[str, ...] = ()


def read_sender(value: str) -> Sender:
    """The one mailbox of an unfolded From value (surrogate escapes for raw octets), by trust.md §1.1. Never raises.

    `Last, First <a@x>` is repaired, because only one address stands there. A second address is not: nobody can know
    which of the two would have been shown to a person.
    """
    text = decode_raw(value)
    if len(text) > PARSED_MOST or _CONTROL.search(text):
        return Sender(None, defects=("From has control characters",))
    entries = list(entries_of(text))
    if 1 < len(entries) < 5 and all(_is_name(entry) for entry in entries[:-1]) and entries[-1].bracket is not None:
        words = ", ".join(entry.words for entry in entries)
        entries = [Entry(words, "", entries[-1].comment, entries[-1].bracket, entries[-1].broken)]
    if len(entries) != 1:
        return Sender(None, defects=("From is not one mailbox",))
    entry = entries[0]
    if entry.broken or ":" in entry.bare or ";" in entry.bare:
        return Sender(None, defects=("From is malformed",))
    written = entry.bracket if entry.bracket is not None else entry.bare
    try:
        address = parse_address(written.strip())
    except AddressError:
        return Sender(None, defects=("From is no address we write to",))
    if not address.ascii and not _is_utf8(value):
        return Sender(None, defects=("From is no address we write to",))
    name = entry.words if entry.bracket is not None else entry.comment
    beside = entry.bare.strip(" \t'").casefold() if entry.bracket is not None else ""
    # Which of the two would another program have taken for the sender? The bracket counts, but proves nothing.
    defects = ("From names two addresses",) if "@" in beside and beside != written.strip().casefold() else ()
    return Sender(address, clean(decode_words(name or entry.comment), _NAME_MOST), defects)


def read_recipients(value: str, most: int) -> tuple[Address, ...]:
    """The addresses of an unfolded To or Cc value, at most `most`, from its first 4 KiB, without what is none."""
    found: dict[Address, None] = {}
    for entry in entries_of(decode_raw(value[:PARSED_MOST])):
        # A group name before a colon is no part of the address; the `;` that ends a group ends an element, too.
        written = entry.bracket if entry.bracket is not None else entry.bare.rpartition(":")[2]
        try:
            found[parse_address(written.strip())] = None
        except AddressError:
            continue
        if len(found) == most:
            break
    return tuple(found)


def _is_name(entry: Entry) -> bool:
    return entry.bracket is None and not entry.broken and bool(entry.words) and "@" not in entry.words


def _is_utf8(value: str) -> bool:
    try:
        value.encode("utf-8", "surrogateescape").decode("utf-8")
    except UnicodeError:
        return False
    return True


def entries_of(text: str) -> Iterator[Entry]:
    """The elements of an address list, split at `,` and `;` outside quotes, comments and brackets."""
    start, at = 0, 0
    while stop := _STOP.search(text, at):
        at = stop.start()
        if text[at] in '"(<':
            at = _skip(text, at)
            continue
        if (piece := text[start:at]).strip():
            yield _entry(piece)
        start = at = at + 1
    if (piece := text[start:]).strip():
        yield _entry(piece)


def _skip(text: str, at: int) -> int:
    """The place after the quote, comment or bracket that opens at `at`; the end of the text when it stays open."""
    if text[at] == "<":
        end = text.find(">", at)
        return end + 1 if end >= 0 else len(text)
    deep = 0
    opener = text[at]
    while at < len(text):
        if text[at] == "\\":
            at += 1
        elif opener == '"':
            if text[at] == '"':
                deep += 1
                if deep == 2:
                    return at + 1
        elif text[at] == "(":
            deep += 1
        elif text[at] == ")":
            deep -= 1
            if deep == 0:
                return at + 1
        at += 1
    return len(text)


def _entry(piece: str) -> Entry:
    words: list[str] = []
    bare: list[str] = []
    comment = ""
    bracket: str | None = None
    broken = False
    at = 0
    while at < len(piece):
        opener = _OPENER.search(piece, at)
        end = len(piece) if not opener else opener.start() if opener.start() > at else _skip(piece, at)
        token = piece[at:end]
        if token[0] in '"(<' and not token.endswith({'"': '"', "(": ")", "<": ">"}[token[0]]):
            broken = True
        elif token[0] == "<":
            broken = broken or bracket is not None
            bracket = token[1:-1]
        elif token[0] == "(":
            comment = comment or _unescaped(token[1:-1])
            bare.append(" ")  # so that a comment inside an address parts it (trust.md §7: none are allowed)
            broken = broken or token.count("(") > _COMMENTS_DEEP
        else:
            broken = broken or (bracket is not None and bool(token.strip()))
            words.append(_unescaped(token[1:-1]) if token[0] == '"' else token)
            bare.append("" if token[0] == '"' else token)
        at = end
    return Entry("".join(words).strip(), "".join(bare).strip(), comment.strip(), bracket, broken)


def _unescaped(text: str) -> str:
    return text.replace('\\"', '"').replace("\\\\", "\\") if "\\" in text else text
