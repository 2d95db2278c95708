"""`mailflow config`: which configuration is in force."""

from __future__ import annotations

import json
from datetime import time, timedelta
from typing import TYPE_CHECKING

import click

from mailflow.cli.desk import Desk, at_desk
from mailflow.cli.options import shared

# ruff: noqa: PLC0415  heavy imports happen inside: --help must be quick

if TYPE_CHECKING:
    from collections.abc import Iterator
    from dataclasses import Field

    from mailflow.config.schema import Config

_UNITS = ((86_400, "days"), (3600, "hours"), (60, "min"), (1, "s"))


@click.group()
@shared
def config() -> None:
    """Which configuration is in force, and why."""


@config.command("where")
@at_desk
def config_where(desk: Desk) -> None:
    """Which file, state directory and variables won, and why."""
    import os

    found = desk.found()
    overrides = sorted(name for name in os.environ if name.startswith("MAILFLOW_"))
    desk.one({"file": found.file, "state": found.state, "environment": overrides, "why": found.why})


@config.command("show")
@click.option("--defaults", is_flag=True, help="A commented file with every key.")
@click.option("--systemd", is_flag=True, help="The systemd units.")
@at_desk
def config_show(desk: Desk, defaults: bool, systemd: bool) -> None:  # noqa: FBT001  click's signature
    """The effective values, as they would stand in the file. Secrets are only ever names of files."""
    from mailflow.resources import shipped

    if defaults:
        click.echo((shipped("deploy") / "mailflow.toml").read_text(encoding="utf-8"), nl=False)
    elif systemd:
        for name in ("mailflow.service", "mailflow.socket"):
            click.echo(f"# {name}\n" + (shipped("deploy") / "systemd" / name).read_text(encoding="utf-8"))
    elif desk.as_json:
        values = _values(desk.config("later"))
        desk.rows({"key": f"{table}.{key}", "value": value} for table, key, value in values)
    else:
        before = ""
        for table, key, value in _values(desk.config("later")):
            if table != before:
                click.echo(f"[{table}]")
                before = table
            click.echo(f"{key} = {_toml(value)}")


def _values(values: Config) -> Iterator[tuple[str, str, object]]:
    """Table, key and value of all that is set, in the words of the file."""
    from dataclasses import fields, is_dataclass

    for section in fields(values):
        part = getattr(values, section.name)
        if is_dataclass(part):
            for spec in fields(part):
                yield section.name, spec.metadata["name"] or spec.name, _said(getattr(part, spec.name), spec)


def _said(value: object, spec: Field[object]) -> object:
    match value:
        case bool() | time():
            return value
        case None:
            return ""
        case tuple():
            return [_said(one, spec) for one in value]
        case timedelta():
            seconds = round(value.total_seconds())
            unit, name = next(one for one in _UNITS if seconds % one[0] == 0)
            return f"{seconds // unit} {name}"
        case int():
            return f"{value} B" if spec.metadata["name"] == "max_size" else value
        case _:
            return str(value)


def _toml(value: object) -> str:
    # But for times, JSON's values are TOML's.
    return str(value) if isinstance(value, time) else json.dumps(value, ensure_ascii=False)
