"""DMARC after RFC 9989: records, the walk through the tree, organisations, alignment, policy. Only given answers."""

from dataclasses import dataclass
from typing import Literal

from mailflow.proof.dns import Answers, Found, Missing, Unreachable
from mailflow.proof.names import related
from mailflow.proof.tags import RECORD_LIMIT_OCTETS, loose_tags

Policy = Literal["none", "quarantine", "reject"]
_RECORDS = 50
_WALK = 8
_POLICIES: dict[str, Policy] = {"none": "none", "quarantine": "quarantine", "reject": "reject"}
_LOWER: dict[Policy, Policy] = {"reject": "quarantine", "quarantine": "none", "none": "none"}


class Unsettled(Exception):
    """DNS has not said what this question hangs on. `waiting`: a name was out of reach; else nobody asked for it."""

    def __init__(self, name: str, *, waiting: bool) -> None:
        super().__init__(name)
        self.waiting = waiting


@dataclass(frozen=True, slots=True)
class Record:
    """A DMARC record. `subdomain` and `missing` (for names that do not exist) are `p` where the record has neither."""

    name: str
    policy: Policy
    subdomain: Policy
    missing: Policy
    strict_dkim: bool
    strict_spf: bool
    suffix: Literal["y", "n", "u"]


def walk(domain: str) -> tuple[str, ...]:
    """The names whose records count for `domain`, longest first, at most 8, the single label too. RFC 9989 §4.10."""
    labels = domain.split(".")
    first = (domain,) if len(labels) > _WALK - 1 else ()
    return (*first, *(".".join(labels[-count:]) for count in range(min(len(labels), _WALK - 1), 0, -1)))


def question(name: str) -> str:
    """The TXT name that holds the record of `name`."""
    return f"_dmarc.{name}"


def read_record(name: str, records: tuple[bytes, ...]) -> Record | None:
    """The one record among the TXT records of `_dmarc.<name>`; None when there is none, or more than one."""
    ours = [octets for octets in records[:_RECORDS] if _begins_well(octets)]
    if len(ours) != 1:
        return None
    tags = loose_tags(ours[0], RECORD_LIMIT_OCTETS)
    whole = tags.get("p", "none")
    below = tags.get("sp", whole)
    policies = [_POLICIES.get(text.lower()) for text in (whole, below, tags.get("np", below))]
    # A policy that cannot be read is not guessed at: the whole record then asks for nothing.
    read = [policy or "none" for policy in policies] if None not in policies else [_POLICIES["none"]] * 3
    if tags.get("t").lower() == "y":
        read = [_LOWER[policy] for policy in read]
    suffix = tags.get("psd", "u").lower()
    return Record(
        name=name, policy=read[0], subdomain=read[1], missing=read[2],
        strict_dkim=tags.get("adkim").lower() == "s",
        strict_spf=tags.get("aspf").lower() == "s",
        # A top-level domain is nobody's organisation, whatever its record forgets to say.
        suffix="y" if suffix == "y" or "." not in name else "n" if suffix == "n" else "u",
    )  # fmt: skip


def _begins_well(octets: bytes) -> bool:
    name, equals, value = octets.partition(b";")[0].partition(b"=")
    return bool(equals) and name.strip() == b"v" and value.strip() == b"DMARC1"


def record_of(name: str, answers: Answers) -> Record | None:
    """The record of exactly this name. Raises Unsettled."""
    match answers.get(question(name)):
        case Found(records):
            return read_record(name, records)
        case Missing():
            return None
        case Unreachable():
            raise Unsettled(name, waiting=True)
        case _:
            raise Unsettled(name, waiting=False)


def organisation(domain: str, answers: Answers) -> str:
    """The organisational domain of `domain`. Raises Unsettled. RFC 9989 §4.10.2."""
    shortest = domain
    for name in walk(domain):
        record = record_of(name, answers)
        if record is not None:
            if record.suffix == "n":
                return name
            if record.suffix == "y" and name != domain:
                return ".".join(domain.split(".")[-name.count(".") - 2 :])
            shortest = name
    return shortest


def aligned(domain: str, other: str, answers: Answers, by: Literal["dkim", "spf"]) -> bool:
    """`other`, a domain proved by DKIM or SPF, speaks for the From domain `domain`. Raises Unsettled. RFC 9989 §4.4.

    Equal names need no answer; names that do not share their last two labels cannot have one organisation.
    """
    if domain == other:
        return True
    if not related(domain, other):
        return False
    record = policy_record(domain, answers)
    if record is not None and (record.strict_dkim if by == "dkim" else record.strict_spf):
        return False
    return organisation(domain, answers) == organisation(other, answers)


def policy_record(domain: str, answers: Answers) -> Record | None:
    """The record in force for `domain`: its own, its organisation's, else its public suffix's. Raises Unsettled."""
    own = record_of(domain, answers)
    if own is not None:
        return own
    top = organisation(domain, answers)
    if top != domain and (record := record_of(top, answers)) is not None:
        return record
    for name in walk(top)[1:]:
        record = record_of(name, answers)
        if record is not None and record.suffix == "y":
            return record
    return None


def policy(domain: str, answers: Answers) -> Policy | None:
    """What the owner of `domain` asks for when DMARC fails; None without a record. Raises Unsettled."""
    record = policy_record(domain, answers)
    if record is None:
        return None
    if record.name == domain:
        return record.policy
    if record.missing == record.subdomain:
        return record.subdomain
    # NXDOMAIN for a name means that it does not exist (RFC 8020); a record or an empty answer below it, that it does.
    match answers.get(domain):
        case Missing(exists=False):
            return record.missing
        case Unreachable():
            raise Unsettled(domain, waiting=True)
        case _:
            return record.subdomain
