"""What is kept no longer than was promised (trust.md §10): each thing goes on its day, late rather than never."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from mailflow.model.event import Event
from mailflow.service.erased_list import forget
from mailflow.service.house import MAKER, ROLES, House
from mailflow.store.protocol import Writer

SENSITIVE, PEOPLE, NIGHT = "erase-sensitive", "erase-people", "erase-night"
# Delivery reports and refused mails hold other people's data, and nothing that anybody still needs.
_REPORTS = timedelta(days=7)
# Budgets and challenges look no further back than this.
_MARKS = timedelta(days=30)
# A draft of an event waits so long for its maker's word.
DRAFTS = timedelta(days=14)
# The site's day begins here for us: whoever waits for the file to be packed is asleep.
_NIGHT = timedelta(hours=3)
_DAY = timedelta(days=1)
# Mails whose octets go in one tick: a commit must not hold up the door.
_AT_ONCE = 200

# Job, event and result.
Kept = tuple[str, str, str]


def of_event(house: House, writer: Writer, event: Event, now: datetime) -> Iterator[Kept]:
    """What of an event is due at `now`. Doing it again, or after downtime, does what is left to do."""
    if not _stood(writer, event, now):
        return
    yield from _sensitive(writer, event, now, house.config.retention.sensitive)
    yield from _people(writer, event, now)


def raw_mail(house: House, writer: Writer, now: datetime) -> Iterator[Kept]:
    """The octets of mails, some at a time."""
    raw = house.config.retention.raw_mail
    if gone := writer.erase_raw(now - raw, now - min(raw, _REPORTS), _AT_ONCE):
        yield "erase-raw", "", f"{gone} mails"


def _sensitive(writer: Writer, event: Event, now: datetime, after: timedelta) -> Iterator[Kept]:
    questions = [question.id for question in event.questions if question.sensitive]
    due = event.ends + after
    if now < due or not questions or not writer.begin_job(SENSITIVE, event.id, "", due.date(), now):
        return
    result = f"{writer.erase_sensitive(event.id, questions, event.ends)} people"
    writer.end_job(SENSITIVE, event.id, "", due.date(), result, now)
    yield SENSITIVE, event.id, result


def _people(writer: Writer, event: Event, now: datetime) -> Iterator[Kept]:
    due = event.erased_at
    if now < due or not writer.begin_job(PEOPLE, event.id, "", due.date(), now):
        return
    result = f"{writer.erase_people(event.id, now)} people"
    writer.end_job(PEOPLE, event.id, "", due.date(), result, now)
    yield PEOPLE, event.id, result


def nightly(house: House, writer: Writer, now: datetime) -> Iterator[Kept]:
    """Once a night: what came after the erasure, what role addresses got, and marks that no budget counts any more."""
    day = (now.astimezone(ZoneInfo(house.config.site.timezone)) - _NIGHT).date()
    if not writer.begin_job(NIGHT, "", "", day, now):
        return
    kept = house.config.retention
    papers = sum(
        writer.erase_papers(event.id, now - kept.raw_mail, now)
        for event in house.events.values()
        if now >= event.erased_at and _stood(writer, event, now)
    )
    papers += sum(writer.erase_papers(role, now - kept.people, now) for role in (*sorted(ROLES), MAKER))
    writer.forget_drafts(now - DRAFTS)
    marks = max(_MARKS, kept.backups)
    writer.forget_marks(now - marks)
    # The list first, and a day more here: what the list still has, this database knows of.
    forget(house.config.state, now - kept.backups)
    writer.forget_erasures(now - marks - _DAY, [one.id for one in house.events.values() if now < one.erased_at])
    writer.end_job(NIGHT, "", "", day, f"{papers} papers", now)
    yield NIGHT, "", f"{papers} papers"


def _stood(writer: Writer, event: Event, now: datetime) -> bool:
    """Whether the file has been as it is for a day: last year's date, by a slip, must not erase everybody at once."""
    state = writer.event_state(event.id)
    return state is not None and (state.revised_at is None or now >= state.revised_at + _DAY)
