"""Letters that go out: posted as bytes, claimed with the next attempt already set, ended by name."""

from collections.abc import Sequence
from datetime import datetime
from itertools import accumulate

from mailflow.store.rows import LetterRef, OutboxEntry, Outgoing, Retry
from mailflow.store.session import (
    Row,
    Session,
    StoreError,
    WriteSession,
    address_of,
    address_or_none,
    moment_of,
    moment_or_none,
    plain,
    text_of,
    text_or_null,
)

_ENTRY = """SELECT id, reference, kind, event, number, recipient, subject, message_id, state, attempts, created,
  next_attempt, sent_at, last_code, last_status, last_text, reason, mail, size_octets FROM outbox"""


class OutboxReader(Session):
    """Letters as people see them."""

    def letter_ref(self, reference: str) -> LetterRef | None:
        row = self.one(
            """SELECT kind, event, number, challenge, recipient, created, reverse_path IS NULL FROM outbox
            WHERE reference = ?""",
            reference,
        )
        if row is None:
            return None
        kind, event, number, challenge, to, created, null = row
        return LetterRef(kind, event, number, challenge, to, moment_of(created), bool(null))

    def letter(self, letter: int) -> OutboxEntry | None:
        row = self.one(f"{_ENTRY} WHERE id = ?", letter)
        return _entry(row) if row else None

    def letter_octets(self, letter: int) -> bytes | None:
        row = self.one("SELECT octets FROM bodies WHERE letter = ?", letter)
        return row[0] if row else None

    def letter_head(self, reference: str, octets: int) -> bytes:
        """The first so many octets of the letter of that reference; b"" when there is none, or none are kept."""
        row = self.one(
            "SELECT substr(octets, 1, ?) FROM outbox JOIN bodies ON letter = id WHERE reference = ?", octets, reference
        )
        return row[0] if row else b""

    def most_letters_to(self, since: datetime) -> tuple[str, int] | None:
        """The domain that most letters were sent to since, and how many; None where none was."""
        row = self.one(
            """SELECT substr(recipient, instr(recipient, '@') + 1) AS domain, count(*) FROM outbox
            WHERE sent_at > ? AND recipient <> '' GROUP BY domain ORDER BY count(*) DESC LIMIT 1""",
            text_of(since),
        )
        return (row[0], row[1]) if row else None

    def letters(
        self,
        *,
        state: str | None = None,
        event: str | None = None,
        mail: int | None = None,
        since: datetime | None = None,
        limit: int = 200,
    ) -> tuple[OutboxEntry, ...]:
        """Newest first; `since` means created later than that."""
        rows = self.list_rows(
            _ENTRY,
            (
                # Said in so many words, the small index of failed letters answers.
                ("state = 'failed' AND state = ?" if state == "failed" else "state = ?", state),
                ("event = ?", event),
                ("mail = ?", mail),
                ("created > ?", text_or_null(since)),
            ),
            limit,
        )
        return tuple(_entry(row) for row in rows)


