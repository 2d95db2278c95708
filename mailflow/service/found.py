"""What a reading found in a mail, as the plain values of operations.md §1.2: for `simulate`, for the benchmark."""

from mailflow.mail.address import Address
from mailflow.mail.clean import person_name
from mailflow.model.command import Orders
from mailflow.model.intent import (
    CalendarReply,
    Fields,
    ForPeople,
    MailIntent,
    Other,
    Proposed,
    Register,
    RegisterOther,
    Silent,
    Update,
)
from mailflow.model.registration import Answer
from mailflow.reading.diet import says_none

# Questions that operations.md §1.2 names beside `answers`.
_NAMED = ("diet", "affiliation", "sessions")


def found_fields(
    intent: MailIntent, sender: Address | None, sender_name: str = "", token: str = ""
) -> dict[str, object]:
    """Only what was found, keys as in operations.md §1.2; of a robot's mail only the addresses that failed.

    `name` is that of the text, else the display name as it would be registered.
    """
    wish = intent.wish if isinstance(intent, Proposed) else intent
    if isinstance(wish, Silent):
        return {"failed": [str(address) for address in wish.failed]} if wish.failed else {}
    found: dict[str, object] = {
        "email": sender.key if sender else "",
        "name": person_name(sender_name),
        "token": token,
    }
    match wish:
        case Register() | Update():
            found |= _given(wish.fields)
        case RegisterOther():
            found["others"] = _others(wish.others)
        case CalendarReply(answer=answer):
            found["partstat"] = answer.partstat
        case Orders():
            # A mail with several is told by the first of them.
            first = wish.commands[0]
            found |= {
                "target": str(first.target or first.code),
                "capacity": first.capacity,
                "message": first.message,
            }
        case ForPeople():
            found["message"] = wish.quote
    return {key: value for key, value in found.items() if value not in ("", None)}


def _given(fields: Fields) -> dict[str, object]:
    found: dict[str, object] = {"name": fields.name} if fields.name else {}
    for answer in fields.answers:
        if answer.question in _NAMED:
            found[answer.question] = _named(answer)
    if fields.guests is not None:
        found["guests"] = fields.guests
    if fields.others:
        found["others"] = _others(fields.others)
    answers = {a.question: [*a.options] or a.text for a in fields.answers if a.question not in _NAMED}
    return found | ({"answers": answers} if answers else {})


def _named(answer: Answer) -> object:
    match answer.question:
        case "affiliation":
            return answer.text
        case "diet":
            # A need that has no word in the list is one all the same (understanding.md §2.8).
            need = bool(answer.text) and not says_none(answer.text)
            return [*answer.options] or (["other"] if need else [])
        case _:
            return [*answer.options]


def _others(others: tuple[Other, ...]) -> list[dict[str, str]]:
    return [{"name": other.name, "email": str(other.address)} for other in others]
