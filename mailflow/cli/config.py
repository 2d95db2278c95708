"""`mailflow config`: which configuration is in force."""

import os
from dataclasses import fields, is_dataclass

import click

from mailflow.cli.common import Desk, common
from mailflow.config.find import find
from mailflow.resources import shipped


@click.group()
def config() -> None:
    """Which configuration is in force, and why."""


@config.command("where")
@common
def config_where(desk: Desk) -> None:
    """Which file and state directory won, and why."""
    found = find(desk.config_file, desk.state_dir, os.environ)
    desk.one({"file": found.file, "state": found.state, "why": found.why})


@config.command("show")
@click.option("--defaults", is_flag=True, help="A commented file with every key.")
@click.option("--systemd", is_flag=True, help="The systemd units.")
@common
def config_show(desk: Desk, defaults: bool, systemd: bool) -> None:  # noqa: FBT001  click's signature
    """The effective values; secrets are only ever file names."""
    if defaults:
        click.echo((shipped("deploy") / "mailflow.toml").read_text(encoding="utf-8"), nl=False)
        return
    if systemd:
        for name in ("mailflow.service", "mailflow.socket"):
            click.echo(f"# {name}\n" + (shipped("deploy") / "systemd" / name).read_text(encoding="utf-8"))
        return
    values = desk.config(secrets=False)
    rows = []
    for section in fields(values):
        part = getattr(values, section.name)
        if is_dataclass(part):
            rows += [{"key": f"{section.name}.{f.name}", "value": str(getattr(part, f.name))} for f in fields(part)]
    desk.rows(rows)
