"""An event's file takes its place in the folder."""

import os
import shutil
from contextlib import suppress
from pathlib import Path


def put_file(target: Path, octets: bytes) -> None:
    """In one step, and as the file there was: its mode, its owner where we may, and where a link points to.

    A service that reads the folder sees the old or the new one, and so does a machine that lost its power.
    """
    real = target.resolve()
    part = real.with_name(f".{real.name}.part")
    with part.open("wb") as file:
        file.write(octets)
        file.flush()
        os.fsync(file.fileno())
    if real.exists():
        there = real.stat()
        # The group alone is enough for a service that reads the file by it.
        for owner in (there.st_uid, -1):
            with suppress(PermissionError):
                os.chown(part, owner, there.st_gid)
                break
        shutil.copymode(real, part)
    part.replace(real)
