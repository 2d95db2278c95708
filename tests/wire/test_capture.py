"""The courier that writes letters down."""

import asyncio
import stat
import subprocess
import sys
from datetime import timedelta

import pytest

from mailflow.mail.address import Address
from mailflow.wire.capture import Capture

DESK = Address("gan", "events.example.org")


def courier_to(folder):
    return Capture(folder, sleep=asyncio.sleep)


async def test_letters_become_numbered_files(tmp_path):
    """`NNNN-<to>.eml`, counting on from what is there, with nothing half-written beside them."""
    folder = tmp_path / "sent"
    for name in ("ada", "bo"):
        courier = courier_to(folder)
        assert (await courier.deliver(DESK, Address(name, "example.org"), name.encode())).ok
        await courier.close()
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == {
        "0001-ada@example.org.eml": b"ada",
        "0002-bo@example.org.eml": b"bo",
    }


async def test_nobody_else_reads_the_letters(tmp_path):
    """Folder and files are the owner's alone, whatever the umask."""
    courier = courier_to(tmp_path / "sent")
    await courier.deliver(DESK, Address("ada", "example.org"), b"x")
    folder = tmp_path / "sent"
    assert [stat.S_IMODE(path.stat().st_mode) for path in (folder, *folder.iterdir())] == [0o700, 0o600]


async def test_an_address_is_no_path(tmp_path):
    """A slash is allowed in a local part; in a file name it is not."""
    courier = courier_to(tmp_path / "sent")
    for local in ("../../x", "a/b", "å", "x" * 64, "."):
        assert (await courier.deliver(None, Address(local, "example.org"), b"x")).ok
    names = sorted(path.name for path in (tmp_path / "sent").iterdir())
    assert names[:3] == ["0001-.._.._x@example.org.eml", "0002-a_b@example.org.eml", "0003-_@example.org.eml"]
    assert list(tmp_path.iterdir()) == [tmp_path / "sent"]


@pytest.mark.parametrize(("local", "said"), [("550", "550 5.1.1 "), ("451", "451 4.7.1 ")])
async def test_practice_addresses_refuse_and_defer(tmp_path, local, said):
    """At any domain; nothing is written."""
    courier = courier_to(tmp_path)
    assert str(await courier.deliver(DESK, Address(local, "example.org"), b"x")).startswith(said)
    assert list(tmp_path.iterdir()) == []


async def test_the_slow_practice_address_takes_its_time(tmp_path):
    """It waits by the clock it was given, then takes the letter."""
    waited = []

    async def sleep(seconds):
        waited.append(seconds)

    courier = Capture(tmp_path, sleep=sleep, slow=timedelta(seconds=7))
    assert (await courier.deliver(DESK, Address("slow", "example.org"), b"x")).ok
    assert (waited, len(list(tmp_path.iterdir()))) == ([7.0], 1)


async def test_a_folder_that_cannot_be_written_is_temporary(tmp_path):
    """Never an exception."""
    (tmp_path / "file").write_text("")
    courier = courier_to(tmp_path / "file")
    assert (await courier.deliver(DESK, Address("ada", "example.org"), b"x")).code == 451


def test_capturing_loads_no_network_code():
    """What cannot be imported cannot send."""
    code = (
        "import sys; from types import SimpleNamespace as S; from pathlib import Path; from mailflow.config.places import Capture; "
        "from mailflow.service.courier import build_courier; build_courier(S(outgoing=S(relay=Capture(Path('x'))))); "
        "print([name for name in ('aiosmtplib', 'aiosmtpd', 'smtplib', 'mailflow.wire.relay') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=30)
    assert done.stdout.strip() == "[]"
