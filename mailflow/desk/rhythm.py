"""When people are written to who did not just write (letters.md §9): local mornings, outside the quiet hours.

A digest is never left out where silence could mean two things.
"""

from datetime import UTC, date, datetime, time, timedelta
from typing import Literal

from mailflow.model.event import Event, Organiser

LATEST = time(21, 0)
# From and to, wall times of the event; they may span midnight. Nobody is written to in them who has not just written.
Quiet = tuple[time, time]


def wall(event: Event, day: date, at: time) -> datetime:
    """That wall time at the event. In a spring gap the first minute that exists, in autumn the first of the two."""
    zone = event.starts.tzinfo
    moment = datetime.combine(day, at, zone)
    real = moment.astimezone(UTC).astimezone(zone)
    if real.replace(tzinfo=None) == moment.replace(tzinfo=None):
        return moment
    # Read with the offset before the change (fold 0, PEP 495), a time inside the gap lands after it; walk back to
    # its end. A gap is an hour almost everywhere and never a day.
    while (earlier := (real.astimezone(UTC) - timedelta(minutes=1)).astimezone(zone)).utcoffset() == real.utcoffset():
        real = earlier
    return real


def loud(event: Event, day: date, at: time, quiet: Quiet) -> datetime:
    """That wall time, or the end of the quiet hours it falls into, in UTC."""
    if is_quiet(at, quiet):
        day, at = day + timedelta(days=quiet[0] > quiet[1] and at >= quiet[0]), quiet[1]
    return wall(event, day, at).astimezone(UTC)


def is_quiet(at: time, quiet: Quiet) -> bool:
    """Whether that wall time is in the quiet hours."""
    start, end = quiet
    return start <= at < end if start <= end else at >= start or at < end


def digest_day(event: Event, organiser: Organiser, now: datetime) -> date | None:
    """The local day whose digest is due now, or None: before its hour, after 21:00, or the event is long over.

    After downtime one digest covers the gap, as the day before is never made up for.
    """
    local = event.local(now)
    opens, closes = (wall(event, local.date(), at).astimezone(UTC) for at in (organiser.digest_at, LATEST))
    if not opens <= now < closes:
        return None
    return local.date() if local.date() <= event.ends.date() + timedelta(days=1) else None


def digest_wanted(
    event: Event, organiser: Organiser, day: date, *, changed: bool, needed: bool
) -> Literal["full", "quiet"] | None:
    """Whether that day's digest is sent, and whether as the short line "No change since …"."""
    last_mornings = timedelta(0) <= event.starts.date() - day <= timedelta(days=2)
    if day > event.ends.date():
        return "full"  # the one on the next morning
    if organiser.digest == "daily" or last_mornings:
        return "full"
    if organiser.digest == "weekly":
        return "full" if day.weekday() == 0 else None
    if changed or needed:
        return "full"
    return "quiet" if day.weekday() == 0 else None
