"""DNS as values. `prove` judges answers that somebody else has fetched; no module below `wire/` opens a socket."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Kind = Literal["TXT", "A", "AAAA", "MX", "PTR"]
# The type of record, and a name in lower case without a last dot.
Asked = tuple[Kind, str]


@dataclass(frozen=True, slots=True)
class Found:
    """Records, at least one, in the order of the answer. TXT: each joined from its strings (RFC 7208 §3.3).

    Of the other kinds, as ASCII: an address, `10 mx.example.org` (preference, host), a host name; no last dots.
    """

    records: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Missing:
    """NXDOMAIN (`exists` false), or the name is there without a record of that kind (`exists` true)."""

    exists: bool = False


@dataclass(frozen=True, slots=True)
class Unreachable:
    """No usable answer in time: a temperror, neither proof nor guilt."""


TxtAnswer = Found | Missing | Unreachable
Answer = TxtAnswer
Answers = Mapping[str, TxtAnswer]


@dataclass(frozen=True, slots=True)
class Trusted:
    """Whose word counts (configuration): `authserv_ids` octet by octet, whether we verify DKIM and SPF ourselves."""

    authserv_ids: tuple[str, ...] = ()
    verify_dkim: bool = True
    own_hosts: tuple[str, ...] = ()
    spf: bool = False
