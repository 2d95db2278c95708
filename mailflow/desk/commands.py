"""An organiser's commands: what each would do, and what it does (letters.md §5, second table; trust.md §3)."""

from dataclasses import replace
from datetime import datetime

from mailflow.desk import door_list, enlisting, orders, questions, reach, rulings
from mailflow.desk.line import Carried, Line, done, refused, waiting, who
from mailflow.model.command import LATER, Order
from mailflow.model.decision import Announced, OrganiserNoted
from mailflow.model.event import Window, window
from mailflow.model.intent import Absent, Approve, Reject
from mailflow.model.registration import Status
from mailflow.model.seal import fingerprint
from mailflow.model.transcript import OrganiserNote, Told, Undo

_STANDING: dict[Window, str] = {
    "open": "status_open", "closed": "status_closed", "not_open": "status_not_open", "over": "status_over",
}  # fmt: skip
# What changes nothing that was promised to anybody goes on when the event is called off.
_ALWAYS: frozenset[Order] = frozenset({"report", "list", "help", "digest", "done", "coorganiser", "absent"})


def preview(line: Line, now: datetime) -> Carried:  # noqa: C901  a table of orders
    """What a line would do that needs a YES: nothing is done. What is refused now needs none."""
    if why := _out_of_question(line):
        return why
    command = line.command
    match command.order:
        case "undo":
            return refused(line, "no_undo")
        case "add":
            return enlisting.adding(line, now)
        case "remove":
            return enlisting.removing(line, now)
        case "change":
            return enlisting.correcting(line)
        case "cancel-event":
            return refused(line, "over") if now >= line.view.event.ends else rulings.calling_off(line)
        case "announce":
            return _announcing(line)
        case "approve" | "reject":
            return waiting(line, f"would_{command.order}", people=len(command.numbers) + len(command.codes))
        case "coorganiser":
            return _no_organiser(line) or waiting(line, "makes_organiser", who=str(command.target))
        case "capacity" if command.capacity is not None and command.capacity < line.view.state.taken:
            return rulings.fewer_seats(line, command.capacity)
        case _:
            # Tried, and thrown away: what comes of it is refused, or is what a YES would do.
            tried = carry_out(line, now)
            if tried.told.state == "refused":
                return tried
            one = line.view.located
            about = who(one) if one else ", ".join(f"F-{number}" for number in command.numbers)
            return waiting(line, f"would_{command.order}", seats=command.capacity or 0, who=about)


def carry_out(line: Line, now: datetime) -> Carried:
    """What a line does. Never past the capacity, but for PROMOTE.

    Letters go to no address that lets them come back, and who stands at the door hears of whom he need not await.
    """
    carried = _out_of_question(line) or _carried(line, now)
    return replace(carried, decision=reach.spared(door_list.told(line.view, carried.decision, now)))


def _carried(line: Line, now: datetime) -> Carried:  # noqa: C901, PLR0912  a table of orders
    command = line.command
    match command.order:
        case "report":
            standing = "status_called_off" if line.view.state.called_off else _STANDING[_window(line, now)]
            return done(line, standing, line.view.state)
        case "list":
            return done(line, "listed", line.view.state)
        case "help":
            return done(line, "helped", line.view.state)
        case "open":
            return rulings.opened(line, now)
        case "close":
            return rulings.closed(line, now)
        case "capacity":
            assert command.capacity is not None
            return rulings.capacity(line, command.capacity, now)
        case "cancel-event":
            return refused(line, "over") if now >= line.view.event.ends else rulings.called_off(line, command.reason)
        case "add":
            return enlisting.added(line, now)
        case "promote":
            return enlisting.promoted(line, now)
        case "remove":
            return enlisting.removed(line, now)
        case "change":
            return enlisting.corrected(line, now)
        case "done":
            return _answered(line)
        case "digest":
            return _rhythm(line)
        case "coorganiser":
            return _organiser(line)
        case "announce":
            return _announced(line)
        case "absent":
            return _absent(line, now)
        case "approve" | "reject":
            return _chosen(line, now)
        case _:
            return refused(line, "later")


