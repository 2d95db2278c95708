"""Time as a correspondent: what has fallen due becomes an intent, and the desk answers it (DESIGN.md)."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from mailflow.desk.decide import decide
from mailflow.desk.rhythm import digest_day, digest_wanted
from mailflow.mail.address import Address
from mailflow.model.event import Event, Organiser
from mailflow.model.intent import Due
from mailflow.model.letter import Digest
from mailflow.model.proof import UNPROVED
from mailflow.service import digest as digests
from mailflow.service import retention
from mailflow.service.announce import go_announce
from mailflow.service.approval import end_applications
from mailflow.service.called_off import tell_called_off
from mailflow.service.changed import tell_changes
from mailflow.service.desk_clerk import carry_out, post
from mailflow.service.door_list import send_door_list
from mailflow.service.house import House
from mailflow.service.line_end import end_line
from mailflow.service.organisers import staffed
from mailflow.service.rounds import Went, go_round
from mailflow.service.view import HEAD, due_view
from mailflow.store.protocol import Writer

_EXPIRED = 200
_RUN_OUT = 200
# So many move up in one tick at most, or a few more: nobody passes the others meanwhile, and mail does not wait.
_MOVED = 200


Result = tuple[str, str, Address | None, str]
Keep = Callable[[House, Writer, datetime], Iterable[retention.Kept]]
# What may be due for an event: what it did is noted, and how many letters that was comes back.
_Step = Callable[[House, Writer, Event, datetime, list[Result]], int]


@dataclass(frozen=True, slots=True)
class Ticked:
    """What one tick did, for the journal: (job, event, whom, result); and for which events something went wrong."""

    results: tuple[Result, ...] = ()
    letters: int = 0
    troubles: tuple[tuple[str, Exception], ...] = ()


def tick(house: House, writer: Writer, now: datetime) -> Ticked:
    """Everything due at `now`, in one transaction. Doing it twice, or in two processes, does it once.

    Each step in a savepoint: a template that breaks takes its own step back, and neither another's nor other events'.
    """
    results: list[Result] = []
    troubles: list[tuple[str, Exception]] = []
    letters = 0
    for event_id, step in _due(house, writer, now):
        done: list[Result] = []
        try:
            with writer.savepoint():
                letters += step(done)
        except Exception as error:  # noqa: BLE001  a door: it is taken back, told to the operator and tried again
            troubles.append((event_id, error))
        else:
            results += done
    writer.ticked(now)
    return Ticked(tuple(results), letters, tuple(troubles))


def _due(house: House, writer: Writer, now: datetime) -> Iterator[tuple[str, Callable[[list[Result]], int]]]:
    """The steps, each with its event; "" for what the site does."""
    # Event by event: what stands open of one whose file was taken away holds nobody up, and ends when the file is back.
    for event in (staffed(writer, event) for event in house.events.values()):
        for step in _STEPS:
            yield event.id, partial(step, house, writer, event, now)
    for keep in (retention.raw_mail, retention.nightly):
        yield "", partial(_kept, keep, house, writer, now)


def _kept(keep: Keep, house: House, writer: Writer, now: datetime, results: list[Result]) -> int:
    results += [(job, event_id, None, result) for job, event_id, result in keep(house, writer, now)]
    return 0


def _retained(house: House, writer: Writer, event: Event, now: datetime, results: list[Result]) -> int:
    results += [(job, event.id, None, result) for job, _, result in retention.of_event(house, writer, event, now)]
    return 0


def _move_line(house: House, writer: Writer, event: Event, now: datetime, _results: list[Result]) -> int:
    """Seats that came free by a raised capacity go to the line, or are offered to it; how many letters that was."""
    sent = 0
    while sent < _MOVED:
        # Of most events the line is empty or the house full: that is said by one row.
        state = writer.event_state(event.id)
        if state is None or not state.waiting or not state.free():
            return sent
        view = due_view(house, writer, event.id, Due("seats"))
        if view is None:
            return sent
        decision = decide(view, Due("seats"), UNPROVED, now)
        carry_out(house, writer, decision, event.id, now, None)
        sent += len(decision.letters)
        if len(decision.letters) < HEAD:
            break
    return sent


def _expire(house: House, writer: Writer, event: Event, now: datetime, results: list[Result]) -> int:
    ended = writer.expired_challenges(event.id, now, _EXPIRED)
    return _end(house, writer, event, [Due("expire", challenge=one.id) for one in ended], now, results)


def _run_out(house: House, writer: Writer, event: Event, now: datetime, results: list[Result]) -> int:
    """Offers that nobody answered, and seats that are held no longer for who gave them up."""
    rows = writer.run_out(event.id, now, _RUN_OUT)
    return _end(house, writer, event, [Due("run_out", number=row.number) for row in rows], now, results)


def _end(house: House, writer: Writer, event: Event, ended: list[Due], now: datetime, results: list[Result]) -> int:
    """What has run out, each by a decision of its own; how many letters that was."""
    letters = 0
    for due in ended:
        view = due_view(house, writer, event.id, due)
        if view is None:
            continue
        decision = decide(view, due, UNPROVED, now)
        letters += len(carry_out(house, writer, decision, event.id, now, None))
        results.append((due.job, event.id, None, decision.reason))
    return letters


def _told(go: Callable[[House, Writer, Event, datetime], tuple[Went, ...]]) -> _Step:
    """A round as a step."""

    def step(house: House, writer: Writer, event: Event, now: datetime, results: list[Result]) -> int:
        went = go(house, writer, event, now)
        results += [(one.job, event.id, None, one.said) for one in went]
        return sum(one.letters for one in went)

    return step


def _digests(house: House, writer: Writer, event: Event, now: datetime, results: list[Result]) -> int:
    return sum(
        _morning(house, writer, event, organiser, now, results)
        + _closing(house, writer, event, organiser, now, results)
        for organiser in event.organisers
    )


def _morning(
    house: House, writer: Writer, event: Event, organiser: Organiser, now: datetime,
    results: list[Result],
) -> int:  # fmt: skip
    """The digest of this organiser's morning, once a local day."""
    whom = str(organiser.address)
    day = digest_day(event, organiser, now)
    if day is None or not writer.begin_job(digests.JOB, event.id, whom, day, now):
        return 0
    facts = digests.gather(writer, event, organiser, now)
    wanted = digest_wanted(event, organiser, day, changed=digests.changed(facts), needed=bool(facts.troubles))
    if wanted is None:
        writer.end_job(digests.JOB, event.id, whom, day, "nothing-changed", now)
        results.append((digests.JOB, event.id, organiser.address, "nothing-changed"))
        return 0
    _send(house, writer, event, organiser, replace(facts, quiet=wanted == "quiet"), now)
    writer.end_job(digests.JOB, event.id, whom, day, "sent", now)
    results.append((digests.JOB, event.id, organiser.address, "sent"))
    return 1


