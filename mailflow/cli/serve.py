"""`mailflow serve`."""

import asyncio

import click

from mailflow.cli.common import Desk, common


@click.command()
@click.option("--only", type=click.Choice(["intake", "handle", "outbox", "clock"]), multiple=True,
              help="Only this part; may be given more than once.")  # fmt: skip
@click.option("--no-migrate", is_flag=True, help="Do not bring the database to this version first.")
@common
def serve(desk: Desk, only: tuple[str, ...], no_migrate: bool) -> None:  # noqa: FBT001  click's signature
    """Take mail in, answer it, keep time."""
    from mailflow.service.clock import RealClock  # noqa: PLC0415
    from mailflow.service.opening import build_house, database_path, load_keys, open_site_store  # noqa: PLC0415
    from mailflow.service.serve import PARTS, Means, Service  # noqa: PLC0415
    from mailflow.store import migrate_safely  # noqa: PLC0415

    config = desk.config()
    keys = load_keys(config)
    house = build_house(config, keys, RealClock())
    store = open_site_store(config)
    if not no_migrate:
        migrate_safely(store, database_path(config))

    def reload() -> tuple[object, object]:
        again = desk.config()
        new_keys = load_keys(again)
        return build_house(again, new_keys, RealClock()), new_keys

    parts = tuple(part for part in PARTS if part in only) or PARTS
    service = Service(house, Means(store, keys), parts, reload)  # type: ignore[arg-type]
    asyncio.run(service.run())


