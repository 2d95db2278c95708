"""mailflow.toml and the environment → Config, or every problem at once."""

import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from mailflow.config import schema
from mailflow.config.agreement import disagreements
from mailflow.config.find import Whereabouts, find
from mailflow.config.places import FOLDER, Capture, Sqlite, Unix
from mailflow.config.problems import ConfigError, Problem
from mailflow.config.secrets import place, secret_faults
from mailflow.config.section import Report, Section, read_toml

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    from mailflow.config.values import Kind

__all__ = ["Whereabouts", "find", "load"]

Table = TypeVar("Table", bound="DataclassInstance")


def load(
    found: Whereabouts, environ: Mapping[str, str], *, secrets: Literal["needed", "later"] = "needed"
) -> schema.Config:
    """Read the configuration. Raises ConfigError with all problems of file, environment and secrets.

    `secrets` "later": their files are named but not looked at (`init`, `keygen`, `config show`).
    """
    raw = read_toml(found.file)
    report = Report(str(found.file))
    _overlay(raw, environ, report)
    config = _Loader(found, environ, Section(raw, report)).config()
    disagreements(config, report)
    if secrets == "needed":
        secret_faults(config, environ, report)
    if report.problems:
        raise ConfigError(report.problems)
    return config


def _overlay(raw: dict[str, object], environ: Mapping[str, str], report: Report) -> None:
    """Lay MAILFLOW_SECTION__KEY over the file's values.

    Names without `__` are left alone: Kubernetes sets MAILFLOW_PORT for a service that is called mailflow.
    """
    for name in sorted(environ):
        if not name.startswith("MAILFLOW_") or "__" not in name:
            continue
        *tables, leaf = name.removeprefix("MAILFLOW_").lower().split("__")
        if not leaf or not all(tables):
            report.problems.append(
                Problem(f"${name}", "", "a variable of the form MAILFLOW_SECTION__KEY", "MAILFLOW_LOG__LEVEL=debug")
            )
            continue
        inner, path = raw, ""
        for table in tables:
            path = f"{path}.{table}" if path else table
            if table not in inner:
                report.origins[path] = f"${name}"
            below = inner.setdefault(table, {})
            if not isinstance(below, dict):  # the file says `site = 1`; that is reported where it stands
                break
            inner = below
        else:
            inner[leaf] = _as_toml(environ[name])
            report.origins[f"{path}.{leaf}"] = f"${name}"


def _as_toml(text: str) -> object:
    """`text` as a TOML value, else as the string that it is."""
    try:
        parsed = tomllib.loads(f"value = {text}")
    except (tomllib.TOMLDecodeError, RecursionError):
        return text
    # A line break in the text must not smuggle in a second key.
    return parsed["value"] if set(parsed) == {"value"} else text


class _Loader:
    """One reading of one file."""

    def __init__(self, found: Whereabouts, environ: Mapping[str, str], top: Section) -> None:
        self.found = found
        self.environ = environ
        self.top = top

    def config(self) -> schema.Config:
        """All tables; wrong values are replaced by stand-ins, and noted."""
        if self.top.has("imap"):
            self.top.table("imap").rest()
            self.top.fault("imap", "[intake]", "", "fetching mail by IMAP is not in this version of mailflow")
        config = schema.Config(
            file=self.found.file,
            state=self.found.state,
            site=self._table("site", schema.Site),
            store=self._table("store", schema.Store),
            intake=self._table("intake", schema.Intake),
            trust=self._table("trust", schema.Trust),
            outgoing=self._table("outgoing", schema.Outgoing),
            dkim=self._table("dkim", schema.Dkim),
            limits=self._table("limits", schema.Limits),
            letters=self._table("letters", schema.Letters),
            calendar=self._table("calendar", schema.Calendar),
            digest=self._table("digest", schema.Digest),
            retention=self._table("retention", schema.Retention),
            log=self._table("log", schema.Log),
            health=self._table("health", schema.Health),
        )
        self.top.close()
        self.top.report.close()
        return config

    def _table(self, name: str, shape: type[Table]) -> Table:
        # The only place without static types: `schema.key` has checked that kind, default and field agree.
        table = self.top.table(name)
        values: dict[str, Any] = {}
        for spec in fields(shape):
            kind: Kind[Any] = spec.metadata["kind"]
            word = spec.metadata["name"] or spec.name
            value = table.need(word, kind) if spec.default is MISSING else table.get(word, kind, spec.default)
            values[spec.name] = self._resolved(value, kind)
        table.close()
        return shape(**values)

    def _resolved(self, value: Any, kind: "Kind[Any]") -> Any:  # noqa: ANN401  see _table
        """Relative paths made absolute: sockets, captures and databases in the state directory, the rest beside us."""
        match value:
            case Unix(path):
                return Unix(self.found.state / path)
            case Capture(folder):
                return Capture(self.found.state / folder)
            case Sqlite(path):
                return Sqlite(self.found.state / path)
            case tuple():
                return tuple(self._resolved(item, kind) for item in value)
            case Path():
                beside = self.found.file.parent
                return beside / value if kind is FOLDER else place(str(value), beside, self.environ)
            case _:
                return value
