"""Just enough HTTP/1.1 to be asked how things are: GET, one answer, good-bye (operations.md §5)."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from ipaddress import ip_address

from mailflow.wire.place import Opened, PlaceError, open_place, split_address

log = logging.getLogger("mailflow.wire")

Answer = Callable[[str], Awaitable[tuple[int, str, bytes]]]

_REQUEST_OCTETS = 8192
_MAX_CONNECTIONS = 50
_PATIENCE = timedelta(seconds=5)
_REASONS = {status.value: status.phrase for status in HTTPStatus}


@dataclass(slots=True)
class HealthListening:
    """An open ear. `where` names the real port."""

    _opened: Opened
    _tasks: set[asyncio.Task[None]]

    @property
    def where(self) -> str:
        return self._opened.where

    async def close(self, grace: timedelta = timedelta(seconds=1)) -> None:
        """Accept nobody more; answers under way have `grace`."""
        self._opened.close()
        if self._tasks:
            _, late = await asyncio.wait(tuple(self._tasks), timeout=grace.total_seconds())
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)


async def serve_health(where: str, answer: Answer, *, patience: timedelta = _PATIENCE) -> HealthListening:
    """Answer GET at `where` by `answer(path)` → (status, content type, octets); the path is without its query.

    Loopback or a Unix socket only: what is said here is for the operator. Raises PlaceError, OSError.
    """
    if not where.startswith(("unix:", "systemd:")):
        _must_be_loopback(where)
    tasks: set[asyncio.Task[None]] = set()

    def begin(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(tasks) >= _MAX_CONNECTIONS:
            writer.close()
            return
        task = asyncio.create_task(_converse(reader, writer, answer, patience))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    def protocol() -> asyncio.BaseProtocol:
        return asyncio.StreamReaderProtocol(asyncio.StreamReader(limit=_REQUEST_OCTETS), begin)

    return HealthListening(await open_place(where, protocol), tasks)


def _must_be_loopback(where: str) -> None:
    host, _ = split_address(where)
    try:
        loopback = host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        loopback = False
    if not loopback:
        raise PlaceError(f"{where!r}: health is served on a loopback address or unix:PATH only")


async def _converse(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, answer: Answer, patience: timedelta
) -> None:
    try:
        async with asyncio.timeout(patience.total_seconds()):
            status, kind, octets = await _answered(reader, answer)
            head = (
                f"HTTP/1.1 {status} {_REASONS.get(status, 'Unknown')}\r\nContent-Type: {kind}\r\n"
                f"Content-Length: {len(octets)}\r\nCache-Control: no-store\r\n"
                "X-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n"
            )
            writer.write(head.encode() + octets)
            await writer.drain()
            writer.close()
            await writer.wait_closed()
    except (TimeoutError, OSError, asyncio.IncompleteReadError):
        pass
    finally:
        with contextlib.suppress(Exception):
            writer.transport.abort()


async def _answered(reader: asyncio.StreamReader, answer: Answer) -> tuple[int, str, bytes]:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.LimitOverrunError:
        return _plain(431)
    words = head.partition(b"\r\n")[0].split(b" ")
    if len(words) != 3 or not words[2].startswith(b"HTTP/1.") or not words[1].startswith(b"/"):
        return _plain(400)
    if words[0] != b"GET":
        return _plain(405)
    path = words[1].partition(b"?")[0].decode("ascii", "replace")
    try:
        return await answer(path)
    except Exception as error:  # noqa: BLE001  # a door: the reason goes to the log, not to the peer
        log.warning("health failed error=%.300s", repr(error))
        return _plain(500)


def _plain(status: int) -> tuple[int, str, bytes]:
    return status, "text/plain; charset=utf-8", f"{_REASONS[status]}\n".encode()
