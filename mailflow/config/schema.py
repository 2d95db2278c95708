"""All of mailflow.toml as frozen values. Keys, kinds and defaults stand here and nowhere else (operations.md §2).

Files and folders are absolute, once loaded. A field is named as its key, but for `max_size` (which has no unit).
"""

# ruff: noqa: RUF009  (`key` and `required` are dataclasses.field with a kind; they share no state)
from dataclasses import dataclass, field
from datetime import time, timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Literal, TypeVar

from mailflow.config import places, values
from mailflow.config.places import Capture, Listen, Postgres, Relay, Sqlite, Tcp
from mailflow.config.values import BOOLEAN, COUNT, COUNT_OR_ZERO, DURATION, Kind, Network, one_of, optional
from mailflow.mail.address import Address
from mailflow.model.event import DigestRhythm

T = TypeVar("T")


def key(kind: Kind[T], default: T, name: str = "") -> T:
    """A key of the file, its kind and its default. `name`: the file's word, where it is not the field's."""
    return field(default=default, metadata={"kind": kind, "name": name})


def required(kind: Kind[T]) -> T:
    """A key that the file must have."""
    found: T = field(metadata={"kind": kind, "name": ""})
    return found


PROTOCOL: Kind[Literal["smtp", "lmtp"]] = one_of("smtp", "lmtp")
REQUIRE: Kind[Literal["aligned", "confirm"]] = one_of("aligned", "confirm")
ON_DECLINE: Kind[Literal["cancel", "ask"]] = one_of("cancel", "ask")
RHYTHM: Kind[DigestRhythm] = one_of("changed", "daily", "weekly")
FORMAT: Kind[Literal["auto", "text", "json"]] = one_of("auto", "text", "json")
LEVEL: Kind[Literal["debug", "info", "warning", "error"]] = one_of("info", "debug", "warning", "error")
NAMES: Kind[Literal["hash", "plain"]] = one_of("hash", "plain")
# Not the hyphen, though qmail likes it: the names of events have hyphens.
PLUS = one_of("+", "=", "_", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Who runs this. `event_makers` are addresses, and domains as `*@domain`, that may make events by mail.

    `events` and `templates` are folders, `key_file` holds the secret behind every Seal.
    """

    domain: str = required(values.DOMAIN)
    name: str = required(values.TEXT)
    contact: Address = required(values.ADDRESS)
    timezone: str = required(values.TIMEZONE)
    languages: tuple[str, ...] = key(values.LANGUAGES, ("en", "sv"))
    event_makers: tuple[str, ...] = key(values.MAKERS, ())
    plus: str = key(PLUS, "+")
    events: Path = key(places.FOLDER, Path("events"))
    templates: Path = key(places.FOLDER, Path("templates"))
    key_file: Path = key(places.SECRET, Path("secret.key"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """The database."""

    url: Sqlite | Postgres = key(places.DATABASE, Sqlite(Path("mailflow.db")))


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """The door. `allow` () lets everyone connect (direct MX). `hostname` "" means the machine's own name."""

    listen: tuple[Listen, ...] = key(places.LISTENS, (Tcp("127.0.0.1", 2525),))
    protocol: Literal["smtp", "lmtp"] = key(PROTOCOL, "smtp")
    hostname: str = key(values.HOSTNAME, "")
    max_size_octets: int = key(values.SIZE, 10 * 1024 * 1024, "max_size")
    max_connections: int = key(COUNT, 100)
    max_connections_per_address: int = key(COUNT, 10)
    idle_timeout: timedelta = key(DURATION, timedelta(seconds=60))
    allow: tuple[Network, ...] = key(values.NETWORKS, (ip_network("127.0.0.0/8"), ip_network("::1")))
    proxy_protocol: bool = key(BOOLEAN, False)
    tls_cert_file: Path | None = key(places.OPTIONAL_FILE, None)
    tls_key_file: Path | None = key(places.OPTIONAL_SECRET, None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """Whom we believe about senders (trust.md §1.4, §2.1)."""

    authserv_ids: tuple[str, ...] = key(values.AUTHSERV_IDS, ())
    verify_dkim: bool = key(BOOLEAN, True)
    spf: bool = key(BOOLEAN, False)
    require: Literal["aligned", "confirm"] = key(REQUIRE, "aligned")


_RETRY = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=6),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """The way out. `retry[n]` is the wait after the n-th failure; the last one repeats until `give_up`."""

    relay: Relay | Capture = key(places.RELAY, Relay("smtp", "127.0.0.1", 25))
    username: str = key(values.LINE, "")
    password_file: Path | None = key(places.OPTIONAL_SECRET, None)
    per_connection: int = key(COUNT, 20)
    retry: tuple[timedelta, ...] = key(values.DURATIONS, _RETRY)
    give_up: timedelta = key(DURATION, timedelta(days=3))


@dataclass(frozen=True, slots=True, kw_only=True)
class Dkim:
    """Our signature. `key_file` is PEM (RSA-2048, PKCS#1 or PKCS#8) and need not exist where `sign` is false."""

    sign: bool = key(BOOLEAN, True)
    selector: str = key(values.SELECTOR, "mf1")
    key_file: Path = key(places.SECRET, Path("dkim.key"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much we write (trust.md §4). `letters_per_hour` 0: no limit."""

    answers_per_hour: int = key(COUNT, 3)
    answers_per_day: int = key(COUNT, 20)
    unproven_per_day: int = key(COUNT_OR_ZERO, 1)
    letters_per_hour: int = key(COUNT_OR_ZERO, 2000)
    confirm_within: timedelta = key(DURATION, timedelta(hours=48))


@dataclass(frozen=True, slots=True, kw_only=True)
class Letters:
    """How letters look, and between which local times reminders keep quiet (it may span midnight)."""

    accent: str = key(values.COLOUR, "#0b5cad")
    schema_org: bool = key(BOOLEAN, False)
    quiet_from: time = key(values.TIME, time(21, 0))
    quiet_to: time = key(values.TIME, time(7, 0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """What invitations ask for. `alarm` is how long before the start, None for no alarm."""

    ask: bool = key(BOOLEAN, True)
    on_decline: Literal["cancel", "ask"] = key(ON_DECLINE, "cancel")
    alarm: timedelta | None = key(optional(DURATION, 'a duration, or ""'), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """When organisers hear from us, unless their entry in the event file says otherwise."""

    at: time = key(values.TIME, time(7, 0))
    when: DigestRhythm = key(RHYTHM, "changed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """How long things are kept: counted from the event's end, `raw_mail` from arrival."""

    people: timedelta = key(DURATION, timedelta(days=30))
    sensitive: timedelta = key(values.SPAN, timedelta(days=7))
    raw_mail: timedelta = key(DURATION, timedelta(days=14))
    backups: timedelta = key(DURATION, timedelta(days=14))


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """The journal."""

    format: Literal["auto", "text", "json"] = key(FORMAT, "auto")
    level: Literal["debug", "info", "warning", "error"] = key(LEVEL, "info")
    addresses: Literal["hash", "plain"] = key(NAMES, "hash")


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """Where /healthz and /metrics are served; None: nowhere."""

    listen: Listen | None = key(places.HEALTH, Tcp("127.0.0.1", 8080))


@dataclass(frozen=True, slots=True)
class EventDefaults:
    """What the site says where an event file is silent, and the languages that organisers may be written to in."""

    languages: tuple[str, ...] = ("en", "sv")
    digest: Digest = Digest()
    people: timedelta = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """mailflow.toml with the environment's words on top. `file` is where it came from, `state` the state directory."""

    file: Path
    state: Path
    site: Site
    store: Store
    intake: Intake
    trust: Trust
    outgoing: Outgoing
    dkim: Dkim
    limits: Limits
    letters: Letters
    calendar: Calendar
    digest: Digest
    retention: Retention
    log: Log
    health: Health

    @property
    def event_defaults(self) -> EventDefaults:
        """What its event files start from."""
        return EventDefaults(self.site.languages, self.digest, self.retention.people)
