"""A process of its own for strangers' bytes: no database, no keys, no sockets, bounded memory and time.

What the loop and the doors do is then never held up by a hostile mail, and a parser that runs away is ended by the
kernel. The worker gets and gives pickled values over a pipe that only we hold; it shares our code and our user, so
the wall is against exhaustion, not against a stolen interpreter.
"""

import asyncio
import multiprocessing
import resource
import signal
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from types import FrameType
from typing import Any, NoReturn, TypeVar, cast

from mailflow.service.study import Case, Examined, Judged, Task, examine, judge

MEMORY_OCTETS = 384 * 1024 * 1024
CPU_SECONDS = 5.0
# Whoever swallows the first interruption has a second each time to come to an end.
AGAIN_SECONDS = 1.0
RENEW_AFTER = 1000

A = TypeVar("A", Task, Case)


class WorkerDied(Exception):
    """The process ended, hung or ran over its limits while it had this work."""


@dataclass(frozen=True, slots=True)
class _Broken:
    """In place of an outcome: the type of what the step raised for that mail."""

    error: str


class Worker:
    """Starts with the first work, and again after it died or has done its thousand mails."""

    def __init__(self) -> None:
        # One thread, so that the pipe has one user and batches keep their order.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="worker")
        self._process: BaseProcess | None = None
        self._pipe: Connection | None = None
        self._done = 0
        self._lock = threading.Lock()

    async def examine(self, tasks: Sequence[Task]) -> list[Examined | WorkerDied]:
        """Each task's outcome, in order; a mail that kills the worker is WorkerDied, its neighbours are not."""
        return cast("list[Examined | WorkerDied]", await self._ask("examine", list(tasks)))

    async def judge(self, cases: Sequence[Case]) -> list[Judged | WorkerDied]:
        """As `examine`."""
        return cast("list[Judged | WorkerDied]", await self._ask("judge", list(cases)))

    @property
    def pid(self) -> int | None:
        """Of the process that does the work now; None while there is none."""
        return self._process.pid if self._process is not None else None

    async def close(self) -> None:
        """End the process, if there is one."""
        await asyncio.get_running_loop().run_in_executor(self._thread, self._end)
        self._thread.shutdown(wait=False)

    async def _ask(self, step: str, work: list[A]) -> list[object]:
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._each, step, work)

    def _each(self, step: str, work: list[A]) -> list[object]:
        try:
            return self._batch(step, work)
        except WorkerDied as error:
            if len(work) == 1:
                return [error]
        # One of them did it. Alone, each is judged by what it does itself.
        outcomes: list[object] = []
        for one in work:
            try:
                outcomes += self._batch(step, [one])
            except WorkerDied as error:
                outcomes.append(error)
        return outcomes

    def _batch(self, step: str, work: list[A]) -> list[object]:
        with self._lock:
            if self._done >= RENEW_AFTER:
                self._end()
            pipe = self._pipe or self._start()
            try:
                pipe.send((step, work))
                # Wall time beside the CPU limit: a process that only sleeps or swaps must not hold the queue.
                if not pipe.poll(2 * CPU_SECONDS * len(work) + 10):
                    raise EOFError("no answer in time")  # noqa: TRY301  the handler below ends the process
                outcome = pipe.recv()
            except (EOFError, OSError) as error:
                self._end()
                raise WorkerDied(f"{step}: {type(error).__name__}") from error
            if step == "judge":
                self._done += len(work)
            outcomes = [WorkerDied(f"{step}: {one.error}") if isinstance(one, _Broken) else one for one in outcome]
            if any(isinstance(one, WorkerDied) for one in outcomes):
                # Cut off anywhere, it may have left anything behind; once for the batch, since a start takes a second.
                self._end()
            return outcomes

    def _start(self) -> Connection:
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        self._process = context.Process(target=serve, args=(theirs,), name="mailflow-worker", daemon=True)
        self._process.start()
        theirs.close()
        self._pipe, self._done = ours, 0
        return ours

    def _end(self) -> None:
        if self._pipe is not None:
            self._pipe.close()
        if self._process is not None:
            self._process.kill()
            self._process.join()
        self._pipe = self._process = None


def serve(pipe: Connection) -> None:
    """The worker's own loop: ends when the pipe closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the service, which then closes the pipe
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGPROF, too_long)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_OCTETS, MEMORY_OCTETS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    steps: dict[str, Callable[[Any], object]] = {"examine": examine, "judge": judge}
    while True:
        try:
            step, work = pipe.recv()
        except EOFError:
            return
        pipe.send([_outcome(steps[step], one) for one in work])


def _outcome(step: Callable[[A], object], one: A) -> object:
    try:
        return timed(step, one)
    except Exception as error:  # noqa: BLE001  the other side decides what becomes of the mail
        return _Broken(type(error).__name__)


def timed(step: Callable[[A], object], one: A, *, seconds: float = CPU_SECONDS, again: float = AGAIN_SECONDS) -> object:
    """The step's outcome. TimeoutError after so many seconds of CPU, and once more after each `again`.

    Parsing, proving and reading catch whatever a mail may raise, this as well: the rest would have no limit else.
    """
    signal.setitimer(signal.ITIMER_PROF, seconds, again)
    try:
        return step(one)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def too_long(_number: int, _frame: FrameType | None) -> NoReturn:
    """What SIGPROF does."""
    raise TimeoutError("5 seconds of CPU for one mail")
