"""26 header injections in every field, on each Python that is installed here (trust.md §9, §11)."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import idna
import pytest

SCRIPT = Path(__file__).parent / "injections.py"


def interpreters():
    """This one, and every other from 3.11 on, in $PATH or under pyenv; each version once."""
    names = [sys.executable, *(found for minor in range(11, 20) if (found := shutil.which(f"python3.{minor}")))]
    root = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    names += sorted(str(path) for path in root.glob("versions/3.*/bin/python") if int(path.parts[-3].split(".")[1]) >= 11)
    versions = {}
    for name in names:
        told = subprocess.run([name, "-V"], capture_output=True, text=True, check=False)
        if told.returncode == 0:
            versions.setdefault(told.stdout.strip(), name)
    return versions


FOUND = interpreters()


@pytest.mark.parametrize("flags", [(), ("-O",)], ids=["", "-O"])
@pytest.mark.parametrize("version", FOUND)
def test_nothing_is_injected_on_any_python(version, flags, tmp_path):
    """The same fields, one To, no line but ours; with `python -O`, too, for no check is an `assert`."""
    # The one library that addresses need, and nothing else of this environment.
    (tmp_path / "idna").symlink_to(Path(idna.__file__).parent)
    told = subprocess.run(
        [FOUND[version], *flags, str(SCRIPT)], env={**os.environ, "PYTHONPATH": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert told.returncode == 0, told.stderr
    result = json.loads(told.stdout)
    assert result["found"] == []
    assert (f"Python {result['version']}", result["optimized"]) == (version, len(flags))
    assert result["tried"] == 22 * 26 * 3
    assert 0 < result["refused"] < result["tried"]
