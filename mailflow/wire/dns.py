"""Where DNS answers come from: the system's resolver, or a table. Answers are hostile, and bounded (trust.md §12)."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

from mailflow.proof.dns import Found, Missing, TxtAnswer, Unreachable

if TYPE_CHECKING:
    from dns.asyncresolver import Resolver as DnsResolver

MAX_RECORDS = 10
MAX_RECORD_OCTETS = 4096
MAX_QUERIES = 40

_KEEP_FOUND_SECONDS = 3600.0
_KEEP_MISSING_SECONDS = 300.0
_KEEP_ANSWERS = 2000


class Resolver(Protocol):
    """Answers TXT questions. Never raises."""

    async def txt(self, name: str) -> TxtAnswer:
        """The TXT records of `name` (A-labels, with or without the last dot)."""


class TableResolver:
    """Answers from a table of lower-case names, for the demo and for tests. What is not in it does not exist."""

    def __init__(self, records: Mapping[str, bytes]) -> None:
        self._records = dict(records)

    async def txt(self, name: str) -> TxtAnswer:
        record = self._records.get(_key(name))
        return Missing() if record is None else Found((record,))


class SystemResolver:
    """dnspython with the system's name servers, or those given. Answers are kept for their TTL, at most an hour."""

    def __init__(
        self,
        *,
        timeout: timedelta = timedelta(seconds=5),
        nameservers: Sequence[str] = (),
        port: int = 53,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._timeout = timeout
        self._nameservers = tuple(nameservers)
        self._port = port
        self._clock = clock
        self._resolver: DnsResolver | None = None
        self._kept: dict[str, tuple[float, TxtAnswer]] = {}

    async def txt(self, name: str) -> TxtAnswer:
        key = _key(name)
        kept = self._kept.get(key)
        if kept is not None and self._clock() < kept[0]:
            return kept[1]
        answer, seconds = await self._asked(key)
        if seconds > 0:
            self._keep(key, answer, seconds)
        return answer

    def _keep(self, key: str, answer: TxtAnswer, seconds: float) -> None:
        # The oldest goes first; whoever asks for thousands of names only makes us ask again.
        self._kept.pop(key, None)
        while len(self._kept) >= _KEEP_ANSWERS:
            del self._kept[next(iter(self._kept))]
        self._kept[key] = (self._clock() + seconds, answer)

    async def _asked(self, name: str) -> tuple[TxtAnswer, float]:
        """The answer, and for how many seconds it may be kept (a failure: 0)."""
        import dns.exception  # noqa: PLC0415  # 0.1 s to import, for those who ask only
        import dns.name  # noqa: PLC0415  a heavy library
        import dns.resolver  # noqa: PLC0415  a heavy library

        try:
            # A backslash would begin an escape; no host has one.
            if not name or not name.isascii() or "\\" in name:
                return Missing(), 0.0
            question = dns.name.from_text(f"{name}.")
        except (dns.exception.DNSException, UnicodeError):
            # What cannot be a name does not exist, and is no key to keep.
            return Missing(), 0.0
        try:
            resolver = self._resolver = self._resolver or self._made()
            answer = await resolver.resolve(question, "TXT", lifetime=self._timeout.total_seconds(), search=False)
        except dns.resolver.NXDOMAIN:
            return Missing(), _KEEP_MISSING_SECONDS
        except dns.resolver.NoAnswer:
            return Missing(exists=True), _KEEP_MISSING_SECONDS
        except Exception:  # noqa: BLE001  # a stranger's packet, a broken resolv.conf, a dead network: all one to the judge
            return Unreachable(), 0.0
        found = [b"".join(record.strings) for record in list(answer)[:MAX_RECORDS]]
        records = tuple(record for record in found if len(record) <= MAX_RECORD_OCTETS)
        ttl = answer.rrset.ttl if answer.rrset is not None else 0
        return Found(records) if records else Missing(exists=True), min(float(ttl), _KEEP_FOUND_SECONDS)

    def _made(self) -> "DnsResolver":
        from dns.asyncresolver import Resolver as Made  # noqa: PLC0415  a heavy library

        resolver = Made(configure=not self._nameservers)
        if self._nameservers:
            resolver.nameservers = list(self._nameservers)
            resolver.port = self._port
        return resolver


async def ask(
    resolver: Resolver, names: Sequence[str], within: timedelta = timedelta(seconds=10)
) -> dict[str, TxtAnswer]:
    """All names at once, each once; what has not come within the time, or is beyond 40 names, is Unreachable."""
    wanted = list(dict.fromkeys(names))
    answers: dict[str, TxtAnswer] = dict.fromkeys(wanted, Unreachable())
    if not wanted:
        return answers
    tasks = {asyncio.ensure_future(resolver.txt(name)): name for name in wanted[:MAX_QUERIES]}
    try:
        done, late = await asyncio.wait(tasks, timeout=within.total_seconds())
    except asyncio.CancelledError:
        for task in tasks:
            task.cancel()
        raise
    for task in late:
        task.cancel()
    for task in done:
        if task.exception() is None:
            answers[tasks[task]] = task.result()
    return answers


def _key(name: str) -> str:
    return name.lower().removesuffix(".")
