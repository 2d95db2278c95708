"""What verbs share: options, opening the site, tables and JSON lines."""

from __future__ import annotations

import functools
import json
import os
import sys
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, ParamSpec, TypeVar

import click

from mailflow import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from mailflow.config.schema import Config
    from mailflow.service.clock import Clock
    from mailflow.service.house import House
    from mailflow.service.opening import Keys
    from mailflow.store.protocol import Store

P = ParamSpec("P")
R = TypeVar("R")


class Exit(Exception):
    """Leave with this status (operations.md §1); what there is to say has been said."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


@dataclass(slots=True)
class Desk:
    """What a verb works with: the options, and the site, opened when asked for."""

    config_file: Path | None = None
    state_dir: Path | None = None
    as_json: bool = False
    verbose: int = 0
    quiet: bool = False
    _closers: list[Callable[[], None]] = field(default_factory=list)

    def say(self, text: str) -> None:
        """Talk goes to stderr, and not with -q."""
        if not self.quiet:
            click.echo(text, err=True)

    def rows(self, rows: Iterable[Mapping[str, object]], *, empty: str = "Nothing.") -> int:
        """Data to stdout: one JSON object a line, or a table for people. Returns how many rows there were."""
        listed = list(rows)
        if self.as_json:
            for row in listed:
                click.echo(json.dumps(row, ensure_ascii=False, default=plain))
        elif listed:
            from tabulate import tabulate  # noqa: PLC0415  only where a table is drawn

            shown = [{key: _cell(value) for key, value in row.items()} for row in listed]
            click.echo(tabulate(shown, headers="keys", disable_numparse=True))
        else:
            self.say(empty)
        return len(listed)

    def one(self, row: Mapping[str, object]) -> None:
        """One thing: a JSON object, or a line for each value."""
        if self.as_json:
            click.echo(json.dumps(row, ensure_ascii=False, default=plain))
            return
        width = max(len(key) for key in row)
        for key, value in row.items():
            click.echo(f"{key:<{width}}  {_cell(value)}")

    def config(self, *, secrets: bool = True) -> Config:
        """The configuration in force. Raises ConfigError with every problem."""
        from mailflow.config.load import find, load  # noqa: PLC0415

        found = find(self.config_file, self.state_dir, os.environ)
        if self.verbose:
            self.say(found.why)
        return load(found, os.environ, secrets="needed" if secrets else "later")

    def store(self, config: Config, *, must_exist: bool = True) -> Store:
        """The database, at this version. Raises when there is none and `must_exist`."""
        from mailflow.service.opening import database_path, open_site_store  # noqa: PLC0415

        path = database_path(config)
        if must_exist and not path.exists():
            fail(f"There is no database at {path} yet; `mailflow serve` or `mailflow migrate` makes it.", 1)
        fresh = not path.exists()
        store = open_site_store(config)
        self._closers.append(store.close)
        if pending := store.pending_migrations():
            if not fresh:
                fail(f"The database wants {len(pending)} migration(s) first: mailflow migrate", 1)
            store.migrate()
        return store

    def rehearsal_store(self, config: Config) -> Store:
        """The present database, or an empty one in memory where there is none yet: for what writes nothing."""
        from mailflow.service.opening import database_path  # noqa: PLC0415
        from mailflow.store import memory_store  # noqa: PLC0415

        return self.store(config) if database_path(config).exists() else memory_store()

    def house(self, config: Config, clock: Clock | None = None) -> tuple[House, Keys]:
        """The site's running values."""
        from mailflow.service.clock import RealClock  # noqa: PLC0415
        from mailflow.service.opening import build_house, load_keys  # noqa: PLC0415

        keys = load_keys(config)
        return build_house(config, keys, clock or RealClock()), keys

    def close(self) -> None:
        """Let go of what was opened."""
        for closer in self._closers:
            closer()


def common(function: Callable[P, R]) -> Callable[P, R]:
    """The shared options after the verb too, and a `Desk` as first argument."""
    return _with_options(function, click.option("--state", "state", metavar="DIR", help="State directory (database)."))


def common_but_state(function: Callable[P, R]) -> Callable[P, R]:
    """As `common`, for verbs whose own --state is a state of mails or letters: the directory goes before the verb."""
    return _with_options(function, None)


