"""`benchmarks/fuzz_proof.py` with a few cases: the million is run by hand."""

import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).parent.parent.parent / "benchmarks" / "fuzz_proof.py"


def test_random_variations_of_good_text_raise_nothing():
    """Nine readers, 1000 cases each; some are taken, most are not."""
    run = subprocess.run([sys.executable, SCRIPT, "--cases", "1000"], capture_output=True, text=True, timeout=120, check=False)
    lines = run.stdout.splitlines()
    assert (run.returncode, len(lines)) == (0, 9), run.stdout + run.stderr
    assert all("raised={}" in line and "taken=0 " not in line for line in lines)
