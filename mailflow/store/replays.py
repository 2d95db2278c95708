"""What makes a mail known again: keyed hashes of its signatures, and of the Message-ID of a command (trust.md §3)."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from mailflow.store.session import WriteSession, text_of

_KEPT = timedelta(days=30)
# A mail has at most eight signatures, and one Message-ID.
_MOST = 9


class ReplayWriter(WriteSession):
    """A row for each mark; the first mail that brings one keeps it for thirty days."""

    def first_with(self, event: str, marks: Sequence[str], mail: int, now: datetime) -> int | None:
        """The earlier mail to this event that came with one of these marks, None if `mail` is the first with each.

        In either case they are noted: one statement, which looks at no other rows. The same mail may ask again.
        """
        wanted = tuple(dict.fromkeys(marks))[:_MOST]
        if not wanted:
            return None
        at = text_of(now)
        rows = self.all(
            f"""INSERT INTO replays (event, mark, mail, at) VALUES {", ".join(["(?, ?, ?, ?)"] * len(wanted))}
            ON CONFLICT (event, mark) DO UPDATE SET
              mail = iif(at < ?, excluded.mail, mail), at = iif(at < ?, excluded.at, at)
            RETURNING mail""",  # noqa: S608  marks of places only
            *(value for mark in wanted for value in (event, mark, mail, at)),
            *[text_of(now - _KEPT)] * 2,
        )
        return min((row[0] for row in rows if row[0] != mail), default=None)
