"""Files that hold keys."""

import os
from pathlib import Path


def write_secret(path: Path, octets: bytes) -> bytes:
    """Write a new file that only its owner may read; the octets come back. Raises FileExistsError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(octets)
    return octets
