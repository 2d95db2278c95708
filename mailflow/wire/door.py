"""What a way in asks of the service, and the limits it keeps by itself. It only translates; it decides nothing."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from mailflow.mail.address import Address
from mailflow.mail.envelope import Envelope
from mailflow.mail.reply import Reply


@dataclass(frozen=True, slots=True)
class DoorLimits:
    """trust.md §7, with its defaults."""

    max_size_octets: int = 10 * 1024 * 1024
    max_connections: int = 100
    max_connections_per_address: int = 10
    new_per_minute: int = 60
    idle: timedelta = timedelta(seconds=60)
    session: timedelta = timedelta(seconds=600)
    proxy_header: timedelta = timedelta(seconds=5)
    data_octets_per_second: int = 500
    data_grace: timedelta = timedelta(seconds=60)
    commands_without_delivery: int = 100
    wrong_commands: int = 10
    messages: int = 50
    command_octets: int = 2048
    recipients: int = 50
    line_octets: int = 65_536
    memory_octets: int = 128 * 1024 * 1024


class Door(Protocol):
    """The service, as a way in sees it."""

    def welcome(self, path: Address) -> Reply | None:
        """None when mail for `path` is taken, else the refusal (RFC 5321 §4.3.2). Fast: no database, no waiting."""

    def ready(self) -> Reply | None:
        """None when DATA may begin, else 452 (disk low, too much waiting). Fast."""

    async def receive(self, envelope: Envelope, content: bytes) -> tuple[Reply, ...]:
        """Commit ①. One reply per forward-path, in order. Anything unexpected is TRY_LATER, never an exception."""
