"""Letters that came back: what is kept of each, for as long as it counts."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

# hard: nobody has that address; soft: this time it was not taken; ours: it is our mail that is not wanted there; named:
# somebody says that the address failed, and gives back nothing that only we could have written.
Severity = Literal["named", "ours", "soft", "hard"]
# What a later report about the same letter may still add to an earlier one.
WEIGHT: dict[Severity, int] = {"named": 0, "ours": 1, "soft": 2, "hard": 3}


@dataclass(frozen=True, slots=True)
class Bounce:
    """One letter to registration `number` came back. `letter` is its reference, `reason` a sentence of ours."""

    number: int
    letter: str
    at: datetime
    severity: Severity
    reason: str
