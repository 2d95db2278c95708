"""Letters to people who have not proved themselves: how many of late, to which domain, from which network."""

from datetime import datetime, timedelta

from mailflow.mail.address import Address
from mailflow.model.decision import Asked
from mailflow.store.rows import Limited, RanOut
from mailflow.store.session import Session, WriteSession, moment_of, moment_or_none, text_of

_HOUR = timedelta(hours=1)
_LAST = 100


class AskedReader(Session):
    """What the limits of trust.md §4 count."""

    def asked(self, event: str, domain: str, network: str, now: datetime) -> Asked:
        """What was sent within the hour; `domain` and `network` are keyed hashes, "" is no network.

        A row of no domain is mail to a role address, passed on to the contact: of the site's questions it is none.
        One walk through an hour of an index. The limits of the site and of role addresses bound that hour.
        """
        row = self.one(
            """SELECT coalesce(sum(domain <> ''), 0), coalesce(sum(event = ?), 0), coalesce(sum(domain = ?), 0),
              coalesce(sum(network = ? AND network <> ''), 0) FROM asked WHERE at > ?""",
            event,
            domain,
            network,
            text_of(now - _HOUR),
        )
        assert row is not None
        site, of_event, of_domain, of_network = row
        return Asked(site, of_event, of_domain, of_network, self.ran_out(event).count)

    def ran_out(self, event: str) -> RanOut:
        """Of the last hundred questions of an event that have ended; offers of seats are not among them."""
        row = self.one(
            """SELECT count(*), max(closed_at) FROM (
              SELECT state, closed_at FROM challenges
              WHERE event = ? AND closed_at IS NOT NULL AND act <> 'offer' ORDER BY closed_at DESC LIMIT ?)
            WHERE state = 'expired'""",
            event,
            _LAST,
        )
        return RanOut(row[0], moment_or_none(row[1])) if row else RanOut()

    def forged(self, event: str, sender: Address, since: datetime, limit: int) -> tuple[datetime, ...]:
        """When mails came later than `since` whose From is that and whose domain disowns them; the oldest first."""
        rows = self.all(
            """SELECT received FROM inbox WHERE event = ? AND sender = ? COLLATE NOCASE AND proof = 'failed'
            AND received > ? ORDER BY received LIMIT ?""",
            event,
            str(sender),
            text_of(since),
            limit,
        )
        return tuple(moment_of(row[0]) for row in rows)

    def limited(self, event: str, prefix: str, since: datetime) -> tuple[Limited, ...]:
        """Mails that wait for a reason that begins so, and those that came later than `since` and failed for one.

        A walk through all that waits or has failed: for a digest, never on the path of a mail.
        """
        rows = self.all(
            """SELECT reason, count(*), min(received) FROM (
              SELECT reason, received FROM inbox
                WHERE next_attempt IS NOT NULL AND state = 'waiting' AND event = ?1 AND instr(reason, ?2) = 1
              UNION ALL SELECT reason, received FROM inbox
                WHERE state = 'failed' AND event = ?1 AND instr(reason, ?2) = 1 AND received > ?3)
            GROUP BY reason ORDER BY reason""",
            event,
            prefix,
            text_of(since),
        )
        return tuple(Limited(row[0], row[1], moment_of(row[2])) for row in rows)

    def sent_since(self, since: datetime, limit: int) -> int:
        """How many letters were taken later than that; `limit` at most are counted."""
        row = self.one(
            "SELECT count(*) FROM (SELECT 1 FROM outbox WHERE sent_at > ? LIMIT ?)", text_of(since), max(limit, 0)
        )
        return row[0] if row else 0


class AskedWriter(AskedReader, WriteSession):
    """One row a letter."""

    def count_asked(self, event: str, domain: str, network: str, now: datetime) -> None:
        self.change(
            "INSERT INTO asked (at, event, domain, network) VALUES (?, ?, ?, ?)", text_of(now), event, domain, network
        )
