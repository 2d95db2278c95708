"""What the door knows of a mail before anybody has looked inside it."""

from dataclasses import dataclass
from typing import Literal

from mailflow.mail.address import Address

Via = Literal["smtp", "lmtp", "imap", "pipe"]


@dataclass(frozen=True, slots=True)
class Peer:
    """Who handed the mail over. `host` is an IP address, or "" for pipes, Unix sockets and a proxy that does not say.

    `relay` is true when only our own mail servers can be this peer (it is named by `intake.allow`, or the way in is
    LMTP, a pipe or IMAP): then their Authentication-Results may count, and a bad mail is kept, not refused.
    `helo` is what a stranger called himself, as it came, for SPF alone; "" of a relay.
    """

    host: str = ""
    relay: bool = False
    helo: str = ""


@dataclass(frozen=True, slots=True)
class Envelope:
    """RFC 5321 §2.3.1. `reverse_path` None is the null path `<>`, which is never answered."""

    reverse_path: Address | None
    forward_paths: tuple[Address, ...]
    via: Via
    peer: Peer = Peer()
    smtputf8: bool = False
