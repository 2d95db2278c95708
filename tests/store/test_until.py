"""What the clock asks of a store: what has run out, who is in a round, and how far it has come."""

from dataclasses import replace
from datetime import timedelta

from mailflow.model.decision import Saved
from mailflow.model.registration import Status

HOUR = timedelta(hours=1)


def test_what_is_kept_until_a_time_counts_as_taken_and_is_found_when_it_is_over(store, make, now):
    """An offer, a held seat and a request for one; the earliest first, and no more than asked for."""
    rows = [
        make.registration(1, "ada", Status.OFFERED, until=now + 2 * HOUR),
        make.registration(2, "bo", Status.CANCELLED, until=now + HOUR, guests=2),
        make.registration(3, "cy", Status.PENDING, until=now + 3 * HOUR),
        make.registration(4, "di"),
        make.registration(5, "ed", Status.CANCELLED),
    ]
    with store.write() as tx:
        for row in rows:
            tx.apply(make.new(row), "gan", now)
        assert tx.event_state("gan").taken == 6
        assert tx.run_out("gan", now, 10) == ()
        assert tx.run_out("gan", now + 2 * HOUR, 10) == (rows[1], rows[0])
        assert tx.run_out("gan", now + 3 * HOUR, 1) == (rows[1],)
        tx.apply(Saved("released", rows[1], replace(rows[1], until=None)), "gan", now)
        assert tx.event_state("gan").taken == 3
        assert tx.run_out("gan", now + 2 * HOUR, 10) == (rows[0],)
    assert list(store.recount()) == []


def test_seat_holders_come_in_order_some_at_a_time(store, make, now):
    """Only those with a seat, of that event, whose number is higher."""
    with store.write() as tx:
        tx.sync_event("other", 5, None, None, "face", now)
        tx.apply(make.new(make.registration(1, "zoe", event="other")), "other", now)
        for number, status in enumerate((Status.CONFIRMED, Status.WAITING, Status.CONFIRMED, Status.OFFERED), 1):
            tx.apply(make.new(make.registration(number, f"p{number}", status)), "gan", now)
        tx.apply(make.new(make.registration(5, "p5")), "gan", now)
        assert [row.number for row in tx.seat_holders("gan", 0, 2)] == [1, 3]
        assert [row.number for row in tx.seat_holders("gan", 3, 2)] == [5]
        assert tx.seat_holders("gan", 5, 2) == ()


def test_a_job_tells_how_far_it_has_come(store, now):
    """ "" before and while it is under way; then what was said last."""
    with store.write() as tx:
        job = ("reminder-1", "gan", "", now.date())
        assert tx.job_result(*job) == ""
        assert tx.begin_job(*job, now)
        assert tx.job_result(*job) == ""
        tx.end_job(*job, "200", now)
        tx.end_job(*job, "sent", now)
        assert tx.job_result(*job) == "sent"
        assert tx.job_result("reminder-1", "gan", "", now.date() + timedelta(days=1)) == ""
