"""What a calendar program answers (RFC 5546), read line by line and leniently (calendar.md §9).

No calendar library: of what an answer says we need seven lines, and programs break these in ways that a strict reader
gives up on (a cut file, an open quote, quoted-printable twice).
"""

import re
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from mailflow.mail.address import Address
from mailflow.mail.clean import clean, clean_text
from mailflow.mail.contentline import VALUE_MOST, lines_of, mailbox_of, split_line, text_of, unescaped
from mailflow.mail.message import CalendarAnswer

ANSWER_OCTETS = 64 * 1024
ANSWERS = frozenset({"REPLY", "COUNTER", "REFRESH"})
_COMMENT_MOST = 1000
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
    text = text_of(octets, charset)
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
        uid=clean(values.get("UID", ""), VALUE_MOST),
        attendee=attendee.address,
        partstat=attendee.partstat,
        sequence=int(sequence) if re.fullmatch(r"[0-9]{1,10}", sequence) else None,
        dtstamp=_instant(values.get("DTSTAMP", "")),
        comment=clean_text(unescaped(values.get("COMMENT", "")), _COMMENT_MOST)
        or clean_text(attendee.comment, _COMMENT_MOST),
        starts=_start(values.get("DTSTART", "")),
        original=_start(values.get(_ORIGINAL, "")),
        delegated_to=attendee.delegated_to,
    )


def _read(text: str) -> tuple[str, list[_Component]]:
    """The first METHOD, and the VEVENTs. Time zones and alarms are passed over."""
    method = ""
    components: list[_Component] = []
    inner = ""  # a component inside VEVENT or beside it
    inside = False
    for line in lines_of(text):
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
            method = method or split_line(line)[1]
        elif name in _WANTED and inside and not inner:
            _keep(components[-1], name, line)
    return method, components


def _keep(component: _Component, name: str, line: str) -> None:
    parameters, value = split_line(line)
    if name != "ATTENDEE":
        component.values.setdefault(name, value)
    elif len(component.attendees) < 100:
        component.attendees.append(
            _Attendee(
                mailbox_of(value, parameters.get("EMAIL", "")),
                clean(parameters.get("PARTSTAT", ""), 40).upper(),
                _uncareted(parameters.get("X-RESPONSE-COMMENT", "")),
                mailbox_of(parameters.get("DELEGATED-TO", ""), ""),
            )
        )


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


def _uncareted(text: str) -> str:
    """RFC 6868, and the backslashes that should not be in a parameter but are."""
    return unescaped(re.sub(r"\^([n^'])", lambda found: {"n": "\n", "^": "^", "'": '"'}[found[1]], text))
