"""Challenges, which work once, and questions that wait for an organiser."""

import sqlite3
from datetime import datetime, timedelta

from mailflow.mail.address import Address
from mailflow.model.decision import Act, Challenge, ChallengeClosed, Forwards, Question, QuestionOpened
from mailflow.store.given import fields_of, fields_text
from mailflow.store.orders import orders_of, orders_text
from mailflow.store.rows import OpenQuestion
from mailflow.store.session import (
    Row,
    Session,
    StoreError,
    WriteSession,
    address_of,
    moment_of,
    moment_or_none,
    plain,
    text_of,
)

_SELECT = """SELECT id, event, act, address, number, created, expires, code_hash, content_hash, wanted, orders, state
  FROM challenges"""

# Every limit is far below; a count beyond it changes nothing.
_ENOUGH = 1000


class ChallengeReader(Session):
    """What was asked."""

    def challenge(self, challenge: str) -> Challenge | None:
        """In whatever state it is: the desk judges that."""
        row = self.one(f"{_SELECT} WHERE id = ?", challenge)
        return _challenge(row) if row else None

    def challenge_by_code(self, code_hash: str) -> Challenge | None:
        row = self.one(f"{_SELECT} WHERE code_hash = ? AND code_hash <> ''", code_hash)
        return _challenge(row) if row else None

    def open_challenges(self, event: str, number: int, act: Act, limit: int) -> tuple[Challenge, ...]:
        """The open ones about that registration, the newest first."""
        rows = self.all(
            f"""{_SELECT} WHERE event = ? AND number = ? AND act = ? AND state = 'open'
            ORDER BY created DESC, id DESC LIMIT ?""",
            event,
            number,
            act,
            limit,
        )
        return tuple(map(_challenge, rows))

    def expired_challenges(self, event: str, now: datetime, limit: int) -> tuple[Challenge, ...]:
        """Open challenges whose time has run out, the oldest first."""
        rows = self.all(
            f"{_SELECT} WHERE event = ? AND state = 'open' AND expires <= ? ORDER BY expires, id LIMIT ?",
            event,
            text_of(now),
            limit,
        )
        return tuple(map(_challenge, rows))

    def open_questions(self, event: str, since: datetime, limit: int = 100) -> tuple[OpenQuestion, ...]:
        """Those that came later than `since` and were not said to be done, the oldest first."""
        rows = self.all(
            """SELECT number, sender, subject, asked, mail FROM questions
            WHERE event = ? AND asked > ? AND done_at IS NULL ORDER BY number LIMIT ?""",
            event,
            text_of(since),
            limit,
        )
        return tuple(OpenQuestion(row[0], row[1], row[2], moment_of(row[3]), row[4]) for row in rows)

    def question(self, event: str, number: int) -> Question | None:
        row = self.one("SELECT number, done_at FROM questions WHERE event = ? AND number = ?", event, number)
        return Question(row[0], moment_or_none(row[1])) if row else None

    def forwards(self, event: str, sender: Address, text_hash: str, now: datetime) -> Forwards:
        """What went to the organisers; `sender` counts by its `canonical`."""
        by_sender = self.one(
            """SELECT count(*), coalesce(max(text_hash = ? AND text_hash <> ''), 0) FROM (
              SELECT text_hash FROM questions
              WHERE event = ? AND sender_key = ? AND forwarded AND asked > ? LIMIT ?)""",
            text_hash,
            event,
            sender.canonical,
            text_of(now - timedelta(days=1)),
            _ENOUGH,
        )
        # Beyond what a site passes on in an hour nothing is passed on, so the limit is none but in name.
        in_all = self.one(
            """SELECT coalesce(sum(event = ?1 AND NOT proved), 0), coalesce(sum(NOT proved), 0),
              coalesce(sum(event = ?1), 0), count(*) FROM (
              SELECT event, proved FROM questions WHERE forwarded AND asked > ?2 LIMIT ?3)""",
            event,
            text_of(now - timedelta(hours=1)),
            _ENOUGH,
        )
        assert by_sender is not None
        assert in_all is not None
        return Forwards(bool(by_sender[1]), by_sender[0], *in_all)


class ChallengeWriter(ChallengeReader, WriteSession):
    """Asking, and taking the answer once."""

    def open_challenge(self, new: Challenge) -> None:
        try:
            self.sql.execute(
                """INSERT INTO challenges (id, event, act, address, number, created, expires, code_hash, content_hash,
                  wanted, orders, state)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
                (
                    new.id,
                    new.event,
                    new.act,
                    str(new.address),
                    new.number,
                    text_of(new.created),
                    text_of(new.expires),
                    new.code_hash,
                    new.content_hash,
                    fields_text(new.wanted),
                    orders_text(new.orders),
                    new.state,
                ),
            )
        except sqlite3.IntegrityError as error:
            raise StoreError(f"challenge {new.id} breaks a rule: {error}") from error

    def close_challenge(self, closed: ChallengeClosed, now: datetime) -> None:
        """Single use: StoreError when it is not open any more. What was wanted is of no use from now on."""
        if not self.change(
            "UPDATE challenges SET state = ?, closed_at = ?, wanted = '', orders = '' WHERE id = ? AND state = 'open'",
            closed.state,
            text_of(now),
            closed.challenge.id,
        ):
            raise StoreError(f"challenge {closed.challenge.id} is not open")

    def open_question(self, question: QuestionOpened, event: str, now: datetime, mail: int | None) -> None:
        try:
            self.sql.execute(
                """INSERT INTO questions (event, number, sender, sender_key, subject, text_hash, forwarded, proved,
                  asked, mail) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
                (
                    event,
                    question.number,
                    str(question.sender or ""),
                    question.sender.canonical if question.sender else "",
                    plain(question.subject),
                    question.text_hash,
                    question.forwarded,
                    question.proved,
                    text_of(now),
                    mail,
                ),
            )
        except sqlite3.IntegrityError as error:
            raise StoreError(f"question {event}-{question.number} breaks a rule: {error}") from error
        self.change(
            "UPDATE event_states SET next_question = max(next_question, ?) WHERE event = ?", question.number + 1, event
        )

    def close_question(self, number: int, event: str, now: datetime) -> None:
        """StoreError when it is done already, or never was."""
        if not self.change(
            "UPDATE questions SET done_at = ? WHERE event = ? AND number = ? AND done_at IS NULL",
            text_of(now),
            event,
            number,
        ):
            raise StoreError(f"question {event}-{number} is not open")


def _challenge(row: Row) -> Challenge:
    name, event, act, address, number, created, expires, code_hash, content_hash, wanted, orders, state = row
    return Challenge(
        id=name,
        event=event,
        act=act,
        address=address_of(address),
        number=number,
        created=moment_of(created),
        expires=moment_of(expires),
        code_hash=code_hash,
        content_hash=content_hash,
        state=state,
        wanted=fields_of(wanted),
        orders=orders_of(orders),
    )
