"""Old commands, sent once more, are not taken."""

from datetime import UTC, datetime, timedelta

import pytest

from mailflow.desk.fresh import Delivery, stale
from mailflow.model.proof import UNPROVED, Proof

NOW = datetime(2019, 8, 20, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def delivery(signed=NOW, **more):
    return Delivery(Proof("S", "dkim", "uni.example", signed=signed), **more)


@pytest.mark.parametrize(("one", "why"), [
    (delivery(), ""),
    (delivery(NOW - 24 * HOUR), ""),
    (delivery(NOW + HOUR), ""),
    (delivery(last_heavy=NOW - HOUR), ""),
    (delivery(last_heavy=NOW), ""),
    (delivery(NOW - 24 * HOUR - timedelta(seconds=1)), "signed more than 24 hours ago"),
    (delivery(NOW - 25 * HOUR), "signed more than 24 hours ago"),
    (delivery(NOW + HOUR + timedelta(seconds=1)), "signed in the future"),
    (delivery(None), "nobody vouches for when it was written"),
    (Delivery(UNPROVED), "nobody vouches for when it was written"),
    (delivery(seen=7), "the same as mail 7"),
    (delivery(to_event=False), "not sent to the event's own address"),
    (delivery(NOW - 2 * HOUR, last_heavy=NOW - HOUR), "signed before the last heavy command"),
])  # fmt: skip
def test_commands_are_fresh_once_and_for_a_day(one, why):
    """trust.md §3: the same, a new envelope, 25 hours later, another event, older than the last heavy one."""
    assert stale(one, NOW) == why
