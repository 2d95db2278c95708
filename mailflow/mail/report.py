"""Who was not reached and why, by what a delivery report says: RFC 3464 and 6533 groups, else words of old programs.

Any of it may be forged. It names addresses, no more; whoever acts on it asks first whether we wrote to them.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from mailflow.mail.address import Address, AddressError, parse_address
from mailflow.mail.decode import decode_raw, decode_text, undo_transfer
from mailflow.mail.headers import Header, normalised, read_header
from mailflow.mail.prescan import survey
from mailflow.mail.refusal import NO_REFUSAL, Refusal, hint_of, read_refusal
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


# Parts that give back the letter, or its header (RFC 3462, RFC 6522, RFC 6533).
_RETURNED = frozenset({"message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers"})
_MESSAGE_ID = re.compile(rb"(?:^|\n)message-id:[ \t\r\n]{0,80}<([!-;=?-~]{3,250})>", re.IGNORECASE)
_IDS_MOST = 5
# Reports that are no complaint of a person: RFC 5965 §7.3, RFC 6591. A type that we do not know is one (RFC 5965 §3.1).
_NO_COMPLAINT = frozenset({"not-spam", "auth-failure", "virus", ""})

Outcome = Literal["failed", "delayed", "reached"]


@dataclass(frozen=True, slots=True)
class Reported:
    """One recipient of a report. `also` is the other address by which its group names it (an alias, a forward)."""

    address: Address
    outcome: Outcome
    refusal: Refusal = NO_REFUSAL
    also: Address | None = None

    def names(self, address: Address) -> bool:
        """Whether the group is about that address."""
        return address.key in {self.address.key, self.also.key if self.also else ""}


@dataclass(frozen=True, slots=True)
class Report:
    """What a report says. `ids` are Message-IDs of the mail that it gives back, without brackets, at most 5.

    `recipients` are in its order, at most 50. `formal`: its own groups say so, not words for people. `refusal` is what
    those words sound like as a whole. `complaint`: somebody called our mail unwanted (RFC 5965).
    """

    recipients: tuple[Reported, ...] = ()
    ids: tuple[str, ...] = ()
    formal: bool = False
    refusal: Refusal = NO_REFUSAL
    complaint: bool = False

    @property
    def failed(self) -> tuple[Address, ...]:
        """The addresses that were not reached for good, each once."""
        return _unlike(one.address for one in self.recipients if one.outcome == "failed")


NO_REPORT = Report()


def read_report(content: bytes) -> Report:
    """What this report says. Never raises; at most 64 KiB of any part are looked at."""
    try:
        return _read(content)
    except Exception:  # noqa: BLE001  a stranger's mail: whatever cannot be read names nobody
        return NO_REPORT


def failed_recipients(content: bytes) -> tuple[Address, ...]:
    """The addresses that this report says were not reached for good, in its order, at most 50. Never raises.

    () for a report of a delay or a delivery, and for what is no report.
    """
    return read_report(content).failed


def _read(content: bytes) -> Report:
    scan, header, start = survey(content)
    content = normalised(content) if scan.damaged else content
    parts = [*_walk(structure(content, header.fields, start))]
    ids = _ids(content, parts)
    feedback = next((part for part in parts if part.kind == "message/feedback-report"), None)
    if feedback is not None:
        return Report(ids=ids, complaint=_complains(_octets(content, feedback)))
    groups = [group for part in parts if part.kind in _STATUS for group in _groups(_octets(content, part))]
    if groups:
        found = (one for group in groups for one in _of_group(group))
        return Report(tuple(one for one, _ in zip(found, range(FAILED_MOST), strict=False)), ids, formal=True)
    texts = [part for part in parts if part.kind == "text/plain" and not part.attached]
    text = decode_text(_octets(content, texts[0]), texts[0].charset) if texts else ""
    words = "\n".join(_said(text))
    refusal = read_refusal("", words)
    outcome: Outcome = "delayed" if hint_of(words) == "later" else "failed"
    named = [field.unfolded for field in header.fields if field.name == "x-failed-recipients"]
    if named:
        addresses = _unlike(_addresses(word for value in named for word in value[:_OCTETS].split(",")))
    else:
        addresses = _unlike(_of_text(text))
    return Report(tuple(Reported(each, outcome, refusal) for each in addresses), ids, refusal=refusal)


def _complains(octets: bytes) -> bool:
    fields = {field.name: field.unfolded for field in read_header(normalised(octets).split(b"\r\n\r\n")[0]).fields}
    return fields.get("feedback-type", "").strip().lower() not in _NO_COMPLAINT


def _ids(content: bytes, parts: list[Part]) -> tuple[str, ...]:
    """Of the parts that give the mail back, then of the copies that old programs put below their words."""
    found: dict[str, None] = {}
    for part in (*(p for p in parts if p.kind in _RETURNED), *(p for p in parts if p.kind.startswith("text/"))):
        for match in _MESSAGE_ID.finditer(_octets(content, part)):
            found[match[1].decode("ascii")] = None
            if len(found) == _IDS_MOST:
                return tuple(found)
    return tuple(found)


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


def _of_group(group: Header) -> Iterator[Reported]:
    fields = {field.name: decode_raw(field.unfolded)[:1000] for field in group.fields}
    action = next(iter(fields.get("action", "").lower().split()), "")
    status = fields.get("status", "").strip()
    # Some write a word of their own; then the class of the status decides.
    if action in _REACHED:
        outcome: Outcome = "delayed" if action == "delayed" else "reached"
    elif action == "failed" or status.startswith("5"):
        outcome = "failed"
    else:
        return
    found = [address for name in ("final-recipient", "original-recipient") for address in _recipient(fields, name)]
    if found:
        refusal = read_refusal(status, fields.get("diagnostic-code", ""))
        yield Reported(found[0], outcome, refusal, next(iter(found[1:]), None))


def _recipient(fields: dict[str, str], name: str) -> list[Address]:
    kind, _, value = fields.get(name, "").rpartition(";")
    return [*_addresses([value])][:1] if kind.strip().lower() in {"", "rfc822", "utf-8"} else []


def _said(text: str) -> list[str]:
    """The lines above the copy of the mail."""
    lines: list[str] = []
    for line in text.splitlines()[:_LINES]:
        said = line.strip(" \t*\"'")[:1000]
        if _COPY.match(said):
            break
        lines.append(said)
    return lines


def _of_text(text: str) -> Iterable[Address]:
    """Addresses that begin a line, or end one behind a colon, up to the copy of the mail.

    Without any, those that the transcript asked for; without those, the only one that the text names at all.
    """
    lines = _said(text)
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
