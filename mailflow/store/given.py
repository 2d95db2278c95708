"""What people told, as JSON that people can read in the file: answers, and the new values of a change."""

import json
from typing import Any

from mailflow.model.intent import Fields
from mailflow.model.registration import Answer, Registration
from mailflow.store.session import json_of


def listed(answers: tuple[Answer, ...]) -> list[dict[str, object]]:
    """Answers as JSON holds them."""
    return [{"question": a.question, "options": a.options, "text": a.text} for a in answers]


def answered(rows: list[dict[str, Any]]) -> tuple[Answer, ...]:
    """What `listed` made, read back from JSON."""
    return tuple(Answer(a["question"], tuple(a["options"]), a["text"]) for a in rows)


def chosen_of(registration: Registration | None) -> frozenset[tuple[str, str]]:
    """(question, option) that count against places. Those in line keep theirs: it is there when they move up."""
    if registration is None or not registration.holds:
        return frozenset()
    return frozenset((answer.question, option) for answer in registration.answers for option in answer.options)


def fields_text(fields: Fields) -> str:
    """The new values of a change as JSON, "" for none. People with an address of their own are not kept."""
    if fields == Fields():
        return ""
    return json_of({"name": fields.name, "answers": listed(fields.answers), "guests": fields.guests})


def fields_of(text: str) -> Fields:
    """What `fields_text` wrote."""
    if not text:
        return Fields()
    kept = json.loads(text)
    return Fields(kept["name"], answered(kept["answers"]), kept["guests"])
