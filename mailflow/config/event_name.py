"""What an event may be called: its name is the local part of its address."""

import re

# An event's name, the mark of a token and the token fit into a local part of 64 octets (trust.md §2.2).
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,23}[a-z0-9])?")
FORM = "at most 25 lower-case letters, digits and inner hyphens"
# Addresses that mean something else at every site.
TAKEN = ("new", "postmaster", "abuse")


def name_fault(name: str) -> str:
    """Why no event can be called so, "" when one can."""
    if name in TAKEN:
        return f"{name} is taken"
    return "" if _NAME.fullmatch(name) else f"not {FORM}"
