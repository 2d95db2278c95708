"""Where DNS answers come from: the system's resolver, or a table. Answers are hostile, and bounded (trust.md §12)."""

import asyncio
import string
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

from mailflow.proof.dns import Answer, Asked, Found, Kind, Missing, TxtAnswer, Unreachable

if TYPE_CHECKING:
    from dns.asyncresolver import Resolver as DnsResolver
    from dns.name import Name
    from dns.rdata import Rdata

# A university has dozens of TXT records on its name, one for each service it uses, and SPF's may be the last of them.
MAX_RECORDS = 100
MAX_RECORD_OCTETS = 4096
MAX_QUERIES = 40
# Sockets at once, over all mails: well below the 1024 files that a process may have open.
IN_FLIGHT = 200
# And names that wait for such a socket, or have one. Whoever comes on top is told at once that there is no answer.
ASKING = 600

_KEEP_FOUND_SECONDS = 3600.0
_KEEP_MISSING_SECONDS = 300.0
# Shorter than the minute after which a mail is looked at again: nobody is judged by it, and a thousand mails that name
# a domain whose servers are mute do not each take five seconds from all others.
_KEEP_UNREACHABLE_SECONDS = 30.0
_KEEP_ANSWERS = 4000
_KEEP_OCTETS = 8 * 1024 * 1024
_HOST = frozenset(string.ascii_letters + string.digits + "-_.")


class Resolver(Protocol):
    """Answers questions. Never raises."""

    async def txt(self, name: str) -> TxtAnswer:
        """The TXT records of `name` (A-labels, with or without the last dot)."""

    async def look_up(self, kind: Kind, name: str) -> Answer:
        """The records of that kind, aliases followed."""


class TableResolver:
    """Answers from a table of lower-case names, for the demo and for tests. What is not in it does not exist.

    `records` are of type TXT; `others` of any kind, as `Found` has them.
    """

    def __init__(self, records: Mapping[str, bytes], others: Mapping[Asked, tuple[bytes, ...]] | None = None) -> None:
        self._records = dict(records)
        self._others = dict(others or {})

    async def txt(self, name: str) -> TxtAnswer:
        return await self.look_up("TXT", name)

    async def look_up(self, kind: Kind, name: str) -> Answer:
        key = _key(name)
        found = self._others.get((kind, key))
        if found is None and kind == "TXT" and key in self._records:
            found = (self._records[key],)
        return Found(found) if found else Missing(exists=key in self._records)


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
        self._kept: dict[Asked, tuple[float, Answer]] = {}
        self._kept_octets = 0
        self._places = asyncio.Semaphore(IN_FLIGHT)
        self._asking: dict[Asked, asyncio.Task[Answer]] = {}

    async def txt(self, name: str) -> TxtAnswer:
        return await self.look_up("TXT", name)

    async def look_up(self, kind: Kind, name: str) -> Answer:
        key: Asked = (kind, _key(name))
        kept = self._kept.get(key)
        if kept is not None and self._clock() < kept[0]:
            return kept[1]
        asking = self._asking.get(key)
        if asking is None:
            if len(self._asking) >= ASKING:
                return Unreachable()
            asking = self._asking[key] = asyncio.create_task(self._learn(key))
            asking.add_done_callback(lambda _: self._asking.pop(key, None))
        # Whoever waits no longer leaves the question under way: its answer is there when the mail comes once more.
        return await asyncio.shield(asking)

    async def _learn(self, key: Asked) -> Answer:
        async with self._places:
            answer, seconds = await self._asked(*key)
        if seconds > 0:
            self._keep(key, answer, seconds)
        return answer

    def _keep(self, key: Asked, answer: Answer, seconds: float) -> None:
        # The oldest goes first; whoever asks for thousands of names, or answers at length, only makes us ask again.
        self._drop(key)
        self._kept[key] = (self._clock() + seconds, answer)
        self._kept_octets += _octets(answer)
        while len(self._kept) > _KEEP_ANSWERS or self._kept_octets > _KEEP_OCTETS:
            self._drop(next(iter(self._kept)))

    def _drop(self, key: Asked) -> None:
        kept = self._kept.pop(key, None)
        if kept is not None:
            self._kept_octets -= _octets(kept[1])

    async def _asked(self, kind: Kind, name: str) -> tuple[Answer, float]:
        """The answer, and for how many seconds it may be kept (what is no name: 0)."""
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
            answer = await resolver.resolve(question, kind, lifetime=self._timeout.total_seconds(), search=False)
        except dns.resolver.NXDOMAIN:
            return Missing(), _KEEP_MISSING_SECONDS
        except dns.resolver.NoAnswer:
            return Missing(exists=True), _KEEP_MISSING_SECONDS
        except Exception:  # noqa: BLE001  # a stranger's packet, a broken resolv.conf, a dead network: all one to the judge
            return Unreachable(), _KEEP_UNREACHABLE_SECONDS
        found = (_octets_of(record) for record in list(answer)[:MAX_RECORDS])
        records = tuple(record for record in found if record is not None and len(record) <= MAX_RECORD_OCTETS)
        ttl = answer.rrset.ttl if answer.rrset is not None else 0
        return Found(records) if records else Missing(exists=True), min(float(ttl), _KEEP_FOUND_SECONDS)

    def _made(self) -> "DnsResolver":
        from dns.asyncresolver import Resolver as Made  # noqa: PLC0415  a heavy library

        resolver = Made(configure=not self._nameservers)
        if self._nameservers:
            resolver.nameservers = list(self._nameservers)
            resolver.port = self._port
        return resolver


