"""One line of an organiser's commands: shown, done, or taken back, on what the lines above it have left."""

from dataclasses import replace
from datetime import timedelta

from mailflow.desk import commands, tell
from mailflow.desk.line import Carried, Line
from mailflow.model.command import OrderLine
from mailflow.model.decision import Undone
from mailflow.model.event import Organiser
from mailflow.model.transcript import Told, Undo
from mailflow.service.lines import line_of, numbers_of
from mailflow.service.organisers import event_now
from mailflow.service.sitting import Sitting

_UNDO_WITHIN = timedelta(hours=24)


def acts(sitting: Sitting, organiser: Organiser, line: OrderLine, at: int) -> tuple[Told, ...]:
    """One line done; an UNDO is as many as there is to take back."""
    if line.command is not None and line.command.order == "undo":
        return _taken_back(sitting, organiser, line, at)
    return (done(sitting, organiser, line, at),)


def done(sitting: Sitting, organiser: Organiser, line: OrderLine, at: int) -> Told:
    """One line done, and what is told of it: also why it was not."""
    assert line.command is not None
    if line.command.order == "undo":
        # Behind a YES there is one line of it: what it takes back is told by the first.
        return next(iter(_taken_back(sitting, organiser, line, at)))
    if line.command.order in ("approve", "reject"):
        return _chosen(sitting, organiser, line, at)
    return _apply(sitting, commands.carry_out(_line(sitting, organiser, line, at), sitting.now))


def _chosen(sitting: Sitting, organiser: Organiser, line: OrderLine, at: int) -> Told:
    """Each of those whom the line names in turn, since each may take the last seat; told as one."""
    assert line.command is not None
    told: list[Told] = []
    for number in numbers_of(sitting.reader, sitting.event, line.command):
        one = _line(sitting, organiser, line, at, number=number)
        told.append(_apply(sitting, commands.carry_out(one, sitting.now)))
    return tell.together(line.written, told)


def _apply(sitting: Sitting, carried: Carried) -> Told:
    if carried.decision.changes or carried.decision.letters:
        sitting.hands.apply(carried.decision)
    return carried.told


def _taken_back(sitting: Sitting, organiser: Organiser, line: OrderLine, at: int) -> tuple[Told, ...]:
    found = _undoes(sitting, organiser)
    told: list[Told] = []
    for undone, undo in found:
        one = replace(line, written=f"{line.written}: {undo.written}")
        carried = commands.take_back(_line(sitting, organiser, one, at, number=undo.number), undo, sitting.now)
        if carried.told.state == "done":
            changes = (*carried.decision.changes, undone)
            carried = replace(carried, decision=replace(carried.decision, changes=changes))
        told.append(_apply(sitting, carried))
    return tuple(told) or (Told(line.written, "refused", "no_undo"),)


def _undoes(sitting: Sitting, organiser: Organiser) -> tuple[tuple[Undone, Undo], ...]:
    """What the transcript that is answered did, the last first."""
    since = sitting.now - _UNDO_WITHIN
    references = sitting.one.thread.references[:1]
    return tuple(
        each
        for reference in references
        for each in sitting.reader.undoable(sitting.event.id, reference, organiser.address, since)
    )


def previewed(sitting: Sitting, organiser: Organiser, line: OrderLine, at: int) -> Carried:
    """What the line would do after a YES; nothing is done."""
    return commands.preview(_line(sitting, organiser, line, at), sitting.now)


def _line(sitting: Sitting, organiser: Organiser, line: OrderLine, at: int, *, number: int = 0) -> Line:
    event = event_now(sitting.house, sitting.reader, sitting.event.id)
    return line_of(sitting.house, sitting.reader, event, organiser, line, at, sitting.draw, number=number)
