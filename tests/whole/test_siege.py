"""The rows of trust.md §11 that need a real process and load, in small; `benchmarks/siege.py` has the whole siege."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from .site import environment

pytestmark = pytest.mark.whole

ROOT = Path(__file__).parent.parent.parent


def test_a_siege_costs_little_and_keeps_nobody_out():
    """Nothing smuggled, 300 MiB without a line end hold 16 at most, empty lines are cheap, others are served at once."""
    told = subprocess.run(
        [sys.executable, str(ROOT / "benchmarks" / "siege.py"), "--json", "--seconds", "3", "--clients", "120"],
        capture_output=True, text=True, env=environment(), timeout=120, check=False,
    )  # fmt: skip
    assert told.returncode == 0, told.stderr
    rows = {row.pop("what"): row for row in map(json.loads, told.stdout.splitlines())}
    for who in ("relay", "stranger"):
        assert rows[f"40 false ends of data, from a {who}"]["smuggled"] == 0
    assert rows["300 MiB without a line end"]["MiB sent"] == 300
    assert rows["300 MiB without a line end"]["MiB more at most"] <= 16
    assert all(seconds <= 0.2 for name, seconds in rows["10 MB of nearly empty lines"].items() if "CPU" in name)
    all_in, one_address = rows["slow clients, all of them let in"], rows["slow clients, from one address"]
    assert (all_in["let in"], one_address["let in"]) == (120, 10)
    assert max(row["slowest delivery, seconds"] for row in (all_in, one_address)) < 1
    assert rows["every place taken"] == {"tried": 120, "heard": "421 4.7.0", "then": "250", "ms each": rows["every place taken"]["ms each"]}
