"""`mailflow demo`."""

from __future__ import annotations

from pathlib import Path

import click

from mailflow.cli.desk import Desk, at_desk
from mailflow.cli.leaving import FAILED, USAGE, fail

# ruff: noqa: PLC0415  heavy imports happen inside: --help must be quick


@click.command()
@click.option(
    "--port",
    default=2525,
    show_default=True,
    type=click.IntRange(0, 65535),
    metavar="PORT",
    help="On 127.0.0.1; 0 is any.",
)
@click.option(
    "--at", default="2019-08-20T09:00", show_default=True, metavar="TIME", help="What the demo's clock says at first."
)
@click.option(
    "--speed",
    default=1.0,
    show_default=True,
    type=click.FloatRange(0.001, 100_000),
    metavar="N",
    help="3600: an hour a second.",
)
@click.option(
    "--dir",
    "folder",
    default="var",
    show_default=True,
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Emptied at start.",
)
@click.option("--once", is_flag=True, help="Stop after the first exchange.")
@at_desk
def demo(desk: Desk, port: int, at: str, speed: float, folder: Path, once: bool) -> None:  # noqa: FBT001  # fmt: skip
    """A complete instance with the seed event, that cannot send to the outside: letters become files."""
    import asyncio

    from mailflow.service.demo import run
    from mailflow.service.demo_folder import DemoFolderError, lay_out

    try:
        made = lay_out(folder, port, at, speed, log="info" if desk.verbose else "warning")
    except DemoFolderError as error:
        fail(str(error), FAILED)
    except ValueError as error:
        fail(f"{at!r} is not a time: {error}", USAGE)
    if not asyncio.run(run(made, desk.say if desk.as_json else click.echo, once=once)):
        fail("The exchange did not end as it should.", FAILED)
