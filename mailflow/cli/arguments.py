"""What is said on the command line, parsed once: addresses, ids, moments. What is wrong is wrong usage, status 2."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

import click

# ruff: noqa: PLC0415  heavy imports happen inside: --help must be quick

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from mailflow.mail.address import Address


class Entry(NamedTuple):
    """An id of `queue` and `message`: 12 is a letter, m12 is a mail."""

    kind: Literal["letter", "mail"]
    number: int

    def __str__(self) -> str:
        return f"m{self.number}" if self.kind == "mail" else str(self.number)


def entry(text: str) -> Entry:
    """The Entry that `text` names."""
    digits = text.lower().removeprefix("m")
    if not digits.isascii() or not digits.isdigit() or len(digits) > 18:
        raise click.BadParameter(f"{text!r} is no id; a letter is a number, a mail is m and a number.")
    return Entry("letter" if digits == text else "mail", int(digits))


def address(text: str) -> Address:
    """The Address that `text` is, with or without angle brackets."""
    from mailflow.mail.address import AddressError, parse_address

    try:
        return parse_address(text.strip().removeprefix("<").removesuffix(">"))
    except AddressError as error:
        raise click.BadParameter(f"{text!r} is no address: {error}") from error


def path(text: str) -> Address | None:
    """The same for a reverse-path; "" and <> are the null path, None."""
    return None if text.strip() in ("", "<>") else address(text)


def moment(text: str, timezone: str) -> datetime:
    """An ISO 8601 time; without an offset it is wall time in `timezone`."""
    from datetime import datetime
    from zoneinfo import ZoneInfo

    try:
        parsed = datetime.fromisoformat(text)
    except ValueError as error:
        raise click.BadParameter(f"{text!r} is not a time such as 2019-08-20T09:00") from error
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=ZoneInfo(timezone))


def octets_of(names: Iterable[str], most: int) -> Iterator[tuple[str, bytes]]:
    """Each file's name and octets, `-` is stdin; of one over `most` octets, `most` + 1 of them. Raises OSError."""
    for name in names:
        if name == "-":
            yield name, sys.stdin.buffer.read(most + 1)
        else:
            with Path(name).open("rb") as file:
                yield name, file.read(most + 1)
