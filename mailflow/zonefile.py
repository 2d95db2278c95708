"""The octets of a time zone's file: the same file that `zoneinfo` reads."""

import re
import zoneinfo
from functools import lru_cache
from importlib import resources
from pathlib import Path

_NAME = re.compile(r"[A-Za-z0-9_+-]{1,40}(?:/[A-Za-z0-9_+-]{1,40}){0,3}", re.ASCII)
_LIMIT_OCTETS = 65536


@lru_cache(maxsize=64)
def zone_octets(name: str) -> bytes | None:
    """The TZif file of the zone `Area/Place`, from `zoneinfo.TZPATH`, else from the tzdata package.

    None when neither has it, or the name is not of that form (no dots: nothing leads out of the folders).
    """
    if not _NAME.fullmatch(name):
        return None
    for folder in zoneinfo.TZPATH:
        path = Path(folder, name)
        if path.is_file():
            return _tzif(path.read_bytes())
    try:
        found = resources.files("tzdata").joinpath("zoneinfo", *name.split("/"))
        return _tzif(found.read_bytes()) if found.is_file() else None
    except (ModuleNotFoundError, OSError):
        return None


def _tzif(octets: bytes) -> bytes | None:
    return octets if octets.startswith(b"TZif") and len(octets) <= _LIMIT_OCTETS else None
