"""The demo: a whole site that cannot reach the outside."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from mailflow.service.demo_folder import DemoFolderError, lay_out
from mailflow.service.opening import Presence

pytestmark = pytest.mark.whole

# An audit hook cannot be taken out again, and sees every socket of the process, whoever opens it.
GUARDED = """
import os, sys

def guard(event, arguments):
    if event == "socket.getaddrinfo" and arguments[0] not in (None, "127.0.0.1", b"127.0.0.1"):
        print("looked up", arguments[0], file=sys.stderr, flush=True)
        os._exit(99)
    if event in ("socket.connect", "socket.bind", "socket.sendto", "socket.sendmsg"):
        address = arguments[1]
        if isinstance(address, tuple) and address[0] != "127.0.0.1":
            print(event, address, file=sys.stderr, flush=True)
            os._exit(99)
    if event in ("socket.gethostbyname", "socket.gethostbyaddr"):
        print(event, arguments, file=sys.stderr, flush=True)
        os._exit(99)

sys.addaudithook(guard)
sys.argv = ["mailflow", *sys.argv[1:]]
CALL
"""


def guarded(call, *arguments, cwd):
    code = GUARDED.replace("CALL", call)
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], cwd=cwd, capture_output=True, text=True, timeout=90, check=False
    )


def test_the_demo_works_with_every_other_socket_forbidden(tmp_path):
    """Nothing but 127.0.0.1 is bound, connected to or looked up; both exchanges end well, in both languages."""
    call = "from mailflow.cli import main\nmain()"
    done = guarded(call, "demo", "--once", "--port", "0", "--dir", "var", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "Du har en plats, Maja!" in done.stdout
    assert "Was it you?" in done.stdout
    assert "To answer YES" not in done.stdout, "nobody listens any more"
    assert "job=" not in done.stderr
    assert len(list((tmp_path / "var" / "sent").glob("*.eml"))) == 2


def test_the_guard_of_this_test_does_guard(tmp_path):
    """A connection elsewhere would have ended the demo."""
    call = "import socket\nsocket.socket().connect(('192.0.2.1', 25))"
    assert guarded(call, cwd=tmp_path).returncode == 99


def test_a_running_demo_is_never_emptied(tmp_path):
    """A second one in the same folder, or on the same port, is refused before anything is touched."""
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(DemoFolderError, match="--port"):
        lay_out(tmp_path / "var", taken.getsockname()[1], "2019-08-20T09:00", 1.0)
    assert not (tmp_path / "var").exists()
    lay_out(tmp_path / "var", 0, "2019-08-20T09:00", 1.0)
    running = Presence(tmp_path / "var")
    running.join()
    with pytest.raises(DemoFolderError, match="running"):
        lay_out(tmp_path / "var", 0, "2019-08-20T09:00", 1.0)
    assert (tmp_path / "var" / "mailflow.toml").exists()
    running.leave()
    lay_out(tmp_path / "var", 0, "2019-08-20T09:00", 1.0)


def test_a_folder_that_no_demo_made_is_refused(tmp_path):
    """It is emptied at each start: never somebody's own files."""
    (tmp_path / "thesis.tex").write_text("years of work")
    with pytest.raises(DemoFolderError):
        lay_out(tmp_path, 0, "2019-08-20T09:00", 1.0)
    assert Path(tmp_path / "thesis.tex").exists()
