"""Socket activation and readiness as systemd does them, without systemd as the first process."""

import shutil
import signal
import smtplib
import socket
import subprocess
import sys
from contextlib import closing, suppress

import pytest

from tests.whole.site import EVENT, environment, people, until

from .front import GAN, free_port

ACTIVATE = "systemd-socket-activate"
pytestmark = [
    pytest.mark.whole,
    pytest.mark.skipif(shutil.which(ACTIVATE) is None, reason=f"{ACTIVATE} is not installed (Debian: systemd)"),
]


@pytest.fixture
def told(tmp_path):
    """What a service tells its supervisor: the socket behind $NOTIFY_SOCKET."""
    with closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as sock:
        sock.bind(str(tmp_path / "notify"))
        sock.settimeout(15)
        yield sock


@pytest.fixture
def activate(tmp_path):
    """Start `serve` by systemd-socket-activate, which runs it in its own place at the first connection."""
    begun = []

    def activate(site, where):
        words = [
            ACTIVATE, "-l", where, "--fdname=smtp", f"--setenv=NOTIFY_SOCKET={tmp_path / 'notify'}",
            *(f"--setenv={name}" for name in ("PATH", "PYTHONPATH") if name in environment()),
            sys.executable, "-m", "mailflow", "serve", "--config", str(site.config),
        ]  # fmt: skip
        with (tmp_path / "activated.log").open("wb") as stream:
            begun.append(subprocess.Popen(words, stdout=stream, stderr=stream, env=environment()))
        return begun[-1]

    yield activate
    for process in begun:
        if process.poll() is None:
            process.kill()
            process.wait(10)


def inherit(site, protocol):
    """What mailflow.toml says beside the socket unit."""
    text = site.config.read_text(encoding="utf-8")
    text = text.replace('listen = ["127.0.0.1:0"]', f'listen = ["systemd:smtp"]\nprotocol = "{protocol}"')
    site.config.write_text(text, encoding="utf-8")


def states(told, last):
    """What was told until `last` came; watchdog signs left out."""
    heard = []
    while last not in heard:
        heard.append(told.recv(200).decode())
    return [state for state in heard if state != "WATCHDOG=1"]


def connect(where):
    """A conversation over a socket that systemd holds open; it begins before the service does."""
    if where.startswith("/"):
        client = smtplib.LMTP(where, timeout=20)
    else:
        client = smtplib.SMTP("127.0.0.1", int(where.rpartition(":")[2]), timeout=20)
    return client


@pytest.mark.parametrize("protocol", ["smtp", "lmtp"])
def test_a_connection_before_the_start_is_served(make_site, sink, told, activate, tmp_path, protocol):
    """The first connection starts the service and waits in the backlog; READY=1 and STOPPING=1 are told in time."""
    site = make_site()
    inherit(site, protocol)
    sink.open()
    where = f"127.0.0.1:{free_port()}" if protocol == "smtp" else str(tmp_path / "lmtp.sock")
    process = activate(site, where)
    ada = people(1, "ada")[0]
    clients = []

    def connected():
        with suppress(OSError):
            clients.append(connect(where))
        return bool(clients)

    assert until(connected, 15), (tmp_path / "activated.log").read_text()
    with clients[0] as client:
        client.sendmail(ada.address, [GAN], ada.mail())
    assert states(told, "READY=1") == ["READY=1"]
    assert sink.wait(lambda sink: sink.to(ada.address))
    assert sink.to(ada.address)[0].kind == "registered"
    assert site.one("SELECT via FROM inbox") == protocol
    log = (tmp_path / "activated.log").read_text(encoding="utf-8")
    assert "listen=systemd:smtp" in log
    process.send_signal(signal.SIGTERM)
    assert states(told, "STOPPING=1") == ["STOPPING=1"]
    assert process.wait(30) == 0
    assert f"event={EVENT}" in log


def test_serve_without_the_socket_unit_says_so(make_site):
    """`systemd:smtp` in the configuration and no such socket: one sentence that names FileDescriptorName, and no restart (78)."""
    site = make_site()
    inherit(site, "smtp")
    done = site.cli("serve", check=False)
    assert done.returncode == 78
    assert "FileDescriptorName" in done.stderr
    assert "Traceback" not in done.stderr
