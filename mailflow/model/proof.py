"""How sure we are of the sender (trust.md §1.1). Made in `proof/`, weighed in `desk/`."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

# A token is no proof of a mail: whoever answers a challenge proves that he reads the mailbox (trust.md §1.1, T).
Level = Literal["S", "A", "M", "N", "F"]
How = Literal["dkim", "relay", "spf", "none", "failed"]


@dataclass(frozen=True, slots=True)
class Proof:
    """The verdict on one mail. `domain` is the one that vouches, "" without proof.

    `pending` means that DNS gave no answer in time: neither proof nor guilt, the mail is tried again (trust.md §1.5).
    `signatures` are SHA-256 hex digests of each DKIM `b=` that vouches, decoded, and `signed` is when that was done,
    `t=` or else the signed Date; None where nobody vouches for a time. For the replay index and the freshness of
    commands (trust.md §3).
    """

    level: Level
    how: How
    domain: str = ""
    full: bool = False
    details: tuple[str, ...] = ()
    pending: bool = False
    signatures: tuple[str, ...] = ()
    signed: datetime | None = None

    @property
    def aligned(self) -> bool:
        """The From domain, or its organisation, vouches for this mail: S, A or M."""
        return self.level in ("S", "A", "M")


UNPROVED = Proof("N", "none")
