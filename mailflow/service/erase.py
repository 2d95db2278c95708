"""What the desk's word on a person's data means here: the file of `my_data`, and no trace of who was erased."""

from dataclasses import replace
from datetime import datetime

from mailflow.mail.address import Address
from mailflow.model.decision import Decision, Erased, Saved
from mailflow.model.letter import Letter
from mailflow.service import erased_list
from mailflow.service.erased_list import Erasure
from mailflow.service.house import House
from mailflow.store.protocol import Reader, Writer
from mailflow.store.rows import Verdict


def complete(reader: Reader, letter: Letter) -> Letter:
    """`my_data` with all that is held about the one it goes to; any other letter as it is."""
    if letter.kind != "my_data":
        return letter
    return replace(letter, dossier=reader.dossier(letter.event, letter.to))


def erasure_key(house: House, address: Address) -> str:
    """How somebody who was erased is remembered: a keyed hash of that very address, and of none that is like it."""
    return house.seal.mac("erasure", address.key).hex()[:32]


def note(house: House, writer: Writer, decision: Decision, event: str, now: datetime) -> None:
    """Remember who was erased, and who of them came back by themselves. OSError when the list cannot be written."""
    for change in decision.changes:
        if isinstance(change, Erased):
            remember(house, writer, event, change.address, now)
        elif isinstance(change, Saved) and change.after.meant and not (change.before and change.before.meant):
            writer.lift_erasure(event, erasure_key(house, change.after.address))


def remember(house: House, writer: Writer, event: str, address: Address, now: datetime) -> None:
    """In the database, so that nobody else has them asked; and beside it, for the day when a backup is restored."""
    who = erasure_key(house, address)
    writer.note_erasure(event, who, now)
    erased_list.add(house.config.state, Erasure(now, event, who))


def erase_again(house: House, writer: Writer, now: datetime) -> tuple[tuple[str, int], ...]:
    """Who was erased after this database was copied, and stands in it again: the events, each with how many.

    To be done before anything goes out. What the database knows of is left alone, so an ordinary start costs a look-up
    for each line; and what is older than any backup may be is none of ours.
    """
    oldest = now - house.config.retention.backups
    lost: dict[str, dict[str, datetime]] = {}
    for one in erased_list.read(house.config.state):
        if one.at >= oldest and not writer.knows_erasure(one.event, one.who, one.at):
            known = lost.setdefault(one.event, {})
            known[one.who] = max(one.at, known.get(one.who, one.at))
    return tuple((event, _again(house, writer, event, whom, now)) for event, whom in lost.items())


def _again(house: House, writer: Writer, event: str, whom: dict[str, datetime], now: datetime) -> int:
    """Without a letter: they had it. A seat that is freed goes to the line at the next tick.

    Whoever signed up after the erasure is left alone: its line was written, and then the database took no note of it.
    """
    found = {erasure_key(house, address): address for address in writer.addresses(event)}
    gone = 0
    for who, at in whom.items():
        writer.note_erasure(event, who, at)
        address = found.get(who)
        if address is None:
            continue
        one = writer.registration_of(event, address)
        if one is not None and one.meant and one.registered_at > at:
            writer.lift_erasure(event, who)
            continue
        writer.apply(Erased(address, None), event, now)
        gone += 1
    return gone


def discreet(verdict: Verdict, decision: Decision) -> Verdict:
    """How a mail ended, without who wrote it where its writer was erased by it."""
    if not any(isinstance(change, Erased) for change in decision.changes):
        return verdict
    return replace(verdict, number=None, sender="", subject="", evidence=())
