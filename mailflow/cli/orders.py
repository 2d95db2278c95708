"""`mailflow attendees remove`, `move`, `approve`, `reject`: what organisers do with people, in the database itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from mailflow.cli.desk import Desk, at_desk, choose_event, confirm
from mailflow.cli.leaving import NOTHING, fail

# ruff: noqa: PLC0415  heavy imports happen inside: --help must be quick

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mailflow.model.decision import Decision
    from mailflow.model.event import Event
    from mailflow.model.intent import Ordered
    from mailflow.model.registration import Registration
    from mailflow.store.protocol import Reader

# What an organiser tells one person. A letter holds more, but it is a reason and no announcement.
_REASON = 1000

_codes = click.argument("codes", nargs=-1, required=True, metavar="CODE…")
_event = click.option("--event", "name", metavar="EVENT", help="Of this event; may be left out where there is one.")
_dry_run = click.option("--dry-run", is_flag=True, help="Say what would happen, and whom it would be told; do nothing.")


@click.command("remove", short_help="Take people off the list; they are told.")
@_codes
@click.option("--reason", metavar="TEXT", default="", help="Told in the letter; {first_name} is filled in.")
@_event
@click.option("--yes", is_flag=True, help="Do not ask.")
@_dry_run
@at_desk
def remove(desk: Desk, codes: tuple[str, ...], reason: str, name: str | None, yes: bool, dry_run: bool) -> None:  # noqa: FBT001  # fmt: skip
    """Take people off the list. CODE is a booking code.

    Their calendar entry is cancelled, and the line moves up at once. They may sign up again. Exits 4 where nobody with
    one of the codes is on the list; the others are removed all the same.
    """
    from mailflow.model.intent import Remove

    _give(desk, codes, name, Remove(_said(desk, reason)), "" if yes or dry_run else "Remove", dry_run=dry_run)


@click.command("move", short_help="Give people in line a seat, out of turn.")
@_codes
@_event
@_dry_run
@at_desk
def move(desk: Desk, codes: tuple[str, ...], name: str | None, dry_run: bool) -> None:  # noqa: FBT001
    """Give people who wait a seat: out of turn, and also where none is free. CODE is a booking code.

    They get the letter and the invitation of who moved up. Exits 4 where nobody with one of the codes waits; the others
    are moved all the same.
    """
    from mailflow.model.intent import MoveIn

    _give(desk, codes, name, MoveIn(), "", dry_run=dry_run)


@click.command("approve", short_help="Say yes to people who applied.")
@_codes
@_event
@_dry_run
@at_desk
def approve(desk: Desk, codes: tuple[str, ...], name: str | None, dry_run: bool) -> None:  # noqa: FBT001
    """Say yes to people who applied (registration.approval). CODE is a booking code, or the number in the list.

    They get a seat and the invitation, in the order given; when none is free, a place in line. Exits 4 where nobody
    with one of the codes waits for approval; the others are approved all the same.
    """
    from mailflow.model.intent import Approve

    _give(desk, codes, name, Approve(), "", dry_run=dry_run)


@click.command("reject", short_help="Say no to people who applied; they are told.")
@_codes
@click.option("--reason", metavar="TEXT", default="", help="Told in the letter; {first_name} is filled in.")
@_event
@click.option("--yes", is_flag=True, help="Do not ask.")
@_dry_run
@at_desk
def reject(desk: Desk, codes: tuple[str, ...], reason: str, name: str | None, yes: bool, dry_run: bool) -> None:  # noqa: FBT001  # fmt: skip
    """Say no to people who applied (registration.approval). CODE is a booking code, or the number in the list.

    They may apply again. Exits 4 where nobody with one of the codes waits for approval; the others are told all the
    same.
    """
    from mailflow.model.intent import Reject

    _give(desk, codes, name, Reject(_said(desk, reason)), "" if yes or dry_run else "Reject", dry_run=dry_run)


def _said(desk: Desk, reason: str) -> str:
    """What they are told; UsageError where it is longer than a reason is."""
    from mailflow.render.placeholders import unknown

    if len(reason) > _REASON:
        raise click.UsageError(f"The reason has {len(reason)} characters; it may have {_REASON}.")
    language, sign, _ = reason.partition("=")
    if sign and language in desk.config().site.languages:
        # As `event cancel` has it; here it would be read in the letter.
        raise click.UsageError(f"One text is told to all of these people: leave out {language}=.")
    for word in unknown(reason):
        desk.say(f"{{{word}}} is no placeholder, and stays as it is.")
    return reason.strip()


@click.command("mark-absent", short_help="Mark who did not come; --undo takes it back.")
@_codes
@_event
@click.option("--undo", is_flag=True, help="They came after all.")
@_dry_run
@at_desk
def mark_absent(desk: Desk, codes: tuple[str, ...], name: str | None, undo: bool, dry_run: bool) -> None:  # noqa: FBT001
    """Mark people who had a seat and did not come. CODE is a booking code, or a number of the door list.

    From the start of the event on, until people are erased. They are not thanked for coming, and the statistic knows.
    Exits 4 where one of the codes is nobody's, or there was nothing to do; the others are marked all the same.
    """
    from mailflow.model.intent import Absent, Present

    _give(desk, codes, name, Present() if undo else Absent(), "", dry_run=dry_run)


def _give(desk: Desk, codes: tuple[str, ...], name: str | None, order: Ordered, asks: str, *, dry_run: bool) -> None:
    """One order about each, in one transaction: a broken template leaves everybody where they were."""
    from mailflow.model.intent import Approve, Reject
    from mailflow.model.seal import parse_code
    from mailflow.service.orders import carry_out_order

    house = desk.house()
    event = choose_event(house, name)
    wanted = dict.fromkeys(parse_code(code) or code for code in codes)
    store = desk.writing(house.config)
    decides = isinstance(order, Approve | Reject)
    if asks:
        with store.read() as reader:
            known = _people(reader, event, wanted, decides=decides)
        if known:
            confirm(f"{asks} {', '.join(f'{one.name or one.address} ({code})' for code, one in known.items())}?", False)
    done: dict[str, tuple[Registration, Decision]] = {}
    with desk.writes(store, dry_run=dry_run) as writer:
        for code in wanted:
            # Read one by one: the one before may have moved the next.
            for one in _people(writer, event, (code,), decides=decides).values():
                done[code] = (one, carry_out_order(house, writer, event, one, order, house.now()))
    desk.rows(row for code, (one, decision) in done.items() for row in _rows(code, one, decision))
    missed = [code for code in wanted if code not in done or done[code][1].state != "done"]
    if missed:
        fail(f"Nobody with that code, or nothing to do: {', '.join(missed)}", NOTHING)


def _people(reader: Reader, event: Event, codes: Iterable[str], *, decides: bool) -> dict[str, Registration]:
    """By booking code or number: of the list where they `decide` about applications, else of the door list."""
    from mailflow.service.approval import applicant
    from mailflow.service.door_list import at_door

    find = applicant if decides else at_door
    found = ((code, find(reader, event.id, code)) for code in codes)
    return {code: one for code, one in found if one is not None}


def _rows(code: str, one: Registration, decision: Decision) -> list[dict[str, object]]:
    """What became of the one who was named, and of those who moved up for it; and the letter that tells it."""
    from mailflow.model.decision import Saved

    told = {letter.to.key: letter.kind for letter in decision.letters}
    changed = [change for change in decision.changes if isinstance(change, Saved)]
    if not changed:
        return [_row(code, one, str(one.status), "", decision.reason)]
    return [
        _row(change.after.code, change.after, str(change.after.status), told.get(change.after.address.key, ""),
             decision.reason if change.after.number == one.number else "moved up")
        for change in changed
    ]  # fmt: skip


def _row(code: str, one: Registration, status: str, letter: str, result: str) -> dict[str, object]:
    return {"code": code, "name": one.name, "address": str(one.address), "status": status, "letter": letter,
            "result": result}  # fmt: skip
