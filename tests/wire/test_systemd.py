"""What systemd gives and hears."""

import os
import socket
import subprocess
import sys

from mailflow.wire.systemd import inherited, notify


def test_the_service_tells_its_state(tmp_path):
    """A datagram to $NOTIFY_SOCKET, in the file system or the abstract namespace."""
    for place, name in ((f"{tmp_path}/n", f"{tmp_path}/n"), ("\0mailflow-" + tmp_path.name, "@mailflow-" + tmp_path.name)):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ear:
            ear.bind(place)
            ear.settimeout(2)
            notify("READY=1\nSTATUS=open", {"NOTIFY_SOCKET": name})
            assert ear.recv(100) == b"READY=1\nSTATUS=open"


def test_nobody_to_tell_is_no_error(tmp_path):
    """Without systemd, or when it does not listen."""
    notify("READY=1", {})
    notify("READY=1", {"NOTIFY_SOCKET": "no place"})
    notify("READY=1", {"NOTIFY_SOCKET": f"{tmp_path}/nobody"})


def test_sockets_for_somebody_else_are_not_taken():
    """LISTEN_PID says whose they are."""
    assert inherited("smtp", {}) == ()
    assert inherited("smtp", {"LISTEN_PID": "1", "LISTEN_FDS": "1", "LISTEN_FDNAMES": "smtp"}) == ()
    assert inherited("smtp", {"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": "x", "LISTEN_FDNAMES": "smtp"}) == ()
    assert inherited("other", {"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": "1", "LISTEN_FDNAMES": "smtp"}) == ()


SERVICE = """
import asyncio, os, sys
from datetime import timedelta
from mailflow.mail.reply import ACCEPTED
from mailflow.wire.door import DoorLimits
from mailflow.wire.smtp import listen

class Door:
    def welcome(self, path): return None
    def ready(self): return None
    async def receive(self, envelope, content):
        self.done.set()
        return (ACCEPTED,)

async def main():
    os.environ["LISTEN_PID"] = str(os.getpid())
    door = Door()
    door.done = asyncio.Event()
    listening = await listen("systemd:smtp", door, DoorLimits(), protocol="smtp", hostname="x", allow=())
    await door.done.wait()
    await listening.close(timedelta(seconds=5))

asyncio.run(main())
"""


def test_a_socket_of_systemd_is_listened_at():
    """The third descriptor under its name, in a process of its own; the mail comes in through it."""
    import smtplib

    with socket.create_server(("127.0.0.1", 0)) as ear:
        saved = os.dup(3) if _open(3) else None
        os.dup2(ear.fileno(), 3, inheritable=True)
        environ = os.environ | {"LISTEN_FDS": "1", "LISTEN_FDNAMES": "smtp"}
        service = subprocess.Popen([sys.executable, "-c", SERVICE], pass_fds=(3,), env=environ)
        os.close(3)
        if saved is not None:
            os.dup2(saved, 3)
            os.close(saved)
        client = smtplib.SMTP("127.0.0.1", ear.getsockname()[1], timeout=10)
        assert client.sendmail("a@example.org", ["b@example.org"], "Subject: x\r\n\r\nx\r\n") == {}
        client.close()
    assert service.wait(10) == 0


def _open(number):
    try:
        os.fstat(number)
    except OSError:
        return False
    return True
