"""What can go wrong below, in a sentence and an exit status."""

import sqlite3

from mailflow.cli.leaving import CONFIGURATION, FAILED, TEMPORARY, Failure
from mailflow.config.problems import ConfigError
from mailflow.store.protocol import Busy
from mailflow.store.session import StoreError
from mailflow.wire.place import PlaceError


def failure_of(error: Exception) -> Failure | None:
    """The Failure that `error` is or amounts to; None for a fault of ours, which wants its trace."""
    match error:
        case Failure():
            return error
        case ConfigError():
            return Failure(str(error), CONFIGURATION)
        case PlaceError():
            return Failure(f"intake.listen or health.listen: {error}", CONFIGURATION)
        case Busy():
            return Failure("The database is locked; try again.", TEMPORARY)
        case StoreError():
            return Failure(str(error), FAILED)
        case sqlite3.DatabaseError():
            return Failure(f"The database: {error}", FAILED)
        case OSError():
            what = error.strerror or str(error)
            return Failure(f"{error.filename}: {what}" if error.filename else what, FAILED)
        case _:
            return None
