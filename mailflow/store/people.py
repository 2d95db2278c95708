"""Registrations, their waiting line and their history."""

import json
import sqlite3
from collections.abc import Sequence
from datetime import datetime

from mailflow.mail.address import Address
from mailflow.model.decision import Chosen, Saved
from mailflow.model.registration import CalendarNote, Registration, Status
from mailflow.store.given import answered, chosen_of, listed
from mailflow.store.rows import HistoryEntry
from mailflow.store.schema import CONCERNED, STANDING
from mailflow.store.session import (
    Row,
    Session,
    StoreError,
    WriteSession,
    address_of,
    json_of,
    moment_of,
    moment_or_none,
    plain,
    text_of,
    text_or_null,
)

# Places of the waiting line that are counted together: finding one costs a look at each block before it and at its own.
BLOCK = 256

_COLUMNS = (
    "event", "number", "code", "address", "name", "status", "language", "since", "registered_at", "answers", "guests",
    "place", "partstat", "epoch", "sequence", "dtstamp", "answered_at", "answered_sequence", "undeliverable",
    "thread", "until", "reminders", "door_number", "absent", "applied",
)  # fmt: skip
_SELECT = f"SELECT {', '.join(_COLUMNS)} FROM registrations"  # noqa: S608  our own column names
_INSERT = f"""INSERT INTO registrations ({", ".join(_COLUMNS)}, address_key)
  VALUES ({", ".join("?" * len(_COLUMNS))}, ?)"""  # noqa: S608  as above
# The row must still be what the decision saw: then two handlers of one mail cannot both succeed.
_UPDATE = f"""UPDATE registrations SET {", ".join(f"{name} = ?" for name in _COLUMNS)}, address_key = ?
  WHERE event = ? AND number = ? AND status = ? AND guests = ? AND place = ? AND epoch = ? AND sequence = ?"""  # noqa: S608  as above


