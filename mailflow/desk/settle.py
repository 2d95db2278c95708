"""What becomes of a letter after an attempt to deliver it: the retry table."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from mailflow.mail.reply import Reply


@dataclass(frozen=True, slots=True)
class Sent:
    """The relay has it."""


@dataclass(frozen=True, slots=True)
class Deferred:
    """Try again at `until`."""

    until: datetime


@dataclass(frozen=True, slots=True)
class Failed:
    """Never again; `reason` is one of our own sentences, for the organisers' digest."""

    reason: str


Settlement = Sent | Deferred | Failed

_REASONS = {
    "5.1.1": "the address does not exist",
    "5.1.2": "the address does not exist",
    "5.1.3": "the address does not exist",
    "5.1.10": "the address does not exist",
    "5.2.1": "the address does not exist",
    "5.4.4": "the address does not exist",
    "5.2.2": "the mailbox is full",
    "4.2.2": "the mailbox is full",
}


def settle(
    attempts: int, created: datetime, reply: Reply, now: datetime, waits: Sequence[timedelta], give_up: timedelta
) -> Settlement:
    """`attempts` counts the one that got `reply`. `waits[n-1]` follows the n-th attempt; the last one repeats.

    A temporary refusal is tried until `give_up` after the letter was written (RFC 5321 §4.5.4.1 asks for days).
    """
    if reply.ok:
        return Sent()
    if reply.temporary:
        until = now + waits[min(attempts, len(waits)) - 1]
        if until - created < give_up:
            return Deferred(until)
    return Failed(failure_reason(reply))


def failure_reason(reply: Reply) -> str:
    """A sentence of ours for what the other side said; never the server's own text (letters.md §8)."""
    if reason := _REASONS.get(reply.status):
        return reason
    if reply.temporary:
        return "the other side could not be reached in time"
    return "the other side refuses our mail"
