"""What a check says."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of a check."""

    what: str
    result: Literal["ok", "warning", "problem"]
    text: str
