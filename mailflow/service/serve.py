"""The running service: intake, handling, outbox, clock and health in one loop, and a worker process beside it."""

import asyncio
import contextlib
import signal
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Literal

from mailflow import __version__
from mailflow.config.problems import ConfigError
from mailflow.model.event import Event
from mailflow.service.courier import build_courier
from mailflow.service.dispatch import Dispatcher
from mailflow.service.doors import CertificateError, certified, named, open_doors
from mailflow.service.erase import erase_again
from mailflow.service.handle import Handler, Student
from mailflow.service.health import HealthDesk
from mailflow.service.house import House
from mailflow.service.known import JOB
from mailflow.service.opening import Keys, Presence, sync_events
from mailflow.service.publishing import Gazette, read_again, with_event
from mailflow.service.receive import Reception
from mailflow.service.reload import wants_restart
from mailflow.service.retention import NIGHT
from mailflow.service.scribe import Scribe
from mailflow.service.tick import tick
from mailflow.service.worker import Worker
from mailflow.store.protocol import Busy, Reader, Store
from mailflow.wire.courier import Courier
from mailflow.wire.dns import Resolver, SystemResolver
from mailflow.wire.health import serve_health
from mailflow.wire.smtp import Listening
from mailflow.wire.systemd import notify

Part = Literal["intake", "handle", "outbox", "clock"]
PARTS: tuple[Part, ...] = ("intake", "handle", "outbox", "clock")

# Another process may have put work into the database, so nobody sleeps longer than this without a look.
_IDLE_SECONDS = 1.0
_TICK_SECONDS = 20.0
_HANDLERS = 2
# A database of so many octets is packed in a tenth of a second or two.
_PACKED_AT_ONCE = 16 * 1024 * 1024
# What another service published while this one read its files is read again.
_NEWS = timedelta(minutes=5)
# All of an orderly end has to fit into the 30 seconds of deploy's TimeoutStopSec.
_GRACE = timedelta(seconds=20)
# A letter whose relay is mute is given up sooner: it goes out again after the next start, the same octets.
_UNDER_WAY_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Means:
    """What a service is given beside its house; the demo and the tests give other ones."""

    store: Store
    keys: Keys
    resolver: Resolver | None = None
    courier: Courier | None = None
    student: Student | None = None


