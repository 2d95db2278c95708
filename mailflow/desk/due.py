"""Time is a correspondent: what falls due is decided like a mail."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from mailflow.desk import announce, approval, called_off, event_change, line_end, offers, reminders, seats
from mailflow.model.decision import ChallengeClosed, Change, Decision, Saved, View
from mailflow.model.intent import Due
from mailflow.model.registration import Status

# Jobs that one person's part of is all in the view.
_TOLD: dict[str, Callable[[View, datetime], Decision]] = {
    "called_off": called_off.tell,
    "run_out": offers.run_out,
    "thank": reminders.thank,
    "event_changed": event_change.tell,
    "line_ends": line_end.end,
    "announce": announce.tell,
    "undecided": approval.undecided,
}


def decide_due(view: View, due: Due, now: datetime) -> Decision:
    """`seats`: the capacity may have risen, the line moves up. `expire`: a challenge has run out.

    `run_out`: an offer, or the time for which a given-up seat is held. `remind`, `thank`: one person of a round.
    `event_changed`: one person who knows the event as it was. `called_off`: one person of an event that is.
    `line_ends`: one who waits when the line has ended. `announce`: one of those whom the organisers tell something.
    `undecided`: one whose application nobody decided on.
    """
    if (told := _TOLD.get(due.job)) is not None:
        return told(view, now)
    if due.job == "remind":
        return reminders.remind(view, due, now)
    if due.job == "seats":
        changes, letters, _ = seats.move_up(view.event, view.state, view.head, now, view.offer_names)
        return Decision("done", f"{len(letters)} moved up", changes, letters)
    challenge = view.challenge
    if challenge is None or challenge.state != "open" or now < challenge.expires:
        return Decision("ignored", "nothing has run out")
    ended: list[Change] = [ChallengeClosed(challenge, "expired")]
    located = view.located
    waits = located is not None and located.status is Status.PENDING and not located.meant
    if challenge.act == "register" and located is not None and waits and located.since <= challenge.created:
        ended.append(Saved("expired", located, replace(located, status=Status.EXPIRED, since=now)))
    return Decision("done", "the question ran out", tuple(ended))
