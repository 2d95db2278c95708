"""The process that reads strangers' bytes: what one mail does to it is that mail's own affair."""

import os
import signal
from datetime import UTC, datetime

import pytest

from mailflow.mail.address import parse_address
from mailflow.mail.envelope import Envelope
from mailflow.proof.dns import Trusted
from mailflow.reading.context import ReadingContext
from mailflow.service.study import Case, Examined, Judged, Task
from mailflow.service.worker import RENEW_AFTER, Worker, WorkerDied, timed, too_long

NOW = datetime(2026, 8, 12, 7, 15, tzinfo=UTC)
EVENT = parse_address("gan@events.test.example")
CONTENT = b"From: ada@example.org\r\nSubject: register\r\nMessage-ID: <1@example.org>\r\n\r\nregister\r\n"


class Deadly:
    """Kills whoever unpickles it: what a fault in an interpreter or a library would do."""

    def __reduce__(self):
        return os._exit, (1,)


def task(number, content=CONTENT):
    return Task(number, Envelope(parse_address("ada@example.org"), (EVENT,), "smtp"), content, Trusted())


def case(examined, number=1):
    message = examined.message if examined else None
    context = ReadingContext("events.test.example", "gan", "+", ("en",), ())
    return Case(task(number), message, {}, context, NOW)


@pytest.fixture
async def worker():
    one = Worker()
    yield one
    await one.close()


async def test_a_mail_that_kills_the_worker_takes_none_of_its_neighbours_along(worker):
    """The rest is read by the next process; only that mail counts an attempt."""
    outcomes = await worker.examine([task(1), task(2, Deadly()), task(3)])
    assert [type(one) for one in outcomes] == [Examined, WorkerDied, Examined]
    (after,) = await worker.examine([task(4)])
    assert isinstance(after, Examined)


async def test_mails_that_raise_are_told_apart_in_one_go(worker):
    """Sixty-four of them, each with a start of a process, would hold up everybody behind for a minute."""
    (examined,) = await worker.examine([task(1)])
    first = worker.pid
    broken = [case(None, number) for number in range(32)]
    outcomes = await worker.judge([*broken, case(examined), *broken])
    assert [type(one) for one in outcomes] == [WorkerDied] * 32 + [Judged] + [WorkerDied] * 32
    assert str(outcomes[0]) == "judge: AttributeError"
    # What they left behind goes with their process.
    await worker.examine([task(2)])
    assert worker.pid != first
    second = worker.pid
    await worker.examine([task(3)])
    assert worker.pid == second


async def test_the_process_is_renewed_after_a_thousand_mails(worker):
    """Whatever leaks, leaks no further."""
    (examined,) = await worker.examine([task(1)])
    first = worker.pid
    await worker.judge([case(examined)] * RENEW_AFTER)
    await worker.examine([task(2)])
    assert worker.pid != first


def test_a_step_that_swallows_the_time_limit_is_interrupted_again():
    """Whatever catches every fault of a stranger's mail catches this one, too, and goes on."""
    interrupted = []

    def stubborn(_):
        for _ in range(3):
            try:
                while True:
                    pass
            except Exception as error:  # noqa: BLE001  as parse, prove and read have it
                interrupted.append(type(error))
        return "done"

    before = signal.signal(signal.SIGPROF, too_long)
    try:
        assert timed(stubborn, None, seconds=0.05, again=0.05) == "done"
    finally:
        signal.signal(signal.SIGPROF, before)
    assert interrupted == [TimeoutError] * 3
