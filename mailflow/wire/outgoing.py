"""From `outgoing.relay` to a courier."""

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from mailflow.wire.courier import Courier

if TYPE_CHECKING:
    from mailflow.wire.relay import Mode, Waits

PORTS: dict[str, int] = {"smtp": 25, "smtp+tls": 587, "smtps": 465}


class RelayError(ValueError):
    """The text is no relay."""


def check_relay(url: str) -> tuple[str, str, int]:
    """(scheme, host, port) of `smtp://host:port`, `smtp+tls://…`, `smtps://…`; ("capture", folder, 0) of `capture:DIR`.

    Ports default to 25, 587 and 465. Raises RelayError, whose text says what was expected.
    """
    if url.startswith("capture:") and len(url) > len("capture:"):
        return "capture", url[len("capture:") :], 0
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
        parts = urlsplit("")
    if parts.scheme not in PORTS or not host or parts.path.strip("/") or parts.query or parts.fragment:
        raise RelayError(f"{url!r} is not smtp://HOST:PORT, smtp+tls://…, smtps://… or capture:DIR")
    if parts.username is not None or parts.password is not None:
        raise RelayError("the login belongs into outgoing.username and outgoing.password_file, not into the URL")
    return parts.scheme, host, port or PORTS[parts.scheme]


def courier_for(
    url: str,
    *,
    username: str = "",
    password: str = "",
    per_connection: int = 20,
    hostname: str = "localhost",
    connections: int = 4,
    waits: "Waits | None" = None,
    tls: ssl.SSLContext | None = None,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    slow: timedelta = timedelta(seconds=30),
) -> Courier:
    """The courier for `url` (see `check_relay`). `hostname` is said in EHLO. Raises RelayError.

    A capturing courier loads no network code.
    """
    scheme, host, port = check_relay(url)
    if scheme == "capture":
        from mailflow.wire.capture import Capture  # noqa: PLC0415

        return Capture(Path(host), sleep=sleep, slow=slow)
    from mailflow.wire.relay import Relay, RelayAddress  # noqa: PLC0415

    mode: Mode = scheme  # type: ignore[assignment]  # one of PORTS, as check_relay says
    address = RelayAddress(host, port, mode, username, password, tls)
    return Relay(address, hostname=hostname, per_connection=per_connection, connections=connections, waits=waits)
