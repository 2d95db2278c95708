"""Where the files live that travel with the package: templates and deploy files."""

from pathlib import Path


def shipped(folder: str) -> Path:
    """The folder `templates` or `deploy`: inside the wheel as `_templates`, else beside the package in a checkout."""
    inside = Path(__file__).parent / f"_{folder}"
    return inside if inside.is_dir() else Path(__file__).parent.parent / folder
