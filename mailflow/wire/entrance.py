"""What the sessions of one way in share, and what one of them keeps of the mail in hand."""

import ssl
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from mailflow.mail.address import Address
from mailflow.wire.door import Door, DoorLimits
from mailflow.wire.gate import Gate
from mailflow.wire.path import MailCommand

if TYPE_CHECKING:
    from mailflow.wire.connection import Connection


@dataclass(slots=True, eq=False)
class Entrance:
    """What all sessions of one listening place share."""

    door: Door
    limits: DoorLimits
    gate: Gate
    protocol: Literal["smtp", "lmtp"]
    hostname: str
    domain: str
    direct: bool
    proxied: bool = False
    tls: ssl.SSLContext | None = None
    sessions: set["Connection"] = field(default_factory=set)


@dataclass(slots=True)
class Transaction:
    """From MAIL to the end of data (RFC 5321 §3.3). Takes the place of aiosmtpd's Envelope."""

    mail: MailCommand | None = None
    paths: list[Address] = field(default_factory=list)
