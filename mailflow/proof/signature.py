"""One DKIM-Signature field: everything that can be refused before a key is asked for (RFC 6376 §3.5, trust.md §1.2)."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from mailflow.proof.body import Canonical
from mailflow.proof.header import Field
from mailflow.proof.names import is_domain, is_selector, related, within
from mailflow.proof.tags import SIGNATURE_LIMIT_OCTETS, TagError, Tags, number_of, octets_of, parse_tags

SIGNATURES = 8
JUDGED = 5
_SIGNED_NAMES = 100
_NEEDED = ("v", "a", "d", "s", "h", "bh", "b")
_KINDS = {"rsa-sha256": "rsa", "ed25519-sha256": "ed25519"}
_AHEAD_SECONDS = 600
_FIELD_NAME = frozenset(map(chr, range(0x21, 0x7F))) - {":", ";"}


@dataclass(frozen=True, slots=True)
class Signature:
    """What a field claims, in good form. `names` are the fields of `h=`; times are seconds since 1970, UTC.

    `identity` is the domain of `i=`; `mark` the SHA-256 of what `b=` encodes, in hex, for the replay index. Not of the
    text: base64 can be written in several ways that decode alike, and `b=` itself is not signed.
    """

    field: Field
    kind: str
    header_form: Canonical
    body_form: Canonical
    domain: str
    selector: str
    identity: str
    names: tuple[str, ...]
    body_hash: bytes
    value: bytes
    value_text: str
    signed: int | None
    expires: int | None

    @property
    def mark(self) -> str:
        return hashlib.sha256(self.value).hexdigest()

    @property
    def key_name(self) -> str:
        """Where the key is asked for. RFC 6376 §3.6.2.1."""
        return f"{self.selector}._domainkey.{self.domain}"

    def untimely(self, now: datetime) -> str:
        """Why the dates of this signature are refused at `now`, or ""."""
        seconds = now.timestamp()
        if self.expires is not None and self.signed is not None and self.expires < self.signed:
            return "x= is before t="
        if self.expires is not None and self.expires < seconds:
            return "x= is past"
        if self.signed is not None and self.signed > seconds + _AHEAD_SECONDS:
            return "t= is ahead of our clock"
        return ""


@dataclass(frozen=True, slots=True)
class Refused:
    """A signature or a key that is not taken (permerror), and why: constant text."""

    reason: str
    domain: str = ""


def read_signature(field: Field) -> Signature | Refused:
    """Read one field. Never raises. Dates are judged later by `untimely`."""
    domain = ""
    try:
        # CRLF at the end is the field's, not the value's.
        tags = parse_tags(field.value[:-2], SIGNATURE_LIMIT_OCTETS)
        for name in _NEEDED:
            if not tags.get(name):
                raise TagError(f"{name}= is missing")  # noqa: TRY301  one list of refusals, one way out
        domain = _domain(tags)
        return _signature(field, tags, domain)
    except TagError as error:
        return Refused(str(error), domain)


def _domain(tags: Tags) -> str:
    domain = tags.get("d").lower()
    if "." not in domain and is_selector(domain):
        raise TagError("d= is a public suffix")
    if not is_domain(domain):
        raise TagError("d= is no domain")
    return domain


def _signature(field: Field, tags: Tags, domain: str) -> Signature:
    if tags.get("v") != "1":
        raise TagError("v= is not 1")
    kind = _KINDS.get(tags.get("a").lower())
    if kind is None:
        raise TagError("a= is neither rsa-sha256 nor ed25519-sha256")
    if "l" in tags:
        raise TagError("l= is not taken")
    if tags.get("q", "dns/txt").lower() != "dns/txt":
        raise TagError("q= is not dns/txt")
    selector = tags.get("s").lower()
    if not is_selector(selector) or len(f"{selector}._domainkey.{domain}") > 253:
        raise TagError("s= is no selector")
    form = _forms(tags)
    return Signature(
        field=field, kind=kind, header_form=form[0], body_form=form[1],
        domain=domain, selector=selector, identity=_identity(tags, domain), names=_names(tags),
        body_hash=octets_of(tags.get("bh")), value=_value(tags, kind), value_text=tags.get("b").replace(" ", ""),
        signed=number_of(tags.get("t")) if "t" in tags else None,
        expires=number_of(tags.get("x")) if "x" in tags else None,
    )  # fmt: skip


def _forms(tags: Tags) -> tuple[Canonical, Canonical]:
    forms: dict[str, Canonical] = {"simple": "simple", "relaxed": "relaxed"}
    header, _, body = tags.get("c", "simple").lower().partition("/")
    if header not in forms or (body or "simple") not in forms:
        raise TagError("c= is not of simple and relaxed")
    return forms[header], forms[body or "simple"]


def _names(tags: Tags) -> tuple[str, ...]:
    names = tuple(name.strip(" ").lower() for name in tags.get("h").split(":"))
    if len(names) > _SIGNED_NAMES:
        raise TagError(f"h= has more than {_SIGNED_NAMES} names")
    if not all(name and _FIELD_NAME.issuperset(name) for name in names):
        raise TagError("h= is no list of names")
    if "from" not in names:
        raise TagError("h= lacks From")
    return names


def _identity(tags: Tags, domain: str) -> str:
    _, at, identity = tags.get("i", f"@{domain}").lower().rpartition("@")
    if not at or not is_domain(identity) or not within(identity, domain):
        raise TagError("i= is not within d=")
    return identity


def _value(tags: Tags, kind: str) -> bytes:
    value = octets_of(tags.get("b"))
    if kind == "ed25519" and len(value) != 64:
        raise TagError("b= is not of 64 octets")
    return value


def judged(signatures: Sequence[Signature], domain: str) -> tuple[Signature, ...]:
    """The at most five that are worth work: same domain as From, then near it, then the rest; topmost first."""

    def distance(signature: Signature) -> int:
        return 0 if signature.domain == domain else 1 if related(signature.domain, domain) else 2

    return tuple(sorted(signatures, key=distance)[:JUDGED])
