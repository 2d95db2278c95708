"""What every noun of the SQLite store stands on: one connection, and how times, addresses and texts are written."""

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from mailflow.mail.address import Address

# A row as the driver gives it. `Any` ends where a value object begins.
Row = tuple[Any, ...]


class StoreError(Exception):
    """What was to be written does not fit what is stored: a row has moved on, is missing, or would break a rule.

    The caller's step (savepoint or transaction) is to be rolled back; trying again from a fresh view may succeed.
    """


@lru_cache(maxsize=512)
def text_of(moment: datetime) -> str:
    """`2019-08-20T09:30:00.000000Z`: UTC, always 27 characters, so that texts compare as the moments do.

    ValueError for a naive datetime: a guess about its zone would be kept for ever.
    """
    if moment.tzinfo is None:
        raise ValueError("a naive datetime cannot be stored")
    return moment.astimezone(UTC).isoformat(timespec="microseconds")[:26] + "Z"


def text_or_null(moment: datetime | None) -> str | None:
    """`text_of`, and NULL for None."""
    return None if moment is None else text_of(moment)


def moment_of(text: str) -> datetime:
    """What `text_of` wrote, aware in UTC."""
    return datetime.fromisoformat(text)


def moment_or_none(text: str | None) -> datetime | None:
    """`moment_of`, and None for NULL."""
    return None if text is None else datetime.fromisoformat(text)


def address_of(text: str) -> Address:
    """An address as it was stored; it was parsed at the door and is not judged again."""
    local, _, domain = text.rpartition("@")
    return Address(local, domain)


def address_or_none(text: str | None) -> Address | None:
    """`address_of`, and None for NULL."""
    return None if text is None else address_of(text)


def plain(text: str) -> str:
    """Free text without lone surrogates, which UTF-8 cannot hold: a reason must always be writable."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def json_of(value: object) -> str:
    """JSON that people can read in the file: letters as they are, no needless blanks."""
    return plain(json.dumps(value, ensure_ascii=False, separators=(",", ":")))


class Session:
    """One transaction's hold on the connection. The store makes it; the nouns inherit from it."""

    def __init__(self, sql: sqlite3.Connection) -> None:
        self.sql = sql

    def one(self, statement: str, *values: object) -> Row | None:
        """The first row, or None. All rows are fetched, so that no statement is left running at the commit."""
        rows = self.sql.execute(statement, values).fetchall()
        return rows[0] if rows else None

    def all(self, statement: str, *values: object) -> list[Row]:
        return self.sql.execute(statement, values).fetchall()

    def change(self, statement: str, *values: object) -> int:
        """How many rows the statement changed."""
        return self.sql.execute(statement, values).rowcount

    def list_rows(self, select: str, asked: Iterable[tuple[str, object | None]], limit: int) -> list[Row]:
        """The newest rows that meet those conditions whose value is not None. Conditions are our own text."""
        used = [(condition, value) for condition, value in asked if value is not None]
        where = " AND ".join(condition for condition, _ in used) or "1"
        return self.all(f"{select} WHERE {where} ORDER BY id DESC LIMIT ?", *(value for _, value in used), limit)


class WriteSession(Session):
    """A transaction that holds the write lock."""

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """A nested step: rolled back alone when its body raises."""
        self.sql.execute("SAVEPOINT step")
        try:
            yield
        except BaseException:
            # A full disk makes SQLite roll the whole transaction back: then there is no savepoint to return to.
            if self.sql.in_transaction:
                self.sql.execute("ROLLBACK TO step")
                self.sql.execute("RELEASE step")
            raise
        self.sql.execute("RELEASE step")

    def count(self, what: str, kind: str, result: str) -> None:
        """Raise a total that never falls."""
        self.sql.execute(
            """INSERT INTO totals (what, kind, result, total) VALUES (?, ?, ?, 1)
            ON CONFLICT (what, kind, result) DO UPDATE SET total = total + 1""",
            (what, kind, result),
        )