def _with_options(function: Callable[P, R], state: Callable[[Callable[P, R]], Callable[P, R]] | None) -> Callable[P, R]:
    @click.option("--config", "config", metavar="FILE", help="Configuration file.")
    @(state or _unchanged)
    @click.option("--json", "as_json", is_flag=True, help="One JSON object a line instead of tables.")
    @click.option("-v", "--verbose", count=True, help="Say more.")
    @click.option("-q", "--quiet", is_flag=True, help="Say less.")
    @click.pass_context
    @functools.wraps(function)
    def wrapped(ctx: click.Context, *args: Any, **kwargs: Any) -> R:  # noqa: ANN401  click hands anything
        before: dict[str, Any] = ctx.find_root().obj or {}
        own = {key: kwargs.pop(key, None) for key in ("config", "state", "as_json", "verbose", "quiet")}
        chosen = {key: own[key] or before.get(key) for key in own}
        desk = Desk(
            config_file=Path(chosen["config"]) if chosen["config"] else None,
            state_dir=Path(chosen["state"]) if chosen["state"] else None,
            as_json=bool(chosen["as_json"]),
            verbose=int(chosen["verbose"] or 0),
            quiet=bool(chosen["quiet"]),
        )
        try:
            return function(desk, *args, **kwargs)  # type: ignore[arg-type]  # the desk is the first argument
        finally:
            desk.close()

    return wrapped


def _unchanged(function: Callable[P, R]) -> Callable[P, R]:
    return function


def fail(text: str, status: int) -> NoReturn:
    """Say why on stderr and leave."""
    click.echo(text, err=True)
    raise Exit(status)


def failure(error: Exception) -> int | None:
    """Say what went wrong, in a sentence, and give the exit status; None for a fault of ours, which wants its trace."""
    from mailflow.config.problems import ConfigError  # noqa: PLC0415
    from mailflow.store.protocol import Busy  # noqa: PLC0415
    from mailflow.store.session import StoreError  # noqa: PLC0415
    from mailflow.wire.place import PlaceError  # noqa: PLC0415

    if isinstance(error, ConfigError):
        click.echo(str(error), err=True)
        return 78
    if isinstance(error, PlaceError):
        click.echo(f"intake.listen or health.listen: {error}", err=True)
        return 78
    if isinstance(error, Busy):
        click.echo("The database is locked; try again.", err=True)
        return 75
    if isinstance(error, StoreError):
        click.echo(str(error), err=True)
        return 1
    if isinstance(error, OSError):
        click.echo(f"{error.strerror or error}: {error.filename}" if error.filename else str(error), err=True)
        return 1
    return None


def choose_event(house: House, event: str | None) -> str:
    """The event's id: the one that was named, or the only one there is."""
    if event is not None:
        if event not in house.events:
            fail(f"There is no event {event!r}. Events: {', '.join(house.events) or 'none'}", 4)
        return event
    if len(house.events) == 1:
        return next(iter(house.events))
    fail(f"Which event? One of: {', '.join(house.events) or 'none yet'}", 2)


def plain(value: object) -> object:
    """What JSON has no type for."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date | Path):
        return str(value)
    if isinstance(value, tuple | set | frozenset):
        return list(value)
    return str(value)


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.astimezone(_zone()).strftime("%Y-%m-%d %H:%M:%S %Z")
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(str(one) for one in value)
    return str(value)


def _zone() -> Any:  # noqa: ANN401  None means the machine's own zone to astimezone
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError  # noqa: PLC0415

    name = os.environ.get("TZ")
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError):
        return None


def version(ctx: click.Context, _param: click.Parameter, value: bool) -> None:  # noqa: FBT001  click's signature
    """`--version`: mailflow, Python, SQLite, schema number."""
    if not value:
        return
    import sqlite3  # noqa: PLC0415  a version number, no database

    from mailflow.store.schema import STEPS  # noqa: PLC0415

    python = ".".join(str(part) for part in sys.version_info[:3])
    click.echo(f"mailflow {__version__}, Python {python}, SQLite {sqlite3.sqlite_version}, schema {len(STEPS)}")
    ctx.exit()


def octets_of(names: Sequence[str]) -> Iterable[tuple[str, bytes]]:
    """Each file's name and octets; `-` is stdin. Raises OSError."""
    for name in names:
        yield name, sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
