"""`mailflow event`: list, show, open, close; the verbs that write to people have files of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from mailflow.cli.desk import Desk, at_desk, choose_event
from mailflow.cli.event_cancel import event_cancel
from mailflow.cli.event_file import event_add, event_edit
from mailflow.cli.options import shared

# ruff: noqa: PLC0415  heavy imports happen inside: --help must be quick

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from mailflow.model.event import Event, EventState
    from mailflow.service.house import House
    from mailflow.store.protocol import Writer


@click.group()
@shared
def event() -> None:
    """The events of this site. EVENT may be left out where there is one."""


for verb in (event_add, event_edit, event_cancel):
    event.add_command(verb)


@event.command("list")
@at_desk
def event_list(desk: Desk) -> None:
    """All events with their counts."""
    from mailflow.service.opening import state_of

    house = desk.house()
    with desk.reading(house.config).read() as reader:
        rows = [_summary(house, one, state_of(reader, one)) for one in house.events.values()]
    desk.rows(rows, empty="There is no event yet: mailflow event add FILE")


@event.command("show")
@click.argument("name", metavar="[EVENT]", required=False)
@click.option("--stats", is_flag=True, help="Sign-ups in numbers: by day, language and affiliation, and who came.")
@at_desk
def event_show(desk: Desk, name: str | None, stats: bool) -> None:  # noqa: FBT001  click's signature
    """Everything about one event."""
    if stats:
        from mailflow.cli.statistics import show_statistics

        show_statistics(desk, name)
        return
    from collections import Counter

    from mailflow.service.opening import state_of

    house = desk.house()
    one = choose_event(house, name)
    with desk.reading(house.config).read() as reader:
        state = state_of(reader, one)
        counts = Counter(str(row.status) for row in reader.registrations(one.id))
    venue = (one.venue.name, one.venue.street, one.venue.city, one.venue.link)
    desk.one(_summary(house, one, state) | {
        "ends": one.ends,
        "venue": ", ".join(filter(None, venue)),
        "opens": state.opens,
        "languages": one.languages,
        "questions": [question.id for question in one.questions],
        "organisers": [f"{organiser.name} <{organiser.address}>" for organiser in one.organisers],
        "by_status": counts,
        "called_off": state.called_off,
        "reason": state.reason.get(one.languages[0]),
        "file": house.config.site.events / f"{one.id}.toml",
    })  # fmt: skip


@event.command("open", short_help="Open registration.")
@click.argument("name", metavar="[EVENT]", required=False)
@click.option("--at", metavar="TIME", help="From then on (ISO 8601, wall time of the event); else now.")
@at_desk
def event_open(desk: Desk, name: str | None, at: str | None) -> None:
    """Open registration. A closing time that has been is lifted: then it is open until the start."""

    def act(writer: Writer, one: Event, state: EventState, now: datetime) -> None:
        opens = _moment(at, one) if at else now
        writer.set_closed(one.id, closed=False, now=now)
        # Opening now must not move an opening that has been.
        if at or (state.opens and state.opens > opens):
            writer.set_times(one.id, opens=opens)
        if state.closes and state.closes <= opens:
            writer.set_times(one.id, closes=one.starts)

    _change(desk, name, act)


@event.command("close")
@click.argument("name", metavar="[EVENT]", required=False)
@click.option("--at", metavar="TIME", help="From then on (ISO 8601, wall time of the event); else now.")
@at_desk
def event_close(desk: Desk, name: str | None, at: str | None) -> None:
    """Close registration. Cancelling and the waiting list go on."""

    def act(writer: Writer, one: Event, _state: EventState, now: datetime) -> None:
        writer.set_closed(one.id, closed=not at, now=now)
        if at:
            writer.set_times(one.id, closes=_moment(at, one))

    _change(desk, name, act)


def _change(desk: Desk, name: str | None, act: Callable[[Writer, Event, EventState, datetime], None]) -> None:
    from mailflow.service.opening import state_of, sync_event

    house = desk.house()
    one = choose_event(house, name)
    with desk.writing(house.config).write() as writer:
        sync_event(house, writer, one)
        act(writer, one, state_of(writer, one), house.now())
        state = state_of(writer, one)
    desk.one(_summary(house, one, state))
    if state.called_off:
        desk.say("It is called off, for good: nobody can register.")


def _moment(text: str, one: Event) -> datetime:
    from mailflow.cli.arguments import moment

    return moment(text, one.timezone)


def _summary(house: House, one: Event, state: EventState) -> dict[str, object]:
    return {
        "event": one.id,
        "title": one.short_title.get(*one.languages),
        "address": f"{one.id}@{house.domain}",
        "starts": one.starts,
        "registration": _standing(one, state, house.now()),
        "closes": state.closes,
        "capacity": state.capacity,
        "taken": state.taken,
        "waiting": state.waiting,
    }


def _standing(one: Event, state: EventState, now: datetime) -> str:
    from mailflow.model.event import window

    standing = "called off" if state.called_off else window(one, state, now)
    return "not open yet" if standing == "not_open" else standing
