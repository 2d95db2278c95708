"""`mailflow demo`."""

import asyncio
from pathlib import Path

import click

from mailflow.cli.common import Desk, Exit, common, fail
from mailflow.service.demo import START, DemoFolderError, lay_out, run


@click.command()
@click.option("--port", default=2525, show_default=True, type=click.IntRange(0, 65535), help="On 127.0.0.1; 0: any.")
@click.option("--at", default=START, show_default=True, metavar="TIME", help="What the demo's clock says at first.")
@click.option("--speed", default=1.0, show_default=True, type=click.FloatRange(0.001, 100_000),
              help="3600: an hour a second.")  # fmt: skip
@click.option("--dir", "folder", default="var", show_default=True, type=click.Path(path_type=Path),
              help="Emptied at start.")  # fmt: skip
@click.option("--once", is_flag=True, help="Stop after the first exchange.")
@common
def demo(desk: Desk, port: int, at: str, speed: float, folder: Path, once: bool) -> None:  # noqa: FBT001
    """A complete instance with the seed event, that cannot send to the outside: letters become files."""
    try:
        made = lay_out(folder, port, at, speed)
    except DemoFolderError as error:
        fail(str(error), 1)
    except ValueError as error:
        fail(f"{at!r} is not a time: {error}", 2)
    ended_well = asyncio.run(run(made, desk.say if desk.as_json else click.echo, once=once))
    raise Exit(0 if ended_well else 1)
