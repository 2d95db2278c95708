"""What a calendar program answers (RFC 5546), read line by line and leniently (calendar.md §9).

No calendar library: of what an answer says we need seven lines, and programs break these in ways that a strict reader
gives up on (a cut file, an open quote, quoted-printable twice).
"""

import binascii
import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from urllib.parse import unquote

from mailflow.mail.address import Address
from mailflow.mail.clean import clean, clean_text
from mailflow.mail.decode import decode_text
from mailflow.mail.message import CalendarAnswer

ANSWER_OCTETS = 64 * 1024
ANSWERS = frozenset({"REPLY", "COUNTER", "REFRESH"})
_COMMENT_MOST = 1000
_VALUE_MOST = 1000
_ORIGINAL = "X-MS-OLK-ORIGINALSTART"
_WANTED = frozenset({"UID", "ATTENDEE", "SEQUENCE", "DTSTAMP", "DTSTART", "COMMENT", "RECURRENCE-ID", _ORIGINAL})
_STAMP = re.compile(r"(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z?", re.ASCII)
_CLASS = re.compile(rb"IPM\.Microsoft Schedule\.MtgResp([PNA])")
_CLASS_MEANS = {b"P": "ACCEPTED", b"A": "TENTATIVE", b"N": "DECLINED"}
_OUTLOOK_UID = re.compile(rb"vCal-Uid\x01\x00\x00\x00([!-~]{1,200})")


@dataclass(slots=True)
class _Attendee:
    address: str
    partstat: str = ""
    comment: str = ""
    delegated_to: str = ""


@dataclass(slots=True)
class _Component:
    """A VEVENT while it is read: the first value of each property, and all its attendees."""

    values: dict[str, str] = field(default_factory=dict)
    attendees: list[_Attendee] = field(default_factory=list)


def read_answer(
    octets: bytes, charset: str, *, method: str = "", sender: Address | None = None
) -> CalendarAnswer | None:
    """The answer in a decoded calendar part, None when it is no calendar or over 64 KiB. Linear, never raises.

    `method` is the MIME parameter, which counts only where the body has none. Of several ATTENDEEs, and of several
    VEVENTs, only that of `sender` counts. A VEVENT with RECURRENCE-ID is taken only where there is no other.
    """
    if len(octets) > ANSWER_OCTETS:
        return None
    text = _text_of(octets, charset)
    if "BEGIN:VCALENDAR" not in text.upper():
        return None
    in_body, components = _read(text)
    method = clean(in_body or method, 40).upper()
    own = sender.key if sender else ""
    whole = [component for component in components if "RECURRENCE-ID" not in component.values]
    mine = [component for component in whole if own and any(a.address == own for a in component.attendees)]
    if mine or whole:
        return _answer(method, (mine or whole)[0], own)
    if components:
        return replace(_answer(method, components[0], own), single_day=True)
    return CalendarAnswer(method, "")


def read_winmail(octets: bytes) -> CalendarAnswer | None:
    """The answer in Outlook's `winmail.dat`: message class and our UID, looked for, not parsed; None without both."""
    octets = octets[:ANSWER_OCTETS]
    kind, uid = _CLASS.search(octets), _OUTLOOK_UID.search(octets)
    if not kind or not uid:
        return None
    return CalendarAnswer("REPLY", uid[1].decode("ascii"), partstat=_CLASS_MEANS[kind[1]], guessed=True)