def _closing(
    house: House, writer: Writer, event: Event, organiser: Organiser, now: datetime,
    results: list[Result],
) -> int:  # fmt: skip
    """One more digest when registration closes, for the caterer; its own job kind, so the mornings go on as they are.

    After downtime it still goes out the same day; a day later the morning's digest has said it all.
    """
    state = writer.event_state(event.id)
    closes = state.closes if state else None
    if state is None or state.called_off is not None:
        return 0  # there is nobody to cater for
    if closes is None or not closes <= now < closes + timedelta(hours=12):
        return 0
    whom, day = str(organiser.address), event.local(closes).date()
    if not writer.begin_job(digests.CLOSING, event.id, whom, day, now):
        return 0
    _send(house, writer, event, organiser, digests.gather(writer, event, organiser, now), now)
    writer.end_job(digests.CLOSING, event.id, whom, day, "sent", now)
    results.append((digests.CLOSING, event.id, organiser.address, "sent"))
    return 1


def _send(house: House, writer: Writer, event: Event, organiser: Organiser, facts: Digest, now: datetime) -> None:
    state = writer.event_state(event.id)
    if state is not None:
        post(house, writer, digests.letter(event, state, organiser, facts), now, None)


_ROUNDS = (tell_called_off, tell_changes, end_line, end_applications, go_announce, go_round, send_door_list)
_STEPS: tuple[_Step, ...] = (_expire, _run_out, _move_line, *map(_told, _ROUNDS), _digests, _retained)
