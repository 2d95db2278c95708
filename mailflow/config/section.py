"""Reading tables of TOML key by key, and remembering everything that is wrong with them."""

import difflib
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

from mailflow.config.problems import ConfigError, Problem
from mailflow.config.values import Kind

T = TypeVar("T")
_FILE_LIMIT_OCTETS = 1 << 20


class Report:
    """The faults of one file, and the keys that it could have.

    `origins` says which variable of the environment a key came from, where it is not the file's own.
    """

    def __init__(self, file: str) -> None:
        self.file = file
        self.origins: dict[str, str] = {}
        self.problems: list[Problem] = []
        self._known: set[str] = set()
        self._unknown: list[str] = []

    def fault(self, key: str, expected: str, example: str = "", hint: str = "") -> None:
        """Note one problem."""
        self.problems.append(Problem(self.origins.get(key, self.file), key, expected, example, hint))

    def wrong(self, key: str, kind: Kind[T], raw: object, why: str) -> None:
        """A value that is not of its kind."""
        hint = why if kind.private else f"found {_shown(raw)}" + (f": {why}" if why else "")
        self.fault(key, kind.expected, f"{key.rpartition('.')[2]} = {kind.example}", hint)

    def knows(self, path: str) -> None:
        """This key may stand in the file."""
        self._known.add(path)

    def faulty(self, key: str) -> bool:
        """There is something wrong with that key already."""
        return any(problem.key == key for problem in self.problems)

    def strange(self, path: str) -> None:
        """This key stands in the file and nobody has asked for it."""
        self._unknown.append(path)

    def close(self) -> None:
        """Turn strange keys into problems, now that all known ones are known."""
        for path in self._unknown:
            self.fault(path, "a key that mailflow knows", "", self._meant(path))
        self._unknown.clear()

    def _meant(self, path: str) -> str:
        table, _, leaf = path.rpartition(".")
        siblings = {known.rpartition(".")[2] for known in self._known if known.rpartition(".")[0] == table}
        if f"{leaf}_file" in siblings:
            # Never shown, never accepted: a secret in a configuration file ends up in a backup or a bug report.
            return f"secrets are never values: did you mean {leaf}_file, the name of a file?"
        if near := difflib.get_close_matches(leaf, siblings, 1):
            return f"did you mean {near[0]}?"
        elsewhere = sorted(known for known in self._known if known.rpartition(".")[2] == leaf)
        return f"did you mean {elsewhere[0]}?" if elsewhere else ""


def _shown(raw: object) -> str:
    text = repr(raw) if isinstance(raw, str) else str(raw)
    return text if len(text) <= 60 else text[:57] + "…"


class Section:
    """One table. Each key is asked for once; `close` reports those that nobody asked for."""

    def __init__(self, raw: Mapping[str, object], report: Report, path: str = "") -> None:
        self._raw = raw
        self.report = report
        self.path = path
        self._asked: set[str] = set()

    def key(self, key: str) -> str:
        """The whole path of a key of this table."""
        return f"{self.path}.{key}" if self.path else key

    def has(self, key: str) -> bool:
        """It stands in the file."""
        return key in self._raw

    def get(self, key: str, kind: Kind[T], default: T) -> T:
        """The value, or `default` where it is missing or wrong; what is wrong is noted."""
        return self._read(key, kind, default) if self._ask(key) else default

    def need(self, key: str, kind: Kind[T]) -> T:
        """The value; where it is missing or wrong that is noted, and the kind's example stands in for it."""
        if self._ask(key):
            return self._read(key, kind, kind.stand_in)
        self.report.fault(self.key(key), f"{kind.expected} (required)", f"{key} = {kind.example}", "it is missing")
        return kind.stand_in

    def table(self, key: str) -> "Section":
        """A table inside this one; empty where it is missing."""
        raw = self._raw[key] if self._ask(key) else {}
        if not isinstance(raw, dict):
            self.fault(key, "a table", f"[{self.key(key)}]", f"found {_shown(raw)}")
            raw = {}
        return Section(raw, self.report, self.key(key))

    def tables(self, key: str, most: int) -> tuple["Section", ...]:
        """A list of tables, counted from 1 in what is reported."""
        raw = self._raw[key] if self._ask(key) else []
        if not isinstance(raw, list) or not all(isinstance(item, dict) for item in raw):
            self.fault(key, "a list of tables", f"[[{self.key(key)}]]", f"found {_shown(raw)}")
            return ()
        if len(raw) > most:
            self.fault(key, f"at most {most} of them", "", f"found {len(raw)}")
        return tuple(
            Section(item, self.report, f"{self.key(key)}[{number}]") for number, item in enumerate(raw[:most], 1)
        )

    def rest(self) -> tuple[tuple[str, object], ...]:
        """Keys that nobody has asked for yet, in the order of the file; they count as asked for now."""
        left = tuple((key, value) for key, value in self._raw.items() if key not in self._asked)
        self._asked.update(key for key, _ in left)
        return left

    def fault(self, key: str, expected: str, example: str = "", hint: str = "") -> None:
        """Note one problem with a key of this table ("" for the table itself)."""
        self.report.fault(self.key(key) if key else self.path, expected, example, hint)

    def close(self) -> None:
        """All keys that this table may have were asked for: the others are strange."""
        for key, _ in self.rest():
            self.report.strange(self.key(key))

    def _ask(self, key: str) -> bool:
        self._asked.add(key)
        self.report.knows(self.key(key))
        return key in self._raw

    def _read(self, key: str, kind: Kind[T], instead: T) -> T:
        try:
            return kind.read(self._raw[key])
        except ValueError as error:
            self.report.wrong(self.key(key), kind, self._raw[key], str(error))
            return instead


def read_toml(path: Path) -> dict[str, object]:
    """The tables of a file of at most 1 MiB. Raises ConfigError where it cannot be read or is not TOML."""
    try:
        with path.open("rb") as file:
            octets = file.read(_FILE_LIMIT_OCTETS + 1)
    except OSError as error:
        raise ConfigError([Problem(str(path), "", "a file that can be read", "", error.strerror or "")]) from error
    if len(octets) > _FILE_LIMIT_OCTETS:
        raise ConfigError([Problem(str(path), "", "a file of at most 1 MiB")])
    try:
        return parse_toml(str(path), octets.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise ConfigError([Problem(str(path), "", "UTF-8", "", f"octet {error.start} is not")]) from error


def parse_toml(name: str, text: str) -> dict[str, object]:
    """The tables of a text; `name` is what a problem is reported of."""
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        hint = str(error) or "nested too deeply"
        raise ConfigError([Problem(name, "", "TOML", 'key = "value"', hint)]) from error
