"""What organisers say by mail: what is in force, how they want to be told, and what of it can be taken back."""

from datetime import datetime
from typing import assert_never

from mailflow.mail.address import Address
from mailflow.model.decision import CalledOff, OrganiserChange, OrganiserNoted, Ruled, Undoable, Undone
from mailflow.model.event import EventState
from mailflow.model.transcript import OrganiserNote, Undo
from mailflow.store.events import EventWriter
from mailflow.store.session import (
    Row,
    Session,
    StoreError,
    address_of,
    moment_or_none,
    plain,
    text_of,
    text_or_null,
)

_ORGANISERS = 100
_LINES = 60


class OrganiserReader(Session):
    """What is known of them beside the file of the event."""

    def organiser_notes(self, event: str) -> tuple[OrganiserNote, ...]:
        """All of an event, those added first to last; at most a hundred."""
        rows = self.all(
            """SELECT address, name, language, digest, added, heavy_at FROM organisers
            WHERE event = ? ORDER BY at, address_key LIMIT ?""",
            event,
            _ORGANISERS,
        )
        return tuple(
            OrganiserNote(address_of(row[0]), row[1], row[2], row[3], bool(row[4]), moment_or_none(row[5]))
            for row in rows
        )

    def undoable(self, event: str, reference: str, to: Address, since: datetime) -> tuple[tuple[Undone, Undo], ...]:
        """What the commands did that the transcript of that reference tells of: the last first, nothing from before
        `since`, nothing that was taken back, no ruling in whose place a later mail put another that stands, and no
        registration of somebody who has signed up anew. () where that letter is no transcript, or somebody else's.
        """
        rows = self.all(
            """SELECT u.mail, u.line, u.act, u.written, u.number, u.closed, u.opens, u.closes, u.capacity
            FROM outbox AS o JOIN undos AS u ON u.mail = o.mail
            WHERE o.reference = ? AND o.event = ? AND o.kind = 'transcript' AND o.recipient = ? COLLATE NOCASE
            AND u.at > ? AND u.undone_at IS NULL AND NOT EXISTS (
              SELECT 1 FROM undos AS later WHERE u.number = 0 AND later.event = u.event AND later.number = 0
              AND (later.at, later.mail) > (u.at, u.mail) AND later.undone_at IS NULL
              AND (later.act = 'capacity') = (u.act = 'capacity'))
            AND NOT EXISTS (
              SELECT 1 FROM registrations AS r WHERE u.number > 0 AND r.event = u.event AND r.number = u.number
              AND r.registered_at > u.at)
            ORDER BY u.line DESC LIMIT ?""",
            reference,
            event,
            str(to),
            text_of(since),
            _LINES,
        )
        return tuple((Undone(row[0], row[1]), _undo(row)) for row in rows)


class OrganiserWriter(OrganiserReader, EventWriter):
    """Writing it down."""

    def order(self, change: OrganiserChange, event: str, now: datetime, mail: int | None) -> None:
        """What an organiser's command changes of the event itself."""
        match change:
            case Ruled():
                self.rule(change, event, now)
            case CalledOff(reason=reason):
                self.call_off(event, reason, now)
            case OrganiserNoted():
                self.note_organiser(change, event, now)
            case Undoable():
                self.keep_undo(change, event, now, mail)
            case Undone():
                self.take_undo(change, now)
            case _:
                assert_never(change)

    def rule(self, ruled: Ruled, event: str, now: datetime) -> None:
        """What is in force from now on; the file's own values are applied again only when they change."""
        if not self.change(
            """UPDATE event_states SET closed_at = iif(closed = ?1, closed_at, iif(?1, ?2, NULL)), closed = ?1,
              opens = ?3, closes = ?4, capacity = ?5 WHERE event = ?6""",
            ruled.closed,
            text_of(now),
            text_or_null(ruled.opens),
            text_or_null(ruled.closes),
            ruled.capacity,
            event,
        ):
            raise StoreError(f"there is no event {event}")

    def note_organiser(self, noted: OrganiserNoted, event: str, now: datetime) -> None:
        """In place of what was noted before."""
        note = noted.note
        self.change(
            """INSERT INTO organisers (event, address_key, address, name, language, digest, added, heavy_at, at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (event, address_key) DO UPDATE SET address = excluded.address, name = excluded.name,
              language = excluded.language, digest = excluded.digest, added = excluded.added,
              heavy_at = excluded.heavy_at""",
            event,
            note.address.key,
            str(note.address),
            plain(note.name),
            note.language,
            note.digest,
            note.added,
            text_or_null(note.heavy_at),
            text_of(now),
        )

    def keep_undo(self, kept: Undoable, event: str, now: datetime, mail: int | None) -> None:
        """Only an act that a mail did can be taken back by a mail."""
        if mail is None:
            return
        before = kept.undo.before
        self.change(
            """INSERT INTO undos (mail, line, event, at, act, written, number, closed, opens, closes, capacity)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
            mail,
            kept.line,
            event,
            text_of(now),
            kept.undo.order,
            plain(kept.undo.written),
            kept.undo.number,
            before.closed if before else None,
            text_or_null(before.opens if before else None),
            text_or_null(before.closes if before else None),
            before.capacity if before else None,
        )

    def take_undo(self, undone: Undone, now: datetime) -> None:
        """StoreError when it was taken back before."""
        if not self.change(
            "UPDATE undos SET undone_at = ? WHERE mail = ? AND line = ? AND undone_at IS NULL",
            text_of(now),
            undone.mail,
            undone.line,
        ):
            raise StoreError(f"line {undone.line} of mail {undone.mail} was taken back already")


def _undo(row: Row) -> Undo:
    _, _, act, written, number, closed, opens, closes, capacity = row
    before = None
    if closed is not None:
        before = EventState(capacity, moment_or_none(opens), moment_or_none(closes), closed=bool(closed))
    return Undo(act, written, number, before)
