"""How data leaves on stdout: JSON, one object a line, or a table for people."""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from pathlib import PurePath

import click

from mailflow.mail.clean import clean

_CELL = 500


def json_line(row: Mapping[str, object]) -> None:
    """UTF-8, whatever the terminal speaks; a lone surrogate of a broken mail becomes `?`."""
    click.echo(json.dumps(row, ensure_ascii=False, default=_plain).encode("utf-8", "replace"))


def json_octets(rows: Iterable[Mapping[str, object]]) -> bytes:
    """The rows as one array, for a file."""
    return json.dumps(list(rows), ensure_ascii=False, default=_plain, indent=1).encode("utf-8", "replace") + b"\n"


def table(rows: Iterable[Mapping[str, object]]) -> None:
    """All rows have the same keys."""
    from tabulate import tabulate  # noqa: PLC0415  only where a table is drawn

    shown = [{key: cell(value) for key, value in row.items()} for row in rows]
    click.echo(tabulate(shown, headers="keys", disable_numparse=True))


def record(row: Mapping[str, object]) -> None:
    """A line for each value."""
    width = max(len(key) for key in row)
    for key, value in row.items():
        click.echo(f"{key:<{width}}  {cell(value)}".rstrip())


def cell(value: object) -> str:
    """A value as one harmless line: what strangers wrote must not move an operator's cursor. Times are local ($TZ)."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case datetime():
            return value.astimezone().strftime("%Y-%m-%d %H:%M:%S %Z")
        case Mapping():
            return ", ".join(f"{key}: {cell(one)}" for key, one in value.items())
        case list() | tuple():
            return ", ".join(map(cell, value))
        case _:
            return clean(str(value), _CELL)


def harmless(octets: bytes) -> str:
    """A stranger's mail for a terminal: controls, turned text and what is no UTF-8 in escapes; CRLF is a line end."""
    text = octets.decode("utf-8", "backslashreplace").replace("\r\n", "\n")
    return "".join(c if c.isprintable() or c in "\n\t" else c.encode("unicode_escape").decode() for c in text)


def _plain(value: object) -> object:
    """What JSON has no type for."""
    match value:
        case datetime():
            return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        case date() | time() | PurePath():
            return str(value)
        case timedelta():
            return value.total_seconds()
        case Mapping():
            return dict(value)
        case _:
            return str(value)