@dataclass(slots=True)
class Service:
    """A running site. `house` is replaced as a whole on HUP; everything asks for it anew each time."""

    house: House
    means: Means
    parts: tuple[Part, ...] = PARTS
    reload: Callable[[], tuple[House, Keys]] | None = None
    where: tuple[str, ...] = ()
    _stop: asyncio.Event = field(default_factory=asyncio.Event)
    _arrived: asyncio.Event = field(default_factory=asyncio.Event)
    _posted: asyncio.Event = field(default_factory=asyncio.Event)
    _reread: asyncio.Event = field(default_factory=asyncio.Event)
    _doors: list[Listening] = field(default_factory=list)
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)
    _closers: list[Callable[[], Awaitable[None]]] = field(default_factory=list)
    _scribe: Scribe = field(init=False)
    _gazette: Gazette = field(init=False)

    async def start(self) -> None:
        """Open everything; returns when mail is taken. Raises OSError when an address is in use."""
        config = self.house.config
        scribe = Scribe(self.means.store)
        presence = Presence(config.state)
        alone = presence.alone()
        now = self.house.now()
        if alone:
            # Nobody else can hold a claim: what a killed service had in hand is taken up at once.
            await scribe.write(lambda writer: writer.recover(now))
        presence.join()
        # Before anything goes out: this database may be a backup that was restored.
        for event, people in await scribe.write(lambda writer: erase_again(self.house, writer, now)):
            self.house.journal.job("erase-again", event, None, f"{people} people")
        changed = await scribe.write(lambda writer: sync_events(self.house, writer))
        self._scribe = scribe
        self._gazette = Gazette(now - _NEWS)
        # In reverse order at the end: this is the last to go, for until the scribe has closed our claims are ours.
        self._closers.append(_later(presence.leave))
        self._closers.append(scribe.close)
        if "handle" in self.parts:
            self._start_handling(scribe)
        else:
            self._loop(self._look_for_news, asyncio.Event(), _IDLE_SECONDS)
        if "outbox" in self.parts:
            self._start_outbox(scribe)
        if "clock" in self.parts:
            self._loop(self._tick, self._reread, _TICK_SECONDS / max(self.house.clock.speed, 1.0))
        if config.health.listen is not None:
            desk = HealthDesk(lambda: self.house, scribe)
            with named("health.listen", config.health.listen):
                door = await serve_health(str(config.health.listen), desk.answer)
            self._closers.append(lambda: door.close(timedelta(0)))
        if "intake" in self.parts:
            self._doors = await open_doors(self.house, Reception(lambda: self.house, scribe, self._arrived.set))
            self.where = tuple(door.where for door in self._doors)
        self._loop(self._watchdog, asyncio.Event(), 20.0)
        self.house.journal.started(__version__, self.where, len(self.house.events))
        self._foretell(changed)
        notify("READY=1")

    async def run(self) -> None:
        """Serve until TERM or INT; HUP reads everything again."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.stop)
        loop.add_signal_handler(signal.SIGHUP, lambda: asyncio.ensure_future(self.reread()))
        await self.start()
        await self._stop.wait()
        await self.close()

    def stop(self) -> None:
        """Begin to end."""
        self._stop.set()

    async def close(self) -> None:
        """Stop accepting, finish DATA in progress, leave the outbox for the next start."""
        self._stop.set()
        notify("STOPPING=1")
        self.house.journal.stopping("asked to")
        end = asyncio.get_running_loop().time() + _GRACE.total_seconds()
        await asyncio.gather(*(door.close(_GRACE) for door in self._doors))
        for event in (self._arrived, self._posted):
            event.set()
        left = max(end - asyncio.get_running_loop().time(), 1.0)
        _, pending = await asyncio.wait(self._tasks, timeout=left) if self._tasks else ((), ())
        for task in pending:
            task.cancel()
        for closer in reversed(self._closers):
            await closer()

    def _foretell(self, changed: tuple[tuple[str, int], ...]) -> None:
        for event, people in changed:
            self.house.journal.job(JOB, event, None, f"up to {people} to be told")

    async def reread(self) -> None:
        """Configuration, events, templates, certificates and keys anew; if anything is wrong the old ones stay."""
        if self.reload is None:
            return
        try:
            house, keys = await asyncio.to_thread(self.reload)
            tls = certified(house.config.intake) if self._doors else None
            changed = await self._scribe.write(lambda writer: sync_events(house, writer))
        except ConfigError as error:
            self.house.journal.not_reloaded(f"{problem.file}: {problem}" for problem in error.problems)
            return
        except CertificateError as error:
            self.house.journal.not_reloaded([f"{error.filename}: {error.strerror}"])
            return
        except Exception as error:  # noqa: BLE001  a door: whatever is wrong, the service goes on as it was
            self.house.journal.trouble("reload", error)
            return
        later = wants_restart(self.house.config, house.config)
        self.house = house
        # What was published while the files were read.
        self._gazette = Gazette(house.now() - _NEWS)
        self.means = replace(self.means, keys=keys)
        for door in self._doors:
            door.offer(tls)
        self.house.journal.reloaded(len(house.events), later)
        self._foretell(changed)
        # More seats go to the line now, not at the next tick.
        self._reread.set()
        self._arrived.set()

    async def idle(self, seconds: float = 60.0) -> bool:
        """Wait until every mail has ended and every letter was tried; False when that takes too long.

        For the demo and the tests; letters that wait for their next try count as tried.
        """
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while await self._scribe.read(busy):
                    await asyncio.sleep(0.02)
                return True
        return False

    @property
    def scribe(self) -> Scribe:
        """The service's own hold on the database."""
        return self._scribe

    def _start_handling(self, scribe: Scribe) -> None:
        student = self.means.student
        if student is None:
            worker = Worker()
            student = worker
            self._closers.append(worker.close)
        resolver = self.means.resolver or SystemResolver()
        handler = Handler(lambda: self.house, scribe, student, resolver, self._posted.set, self._publish)
        # A worker takes a second to start: no mail is claimed before it can be read, and the first need not wait.
        warm = asyncio.ensure_future(student.examine(()))

        async def handle() -> int:
            await asyncio.wait((warm,))
            await self._read_news()
            return await handler.handle()

        for _ in range(_HANDLERS):
            self._loop(handle, self._arrived, _IDLE_SECONDS)

    async def _look_for_news(self) -> int:
        await self._read_news()
        return 0

    def _publish(self, event: Event) -> None:
        """An event that was made, or moved, by mail is known from now on; at the next HUP its file says the same."""
        self.house = with_event(self.house, event)
        self._reread.set()

    async def _read_news(self) -> None:
        """The same for what another service on this database has published: before a mail to it can be handled."""
        if not self.house.config.site.event_makers:
            return
        if news := await self._scribe.read(self._gazette.news):
            for event in await asyncio.to_thread(read_again, self.house, news):
                self._publish(event)

    def _start_outbox(self, scribe: Scribe) -> None:
        courier = self.means.courier or build_courier(self.house.config)
        threads = ThreadPoolExecutor(2, thread_name_prefix="sign")
        dispatcher = Dispatcher(lambda: self.house, scribe, lambda: courier, lambda: self.means.keys.signer, threads)
        self._loop(dispatcher.dispatch, self._posted, _IDLE_SECONDS)

        async def close() -> None:
            await dispatcher.finish(_UNDER_WAY_SECONDS)
            await courier.close()
            threads.shutdown(wait=False)

        self._closers.append(close)

    def _loop(self, work: Callable[[], Awaitable[int]], wake: asyncio.Event, idle_seconds: float) -> None:
        self._tasks.append(asyncio.create_task(self._until_stopped(work, wake, idle_seconds)))

    async def _until_stopped(self, work: Callable[[], Awaitable[int]], wake: asyncio.Event, idle: float) -> None:
        """Work while there is some, then sleep until woken; trouble is written down and slept over."""
        while not self._stop.is_set():
            wake.clear()
            try:
                if await work():
                    continue
            except Busy:
                pass  # another process holds the lock; it will be let go of
            except Exception as error:  # noqa: BLE001  a loop of the service must not end before the service does
                self.house.journal.trouble("loop", error)
            waits = {asyncio.create_task(wake.wait()), asyncio.create_task(self._stop.wait())}
            _, pending = await asyncio.wait(waits, timeout=idle, return_when=asyncio.FIRST_COMPLETED)
            for task in pending:
                task.cancel()

    async def _tick(self) -> int:
        house, now = self.house, self.house.now()
        done = await self._scribe.write(lambda writer: tick(house, writer, now))
        for job, event, whom, result in done.results:
            house.journal.job(job, event=event, whom=whom, result=result)
        for event, error in done.troubles:
            house.journal.trouble(f"tick {event}".strip(), error)
        if done.letters:
            self._posted.set()
        # Packing a large file holds everybody up, so that waits for the night.
        night = any(job == NIGHT for job, *_ in done.results)
        await self._scribe.tidy(None if night else _PACKED_AT_ONCE)
        return 0

    async def _watchdog(self) -> int:
        # The writer must answer, or systemd should start us anew.
        await self._scribe.read(lambda reader: reader.due_at())
        notify("WATCHDOG=1")
        return 0


def busy(reader: Reader) -> bool:
    """Whether a mail has no end yet, or a letter was not tried yet."""
    if reader.mails(state="new", limit=1):
        return True
    return any(letter.last_code is None for letter in reader.letters(state="due", limit=1000))


def _later(act: Callable[[], None]) -> Callable[[], Awaitable[None]]:
    async def closer() -> None:
        act()

    return closer
