"""Letters that came back: what is kept of them, and what tells whether an address is alive."""

from datetime import datetime, timedelta

from mailflow.mail.address import Address
from mailflow.model.bounce import Bounce
from mailflow.model.decision import Muted
from mailflow.store.outbox import OutboxWriter
from mailflow.store.schema import FOR_ORGANISERS
from mailflow.store.session import Session, moment_of, moment_or_none, text_of

# A server tries for days before it gives up (RFC 5321 §4.5.4.1): before that, silence is no success.
SETTLED = timedelta(days=5)


class BounceReader(Session):
    """Found by person; each look is at the letters of one, or at a bounded number of rows."""

    def bounces(self, event: str, number: int, limit: int = 50) -> tuple[Bounce, ...]:
        """The newest first."""
        rows = self.all(
            """SELECT number, letter, at, severity, reason FROM bounces WHERE event = ? AND number = ?
            ORDER BY at DESC LIMIT ?""",
            event,
            number,
            limit,
        )
        return tuple(Bounce(row[0], row[1], moment_of(row[2]), row[3], row[4]) for row in rows)

    def reached(self, event: str, number: int, address: Address, now: datetime) -> datetime | None:
        """When a letter to that registration last stayed where it went, or a proved mail of its owner came."""
        letter = self.one(
            """SELECT max(created) FROM outbox AS o WHERE event = ? AND number = ? AND state = 'sent' AND created <= ?
              AND NOT EXISTS (SELECT 1 FROM bounces AS b
                WHERE b.event = o.event AND b.number = o.number AND b.letter = o.reference)""",
            event,
            number,
            text_of(now - SETTLED),
        )
        mail = self.one(
            """SELECT max(received) FROM inbox WHERE event = ? AND sender <> '' AND sender COLLATE NOCASE = ?
            AND proof IN ('dkim', 'relay', 'spf')""",
            event,
            str(address),
        )
        found = [moment for row in (letter, mail) if row and (moment := moment_or_none(row[0])) is not None]
        return max(found, default=None)

    def first_letter(self, event: str, number: int, since: datetime) -> str:
        """The reference of the first letter to that registration from then on, "" when there is none."""
        row = self.one(
            "SELECT reference FROM outbox WHERE event = ? AND number = ? AND created >= ? ORDER BY id LIMIT 1",
            event,
            number,
            text_of(since),
        )
        return row[0] if row else ""

    def letter_to(self, event: str, address: Address, since: datetime) -> str:
        """The reference of the newest letter to that address that was sent since then, "" when there is none."""
        row = self.one(
            f"""SELECT reference FROM outbox WHERE event = ? AND recipient <> '' AND recipient COLLATE NOCASE = ?
            AND sent_at >= ? AND kind NOT IN {FOR_ORGANISERS} ORDER BY id DESC LIMIT 1""",  # noqa: S608  our own words
            event,
            str(address),
            text_of(since),
        )
        return row[0] if row else ""


class BounceWriter(OutboxWriter):
    """What a decision about one changes."""

    def note_bounce(self, bounce: Bounce, event: str) -> None:
        """Once for each letter and severity."""
        self.change(
            """INSERT INTO bounces (event, number, letter, at, severity, reason) VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT DO NOTHING""",
            event,
            bounce.number,
            bounce.letter,
            text_of(bounce.at),
            bounce.severity,
            bounce.reason,
        )

    def mute(self, muted: Muted, event: str, now: datetime) -> None:
        """Letters about that registration that wait to go to that address end as dropped."""
        rows = self.all(
            """SELECT id FROM outbox WHERE event = ? AND number = ? AND state = 'due'
            AND recipient <> '' AND recipient COLLATE NOCASE = ?""",
            event,
            muted.number,
            str(muted.address),
        )
        for row in rows:
            self.drop_letter(row[0], "letters come back", now)
