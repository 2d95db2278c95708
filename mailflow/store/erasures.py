"""Who was erased where, as keyed hashes; and who is named by what rows, to find them in a database that is older."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from mailflow.mail.address import Address
from mailflow.store.session import Session, WriteSession, address_of, text_of

# Where an address may stand.
PLACES = (
    ("inbox", "sender"), ("inbox", "reverse_path"), ("outbox", "recipient"), ("challenges", "address"),
    ("questions", "sender"), ("announcements", "by_whom"),
)  # fmt: skip


class ErasuresReader(Session):
    """What is known of erasures."""

    def events(self) -> tuple[str, ...]:
        """All that the store has met, also those whose file is gone."""
        return tuple(row[0] for row in self.all("SELECT event FROM event_states ORDER BY event"))

    def addresses(self, event: str) -> Iterator[Address]:
        """Every address that a row of the event names, in each spelling once for each place."""
        for table, column in (*PLACES, ("registrations", "address")):
            rows = self.sql.execute(
                f"SELECT DISTINCT {column} FROM {table} WHERE event = ? AND {column} <> ''",  # noqa: S608  our own names
                (event,),
            )
            for row in rows.fetchall():
                yield address_of(row[0])

    def stays_erased(self, event: str, who: str) -> bool:
        """Whether the erasure of that keyed hash stands: nobody by that hash has come back since."""
        return self.one("SELECT 1 FROM erasures WHERE event = ? AND who = ? AND NOT lifted", event, who) is not None

    def knows_erasure(self, event: str, who: str, at: datetime) -> bool:
        """Whether this database knows of an erasure of that hash at that time, or later."""
        row = self.one("SELECT 1 FROM erasures WHERE event = ? AND who = ? AND at >= ?", event, who, text_of(at))
        return row is not None


class ErasuresWriter(ErasuresReader, WriteSession):
    """What is remembered of them."""

    def note_erasure(self, event: str, who: str, now: datetime) -> None:
        """`who` is a keyed hash of the address: it stops letters after a restored backup, and tells nothing else."""
        self.change(
            """INSERT INTO erasures (event, who, at) VALUES (?, ?, ?) ON CONFLICT DO UPDATE
            SET at = excluded.at, lifted = 0 WHERE excluded.at > at""",
            event,
            who,
            text_of(now),
        )

    def lift_erasure(self, event: str, who: str) -> None:
        """They came back by themselves. The row stays: it says that this database has seen that erasure."""
        self.change("UPDATE erasures SET lifted = 1 WHERE event = ? AND who = ? AND NOT lifted", event, who)

    def forget_erasures(self, before: datetime, besides: Sequence[str]) -> None:
        """The hashes of those erased earlier, but for the events named `besides`."""
        marks = ", ".join("?" * len(besides))
        self.change(f"DELETE FROM erasures WHERE at < ? AND event NOT IN ({marks})", text_of(before), *besides)  # noqa: S608  marks only