def name_servers() -> int:
    """How many this machine asks, as far as its configuration tells; nobody is asked."""
    import dns.exception  # noqa: PLC0415  a heavy library
    from dns.resolver import Resolver as Configured  # noqa: PLC0415  a heavy library

    try:
        return len(Configured().nameservers)
    except (dns.exception.DNSException, OSError, ValueError):
        return 0


async def ask(
    resolver: Resolver, names: Sequence[str], within: timedelta = timedelta(seconds=10), most: int = MAX_QUERIES
) -> dict[str, TxtAnswer]:
    """All names at once, each once; what has not come within the time, or is beyond `most` names, is Unreachable."""
    wanted = list(dict.fromkeys(names))
    answers: dict[str, TxtAnswer] = dict.fromkeys(wanted, Unreachable())
    if not wanted:
        return answers
    tasks = {asyncio.ensure_future(resolver.txt(name)): name for name in wanted[:most]}
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


def _octets_of(record: "Rdata") -> bytes | None:
    """A record as `Found` has it; None for a host name that is none: it would be asked for next."""
    from dns.rdtypes.ANY.MX import MX  # noqa: PLC0415  a heavy library
    from dns.rdtypes.ANY.PTR import PTR  # noqa: PLC0415  a heavy library
    from dns.rdtypes.ANY.TXT import TXT  # noqa: PLC0415  a heavy library
    from dns.rdtypes.IN.A import A  # noqa: PLC0415  a heavy library
    from dns.rdtypes.IN.AAAA import AAAA  # noqa: PLC0415  a heavy library

    match record:
        case TXT():
            return b"".join(record.strings)
        case A() | AAAA():
            return str(record.address).encode()
        case MX():
            host = _host(record.exchange)
            return None if host is None else b"%d %s" % (record.preference, host)
        case PTR():
            return _host(record.target)
        case _:
            return None


def _host(name: "Name") -> bytes | None:
    text = name.to_text(omit_final_dot=True)
    return text.lower().encode() if len(text) <= 253 and _HOST.issuperset(text) else None


def _octets(answer: Answer) -> int:
    return sum(map(len, answer.records)) if isinstance(answer, Found) else 0


def _key(name: str) -> str:
    return name.lower().removesuffix(".")
