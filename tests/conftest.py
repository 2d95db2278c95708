"""What all tests share: `--update-golden`, and the place where the sibling `shared` folder may be."""

from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def pytest_addoption(parser):
    parser.addoption("--update-golden", action="store_true", help="write golden files anew; read the diff as prose")


@pytest.fixture
def golden(request):
    """Compare text with a golden file below tests/golden/, or write it with --update-golden."""
    update = request.config.getoption("--update-golden")

    def compare(name: str, text: str) -> None:
        path = ROOT / "tests" / "golden" / name
        if update or not path.exists():
            if not update:
                pytest.fail(f"{path} is missing; run with --update-golden and read it")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="")
        assert text == path.read_bytes().decode("utf-8")

    return compare


@pytest.fixture(scope="session")
def shared():
    """The folder of samples beside the checkout; tests that need it skip where it is absent."""
    folder = ROOT.parent / "shared"
    if not folder.is_dir():
        pytest.skip("the shared samples are not beside this checkout")
    return folder