class PeopleReader(Session):
    """Who stands where."""

    def registration(self, event: str, number: int) -> Registration | None:
        return _first(self.one(f"{_SELECT} WHERE event = ? AND number = ?", event, number))

    def registration_of(self, event: str, address: Address) -> Registration | None:
        """The standing registration of that address (by `Address.key`), else its newest one, else None."""
        # Two look-ups of one row each: somebody who signs up and cancels a thousand times costs no more than others.
        standing = self.one(f"{_SELECT} WHERE event = ? AND address_key = ? AND {STANDING}", event, address.key)
        return _first(
            standing
            or self.one(
                f"{_SELECT} WHERE event = ? AND address_key = ? ORDER BY number DESC LIMIT 1", event, address.key
            )
        )

    def registration_by_code(self, event: str, code: str) -> Registration | None:
        return _first(self.one(f"{_SELECT} WHERE event = ? AND code = ?", event, code))

    def registration_at_door(self, event: str, door_number: int) -> Registration | None:
        given = "event = ? AND door_number = ? AND door_number > 0"
        return _first(self.one(f"{_SELECT} WHERE {given}", event, door_number))

    def registrations(self, event: str, *statuses: str) -> tuple[Registration, ...]:
        """All of an event (of those statuses), by number; for lists and exports, never on the path of a mail."""
        among = f"AND status IN ({', '.join('?' * len(statuses))})" if statuses else ""
        rows = self.all(f"{_SELECT} WHERE event = ? {among} ORDER BY number", event, *map(str, statuses))
        return tuple(map(_registration, rows))

    def head_of_line(self, event: str, limit: int) -> tuple[Registration, ...]:
        """The first of the waiting line, in order of `place`."""
        rows = self.all(
            f"{_SELECT} WHERE event = ? AND status = 'waiting' ORDER BY place, number LIMIT ?", event, limit
        )
        return tuple(map(_registration, rows))

    def place_in_line(self, registration: Registration) -> int:
        """1 for the head; 0 when not waiting."""
        if registration.status is not Status.WAITING:
            return 0
        block = registration.place // BLOCK
        row = self.one(
            """SELECT (SELECT coalesce(sum(waiting), 0) FROM line_blocks WHERE event = ?1 AND block < ?2)
              + (SELECT count(*) FROM registrations
                WHERE event = ?1 AND status = 'waiting' AND place >= ?3 AND (place, number) < (?4, ?5))""",
            registration.event,
            block,
            block * BLOCK,
            registration.place,
            registration.number,
        )
        return 1 + (row[0] if row else 0)

    def chosen(self, event: str) -> tuple[Chosen, ...]:
        """How many with a seat or in line chose each option that anybody ever chose."""
        rows = self.all("SELECT question, option, taken FROM option_counts WHERE event = ?", event)
        return tuple(Chosen(*row) for row in rows)

    def seat_holders(self, event: str, after: int, limit: int) -> tuple[Registration, ...]:
        """Those with a seat whose number is higher, the lowest first."""
        rows = self.all(
            f"{_SELECT} WHERE event = ? AND status = 'confirmed' AND number > ? ORDER BY number LIMIT ?",
            event,
            after,
            limit,
        )
        return tuple(map(_registration, rows))

    def people_to_tell(self, event: str, after: int, limit: int) -> tuple[Registration, ...]:
        """Those with a seat, an offer or a place in line whose number is higher, the lowest first."""
        # The plus keeps SQLite from the index by status, after which it would have to sort them all for each part.
        rows = self.all(
            f"{_SELECT} WHERE event = ? AND +status IN {CONCERNED} AND number > ? ORDER BY number LIMIT ?",
            event,
            after,
            limit,
        )
        return tuple(map(_registration, rows))

    def people_to_end(self, event: str, after: int, limit: int) -> tuple[Registration, ...]:
        """Those with anything to give up (a request, a seat that is held) whose number is higher, the lowest first."""
        rows = self.all(
            f"""{_SELECT} WHERE event = ? AND (+{STANDING} OR +until IS NOT NULL) AND number > ?
            ORDER BY number LIMIT ?""",
            event,
            after,
            limit,
        )
        return tuple(map(_registration, rows))

    def audience(self, event: str) -> int:
        """How many `people_to_tell` there are; counts an index, so never on the path of a mail."""
        row = self.one(f"SELECT count(*) FROM registrations WHERE event = ? AND status IN {CONCERNED}", event)  # noqa: S608  our own words
        return row[0] if row else 0

    def applications(self, event: str, limit: int) -> tuple[Registration, ...]:
        """Those that wait for the organisers' approval, the oldest first."""
        rows = self.all(
            f"{_SELECT} WHERE event = ? AND applied IS NOT NULL ORDER BY applied, number LIMIT ?", event, limit
        )
        return tuple(map(_registration, rows))

    def applicants(self, event: str) -> int:
        """How many `applications` there are; counts an index, so never on the path of a mail."""
        row = self.one("SELECT count(*) FROM registrations WHERE event = ? AND applied IS NOT NULL", event)
        return row[0] if row else 0

    def run_out(self, event: str, now: datetime, limit: int) -> tuple[Registration, ...]:
        """Offers whose time is over, and seats that are held no longer; the earliest first."""
        rows = self.all(
            f"{_SELECT} WHERE event = ? AND until <= ? ORDER BY until, id LIMIT ?", event, text_of(now), limit
        )
        return tuple(map(_registration, rows))

    def calendar_notes(
        self, event: str, *, number: int | None = None, since: datetime | None = None, limit: int = 100
    ) -> tuple[CalendarNote, ...]:
        """What that person said through a calendar, or everybody since; the newest first."""
        asked = [("event = ?", event), ("number = ?", number), ("at > ?", text_or_null(since))]
        used = [(condition, value) for condition, value in asked if value is not None]
        rows = self.all(
            f"""SELECT number, kind, at, text, starts FROM calendar_notes
            WHERE {" AND ".join(condition for condition, _ in used)} ORDER BY at DESC, number LIMIT ?""",  # noqa: S608  our own conditions
            *(value for _, value in used),
            limit,
        )
        return tuple(CalendarNote(row[0], row[1], moment_of(row[2]), row[3], moment_or_none(row[4])) for row in rows)

    def history(
        self, event: str, *, number: int | None = None, mail: int | None = None, since: datetime | None = None,
        limit: int = 10_000,
    ) -> tuple[HistoryEntry, ...]:  # fmt: skip
        """In the order in which it happened; `since` means later than that, so that digests meet without overlap."""
        asked = [("event = ?", event), ("number = ?", number), ("mail = ?", mail), ("at > ?", text_or_null(since))]
        used = [(condition, value) for condition, value in asked if value is not None]
        rows = self.all(
            f"""SELECT number, at, what, status, mail FROM steps
            WHERE {" AND ".join(condition for condition, _ in used)} ORDER BY id LIMIT ?""",  # noqa: S608  our own conditions
            *(value for _, value in used),
            limit,
        )
        return tuple(HistoryEntry(row[0], moment_of(row[1]), *row[2:]) for row in rows)


