"""An event that somebody makes by mail, before it is one: what was read of it, and the draft that waits for PUBLISH."""

from dataclasses import dataclass, fields, replace
from datetime import date, datetime, time
from typing import Literal

from mailflow.mail.address import Address

# What may be guessed or missing. "zone": the calendar named a time zone that nobody knows. "series": it repeats.
Piece = Literal[
    "title", "day", "begins", "ends", "place", "seats", "closes", "included", "diet", "language", "zone", "series"
]
# Nobody can come to an event that lacks one of these.
NEEDED: tuple[Piece, ...] = ("title", "day", "begins")


@dataclass(frozen=True, slots=True)
class Sketch:
    """What a mail says about an event; "" or None or () is what it does not say.

    Times are wall time in `timezone` ("": that of the site). `last_day` is that of the end, None for the first day.
    `included` are words of the tables (lunch, fika), `programme` is in the order of the day. `guessed` are pieces that
    were not said in so many words.
    """

    title: str = ""
    day: date | None = None
    begins: time | None = None
    last_day: date | None = None
    ends: time | None = None
    timezone: str = ""
    place: str = ""
    link: str = ""
    seats: int | None = None
    closes_day: date | None = None
    closes_at: time | None = None
    included: tuple[str, ...] = ()
    diet: bool | None = None
    language: str = ""
    description: str = ""
    programme: tuple[tuple[time, str], ...] = ()
    guessed: tuple[Piece, ...] = ()

    @property
    def missing(self) -> tuple[Piece, ...]:
        """What it needs and does not say."""
        said = {"title": bool(self.title), "day": self.day is not None, "begins": self.begins is not None}
        return tuple(piece for piece in NEEDED if not said[piece])

    @property
    def empty(self) -> bool:
        """It says nothing at all."""
        return self == Sketch()


_PIECES: dict[str, Piece] = {
    "title": "title", "day": "day", "begins": "begins", "ends": "ends", "place": "place", "seats": "seats",
    "closes_day": "closes", "included": "included", "diet": "diet", "language": "language", "timezone": "zone",
}  # fmt: skip


def changed(before: Sketch, said: Sketch) -> Sketch:
    """`before` with all that `said` says; what is said now is no guess any more, unless `said` guesses it."""
    new = {f.name: getattr(said, f.name) for f in fields(Sketch) if f.name != "guessed"}
    new = {name: value for name, value in new.items() if value not in ("", None, ())}
    if "day" in new:
        # Whoever names another day, and no other last one, has left the old last one behind.
        new.setdefault("last_day", None)
    stated = {_PIECES[name] for name in new if name in _PIECES} - set(said.guessed)
    if "begins" in new and "ends" not in new and before.ends is not None and "ends" in before.guessed:
        # The guess was two hours after a beginning that is another one now.
        before = replace(before, ends=None)
    guessed = tuple(dict.fromkeys(piece for piece in (*before.guessed, *said.guessed) if piece not in stated))
    return replace(before, **new, guessed=guessed)


MakingWord = Literal["", "publish", "drop", "yes", "no"]


@dataclass(frozen=True, slots=True)
class Making:
    """What a mail to the address for new events says.

    `word` is a command that stands alone as the first line of the new text, or in the subject where nothing is written.
    `said` is what stands behind labels, `sketch` the same with all else that the text tells, guesses included.
    `meeting` is the METHOD of an invitation of the sender's own, with `uid` and `sequence`; its `sketch` is what the
    calendar says. `html`: the words were read out of HTML, which gives no commands (trust.md §3).
    """

    word: MakingWord = ""
    said: Sketch = Sketch()
    sketch: Sketch = Sketch()
    meeting: Literal["", "REQUEST", "CANCEL"] = ""
    uid: str = ""
    sequence: int = 0
    html: bool = False


DraftAct = Literal["make", "change", "call_off"]
DraftState = Literal["open", "published", "dropped"]


@dataclass(frozen=True, slots=True)
class EventDraft:
    """What waits for its maker's word. `event` is the id that it will have, or that of the event it is about.

    `file` is the finished event file, "" while something needed is missing. `reference` names the newest letter about
    it, the only one whose answer does anything; `code_hash` is that of the code in that letter's button. `uid` and
    `sequence` are the meeting's in the maker's calendar. `people`: how many the letter said would be told.
    """

    id: int
    maker: Address
    act: DraftAct
    event: str
    sketch: Sketch
    language: str
    created: datetime
    file: str = ""
    reference: str = ""
    code_hash: str = ""
    uid: str = ""
    sequence: int = 0
    people: int = 0
    state: DraftState = "open"
    closed_at: datetime | None = None
