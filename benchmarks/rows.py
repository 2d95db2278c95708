"""What a reading comes to, as the row that `mailflow simulate` and score_intents.py speak of."""

from typing import Any

import idna

from mailflow.mail.message import Message
from mailflow.model.command import Orders
from mailflow.model.intent import Cancel, MailIntent, Proposed, RemindOff, Silent, Update, label
from mailflow.model.proof import Proof
from mailflow.reading.context import ReadingContext
from mailflow.service.found import found_fields

UNHANDLED = "ask"  # people look at it
# What trust.md §1.4 has to say of a verdict that is there, and is no pass.
DOUBTS = ("dmarc=fail by our server", "dmarc= is neither pass nor fail", "dmarc= is about another From")


def doubtful(proof: Proof) -> bool:
    """Our own border has judged the sender, and did not pass it (understanding.md §2.4.12)."""
    return proof.level == "F" or any(detail in DOUBTS for detail in proof.details)


def outcome(intent: MailIntent, context: ReadingContext, *, known: bool, doubted: bool) -> tuple[str, str]:
    """(label, mode), with what the desk adds to the reading: the state (understanding.md §2.4.11), and the proof."""
    proposed = isinstance(intent, Proposed)
    wish = intent.wish if isinstance(intent, Proposed) else intent
    stranger = context.standing in {"none", "cancelled"} and not context.thread and not context.tag
    if known and stranger and isinstance(wish, Cancel | Update | RemindOff):
        return UNHANDLED, "act"
    if doubted and isinstance(wish, Orders):
        return UNHANDLED, "act"
    acting = not isinstance(wish, Silent) and label(wish) not in {"status", "help", "question", "ask"}
    return label(wish), "propose" if proposed or (doubted and acting) else "act"


def fields(said: MailIntent, message: Message, token: str) -> dict[str, Any]:
    """As `simulate` has them, in the shapes that score_intents.py compares: one address that failed; names as written.

    An international domain is one in either form; a person who compares rows with mails wants that of the mail.
    """
    found: dict[str, Any] = {**found_fields(said, message.sender, message.sender_name, token)}
    if "failed" in found:
        found["failed"] = found["failed"][0]
    words = f"{message.header('from') or ''}\n{message.text}".lower()
    for key in found.keys() & {"email", "target", "failed"}:
        found[key] = as_written(found[key], words)
    for other in found.get("others", ()):
        other["email"] = as_written(other["email"], words)
    return found


def as_written(address: str, words: str) -> str:
    """The address with its domain in U-labels, unless the A-labels are what stands in `words` (lower case)."""
    local, _, domain = address.rpartition("@")
    return f"{local}@{idna.decode(domain)}" if "xn--" in domain and domain not in words else address
