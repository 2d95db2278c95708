"""What a reading comes to, as the row that `mailflow simulate` and score_intents.py speak of."""

from typing import Any

from mailflow.mail.address import Address
from mailflow.model.intent import Cancel, Command, MailIntent, Proposed, RemindOff, Silent, Update, label
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
    if doubted and isinstance(wish, Command):
        return UNHANDLED, "act"
    acting = not isinstance(wish, Silent) and label(wish) not in {"status", "help", "question", "ask"}
    return label(wish), "propose" if proposed or (doubted and acting) else "act"


def fields(said: MailIntent, sender: Address | None, sender_name: str, token: str) -> dict[str, Any]:
    """As `simulate` has them, in the shapes that score_intents.py compares: one address that failed."""
    found: dict[str, Any] = {**found_fields(said, sender, sender_name, token)}
    if "failed" in found:
        found["failed"] = found["failed"][0]
    return found
