"""Where to listen: `127.0.0.1:2525`, `[::1]:25`, `unix:PATH` or `systemd:NAME`."""

import asyncio
import contextlib
import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from mailflow.wire.systemd import inherited

_BACKLOG = 1024


class PlaceError(ValueError):
    """The text names no place to listen at, or systemd passed no socket of that name."""


@dataclass(frozen=True, slots=True)
class Opened:
    """The servers of one place. `where` names the real port; `unix` is the file to remove afterwards."""

    servers: tuple[asyncio.Server, ...]
    where: str
    unix: Path | None = None

    def close(self) -> None:
        """Stop accepting. Connections that stand are not touched."""
        for server in self.servers:
            server.close()
        if self.unix is not None:
            with contextlib.suppress(OSError):
                self.unix.unlink()


def split_address(text: str) -> tuple[str, int]:
    """`host:port` or `[v6]:port` as (host, port); host may be "" for all. Raises PlaceError."""
    host, colon, port = text.rpartition(":")
    if not colon or not port.isdecimal() or not port.isascii() or int(port) > 65_535:
        raise PlaceError(f"{text!r} is not of the form host:port")
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    elif ":" in host:
        raise PlaceError(f"{text!r}: an IPv6 address stands in brackets")
    return host, int(port)


async def open_place(where: str, factory: Callable[[], asyncio.BaseProtocol]) -> Opened:
    """Listen at `where` in the running loop. Raises PlaceError, or OSError when the place is taken."""
    loop = asyncio.get_running_loop()
    kind, colon, name = where.partition(":")
    if colon and kind == "unix":
        path = Path(name)
        # asyncio removes a socket that a crash has left, and only a socket.
        server = await loop.create_unix_server(factory, path=str(path), backlog=_BACKLOG)
        return Opened((server,), where, path)
    if colon and kind == "systemd":
        sockets = inherited(name)
        if not sockets:
            raise PlaceError(f"{where!r}: systemd passed no socket of that name (FileDescriptorName=)")
        servers = [await _serve_socket(factory, sock) for sock in sockets]
        return Opened(tuple(servers), where)
    host, port = split_address(where)
    tcp = await loop.create_server(factory, host or None, port, backlog=_BACKLOG)
    real = tcp.sockets[0].getsockname()
    shown = f"[{real[0]}]" if ":" in real[0] else real[0]
    return Opened((tcp,), f"{shown}:{real[1]}")


async def _serve_socket(factory: Callable[[], asyncio.BaseProtocol], sock: socket.socket) -> asyncio.Server:
    loop = asyncio.get_running_loop()
    if sock.family == socket.AF_UNIX:
        return await loop.create_unix_server(factory, sock=sock, backlog=_BACKLOG)
    return await loop.create_server(factory, sock=sock, backlog=_BACKLOG)
