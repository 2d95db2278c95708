"""The promises: what a store does, whatever the engine. `sqlite.py` is one; the contract suite holds each to this.

All times are aware UTC. Every method runs inside one transaction; `write()` takes the write lock at once
(`BEGIN IMMEDIATE`), so what was read in it is still true when it commits.
"""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime, timedelta
from typing import Protocol

from mailflow.mail.address import Address
from mailflow.model.announced import Announced, Shown
from mailflow.model.announcement import Announcement, AnnouncementState, Audience, Draft
from mailflow.model.bounce import Bounce
from mailflow.model.decision import Act, Asked, Challenge, Change, Chosen, Forwards, Question, Undone
from mailflow.model.dossier import Dossier
from mailflow.model.event import EventState, Localized
from mailflow.model.registration import CalendarNote, Registration
from mailflow.model.sketch import EventDraft, Sketch
from mailflow.model.statistics import Statistics
from mailflow.model.transcript import OrganiserNote, Undo
from mailflow.store.rows import (
    Counts,
    HistoryEntry,
    Inbound,
    InboxEntry,
    Incoming,
    Kept,
    LetterRef,
    Limited,
    Metrics,
    OpenQuestion,
    OutboxEntry,
    Outgoing,
    RanOut,
    Retry,
    Verdict,
)


class Busy(Exception):
    """The database was locked for longer than the busy time-out: try again later, nothing was changed."""


