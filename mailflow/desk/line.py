"""One line of an organiser's mail as the desk sees it, and what comes of it."""

from dataclasses import dataclass, field

from mailflow.mail.address import Address
from mailflow.model.announcement import Draft
from mailflow.model.command import Command
from mailflow.model.decision import Change, Decision, Question, Undoable, View
from mailflow.model.event import EventState, Organiser
from mailflow.model.letter import Letter
from mailflow.model.registration import Registration
from mailflow.model.transcript import OrganiserNote, Told, Undo, Value


@dataclass(frozen=True, slots=True)
class Line:
    """A command with all that it may know: a bounded number of rows, as they are after the lines above it.

    `view.located` is whom it is about, `view.own` the registration of an address that is added. `number` is that of
    the line, from 1. `audience` are those whom calling off tells. `other` has the new address of a CHANGE already.
    `erased`: the address was erased here by its own wish; `ours`: it is one of ours. `place` is where `view.located`
    would stand in line. `question` is that of a DONE, `people` are those of an ABSENT, None for
    nobody. `note` is what is known of the organiser beside the file.
    `draft` is an announcement for `audience` people, `text` what one of them would read, `strange` how many words in
    braces are no placeholders; `fault` is why it cannot be sent.
    """

    view: View
    organiser: Organiser
    written: str
    number: int
    command: Command
    audience: int = 0
    other: Registration | None = None
    erased: bool = False
    ours: bool = False
    place: int = 0
    question: Question | None = None
    people: tuple[Registration | None, ...] = ()
    draft: Draft | None = None
    fault: str = ""
    text: str = ""
    strange: int = 0
    note: OrganiserNote | None = None


@dataclass(frozen=True, slots=True)
class Carried:
    """What is told of the line, and the decision that carries it out: no changes where nothing is done."""

    told: Told
    decision: Decision = field(default_factory=lambda: Decision("ignored", "nothing to do"))


def done(
    line: Line, say: str, state: EventState, changes: tuple[Change, ...] = (), letters: tuple[Letter, ...] = (), *,
    undo: Undo | None = None, **values: Value,
) -> Carried:  # fmt: skip
    """Done as said. `state` is that after it, whose numbers the sentence may name."""
    kept: tuple[Change, ...] = (Undoable(line.number, undo),) if undo else ()
    told = Told(line.written, "done", say, (*_numbers(state), *values.items()))
    return Carried(told, Decision("done", f"{line.command.order}: {say}", (*changes, *kept), letters))


def refused(line: Line, say: str, **values: Value) -> Carried:
    """Understood, and not done."""
    return Carried(Told(line.written, "refused", say, (*_numbers(line.view.state), *values.items())))


def waiting(line: Line, say: str, *, text: str = "", **values: Value) -> Carried:
    """Not done before its YES."""
    return Carried(Told(line.written, "waiting", say, tuple(values.items()), text=text))


def who(one: Registration | None, address: Address | None = None) -> str:
    """How a transcript calls somebody: by name, or by the address that he has instead."""
    return (one.name if one else "") or str(one.address if one else address or "")


def _numbers(state: EventState) -> tuple[tuple[str, Value], ...]:
    """`capacity` is missing where there is no limit."""
    limit: tuple[tuple[str, Value], ...] = () if state.capacity is None else (("capacity", state.capacity),)
    return (("taken", state.taken), ("waiting", state.waiting), *limit)
