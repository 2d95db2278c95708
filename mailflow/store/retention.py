"""What the clock takes away: raw mail after its days, sensitive answers after theirs, people after the event."""

from collections.abc import Sequence
from datetime import datetime

from mailflow.store.erasure import ErasureWriter
from mailflow.store.session import text_of

# What is held of the people of an event, beside their mails and letters.
_TABLES = (
    "registrations", "steps", "line_blocks", "option_counts", "calendar_notes", "bounces", "announcements",
    "organisers", "undos",
)  # fmt: skip


class RetentionWriter(ErasureWriter):
    """Each step is bounded by one event or by `limit`; doing it again does nothing."""

    def erase_raw(self, before: datetime, reports_before: datetime, limit: int) -> int:
        """The octets of mails that have ended and came before that time; refused ones and reports have their own.

        How many mails that was. What became of a mail stays to be listed.
        """
        rows = self.all(
            "SELECT id FROM inbox WHERE raw IS NOT NULL AND next_attempt IS NULL AND received < ? LIMIT ?",
            text_of(before),
            limit,
        ) or self.all(
            """SELECT id FROM inbox WHERE raw IS NOT NULL AND next_attempt IS NULL AND received < ?
            AND (state = 'refused' OR intent = 'bounce') LIMIT ?""",
            text_of(reports_before),
            limit,
        )
        for row in rows:
            self._drop_raw(row[0])
        if rows:
            self.let_go()
        return len(rows)

    def erase_sensitive(self, event: str, questions: Sequence[str], until: datetime) -> int:
        """The answers to those questions, and every text that holds them; how many people had answered one.

        The texts are the mails that came before `until`, and all letters that have gone out.
        """
        marks = ", ".join("?" * len(questions))
        changed = self.change(
            f"""UPDATE registrations SET answers = (
              SELECT coalesce(json_group_array(json(a.value)), '[]') FROM json_each(registrations.answers) AS a
              WHERE json_extract(a.value, '$.question') NOT IN ({marks}))
            WHERE event = ? AND EXISTS (SELECT 1 FROM json_each(registrations.answers) AS a
              WHERE json_extract(a.value, '$.question') IN ({marks}))""",  # noqa: S608  marks only
            *questions,
            event,
            *questions,
        )
        self.change(f"DELETE FROM option_counts WHERE event = ? AND question IN ({marks})", event, *questions)  # noqa: S608  marks only
        self.change("DELETE FROM calendar_notes WHERE event = ?", event)
        self.change("UPDATE challenges SET wanted = '', content_hash = '' WHERE event = ? AND state <> 'open'", event)
        for row in self.all(
            "SELECT id FROM inbox WHERE event = ? AND raw IS NOT NULL AND next_attempt IS NULL AND received <= ?",
            event,
            text_of(until),
        ):
            self._drop_raw(row[0])
        self.change(
            "DELETE FROM bodies WHERE letter IN (SELECT id FROM outbox WHERE event = ? AND state <> 'due')", event
        )
        self.let_go()
        return changed

    def erase_people(self, event: str, now: datetime) -> int:
        """Everybody of an event: counted, then gone, with their mails and letters; how many they were."""
        rows = self.all(
            "SELECT status, count(*), sum(1 + guests) FROM registrations WHERE event = ? GROUP BY status", event
        )
        for status, people, seats in rows:
            self.count_person(event, status, people, seats)
        self.count_details(event)
        for table in _TABLES:
            self.change(f"DELETE FROM {table} WHERE event = ?", event)  # noqa: S608  our own names
        # Not those of the erasure itself, which says that it was done.
        self.change("DELETE FROM jobs WHERE event = ? AND kind NOT LIKE 'erase%'", event)
        self.forget_drafts_of(event)
        self.change("UPDATE event_states SET taken = 0, waiting = 0 WHERE event = ?", event)
        self.erase_papers(event, now, now)
        return sum(row[1] for row in rows)

    def erase_papers(self, event: str, before: datetime, now: datetime) -> int:
        """What names people in mails, letters and questions of an event, or of a role address, up to that time."""
        at = text_of(before)
        mails = self.all(
            """SELECT id FROM inbox WHERE event = ? AND next_attempt IS NULL AND received <= ?
            AND (sender <> '' OR reverse_path IS NOT NULL OR raw IS NOT NULL OR subject <> '')""",
            event,
            at,
        )
        letters = self.all(
            """SELECT id FROM outbox WHERE event = ? AND state <> 'due' AND recipient <> '' AND created <= ?""",
            event,
            at,
        )
        for row in mails:
            self._empty_mail(row[0])
        self._empty_letters([row[0] for row in letters], now)
        asked = self.all("SELECT id FROM challenges WHERE event = ? AND address <> '' AND created <= ?", event, at)
        for row in asked:
            self._empty_challenge(row[0], now)
        handed = self.change("DELETE FROM questions WHERE event = ? AND asked <= ?", event, at)
        if mails or letters or asked or handed:
            self.let_go()
        return len(mails) + len(letters)

    def forget_marks(self, before: datetime) -> None:
        """Keyed hashes of addresses, domains and networks, for the budgets, that are older."""
        for table in ("answers", "asked", "bounces", "confirmations", "replays", "undos"):
            self.change(f"DELETE FROM {table} WHERE at < ?", text_of(before))  # noqa: S608  our own names
