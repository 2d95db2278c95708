"""Opening the house: configuration, events, keys, templates and database become running values."""

import fcntl
import os
import sys
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path

from mailflow.config.event import load_events
from mailflow.config.face import face
from mailflow.config.places import Sqlite
from mailflow.config.problems import ConfigError, Problem
from mailflow.config.schema import Config
from mailflow.config.secrets import read_seal
from mailflow.journal import Journal, names
from mailflow.model.announced import shown_of
from mailflow.model.event import Event, EventState
from mailflow.model.seal import Seal
from mailflow.proof.signer import Signer
from mailflow.render import Renderer, Site
from mailflow.service.changed import to_be_told
from mailflow.service.clock import Clock
from mailflow.service.house import House
from mailflow.store import open_store
from mailflow.store.protocol import Reader, Store, Writer
from mailflow.zonefile import zone_octets


@dataclass(frozen=True, slots=True)
class Keys:
    """Secrets as they are used: the seal of references, and the DKIM signer (None: the relay signs)."""

    seal: Seal
    signer: Signer | None


def load_keys(config: Config) -> Keys:
    """Read the key files. Raises ConfigError with every problem."""
    problems: list[Problem] = []
    seal, signer = Seal(b""), None
    try:
        seal = read_seal(config.site.key_file)
    except ConfigError as error:
        problems += error.problems
    if config.dkim.sign:
        try:
            signer = Signer.load(config.dkim.key_file.read_bytes(), config.site.domain, config.dkim.selector)
        except OSError:
            problems.append(
                Problem(str(config.dkim.key_file), "dkim.key_file", "a readable key file", "mailflow keygen")
            )
        except ValueError as error:
            problems.append(Problem(str(config.dkim.key_file), "dkim.key_file", str(error), "mailflow keygen"))
    if problems:
        raise ConfigError(problems)
    return Keys(seal, signer)


def build_house(config: Config, keys: Keys, clock: Clock, journal: Journal | None = None) -> House:
    """Everything but the database. Raises ConfigError where an event file is wrong."""
    events = load_events(config.site.events, config.site.domain, config.event_defaults)
    return House(
        config=config,
        events={event.id: event for event in events},
        seal=keys.seal,
        renderer=build_renderer(config, keys.seal),
        journal=journal or build_journal(config, keys.seal),
        clock=clock,
    )


def build_renderer(config: Config, seal: Seal) -> Renderer:
    """Templates of the site before the shipped ones."""
    return Renderer(
        Site(
            domain=config.site.domain,
            name=config.site.name,
            contact=str(config.site.contact),
            plus=config.site.plus,
            languages=config.site.languages,
            accent=config.letters.accent,
            confirm_within=config.limits.confirm_within,
            calendar_ask=config.calendar.ask,
            calendar_alarm=config.calendar.alarm,
            folders=(config.site.events, config.site.templates),
            backups=config.retention.backups,
        ),
        seal,
        zone_octets,
    )


def build_journal(config: Config, seal: Seal) -> Journal:
    """The mail log on stderr; a hash for each address unless the site asks for the plain ones."""
    return Journal(sys.stderr, config.log.format, config.log.level, names(seal, config.log.addresses))


def open_house(config: Config, clock: Clock) -> tuple[House, Keys]:
    """Keys and house together, for whoever starts: one ConfigError with the problems of keys and events."""
    problems: list[Problem] = []
    keys = Keys(Seal(b""), None)
    try:
        keys = load_keys(config)
    except ConfigError as error:
        problems += error.problems
    try:
        house = build_house(config, keys, clock)
    except ConfigError as error:
        problems += error.problems
    if problems:
        raise ConfigError(problems)
    return house, keys


def sync_events(house: House, writer: Writer) -> tuple[tuple[str, int], ...]:
    """Tell the store what the event files say; what an organiser said later stays (operations.md §3).

    The events of which people are going to be told a change, each with how many.
    """
    told = []
    for event in house.events.values():
        sync_event(house, writer, event)
        # Only the service says this, when it begins to answer with that file: from then on people know it.
        writer.announce(event.id, shown_of(event), house.now())
        if people := to_be_told(house, writer, event):
            told.append((event.id, people))
    return tuple(told)


def sync_event(house: House, writer: Writer, event: Event) -> None:
    """One event's values of file, and its revision."""
    opens, closes = (moment.astimezone(UTC) if moment else None for moment in (event.opens, event.closes))
    writer.sync_event(event.id, event.capacity, opens, closes, face(event), house.now())


def state_of(reader: Reader, event: Event) -> EventState:
    """What is in force for an event; for one that the store has not met, what its file says."""
    state = reader.event_state(event.id)
    if state is not None:
        return state
    opens, closes = (moment.astimezone(UTC) if moment else None for moment in (event.opens, event.closes))
    return EventState(event.capacity, opens, closes)


def database_path(config: Config) -> Path:
    """The file of the database. ConfigError for an engine that this version does not have."""
    if not isinstance(config.store.url, Sqlite):
        raise ConfigError([Problem(str(config.file), "store.url", "sqlite:FILE in this version", "sqlite:mailflow.db")])
    return config.store.url.path


def open_site_store(config: Config) -> Store:
    """The database of the site, not yet migrated; made where there is none."""
    config.state.mkdir(parents=True, exist_ok=True)
    return open_store(f"sqlite:{database_path(config)}", config.state)


def read_site_store(config: Config) -> Store:
    """The same for somebody who changes no row, and waits for nobody who does. Raises where there is none."""
    return open_store(f"sqlite:{database_path(config)}", config.state, read_only=True)


class Presence:
    """Whether this is the only service on its database: a lock on a file, which the kernel lets go of at any death."""

    def __init__(self, state: Path) -> None:
        self._file = os.open(state / "serving.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def alone(self) -> bool:
        """True when no other service runs on this database; call once, before `join`."""
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True

    def join(self) -> None:
        """Be seen by those who start later."""
        fcntl.flock(self._file, fcntl.LOCK_SH)

    def leave(self) -> None:
        """Not seen any more."""
        os.close(self._file)
