"""The wheel: built from the checkout, installed in an empty environment, and alive there."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

pytestmark = pytest.mark.whole


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """The `mailflow` command of a wheel in a virtual environment that knows nothing of this checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    (wheel,) = folder.glob("*.whl")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder / "venv")], check=True)
    python = folder / "venv" / "bin" / "python"
    # Its dependencies come from the environment of the tests: what is tried is what the wheel carries, not the index.
    site = subprocess.run(
        [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        check=True, capture_output=True, text=True,
    ).stdout.strip()  # fmt: skip
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", site, str(wheel)],
        check=True,
    )
    own = [entry for entry in sys.path if entry.endswith("site-packages")]
    (Path(site) / "borrowed.pth").write_text("".join(f"{entry}\n" for entry in own))
    return [str(python), "-P", "-m", "mailflow"]


def run(command, *arguments, cwd):
    environ = {"PATH": os.environ["PATH"], "HOME": str(cwd)}
    return subprocess.run([*command, *arguments], cwd=cwd, env=environ, capture_output=True, text=True, timeout=120, check=False)


def test_the_wheel_is_the_one_that_runs(installed, tmp_path):
    """Not the checkout: the module lies in the new environment, with templates and deploy files inside."""
    code = "import mailflow, mailflow.resources as r; print(mailflow.__file__, r.shipped('templates'), r.shipped('deploy'))"
    said = run([installed[0]], "-P", "-c", code, cwd=tmp_path).stdout.split()
    assert all("/venv/lib/" in part for part in said), said
    assert said[1].endswith("_templates")


def test_a_site_can_be_made_and_checked_from_the_wheel(installed, tmp_path):
    """init, check and a demo, on nothing but what the wheel carries."""
    made = run(installed, "init", "gan@events.example.org", "--yes", cwd=tmp_path)
    assert made.returncode == 0, made.stderr
    checked = run(installed, "check", "--json", cwd=tmp_path)
    assert '"letters", "result": "ok"' in checked.stdout, checked.stdout + checked.stderr
    shown = run(installed, "demo", "--once", "--port", "0", cwd=tmp_path)
    assert shown.returncode == 0, shown.stderr
