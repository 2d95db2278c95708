"""Why a mail was not taken, in the words of the other side: its status, its code, and what its text sounds like.

Facts only; `desk/` says what follows from them. The text comes from strangers: it is looked through, never shown.
"""

import re
from dataclasses import dataclass
from typing import Literal

from mailflow.mail.decode import decode_raw

# unknown: nobody has that address; full: the mailbox has no room; policy: it is our mail that is not wanted; later: it
# is still being tried.
Hint = Literal["", "unknown", "full", "policy", "later"]

_TEXT = 4000
# RFC 3463 §2. Not the end of an address such as 192.0.2.5.1.1, and not the beginning of one.
_STATUS = re.compile(r"(?<![0-9.])([245]\.[0-9]{1,3}\.[0-9]{1,3})(?![0-9.]?[0-9])")
# RFC 5321 §4.2: alone, or before the enhanced status or the text.
_CODE = re.compile(r"(?<![0-9.])([45][0-9]{2})(?=[ :;,-]|$)")
# In the order in which they decide: a text that says that the mail waits names reasons, too.
_HINTS: tuple[tuple[Hint, tuple[str, ...]], ...] = (
    ("later", (
        "warning message only", "do not need to resend", "will continue to try", "continue to attempt", "keep trying",
        "will be retried", "will retry", "not yet been delivered", "could not be delivered yet", "delivery is delayed",
        "delivery delayed", "has been delayed", "still being tried", "still trying", "attempts will continue",
    )),
    ("policy", (
        "spam", "block list", "blocklist", "blacklist", "black list", "dnsbl", "rbl", "dmarc", "dkim", "spf ", "spf-",
        "policy", "reputation", "relay access denied", "relaying denied", "not permitted to relay", "unauthenticated",
        "authentication required", "not authorized", "not authorised", "content rejected", "virus", "banned",
    )),
    ("full", (
        "mailbox full", "mailbox is full", "over quota", "overquota", "quota exceeded", "exceeded storage",
        "exceeds the quota", "exceeded the quota", "out of storage", "insufficient storage", "inbox is full",
        "mailbox size limit", "disk quota", "mailbox has exceeded", "no space left",
    )),
    ("unknown", (
        "user unknown", "unknown user", "no such user", "no such address", "no such recipient", "no such mailbox",
        "no such person", "no mailbox here", "does not exist", "doesn't exist", "unknown recipient",
        "recipient unknown",
        "invalid recipient", "unknown address", "address unknown", "invalid mailbox", "mailbox unavailable",
        "mailbox not found", "user not found", "recipient not found", "address not found", "unrouteable address",
        "unroutable address", "host unknown", "host not found", "unknown host", "domain not found", "no such domain",
        "not a valid", "account disabled", "account is disabled", "mailbox disabled", "no longer active",
        "not listed in",
        "account has been disabled", "unknown local", "no account by that name", "not our customer",
    )),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Refusal:
    """What was said: `status` as `5.1.1`, "" for none, `code` as 550, 0 for none; `hint` is what the words mean."""

    status: str = ""
    code: int = 0
    hint: Hint = ""


NO_REFUSAL = Refusal()


def read_refusal(status: str, text: str) -> Refusal:
    """The refusal of a Status field (or "") and a diagnostic, or a reply of SMTP; the first 4000 characters count.

    A status that says no more than that it failed (5.0.0) gives way to one in the text (RFC 3463 §3.1).
    """
    text = decode_raw(text[:_TEXT])
    given = _STATUS.match(status.strip()[:40])
    said = _STATUS.search(text)
    named = given[1] if given else ""
    if said and (not named or named.endswith(".0")):
        named = said[1]
    code = _CODE.search(text)
    return Refusal(named, int(code[1]) if code else 0, hint_of(text))


def hint_of(text: str) -> Hint:
    """What the words sound like, "" for nothing known."""
    words = " ".join(text[:_TEXT].lower().split())
    return next((hint for hint, phrases in _HINTS if any(phrase in words for phrase in phrases)), "")
