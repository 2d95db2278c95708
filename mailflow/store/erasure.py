"""Erasing for real: rows go, or lose all that names a person; what stays is a number (trust.md §10).

`secure_delete` overwrites what is deleted. `let_go` tells the store to empty the write-ahead log after the commit, so
that older pages are gone from it too. Rows that other rows name by their id (mails, letters, challenges) stay without
anything personal in them: a token that was used stays used, and the same mail twice stays one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from mailflow.model.decision import Erased, Saved
from mailflow.model.registration import Status
from mailflow.store.dossier import DossierReader, same
from mailflow.store.drafts import DraftWriter
from mailflow.store.erasures import ErasuresWriter
from mailflow.store.outbox import OutboxWriter
from mailflow.store.people import PeopleWriter
from mailflow.store.schema import FOR_ORGANISERS
from mailflow.store.session import text_of
from mailflow.store.statistics import StatisticsWriter

# Letters that carry a person's mail to people.
_PASSED_ON = ("question_forwarded", "postmaster")
# The reason stays: it is in words of ours, and counts what nobody's name is needed for ("rated 4 of 5").
_MAIL = """UPDATE inbox SET reverse_path = NULL, peer = '', helo = '', raw = NULL, sender = '', subject = '',
  evidence = '[]', letter = '', number = NULL WHERE id = ?"""
_LETTER = """UPDATE outbox SET recipient = '', reverse_path = NULL, subject = '', number = NULL, last_text = '',
  reason = CASE state WHEN 'due' THEN 'erased' ELSE reason END,
  state = CASE state WHEN 'due' THEN 'dropped' ELSE state END,
  next_attempt = NULL, closed_at = coalesce(closed_at, ?) WHERE id = ?"""
_CHALLENGE = """UPDATE challenges SET address = '', number = 0, content_hash = '', wanted = '', orders = '',
  state = CASE state WHEN 'open' THEN 'ended' ELSE state END, closed_at = coalesce(closed_at, ?) WHERE id = ?"""


class ErasureWriter(OutboxWriter, PeopleWriter, ErasuresWriter, StatisticsWriter, DraftWriter, DossierReader):
    """What a person's wish and the clock take away."""

    erased = False

    def let_go(self) -> None:
        """Something personal was removed: after the commit the write-ahead log is emptied, at night the file packed."""
        self.erased = True
        self.change("INSERT INTO marks (name, at) VALUES ('untidy', '') ON CONFLICT DO NOTHING")

    def erase(self, gone: Erased, event: str, now: datetime, mail: int | None) -> None:
        """Everything of and to that address at the event, `mail` (at hand, still open) included."""
        spelled = self.spellings(event, gone.address)
        numbers = self._remove_registrations(event, gone.address.key, now)
        mails = {row[0] for s in spelled for column in ("sender", "reverse_path") for row in self.all(
            f"SELECT id FROM inbox WHERE event = ? AND next_attempt IS NULL AND {same(column)}", event, s)}  # noqa: S608  our own names  # fmt: skip
        mails |= self._reports(event, spelled)
        letters = {row[0] for s in spelled for row in self.all(
            f"SELECT id FROM outbox WHERE event = ? AND kind NOT IN {FOR_ORGANISERS} AND {same('recipient')}",  # noqa: S608  as above
            event, s)}  # fmt: skip
        for each in sorted(mails | ({mail} if mail is not None else set())):
            letters.update(row[0] for row in self.all(
                f"SELECT id FROM outbox WHERE mail = ? AND kind IN {_PASSED_ON}", each))  # noqa: S608  our own words  # fmt: skip
            self._empty_mail(each)
        challenges = {row[0] for s in spelled for row in self.all(
            f"SELECT id FROM challenges WHERE event = ? AND {same('address')}", event, s)}  # noqa: S608  as above  # fmt: skip
        for number in numbers:
            letters.update(row[0] for row in self.all(
                "SELECT id FROM outbox WHERE event = ? AND number = ?", event, number))  # fmt: skip
            self.change("DELETE FROM steps WHERE event = ? AND number = ?", event, number)
            self.change("DELETE FROM jobs WHERE event = ? AND whom = ?", event, str(number))
            self.change("DELETE FROM calendar_notes WHERE event = ? AND number = ?", event, number)
            self.change("DELETE FROM bounces WHERE event = ? AND number = ?", event, number)
        self._empty_letters(letters, now)
        for challenge in sorted(challenges):
            self._empty_challenge(challenge, now)
        for s in spelled:
            self.change(f"DELETE FROM questions WHERE event = ? AND {same('sender')}", event, s)  # noqa: S608  as above
            # Somebody else's calendar named them as the one who comes instead.
            self.change(
                f"UPDATE calendar_notes SET text = '' WHERE event = ? AND kind = 'delegated' AND {same('text')}",  # noqa: S608  as above
                event,
                s,
            )
            self.forget_maker(event, s)
            self.change(f"UPDATE announcements SET by_whom = '' WHERE event = ? AND {same('by_whom')}", event, s)  # noqa: S608  as above
        self._forget_orders(event, numbers, now)
        self._forget_listings(event)
        self.let_go()

    def sent(self, letter: int, code: int, status: str, text: str, now: datetime) -> None:
        super().sent(letter, code, status, text, now)
        self._ended(letter, now)

    def failed(self, letter: int, reason: str, code: int, status: str, text: str, now: datetime) -> None:
        super().failed(letter, reason, code, status, text, now)
        self._ended(letter, now)

    def drop_letter(self, letter: int, reason: str, now: datetime) -> bool:
        dropped = super().drop_letter(letter, reason, now)
        self._ended(letter, now)
        return dropped

    def _ended(self, letter: int, now: datetime) -> None:
        """`erased` is kept until it is delivered; a list that names somebody who was erased, too."""
        row = self.one("SELECT kind, event, created FROM outbox WHERE id = ? AND state <> 'due'", letter)
        if row is None:
            return
        kind, event, created = row
        if kind == "erased":
            self._empty_letters((letter,), now)
            self.let_go()
        elif kind in FOR_ORGANISERS and self.one(
            "SELECT 1 FROM erasures WHERE event = ? AND at >= ?", event, created
        ):  # fmt: skip
            self.change("DELETE FROM bodies WHERE letter = ?", letter)
            self.let_go()

    def _forget_orders(self, event: str, numbers: list[int], now: datetime) -> None:
        """Organisers name people in their commands: the mails go, and what waits for a YES is to be sent again.

        Nobody looks into each for a name that may be written in many ways; there are few of them.
        """
        orders = self.all(
            """SELECT id FROM inbox
            WHERE event = ? AND intent >= 'org-' AND intent < 'org.' AND next_attempt IS NULL""",
            event,
        )
        for row in orders:
            self._drop_raw(row[0])
            self.change("UPDATE inbox SET subject = '' WHERE id = ?", row[0])
        self.change(
            """UPDATE challenges SET orders = '', state = 'ended', closed_at = ?
            WHERE event = ? AND state = 'open' AND orders <> ''""",
            text_of(now),
            event,
        )
        for number in numbers:
            self.change("DELETE FROM undos WHERE event = ? AND number = ?", event, number)

    def _remove_registrations(self, event: str, key: str, now: datetime) -> list[int]:
        """The rows of that person; each is counted as it stood, and gives back what it held."""
        rows = self.all("SELECT number FROM registrations WHERE event = ? AND address_key = ?", event, key)
        numbers = [row[0] for row in rows]
        for number in numbers:
            standing = self.registration(event, number)
            assert standing is not None
            self.count_person(event, standing.status.value, 1, standing.seats)
            self.count_one(standing, self.history(event, number=number))
            if standing.status.standing or standing.until is not None:
                ended = replace(standing, status=Status.CANCELLED, until=None)
                self.save(Saved("cancelled", standing, ended), event, now, None)
            self.change("DELETE FROM registrations WHERE event = ? AND number = ?", event, number)
        return numbers

    def _reports(self, event: str, spelled: Sequence[str]) -> set[int]:
        """Reports about that address, and complaints of its letters: their text names it."""
        # One at a time: outsiders decide how many there are, and how large.
        rows = self.sql.execute(
            """SELECT i.id, r.octets FROM inbox AS i JOIN raw AS r ON r.id = i.raw
            WHERE i.event = ? AND i.intent IN ('bounce', 'auto-reply') AND i.next_attempt IS NULL""",
            (event,),
        )
        needles = [each.lower().encode() for each in spelled]
        return {number for number, octets in rows if _names(octets.lower(), needles)}

    def _empty_mail(self, mail: int) -> None:
        self._drop_raw(mail)
        self.change(_MAIL, mail)

    def _drop_raw(self, mail: int) -> None:
        row = self.one("SELECT raw FROM inbox WHERE id = ?", mail)
        self.change("UPDATE inbox SET raw = NULL WHERE id = ?", mail)
        if row and row[0] is not None:
            # One DATA for many recipients is one copy: it stays while another event needs it.
            self.change("DELETE FROM raw WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM inbox WHERE raw = ?1)", row[0])

    def _empty_challenge(self, challenge: str, now: datetime) -> None:
        self.change(_CHALLENGE, text_of(now), challenge)

    def _empty_letters(self, letters: Iterable[int], now: datetime) -> None:
        for letter in sorted(letters):
            self.change("DELETE FROM bodies WHERE letter = ?", letter)
            self.change(_LETTER, text_of(now), letter)

    def _forget_listings(self, event: str) -> None:
        """Lists that were sent to organisers name everybody; nobody needs our copy."""
        rows = self.all(
            f"""SELECT letter FROM bodies WHERE letter IN (
              SELECT id FROM outbox WHERE event = ? AND state <> 'due' AND kind IN {FOR_ORGANISERS})""",  # noqa: S608  our own names
            event,
        )
        self.sql.executemany("DELETE FROM bodies WHERE letter = ?", rows)


def _names(octets: bytes, needles: list[bytes]) -> bool:
    return any(needle in octets for needle in needles)
