"""`mailflow serve`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from mailflow.cli.desk import Desk, at_desk
from mailflow.cli.leaving import FAILED, fail

# ruff: noqa: PLC0415  heavy imports happen inside: --help must be quick

if TYPE_CHECKING:
    from mailflow.service.house import House
    from mailflow.service.opening import Keys


@click.command()
@click.option(
    "--only",
    type=click.Choice(["intake", "handle", "outbox", "clock"]),
    multiple=True,
    help="Only this part; may be given more than once.",
)
@click.option("--no-migrate", is_flag=True, help="Do not bring the database to this version first.")
@at_desk
def serve(desk: Desk, only: tuple[str, ...], no_migrate: bool) -> None:  # noqa: FBT001  click's signature  # fmt: skip
    """Take mail in, answer it, keep time, until TERM or INT. HUP reads configuration, events and keys again."""
    import asyncio

    from mailflow.service.clock import RealClock
    from mailflow.service.opening import database_path, open_house, open_site_store
    from mailflow.service.serve import PARTS, Means, Service
    from mailflow.store import migrate_safely

    def opened() -> tuple[House, Keys]:
        return open_house(desk.config(), RealClock())

    house, keys = opened()
    store = open_site_store(house.config)
    if not no_migrate:
        migrate_safely(store, database_path(house.config))
    elif pending := store.pending_migrations():
        fail(f"The database wants {len(pending)} migration(s) first: mailflow migrate", FAILED)
    parts = tuple(part for part in PARTS if part in only) or PARTS
    asyncio.run(Service(house, Means(store, keys), parts, opened).run())
