"""The pyspf library with our answers for its DNS, and our limits before its expressions; `proof/spf.py` runs it."""

from collections.abc import Mapping
from typing import Any, cast

import spf

from mailflow.proof.dns import Answer, Asked, Found, Kind, Unreachable

_RECORD_OCTETS = 2048
_TERM_OCTETS = 512
_TERMS = 100


class Stop(Exception):
    """How a step ends that lacks an answer."""

    def __init__(self, asked: Asked) -> None:
        super().__init__(asked)
        self.asked = asked


class Query(spf.query):  # type: ignore[misc]  # pyspf has no types
    """One step; `check()` gives (result, code, explanation), or raises Stop. Arguments were validated."""

    def __init__(self, host: str, sender: str, helo: str, answers: Mapping[Asked, Answer]) -> None:
        super().__init__(i=host, s=sender, h=helo, receiver="unknown")
        self._answers = answers
        # pyspf reads the clock for it; `t` may only stand in explanations, which nobody is told.
        self.t = "0"

    def dns(self, name: str, qtype: Kind, cnames: object = None, ignore_void: object = None) -> list[Any]:  # noqa: ARG002  its signature
        """Where all its questions pass. Aliases were followed by the resolver, so there is no chain to count."""
        name = name.lower().removesuffix(".")
        if not all(0 < len(label) < 64 for label in name.split(".")):
            return []  # no name: RFC 7208 §4.3 takes it for one that does not exist
        match self._answers.get((qtype, name)):
            case None:
                raise Stop((qtype, name))
            case Unreachable():
                raise spf.TempError(f"no answer for {qtype} of {name}"[:100])
            case Found(records):
                return [_in_its_shape(qtype, record) for record in records]
            case _:
                self.void_lookups += not ignore_void
                if self.void_lookups > spf.MAX_VOID_LOOKUPS:
                    raise spf.PermError(f"more than {spf.MAX_VOID_LOOKUPS} void look-ups")
                return []

    def dns_spf(self, domain: str) -> str | None:
        """Its expressions are quadratic in a term, so long ones never reach them."""
        record = cast("str | None", super().dns_spf(domain))
        if record is not None:
            terms = record.split(" ")
            if len(record) > _RECORD_OCTETS or len(terms) > _TERMS or max(map(len, terms)) > _TERM_OCTETS:
                raise spf.PermError("a record over our limits")
        return record

    def get_explanation(self, _spec: str) -> None:
        """Nobody reads it, so nobody asks for it."""


def _in_its_shape(kind: Kind, record: bytes) -> object:
    """As its own driver for dnspython gives it."""
    if kind == "TXT":
        return (record,)
    text = record.decode("ascii", "replace")
    if kind == "MX":
        preference, _, host = text.partition(" ")
        return int(preference), host
    return text
