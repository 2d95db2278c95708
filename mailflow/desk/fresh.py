"""Whether an organiser's commands are those just written, and not an old mail that is sent again (trust.md §3).

Whose word they are is for the proof, and what they may do for the class of the command; this is only about time.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from mailflow.model.proof import Proof

_FRESH = timedelta(hours=24)
# Clocks differ; the proof takes no signature that is further ahead.
_AHEAD = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Delivery:
    """What is known of how commands came: the earlier mail with one of their marks, and whether to the event itself.

    `last_heavy` is when this organiser's last heavy command at the event was signed.
    """

    proof: Proof
    seen: int | None = None
    to_event: bool = True
    last_heavy: datetime | None = None


def stale(delivery: Delivery, now: datetime) -> str:
    """Why the commands are not taken, in words for the journal; "" for fresh ones."""
    signed = delivery.proof.signed
    if delivery.seen is not None:
        return f"the same as mail {delivery.seen}"
    if not delivery.to_event:
        return "not sent to the event's own address"
    if signed is None:
        return "nobody vouches for when it was written"
    if not now - _FRESH <= signed <= now + _AHEAD:
        return "signed more than 24 hours ago" if signed < now else "signed in the future"
    if delivery.last_heavy is not None and signed < delivery.last_heavy:
        return "signed before the last heavy command"
    return ""
