"""A mail to the address for new events: a form, a text that is passed on, an invitation, or the answer to a draft."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time
from typing import Literal
from zoneinfo import ZoneInfo

from mailflow.mail.meeting import Meeting, Moment
from mailflow.mail.message import Message
from mailflow.model.seal import find_challenge_codes
from mailflow.model.sketch import Making, MakingWord, Piece, Sketch, changed
from mailflow.reading.context import ReadingContext
from mailflow.reading.event_labels import LINES, labelled
from mailflow.reading.event_text import read_text
from mailflow.reading.event_words import keys
from mailflow.reading.newtext import NewText, header_of, split_text
from mailflow.reading.orders import says_no_more
from mailflow.reading.sentences import sentence_of
from mailflow.reading.signature import own_names
from mailflow.reading.subject import strip_prefixes
from mailflow.reading.words import fold_words

_WORDS: dict[str, MakingWord] = {"publish": "publish", "drop": "drop", "yes": "yes", "no": "no"}


def read_event_mail(message: Message, context: ReadingContext, own: str, now: datetime) -> Making:
    """What the mail says. `own` is the address for new events (`Address.key`), `now` settles dates without a year.

    Commands and labels of an answer are looked for in the new text alone; what is quoted is ours, or somebody's.
    """
    zone = ZoneInfo(context.making or "UTC")
    today = now.astimezone(zone).date()
    text = split_text(message.text, context.own_text)
    meeting = message.meeting
    if meeting is not None and own in meeting.attendees:
        return _invited(meeting, message, zone, today)
    said = labelled(text.lines, today)
    word = _word(message, text)
    subject, _, forward = strip_prefixes(message.subject)
    if context.thread or find_challenge_codes(subject):
        return Making(word, said, said, html=message.html_only)
    # What somebody forwards is what the event is; what is written above it comes first, and may name the seats.
    whole = (*text.lines, *_body(text.beneath)) if text.forwarded or forward or not text.text else text.lines
    return Making(word, said, read_text(whole[:LINES], subject, today), html=message.html_only)


def _body(lines: Sequence[str]) -> Sequence[str]:
    """A forwarded mail without its own header, whose Date is not the event's."""
    at = next((at for at, line in enumerate(lines[:5]) if header_of(line)), None)
    if at is None:
        return lines
    return lines[next((end for end in range(at, len(lines)) if not lines[end].strip()), len(lines)) :]


def _word(message: Message, text: NewText) -> MakingWord:
    """The first line that is not blank, when it is one of the words and nothing else; the subject where none is.

    What is asked, and what says more than thanks and a name below, is no word: "PUBLISH" above "no, wait" is not. Nor
    is the subject of what is answered or passed on, which somebody else wrote.
    """
    lines = [line for line in text.lines if line]
    subject, prefixed, _ = strip_prefixes(message.subject)
    first = lines[0] if lines else "" if prefixed else subject
    if sentence_of(first[:60]).question or not says_no_more(lines[1:], own_names(message.sender_name, message.sender)):
        return ""
    codes = find_challenge_codes(first)
    for code in codes:
        first = first.upper().replace(code, "")
    return _WORDS.get(keys("commands").get(fold_words(first[:60]), ""), "")


def _invited(meeting: Meeting, message: Message, zone: ZoneInfo, today: date) -> Making:
    """The meeting as a sketch. Only the sender's own is followed when it moves: a forwarded one has no end to us."""
    kind: Literal["REQUEST", "CANCEL"] = "CANCEL" if meeting.method == "CANCEL" else "REQUEST"
    sender = message.sender.key if message.sender else ""
    own = not meeting.organizer or meeting.organizer == sender
    guessed: tuple[Piece, ...] = ("series",) if meeting.series else ()
    starts, ends = meeting.starts, meeting.ends
    sketch = Sketch(title=meeting.summary, description=meeting.description)
    if meeting.location.startswith("https://"):
        sketch = changed(sketch, labelled((f"link: {meeting.location}",), today))
    elif meeting.location:
        sketch = changed(sketch, Sketch(place=meeting.location))
    if starts is not None:
        named = starts.zone if starts.zone not in ("", "UTC") else ""
        home = ZoneInfo(named) if named else zone
        begins = _wall(starts, home)
        sketch = changed(sketch, Sketch(day=begins.date(), begins=_time(starts, begins), timezone=home.key))
        if ends is not None:
            until = _wall(ends, home)
            last = until.date() if until.date() != begins.date() else None
            sketch = changed(sketch, Sketch(last_day=last, ends=_time(ends, until)))
        guessed += ("zone",) if starts.unknown else ()
    # The organiser's text may say how many, and until when.
    said = labelled(meeting.description.split("\n")[:LINES], today)
    sketch = changed(said, sketch)
    sketch = replace(sketch, guessed=tuple(dict.fromkeys((*sketch.guessed, *guessed))))
    return Making("", Sketch(), sketch, kind, meeting.uid if own else "", meeting.sequence)


def _wall(moment: Moment, home: ZoneInfo) -> datetime:
    """As the clock on the wall of `home` shows it, without a zone."""
    if moment.at.tzinfo is not None:
        return moment.at.astimezone(home).replace(tzinfo=None)
    if moment.zone and moment.zone != home.key:
        return moment.at.replace(tzinfo=ZoneInfo(moment.zone)).astimezone(home).replace(tzinfo=None)
    return moment.at


def _time(moment: Moment, wall: datetime) -> time | None:
    return None if moment.whole_day else wall.time()
