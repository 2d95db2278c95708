"""What a calendar answers (calendar.md §10), as far as the registration itself is concerned."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal

from mailflow.desk import seats, withdraw
from mailflow.desk.budget import within
from mailflow.desk.draft import answer as letter_to_sender
from mailflow.desk.draft import trusted
from mailflow.mail.message import CalendarAnswer
from mailflow.model.decision import Decision, Noted, Saved, View
from mailflow.model.intent import CalendarReply
from mailflow.model.proof import Proof
from mailflow.model.registration import CalendarNote, Registration, Status

if TYPE_CHECKING:
    from mailflow.model.letter import Letter

# How sure we are of the person (calendar.md §10): proved; the right address, not proved; somebody else's address.
# "F": its domain disowns the mail.
_Level = Literal["A", "B", "C", "F"]
_HOURLY = timedelta(hours=1)
# Of other years a sum, or the way to another zone, may leave the calendar.
_YEARS = range(1900, 2500)


def calendar(view: View, reply: CalendarReply, proof: Proof, now: datetime) -> Decision:
    """The effect of an answer. No letter for ACCEPTED and TENTATIVE; DECLINED frees a seat only when proved."""
    target = view.located
    if target is None:
        return Decision("ignored", "a calendar answer to no registration of ours")
    if (nothing := _of_no_effect(view, target, reply.answer, now)) is not None:
        return Decision("ignored", nothing)
    level = _level(view, target, reply, proof)
    match reply.answer.method:
        case "REFRESH":
            return _refresh(view, target, reply, level, proof, now)
        case "COUNTER":
            return _counter(view, target, reply, level, proof, now)
    if not _newer(target, reply.answer, now):
        return Decision("ignored", "an older calendar answer")
    if reply.answer.partstat == "DECLINED":
        return _declined(view, target, reply, level, proof, now)
    return _kept(view, target, reply.answer, level, now)


def _of_no_effect(view: View, target: Registration, answer: CalendarAnswer, now: datetime) -> str | None:
    """Why the answer changes nothing, whoever sent it."""
    if view.conflict:
        return "a calendar answer whose tag names somebody else"
    if target.status is not Status.CONFIRMED or now >= view.event.ends or view.state.called_off is not None:
        return "a calendar answer after the end"
    return "a calendar answer about a single day" if answer.single_day else None


def _kept(view: View, target: Registration, answer: CalendarAnswer, level: _Level, now: datetime) -> Decision:
    """An answer that leaves the seat as it is: yes, perhaps, or somebody else in my place."""
    if level == "F":
        return Decision("ignored", "the sender's domain disowns this mail")
    if level == "C" or _stale(view, target, answer):
        return Decision("ignored", "a calendar answer that is old or from another address")
    after = _answered(target, answer, now)
    said = _comment(target, answer, now)
    match answer.partstat:
        case "ACCEPTED":
            saved = Saved("accepted", target, replace(after, partstat="ACCEPTED"))
        case "TENTATIVE":
            saved = Saved("tentative", target, replace(after, partstat="TENTATIVE"))
        case "DELEGATED":
            # Nobody takes a seat by being sent: the delegate is not written to, the organisers may.
            saved = Saved("delegated", target, after)
            said = (Noted(CalendarNote(target.number, "delegated", now, answer.delegated_to)), *said)
        case _:
            return Decision("ignored", "a calendar answer that says nothing")
    return Decision("silent", f"calendar: {saved.what}", (saved, *said))


def _declined(
    view: View, target: Registration, reply: CalendarReply, level: _Level, proof: Proof, now: datetime
) -> Decision:
    """A seat is given up, or its owner is asked whether it is: an answer that is not proved must free no seat.

    Outlook's winmail.dat is asked about too: it bears no date, so it may be an answer of long ago.
    """
    answer = reply.answer
    if level != "A" or answer.guessed or view.ask_on_decline or _stale(view, target, answer):
        if reply.automatic:
            return Decision("ignored", "an unproved decline that came automatically")
        asked = withdraw.ask_owner(view, target, now)
        said = _comment(target, answer, now) if level in ("A", "B") else ()
        return replace(asked, changes=(*asked.changes, *said)) if asked.letters else asked
    done = withdraw.give_up(view, _answered(target, answer, now), now, by_calendar="declined")
    letters = within(view.budget, proof, done.letters)
    # To automatic mail no answer goes out, though it takes effect; those who moved up are told.
    return replace(
        done,
        changes=(*done.changes, *_comment(target, answer, now)),
        letters=tuple(each for each in letters if each.notice or not reply.automatic),
    )


def _refresh(
    view: View, target: Registration, reply: CalendarReply, level: _Level, proof: Proof, now: datetime
) -> Decision:
    """The invitation once more, to the registered address; SEQUENCE stays, DTSTAMP moves (calendar.md §4)."""
    if level in ("C", "F") or reply.automatic:
        return Decision("ignored", "a calendar asks for the invitation, and not its owner's")
    if target.dtstamp is not None and now - target.dtstamp < _HOURLY:
        return Decision("ignored", "the invitation went out within the hour")
    again = seats.again(target, now, untold=view.untold)
    letter = letter_to_sender(view, proof, "status", variant="resent", registration=again, calendar="request")
    kept = within(view.budget, proof, (letter,))
    if not kept:
        return Decision("ignored", "answered enough for now")
    return Decision("done", "sent the invitation again", (Saved("resent", target, again),), kept)


def _counter(
    view: View, target: Registration, reply: CalendarReply, level: _Level, proof: Proof, now: datetime
) -> Decision:
    """Another time is proposed: the organisers are shown it, and the person is told once that nothing moves."""
    answer = reply.answer
    if level in ("C", "F"):
        return Decision("ignored", "another time is proposed, and not by its owner")
    earlier = next((note for note in view.notes if note.kind == "counter"), None)
    note = CalendarNote(target.number, "counter", now, answer.comment, _proposed(view, answer))
    if earlier is not None and (earlier.text, earlier.starts) == (note.text, note.starts):
        return Decision("ignored", "the same time was proposed before")
    told = earlier is not None and earlier.at >= target.since
    letters: tuple[Letter, ...] = ()
    if level == "A" and not told and not reply.automatic:
        letter = letter_to_sender(view, proof, "status", variant="counter", registration=target)
        letters = within(view.budget, proof, (letter,))
    return Decision("done" if letters else "silent", "calendar: another time proposed", (Noted(note),), letters)


def _comment(target: Registration, answer: CalendarAnswer, now: datetime) -> tuple[Noted, ...]:
    if not answer.comment.strip():
        return ()
    return (Noted(CalendarNote(target.number, "comment", now, answer.comment)),)


def _answered(target: Registration, answer: CalendarAnswer, now: datetime) -> Registration:
    """`target` with the answer's place in the order of answers.

    A clock or a counter that is ahead must not make everything that is said later an older answer.
    """
    at, sequence = answer.dtstamp or now, answer.sequence
    known = target.sequence if sequence is None else min(sequence, target.sequence)
    return replace(target, answered_at=min(at, now), answered_sequence=known)


def _newer(target: Registration, answer: CalendarAnswer, now: datetime) -> bool:
    """Whether the last answer that counted was said before this one (RFC 5546 §2.1.5).

    A later DTSTAMP is newer even where an older invitation is answered, as long as that is current at all (`_stale`):
    one person's phone may still show what the other program has replaced.
    """
    if target.answered_at is None:
        return True
    this = _answered(target, answer, now)
    assert this.answered_at is not None
    return this.answered_at > target.answered_at or this.answered_sequence > target.answered_sequence


def _stale(view: View, target: Registration, answer: CalendarAnswer) -> bool:
    """Whether an older invitation is answered that gave another time; a new room makes no yes or no worthless."""
    if answer.sequence is None or answer.sequence >= target.sequence:
        return False
    starts = view.event.starts
    return answer.starts not in (starts, starts.replace(tzinfo=None))


def _proposed(view: View, answer: CalendarAnswer) -> datetime | None:
    """The proposed start as an instant.

    Programs name the zone in words of their own; by how much a time is moved is the same in every zone. Without that,
    wall time is taken for the event's, which is where most people are.
    """
    new, old, starts = answer.starts, answer.original, view.event.starts
    if new is None or new.year not in _YEARS or (old is not None and old.year not in _YEARS):
        return None
    if new.tzinfo is not None:
        return new
    if old is not None and old.tzinfo is None:
        return starts + (new - old)
    return new.replace(tzinfo=starts.tzinfo)


def _level(view: View, target: Registration, reply: CalendarReply, proof: Proof) -> _Level:
    named = reply.answer.attendee
    if proof.level == "F":
        return "F"
    own = view.sender is not None and view.sender.key == target.address.key
    if not own or (named and named.lower() != target.address.key):
        return "C"
    return "A" if trusted(view, proof) else "B"
