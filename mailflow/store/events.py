"""What is in force for an event, and the counters that each change moves."""

from datetime import datetime

from mailflow.model.announced import Announced, Shown, quietly
from mailflow.model.event import EventState, Localized
from mailflow.store.session import (
    Session,
    StoreError,
    WriteSession,
    moment_or_none,
    text_of,
    text_or_null,
)
from mailflow.store.shown import announced_of, announced_text, localized_of, localized_text

# Of more changes than this within one round, those in the middle are forgotten: nobody was told all of them.
_CHANGES = 30


class EventReader(Session):
    """What is in force."""

    def event_state(self, event: str) -> EventState | None:
        row = self.one(
            """SELECT capacity, opens, closes, closed, taken, waiting, next_number, next_place, revision, revised_at,
              called_off, reason
            FROM event_states WHERE event = ?""",
            event,
        )
        if row is None:
            return None
        capacity, opens, closes, closed, taken, waiting, number, place, revision, revised_at, called_off, reason = row
        return EventState(
            capacity=capacity,
            opens=moment_or_none(opens),
            closes=moment_or_none(closes),
            closed=bool(closed),
            taken=taken,
            waiting=waiting,
            next_number=number,
            next_place=place,
            revision=revision,
            revised_at=moment_or_none(revised_at),
            called_off=moment_or_none(called_off),
            reason=Localized() if reason == "[]" else localized_of(reason),
        )

    def announced(self, event: str) -> tuple[Announced, ...]:
        """What people were told, and what the file has said since, the oldest first; () for an event not known."""
        row = self.one("SELECT announced FROM event_states WHERE event = ?", event)
        return announced_of(row[0]) if row else ()

    def next_question(self, event: str) -> int:
        """The next F-number; 1 for an event that is not known."""
        row = self.one("SELECT next_question FROM event_states WHERE event = ?", event)
        return row[0] if row else 1


class EventWriter(EventReader, WriteSession):
    """What the file, the organisers and the operator say."""

    def sync_event(
        self,
        event: str,
        capacity: int | None,
        opens: datetime | None,
        closes: datetime | None,
        face: str,
        now: datetime,
    ) -> EventState:
        """Take the file's values: each is applied only when the *file* changed since last read (operations.md §3).

        The first time all are applied, and the revision is 0. Nothing is written when nothing has changed.
        """
        file = {"capacity": capacity, "opens": text_or_null(opens), "closes": text_or_null(closes)}
        row = self.one("SELECT seen_capacity, seen_opens, seen_closes, face FROM event_states WHERE event = ?", event)
        if row is None:
            self.sql.execute(
                """INSERT INTO event_states (event, capacity, opens, closes, seen_capacity, seen_opens, seen_closes,
                  face) VALUES (?1, ?2, ?3, ?4, ?2, ?3, ?4, ?5)""",
                (event, *file.values(), face),
            )
        else:
            for (name, value), seen in zip(file.items(), row[:3], strict=True):
                if value != seen:
                    self._set(event, f"{name} = ?, seen_{name} = ?", value, value)
            if face != row[3]:
                self._set(event, "face = ?, revision = revision + 1, revised_at = ?", face, text_of(now))
        state = self.event_state(event)
        assert state is not None
        return state

    def announce(self, event: str, shown: Shown, now: datetime) -> None:
        """What the file shows now, after `sync_event`. The first time it counts as told: nobody knew another."""
        faces, state = self.announced(event), self.event_state(event)
        if state is None:
            raise StoreError(f"there is no event {event}")
        if not faces or faces[-1].shown != shown:
            kept = (*faces[:1], *faces[1:][-_CHANGES:], Announced(state.revision, now, shown))
            self._set(event, "announced = ?", announced_text(kept))

    def tell_nobody(self, event: str, before: Shown, after: Shown) -> None:
        """A typo of the file was mended: nothing of that is news any more."""
        faces = quietly(self.announced(event), before, after)
        # What came back to what people know is nothing to tell.
        kept = [face for at, face in enumerate(faces) if not at or face.shown != faces[at - 1].shown]
        self._set(event, "announced = ?", announced_text(tuple(kept)))

    def told(self, event: str) -> None:
        """Everybody knows what the file said last."""
        self._set(event, "announced = ?", announced_text(self.announced(event)[-1:]))

    def call_off(self, event: str, reason: Localized, now: datetime) -> bool:
        """For good; False when it was before: then the first reason stands, and nothing changes."""
        state = self.event_state(event)
        if state is None:
            raise StoreError(f"there is no event {event}")
        if state.called_off is not None:
            return False
        self._set(event, "called_off = ?, reason = ?", text_of(now), localized_text(reason))
        return True

    def set_closed(self, event: str, closed: bool, now: datetime) -> None:  # noqa: FBT001  a stored flag
        self._set(event, "closed = ?, closed_at = ?", closed, text_of(now) if closed else None)

    def set_times(self, event: str, *, opens: datetime | None = None, closes: datetime | None = None) -> None:
        """None leaves a time as it is."""
        values = (text_or_null(opens), text_or_null(closes))
        self._set(event, "opens = coalesce(?, opens), closes = coalesce(?, closes)", *values)

    def set_capacity(self, event: str, capacity: int | None) -> None:
        """None is unlimited. Seats that are taken already stay taken."""
        self._set(event, "capacity = ?", capacity)

    def _set(self, event: str, assignments: str, *values: object) -> None:
        if not self.change(f"UPDATE event_states SET {assignments} WHERE event = ?", *values, event):  # noqa: S608  our own text
            raise StoreError(f"there is no event {event}")
