"""Octets to a Message. Total: whatever comes in, a Message comes out."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_tz

from mailflow.mail.address import Address
from mailflow.mail.body import Body
from mailflow.mail.clean import clean
from mailflow.mail.decode import decode_raw, decode_words
from mailflow.mail.headers import normalised
from mailflow.mail.mailbox import Sender, read_recipients, read_sender
from mailflow.mail.meeting import MEETINGS
from mailflow.mail.message import Message
from mailflow.mail.prescan import survey
from mailflow.mail.structure import TooMuch, structure

UNREADABLE = Message(sender=None, defects=("unreadable",))
_SUBJECT_MOST = 500
_RECIPIENTS_MOST = 50
_REFERENCES_MOST = 50
_REPLIED_MOST = 10
_ID_OCTETS = 998
_BRACKETED = re.compile(r"<([!-;=?-~\xa1-\ud7ff\ue000-\U0010ffff]{1,998})>")
_READ = ("from", "to", "cc", "subject", "date", "message-id", "in-reply-to", "references")
_SEEN_YEARS = range(1970, 2200)


def parse(content: bytes) -> Message:
    """Read a mail as it came. Never raises: what cannot be read has `defects == ("unreadable",)`.

    A mail over a limit of trust.md §8 has `refused` set and nothing but its fields; a damaged one (bare CR, LF, NUL)
    is read as if its line ends were CRLF, and says so in `defects`.
    """
    try:
        return _parse(content)
    except Exception:  # noqa: BLE001 (RecursionError and MemoryError too: the promise of this function)
        return UNREADABLE


def _parse(content: bytes) -> Message:
    scan, header, start = survey(content)
    fields = header.fields
    headers = tuple((field.name, field.unfolded) for field in fields)
    if scan.refused:
        return Message(sender=None, headers=headers, defects=scan.defects, refused=scan.refused)
    if scan.damaged:
        content = normalised(content)
    try:
        root = structure(content, fields, start)
    except TooMuch as limit:
        return Message(sender=None, headers=headers, defects=scan.defects, refused=str(limit))
    body = Body(content, root)
    values = {name: tuple(value for key, value in headers if key == name) for name in _READ}
    sender = _sender(values["from"])
    text = body.text()
    answer = body.answer(sender.address)
    return Message(
        sender=sender.address,
        sender_name=sender.name,
        subject=clean(decode_words(decode_raw(_first(values["subject"]))), _SUBJECT_MOST),
        date=read_date(_first(values["date"])),
        message_id=next(iter(_ids(values["message-id"])), ""),
        in_reply_to=_ids(values["in-reply-to"])[:_REPLIED_MOST],
        references=_ids(values["references"])[-_REFERENCES_MOST:],
        to=_recipients((*values["to"], *values["cc"])),
        text=text.text,
        html_only=text.html_only,
        parts=body.kinds,
        attachments=body.attachments(),
        answer=answer,
        # Most mails have no calendar, and most calendars are answers.
        meeting=body.meeting() if answer is not None and answer.method in MEETINGS else None,
        headers=headers,
        defects=(*scan.defects, *sender.defects),
    )


def read_date(value: str) -> datetime | None:
    """A Date field as an aware UTC time, None when it is none of ours (RFC 5322 §3.3 and what `email` forgives)."""
    try:
        parts = parsedate_tz(decode_raw(value)[:200])
        if parts is None or parts[0] not in _SEEN_YEARS:
            return None
        offset = parts[9] or 0
        if abs(offset) > 86400:
            return None
        return datetime(*parts[:6], tzinfo=UTC) - timedelta(seconds=offset)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _first(values: tuple[str, ...]) -> str:
    return values[0] if values else ""


def _sender(values: tuple[str, ...]) -> Sender:
    """The sender, where there is exactly one From field."""
    return read_sender(values[0]) if len(values) == 1 else Sender(None)


def _recipients(values: Iterable[str]) -> tuple[Address, ...]:
    found: dict[Address, None] = {}
    for value in values:
        found |= dict.fromkeys(read_recipients(value, _RECIPIENTS_MOST))
    return tuple(found)[:_RECIPIENTS_MOST]


def _ids(values: tuple[str, ...]) -> tuple[str, ...]:
    """Message identifiers without brackets, in order. One without brackets is taken as it stands, if it is one word."""
    if not values:
        return ()
    text = " ".join(decode_raw(value) for value in values)
    found = _BRACKETED.findall(text)
    if not found and (bare := text.strip()) and len(bare) <= _ID_OCTETS and _BRACKETED.fullmatch(f"<{bare}>"):
        found = [bare]
    return tuple(found)
