"""DNS as values. `prove` judges answers that somebody else has fetched; no module below `wire/` opens a socket."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Found:
    """TXT records, each joined from its strings (RFC 7208 §3.3), in the order of the answer."""

    records: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Missing:
    """NXDOMAIN (`exists` false), or the name is there without a TXT record (`exists` true)."""

    exists: bool = False


@dataclass(frozen=True, slots=True)
class Unreachable:
    """No usable answer in time: a temperror, neither proof nor guilt."""


TxtAnswer = Found | Missing | Unreachable
Answers = Mapping[str, TxtAnswer]


@dataclass(frozen=True, slots=True)
class Trusted:
    """Whose word counts (configuration): `authserv_ids` octet by octet, and whether we verify DKIM ourselves."""

    authserv_ids: tuple[str, ...] = ()
    verify_dkim: bool = True
    own_hosts: tuple[str, ...] = ()
