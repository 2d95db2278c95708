"""Reminders before an event and thanks after it (letters.md §9): when a round of them is due, and who is in it."""

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Literal

from mailflow.desk import people
from mailflow.desk.draft import to_person
from mailflow.desk.rhythm import Quiet, is_quiet, loud
from mailflow.model.decision import Decision, View
from mailflow.model.event import Event, Reminder
from mailflow.model.intent import Due, ForPeople, Intent, Silent
from mailflow.model.letter import Letter
from mailflow.model.proof import Proof
from mailflow.model.registration import Registration, Status

# After downtime a round is made up for, as long as its words still help.
_LATE = timedelta(days=2)
_SIGNED_UP_LATELY = timedelta(hours=24)
# What ends in the small hours belongs to the evening before: "the morning after" is that same day.
_NIGHT = time(6, 0)


@dataclass(frozen=True, slots=True)
class Round:
    """One letter to everybody who holds a seat. `day` is the local day on which it falls."""

    letter: Literal["reminder", "thank_you"]
    day: date
    days: int = 0

    @property
    def job(self) -> str:
        """The kind of the job: each reminder has one of its own, and each goes out once a day at most."""
        return f"reminder-{self.days}" if self.letter == "reminder" else "thank-you"

    def due(self, number: int) -> Due:
        """What falls due for that registration."""
        return Due("remind" if self.letter == "reminder" else "thank", number=number, days=self.days)


def round_due(event: Event, now: datetime, quiet: Quiet) -> Round | None:
    """The round that is due now. A later reminder takes the place of an earlier one that was missed.

    Nothing in the quiet hours of the event's own clock (they may span midnight): what falls into them waits for
    their end. If the event moves, so do the rounds.
    """
    if is_quiet(event.local(now).time(), quiet):
        return None
    before, after = now < event.starts, now >= event.ends
    found = [*(_reminders(event, quiet) if before else ()), *(_thanks(event, quiet) if after else ())]
    due = [(at, one) for at, one in found if at <= now < at + _LATE]
    return max(due, key=lambda pair: pair[0])[1] if due else None


def _reminders(event: Event, quiet: Quiet) -> list[tuple[datetime, Round]]:
    days = ((event.starts.date() - timedelta(days=each.days_before), each) for each in event.reminders)
    return [(loud(event, day, each.at, quiet), Round("reminder", day, each.days_before)) for day, each in days]


def _thanks(event: Event, quiet: Quiet) -> list[tuple[datetime, Round]]:
    at = event.after.thank_you_at
    if at is None:
        return []
    day = event.ends.date() + timedelta(days=event.ends.time() >= _NIGHT)
    return [(loud(event, day, at, quiet), Round("thank_you", day))]


def remind(view: View, due: Due, now: datetime) -> Decision:
    """`reminder` to one who has a seat; the reason why not to everybody else."""
    event, one = view.event, view.located
    told = next((each for each in event.reminders if each.days_before == due.days), None)
    if one is None or told is None or now >= event.starts:
        return Decision("ignored", "nothing to remind of")
    if why := _not_written_to(one) or _too_new(event, told, one, now):
        return Decision("ignored", why)
    return Decision("done", "reminded", letters=(_to(view, one, "reminder", _when(event, now)),))


def thank(view: View, now: datetime) -> Decision:
    """`thank_you` to one who had a seat until the end."""
    one = view.located
    if one is None or now < view.event.ends:
        return Decision("ignored", "nothing to thank for")
    if why := _not_written_to(one) or ("was absent" if one.absent else ""):
        return Decision("ignored", why)
    return Decision("done", "thanked", letters=(_to(view, one, "thank_you"),))


def _not_written_to(one: Registration) -> str:
    if one.status is not Status.CONFIRMED:
        return "no seat"
    if not one.reminders:
        return "wants no reminders"
    return "letters come back" if one.undeliverable else ""


def _too_new(event: Event, told: Reminder, one: Registration, now: datetime) -> str:
    """A seat that was taken lately has its own letter still at hand."""
    if now - one.since < _SIGNED_UP_LATELY:
        return "took the seat within a day"
    ahead = event.starts.date() - event.local(one.since).date()
    return "took the seat too late for this one" if ahead < timedelta(days=told.if_registered_days_before) else ""


def _when(event: Event, now: datetime) -> str:
    """The variant of `reminder`: "" is for the day before; what goes out late says what is true then."""
    days = (event.starts.date() - event.local(now).date()).days
    return {0: "today", 1: "", 7: "week"}.get(days, "later")


def _to(view: View, one: Registration, kind: Literal["reminder", "thank_you"], variant: str = "") -> Letter:
    return replace(to_person(view.event, view.state, kind, one, variant=variant), notice=True)


def rated(view: View, intent: Intent, proof: Proof) -> Decision | None:
    """An answer to `thank_you` that begins with a number from 1 to 5: noted without a letter; None for anything else.

    Words beside the number go to the organisers (letters.md §8); thanks alone are no words for them.
    """
    if view.replied_to != "thank_you" or proof.level == "F" or not isinstance(intent, ForPeople | Silent):
        return None
    number, words = view.quote.lstrip()[:1], view.quote.lstrip()[1:]
    if number not in tuple("12345") or words[:1].isalnum() or (isinstance(intent, Silent) and intent.kind != "ack"):
        return None
    noted = f"rated {number} of 5"
    if isinstance(intent, Silent) or view.sender is None or not any(sign.isalnum() for sign in words):
        return Decision("done", noted)
    passed = people.hand_over(view, view.quote, proof)
    letters = tuple(letter for letter in passed.letters if letter.kind != "question_received")
    return replace(passed, reason=f"{noted}; {passed.reason}", letters=letters)
