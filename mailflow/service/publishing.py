"""An event that was made by mail becomes real: its file, the store's row, and every service that runs."""

from dataclasses import dataclass, field, replace
from datetime import datetime

from mailflow.config.event import load_event
from mailflow.config.problems import ConfigError
from mailflow.model.announced import shown_of
from mailflow.model.event import Event
from mailflow.service.event_files import put_file
from mailflow.service.house import House
from mailflow.service.opening import sync_event
from mailflow.store.protocol import Reader, Writer


def write_event(house: House, writer: Writer, event: Event, text: str) -> None:
    """The file in its place, in one step, and the store told. Doing it again does nothing new."""
    folder = house.config.site.events
    folder.mkdir(parents=True, exist_ok=True)
    put_file(folder / f"{event.id}.toml", text.encode())
    sync_event(house, writer, event)
    writer.announce(event.id, shown_of(event), house.now())


def with_event(house: House, event: Event) -> House:
    """A house that knows this event as it is now."""
    return replace(house, events={**house.events, event.id: event})


@dataclass(slots=True)
class Gazette:
    """What services on the same database have published since this one looked last."""

    since: datetime
    _seen: set[int] = field(default_factory=set)

    def news(self, reader: Reader) -> tuple[str, ...]:
        """Ids of events whose files are to be read anew: one row of an index, and mostly none."""
        found = [draft for draft in reader.drafts_published(self.since) if draft.id not in self._seen]
        if found:
            self._seen.update(draft.id for draft in found)
            self.since = max(draft.closed_at or self.since for draft in found)
        return tuple(dict.fromkeys(draft.event for draft in found if draft.act != "call_off"))


def read_again(house: House, events: tuple[str, ...]) -> tuple[Event, ...]:
    """Those of the events whose files say something new. A file that is wrong, or gone, waits for a HUP."""
    found = []
    for name in events:
        try:
            path = house.config.site.events / f"{name}.toml"
            event = load_event(path, house.domain, house.config.event_defaults)
        except ConfigError as error:
            house.journal.not_reloaded(f"{problem.file}: {problem}" for problem in error.problems)
            continue
        if house.events.get(name) != event:
            found.append(event)
    return tuple(found)
