"""A mail as frozen values. `mail/parse.py` makes them; everybody else only reads."""

from dataclasses import dataclass
from datetime import datetime

from mailflow.mail.address import Address
from mailflow.mail.meeting import Meeting


@dataclass(frozen=True, slots=True)
class Attachment:
    """A part that is neither the text nor a calendar. Never opened; `octets` is its size as it came, encoded."""

    name: str
    content_type: str
    octets: int


@dataclass(frozen=True, slots=True)
class CalendarAnswer:
    """What a person's calendar program says (RFC 5546 REPLY, COUNTER, REFRESH), or the METHOD of another calendar.

    `partstat` upper case, "" when absent; `attendee` without `mailto:`, lower case, "" when the body names none.
    `starts` is the DTSTART answered, or proposed by a COUNTER: in UTC, or as wall time without a zone where a TZID
    stands (programs rename ours). `original` is what Outlook says was to be changed, in the same form.
    `delegated_to` is whom a DELEGATED names, as `attendee`.
    `single_day`: it speaks of one day of a series (RECURRENCE-ID); we send none, so it must have no effect.
    `guessed`: read out of Outlook's winmail.dat by its marks, without dates and numbers.
    """

    method: str
    uid: str
    attendee: str = ""
    partstat: str = ""
    sequence: int | None = None
    dtstamp: datetime | None = None
    comment: str = ""
    starts: datetime | None = None
    original: datetime | None = None
    delegated_to: str = ""
    single_day: bool = False
    guessed: bool = False


@dataclass(frozen=True, slots=True)
class Message:
    """A parsed mail. Strings are decoded, bounded and free of control characters; ids are without angle brackets.

    `sender` is the one mailbox of the one From field, or None (then no letter can go out, and `defects` says why).
    `text` is the body for people to read: text/plain, else what the HTML says; LF line ends, at most 256 KiB.
    `defects` lower a mail to proof level N (trust.md §1.1, §8); `refused` names the limit of trust.md §8 it broke.
    `meeting` is what an invitation, or its end, says: no answer, so an event of ours is never touched by it.
    `headers` are all fields in order: lower-case name, unfolded undecoded value (surrogates escaped for raw octets).
    """

    sender: Address | None
    sender_name: str = ""
    subject: str = ""
    date: datetime | None = None
    message_id: str = ""
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    to: tuple[Address, ...] = ()
    text: str = ""
    html_only: bool = False
    parts: tuple[str, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    answer: CalendarAnswer | None = None
    meeting: Meeting | None = None
    headers: tuple[tuple[str, str], ...] = ()
    defects: tuple[str, ...] = ()
    refused: str = ""

    def header(self, name: str) -> str | None:
        """The first field of that lower-case name, or None."""
        return next((value for key, value in self.headers if key == name), None)

    def count(self, name: str) -> int:
        """How many fields of that lower-case name there are."""
        return sum(key == name for key, _ in self.headers)
