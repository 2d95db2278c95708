"""Calendar readers of other people, run over many files at once: libical and ical.js; and our own lint."""

import importlib.util
import json
import subprocess
from pathlib import Path

import pytest

TOOLS = Path(__file__).parent / "calendar_tools"


def tool(name):
    """A module of tests/calendar_tools, which stands alone and is no package."""
    spec = importlib.util.spec_from_file_location(name, TOOLS / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def read(command, reason, octets, folder):
    """{name: what the reader prints}, from one run over all files; skips with `reason` where there is no such reader."""
    paths = {}
    for name, content in octets.items():
        paths[name] = folder / f"{name}.ics"
        paths[name].write_bytes(content)
    try:
        run = subprocess.run([*command, *map(str, paths.values())], check=False, capture_output=True, timeout=120)
    except FileNotFoundError:
        pytest.skip(reason)
    if not run.stdout:
        pytest.skip(f"{reason}: {run.stderr.decode(errors='replace').strip()[:200]}")
    # Not splitlines(): it would cut at a U+2028 inside a value.
    found = [json.loads(row) for row in run.stdout.decode().rstrip("\n").split("\n")]
    assert len(found) == len(paths)
    return dict(zip(paths, found, strict=True))


LIBICAL = (
    ["/usr/bin/python3", str(TOOLS / "libical_check.py")],
    "libical is not installed (libical3 gir1.2-ical-3.0 python3-gi)",
)
ICALJS = (["node", str(TOOLS / "icaljs_check.mjs")], "ical.js is not installed (npm install in tests/calendar_tools)")
READERS = [
    pytest.param(*LIBICAL, id="libical", marks=pytest.mark.needs_libical),
    pytest.param(*ICALJS, id="icaljs", marks=pytest.mark.needs_icaljs),
]
