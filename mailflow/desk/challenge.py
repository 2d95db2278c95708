"""Opening a challenge: the question that only the owner of an address can answer (trust.md §2.2)."""

from datetime import datetime, timedelta

from mailflow.model.decision import Act, Challenge, View
from mailflow.model.registration import Registration


def open_challenge(view: View, act: Act, registration: Registration, now: datetime) -> Challenge:
    """A challenge to the registered address. It ends with the event at the latest."""
    expires = min(now + timedelta(seconds=view.confirm_within_seconds), view.event.ends.astimezone(now.tzinfo))
    return Challenge(
        id=view.challenge_id,
        event=view.event.id,
        act=act,
        address=registration.address,
        number=registration.number,
        created=now,
        expires=expires,
        code_hash=view.challenge_code_hash,
    )
