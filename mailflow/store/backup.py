"""Copies of a SQLite file in use."""

import sqlite3
from contextlib import closing
from pathlib import Path


def copy_file(source: Path, to: Path) -> None:
    """The backup API: a consistent copy, also while others write; mode 0600 from the first octet on."""
    if not source.is_file():
        raise FileNotFoundError(source)
    to.touch(mode=0o600, exist_ok=False)
    try:
        with (
            closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=rw", uri=True)) as old,
            closing(sqlite3.connect(to)) as new,
        ):
            old.backup(new)
            # The copy is one file that can be moved about, with no -wal beside it.
            new.execute("PRAGMA journal_mode=DELETE").fetchall()
    except BaseException:
        to.unlink(missing_ok=True)
        raise
