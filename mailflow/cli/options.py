"""The options that every verb knows, before or after its name (operations.md §1). Imports nothing but click."""

import sys
from collections.abc import Callable
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., object])


class Options:
    """What was said; the last word counts, so `mailflow -q check --config x` and `mailflow check -q …` are one."""

    config = ""
    state = ""
    as_json = False
    verbose = 0
    quiet = False


def options_of(ctx: click.Context) -> Options:
    """The options of this run, shared by all its contexts."""
    return ctx.ensure_object(Options)


def shared(command: F) -> F:
    """Give a command, or a group, the options that all have. They reach it as `Options`, not as arguments."""
    return _config(_state(_others(command)))


def shared_but_state(command: F) -> F:
    """As `shared`, for verbs whose own --state is a state of mails or letters: the directory goes before the verb."""
    return _config(_others(command))


def _note(ctx: click.Context, param: click.Parameter, value: object) -> None:
    options = options_of(ctx)
    if value and param.name:
        setattr(options, param.name, value)


def _version(ctx: click.Context, _param: click.Parameter, value: bool) -> None:  # noqa: FBT001  click's signature
    """mailflow, Python, SQLite, schema number."""
    if not value or ctx.resilient_parsing:
        return
    import sqlite3  # noqa: PLC0415  heavy imports happen where they are used: --help stays quick

    from mailflow import __version__  # noqa: PLC0415  only for --version
    from mailflow.store.schema import STEPS  # noqa: PLC0415  only for --version

    python = ".".join(str(part) for part in sys.version_info[:3])
    click.echo(f"mailflow {__version__}, Python {python}, SQLite {sqlite3.sqlite_version}, schema {len(STEPS)}")
    ctx.exit()


def _option(*names: str, **wishes: Any) -> Callable[[F], F]:  # noqa: ANN401  click's own
    return click.option(*names, expose_value=False, callback=_note, **wishes)


_config = _option("--config", metavar="FILE", help="Configuration file.")
_state = _option("--state", metavar="DIR", help="State directory (database).")
_json = _option("--json", "as_json", is_flag=True, help="One JSON object a line.")
_verbose = _option("-v", "--verbose", count=True, help="Say more; -vv: traces.")
_quiet = _option("-q", "--quiet", is_flag=True, help="Say less.")
_versions = click.option("--version", is_flag=True, is_eager=True, expose_value=False, callback=_version,
                         help="Versions, and exit.")  # fmt: skip


def _others(command: F) -> F:
    return _json(_verbose(_quiet(_versions(command))))
