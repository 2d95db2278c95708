"""A draft with stand-in values, for goldens, `mailflow preview` and `mailflow check`."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal

from mailflow.model.event import Event
from mailflow.model.letter import Letter
from mailflow.model.sketch import EventDraft, Sketch
from mailflow.model.transcript import Transcript

_ACTS: dict[str, Literal["make", "change", "call_off"]] = {"moved": "change", "called_off": "call_off"}


def draft_sample(letter: Letter, event: Event) -> Letter:
    """What Kim mailed: the seed event's announcement, or less of it; or a meeting that has moved, or was cancelled."""
    if letter.kind == "event_published":
        if letter.variant.endswith("_receipt"):
            kim, robin = event.organisers
            return replace(letter, registration=None, to=robin.address, to_name=robin.name, notice=True, cause=None,
                           transcript=Transcript((), by=kim.name))  # fmt: skip
        return replace(letter, registration=None)
    act = _ACTS.get(letter.variant, "make")
    kim = event.organisers[0]
    sketch = Sketch(
        title=event.title.get(letter.languages[0]), day=date(2019, 8, 27), begins=time(12, 30), ends=time(16),
        place="Eden 236", seats=40, closes_day=date(2019, 8, 23), closes_at=time(12), included=("lunch", "fika"),
        diet=True, language=letter.languages[0], guessed=("title", "seats", "included", "diet", "language", "zone"),
    )  # fmt: skip
    if letter.variant == "incomplete":
        sketch = replace(sketch, day=None, begins=None, seats=None, guessed=("title", "series"))
    elif letter.variant == "unread":
        sketch = replace(sketch, guessed=("ends",))
    draft = EventDraft(
        1, kim.address, act, event.id, sketch, letter.languages[0], datetime(2019, 8, 12, 7, tzinfo=UTC),
        file="" if letter.variant == "incomplete" else "title", reference="7M2KQ9XD", people=41,
    )  # fmt: skip
    day = timedelta(days=1)
    was = replace(event, starts=event.starts - day, ends=event.ends - day) if act == "change" else None
    return replace(letter, event="new", to=kim.address, to_name=kim.name, registration=None, challenge=draft.reference,
                   draft=draft, was=was)  # fmt: skip
