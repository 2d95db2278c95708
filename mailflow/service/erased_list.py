"""The list of who was erased, beside the database: a database that is restored from a backup cannot know it.

One line an erasure: when, at which event, and a keyed hash of the address; nothing that names anybody. A line is on
disk before the erasure is committed, so no person is erased whom the list forgets. Who writes holds the database's
write lock, so that processes take turns here too. Whoever restores a backup leaves this file as it is
(docs/install.md).
"""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

_NAME = "erased.list"
_FIELDS = 3
# A list that has grown by so much is gone through: what is in it twice goes. A line has about 80 octets.
_GROWN_OCTETS = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Erasure:
    """One line. `who` is `service.erase.erasure_key`."""

    at: datetime
    event: str
    who: str

    def __str__(self) -> str:
        return f"{self.at.astimezone(UTC).isoformat()} {self.event} {self.who}\n"


def add(state: Path, one: Erasure) -> None:
    """On disk when it returns. Raises OSError: then nobody is to be erased."""
    path = state / _NAME
    fresh = not path.exists()
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "ab") as file:
        # What a crash left behind of a line must not take ours with it.
        begun = file.tell()
        if begun and not _ends_a_line(path, begun):
            file.write(b"\n")
        if fresh:
            _give_away(file.fileno(), state)
        file.write(str(one).encode())
        file.flush()
        os.fsync(file.fileno())
        grown = begun // _GROWN_OCTETS != file.tell() // _GROWN_OCTETS
    if fresh:
        _sync_folder(state)
    if grown:
        _write(state, _newest(read(state)))


def read(state: Path) -> Iterator[Erasure]:
    """Line by line; what is no line of ours is passed over. Nothing where there is no list."""
    try:
        file = (state / _NAME).open(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return
    with file:
        for line in file:
            if (one := _erasure(line)) is not None:
                yield one


def forget(state: Path, before: datetime) -> None:
    """Without those from before that time, and each person once: no backup is as old. Raises OSError."""
    lines = list(read(state))
    kept = [one for one in _newest(lines) if one.at >= before]
    if len(kept) < len(lines):
        _write(state, kept)


def _newest(lines: Iterable[Erasure]) -> Iterable[Erasure]:
    found: dict[tuple[str, str], Erasure] = {}
    for one in lines:
        known = found.get((one.event, one.who))
        if known is None or known.at < one.at:
            found[one.event, one.who] = one
    return found.values()


def _erasure(line: str) -> Erasure | None:
    fields = line.split()
    if len(fields) != _FIELDS:
        return None
    try:
        at = datetime.fromisoformat(fields[0])
    except ValueError:
        return None
    return Erasure(at, fields[1], fields[2]) if at.tzinfo is not None else None


def _write(state: Path, lines: Iterable[Erasure]) -> None:
    """In one step: a crash leaves the old list or the new one."""
    part = state / f"{_NAME}.part"
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_EXCL | os.O_CREAT, 0o600), "wb") as file:
        _give_away(file.fileno(), state)
        file.writelines(str(one).encode() for one in lines)
        file.flush()
        os.fsync(file.fileno())
    part.replace(state / _NAME)
    _sync_folder(state)


def _give_away(handle: int, state: Path) -> None:
    """What root writes (`mailflow erase`) belongs to whom the folder belongs: the service has to go on with it."""
    if os.geteuid() == 0:
        owner = state.stat()
        os.fchown(handle, owner.st_uid, owner.st_gid)


def _ends_a_line(path: Path, size: int) -> bool:
    with path.open("rb") as file:
        file.seek(size - 1)
        return file.read(1) == b"\n"


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
