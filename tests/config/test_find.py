import pytest

from mailflow.config.find import find
from mailflow.config.problems import ConfigError


@pytest.fixture
def places(tmp_path, monkeypatch):
    """A small world: a current folder, a home, and a root with etc and var; call it to put files there."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")

    def put(*names):
        for name in names:
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
        return tmp_path

    return put


def search(root, environ=None, config=None, state=None):
    return find(config, state, {"HOME": str(root / "home")} | (environ or {}), root=root)


HERE, HOME, ETC = "here/mailflow.toml", "home/.config/mailflow/mailflow.toml", "etc/mailflow/mailflow.toml"


def test_the_nearest_configuration_wins(places):
    """The current folder, then the user's, then the system's."""
    root = places(HERE, HOME, ETC)
    for name in (HERE, HOME, ETC):
        assert search(root).file == root / name
        (root / name).unlink()
    with pytest.raises(ConfigError, match="mailflow init"):
        search(root)


def test_what_is_named_wins_over_what_is_near(places):
    """--config before $MAILFLOW_CONFIG before all places."""
    root = places(HERE, "a.toml", "b.toml")
    named = {"MAILFLOW_CONFIG": str(root / "b.toml")}
    assert search(root, named).file == root / "b.toml"
    assert search(root, named, config=root / "a.toml").file == root / "a.toml"


def test_what_is_named_and_missing_is_an_error(places):
    """Falling through to the next place would run the wrong site."""
    root = places(HERE)
    with pytest.raises(ConfigError, match="--config"):
        search(root, config=root / "none.toml")
    with pytest.raises(ConfigError, match="MAILFLOW_CONFIG"):
        search(root, {"MAILFLOW_CONFIG": "none.toml"})


def test_the_state_follows_the_configuration(places):
    """Beside it in the current folder, the user's state directory, /var/lib for /etc."""
    root = places(HERE, HOME, ETC)
    for name, state in ((HERE, "here"), (HOME, "home/.local/state/mailflow"), (ETC, "var/lib/mailflow")):
        assert search(root).state == root / state
        (root / name).unlink()


def test_the_state_is_the_service_s_also_where_its_configuration_is_named(places):
    """`--config /etc/mailflow/mailflow.toml` means the service's database, not a second one beside the file."""
    root = places(ETC)
    assert search(root, config=root / ETC).state == root / "var/lib/mailflow"


def test_a_named_state_wins(places):
    """--state, $MAILFLOW_STATE, $STATE_DIRECTORY (the first of several) in this order."""
    root = places(ETC)
    environ = {"STATE_DIRECTORY": "/s1:/s2"}
    assert str(search(root, environ).state) == "/s1"
    environ["MAILFLOW_STATE"] = "/m"
    assert str(search(root, environ).state) == "/m"
    assert search(root, environ, state=root).state == root


def test_xdg_variables_move_the_user_s_places(places):
    """Absolute ones; the specification says to ignore the others."""
    root = places("c/mailflow/mailflow.toml", HOME)
    environ = {"XDG_CONFIG_HOME": str(root / "c"), "XDG_STATE_HOME": str(root / "s")}
    assert search(root, environ).file == root / "c/mailflow/mailflow.toml"
    assert search(root, environ).state == root / "s/mailflow"
    assert search(root, {"XDG_CONFIG_HOME": "c"}).file == root / HOME


def test_it_says_why(places):
    """`mailflow config where` prints it."""
    root = places(ETC)
    why = search(root, {"MAILFLOW_STATE": "/m"}).why
    assert "the system's" in why
    assert "/m ($MAILFLOW_STATE)" in why
