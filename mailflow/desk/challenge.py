"""Opening a challenge: the question that only the owner of an address can answer (trust.md §2.2)."""

from datetime import datetime, timedelta

from mailflow.model.decision import Act, Challenge, View
from mailflow.model.registration import Registration
from mailflow.model.seal import fingerprint


def content_hash(registration: Registration) -> str:
    """What a YES would register: name, answers and guests, as one SHA-256 in hex.

    Over the text as the store keeps it, where a lone surrogate is a question mark. Each list says how long it is, so
    that no two contents are the same octets.
    """
    parts = [registration.name, str(registration.guests)]
    for answer in registration.answers:
        parts += [answer.question, str(len(answer.options)), *answer.options, answer.text]
    return fingerprint(*(part.encode("utf-8", "replace") for part in parts))


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
        content_hash=content_hash(registration) if act == "register" else "",
    )