class Reader(Protocol):
    """What can be asked of a store. Every listing is bounded by `limit` or by one event."""

    def event_state(self, event: str) -> EventState | None: ...

    def registration(self, event: str, number: int) -> Registration | None: ...
    def registration_of(self, event: str, address: Address) -> Registration | None:
        """The standing registration of that address (by `Address.key`), else its newest one, else None."""

    def registration_by_code(self, event: str, code: str) -> Registration | None: ...
    def registration_at_door(self, event: str, door_number: int) -> Registration | None:
        """Whom that number of the door list was given; None for a number that nobody has."""

    def registrations(self, event: str, *statuses: str) -> tuple[Registration, ...]:
        """All of an event (of those statuses), by number; for lists and exports, never on the path of a mail."""

    def head_of_line(self, event: str, limit: int) -> tuple[Registration, ...]:
        """The first of the waiting line, in order of `place`."""

    def place_in_line(self, registration: Registration) -> int:
        """1 for the head; 0 when not waiting."""

    def chosen(self, event: str) -> tuple[Chosen, ...]:
        """How many with a seat or in line chose each option that anybody ever chose."""

    def seat_holders(self, event: str, after: int, limit: int) -> tuple[Registration, ...]:
        """Those with a seat whose number is higher, the lowest first: a round of letters, some at a time."""

    def people_to_tell(self, event: str, after: int, limit: int) -> tuple[Registration, ...]:
        """The same, of those with a seat, an offer or a place in line."""

    def people_to_end(self, event: str, after: int, limit: int) -> tuple[Registration, ...]:
        """The same, of those with anything to give up: an open request and a seat that is held, too."""

    def audience(self, event: str) -> int:
        """How many `people_to_tell` there are."""

    def announced(self, event: str) -> tuple[Announced, ...]:
        """What people were told of time and place, and what the file has said since, the oldest first."""

    def announcement_due(self, event: str) -> Announcement | None:
        """The oldest that some have still to get."""

    def latest_announcement(self, event: str) -> Announcement | None:
        """The newest to those who have a seat."""

    def announcements(self, event: str, limit: int = 100) -> tuple[Announcement, ...]:
        """The newest first."""

    def listeners(self, event: str, audience: Audience, after: int, limit: int) -> tuple[Registration, ...]:
        """Whom an announcement reaches, of those whose number is higher; the lowest first."""

    def listeners_count(self, event: str, audience: Audience) -> int:
        """How many they are; counts them, so never on the path of an attendee's mail."""

    def applications(self, event: str, limit: int) -> tuple[Registration, ...]:
        """Those that wait for the organisers' approval, the oldest first."""

    def applicants(self, event: str) -> int:
        """How many `applications` there are."""

    def run_out(self, event: str, now: datetime, limit: int) -> tuple[Registration, ...]:
        """Offers whose time is over, and seats that are held no longer; the earliest first."""

    def history(self, event: str, *, number: int | None = None, mail: int | None = None,
                since: datetime | None = None, limit: int = 10_000) -> tuple[HistoryEntry, ...]: ...  # fmt: skip

    def calendar_notes(self, event: str, *, number: int | None = None, since: datetime | None = None,
                       limit: int = 100) -> tuple[CalendarNote, ...]:  # fmt: skip
        """What that person said through a calendar, or everybody later than `since`; the newest first."""

    def bounces(self, event: str, number: int, limit: int = 50) -> tuple[Bounce, ...]:
        """The letters to that registration that came back, the newest first."""

    def reached(self, event: str, number: int, address: Address, now: datetime) -> datetime | None:
        """When a letter to it was last sent and did not come back for five days, or a proved mail came from there."""

    def first_letter(self, event: str, number: int, since: datetime) -> str:
        """The reference of the first letter to that registration from then on, "" when there is none."""

    def letter_to(self, event: str, address: Address, since: datetime) -> str:
        """The reference of the newest letter to that address that was sent since then, "" when there is none."""

    def challenge(self, challenge: str) -> Challenge | None: ...
    def challenge_by_code(self, code_hash: str) -> Challenge | None: ...
    def open_challenges(self, event: str, number: int, act: Act, limit: int) -> tuple[Challenge, ...]:
        """The open ones about that registration, the newest first."""

    def expired_challenges(self, event: str, now: datetime, limit: int) -> tuple[Challenge, ...]:
        """Open challenges whose time has run out, the oldest first."""

    def letter_ref(self, reference: str) -> LetterRef | None: ...
    def counts(self, canonical: str, now: datetime) -> Counts:
        """`canonical` is a keyed hash of `Address.canonical`; confirmed_lately looks back 30 days."""

    def asked(self, event: str, domain: str, network: str, now: datetime) -> Asked:
        """Letters to unproved people within the hour; `domain` and `network` are keyed hashes, "" is no network.

        Mail to a role address that was passed on is counted with no domain, and not in `Asked.site`.
        """

    def ran_out(self, event: str) -> RanOut: ...
    def limited(self, event: str, prefix: str, since: datetime) -> tuple[Limited, ...]:
        """Mails that wait for a reason that begins so, and those that came later than `since` and failed for one."""

    def forged(self, event: str, sender: Address, since: datetime, limit: int) -> tuple[datetime, ...]:
        """When mails came later than `since` whose From is that and whose domain disowns them; the oldest first."""

    def sent_since(self, since: datetime, limit: int) -> int:
        """How many letters were taken later than that; `limit` at most are counted."""

    def next_question(self, event: str) -> int: ...
    def organiser_notes(self, event: str) -> tuple[OrganiserNote, ...]:
        """What is known of organisers beside the file, those added first to last."""

    def undoable(self, event: str, reference: str, to: Address, since: datetime) -> tuple[tuple[Undone, Undo], ...]:
        """What the transcript of that reference, which went to that address, tells of and can be taken back still."""

    def forwards(self, event: str, sender: Address, text_hash: str, now: datetime) -> Forwards:
        """What went to the organisers; `sender` counts by its `canonical`."""

    def open_questions(self, event: str, since: datetime, limit: int = 100) -> tuple[OpenQuestion, ...]:
        """Those that came later than `since` and were not said to be done, the oldest first."""

    def question(self, event: str, number: int) -> Question | None: ...
    def statistics(self, event: str) -> Statistics:
        """Sign-ups in numbers, with those who were erased since; reads every row of the event, never for a mail."""

    def event_draft(self, draft: int) -> EventDraft | None: ...
    def draft_by_code(self, code_hash: str) -> EventDraft | None:
        """The draft whose newest letter has that code in its button."""

    def drafts_of_meeting(self, maker: Address, uid: str) -> tuple[EventDraft, ...]:
        """What that maker's meeting became, the newest first; at most ten."""

    def drafts_open(self, maker: Address) -> int:
        """How many drafts wait for that maker's word."""

    def draft_named(self, event: str) -> bool:
        """Whether an open draft has that id."""

    def drafts_published(self, since: datetime) -> tuple[EventDraft, ...]:
        """Those whose event file was written at that time or later, the oldest first; at most 100."""

    def mail_entry(self, mail: int) -> InboxEntry | None: ...
    def mail_octets(self, mail: int) -> bytes | None: ...
    def mails(self, *, state: str | None = None, event: str | None = None, since: datetime | None = None,
              without: str | None = None, reason: str | None = None,
              limit: int = 200) -> tuple[InboxEntry, ...]: ...  # fmt: skip
    def letter(self, letter: int) -> OutboxEntry | None: ...
    def letter_octets(self, letter: int) -> bytes | None: ...
    def letter_head(self, reference: str, octets: int) -> bytes:
        """The first so many octets of the letter of that reference; b"" when there is none, or none are kept."""

    def most_letters_to(self, since: datetime) -> tuple[str, int] | None:
        """The domain that most letters were sent to since, and how many; reads them all, so never on a mail's path."""

    def letters(self, *, state: str | None = None, event: str | None = None, mail: int | None = None,
                since: datetime | None = None, limit: int = 200) -> tuple[OutboxEntry, ...]: ...  # fmt: skip

    def events(self) -> tuple[str, ...]:
        """All that the store has met, also those whose file is gone."""

    def addresses(self, event: str) -> Iterator[Address]:
        """Every address that a row of the event names, in each spelling; for a restored database, never for a mail."""

    def holds(self, event: str, address: Address) -> bool:
        """Whether anything of or to that address is held at the event, by what an erasure would look for."""

    def stays_erased(self, event: str, who: str) -> bool:
        """Whether the erasure of that keyed hash stands: nobody by that hash has come back since."""

    def knows_erasure(self, event: str, who: str, at: datetime) -> bool:
        """Whether this database knows of an erasure of that hash at that time, or later."""

    def dossier(self, event: str, address: Address) -> Dossier:
        """All that is held about that address at the event: a bounded number of rows, nobody else's among them."""

    def last_job(self, kind: str, event: str, whom: str, result: str) -> datetime | None:
        """When the newest job of that kind with that result was done: the `since` of a digest."""

    def job_result(self, kind: str, event: str, whom: str, day: date) -> str:
        """What was last said of that job; "" while it is under way, or was never begun."""

    def jobs_done(self, kind: str, event: str, result: str) -> int:
        """How many people's jobs of that kind ended like that; counts them, so never on the path of a mail."""

    def metrics(self) -> Metrics: ...
    def due_at(self) -> datetime | None:
        """The earliest moment at which a letter or a mail that waits is due, for the dispatcher's sleep."""


