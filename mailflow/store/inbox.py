"""Mail that came in: kept, claimed with a lease, closed with a named end."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, cast

from mailflow.store.rows import Inbound, InboxEntry, Incoming, Kept, Verdict
from mailflow.store.session import (
    Row,
    Session,
    StoreError,
    WriteSession,
    address_of,
    address_or_none,
    json_of,
    moment_of,
    moment_or_none,
    plain,
    text_of,
    text_or_null,
)

if TYPE_CHECKING:
    from mailflow.model.decision import MailState

_ENTRY = """SELECT id, event, received, state, attempts, next_attempt, coalesce(reverse_path, ''), forward_path,
  size_octets, reason, intent, proof, letter, number, sender, subject, evidence FROM inbox"""

# One claim never loads more than this into memory, but always at least one mail.
_CLAIM_OCTETS = 32 * 1024 * 1024


class InboxReader(Session):
    """Mail as people see it."""

    def mail_entry(self, mail: int) -> InboxEntry | None:
        row = self.one(f"{_ENTRY} WHERE id = ?", mail)
        return _entry(row) if row else None

    def mail_octets(self, mail: int) -> bytes | None:
        """As it came; None for a duplicate, for a purged mail, and when there is no such mail."""
        row = self.one("SELECT octets FROM raw WHERE id = (SELECT raw FROM inbox WHERE id = ?)", mail)
        return bytes(row[0]) if row else None

    def mails(
        self, *, state: str | None = None, event: str | None = None, since: datetime | None = None,
        without: str | None = None, reason: str | None = None, limit: int = 200,
    ) -> tuple[InboxEntry, ...]:  # fmt: skip
        """Newest first; `since`: received later than that; `without`: no reason that begins so; `reason`: this one."""
        rows = self.list_rows(
            _ENTRY,
            (
                # Said in so many words, the small index of failed mails answers.
                ("state = 'failed' AND state = ?" if state == "failed" else "state = ?", state),
                ("event = ?", event),
                ("received > ?", text_or_null(since)),
                ("instr(reason, ?) <> 1", without),
                ("reason = ?", reason),
            ),
            limit,
        )
        return tuple(_entry(row) for row in rows)


class InboxWriter(InboxReader, WriteSession):
    """Mail on its way through."""

    def keep(self, mails: Sequence[Incoming], now: datetime) -> tuple[Kept, ...]:
        """Commit ①. Mails that share one `octets` object (one DATA, many recipients) share one copy on disk."""
        at = text_of(now)
        copies: dict[int, int] = {}
        return tuple(self._keep(mail, at, copies) for mail in mails)

    def _keep(self, mail: Incoming, at: str, copies: dict[int, int]) -> Kept:
        path = str(mail.forward_path)
        same = self.one(
            "SELECT id FROM inbox WHERE fingerprint = ? AND forward_path = ? AND state <> 'ignored'",
            mail.fingerprint,
            path,
        )
        if same:
            state, due, raw, reason = "ignored", None, None, f"same mail as {same[0]}"
        else:
            state, due, reason = "new", at, ""
            raw = copies.get(id(mail.octets))
            if raw is None:
                raw = self.sql.execute("INSERT INTO raw (octets) VALUES (?)", (mail.octets,)).lastrowid or 0
                copies[id(mail.octets)] = raw
        cursor = self.sql.execute(
            """INSERT INTO inbox (event, received, state, next_attempt, reverse_path, forward_path, via, peer, helo,
              relay, smtputf8, fingerprint, size_octets, raw, reason, handled_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
            (
                mail.event,
                at,
                state,
                due,
                str(mail.reverse_path) if mail.reverse_path else None,
                path,
                mail.via,
                mail.peer,
                plain(mail.helo),
                mail.relay,
                mail.smtputf8,
                mail.fingerprint,
                len(mail.octets),
                raw,
                reason,
                None if due else at,
            ),
        )
        return Kept(cursor.lastrowid or 0, same[0] if same else None)

    def claim_mails(self, limit: int, lease: timedelta, now: datetime, *, alone_after: int = 3) -> tuple[Inbound, ...]:
        """Those due longest, in order of arrival. Counts the attempt; nobody else gets them before the lease ends.

        May be fewer than `limit` when they are large. A mail that ends the process each time comes back with more
        and more attempts, and so does its company; with `alone_after` behind it each comes by itself, so that the
        innocent pass. The caller looks at `attempts` before it touches the octets.
        """
        rows = self.all(
            """SELECT id, size_octets, raw, received, attempts, reverse_path, forward_path, event, via, peer, helo,
              relay, smtputf8, fingerprint
            FROM inbox WHERE next_attempt <= ? ORDER BY next_attempt, id LIMIT ?""",
            text_of(now),
            limit,
        )
        if rows and rows[0][4] >= alone_after:
            del rows[1:]
        rows = [row for row in rows if row[4] < alone_after] or rows
        size = 0
        for index, row in enumerate(rows):
            size += row[1]
            if index and size > _CLAIM_OCTETS:
                del rows[index:]
                break
        self.sql.executemany(
            "UPDATE inbox SET attempts = attempts + 1, next_attempt = ? WHERE id = ?",
            [(text_of(now + lease), row[0]) for row in rows],
        )
        return tuple(self._inbound(row) for row in sorted(rows))

    def _inbound(self, row: Row) -> Inbound:
        number, _, raw, received, attempts, reverse, forward, event, via, peer, helo, *rest = row
        relay, smtputf8, fingerprint = rest
        octets = self.one("SELECT octets FROM raw WHERE id = ?", raw)
        mail = Incoming(
            reverse_path=address_or_none(reverse),
            forward_path=address_of(forward),
            event=event,
            via=via,
            peer=peer,
            relay=bool(relay),
            smtputf8=bool(smtputf8),
            octets=octets[0] if octets else b"",
            fingerprint=fingerprint,
            helo=helo,
        )
        return Inbound(number, mail, moment_of(received), attempts + 1)

    def close_mail(self, mail: int, verdict: Verdict, now: datetime) -> None:
        """The end of a mail. StoreError when it has ended already: somebody else handled it after our lease.

        Then the caller's savepoint must be rolled back, and what was done for this mail was done once.
        """
        if verdict.state == "waiting":
            raise ValueError("a mail that waits is deferred, not closed")
        done = self.change(
            """UPDATE inbox SET state = ?, next_attempt = NULL, reason = ?, intent = ?, proof = ?, letter = ?,
              event = CASE ? WHEN '' THEN event ELSE ? END, number = ?, sender = ?, subject = ?, evidence = ?,
              handled_at = ?
            WHERE id = ? AND next_attempt IS NOT NULL""",
            verdict.state,
            plain(verdict.reason),
            verdict.intent,
            verdict.proof,
            verdict.letter,
            verdict.event,
            verdict.event,
            verdict.number,
            plain(verdict.sender),
            plain(verdict.subject),
            json_of(verdict.evidence),
            text_of(now),
            mail,
        )
        if not done:
            raise StoreError(f"mail {mail} is not open: somebody else has closed it")
        self.count("mail", verdict.intent, verdict.proof)

    def defer_mail(self, mail: int, until: datetime, reason: str) -> None:
        """Look again later (DNS, budgets); the attempt does not count. A mail that has ended stays as it is."""
        self.change(
            """UPDATE inbox SET state = 'waiting', next_attempt = ?, attempts = max(attempts - 1, 0), reason = ?
            WHERE id = ? AND next_attempt IS NOT NULL""",
            text_of(until),
            plain(reason),
            mail,
        )

    def release_mail(self, mail: int, reason: str, now: datetime, *, park_after: int = 3) -> bool:
        """An attempt failed. At `park_after` attempts it ends as `failed` (True), else it is due again (False).

        False also for a mail that has ended meanwhile; it stays as it is.
        """
        at = text_of(now)
        row = self.one("SELECT attempts FROM inbox WHERE id = ? AND next_attempt IS NOT NULL", mail)
        if row is None:
            return False
        if row[0] < park_after:
            self.change("UPDATE inbox SET next_attempt = ?, reason = ? WHERE id = ?", at, plain(reason), mail)
            return False
        self.change(
            "UPDATE inbox SET state = 'failed', next_attempt = NULL, reason = ?, handled_at = ? WHERE id = ?",
            plain(reason),
            at,
            mail,
        )
        return True

    def retry_mail(self, mail: int, now: datetime) -> bool:
        """A failed or waiting mail is due now, with its attempts forgotten. False: there is none, or no octets."""
        return bool(
            self.change(
                """UPDATE inbox SET state = 'new', next_attempt = ?, attempts = 0, reason = '', handled_at = NULL
                WHERE id = ? AND state IN ('failed', 'waiting') AND raw IS NOT NULL""",
                text_of(now),
                mail,
            )
        )

    def drop_mail(self, mail: int, reason: str, now: datetime) -> bool:
        """A mail that has not been handled, or has failed, ends as `ignored`. False when there is no such mail."""
        return bool(
            self.change(
                """UPDATE inbox SET state = 'ignored', next_attempt = NULL, reason = ?, handled_at = ?
                WHERE id = ? AND state IN ('new', 'waiting', 'failed')""",
                plain(reason),
                text_of(now),
                mail,
            )
        )


def _entry(row: Row) -> InboxEntry:
    (number, event, received, state, attempts, due, reverse, forward, size, *verdict) = row
    reason, intent, proof, letter, about, sender, subject, evidence = verdict
    return InboxEntry(
        id=number,
        event=event,
        received=moment_of(received),
        state=state,
        attempts=attempts,
        next_attempt=moment_or_none(due),
        verdict=Verdict(
            # A mail that nobody has judged yet waits, in the words of a verdict.
            state="waiting" if state == "new" else cast("MailState", state),
            reason=reason,
            intent=intent,
            proof=proof,
            letter=letter,
            event=event,
            number=about,
            sender=sender,
            subject=subject,
            evidence=tuple(json.loads(evidence)),
        ),
        reverse_path=reverse,
        forward_path=forward,
        octets=size,
    )
