"""The way in by SMTP and LMTP."""

import asyncio
import ssl
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network
from typing import Literal

from mailflow.wire.door import Door, DoorLimits
from mailflow.wire.entrance import Entrance
from mailflow.wire.gate import Gate
from mailflow.wire.place import Opened, open_place


@dataclass(frozen=True, slots=True)
class Listening:
    """An open way in."""

    _opened: Opened
    _entrance: Entrance

    @property
    def where(self) -> str:
        """As given to `listen`, with the real port where that was 0."""
        return self._opened.where

    @property
    def sessions(self) -> int:
        """How many sessions are open."""
        return len(self._entrance.sessions)

    def offer(self, tls: ssl.SSLContext | None) -> None:
        """STARTTLS with this context, or none, for sessions that begin from now on; those under way keep theirs."""
        self._entrance.tls = tls

    async def close(self, grace: timedelta) -> None:
        """Accept nobody more, let letters in progress finish for `grace`, then hang up."""
        self._opened.close()
        sessions = tuple(self._entrance.sessions)
        for session in sessions:
            session.stop()
        tasks = [session.task for session in sessions]
        if tasks:
            await asyncio.wait(tasks, timeout=grace.total_seconds())
        for session in sessions:
            session.hang_up()
        if tasks:
            # They end as soon as they hear of it, but for a commit that hangs; the next start finds what it left.
            await asyncio.wait(tasks, timeout=1)


async def listen(
    where: str,
    door: Door,
    limits: DoorLimits,
    *,
    protocol: Literal["smtp", "lmtp"],
    hostname: str,
    allow: tuple[IPv4Network | IPv6Network, ...],
    tls: ssl.SSLContext | None = None,
    domain: str = "",
    gate: Gate | None = None,
    proxy_protocol: bool = False,
) -> Listening:
    """Take mail in at `where` (mailflow.wire.place) and hand it to `door`.

    With `allow`, over LMTP and over Unix sockets the peer is a relay of ours; otherwise it is a stranger. `domain` is
    where a bare `postmaster` lives, by default `hostname`. `gate` lets several places share one count of connections
    and memory. With `proxy_protocol` those in `allow` are proxies and say first whose connection they bring; who they
    bring is a stranger, unless `allow` names that address, too. Raises PlaceError, OSError.
    """
    # aiosmtpd costs 0.1 s to import, which only a service that takes mail in shall pay.
    from mailflow.wire.session import Session  # noqa: PLC0415  aiosmtpd is heavy

    loop = asyncio.get_running_loop()
    entrance = Entrance(
        door,
        limits,
        gate or Gate(limits, allow),
        protocol,
        hostname,
        domain or hostname,
        direct=not allow and protocol == "smtp",
        proxied=proxy_protocol,
        tls=tls,
    )
    return Listening(await open_place(where, lambda: Session(entrance, loop)), entrance)


def server_tls(cert_file: str, key_file: str) -> ssl.SSLContext:
    """A context for STARTTLS, TLS 1.2 or newer. Raises OSError, and ssl.SSLError for what is no chain with its key."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(cert_file, key_file)
    return context
