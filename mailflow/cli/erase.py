"""`mailflow erase`: all that is held about one person, at every event."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import click

from mailflow.cli.desk import Desk, at_desk, choose_event, confirm
from mailflow.cli.leaving import NOTHING, fail

# ruff: noqa: PLC0415  heavy imports happen inside: --help must be quick

if TYPE_CHECKING:
    from mailflow.mail.address import Address
    from mailflow.model.decision import Decision
    from mailflow.store.protocol import Reader

# A larger file is packed by the service in the night, when nobody waits for it.
_PACKED_AT_ONCE = 16 * 1024 * 1024


@click.command("erase", short_help="Erase a person, at every event.")
@click.argument("who", metavar="ADDRESS")
@click.option("--event", "name", metavar="EVENT", help="Only what this event holds.")
@click.option("--no-letter", is_flag=True, help="Without the letter that says so.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@at_desk
def erase(desk: Desk, who: str, name: str | None, no_letter: bool, yes: bool) -> None:  # noqa: FBT001  click's signature
    """Erase all that is held about a person: registration, answers, mails, letters, also from the log of the database.

    Each event that held something sends its last letter; a seat is released, and the line moves up. What stays is a
    number without a name, and a keyed hash. Exits 4 where nothing is held.
    """
    from mailflow.cli.arguments import address
    from mailflow.service.orders import erase_person, everywhere
    from mailflow.store.protocol import Busy

    wanted = address(who)
    house = desk.house()
    only = choose_event(house, name).id if name is not None else None
    store = desk.writing(house.config)
    with store.read() as reader:
        places = {place: _standing(reader, place, wanted) for place in ((only,) if only else everywhere(reader))
                  if reader.holds(place, wanted)}  # fmt: skip
    if not places:
        fail(f"Nothing is held about {wanted}.", NOTHING)
    confirm(f"Erase all about {wanted}: {', '.join(f'{place} ({is_})' for place, is_ in places.items())}?", yes)
    with store.write() as writer:
        done = {place: erase_person(house, writer, place, wanted, house.now(), "none" if no_letter else "letter")
                for place in places}  # fmt: skip
    # No page of the file keeps a copy then. Busy: others are at work, and the service does it within a tick.
    with suppress(Busy):
        store.tidy(_PACKED_AT_ONCE)
    desk.rows(_row(place, places[place], wanted, decision) for place, decision in done.items() if decision)


def _standing(reader: Reader, event: str, who: Address) -> str:
    """The word for how that person stands there."""
    one = reader.registration_of(event, who)
    return str(one.status) if one else "mail only"


def _row(event: str, was: str, who: Address, decision: Decision) -> dict[str, object]:
    told = [letter for letter in decision.letters if letter.to.key == who.key]
    moved = sum(letter.kind in ("promoted", "offered") for letter in decision.letters)
    return {"event": event, "was": was, "letter": told[0].kind if told else "", "moved_up": moved, "result": "erased"}
