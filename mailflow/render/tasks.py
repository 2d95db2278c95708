"""What needs an organiser, as sentences, each with the mail that settles it (letters.md §9, "Needs you")."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from mailflow.mail.address import Address
from mailflow.mail.clean import clean
from mailflow.model.event import Event
from mailflow.model.letter import Trouble
from mailflow.render.commands import Command, command
from mailflow.render.words import Words


@dataclass(frozen=True, slots=True)
class Task:
    """Something that only a person can settle; `command` None: not by a mail to us."""

    text: str
    command: Command | None = None


def tasks(
    words: Words, event: Event, address: Address, troubles: tuple[Trouble, ...], here: datetime, most: int
) -> tuple[Task, ...]:
    """A sentence for each, at most `most` of them, with the command to the event's `address` that settles it."""
    told = troubles[:most]
    found = [Task(_sentence(words, event, one, here), _settled_by(words, address, one)) for one in told]
    if len(troubles) > most:
        found.append(Task(words.count("more_to_do", len(troubles) - most)))
    return tuple(found)


def _settled_by(words: Words, address: Address, trouble: Trouble) -> Command | None:
    """DONE for a question, APPROVE for an application, CHANGE where we know what was meant, PROMOTE for an offer that
    nobody answers.
    """
    match trouble.kind:
        case "question":
            return command(words, address, "done", trouble.reference)
        case "undeliverable" if trouble.suggestion and trouble.reference:
            return command(words, address, "change", trouble.reference, trouble.suggestion)
        case "application":
            return command(words, address, "approve", trouble.reference)
        case "offer":
            return command(words, address, "promote", trouble.reference)
        case _:
            return None


def _sentence(words: Words, event: Event, trouble: Trouble, here: datetime) -> str:
    what = clean(trouble.what, 120) or words.say("trouble", "nobody")
    if trouble.kind == "counter":
        when = words.deadline(event.local(trouble.proposed), here) if trouble.proposed else ""
        said = words.quoted(clean(trouble.reason, 160)) if trouble.reason.strip() else ""
        key = "counter" if when else "counter_open"
        return " ".join(filter(None, (words.say("trouble", key, what=what, when=when), said)))
    if trouble.kind == "application":
        about = clean(trouble.reason, 160)
        return words.say("trouble", "application_says" if about else "application", what=what, said=words.quoted(about))
    if trouble.kind == "undeliverable":
        what = clean(trouble.what, 400)
    reasons = words.table["reason"]
    reason = reasons.get(trouble.reason) or reasons.get(trouble.reason.partition(":")[0], reasons["other"])
    since = words.relative(event.local(trouble.at), here)
    said = words.say("trouble", trouble.kind, what=what, reason=reason, since=since)
    return said if trouble.kind != "undeliverable" else " ".join((said, *_help(words, event, trouble, here)))


def _help(words: Words, event: Event, trouble: Trouble, here: datetime) -> Iterator[str]:
    """What may have been meant, and how long there is to find out."""
    if trouble.suggestion:
        yield words.say("trouble", "suggestion", what=clean(trouble.suggestion, 400))
    if trouble.kept and trouble.until is not None:
        yield words.say("trouble", f"kept_{trouble.kept}", when=words.deadline(event.local(trouble.until), here))
