"""The ways out that are no success: a sentence on stderr, and an exit status (operations.md §1). Imports only click."""

from typing import NoReturn

import click

FAILED, USAGE, PROBLEMS, NOTHING = 1, 2, 3, 4
TEMPORARY, CONFIGURATION = 75, 78
# What else an MTA's pipe understands (sysexits.h).
UNUSABLE, UNKNOWN, REFUSED = 65, 67, 77


class Failure(click.exceptions.Exit):
    """Leave with `exit_code`; the root says `text` on stderr."""

    def __init__(self, text: str, status: int) -> None:
        super().__init__(status)
        self.text = text


def fail(text: str, status: int) -> NoReturn:
    """Say why, and leave."""
    raise Failure(text, status)
