"""`mailflow migrate`."""

import click

from mailflow.cli.common import Desk, common
from mailflow.service.opening import database_path, open_site_store
from mailflow.store import migrate_safely


@click.command()
@click.option("--list", "only_list", is_flag=True, help="Show what would be done.")
@common
def migrate(desk: Desk, only_list: bool) -> None:  # noqa: FBT001  click's signature
    """Bring the database to this version, inside one exclusive transaction, after a backup copy."""
    config = desk.config()
    store = open_site_store(config)
    try:
        if only_list:
            desk.rows(({"migration": name} for name in store.pending_migrations()), empty="Nothing to do.")
            return
        desk.rows(({"applied": name} for name in migrate_safely(store, database_path(config))), empty="Nothing to do.")
    finally:
        store.close()
