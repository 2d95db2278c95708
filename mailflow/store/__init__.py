"""Floor 3. Promises: inbox, registrations, outbox, jobs; one transaction at a time."""

import time
from pathlib import Path

from mailflow.store.protocol import Store


def open_store(url: str, state_dir: Path, *, read_only: bool = False) -> Store:
    """The store that `url` names: `sqlite:mailflow.db` is relative to `state_dir`.

    ValueError for any other kind of URL. The file is made when it is missing (unless read-only); `migrate` it next.
    """
    scheme, colon, name = url.partition(":")
    if scheme != "sqlite" or not colon or not name or "?" in name:
        raise ValueError(f"store.url is {url!r}; expected sqlite:FILE, for example sqlite:mailflow.db")
    from mailflow.store.sqlite import SqliteStore  # noqa: PLC0415  heavy; the command line must start without it

    return SqliteStore.open(state_dir / name, read_only=read_only)


def backup_copy(store_path: Path, to: Path) -> None:
    """A complete copy of a store that may be in use, with SQLite's backup API. `to` must not exist yet.

    Only the owner may read the copy. FileNotFoundError and FileExistsError as the names say.
    """
    from mailflow.store.backup import copy_file  # noqa: PLC0415  as above

    copy_file(store_path, to)


def memory_store() -> Store:
    """An empty store that ends with the process, at this version."""
    from mailflow.store.sqlite import SqliteStore  # noqa: PLC0415  as above

    store = SqliteStore.open(":memory:")
    store.migrate()
    return store


def migrate_safely(store: Store, path: Path) -> tuple[str, ...]:
    """`migrate`, after a backup copy beside the database where there is something to lose; the steps applied."""
    from mailflow.store.schema import STEPS  # noqa: PLC0415  as above

    steps = store.pending_migrations()
    if steps and len(steps) < len(STEPS):
        backup_copy(path, path.with_name(f"{path.name}.before-{steps[0]}.{time.strftime('%Y%m%dT%H%M%S')}"))
    return store.migrate() if steps else ()