class OutboxWriter(OutboxReader, WriteSession):
    """Letters on their way out."""

    def next_letter(self) -> int:
        """A number never used before, also not after a crash; gaps are possible."""
        return self.next_letters(1)[0]

    def next_letters(self, count: int) -> Sequence[int]:
        """So many of them, rising; none costs nothing."""
        if count < 1:
            return ()
        row = self.one("UPDATE counters SET value = value + ? WHERE name = 'letter' RETURNING value", count)
        if row is None:
            raise StoreError("the counter of letters is gone")
        return range(row[0] - count + 1, row[0] + 1)

    def post(self, item: Outgoing) -> None:
        """The letter is due at once."""
        created = text_of(item.created)
        self.sql.execute(
            """INSERT INTO outbox (id, reference, kind, event, number, recipient, reverse_path, message_id, subject,
              language, created, challenge, mail, size_octets, attempts, next_attempt)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
            (
                item.id,
                item.reference,
                item.kind,
                item.event,
                item.number,
                str(item.to),
                str(item.reverse_path) if item.reverse_path else None,
                item.message_id,
                plain(item.subject),
                item.language,
                created,
                item.challenge,
                item.mail,
                len(item.octets),
                item.attempts,
                created,
            ),
        )
        self.sql.execute("INSERT INTO bodies (letter, octets) VALUES (?, ?)", (item.id, item.octets))

    def claim_letters(self, limit: int, retry: Retry, now: datetime, *, octets: int) -> tuple[Outgoing, ...]:
        """Due ones, those due longest first. The attempt is counted and the next one is set before anything is sent.

        As many as fit into `octets`, and the first whatever its size, or it would never go; none where `octets` is 0.
        Until that next attempt nobody else gets the letter, so one delivery must take less than `retry.waits[0]`.
        """
        rows = self.all(
            """SELECT o.id, reference, kind, event, number, recipient, reverse_path, message_id, subject, language,
              created, challenge, mail, attempts, size_octets
            FROM outbox AS o JOIN bodies ON letter = o.id
            WHERE next_attempt <= ? ORDER BY next_attempt, o.id LIMIT ?""",
            text_of(now),
            limit if octets > 0 else 0,
        )
        fitting = list(accumulate(row[-1] for row in rows))
        rows = [row for row, size in zip(rows, fitting, strict=True) if size <= octets] or rows[:1]
        again = [text_of(now + wait) for wait in retry.waits]
        self.sql.executemany(
            "UPDATE outbox SET attempts = attempts + 1, next_attempt = ? WHERE id = ?",
            [(again[min(row[13], len(again) - 1)], row[0]) for row in rows],
        )
        return tuple(_outgoing(row, self.letter_octets(row[0]) or b"") for row in rows)

    def sent(self, letter: int, code: int, status: str, text: str, now: datetime) -> None:
        """It was taken. True also of a letter that was dropped while it was under way."""
        at = text_of(now)
        row = self.one(
            """UPDATE outbox SET state = 'sent', next_attempt = NULL, sent_at = ?, closed_at = ?, last_code = ?,
              last_status = ?, last_text = ?, reason = '' WHERE id = ? AND state <> 'sent' RETURNING kind""",
            at,
            at,
            code,
            plain(status),
            plain(text),
            letter,
        )
        if row:
            self.count("letter", row[0], "sent")

    def deferred(self, letter: int, until: datetime, code: int, status: str, text: str) -> None:
        """Not taken now. A letter that has ended stays as it is."""
        self.change(
            """UPDATE outbox SET next_attempt = ?, last_code = ?, last_status = ?, last_text = ?
            WHERE id = ? AND state = 'due'""",
            text_of(until),
            code,
            plain(status),
            plain(text),
            letter,
        )

    def failed(self, letter: int, reason: str, code: int, status: str, text: str, now: datetime) -> None:
        """Never to be taken. A letter that has ended stays as it is."""
        row = self.one(
            """UPDATE outbox SET state = 'failed', next_attempt = NULL, closed_at = ?, reason = ?, last_code = ?,
              last_status = ?, last_text = ? WHERE id = ? AND state = 'due' RETURNING kind""",
            text_of(now),
            plain(reason),
            code,
            plain(status),
            plain(text),
            letter,
        )
        if row:
            self.count("letter", row[0], "failed")

    def retry_letter(self, letter: int, now: datetime) -> bool:
        """A due or failed letter goes out now, with its attempts forgotten. False: there is none, or no octets."""
        return bool(
            self.change(
                """UPDATE outbox SET state = 'due', next_attempt = ?, attempts = 0, closed_at = NULL, reason = ''
                WHERE id = ? AND state IN ('due', 'failed') AND id IN (SELECT letter FROM bodies)""",
                text_of(now),
                letter,
            )
        )

    def drop_letter(self, letter: int, reason: str, now: datetime) -> bool:
        """A due or failed letter is never sent. False when there is no such letter."""
        row = self.one(
            """UPDATE outbox SET state = 'dropped', next_attempt = NULL, closed_at = ?, reason = ?
            WHERE id = ? AND state IN ('due', 'failed') RETURNING kind""",
            text_of(now),
            plain(reason),
            letter,
        )
        if row:
            self.count("letter", row[0], "dropped")
        return row is not None


def _outgoing(row: Row, octets: bytes) -> Outgoing:
    number, reference, kind, event, about, to, reverse, message_id, subject, language, *rest = row
    created, challenge, mail, attempts, _ = rest
    return Outgoing(
        id=number,
        reference=reference,
        kind=kind,
        event=event,
        number=about,
        to=address_of(to),
        reverse_path=address_or_none(reverse),
        message_id=message_id,
        subject=subject,
        language=language,
        octets=octets,
        created=moment_of(created),
        challenge=challenge,
        mail=mail,
        attempts=attempts + 1,
    )


def _entry(row: Row) -> OutboxEntry:
    (number, reference, kind, event, about, to, subject, message_id, state, attempts, created, due, sent_at, *last) = (
        row
    )
    code, status, text, reason, mail, size = last
    return OutboxEntry(
        id=number,
        reference=reference,
        kind=kind,
        event=event,
        number=about,
        to=to,
        subject=subject,
        message_id=message_id,
        state=state,
        attempts=attempts,
        created=moment_of(created),
        next_attempt=moment_or_none(due),
        sent_at=moment_or_none(sent_at),
        last_code=code,
        last_status=status,
        last_text=text,
        reason=reason,
        mail=mail,
        octets=size,
    )
