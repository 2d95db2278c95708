"""What one organiser is told: the numbers and names of an event since the last digest that went to that person."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from mailflow.desk.budget import ASK_LIMITS, LIMIT, doubted
from mailflow.desk.decide import NOT_UNDERSTOOD
from mailflow.desk.draft import to_organiser
from mailflow.desk.rhythm import wall
from mailflow.desk.spelling import meant
from mailflow.mail.clean import person_name
from mailflow.model.event import Event, EventState, Organiser
from mailflow.model.letter import Digest, Letter, Trouble, Upcoming
from mailflow.model.registration import Registration, Status
from mailflow.service.forged import forgeries
from mailflow.service.known import CALLED_OFF, DONE
from mailflow.store.protocol import Reader
from mailflow.store.rows import HistoryEntry

JOB = "digest"
CLOSING = "digest-closing"
_NEW = frozenset({"registered", "confirmed"})
_MOVED = frozenset({"promoted"})
_ACCEPTED = frozenset({"accepted"})
_GONE = frozenset({"cancelled", "declined", "left_line", "turned_down", "lapsed", "removed", "called_off", "unreached"})
_IN_LINE = (Status.WAITING, Status.OFFERED)
# Who has not answered by then may be helped along by somebody who knows them.
_OFFER_ENDS_WITHIN = timedelta(days=1)
_QUESTION_DAYS = 7
_FIRST_LOOK_DAYS = 7
_TROUBLES = 50


def gather(reader: Reader, event: Event, organiser: Organiser, now: datetime) -> Digest:
    """The digest's facts. A listing of the event: made once a day for an organiser, never on the path of a mail."""
    sent = (reader.last_job(kind, event.id, str(organiser.address), "sent") for kind in (JOB, CLOSING))
    since = max((moment for moment in sent if moment is not None), default=None)
    rows = {row.number: row for row in reader.registrations(event.id)}
    steps = reader.history(event.id, since=since)
    notes = reader.calendar_notes(event.id, since=since, limit=_TROUBLES)
    said = tuple((rows[note.number], note) for note in notes if note.number in rows)
    return Digest(
        since=since,
        new=_named(rows, steps, _NEW, Status.CONFIRMED),
        gone=_named(rows, steps, _GONE, None),
        moved=_named(rows, steps, _MOVED, Status.CONFIRMED),
        accepted=sum(row.partstat == "ACCEPTED" for row in _named(rows, steps, _ACCEPTED, Status.CONFIRMED)),
        seated=tuple(row for row in rows.values() if row.status is Status.CONFIRMED),
        line=tuple(sorted((r for r in rows.values() if r.status in _IN_LINE), key=lambda row: row.place)),
        troubles=(
            *_applications(event, rows),
            *_ending_offers(rows, now),
            *_unreached(reader, event, rows),
            *(Trouble("counter", f"{one.name} <{one.address}>", note.at, note.text, one.code, note.starts)
              for one, note in said if note.kind == "counter"),
            *_limits(reader, event, since or now - timedelta(days=_FIRST_LOOK_DAYS)),
            *_troubles(reader, event, since or now - timedelta(days=_FIRST_LOOK_DAYS), now,
                       {row.number for row in rows.values() if row.undeliverable}),
        ),
        upcoming=_upcoming(event, reader.event_state(event.id), now),
        applied=sum(row.applied is not None for row in rows.values()),
        told=reader.jobs_done(CALLED_OFF, event.id, DONE),
        said=tuple((one, note) for one, note in said if note.kind != "counter"),
    )


def letter(event: Event, state: EventState, organiser: Organiser, digest: Digest) -> Letter:
    """The letter that carries it, in the organiser's language."""
    return replace(to_organiser(event, state, "digest", organiser), notice=True, digest=digest)


def changed(digest: Digest) -> bool:
    """Whether anything happened since the last one."""
    return bool(digest.new or digest.gone or digest.moved or digest.said)


def _named(
    rows: dict[int, Registration], steps: tuple[HistoryEntry, ...], words: frozenset[str], now_is: Status | None
) -> tuple[Registration, ...]:
    """Who took one of those steps and still stands where it led; the one who came and went again is only gone."""
    numbers = dict.fromkeys(step.number for step in steps if step.what in words)
    found = (rows[number] for number in numbers if number in rows)
    return tuple(r for r in found if (r.status is now_is if now_is else not r.status.standing))


def _applications(event: Event, rows: dict[int, Registration]) -> tuple[Trouble, ...]:
    """Who waits for a yes or a no, the oldest first, with what they wrote about themselves; a bounded number.

    An allergy is nothing to choose people by.
    """
    told = [question.id for question in event.questions if question.kind == "text" and not question.sensitive]
    waiting = sorted((row.applied, row.number) for row in rows.values() if row.applied is not None)
    return tuple(
        Trouble("application", _who(rows[n]), at, "; ".join(_words(rows[n], told)), rows[n].code)
        for at, n in waiting[:_TROUBLES]
    )


def _who(one: Registration) -> str:
    name = person_name(one.name)
    return f"{name} <{one.address}>" if name else str(one.address)


