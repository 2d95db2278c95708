"""Events that are being made by mail, in the file."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from mailflow.mail.address import Address
from mailflow.model.decision import Erased
from mailflow.model.sketch import EventDraft, Sketch
from mailflow.store.session import StoreError

NOW = datetime(2019, 8, 20, 9, 30, tzinfo=UTC)
KIM = Address("Kim.Ek", "example.org")
SKETCH = Sketch(
    title="Brödbak", day=date(2019, 9, 3), begins=time(17), ends=time(20), timezone="Europe/Stockholm", place="Köket",
    seats=12, closes_day=date(2019, 9, 1), closes_at=time(23, 59), included=("fika",), diet=False, language="sv",
    programme=((time(17), "Jäsning"),), guessed=("day",),
)  # fmt: skip
DRAFT = EventDraft(0, KIM, "make", "brodbak", SKETCH, "sv", NOW, "file", "AAAA1111", "hash", "uid", 1)


def test_a_draft_is_read_as_it_was_kept(store):
    """All of it, a NO about diet too; by its id, its button's code, and its meeting."""
    with store.write() as tx:
        kept = tx.keep_draft(DRAFT)
        assert kept == replace(DRAFT, id=1)
    with store.read() as tx:
        assert tx.event_draft(1) == tx.draft_by_code("hash") == kept
        assert tx.drafts_of_meeting(Address("kim.ek", "example.org"), "uid") == (kept,)
        assert tx.drafts_of_meeting(Address("eve", "example.org"), "uid") == ()
        assert (tx.drafts_open(KIM), tx.draft_named("brodbak"), tx.draft_named("other")) == (1, True, False)
        assert (tx.event_draft(2), tx.draft_by_code("")) == (None, None)


def test_what_has_ended_stays_as_it_is(store):
    """Published once: a second word finds no open row."""
    with store.write() as tx:
        kept = tx.keep_draft(DRAFT)
        tx.keep_draft(replace(kept, state="published", closed_at=NOW))
        with pytest.raises(StoreError):
            tx.keep_draft(replace(kept, state="dropped", closed_at=NOW))
        tx.follow_meeting(kept.id, 5, replace(SKETCH, place="Eden"))
    with store.read() as tx:
        (found,) = tx.drafts_published(NOW)
        assert (found.sequence, found.sketch.place, found.state) == (5, "Eden", "published")
        assert tx.drafts_published(NOW + timedelta(seconds=1)) == ()


def test_drafts_are_forgotten_and_what_is_published_goes_with_its_event(store):
    """Fourteen days after they came; with the people of the event; with their maker."""
    with store.write() as tx:
        tx.keep_draft(DRAFT)
        public = tx.keep_draft(replace(DRAFT, code_hash="b", event="gan"))
        tx.keep_draft(replace(public, state="published", closed_at=NOW))
        assert tx.forget_drafts(NOW + timedelta(days=1)) == 1
        assert tx.event_draft(public.id) is not None
        tx.erase_people("gan", NOW)
        assert tx.event_draft(public.id) is None
        for code, event in (("c", "gan"), ("d", "other")):
            tx.keep_draft(replace(DRAFT, code_hash=code, event=event))
        tx.apply(Erased(Address("kim.ek", "example.org"), None), "gan", NOW)
        assert (tx.draft_by_code("c"), tx.draft_by_code("d") is not None) == (None, True)
        tx.apply(Erased(Address("kim.ek", "example.org"), None), "new", NOW)
        assert tx.draft_by_code("d") is None
