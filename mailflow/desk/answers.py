"""Accept, Decline and Tentative from a calendar (calendar.md §10), as far as the registration itself is concerned."""

from dataclasses import replace
from datetime import datetime

from mailflow.desk import withdraw
from mailflow.desk.budget import within
from mailflow.desk.draft import trusted
from mailflow.mail.message import CalendarAnswer
from mailflow.model.decision import Decision, Saved, View
from mailflow.model.intent import CalendarReply
from mailflow.model.proof import Proof
from mailflow.model.registration import Registration, Status


def calendar(view: View, reply: CalendarReply, proof: Proof, now: datetime) -> Decision:
    """The effect of an answer. No letter for ACCEPTED and TENTATIVE; DECLINED frees a seat only when proved."""
    answer, target = reply.answer, view.located
    if proof.level == "F":
        return Decision("ignored", "the sender's domain disowns this mail")
    if target is None:
        return Decision("ignored", "a calendar answer to no registration of ours")
    if target.status is not Status.CONFIRMED or now >= view.event.ends or view.state.called_off is not None:
        return Decision("ignored", "a calendar answer after the end")
    if target.answered_at is not None and answer.dtstamp is not None and answer.dtstamp <= target.answered_at:
        return Decision("ignored", "an older calendar answer")
    stale = _stale(view, target, answer)
    own = _from_owner(view, target, reply)
    # A clock that is ahead must not make everything that is said later an older answer.
    answered = min(answer.dtstamp or now, now)
    match answer.partstat:
        case "ACCEPTED" | "TENTATIVE":
            if not own or stale:
                return Decision("ignored", "a calendar answer that is old or from another address")
            after = replace(target, partstat=answer.partstat, answered_at=answered)
            change = Saved("accepted" if answer.partstat == "ACCEPTED" else "tentative", target, after)
            return Decision("silent", f"calendar: {change.what}", (change,))
        case "DECLINED":
            if not (own and trusted(view, proof)) or stale:
                if reply.automatic:
                    return Decision("ignored", "an unproved decline that came automatically")
                return withdraw.ask_owner(view, target, now)
            done = withdraw.give_up(view, replace(target, answered_at=answered), now, by_calendar="declined")
            letters = within(view.budget, proof, done.letters)
            # To automatic mail no answer goes out, though it takes effect; those who moved up are told.
            return replace(done, letters=tuple(each for each in letters if each.notice or not reply.automatic))
        case _:
            return Decision("ignored", "a calendar answer that says nothing")


def _stale(view: View, target: Registration, answer: CalendarAnswer) -> bool:
    """Whether an older invitation is answered that gave another time; a new room makes no yes or no worthless."""
    if answer.sequence is None or answer.sequence >= target.sequence:
        return False
    starts = view.event.starts
    return answer.starts not in (starts, starts.replace(tzinfo=None))


def _from_owner(view: View, target: Registration, reply: CalendarReply) -> bool:
    named = reply.answer.attendee
    return (
        view.sender is not None
        and view.sender.key == target.address.key
        and (not named or named.lower() == target.address.key)
    )
