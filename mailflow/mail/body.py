"""What is in the parts of a mail: the text for people, the files, the calendar answer."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from mailflow.mail.address import Address
from mailflow.mail.answer import ANSWER_OCTETS, ANSWERS, read_answer, read_winmail
from mailflow.mail.clean import clean
from mailflow.mail.decode import TEXT_OCTETS, decode_text, undo_transfer, unflow
from mailflow.mail.markup import html_to_text, visible_words
from mailflow.mail.meeting import Meeting, read_meeting
from mailflow.mail.message import Attachment, CalendarAnswer
from mailflow.mail.signs import printable
from mailflow.mail.structure import Part

_TEXTS_MOST = 10
_CALENDARS_MOST = 8
_STUB_SHARE = 0.2
_SAMPLE_WORDS = 40
_FILE_NAME_MOST = 120
_BLANK_SIGNS = re.compile("[\xa0\u202f]")
_NOTHING_SIGNS = re.compile("[\u200b-\u200d\ufeff]")
_ASCII_WORD = re.compile(r"[A-Za-z]{3,30}")
_UNENCODED = re.compile(rb"PARTSTAT=(?:DECLINED|ACCEPTED|DELEGATED)", re.IGNORECASE)
# Calendar parts in the order in which they are believed (calendar.md §9).
_CALENDAR, _COPY, _WINMAIL = {"text/calendar"}, {"application/ics", "text/x-vcalendar"}, "application/ms-tnef"


@dataclass(frozen=True, slots=True)
class Text:
    """The text for people, and whether only the HTML says it."""

    text: str
    html_only: bool


class Body:
    """The parts of one mail, in order; messages inside it are files and are not looked into."""

    def __init__(self, content: bytes, root: Part) -> None:
        self._content = content
        self._parts = tuple(_walk(root))
        self._report = root.kind == "multipart/report"

    @property
    def kinds(self) -> tuple[str, ...]:
        """The content types, depth first."""
        return tuple(part.kind for part in self._parts)

    def text(self) -> Text:
        """text/plain, else what the HTML says; also the HTML where the plain text is empty or a stub.

        A stub ("this message is in HTML") shares less than a fifth of its words with the HTML (understanding.md §2.6).
        """
        plains = [part for part in self._parts if part.kind == "text/plain" and not part.attached]
        htmls = [part for part in self._parts if part.kind == "text/html" and not part.attached]
        if self._report:
            # The rest of a report is for machines, or is our own letter that came back.
            plains, htmls = plains[:1], [] if plains else htmls[:1]
        plain = self._joined(plains, self._plain)
        source = self._joined(htmls, self._decoded)
        if not source or _vouches(plain, source):
            return Text(_bounded(plain), html_only=False)
        seen = _readable(html_to_text(source))
        if not _is_stub(plain, seen):
            return Text(_bounded(plain), html_only=False)
        return Text(_bounded(seen), html_only=True)

    def attachments(self) -> tuple[Attachment, ...]:
        """Everything that is neither a container, nor the text, nor a calendar."""
        return tuple(
            Attachment(_file_name(part.name), part.kind, part.end - part.start)
            for part in self._parts
            if not part.children
            and part.kind not in _CALENDAR | _COPY
            and (part.attached or part.kind not in {"text/plain", "text/html"})
        )

    def answer(self, sender: Address | None) -> CalendarAnswer | None:
        """The first REPLY, COUNTER or REFRESH among the calendar parts, else the first calendar, else None."""
        if self._report:
            return None
        other = None
        for part in self._calendars():
            octets = self._calendar_octets(part)
            if part.kind == _WINMAIL or part.name.lower() == "winmail.dat":
                found = read_winmail(octets)
            else:
                found = read_answer(octets, part.charset, method=part.method, sender=sender)
            if found and found.method in ANSWERS:
                return found
            other = other or found
        return other

    def meeting(self) -> Meeting | None:
        """The first REQUEST or CANCEL among the calendar parts, for a mail that is no report; else None."""
        if self._report:
            return None
        parts = (part for part in self._calendars() if part.kind != _WINMAIL)
        found = (read_meeting(self._calendar_octets(part), part.charset, method=part.method) for part in parts)
        return next((one for one in found if one is not None), None)

    def _calendar_octets(self, part: Part) -> bytes:
        """The part decoded, or as it came where it is a calendar already and only announced as encoded.

        Undone once too often, `PARTSTAT=DECLINED` loses its `=DE`, and with it the answer.
        """
        raw = self._content[part.start : part.end]
        encoding = part.encoding.strip().lower()
        plain = encoding == "base64" and raw[:200].lstrip().startswith(b"BEGIN:VCALENDAR")
        if plain or (encoding == "quoted-printable" and _UNENCODED.search(raw[:ANSWER_OCTETS])):
            return raw
        return undo_transfer(raw, part.encoding, ANSWER_OCTETS + 1)

    def _calendars(self) -> list[Part]:
        ranks = [(self._rank(part), number, part) for number, part in enumerate(self._parts)]
        return [part for rank, _, part in sorted(ranks, key=lambda entry: entry[:2]) if rank < 9][:_CALENDARS_MOST]

    def _rank(self, part: Part) -> int:
        # A part of 64 KiB is twice that in the worst encoding; whatever is larger is an ordinary file.
        if part.children or part.end - part.start > 4 * ANSWER_OCTETS or part.kind.startswith("message/"):
            return 9
        if part.kind in _CALENDAR:
            return 0
        if part.kind in _COPY or part.name.lower().endswith(".ics"):
            return 1
        if part.kind == _WINMAIL or part.name.lower() == "winmail.dat":
            return 3
        start = self._content[part.start : part.start + 40].lstrip()
        return 2 if start.startswith((b"BEGIN:VCALENDAR", b"QkVHSU46VkNBTEVOREFS")) else 9

    def _joined(self, parts: list[Part], read: Callable[[Part], str]) -> str:
        texts: list[str] = []
        for part in parts[:_TEXTS_MOST]:
            if sum(map(len, texts)) > TEXT_OCTETS:
                break
            texts.append(read(part))
        return "\n".join(filter(None, texts))

    def _decoded(self, part: Part) -> str:
        octets = self._content[part.start : min(part.end, part.start + 4 * TEXT_OCTETS)]
        return decode_text(undo_transfer(octets, part.encoding, TEXT_OCTETS), part.charset)

    def _plain(self, part: Part) -> str:
        text = _readable(self._decoded(part))
        return unflow(text, delsp=part.delsp) if part.flowed else text


def _walk(part: Part) -> Iterator[Part]:
    yield part
    for child in part.children:
        yield from _walk(child)


def _readable(text: str) -> str:
    """Text for the reading: printable, LF, without signs that only hide (understanding.md §2.6, 1)."""
    if text.isascii():
        return printable(text)
    return _BLANK_SIGNS.sub(" ", _NOTHING_SIGNS.sub("", printable(text)))


def _bounded(text: str) -> str:
    if len(text) * 4 <= TEXT_OCTETS:
        return text
    return text.encode("utf-8", "replace")[:TEXT_OCTETS].decode("utf-8", "ignore")


def _vouches(plain: str, source: str) -> bool:
    """Whether the source of the HTML has the words of the plain text: then nobody needs to read it. Fast, may miss."""
    # Twice the share, because a word is easily found inside another, or in an attribute.
    words = list(dict.fromkeys(_ASCII_WORD.findall(plain[:2000])))[:_SAMPLE_WORDS]
    return bool(words) and sum(word in source for word in words) > len(words) * 2 * _STUB_SHARE


def _is_stub(plain: str, seen: str) -> bool:
    if not plain.strip():
        return True
    words, shown = visible_words(plain), visible_words(seen)
    if not shown:
        return not words and bool(seen.strip())
    return not words or len(words & shown) < len(words) * _STUB_SHARE


def _file_name(name: str) -> str:
    """The last piece of a path, harmless."""
    return clean(name.replace("\\", "/").rpartition("/")[2], _FILE_NAME_MOST)
