"""A meeting whose event is public has moved, or was cancelled: its maker is asked before anybody is told."""

from dataclasses import replace
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from mailflow.config.edit import EditError, set_key
from mailflow.config.event_text import venue
from mailflow.config.problems import ConfigError
from mailflow.model.event import Event
from mailflow.model.sketch import EventDraft, Making, Sketch, changed
from mailflow.service.drafting import Drafter

_PIECES = ("title", "day", "begins", "last_day", "ends", "place", "link", "timezone")


def ask_change(at: Drafter, public: EventDraft, making: Making) -> str:
    """The letter that asks whether the event is to follow its meeting; why not, where there is nothing to ask."""
    event = at.house.events.get(public.event)
    if event is None or not _runs(at, event):
        return "the event is gone, called off or over"
    sketch = changed(public.sketch, making.sketch)
    at.writer.follow_meeting(public.id, making.sequence, sketch)
    _end_older(at, making.uid)
    if all(getattr(sketch, name) == getattr(public.sketch, name) for name in _PIECES):
        return "nothing that anybody was told has changed"
    draft = EventDraft(0, at.maker, "change", event.id, sketch, public.language, at.now, uid=making.uid,
                       sequence=making.sequence)  # fmt: skip
    return _ask(at, draft, event)


def ask_call_off(at: Drafter, public: EventDraft, making: Making) -> str:
    """The same, whether it is to be called off."""
    event = at.house.events.get(public.event)
    if event is None or not _runs(at, event):
        return "the event is gone, called off or over"
    _end_older(at, making.uid)
    draft = EventDraft(0, at.maker, "call_off", event.id, public.sketch, public.language, at.now, uid=making.uid,
                       sequence=making.sequence)  # fmt: skip
    return _ask(at, draft, event)


def file_again(at: Drafter, draft: EventDraft) -> str:
    """The question anew, with the event, and the numbers, as they are now; the older one has ended."""
    event = at.house.events.get(draft.event)
    at.writer.keep_draft(replace(draft, state="dropped", closed_at=at.now))
    if event is None or not _runs(at, event):
        return "the event is gone, called off or over"
    return _ask(at, replace(draft, id=0, created=at.now, state="open", closed_at=None), event)


def same_people(at: Drafter, draft: EventDraft) -> bool:
    """Whether what was shown still holds: how many are told, and the file that the change was made of."""
    event = at.house.events[draft.event]
    if at.writer.audience(event.id) != draft.people:
        return False
    return draft.act == "call_off" or moved_file(at, event, draft.sketch) == draft.file


def _runs(at: Drafter, event: Event) -> bool:
    state = at.writer.event_state(event.id)
    mine = any(organiser.address.key == at.maker.key for organiser in event.organisers)
    return mine and at.now < event.ends and state is not None and state.called_off is None


def _end_older(at: Drafter, uid: str) -> None:
    for draft in at.writer.drafts_of_meeting(at.maker, uid):
        if draft.state == "open" and draft.act != "make":
            at.writer.keep_draft(replace(draft, state="dropped", closed_at=at.now))


def _ask(at: Drafter, draft: EventDraft, event: Event) -> str:
    draft = replace(draft, people=at.writer.audience(event.id))
    if draft.act == "call_off":
        at.keep_and_tell(draft, event, "called_off")
        return ""
    text = moved_file(at, event, draft.sketch)
    if not text:
        return "the file of the event cannot follow: it is to be changed by hand"
    after = at.event_of(text, event.id)
    if after == event:
        return "the event is like that already"
    at.keep_and_tell(replace(draft, file=text), after, "moved", was=event)
    return ""


def moved_file(at: Drafter, event: Event, sketch: Sketch) -> str:
    """The event's file with the meeting's time, place and title; all else, and its comments, stay. "" where that fails.

    What has to be before the event moves along: its doors by as much, the end of sign-up to its start at the latest.
    """
    if sketch.day is None or sketch.begins is None:
        return ""
    home, there = ZoneInfo(event.timezone), ZoneInfo(sketch.timezone or at.house.config.site.timezone)
    begins = datetime.combine(sketch.day, sketch.begins, there).astimezone(home)
    ends = datetime.combine(sketch.last_day or sketch.day, sketch.ends or time(23, 59), there).astimezone(home)
    ends += timedelta(days=1) if ends <= begins else timedelta(0)
    keys = [("starts", _wall(begins)), ("ends", _wall(ends))]
    if event.doors is not None:
        keys.append(("doors", _wall((event.doors - event.starts + begins).astimezone(home))))
    if event.closes is not None and event.closes > begins:
        keys.append(("registration.closes", _wall(begins)))
    if event.title.get(event.languages[0]) != sketch.title:
        keys.append((f"title.{event.languages[0]}", sketch.title))
    known = {"name": event.venue.name, "street": event.venue.street, "city": event.venue.city}
    wanted = {**dict.fromkeys(known, ""), **dict(venue(sketch.place))} if sketch.place else known
    keys += [(f"venue.{key}", str(value)) for key, value in wanted.items() if value != known[key]]
    if sketch.link and sketch.link != event.venue.link:
        keys.append(("venue.link", sketch.link))
    try:
        text = (at.house.config.site.events / f"{event.id}.toml").read_text(encoding="utf-8")
        for key, value in keys:
            text = set_key(text, key, value)
        at.event_of(text, event.id)
    except (OSError, UnicodeDecodeError, EditError, ConfigError):
        return ""
    return text


def _wall(moment: datetime) -> str:
    return moment.replace(tzinfo=None).isoformat(timespec="seconds")
