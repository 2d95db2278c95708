"""The folder of a demo: configuration, keys and event of a site, laid out anew at each start."""

import os
import shutil
import socket
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from mailflow.config.find import Whereabouts
from mailflow.config.load import load
from mailflow.config.schema import Config
from mailflow.model.seal import new_key
from mailflow.proof.signer import Signer, public_record
from mailflow.proof.signer import new_key as new_dkim_key
from mailflow.resources import shipped
from mailflow.service.clock import VirtualClock
from mailflow.service.opening import Presence

START = "2019-08-20T09:00"
EVENT = "creative-machines"
_MARK = ".mailflow-demo"
_SELECTOR = "throwaway"


class DemoFolderError(Exception):
    """The folder holds something that a demo did not make."""


@dataclass(frozen=True, slots=True)
class Demo:
    """An instance laid out in `folder`. `attendee` signs for the domain of Maja Lind."""

    config: Config
    folder: Path
    attendee: Signer
    clock: VirtualClock
    records: dict[str, bytes]


def lay_out(folder: Path, port: int, at: str, speed: float, *, log: str = "warning") -> Demo:
    """Empty the folder of an earlier demo and fill it anew.

    DemoFolderError when it is not a demo's, when one is running in it, and when the port is taken: before anything is
    touched. `log` is the level of the journal on stderr; its lines would stand in the middle of the story.
    """
    folder = folder.absolute()
    if folder.exists() and any(folder.iterdir()) and not (folder / _MARK).exists():
        raise DemoFolderError(f"{folder} is not empty and was not made by a demo; give another --dir")
    if folder.exists():
        # A demo that runs here would go on with deleted files, and lose what it has said 250 to.
        presence = Presence(folder)
        alone = presence.alone()
        presence.leave()
        if not alone:
            raise DemoFolderError(f"a demo is running in {folder}; end it first, or give another --dir and --port")
    _must_be_free(port)
    if folder.exists():
        shutil.rmtree(folder)
    (folder / "events").mkdir(parents=True)
    (folder / _MARK).write_text("Emptied at each start of `mailflow demo`.\n", encoding="utf-8")
    source = shipped("deploy") / "demo"
    shutil.copyfile(source / "mailflow.toml", folder / "mailflow.toml")
    shutil.copyfile(source / f"{EVENT}.toml", folder / "events" / f"{EVENT}.toml")
    _secret(folder / "secret.key", new_key(os.urandom(32)).encode())
    _secret(folder / "dkim.key", new_dkim_key())
    attendee_key = new_dkim_key()
    environ = {"MAILFLOW_INTAKE__LISTEN": f'["127.0.0.1:{port}"]', "MAILFLOW_LOG__LEVEL": log}
    config = load(Whereabouts(folder / "mailflow.toml", folder, "demo"), environ)
    start = datetime.fromisoformat(at)
    if start.tzinfo is None:
        start = start.replace(tzinfo=ZoneInfo(config.site.timezone))
    return Demo(
        config=config,
        folder=folder,
        attendee=Signer.load(attendee_key, "example.org", _SELECTOR),
        clock=VirtualClock(start, speed),
        records={f"{_SELECTOR}._domainkey.example.org": public_record(attendee_key).encode()},
    )


def _must_be_free(port: int) -> None:
    """Before anything is emptied. DemoFolderError when somebody listens there already."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise DemoFolderError(f"127.0.0.1:{port} is in use; give another --port") from error


def _secret(path: Path, octets: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(octets)
