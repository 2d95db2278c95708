"""Where mailflow listens, sends and stores: short texts in the file, values in here."""

import re
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Literal
from urllib.parse import SplitResult, urlsplit

from mailflow.config.values import Kind, many, optional


@dataclass(frozen=True, slots=True)
class Tcp:
    """An IP address and a port; port 0 lets the system pick one."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Unix:
    """A socket in the file system. A relative path counts from the state directory."""

    path: Path

    def __str__(self) -> str:
        return f"unix:{self.path}"


@dataclass(frozen=True, slots=True)
class Inherited:
    """A socket that systemd hands over; `name` is its FileDescriptorName."""

    name: str

    def __str__(self) -> str:
        return f"systemd:{self.name}"


Listen = Tcp | Unix | Inherited


@dataclass(frozen=True, slots=True)
class Relay:
    """The server that takes our letters. "smtp": STARTTLS if offered; "smtp+tls": required; "smtps": TLS at once."""

    scheme: Literal["smtp", "smtp+tls", "smtps"]
    host: str
    port: int

    def __str__(self) -> str:
        return f"{self.scheme}://{Tcp(self.host, self.port)}"


@dataclass(frozen=True, slots=True)
class Capture:
    """No relay: letters become files in `folder`. A relative path counts from the state directory."""

    folder: Path

    def __str__(self) -> str:
        return f"capture:{self.folder}"


@dataclass(frozen=True, slots=True)
class Sqlite:
    """One file. A relative path counts from the state directory."""

    path: Path

    def __str__(self) -> str:
        return f"sqlite:{self.path}"


@dataclass(frozen=True, slots=True)
class Postgres:
    """A server, as a libpq URL without password (that stands in its own ~/.pgpass or service file)."""

    url: str

    def __str__(self) -> str:
        return self.url


_FD_NAME = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")
_PORTS: dict[Literal["smtp", "smtp+tls", "smtps"], int] = {"smtp": 25, "smtp+tls": 587, "smtps": 465}


def _path(text: str) -> Path:
    if not text or not text.isprintable():
        raise ValueError("a path must follow the colon")
    return Path(text)


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 5 and int(text) <= 65_535):
        raise ValueError("the port must be a number up to 65535")
    return int(text)


def _split(raw: str) -> SplitResult:
    # The library's own error texts quote the URL, and there may be a password in it.
    try:
        parts = urlsplit(raw)
        _ = parts.port, parts.hostname
    except ValueError:
        raise ValueError("this is not a URL") from None
    return parts


def _listen(raw: object) -> Listen:
    if not isinstance(raw, str):
        raise ValueError  # noqa: TRY004  every reader of a Kind raises ValueError
    scheme, _, rest = raw.partition(":")
    if scheme == "unix":
        return Unix(_path(rest))
    if scheme == "systemd":
        if not _FD_NAME.fullmatch(rest):
            raise ValueError("the FileDescriptorName of the socket unit must follow the colon")
        return Inherited(rest)
    host, colon, port = raw.rpartition(":")
    if not colon:
        raise ValueError("the port is missing")
    if host.startswith("[") and host.endswith("]"):
        return Tcp(str(ip_address(host[1:-1])), _port(port))
    if ":" in host:
        raise ValueError("an IPv6 address stands in brackets")
    # A name may mean several addresses; one line of the file is one socket. localhost is the exception that means one.
    return Tcp("127.0.0.1" if host == "localhost" else str(ip_address(host)), _port(port))


def _relay(raw: object) -> Relay | Capture:
    if not isinstance(raw, str):
        raise ValueError  # noqa: TRY004  every reader of a Kind raises ValueError
    if raw.startswith("capture:"):
        return Capture(_path(raw.removeprefix("capture:")))
    parts = _split(raw)
    if "@" in parts.netloc:
        raise ValueError("user name and password have keys of their own: username, password_file")
    scheme = next((known for known in _PORTS if known == parts.scheme), None)
    if scheme is None:
        raise ValueError("it must begin with smtp://, smtp+tls://, smtps:// or capture:")
    if parts.path not in ("", "/") or parts.query or parts.fragment or not parts.hostname:
        raise ValueError("a host and a port, nothing else")
    host = parts.hostname
    if ":" in host:
        host = str(ip_address(host))
    elif not _HOST.fullmatch(host):
        raise ValueError("this is not a host name")
    return Relay(scheme, host, _PORTS[scheme] if parts.port is None else parts.port)


def _database(raw: object) -> Sqlite | Postgres:
    if not isinstance(raw, str):
        raise ValueError  # noqa: TRY004  every reader of a Kind raises ValueError
    scheme, _, rest = raw.partition(":")
    if scheme == "sqlite":
        if rest.startswith("//"):
            raise ValueError("a path without // must follow sqlite:")
        return Sqlite(_path(rest))
    parts = _split(raw)
    if parts.scheme not in ("postgresql", "postgres") or not parts.netloc:
        raise ValueError("it must begin with sqlite: or postgresql://")
    if parts.password is not None or "password" in parts.query.lower():
        raise ValueError("a password does not belong in here: use ~/.pgpass or passfile=")
    return Postgres(raw)


LISTEN: Kind[Listen] = Kind("IP:port, unix:PATH or systemd:NAME", '"127.0.0.1:2525"', _listen)
LISTENS = many(LISTEN, "a list of IP:port, unix:PATH, systemd:NAME", '["127.0.0.1:2525"]', least=1, most=20)
HEALTH = optional(LISTEN, 'IP:port, unix:PATH or ""')
RELAY: Kind[Relay | Capture] = Kind(
    "smtp://HOST, smtp+tls://HOST, smtps://HOST or capture:FOLDER", '"smtp://127.0.0.1:25"', _relay, private=True
)
DATABASE: Kind[Sqlite | Postgres] = Kind(
    "sqlite:FILE or postgresql://…", '"sqlite:mailflow.db"', _database, private=True
)


def _file(raw: object) -> Path:
    if not isinstance(raw, str) or not raw.strip():
        raise ValueError
    return _path(raw)


FOLDER = Kind("the name of a folder", '"events"', _file)
SECRET = Kind("the name of a file", '"secret.key"', _file)
OPTIONAL_FILE = optional(Kind("", '"tls.pem"', _file), 'the name of a file, or ""')
OPTIONAL_SECRET = optional(Kind("", '"relay.password"', _file), 'the name of a file, or ""')