def _answer(method: str, component: _Component, own: str) -> CalendarAnswer:
    values = component.values
    attendees = component.attendees
    if len(attendees) > 1:
        attendees = [attendee for attendee in attendees if attendee.address == own]
    attendee = attendees[0] if attendees else _Attendee("")
    sequence = values.get("SEQUENCE", "").strip()
    return CalendarAnswer(
        method=method,
        uid=clean(values.get("UID", ""), _VALUE_MOST),
        attendee=attendee.address,
        partstat=attendee.partstat,
        sequence=int(sequence) if re.fullmatch(r"[0-9]{1,10}", sequence) else None,
        dtstamp=_instant(values.get("DTSTAMP", "")),
        comment=clean_text(_unescaped(values.get("COMMENT", "")), _COMMENT_MOST)
        or clean_text(attendee.comment, _COMMENT_MOST),
        starts=_start(values.get("DTSTART", "")),
        original=_start(values.get(_ORIGINAL, "")),
        delegated_to=attendee.delegated_to,
    )


def _text_of(octets: bytes, charset: str) -> str:
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


def _read(text: str) -> tuple[str, list[_Component]]:
    """The first METHOD, and the VEVENTs. Time zones and alarms are passed over."""
    method = ""
    components: list[_Component] = []
    inner = ""  # a component inside VEVENT or beside it
    inside = False
    for line in _lines(text):
        name = re.split("[;:]", line[:40], maxsplit=1)[0].upper()
        if name == "BEGIN":
            kind = line[6:40].strip().upper()
            if kind == "VEVENT":
                components.append(_Component())
                inside, inner = True, ""
            elif kind != "VCALENDAR" and not inner:
                inner = kind
        elif name == "END":
            kind = line[4:40].strip().upper()
            if kind == inner:
                inner = ""
            elif kind == "VEVENT":
                inside = False
        elif name == "METHOD":
            method = method or _split(line)[1]
        elif name in _WANTED and inside and not inner:
            _keep(components[-1], name, line)
    return method, components


def _keep(component: _Component, name: str, line: str) -> None:
    parameters, value = _split(line)
    if name != "ATTENDEE":
        component.values.setdefault(name, value)
    elif len(component.attendees) < 100:
        component.attendees.append(
            _Attendee(
                _mailbox(value, parameters.get("EMAIL", "")),
                clean(parameters.get("PARTSTAT", ""), 40).upper(),
                _uncareted(parameters.get("X-RESPONSE-COMMENT", "")),
                _mailbox(parameters.get("DELEGATED-TO", ""), ""),
            )
        )


def _lines(text: str) -> Iterator[str]:
    """Content lines, unfolded (RFC 5545 §3.1), whatever the line ends are.

    Blank lines mean nothing, and come between a line and its fold where a gateway has doubled the line ends.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = "\n".join(filter(None, text.split("\n")))
    return iter(text.replace("\n ", "").replace("\n\t", "").split("\n"))


def _split(line: str) -> tuple[dict[str, str], str]:
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


def _mailbox(value: str, email: str) -> str:
    """The address without `mailto:`, percent-decoded, lower case; the EMAIL parameter where the value is none."""
    for candidate in (value, email):
        bare = candidate.strip()
        bare = bare[7:] if bare[:7].lower() == "mailto:" else bare
        if "@" in (address := unquote(bare[:_VALUE_MOST].strip("<> "))):
            return clean(address, 320).lower()  # as Address.key
    return ""


def _instant(value: str) -> datetime | None:
    match = _STAMP.fullmatch(value.strip())
    if not match:
        return None
    try:
        return datetime(*map(int, match.groups()), tzinfo=UTC)  # type: ignore[misc,arg-type]  # six numbers
    except ValueError:
        return None


def _start(value: str) -> datetime | None:
    instant = _instant(value)
    return instant if instant is None or value.strip().endswith("Z") else instant.replace(tzinfo=None)


def _unescaped(text: str) -> str:
    """RFC 5545 §3.3.11."""
    return re.sub(r"\\([\\;,nN])", lambda found: "\n" if found[1] in "nN" else found[1], text)


def _uncareted(text: str) -> str:
    """RFC 6868, and the backslashes that should not be in a parameter but are."""
    return _unescaped(re.sub(r"\^([n^'])", lambda found: {"n": "\n", "^": "^", "'": '"'}[found[1]], text))
