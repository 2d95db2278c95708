"""`mailflow migrate`."""

from __future__ import annotations

import click

from mailflow.cli.desk import Desk, at_desk

# ruff: noqa: PLC0415  heavy imports happen inside: --help must be quick


@click.command()
@click.option("--list", "only_list", is_flag=True, help="Show what would be done.")
@at_desk
def migrate(desk: Desk, only_list: bool) -> None:  # noqa: FBT001  click's signature
    """Bring the database to this version, inside one exclusive transaction, after a backup copy beside it."""
    from contextlib import closing

    from mailflow.service.opening import database_path, open_site_store, read_site_store
    from mailflow.store import migrate_safely
    from mailflow.store.schema import STEPS

    config = desk.config("later")
    path = database_path(config)
    if only_list and not path.exists():
        steps = tuple(name for name, _ in STEPS)
    else:
        with closing(read_site_store(config) if only_list else open_site_store(config)) as store:
            steps = store.pending_migrations() if only_list else migrate_safely(store, path)
    desk.rows(({"pending" if only_list else "applied": name} for name in steps), empty="Nothing to do.")
