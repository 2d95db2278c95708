"""Domain names in proofs: lower-case ASCII, compared label by label from the right and never as text."""

import string

_HOST = frozenset(string.ascii_lowercase + string.digits + "-")


def is_domain(text: str) -> bool:
    """Lower-case letters, digits and inner hyphens, at least two labels of 1 to 63 octets, at most 253 in all."""
    return len(text) <= 253 and text.count(".") >= 1 and all(_is_label(label, _HOST) for label in text.split("."))


def is_selector(text: str) -> bool:
    """As a domain, but one label is enough and underscores are allowed. RFC 6376 §3.1."""
    return 0 < len(text) <= 253 and all(_is_label(label, _HOST | {"_"}) for label in text.split("."))


def _is_label(label: str, allowed: frozenset[str]) -> bool:
    return 0 < len(label) <= 63 and label[0] != "-" and label[-1] != "-" and allowed.issuperset(label)


def within(name: str, parent: str) -> bool:
    """`name` is `parent` or lies below it."""
    labels, above = name.split("."), parent.split(".")
    return labels[-len(above) :] == above


def related(one: str, other: str) -> bool:
    """They share their last two labels: what two names of one organisation must have in common at the least."""
    return one.split(".")[-2:] == other.split(".")[-2:]
