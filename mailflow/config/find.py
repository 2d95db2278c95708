"""Which configuration, which state: one search order, so that the CLI and the service always mean the same file."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from mailflow.config.problems import ConfigError, Problem

_NAME = "mailflow.toml"


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """The configuration file and the state directory (both absolute), and in two sentences why these."""

    file: Path
    state: Path
    why: str


def find(
    config_option: Path | None, state_option: Path | None, environ: Mapping[str, str], *, root: Path = Path("/")
) -> Whereabouts:
    """The search order of operations.md §2. Raises ConfigError where there is no configuration.

    What was asked for by name (`--config`, $MAILFLOW_CONFIG) must exist: falling through to another file would run
    the wrong site. `root` is where /etc and /var are, for tests and containers.
    """
    looked = tuple(_configurations(config_option, environ, root))
    for path, reason in looked:
        if path.is_file():
            file = path.absolute()
            state, why = _state(file, state_option, environ, root)
            return Whereabouts(file, state, f"configuration: {file} ({reason}). state: {state} ({why}).")
        if reason in ("--config", "$MAILFLOW_CONFIG"):
            raise ConfigError([Problem(str(path), "", "a configuration file", "", f"named by {reason}, not there")])
    places = ", ".join(str(path) for path, _ in looked)
    hint = f"none of {places} is there; `mailflow init` writes one, --config names another"
    raise ConfigError([Problem(_NAME, "", "a configuration file", "mailflow init gan@events.example.org", hint)])


def _configurations(option: Path | None, environ: Mapping[str, str], root: Path) -> Iterator[tuple[Path, str]]:
    if option is not None:
        yield option, "--config"
        return
    if named := environ.get("MAILFLOW_CONFIG"):
        yield Path(named), "$MAILFLOW_CONFIG"
        return
    yield Path(_NAME), "in the current folder"
    if home := _xdg(environ, "XDG_CONFIG_HOME", ".config"):
        yield home / "mailflow" / _NAME, "the user's own"
    yield root / "etc/mailflow" / _NAME, "the system's"


def _state(file: Path, option: Path | None, environ: Mapping[str, str], root: Path) -> tuple[Path, str]:
    if option is not None:
        return option.absolute(), "--state"
    if named := environ.get("MAILFLOW_STATE"):
        return Path(named).absolute(), "$MAILFLOW_STATE"
    if given := environ.get("STATE_DIRECTORY"):
        # systemd separates several by colons; ours is the first (systemd.exec(5)).
        return Path(given.split(":")[0]).absolute(), "$STATE_DIRECTORY"
    # By where the file is, not by how it was named: `--config /etc/mailflow/mailflow.toml` must not begin a second
    # database beside the service's.
    if file == (root / "etc/mailflow" / _NAME).absolute():
        return (root / "var/lib/mailflow").absolute(), f"the configuration is in {file.parent}"
    home, state = _xdg(environ, "XDG_CONFIG_HOME", ".config"), _xdg(environ, "XDG_STATE_HOME", ".local/state")
    if home and state and file == (home / "mailflow" / _NAME).absolute():
        return state / "mailflow", f"the configuration is in {file.parent}"
    return file.parent, "beside the configuration"


def _xdg(environ: Mapping[str, str], variable: str, below_home: str) -> Path | None:
    # The XDG base directory specification: a relative path is to be ignored.
    given = Path(environ.get(variable, ""))
    if given.is_absolute():
        return given
    home = Path(environ.get("HOME", ""))
    return home / below_home if home.is_absolute() else None
