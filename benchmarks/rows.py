"""What a reading comes to, as the row that `mailflow simulate` and score_intents.py speak of."""

from typing import Any

from mailflow.mail.address import Address
from mailflow.mail.clean import person_name
from mailflow.model.intent import (
    CalendarReply,
    Cancel,
    Command,
    Fields,
    MailIntent,
    Proposed,
    Register,
    RegisterOther,
    RemindOff,
    Silent,
    Update,
    Yes,
    label,
)
from mailflow.model.proof import Proof
from mailflow.reading.context import ReadingContext

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
    """The fields in the shapes that score_intents.py compares; only what was found. `token` is the mail's own."""
    intent = said.wish if isinstance(said, Proposed) else said
    found: dict[str, Any] = {"email": sender.key} if sender else {}
    if name := person_name(sender_name):
        found["name"] = name
    match intent:
        case Silent(failed=failed):
            return {"failed": str(failed[0])} if failed else {}
        case Register(fields=given) | Update(fields=given):
            found |= given_fields(given)
        case RegisterOther(others=others):
            found["others"] = [{"name": other.name, "email": str(other.address)} for other in others]
        case CalendarReply(answer=answer):
            found["partstat"] = answer.partstat
        case Command():
            order = {"target": str(intent.target or ""), "capacity": intent.capacity, "message": intent.message}
            found |= {key: value for key, value in order.items() if value not in {"", None}}
    if token and isinstance(intent, Yes | Cancel | RemindOff):
        found["token"] = token
    return found


def given_fields(given: Fields) -> dict[str, Any]:
    found: dict[str, Any] = {"name": given.name} if given.name else {}
    if given.guests is not None:
        found["guests"] = given.guests
    if given.others:
        found["others"] = [{"name": other.name, "email": str(other.address)} for other in given.others]
    answers: dict[str, Any] = {}
    for answer in given.answers:
        if answer.question == "diet":
            # A need without a word in the list is one all the same (understanding.md §2.8).
            found["diet"] = [*answer.options] or (["other"] if answer.text else [])
        elif answer.question == "sessions":
            found["sessions"] = [*answer.options]
        elif answer.question == "affiliation":
            found["affiliation"] = answer.text
        else:
            answers[answer.question] = answer.options[0] if len(answer.options) == 1 else answer.text
    return found | ({"answers": answers} if answers else {})
