"""Events that are being made by mail: one row each, from the first mail to its maker's word (operations.md §3)."""

import json
from dataclasses import asdict, replace
from datetime import date, datetime, time
from typing import Any

from mailflow.mail.address import Address
from mailflow.model.sketch import EventDraft, Sketch
from mailflow.store.dossier import same
from mailflow.store.session import (
    Row,
    Session,
    StoreError,
    WriteSession,
    address_of,
    json_of,
    moment_of,
    moment_or_none,
    text_of,
    text_or_null,
)

_SELECT = """SELECT id, maker, act, event, sketch, language, created, file, reference, code_hash, uid, sequence, people,
  state, closed_at FROM drafts"""
_DAYS = ("day", "last_day", "closes_day")
_HOURS = ("begins", "ends", "closes_at")


class DraftReader(Session):
    """Drafts as they stand."""

    def event_draft(self, draft: int) -> EventDraft | None:
        return _first(self.one(f"{_SELECT} WHERE id = ?", draft))

    def draft_by_code(self, code_hash: str) -> EventDraft | None:
        """That whose newest letter has the code in its button."""
        return _first(self.one(f"{_SELECT} WHERE code_hash = ?", code_hash)) if code_hash else None

    def drafts_of_meeting(self, maker: Address, uid: str) -> tuple[EventDraft, ...]:
        """The newest first, at most ten."""
        rows = self.all(f"{_SELECT} WHERE maker_key = ? AND uid = ? ORDER BY id DESC LIMIT 10", maker.key, uid)
        return tuple(map(_draft, rows))

    def drafts_open(self, maker: Address) -> int:
        """How many wait for that maker's word."""
        row = self.one("SELECT count(*) FROM drafts WHERE maker_key = ? AND state = 'open'", maker.key)
        return row[0] if row else 0

    def draft_named(self, event: str) -> bool:
        """Whether an event of that id is being made."""
        return self.one("SELECT 1 FROM drafts WHERE event = ? AND state = 'open' LIMIT 1", event) is not None

    def drafts_published(self, since: datetime) -> tuple[EventDraft, ...]:
        """Those whose event file was written at that time or later, the oldest first; at most 100."""
        rows = self.all(
            f"{_SELECT} WHERE state = 'published' AND closed_at >= ? ORDER BY closed_at, id LIMIT 100", text_of(since)
        )
        return tuple(map(_draft, rows))


class DraftWriter(DraftReader, WriteSession):
    """What a maker's mails make of them."""

    def keep_draft(self, draft: EventDraft) -> EventDraft:
        """A new row, or what has become of one; with its id. StoreError for a row that has ended."""
        values = (
            str(draft.maker), draft.maker.key, draft.act, draft.event, _text(draft.sketch), draft.language, draft.file,
            draft.reference, draft.code_hash, draft.uid, draft.sequence, draft.people, draft.state,
            text_or_null(draft.closed_at),
        )  # fmt: skip
        if draft.id:
            changed = self.change(
                """UPDATE drafts SET maker = ?, maker_key = ?, act = ?, event = ?, sketch = ?, language = ?, file = ?,
                  reference = ?, code_hash = ?, uid = ?, sequence = ?, people = ?, state = ?, closed_at = ?
                WHERE id = ? AND state = 'open'""",
                *values,
                draft.id,
            )
            if not changed:
                raise StoreError(f"draft {draft.id} is not open")
            return draft
        row = self.one(
            """INSERT INTO drafts (maker, maker_key, act, event, sketch, language, file, reference, code_hash, uid,
              sequence, people, state, closed_at, created) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            RETURNING id""",
            *values,
            text_of(draft.created),
        )
        assert row is not None
        return replace(draft, id=row[0])

    def follow_meeting(self, draft: int, sequence: int, sketch: Sketch) -> None:
        """What is published has heard of that SEQUENCE, and was last like that in its maker's calendar."""
        self.change("UPDATE drafts SET sequence = ?, sketch = ? WHERE id = ?", sequence, _text(sketch), draft)

    def forget_drafts(self, before: datetime) -> int:
        """Those that are older and were not published; how many. What was published is kept with its event."""
        return self.change("DELETE FROM drafts WHERE state <> 'published' AND created < ?", text_of(before))

    def forget_drafts_of(self, event: str) -> None:
        """All about an event whose people are erased."""
        self.change("DELETE FROM drafts WHERE event = ?", event)

    def forget_maker(self, event: str, address: str) -> None:
        """Those by somebody who is erased, in that spelling: of that event, or all at the address for new ones."""
        mine = f"{same('maker')} AND ? IN (event, 'new')"
        self.change(f"DELETE FROM drafts WHERE {mine}", address, event)  # noqa: S608  our own name


def _first(row: Row | None) -> EventDraft | None:
    return _draft(row) if row else None


def _draft(row: Row) -> EventDraft:
    number, maker, act, event, sketch, language, created, *rest = row
    file, reference, code_hash, uid, sequence, people, state, closed_at = rest
    return EventDraft(
        number, address_of(maker), act, event, _sketch(sketch), language, moment_of(created), file, reference,
        code_hash, uid, sequence, people, state, moment_or_none(closed_at),
    )  # fmt: skip


def _text(sketch: Sketch) -> str:
    """As JSON that people can read: what was not said is left out."""
    said = {name: value for name, value in asdict(sketch).items() if value not in ("", None, ())}
    for name in (*_DAYS, *_HOURS):
        if name in said:
            said[name] = said[name].isoformat()
    if "programme" in said:
        said["programme"] = [[at.isoformat(), title] for at, title in said["programme"]]
    return json_of(said)


def _sketch(text: str) -> Sketch:
    said: dict[str, Any] = json.loads(text)
    for name in _DAYS:
        if name in said:
            said[name] = date.fromisoformat(said[name])
    for name in _HOURS:
        if name in said:
            said[name] = time.fromisoformat(said[name])
    for name in ("included", "guessed"):
        said[name] = tuple(said.get(name, ()))
    said["programme"] = tuple((time.fromisoformat(at), title) for at, title in said.get("programme", ()))
    return Sketch(**said)
