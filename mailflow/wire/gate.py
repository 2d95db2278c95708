"""How many may be in at once, and how much they may hold: what all sessions share (trust.md §7)."""

import time
from collections import Counter
from collections.abc import Callable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from mailflow.mail.reply import Reply
from mailflow.wire.door import DoorLimits

Network = IPv4Network | IPv6Network

TOO_MANY = Reply(421, "4.7.0", "Too many connections, try again later")
NOT_ALLOWED = Reply(554, "5.7.1", "Not allowed")
NO_ROOM = Reply(452, "4.3.1", "Not enough room, try again later")

# A flood from ever new addresses must not grow the table of the minute.
_REMEMBERED = 10_000


class Memory:
    """The octets that all sessions together hold while they read."""

    __slots__ = ("_limit", "_used")

    def __init__(self, limit_octets: int) -> None:
        self._limit = limit_octets
        self._used = 0

    @property
    def used(self) -> int:
        return self._used

    def has(self, octets: int) -> bool:
        return self._used + octets <= self._limit

    def take(self, octets: int) -> bool:
        """Reserve `octets`, or False (and nothing reserved) when that would be too much."""
        if not self.has(octets):
            return False
        self._used += octets
        return True

    def give(self, octets: int) -> None:
        self._used -= octets


class Gate:
    """Counts connections. `clock` gives seconds that never run backwards."""

    def __init__(
        self, limits: DoorLimits, allow: tuple[Network, ...], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.memory = Memory(limits.memory_octets)
        self._limits = limits
        self._allow = allow
        self._clock = clock
        self._open = 0
        self._by_address: Counter[str] = Counter()
        self._minute = 0
        self._new: Counter[str] = Counter()

    def enter(self, host: str) -> Reply | None:
        """None when one more connection from `host` ("" for a Unix socket) is welcome, and then it counts."""
        if host and self._allow and not self.names(host):
            return NOT_ALLOWED
        if self._open >= self._limits.max_connections:
            return TOO_MANY
        refusal = self.count(host) if host and not self._allow else None
        if refusal is None:
            self._open += 1
        return refusal

    def leave(self, host: str) -> None:
        """A connection that `enter` let in has ended."""
        self._open -= 1
        if host and not self._allow:
            self.forget(host)

    def count(self, host: str) -> Reply | None:
        """None when a stranger's address may have one more connection, and then it counts until `forget`."""
        key = _key(host)
        if self._by_address[key] >= self._limits.max_connections_per_address or self._too_often(key):
            return TOO_MANY
        self._by_address[key] += 1
        return None

    def forget(self, host: str) -> None:
        """A connection that `count` counted has ended."""
        key = _key(host)
        self._by_address[key] -= 1
        if self._by_address[key] <= 0:
            del self._by_address[key]

    def names(self, host: str) -> bool:
        """Whether `allow` names this address."""
        try:
            address = _address(host)
        except ValueError:
            return False
        return any(address.version == network.version and address in network for network in self._allow)

    def _too_often(self, key: str) -> bool:
        minute = int(self._clock() // 60)
        if minute != self._minute or len(self._new) > _REMEMBERED:
            self._minute = minute
            self._new.clear()
        self._new[key] += 1
        return self._new[key] > self._limits.new_per_minute


def _address(host: str) -> IPv4Address | IPv6Address:
    address = ip_address(host.partition("%")[0])
    # A socket for both families shows IPv4 peers as ::ffff:192.0.2.1.
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def _key(host: str) -> str:
    """One customer's reach: an IPv4 address, or the /64 of an IPv6 address."""
    try:
        address = _address(host)
    except ValueError:
        return host
    if isinstance(address, IPv6Address):
        return str(IPv6Network((int(address) >> 64 << 64, 64)))
    return str(address)
