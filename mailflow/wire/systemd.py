"""What systemd gives and hears: inherited sockets (sd_listen_fds(3)) and the state of the service (sd_notify(3))."""

import os
import socket
from collections.abc import Mapping

_FIRST_FD = 3


def inherited(name: str, environ: Mapping[str, str] = os.environ) -> tuple[socket.socket, ...]:
    """The listening sockets that systemd passed under `FileDescriptorName=name`; none when it passed none to us.

    Calling twice would hand out one descriptor twice; ask once for each name.
    """
    if environ.get("LISTEN_PID") != str(os.getpid()):
        return ()
    count = environ.get("LISTEN_FDS", "")
    names = environ.get("LISTEN_FDNAMES", "").split(":")
    if not count.isdecimal():
        return ()
    found = []
    for number in range(min(int(count), len(names), 64)):
        if names[number] == name:
            # The family and type are read from the descriptor itself.
            sock = socket.socket(fileno=_FIRST_FD + number)
            sock.setblocking(False)
            found.append(sock)
    return tuple(found)


def notify(state: str, environ: Mapping[str, str] = os.environ) -> None:
    """Tell systemd `READY=1`, `WATCHDOG=1`, `STOPPING=1`, `STATUS=…`; nothing happens without `$NOTIFY_SOCKET`.

    Never raises: a service must not stop because its supervisor does not listen.
    """
    place = environ.get("NOTIFY_SOCKET", "")
    if not place.startswith(("/", "@")):
        return
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sock:
            sock.setblocking(False)
            # An at sign stands for the zero octet of the abstract namespace.
            sock.sendto(state.encode(), "\0" + place[1:] if place[0] == "@" else place)
    except OSError:
        return
