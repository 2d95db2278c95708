"""What an event may be called: its name is the local part of its address."""

import re

# An event's name, the mark of a token and the token fit into a local part of 64 octets (trust.md §2.2).
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,23}[a-z0-9])?")
FORM = "at most 25 lower-case letters, digits and inner hyphens"
# Addresses that mean something else at every site.
TAKEN = ("new", "postmaster", "abuse")
# Mailboxes that speak for a domain: RFC 2142, and those to which certificate authorities write before they believe who
# runs it (CA/Browser Forum, Baseline Requirements §3.2.2.4.4). What is mailed to an event goes to its organisers, so no
# title of theirs makes such an address. Whoever runs the site may still name a file so.
ROLES = frozenset({
    "admin", "administrator", "hostmaster", "info", "mailer-daemon", "no-reply", "noc", "noreply", "root", "security",
    "support", "webmaster", "www",
})  # fmt: skip


def name_fault(name: str) -> str:
    """Why no event can be called so, "" when one can."""
    if name in TAKEN:
        return f"{name} is taken"
    return "" if _NAME.fullmatch(name) else f"not {FORM}"