class Writer(Reader, Protocol):
    """What can be changed. Nothing here decides; `apply` writes what `desk` said."""

    def savepoint(self) -> AbstractContextManager[None]:
        """A nested step: rolled back alone when its body raises (one mail of a batch)."""

    def keep(self, mails: Sequence[Incoming], now: datetime) -> tuple[Kept, ...]:
        """Commit ①. A duplicate gets a row of its own that ends at once as `ignored`, without octets."""

    def claim_mails(self, limit: int, lease: timedelta, now: datetime, *, alone_after: int = 3) -> tuple[Inbound, ...]:
        """Oldest first: new ones and those whose wait or lease has ended. Counts the attempt.

        One with `alone_after` attempts behind it comes by itself: if it ends the process, it is blamed alone.
        """

    def recover(self, now: datetime) -> None:
        """Let go of every claim, mails and letters: only for the one service on a database, when it starts."""

    def close_mail(self, mail: int, verdict: Verdict, now: datetime) -> None: ...
    def defer_mail(self, mail: int, until: datetime, reason: str) -> None:
        """Look again later (DNS, budgets); the attempt does not count."""

    def release_mail(self, mail: int, reason: str, now: datetime, *, park_after: int = 3) -> bool:
        """An attempt failed. At `park_after` attempts it ends as `failed` (True), else it is due again (False)."""

    def retry_mail(self, mail: int, now: datetime) -> bool: ...
    def drop_mail(self, mail: int, reason: str, now: datetime) -> bool: ...

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

        `face` is a digest of what calendars and letters show; when it changes, `revision` rises, `revised_at` is now.
        """  # fmt: skip

    def announce(self, event: str, shown: Shown, now: datetime) -> None:
        """What the file shows now, after `sync_event`: kept until `told`. StoreError for an event not known."""

    def tell_nobody(self, event: str, before: Shown, after: Shown) -> None:
        """A typo of the file was mended (`announced.quietly`): nothing of that is news any more."""

    def told(self, event: str) -> None:
        """Everybody knows what the file said last; the rest of `announced` is forgotten."""

    def keep_announcement(self, event: str, draft: Draft, by: str, audience: Audience, now: datetime) -> Announcement:
        """It is due from now on; its number is one more than that of the event's newest."""

    def close_announcement(self, event: str, number: int, state: AnnouncementState) -> None:
        """It goes no further. StoreError when it is not due."""

    def call_off(self, event: str, reason: Localized, now: datetime) -> bool:
        """For good; False when it was before: then nothing changes. StoreError for an event not known."""

    def set_closed(self, event: str, closed: bool, now: datetime) -> None: ...  # noqa: FBT001  a stored flag
    def set_times(self, event: str, *, opens: datetime | None = None, closes: datetime | None = None) -> None: ...
    def set_capacity(self, event: str, capacity: int | None) -> None: ...

    def apply(self, change: Change, event: str, now: datetime, mail: int | None = None) -> None:
        """Write one change and move the counters by the difference of its two states."""

    def give_door_numbers(self, event: str, numbers: Sequence[int]) -> None:
        """The next numbers of the door list to those registrations that have none, in the order given; they are kept
        for good and never given again. StoreError for an event not known.
        """

    def next_letter(self) -> int:
        """A number never used before, also not after a crash; gaps are possible."""

    def next_letters(self, count: int) -> Sequence[int]:
        """So many of them, rising."""

    def post(self, item: Outgoing) -> None: ...
    def count_answer(self, canonical: str, now: datetime, *, proved: bool) -> None: ...
    def count_confirmed(self, canonical: str, now: datetime) -> None: ...
    def count_asked(self, event: str, domain: str, network: str, now: datetime) -> None:
        """One more of them; hashes as in `asked`."""


    def claim_letters(self, limit: int, retry: Retry, now: datetime, *, octets: int) -> tuple[Outgoing, ...]:
        """Due ones, oldest first, of so many `octets` together; the first whatever its size, if there is room at all.

        The attempt is counted and the next one is set before anything is sent.
        """

    def sent(self, letter: int, code: int, status: str, text: str, now: datetime) -> None: ...
    def deferred(self, letter: int, until: datetime, code: int, status: str, text: str) -> None: ...
    def failed(self, letter: int, reason: str, code: int, status: str, text: str, now: datetime) -> None: ...
    def retry_letter(self, letter: int, now: datetime) -> bool: ...
    def drop_letter(self, letter: int, reason: str, now: datetime) -> bool: ...

    def begin_job(self, kind: str, event: str, whom: str, day: date, now: datetime) -> bool:
        """False when this job was begun before: the unique row makes a second sending impossible."""

    def end_job(self, kind: str, event: str, whom: str, day: date, result: str, now: datetime) -> None: ...
    def ticked(self, now: datetime) -> None: ...

    def note_erasure(self, event: str, who: str, now: datetime) -> None:
        """`who` is a keyed hash of an address that was erased."""

    def lift_erasure(self, event: str, who: str) -> None:
        """They came back by themselves: who names them may have them asked again."""

    def forget_erasures(self, before: datetime, besides: Sequence[str]) -> None:
        """The hashes of those erased earlier, but for events whose people are still written to."""

    def erase_raw(self, before: datetime, reports_before: datetime, limit: int) -> int:
        """The octets of mails that have ended and came before that time; how many that was."""

    def erase_sensitive(self, event: str, questions: Sequence[str], until: datetime) -> int:
        """The answers to those questions, and the texts that hold them; how many people had answered one."""

    def erase_people(self, event: str, now: datetime) -> int:
        """Everybody of an event becomes a number in the statistic; how many that was."""

    def erase_papers(self, event: str, before: datetime, now: datetime) -> int:
        """What names people in mails and letters that ended before that time; how many that was."""

    def first_with(self, event: str, marks: Sequence[str], mail: int, now: datetime) -> int | None:
        """The earlier mail to this event with one of these marks, None if `mail` is the first; they are noted."""

    def keep_draft(self, draft: EventDraft) -> EventDraft:
        """A new draft, or what became of an open one; with its id. StoreError for one that has ended."""

    def follow_meeting(self, draft: int, sequence: int, sketch: Sketch) -> None:
        """A published draft's meeting was heard of with that SEQUENCE, and looks like that now."""

    def forget_drafts(self, before: datetime) -> int:
        """Those that are older and were not published; how many. What was published is kept with its event."""

    def forget_marks(self, before: datetime) -> None:
        """Keyed hashes of addresses that are older."""


class Store(Protocol):
    """A database. One per process and thread; `close` when done."""

    def read(self) -> AbstractContextManager[Reader]: ...
    def write(self) -> AbstractContextManager[Writer]:
        """Raises Busy when the lock is not to be had in time. Commits at the end, rolls back on any exception."""

    def migrate(self) -> tuple[str, ...]:
        """Bring the schema to this version inside one exclusive transaction; the names of the steps applied."""

    def pending_migrations(self) -> tuple[str, ...]: ...
    def tidy(self, most_octets: int | None = None) -> bool:
        """Pack the file, unless it is larger, when something was erased since: no page holds what a row once held.

        Raises Busy when it is to be tried later.
        """

    def recount(self) -> Iterator[str]:
        """Each counter that does not agree with its rows, as a sentence (`mailflow check`)."""

    def close(self) -> None: ...