def _words(one: Registration, questions: list[str]) -> Iterator[str]:
    answers = (one.answer(question) for question in questions)
    return (answer.text for answer in answers if answer is not None and answer.text)


def _ending_offers(rows: dict[int, Registration], now: datetime) -> tuple[Trouble, ...]:
    """Offers about to lapse (letters.md §9), the first to end first; a bounded number."""
    soon = sorted(
        (row.until, row.number)
        for row in rows.values()
        if row.status is Status.OFFERED and row.until is not None and row.until - now <= _OFFER_ENDS_WITHIN
    )
    return tuple(Trouble("offer", str(rows[n].address), at, reference=rows[n].code) for at, n in soon[:_TROUBLES])


def _unreached(reader: Reader, event: Event, rows: dict[int, Registration]) -> Iterator[Trouble]:
    """Whose letters come back while they hold a seat or a place in line; a bounded number."""
    flagged = [row for row in rows.values() if row.undeliverable and row.holds]
    domains = tuple(organiser.address.domain for organiser in event.organisers)
    for one in flagged[:_TROUBLES]:
        newest = next((b for b in reader.bounces(event.id, one.number) if b.severity != "ours"), None)
        suggestion = meant(one.address, domains)
        yield Trouble(
            "undeliverable",
            _who(one),
            newest.at if newest else one.since,
            reason=newest.reason if newest else "",
            reference=one.code,
            suggestion=str(suggestion or ""),
            kept="seat" if one.status.seated else "place",
            until=one.until,
        )


def _limits(reader: Reader, event: Event, since: datetime) -> Iterator[Trouble]:
    """One line for each limit that holds mails up, however many; and whether the event's questions go unanswered."""
    for held in reader.limited(event.id, LIMIT, since):
        yield Trouble("limit", str(held.mails), held.since, reason=held.reason)
    ran_out = reader.ran_out(event.id)
    if doubted(ran_out.count) and ran_out.last is not None and ran_out.last > since:
        yield Trouble("unanswered", str(ASK_LIMITS.doubted), ran_out.last)


def _troubles(
    reader: Reader, event: Event, since: datetime, now: datetime, flagged: set[int]
) -> tuple[Trouble, ...]:
    """What waits for a person; a letter that failed is not told of those who have a line of their own."""
    found = [
        Trouble("question", f"{q.subject} <{q.sender}>" if q.sender else q.subject, q.asked, reference=f"F-{q.number}")
        for q in reader.open_questions(event.id, now - timedelta(days=_QUESTION_DAYS), limit=_TROUBLES)
    ]
    found += [
        Trouble("failed_letter", entry.to, entry.created, reason=entry.reason, reference=str(entry.id))
        for entry in reader.letters(state="failed", event=event.id, since=since, limit=_TROUBLES)
        if entry.number not in flagged
    ]
    for state, kind in (("failed", "failed_mail"), ("refused", "refused_mail")):
        found += [
            Trouble("failed_mail" if kind == "failed_mail" else "refused_mail", entry.reverse_path, entry.received,
                    reason=entry.verdict.reason, reference=str(entry.id))
            for entry in reader.mails(state=state, event=event.id, since=since, without=LIMIT, limit=_TROUBLES)
        ]  # fmt: skip
    found += [
        Trouble("not_understood", entry.verdict.sender or entry.reverse_path, entry.received)
        for entry in reader.mails(state="done", event=event.id, since=since, reason=NOT_UNDERSTOOD, limit=_TROUBLES)
    ]
    forged = tuple(forgeries(reader, event, since))
    named = {trouble.what.casefold() for trouble in forged}
    found += forged
    found += [
        Trouble("suspicious", entry.verdict.sender or entry.reverse_path, entry.received, reason=entry.verdict.reason)
        for entry in reader.mails(state="ignored", event=event.id, since=since, limit=_TROUBLES)
        if entry.verdict.proof == "failed" and (entry.verdict.sender or "").casefold() not in named
    ]
    return tuple(found[: 2 * _TROUBLES])


def _upcoming(event: Event, state: EventState | None, now: datetime) -> tuple[Upcoming, ...]:
    dates: list[Upcoming] = []
    if state is not None and state.called_off is not None:
        return (Upcoming("erasure", event.erased_at),) if event.erased_at > now else ()
    if state is not None and state.opens is not None:
        dates.append(Upcoming("opens", state.opens))
    if state is not None and state.closes is not None:
        dates.append(Upcoming("closes", state.closes))
    dates += [Upcoming("door_list", event.starts.astimezone(UTC) - timedelta(hours=hours))
              for hours in event.after.door_list_hours_before]  # fmt: skip
    dates += [Upcoming("reminder", wall(event, event.starts.date() - timedelta(days=each.days_before), each.at))
              for each in event.reminders]  # fmt: skip
    dates.append(Upcoming("event", event.starts))
    dates.append(Upcoming("erasure", event.erased_at))
    return tuple(sorted((date for date in dates if date.at > now), key=lambda date: date.at))
