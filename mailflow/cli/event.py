"""`mailflow event`: list, show, add, open, close."""

import shutil
from collections.abc import Callable
from datetime import UTC
from pathlib import Path

import click

from mailflow.cli.common import Desk, choose_event, common, fail
from mailflow.cli.simulate import moment
from mailflow.config.event import load_event
from mailflow.model.event import Event, EventState
from mailflow.service.house import House
from mailflow.service.opening import sync_event
from mailflow.service.tick import move_line
from mailflow.store.protocol import Writer


@click.group()
def event() -> None:
    """The events of this site."""


@event.command("list")
@common
def event_list(desk: Desk) -> None:
    """All events with their counts."""
    config = desk.config()
    house, _ = desk.house(config)
    store = desk.rehearsal_store(config)
    with store.read() as reader:
        rows = [_summary(house, one, reader.event_state(one.id)) for one in house.events.values()]
    desk.rows(rows, empty="There is no event yet: mailflow event add FILE")


@event.command("show")
@click.argument("name", metavar="EVENT", required=False)
@common
def event_show(desk: Desk, name: str | None) -> None:
    """Everything about one event."""
    config = desk.config()
    house, _ = desk.house(config)
    one = house.events[choose_event(house, name)]
    store = desk.rehearsal_store(config)
    with store.read() as reader:
        state = reader.event_state(one.id)
        counts: dict[str, int] = {}
        for row in reader.registrations(one.id):
            counts[str(row.status)] = counts.get(str(row.status), 0) + 1
    desk.one(_summary(house, one, state) | {
        "ends": one.ends,
        "venue": ", ".join(part for part in (one.venue.name, one.venue.street, one.venue.city) if part),
        "opens": state.opens if state else one.opens,
        "languages": one.languages,
        "questions": [question.id for question in one.questions],
        "organisers": [f"{o.name} <{o.address}>" for o in one.organisers],
        "by_status": [f"{status} {count}" for status, count in counts.items()],
        "file": config.site.events / f"{one.id}.toml",
    })  # fmt: skip


@event.command("add")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--replace", is_flag=True, help="Take the place of the event of that name.")
@common
def event_add(desk: Desk, file: Path, replace: bool) -> None:  # noqa: FBT001  click's signature
    """Check an event file and copy it into the events folder. Announces nothing; its name is the address."""
    config = desk.config()
    one = load_event(file, config.site.domain, config.event_defaults)
    target = config.site.events / file.name
    if target.exists() and not replace and target.resolve() != file.resolve():
        fail(f"{target} is there already; --replace takes its place.", 1)
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.resolve() != file.resolve():
        shutil.copyfile(file, target)
    house, _ = desk.house(config)
    store = desk.store(config, must_exist=False)
    with store.write() as writer:
        sync_event(house, writer, one)
        moved = move_line(house, writer, house.events[one.id], house.now())
    desk.one({"event": one.id, "address": f"{one.id}@{config.site.domain}", "moved_up": moved})
    desk.say("A running service takes it up on HUP (systemctl reload mailflow).")


@event.command("open")
@click.argument("name", metavar="EVENT", required=False)
@click.option("--at", metavar="TIME", help="From then on; else now.")
@common
def event_open(desk: Desk, name: str | None, at: str | None) -> None:
    """Open registration."""

    def act(house: House, writer: Writer, one: Event) -> None:
        writer.set_closed(one.id, closed=False, now=house.now())
        opens = moment(at, one.timezone).astimezone(UTC) if at else house.now()
        state = writer.event_state(one.id)
        # Opening now must not move an opening that has been; a closing that has been is lifted until the start.
        if at or (state and state.opens and state.opens > opens):
            writer.set_times(one.id, opens=opens)
        if state and state.closes and state.closes <= opens:
            writer.set_times(one.id, closes=one.starts.astimezone(UTC))

    _change(desk, name, act)


@event.command("close")
@click.argument("name", metavar="EVENT", required=False)
@click.option("--at", metavar="TIME", help="From then on; else now.")
@common
def event_close(desk: Desk, name: str | None, at: str | None) -> None:
    """Close registration. Cancelling and the waiting list go on."""

    def act(house: House, writer: Writer, one: Event) -> None:
        if at:
            writer.set_closed(one.id, closed=False, now=house.now())
            writer.set_times(one.id, closes=moment(at, one.timezone).astimezone(UTC))
        else:
            writer.set_closed(one.id, closed=True, now=house.now())

    _change(desk, name, act)


def _change(desk: Desk, name: str | None, act: Callable[[House, Writer, Event], None]) -> None:
    config = desk.config()
    house, _ = desk.house(config)
    one = house.events[choose_event(house, name)]
    store = desk.store(config, must_exist=False)
    with store.write() as writer:
        sync_event(house, writer, one)
        act(house, writer, one)
        state = writer.event_state(one.id)
    desk.one(_summary(house, one, state))


def _summary(house: House, one: Event, state: EventState | None) -> dict[str, object]:
    now = house.now()
    closes = state.closes if state else one.closes
    opens = state.opens if state else one.opens
    word = "open"
    if now >= one.ends:
        word = "over"
    elif opens and now < opens:
        word = "not open yet"
    elif (state and state.closed) or now >= (closes or one.starts):
        word = "closed"
    return {
        "event": one.id,
        "title": one.short_title.get(*one.languages),
        "address": f"{one.id}@{house.domain}",
        "starts": one.starts,
        "registration": word,
        "closes": closes,
        "capacity": state.capacity if state else one.capacity,
        "taken": state.taken if state else 0,
        "waiting": state.waiting if state else 0,
    }

