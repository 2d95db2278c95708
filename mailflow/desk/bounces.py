"""Letters that come back, and complaints (trust.md §6): how bad it is, and what follows for the person.

Whoever asks here knows that the letter was ours and went to the registered address. Where that is known from the
address alone ("named"), it takes five days of it: anybody can write such a report.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from mailflow.desk import seats
from mailflow.desk.evolve import advance
from mailflow.desk.settle import failure_reason
from mailflow.mail.address import Address
from mailflow.mail.refusal import Refusal
from mailflow.mail.reply import Reply
from mailflow.mail.report import Report
from mailflow.model.bounce import WEIGHT, Bounce, Severity
from mailflow.model.decision import Bounced, ChallengeClosed, Change, Decision, Muted, Saved, View
from mailflow.model.event import Event
from mailflow.model.intent import CameBack
from mailflow.model.registration import Registration, Status

# Said of a mail that came back for what we are, not for whom it went to: the operator is warned.
OURS = "the other side refuses our mail: ours"
# How long a seat waits for a corrected address.
KEPT = timedelta(hours=24)
HARD_WITHIN = timedelta(days=14)
SOFT_DAYS = 5
SOFT_FOR = timedelta(days=7)

_HARD = frozenset({"5.1.1", "5.1.2", "5.1.3", "5.1.10", "5.2.1", "5.4.4"})


def severity_of(refusal: Refusal) -> Severity:
    """How bad it is: the status decides, then the code, then the words (trust.md §6).

    A status that ends in 0 says no more than that it failed (RFC 3463 §3.1), and most codes say no more than that:
    then the words are heard, and nobody is given up for words that are not known.
    """
    status, code = refusal.status, refusal.code
    if status in _HARD:
        return "hard"
    if status.startswith("5.7."):
        return "ours"
    if status.startswith("4.") or (status and not status.endswith(".0")):
        return "soft"
    if 400 <= code < 500 or code == 552:
        return "soft"
    return {"unknown": "hard", "policy": "ours"}.get(refusal.hint, "soft")  # type: ignore[return-value]  # three of them


def why(refusal: Refusal, severity: Severity) -> str:
    """The sentence of ours that the organisers read."""
    if severity == "hard":
        return "the address does not exist"
    if refusal.hint == "full" or refusal.status[1:] == ".2.2":
        return "the mailbox is full"
    code = refusal.code or (450 if refusal.status.startswith("4") else 550)
    return failure_reason(Reply(code, refusal.status, ""))


def judged(report: Report, to: Address) -> tuple[Severity, str] | None:
    """What a report says of a letter that went `to`; None when it was not given up.

    The groups that name the address decide, else all of them: an alias is reported by the name behind it. Of several
    the mildest counts, and one that was reached is enough.
    """
    about = [one for one in report.recipients if one.names(to)] or list(report.recipients)
    if not about and report.refusal.hint == "later":
        return None
    if any(one.outcome != "failed" for one in about):
        return None
    found = [(severity_of(refusal), refusal) for refusal in [one.refusal for one in about] or [report.refusal]]
    severity, refusal = min(found, key=lambda pair: WEIGHT[pair[0]])
    return severity, why(refusal, severity)


def returned(view: View, back: CameBack, now: datetime) -> Decision:
    """What follows for `view.located`, to whom the letter went, and for the question that it asked.

    No letter ever follows, except to those who move up when a seat is freed later (`let_go`).
    """
    one = view.located
    if back.complaint:
        return _complained(one)
    if back.severity is None:
        return Decision("silent", "bounce: not given up")
    asked = _ended(view, back, now)
    if one is None:
        return Decision("done" if asked else "silent", "the question came back", asked)
    if any(old.letter == back.letter and WEIGHT[old.severity] >= WEIGHT[back.severity] for old in view.bounces):
        return Decision("silent", "bounce: reported before")
    bounce = Bounce(one.number, back.letter, now, back.severity, back.reason)
    noted: tuple[Change, ...] = (*asked, Bounced(bounce))
    if back.severity == "ours":
        return Decision("done", OURS, noted)
    request = next((c for c in asked if c.challenge.act == "register"), None)
    pending = one.status is Status.PENDING and not one.meant
    if request is not None and pending and one.since <= request.challenge.created:
        gone = replace(one, status=Status.EXPIRED, since=now, undeliverable=True)
        return Decision("done", "the request came back", (*noted, Saved("expired", one, gone), _muted(one)))
    if one.undeliverable or not one.holds or now >= view.event.ends or view.state.called_off is not None:
        return Decision("done", "bounce: noted", noted)
    dead = _dead(view, back, bounce)
    if not dead:
        return Decision("done", "bounce: noted", noted)
    flagged = replace(one, undeliverable=True)
    if dead == "first" and one.status in (Status.CONFIRMED, Status.WAITING) and now + KEPT < view.event.starts:
        flagged = replace(flagged, until=now + KEPT)
    return Decision("done", "letters come back", (*noted, Saved("undeliverable", one, flagged), _muted(one)))


def let_go(view: View, one: Registration, now: datetime) -> Decision:
    """Nobody corrected the address in time: the seat or the place in line is given up, and the line moves."""
    after = replace(seats.release(one, now, invited=one.status is Status.CONFIRMED), status=Status.EXPIRED, until=None)
    change = Saved("unreached", one, after)
    head = tuple(waiting for waiting in view.head if waiting.number != one.number)
    changes, letters, _ = seats.move_up(view.event, advance(view.state, change), head, now, view.offer_names)
    return Decision("done", "letters come back: given up", (change, *changes), letters)


def _complained(one: Registration | None) -> Decision:
    """As STOP does: no reminders and announcements any more; the registration stays, and nobody is written to."""
    if one is None or not one.reminders:
        return Decision("silent", "a complaint: nothing to stop")
    return Decision("done", "a complaint", (Saved("complained", one, replace(one, reminders=False)),))


def _ended(view: View, back: CameBack, now: datetime) -> tuple[ChallengeClosed, ...]:
    """The question that nobody can have read; an offer ends by its own clock."""
    asked = view.challenge
    if back.severity != "hard" or asked is None or asked.act == "offer" or not asked.live(now):
        return ()
    return (ChallengeClosed(asked, "ended"),)


def _dead(view: View, back: CameBack, bounce: Bounce) -> str:
    """Whether the address is given up: "first", "again", "soft", or "" while it is not."""
    if back.severity == "hard" and back.first:
        return "first"
    all_of = (*view.bounces, bounce)
    hard = _days(view.event, (b for b in all_of if b.severity == "hard" and b.at > bounce.at - HARD_WITHIN))
    if back.severity == "hard" and len(hard) > 1:
        return "again"
    lately = [b for b in all_of if b.severity != "ours" and (view.reached is None or b.at > view.reached)]
    since = min((b.at for b in lately if b.severity != "named"), default=bounce.at)
    return "soft" if len(_days(view.event, lately)) >= SOFT_DAYS or bounce.at - since >= SOFT_FOR else ""


def _days(event: Event, bounces: Iterable[Bounce]) -> set[object]:
    return {event.local(bounce.at).date() for bounce in bounces}


def _muted(one: Registration) -> Muted:
    return Muted(one.number, one.address)
