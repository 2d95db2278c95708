"""The traps of dependencies.md §3 that a store can fall into (1 and 2 are in test_processes.py, 22 in test_sqlite.py)."""

import ast
import sqlite3
from pathlib import Path

import pytest
from sqlite_utils import hookimpl
from sqlite_utils.plugins import pm

from mailflow.store.session import StoreError
from mailflow.store.sqlite import SqliteStore

ROOT = Path(__file__).parents[2]


def test_a_statement_that_returns_rows_leaves_no_transaction_open(opened, make, now):
    """RETURNING on a default connection does (trap 3)."""
    assert opened.database.conn.isolation_level is None
    with opened.write() as tx:
        tx.next_letter()
        tx.post(make.outgoing(1))
        tx.sent(1, 250, "", "", now)
    assert not opened.database.conn.in_transaction


def test_no_plug_in_touches_the_connection(path):
    """Installed sqlite-utils plug-ins are for its command line, not for a mail server (trap 4)."""
    touched = []

    class Plugin:
        @hookimpl
        def prepare_connection(self, conn):
            touched.append(conn)

    plugin = Plugin()
    pm.register(plugin)
    try:
        SqliteStore.open(path).close()
    finally:
        pm.unregister(plugin)
    assert touched == []


def test_rows_are_written_by_statements_only():
    """A mistyped table name makes a table in sqlite-utils' helpers (trap 5), and transform() is no migration (trap 6)."""
    helpers = {
        "insert",
        "insert_all",
        "upsert",
        "upsert_all",
        "create_table",
        "transform",
        "add_column",
        "executescript",
    }
    wrong = [
        f"{file.name}:{node.lineno} {node.func.attr}"
        for file in (ROOT / "mailflow" / "store").glob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in helpers
    ]
    assert wrong == []
    assert "ON DELETE" not in Path(__file__).with_name("schema.sql").read_text(encoding="utf-8")


def test_250_means_on_disk(opened):
    """A power cut undoes no commit (trap 7), deleted rows are gone, references hold."""
    asked = ("journal_mode", "synchronous", "secure_delete", "foreign_keys", "temp_store")
    found = [opened.database.conn.execute(f"PRAGMA {pragma}").fetchone()[0] for pragma in asked]
    assert found == ["wal", 2, 1, 1, 2]


def test_an_old_sqlite_is_refused(path, monkeypatch):
    """STRICT tables need 3.37."""
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 36, 0))
    with pytest.raises(StoreError, match=r"SQLite 3\.37"):
        SqliteStore.open(path)
    assert not path.exists()
