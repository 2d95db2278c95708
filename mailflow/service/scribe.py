"""The one thread that writes, and the commits it shares.

SQLite takes one writer at a time and an fsync a commit. So all work that waits at the same moment (mails to keep,
mails to close, letters to settle) becomes one transaction with a savepoint each: durability costs one fsync a
group, and the event loop never waits for the disk.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from mailflow.store.protocol import Busy, Reader, Store, Writer

T = TypeVar("T")

# Beyond this many pieces the lock would be held too long for other processes; the rest takes the next commit.
_GROUP = 200
# How long a database that was locked counts as locked. After that a mail may try: somebody has to find out.
_LOCKED_SECONDS = 5.0


class Scribe:
    """Runs work on the store in its own thread. Results come back only after the commit."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="scribe")
        self._waiting: deque[tuple[Callable[[Writer], Any], asyncio.Future[Any]]] = deque()
        self._running: asyncio.Task[None] | None = None
        self._locked_until = float("-inf")

    def locked(self) -> bool:
        """Whether a commit waited in vain for the database (the store's busy time-out) less than five seconds ago."""
        return asyncio.get_running_loop().time() < self._locked_until

    async def read(self, work: Callable[[Reader], T]) -> T:
        """`work` inside a read transaction."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._read, work)

    async def write(self, work: Callable[[Writer], T]) -> T:
        """`work` inside the next shared commit; its exception rolls back its own part alone.

        Raises what `work` raised, or Busy, or the commit's own error: then nothing of it is on disk.
        """
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._waiting.append((work, future))
        if self._running is None or self._running.done():
            self._running = asyncio.create_task(self._drain())
        return await future

    async def tidy(self, most_octets: int | None = None) -> bool:
        """Let the store pack its file, if something was erased; what is to be written waits meanwhile."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._store.tidy, most_octets)

    async def close(self) -> None:
        """Finish what waits, then end the thread and close the store in it."""
        if self._running is not None:
            await self._running
        await asyncio.get_running_loop().run_in_executor(self._thread, self._store.close)
        self._thread.shutdown(wait=False)

    async def _drain(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting:
            group = [self._waiting.popleft() for _ in range(min(_GROUP, len(self._waiting)))]
            try:
                results = await loop.run_in_executor(self._thread, self._commit, [work for work, _ in group])
            except BaseException as error:  # noqa: BLE001  each waiter gets it; none may wait for ever
                results = [error] * len(group)
                if isinstance(error, Busy):
                    self._locked_until = loop.time() + _LOCKED_SECONDS
            else:
                self._locked_until = float("-inf")
            for (_, future), result in zip(group, results, strict=True):
                if future.done():
                    continue  # the waiter was cancelled; its work stands all the same
                if isinstance(result, BaseException):
                    future.set_exception(result)
                else:
                    future.set_result(result)

    def _read(self, work: Callable[[Reader], T]) -> T:
        with self._store.read() as reader:
            return work(reader)

    def _commit(self, group: list[Callable[[Writer], Any]]) -> list[Any]:
        results: list[Any] = []
        with self._store.write() as writer:
            for work in group:
                try:
                    with writer.savepoint():
                        results.append(work(writer))
                except Exception as error:  # noqa: BLE001  rolled back alone, and handed to whoever asked
                    results.append(error)
        return results