class PeopleWriter(PeopleReader, WriteSession):
    """What a decision changes."""

    def save(self, saved: Saved, event: str, now: datetime, mail: int | None) -> None:
        """One registration, its step in the history, and the counters, moved by the difference of the two states."""
        before, after = saved.before, saved.after
        if after.event != event or (before and (before.event, before.number) != (event, after.number)):
            raise StoreError(f"registration {after.event}-{after.number} is not one of {event}, or not the one before")
        try:
            if before is None:
                self.sql.execute(_INSERT, _values(after))
            elif not self.change(
                _UPDATE,
                *_values(after),
                event,
                before.number,
                before.status.value,
                before.guests,
                before.place,
                before.epoch,
                before.sequence,
            ):
                raise StoreError(f"registration {event}-{before.number} is no longer {before.status}")
        except sqlite3.IntegrityError as error:
            raise StoreError(f"registration {event}-{after.number} breaks a rule: {error}") from error
        self.sql.execute(
            "INSERT INTO steps (event, number, at, what, status, mail) VALUES (?, ?, ?, ?, ?, ?)",
            (event, after.number, text_of(now), saved.what, after.status.value, mail),
        )
        self.change(
            """UPDATE event_states SET taken = taken + ?, waiting = waiting + ?,
              next_number = max(next_number, ?), next_place = max(next_place, ?) WHERE event = ?""",
            after.taken - (before.taken if before else 0),
            _waits(after) - _waits(before),
            after.number + 1,
            after.place + 1,
            event,
        )
        if before is None or (before.status, before.place) != (after.status, after.place):
            self._move_in_line(event, before, -1)
            self._move_in_line(event, after, 1)
        held, holds = chosen_of(before), chosen_of(after)
        for options, by in ((held - holds, -1), (holds - held, 1)):
            for question, option in sorted(options):
                self._choose(event, question, option, by)

    def give_door_numbers(self, event: str, numbers: Sequence[int]) -> None:
        """The next numbers of the door list to those registrations that have none, in the order given."""
        row = self.one("SELECT next_door_number FROM event_states WHERE event = ?", event)
        if row is None:
            raise StoreError(f"there is no event {event}")
        given = row[0]
        for number in numbers:
            given += self.change(
                "UPDATE registrations SET door_number = ? WHERE event = ? AND number = ? AND door_number = 0",
                given,
                event,
                number,
            )
        self.change("UPDATE event_states SET next_door_number = ? WHERE event = ?", given, event)

    def note(self, note: CalendarNote, event: str) -> None:
        """It takes the place of the older one of its kind and person."""
        self.change(
            """INSERT INTO calendar_notes (event, number, kind, at, text, starts) VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT (event, number, kind)
            DO UPDATE SET at = excluded.at, text = excluded.text, starts = excluded.starts""",
            event,
            note.number,
            note.kind,
            text_of(note.at),
            plain(note.text),
            text_or_null(note.starts),
        )

    def _choose(self, event: str, question: str, option: str, by: int) -> None:
        same = "event = ? AND question = ? AND option = ?"
        # Two statements, as for the line.
        if not self.change(f"UPDATE option_counts SET taken = taken + ? WHERE {same}", by, event, question, option):  # noqa: S608  our own condition
            self.change("INSERT INTO option_counts VALUES (?, ?, ?, ?)", event, question, option, by)

    def _move_in_line(self, event: str, registration: Registration | None, by: int) -> None:
        """`by` is 1 for joining the line at that place, -1 for leaving it; nothing for who does not wait."""
        if registration and registration.status is Status.WAITING:
            # Two statements, not an upsert: its first half would be a negative row, which the schema refuses.
            block = registration.place // BLOCK
            if not self.change(
                "UPDATE line_blocks SET waiting = waiting + ? WHERE event = ? AND block = ?", by, event, block
            ):
                self.change("INSERT INTO line_blocks (event, block, waiting) VALUES (?, ?, ?)", event, block, by)


def _waits(registration: Registration | None) -> int:
    return int(registration is not None and registration.status is Status.WAITING)


def _values(of: Registration) -> tuple[object, ...]:
    return (
        of.event, of.number, of.code, str(of.address), plain(of.name), of.status.value, of.language, text_of(of.since),
        text_of(of.registered_at), json_of(listed(of.answers)), of.guests, of.place, of.partstat, of.epoch, of.sequence,
        text_or_null(of.dtstamp), text_or_null(of.answered_at), of.answered_sequence, of.undeliverable, of.thread,
        text_or_null(of.until), of.reminders, of.door_number, of.absent, text_or_null(of.applied),
        of.address.key,
    )  # fmt: skip


def _first(row: Row | None) -> Registration | None:
    return _registration(row) if row else None


def _registration(row: Row) -> Registration:
    event, number, code, address, name, status, language, since, registered_at, answers, *rest = row
    guests, place, partstat, epoch, sequence, dtstamp, answered_at, answered_sequence, undeliverable, *last = rest
    thread, until, reminders, door_number, absent, applied = last
    return Registration(
        event=event,
        number=number,
        code=code,
        address=address_of(address),
        name=name,
        status=Status(status),
        language=language,
        since=moment_of(since),
        registered_at=moment_of(registered_at),
        answers=() if answers == "[]" else answered(json.loads(answers)),
        guests=guests,
        place=place,
        partstat=partstat,
        epoch=epoch,
        sequence=sequence,
        dtstamp=moment_or_none(dtstamp),
        answered_at=moment_or_none(answered_at),
        answered_sequence=answered_sequence,
        undeliverable=bool(undeliverable),
        thread=thread,
        until=moment_or_none(until),
        reminders=bool(reminders),
        door_number=door_number,
        absent=bool(absent),
        applied=moment_or_none(applied),
    )
