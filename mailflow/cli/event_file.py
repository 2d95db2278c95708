"""`mailflow event add` and `edit`: an event's file, checked before it takes its place; who is told is said before."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import click

from mailflow.cli.desk import Desk, at_desk, choose_event, confirm
from mailflow.cli.event_cancel import show_letters
from mailflow.cli.leaving import FAILED, fail

# ruff: noqa: PLC0415  heavy imports happen inside: --help must be quick

if TYPE_CHECKING:
    from mailflow.config.schema import Config
    from mailflow.model.event import Event
    from mailflow.service.house import House
    from mailflow.store.protocol import Store, Writer

_quiet = click.option("--quiet-change", is_flag=True, help="A typo: nobody is told.")
_dry_run = click.option("--dry-run", is_flag=True, help="Show who would be told what; change nothing.")


@click.command("add", short_help="Check an event file and copy it into the events folder.")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False), metavar="FILE")
@click.option("--replace", is_flag=True, help="Take the place of the event of that name.")
@_quiet
@_dry_run
@at_desk
def event_add(desk: Desk, file: Path, replace: bool, quiet_change: bool, dry_run: bool) -> None:  # noqa: FBT001  click's signature
    """Check an event file and copy it into the events folder. Its name is the event's address.

    With --replace, people are told a new time, place, title, link or detail; the letter and how many get it are shown.
    """
    from mailflow.service.event_files import put_file

    config = desk.config()
    one = _checked(file, file, config)
    config.site.events.mkdir(parents=True, exist_ok=True)
    house = desk.house()
    target = config.site.events / f"{one.id}.toml"
    octets = file.read_bytes()
    if target.exists() and not replace and target.resolve() != file.resolve():
        fail(f"{target} is there already; --replace takes its place.", FAILED)
    store = desk.writing(config)
    people = _foretell(desk, house, store, one, quiet=quiet_change)
    if not dry_run:
        with store.write() as writer:
            _take_up(house, writer, one, house.events.get(one.id) if quiet_change else None)
            put_file(target, octets)
    desk.one({"event": one.id, "address": f"{one.id}@{config.site.domain}", "file": target})
    _say_when(desk, people, dry_run=dry_run)


@click.command("edit", short_help="Edit an event's file, or set keys of it.")
@click.argument("words", nargs=-1, metavar="[EVENT] [KEY=VALUE …]")
@_quiet
@click.option("--yes", is_flag=True, help="Do not ask before people are told.")
@_dry_run
@at_desk
def event_edit(desk: Desk, words: tuple[str, ...], quiet_change: bool, yes: bool, dry_run: bool) -> None:  # noqa: FBT001  click's signature
    """Open an event's file in $EDITOR, or set keys: venue.name="Eden 116", organiser.0.name=Kim (0 is the first).

    A copy is edited and checked; it takes the place of the file only when nothing is wrong with it. The letter that the
    change would send is shown, and to how many, before anything is asked.
    """
    from mailflow.service.event_files import put_file

    house = desk.house()
    config = house.config
    named, settings = (words[0], words[1:]) if words and "=" not in words[0] else (None, words)
    old = choose_event(house, named)
    target = config.site.events / f"{old.id}.toml"
    before = target.read_bytes()
    text, new = _edited(target, before, settings, config)
    if text == before:
        desk.say("Nothing has changed.")
        return
    store = desk.writing(config)
    people = _foretell(desk, house, store, new, quiet=quiet_change)
    desk.one({"event": new.id, "file": target, "letters": people})
    if dry_run:
        _say_when(desk, people, dry_run=True)
        return
    if people:
        confirm(f"Change {target.name}, and write to up to {people} people?", yes)
    with store.write() as writer:
        if target.read_bytes() != before:
            fail(f"{target} was changed by somebody else meanwhile; nothing was done.", FAILED)
        _take_up(house, writer, new, old if quiet_change else None)
        put_file(target, text)
    _say_when(desk, people, dry_run=False)


def _edited(target: Path, before: bytes, settings: tuple[str, ...], config: Config) -> tuple[bytes, Event]:
    """The file's new octets and the event that they say, by the same loader that the service has."""
    from mailflow.config.edit import EditError, set_key

    with TemporaryDirectory(prefix="mailflow-") as folder:
        copy = Path(folder) / target.name
        copy.write_bytes(before)
        if settings:
            # Octets as they are: reading as text would turn the line ends of another system into ours.
            text = before.decode("utf-8")
            for setting in settings:
                key, sign, value = setting.partition("=")
                if not sign:
                    raise click.UsageError(f"{setting!r} is no KEY=VALUE.")
                try:
                    text = set_key(text, key.strip(), value.strip())
                except EditError as error:
                    fail(f"{key}: {error}", FAILED)
            copy.write_bytes(text.encode())
            return copy.read_bytes(), _checked(copy, target, config)
        return _by_hand(copy, target, config)


def _by_hand(copy: Path, target: Path, config: Config) -> tuple[bytes, Event]:
    """What the editor left. On a terminal nothing that was typed is lost to a fault."""
    from mailflow.config.problems import ConfigError

    while True:
        click.edit(filename=str(copy), editor=os.environ.get("EDITOR"))
        try:
            return copy.read_bytes(), _checked(copy, target, config)
        except ConfigError as error:
            if not sys.stdin.isatty():
                raise
            click.echo(str(error), err=True)
            click.confirm("Edit again?", default=True, abort=True, err=True)


def _checked(file: Path, shown: Path, config: Config) -> Event:
    """The event of that file; its faults are those of the file `shown`."""
    from dataclasses import replace

    from mailflow.config.event import load_event
    from mailflow.config.problems import ConfigError

    try:
        return load_event(file, config.site.domain, config.event_defaults)
    except ConfigError as error:
        raise ConfigError([replace(each, file=str(shown)) for each in error.problems]) from error


def _foretell(desk: Desk, house: House, store: Store, new: Event, *, quiet: bool) -> int:
    """How many are told at most; the letter of one of them is shown."""
    from mailflow.service.foretold import if_changed
    from mailflow.service.opening import state_of

    if quiet:
        return 0
    with store.read() as reader:
        foretold = if_changed(house, reader, new, state_of(reader, new))
    show_letters(desk, foretold.letters)
    return foretold.people


def _take_up(house: House, writer: Writer, new: Event, quietly_from: Event | None) -> None:
    """The store knows the file's values; those that differ from `quietly_from` are no news for anybody."""
    from mailflow.model.announced import shown_of
    from mailflow.service.known import half_told
    from mailflow.service.opening import sync_event

    if quietly_from is not None and half_told(writer, new.id):
        fail("Some people have been told of the last change already, and the rest is being told just now. Wait a"
             " minute, or leave out --quiet-change so that everybody hears of this one.", FAILED)  # fmt: skip
    sync_event(house, writer, new)
    if quietly_from is not None:
        writer.tell_nobody(new.id, shown_of(quietly_from), shown_of(new))


def _say_when(desk: Desk, people: int, *, dry_run: bool) -> None:
    from mailflow.service.changed import GRACE

    if dry_run:
        desk.say(f"Nothing was done; {f'up to {people}' if people else 'nobody'} would be told.")
        return
    minutes = GRACE.seconds // 60
    desk.say("A running service takes it up on HUP (systemctl reload mailflow).")
    if people:
        desk.say(f"Who will be told what has changed, {minutes} minutes after that: up to {people}.")
