"""Time is a correspondent: what falls due is decided like a mail."""

from dataclasses import replace
from datetime import datetime

from mailflow.desk import called_off, event_change, line_end, offers, reminders, seats
from mailflow.model.decision import ChallengeClosed, Change, Decision, Saved, View
from mailflow.model.intent import Due
from mailflow.model.registration import Status


def decide_due(view: View, due: Due, now: datetime) -> Decision:
    """`seats`: the capacity may have risen, the line moves up. `expire`: a challenge has run out.

    `run_out`: an offer, or the time for which a given-up seat is held. `remind`, `thank`: one person of a round.
    `event_changed`: one person who knows the event as it was. `called_off`: one person of an event that is.
    `line_ends`: one who waits when the line has ended.
    """
    if due.job == "called_off":
        return called_off.tell(view, now)
    if due.job == "run_out":
        return offers.run_out(view, now)
    if due.job == "remind":
        return reminders.remind(view, due, now)
    if due.job == "thank":
        return reminders.thank(view, now)
    if due.job == "event_changed":
        return event_change.tell(view, now)
    if due.job == "line_ends":
        return line_end.end(view, now)
    if due.job == "seats":
        changes, letters, _ = seats.move_up(view.event, view.state, view.head, now, view.offer_names)
        return Decision("done", f"{len(letters)} moved up", changes, letters)
    challenge = view.challenge
    if challenge is None or challenge.state != "open" or now < challenge.expires:
        return Decision("ignored", "nothing has run out")
    ended: list[Change] = [ChallengeClosed(challenge, "expired")]
    located = view.located
    waits = located is not None and located.status is Status.PENDING and located.since <= challenge.created
    if challenge.act == "register" and located is not None and waits:
        ended.append(Saved("expired", located, replace(located, status=Status.EXPIRED, since=now)))
    return Decision("done", "the question ran out", tuple(ended))
