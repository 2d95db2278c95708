"""What a verb works with: the options, the site that they name, and the ways to say things."""

from __future__ import annotations

import functools
import os
import sys
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Concatenate, Literal, ParamSpec, TypeVar

import click

from mailflow.cli.leaving import FAILED, NOTHING, USAGE, fail
from mailflow.cli.options import Options, options_of, shared, shared_but_state

# ruff: noqa: PLC0415  heavy imports happen inside: every verb's --help comes through here and must be quick

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from mailflow.config.find import Whereabouts
    from mailflow.config.schema import Config
    from mailflow.model.event import Event
    from mailflow.service.house import House
    from mailflow.store.protocol import Store, Writer

P = ParamSpec("P")
R = TypeVar("R")


class _TakenBack(Exception):
    """No error: what a dry run ends with."""


class Desk:
    """Opens the site when asked for, and lets go of it at the end."""

    def __init__(self, options: Options) -> None:
        self.as_json = options.as_json
        self.verbose = options.verbose
        self._options = options
        self._store: Store | None = None

    def say(self, text: str) -> None:
        """Talk goes to stderr, and not with -q."""
        if not self._options.quiet:
            click.echo(text, err=True)

    def rows(self, rows: Iterable[Mapping[str, object]], *, empty: str = "") -> int:
        """Data to stdout: JSON lines or a table; `empty` is said instead of an empty one. How many rows there were."""
        from mailflow.cli.show import json_line, table

        listed = list(rows)
        if self.as_json:
            for row in listed:
                json_line(row)
        elif listed:
            table(listed)
        elif empty:
            self.say(empty)
        return len(listed)

    def one(self, row: Mapping[str, object]) -> None:
        """One thing: a JSON object, or a line for each value."""
        from mailflow.cli.show import json_line, record

        (json_line if self.as_json else record)(row)

    @property
    def config_file(self) -> Path | None:
        """What --config names, absolute."""
        return Path(self._options.config).absolute() if self._options.config else None

    def found(self, at: Path | None = None) -> Whereabouts:
        """Which configuration (the one `at` that place) and state. ConfigError where there is none."""
        from mailflow.config.find import find

        state = self._options.state
        return find(at or self.config_file, Path(state) if state else None, os.environ)

    def config(self, secrets: Literal["needed", "later"] = "needed", at: Path | None = None) -> Config:
        """The configuration in force. ConfigError with every problem."""
        from mailflow.config.load import load

        found = self.found(at)
        if self.verbose:
            self.say(found.why)
        return load(found, os.environ, secrets=secrets)

    def house(self) -> House:
        """The site's running values. ConfigError with every problem of configuration, or of keys and events."""
        from mailflow.service.clock import RealClock
        from mailflow.service.opening import open_house

        return open_house(self.config(), RealClock())[0]

    def reading(self, config: Config) -> Store:
        """The present database, of which no row will change; an empty one in memory where there is none yet."""
        from mailflow.service.opening import database_path, read_site_store
        from mailflow.store import memory_store

        if not database_path(config).exists():
            return self._hold(memory_store())
        return self._current(self._hold(read_site_store(config)))

    def writing(self, config: Config) -> Store:
        """The database, made where there is none yet."""
        from mailflow.service.opening import database_path, open_site_store

        fresh = not database_path(config).exists()
        store = self._hold(open_site_store(config))
        if fresh:
            store.migrate()
        return self._current(store)

    @contextmanager
    def writes(self, store: Store, *, dry_run: bool) -> Iterator[Writer]:
        """One transaction. A dry run does everything and takes it back, so that it can say what would have been."""
        with suppress(_TakenBack), store.write() as writer:
            yield writer
            if dry_run:
                raise _TakenBack
        if dry_run:
            self.say("Nothing was done; this is what would be.")

    def close(self) -> None:
        """Let go of the database."""
        if self._store is not None:
            self._store.close()

    def _hold(self, store: Store) -> Store:
        self._store = store
        return store

    def _current(self, store: Store) -> Store:

        if pending := store.pending_migrations():
            fail(f"The database wants {len(pending)} migration(s) first: mailflow migrate", FAILED)
        return store


def at_desk(verb: Callable[Concatenate[Desk, P], R]) -> Callable[P, R]:
    """A verb with the shared options, and a Desk as its first argument."""
    return shared(_seated(verb))


def at_desk_but_state(verb: Callable[Concatenate[Desk, P], R]) -> Callable[P, R]:
    """The same for a verb with a --state of its own (`shared_but_state`)."""
    return shared_but_state(_seated(verb))


def _seated(verb: Callable[Concatenate[Desk, P], R]) -> Callable[P, R]:
    @click.pass_context
    @functools.wraps(verb)
    def wrapped(ctx: click.Context, /, *args: P.args, **kwargs: P.kwargs) -> R:
        desk = Desk(options_of(ctx))
        ctx.call_on_close(desk.close)
        return verb(desk, *args, **kwargs)

    return wrapped


def choose_event(house: House, name: str | None) -> Event:
    """The event that was named, or the only one there is."""
    if name is not None:
        if (event := house.events.get(name.casefold())) is None:
            fail(f"There is no event {name!r}. Events: {', '.join(house.events) or 'none'}", NOTHING)
        return event
    if len(house.events) == 1:
        return next(iter(house.events.values()))
    if not house.events:
        fail("There is no event yet: mailflow event add FILE", NOTHING)
    raise click.UsageError(f"Which event? One of: {', '.join(house.events)}")


def confirm(question: str, yes: bool) -> None:  # noqa: FBT001  the flag --yes as it came
    """Nothing is destroyed unasked: ask on a terminal, want --yes elsewhere."""
    if yes:
        return
    if not sys.stdin.isatty():
        fail(f"{question} Say --yes where nobody can be asked.", USAGE)
    click.confirm(question, abort=True, err=True)


def write_file(path: Path, octets: bytes, yes: bool, mode: int = 0o600) -> None:  # noqa: FBT001  as above
    """Write what only its owner may read, or whom `mode` lets; ask before an existing file is replaced."""
    if path.exists():
        confirm(f"{path} exists. Replace it?", yes)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(handle, "wb") as file:
        file.write(octets)