def take_back(line: Line, undo: Undo, now: datetime) -> Carried:
    """UNDO of one act, done as it can be."""
    if line.view.state.called_off is not None:
        return refused(line, "called_off_already")
    if undo.order in ("add", "promote"):
        carried = enlisting.taken_back(line, undo, now)
        return replace(carried, decision=reach.spared(door_list.told(line.view, carried.decision, now)))
    return rulings.taken_back(line, undo)


def shown_hash(lines: tuple[Told, ...]) -> str:
    """The commands that wait, and the numbers and names they were shown with (trust.md §3, step two)."""
    parts = (repr((line.written, line.facts)) for line in lines)
    return fingerprint(*(part.encode("utf-8", "replace") for part in parts))


def _out_of_question(line: Line) -> Carried | None:
    if line.command.order in LATER:
        return refused(line, "later")
    if line.view.state.called_off is not None and line.command.order not in _ALWAYS:
        return refused(line, "called_off_already")
    return None


def _window(line: Line, now: datetime) -> Window:
    return window(line.view.event, line.view.state, now)


def _answered(line: Line) -> Carried:
    """DONE: the digest leaves the question out. Twice does it once."""
    number = f"F-{line.command.numbers[0]}"
    if line.question is None:
        return refused(line, "no_question", question=number)
    decision = questions.done(replace(line.view, question=line.question))
    return done(line, "answered", line.view.state, decision.changes, question=number)


def _announcing(line: Line) -> Carried:
    """The finished text, and how many get it."""
    if line.fault:
        return refused(line, line.fault)
    carried = waiting(line, "announces", text=line.text, people=line.audience)
    also = (("strange", line.strange),) if line.strange else ()
    return replace(carried, told=replace(carried.told, also=also))


def _announced(line: Line) -> Carried:
    """It is kept; a round sends it."""
    if line.fault or line.draft is None:
        return refused(line, line.fault or "announce_no_text")
    change = Announced(line.draft, str(line.organiser.address), "confirmed")
    return done(line, "announced", line.view.state, (change,), people=line.audience)


def _chosen(line: Line, now: datetime) -> Carried:
    """One who applied gets an answer; `line.view.located` is that one of those whom the line names."""
    one = line.view.located
    if one is None or one.applied is None or one.status is not Status.PENDING:
        return refused(line, "not_applied", who=who(one) if one else "")
    order = Approve() if line.command.order == "approve" else Reject()
    decision = orders.ordered(line.view, order, now)
    if decision.state != "done":
        return refused(line, "begun")
    say = "approved" if line.command.order == "approve" else "rejected"
    return done(line, say, line.view.state, decision.changes, decision.letters, people=1)


def _absent(line: Line, now: datetime) -> Carried:
    """Those of the numbers who had a seat; twice is once."""
    if now < line.view.event.starts:
        return refused(line, "not_begun")
    known = tuple(one for one in line.people if one is not None and one.status is Status.CONFIRMED)
    marked = [door_list.mark(one, Absent(), line.view.event, now) for one in known]
    carried = done(
        line, "absent", line.view.state, tuple(change for each in marked for change in each.changes), people=len(known)
    )  # fmt: skip
    unknown = len(line.people) - len(known)
    return replace(carried, told=replace(carried.told, also=(("strangers", unknown),) if unknown else ()))


def _rhythm(line: Line) -> Carried:
    """How this organiser is told, from the next morning on."""
    rhythm = line.command.rhythm
    assert rhythm is not None
    known = line.note or OrganiserNote(line.organiser.address)
    return done(line, f"digest_{rhythm}", line.view.state, (OrganiserNoted(replace(known, digest=rhythm)),))


def _organiser(line: Line) -> Carried:
    """One more organiser, in the language of whoever made him one; the file stays as it is."""
    if why := _no_organiser(line):
        return why
    target = line.command.target
    assert target is not None
    note = OrganiserNote(target, line.command.name, line.organiser.language, added=True)
    return done(line, "organiser_made", line.view.state, (OrganiserNoted(note),), who=line.command.name or str(target))


def _no_organiser(line: Line) -> Carried | None:
    """The desk itself, and whoever is one already."""
    target = line.command.target
    assert target is not None
    if line.ours:
        return refused(line, "ours")
    known = any(one.address.key == target.key for one in line.view.event.organisers)
    return refused(line, "organiser_already", who=str(target)) if known else None
