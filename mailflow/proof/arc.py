"""ARC (RFC 8617) for the log: who says that it was so. It decides nothing, so no signature of it is ever verified.

A chain proves only that its last sealer says something, and whom one believes about others is a list that nobody here
keeps; our own border's word is in its Authentication-Results (trust.md §1.4).
"""

from mailflow.proof.header import Header
from mailflow.proof.names import is_domain
from mailflow.proof.tags import SIGNATURE_LIMIT_OCTETS, TagError, number_of, parse_tags

_SETS = 5
_WORDS = ("none", "pass", "fail")


def claims(header: Header) -> tuple[str, ...]:
    """A line for each of the topmost five seals, in words of ours; "?" is what cannot be read. Never raises."""
    seals = (field for field in header.fields if field.name == "arc-seal")
    return tuple(_claim(field.value[:-2]) for field, _ in zip(seals, range(_SETS), strict=False))


def _claim(value: bytes) -> str:
    try:
        tags = parse_tags(value, SIGNATURE_LIMIT_OCTETS)
        instance, domain, word = number_of(tags.get("i")), tags.get("d").lower(), tags.get("cv").lower()
    except TagError:
        return "arc=? (only noted)"
    return f"arc={word if word in _WORDS else '?'} i={instance} d={domain if is_domain(domain) else '?'} (only noted)"
