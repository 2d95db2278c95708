"""What the organisers told many at once, and who has it still to get."""

from datetime import datetime

from mailflow.model.announcement import STATUSES, Announcement, AnnouncementState, Audience, Draft
from mailflow.model.registration import Registration
from mailflow.store.people import PeopleReader
from mailflow.store.session import Row, StoreError, WriteSession, moment_of, text_of
from mailflow.store.shown import localized_of, localized_text

_SELECT = "SELECT event, number, subject, text, by_whom, at, audience, state FROM announcements"
# Whoever wants none, or cannot be reached, is passed over by the listing: a round must not look at each by itself.
_LISTENS = "reminders AND NOT undeliverable"


class AnnouncementReader(PeopleReader):
    """What was said."""

    def announcement_due(self, event: str) -> Announcement | None:
        """The oldest that is not through yet: one at a time, so that each reads them in order."""
        return _first(self.one(f"{_SELECT} WHERE event = ? AND state = 'due' ORDER BY number LIMIT 1", event))

    def latest_announcement(self, event: str) -> Announcement | None:
        """The newest to those who have a seat."""
        return _first(
            self.one(f"{_SELECT} WHERE event = ? AND audience <> 'waiting' ORDER BY number DESC LIMIT 1", event)
        )

    def announcements(self, event: str, limit: int = 100) -> tuple[Announcement, ...]:
        """The newest first."""
        rows = self.all(f"{_SELECT} WHERE event = ? ORDER BY number DESC LIMIT ?", event, limit)
        return tuple(map(_announcement, rows))

    def listeners(self, event: str, audience: Audience, after: int, limit: int) -> tuple[Registration, ...]:
        """Those of that audience whose number is higher, the lowest first, but for who wants none or gets none."""
        statuses = STATUSES[audience]
        marks = ", ".join("?" * len(statuses))
        # The plus keeps SQLite from the index by status, after which it would have to sort them all for each part.
        rows = self.all(
            f"""SELECT number FROM registrations WHERE event = ? AND +status IN ({marks}) AND {_LISTENS} AND number > ?
            ORDER BY number LIMIT ?""",  # noqa: S608  marks only
            event,
            *statuses,
            after,
            limit,
        )
        found = (self.registration(event, row[0]) for row in rows)
        return tuple(one for one in found if one is not None)

    def listeners_count(self, event: str, audience: Audience) -> int:
        """How many they are; a count of the event, so never on the path of an attendee's mail."""
        statuses = STATUSES[audience]
        marks = ", ".join("?" * len(statuses))
        row = self.one(
            f"SELECT count(*) FROM registrations WHERE event = ? AND status IN ({marks}) AND {_LISTENS}",  # noqa: S608  marks only
            event,
            *statuses,
        )
        return row[0] if row else 0


class AnnouncementWriter(AnnouncementReader, WriteSession):
    """What is said from now on."""

    def keep_announcement(self, event: str, draft: Draft, by: str, audience: Audience, now: datetime) -> Announcement:
        """Its number is one more than that of the event's newest."""
        row = self.one("SELECT max(number) FROM announcements WHERE event = ?", event)
        kept = Announcement(event, 1 + (row[0] or 0 if row else 0), draft, by, now, audience)
        self.change(
            """INSERT INTO announcements (event, number, subject, text, by_whom, at, audience)
            VALUES (?, ?, ?, ?, ?, ?, ?)""",
            event,
            kept.number,
            localized_text(draft.subject),
            localized_text(draft.text),
            by,
            text_of(now),
            audience,
        )
        return kept

    def close_announcement(self, event: str, number: int, state: AnnouncementState) -> None:
        """StoreError when it is not due."""
        same = "event = ? AND number = ? AND state = 'due'"
        if not self.change(f"UPDATE announcements SET state = ? WHERE {same}", state, event, number):  # noqa: S608  our own condition
            raise StoreError(f"announcement {number} of {event} is not due")


def _first(row: Row | None) -> Announcement | None:
    return _announcement(row) if row else None


def _announcement(row: Row) -> Announcement:
    event, number, subject, text, by, at, audience, state = row
    draft = Draft(localized_of(subject), localized_of(text))
    return Announcement(event, number, draft, by, moment_of(at), audience, state)
