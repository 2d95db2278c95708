import pytest

from mailflow.config.find import find
from mailflow.config.load import load

SITE = """
[site]
domain = "events.example.org"
name = "AIML@LU"
contact = "desk@example.org"
timezone = "Europe/Stockholm"
"""


@pytest.fixture
def site(tmp_path):
    """A folder with keys; call it with TOML (and environment) to load that as its configuration."""

    for name in ("secret.key", "dkim.key"):
        (tmp_path / name).write_text("secret\n")
        (tmp_path / name).chmod(0o600)

    def loaded(text=SITE, environ=None, **options):
        (tmp_path / "mailflow.toml").write_text(text, encoding="utf-8")
        return load(find(tmp_path / "mailflow.toml", None, {}), environ or {}, **options)

    loaded.folder = tmp_path
    return loaded
