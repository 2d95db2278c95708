"""Who was not reached, by what a delivery report says: RFC 3464 and 6533 groups, else the words of old programs.

Any of it may be forged. It names addresses, no more; whoever acts on it asks first whether we wrote to them.
"""

import re
from collections.abc import Iterable, Iterator

from mailflow.mail.address import Address, AddressError, parse_address
from mailflow.mail.decode import decode_raw, decode_text, undo_transfer
from mailflow.mail.headers import Header, normalised, read_header
from mailflow.mail.prescan import survey
from mailflow.mail.structure import Part, structure

FAILED_MOST = 50
_OCTETS = 64 * 1024
_LINES = 400
_STATUS = frozenset({"message/delivery-status", "message/global-delivery-status"})
_REACHED = frozenset({"delayed", "delivered", "relayed", "expanded"})
# Where an old program begins to quote the mail that it could not deliver.
_COPY = re.compile(
    r"(?:[-=_ ]{0,12}(?:this is a copy of|below this line|original message|unsent message|forwarded message"
    r"|returned message|message header|the body of)|(?:received|return-path|message-id|x-[a-z-]{1,40}): ?)",
    re.IGNORECASE,
)
_ASKED = ("rcpt to:", ">>> rcpt to:")
_TRANSCRIPT = (*_ASKED, ">>>", "<<<", "to:", "from:", "cc:", "reply-to:")
_AROUND = " \t<>\"':;,.()[]"


def failed_recipients(content: bytes) -> tuple[Address, ...]:
    """The addresses that this report says were not reached for good, in its order, at most 50. Never raises.

    () for a report of a delay or a delivery, and for what is no report. At most 64 KiB of any part are looked at.
    """
    try:
        return _failed(content)
    except Exception:  # noqa: BLE001  a stranger's mail: whatever cannot be read names nobody
        return ()


def _failed(content: bytes) -> tuple[Address, ...]:
    scan, header, start = survey(content)
    content = normalised(content) if scan.damaged else content
    parts = [*_walk(structure(content, header.fields, start))]
    groups = [group for part in parts if part.kind in _STATUS for group in _groups(_octets(content, part))]
    if groups:
        return _unlike(address for group in groups for address in _of_group(group))
    named = [field.unfolded for field in header.fields if field.name == "x-failed-recipients"]
    if named:
        return _unlike(_addresses(word for value in named for word in value[:_OCTETS].split(",")))
    texts = [part for part in parts if part.kind == "text/plain" and not part.attached]
    return _unlike(_of_text(decode_text(_octets(content, texts[0]), texts[0].charset))) if texts else ()


def _walk(part: Part) -> Iterator[Part]:
    yield part
    for child in part.children:
        yield from _walk(child)


def _octets(content: bytes, part: Part) -> bytes:
    return undo_transfer(content[part.start : min(part.end, part.start + 2 * _OCTETS)], part.encoding, _OCTETS)


def _groups(octets: bytes) -> Iterator[Header]:
    """The groups about one recipient each: all but the first, which is about the whole (RFC 3464 §2.1)."""
    for block in normalised(octets).split(b"\r\n\r\n")[:200]:
        header = read_header(block.strip(b"\r\n") + b"\r\n")
        if any(field.name in {"final-recipient", "original-recipient"} for field in header.fields):
            yield header


def _of_group(group: Header) -> Iterator[Address]:
    fields = {field.name: decode_raw(field.unfolded)[:1000] for field in group.fields}
    action = next(iter(fields.get("action", "").lower().split()), "")
    # Some write a word of their own; then the class of the status decides.
    if action in _REACHED or (action != "failed" and not fields.get("status", "").strip().startswith("5")):
        return
    for name in ("final-recipient", "original-recipient"):
        kind, _, value = fields.get(name, "").rpartition(";")
        found = [*_addresses([value])] if kind.strip().lower() in {"", "rfc822", "utf-8"} else []
        if found:
            yield from found[:1]
            return


def _of_text(text: str) -> Iterable[Address]:
    """Addresses that begin a line, or end one behind a colon, up to the copy of the mail.

    Without any, those that the transcript asked for; without those, the only one that the text names at all.
    """
    lines: list[str] = []
    for line in text.splitlines()[:_LINES]:
        said = line.strip(" \t*\"'")[:1000]
        if _COPY.match(said):
            break
        lines.append(said)
    asked = [line for line in lines if line.lower().startswith(_ASKED)]
    told = [line for line in lines if not line.lower().startswith(_TRANSCRIPT)]
    found = _unlike(_addresses(word for line in told for word in (line.split(" ", 1)[0], line.rpartition(": ")[2])))
    found = found or _unlike(_addresses(line.rpartition(":")[2] for line in asked))
    named = found or _unlike(_addresses(word for line in lines for word in line.split()))
    return named if found or len(named) == 1 else ()


def _addresses(words: Iterable[str]) -> Iterator[Address]:
    for word in words:
        try:
            yield parse_address(word.strip(_AROUND))
        except AddressError:
            continue


def _unlike(addresses: Iterable[Address]) -> tuple[Address, ...]:
    """Each once."""
    found: dict[str, Address] = {}
    for address in addresses:
        found.setdefault(address.key, address)
        if len(found) == FAILED_MOST:
            break
    return tuple(found.values())
