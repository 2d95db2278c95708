"""Where the files live that travel with the package, and how it is called where one stands."""

from pathlib import Path


def shipped(folder: str) -> Path:
    """The folder `templates` or `deploy`: inside the wheel as `_templates`, else beside the package in a checkout."""
    inside = Path(__file__).parent / f"_{folder}"
    return inside if inside.is_dir() else Path(__file__).parent.parent / folder


def called() -> str:
    """What a person types here to get this program: `./run` in a checkout, whose mailflow is on no PATH."""
    return "./run" if Path("run").is_file() and Path("pyproject.toml").is_file() else "mailflow"
