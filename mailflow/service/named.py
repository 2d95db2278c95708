"""Whom a mail names with an address: what the desk may know of each, for a bounded number of them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from mailflow.mail.address import Address
from mailflow.model.decision import Named, View
from mailflow.model.intent import MailIntent, Other, Register, RegisterOther, Update
from mailflow.reading.robots import robot_mailbox
from mailflow.service.erase import erasure_key
from mailflow.service.house import House
from mailflow.store.protocol import Reader

# How many are asked for one mail (trust.md §2.1 row 9).
MOST = 5


def with_named(
    house: House, reader: Reader, view: View, intent: MailIntent, letters: Sequence[int], now: datetime
) -> View:  # fmt: skip
    """`view` with those whom the mail names. `letters` are numbers for their challenges, one for each of `MOST`."""
    everybody = others_of(house, intent, view.sender)
    if not everybody:
        return view
    found = []
    for other, letter in zip(everybody[:MOST], letters, strict=False):
        reference = house.seal.reference(letter)
        found.append(
            Named(
                other=other,
                own=reader.registration_of(view.event.id, other.address),
                budget=house.budget(reader.counts(house.budget_key(other.address), now)),
                challenge_id=reference,
                challenge_code_hash=house.code_hash(house.seal.challenge_code(reference)),
                erased=reader.stays_erased(view.event.id, erasure_key(house, other.address)),
            )
        )
    first = view.state.next_number
    return replace(
        view,
        named=tuple(found),
        unasked=len(everybody) - len(found),
        codes=tuple(house.seal.booking_code(view.event.id, first + n) for n in range(MOST + 1)),
    )


def others_of(house: House, intent: MailIntent, sender: Address | None) -> tuple[Other, ...]:
    """Each mailbox once, in the order in which it was named; nobody the sender, no address of ours and no robot's.

    What is sent to a robot is read by nobody, or by a program that takes it for an order.
    """
    match intent:
        case RegisterOther(others=others):
            pass
        case Register(fields=fields) | Update(fields=fields):
            others = fields.others
        case _:
            others = ()
    found: dict[str, Other] = {}
    for other in others:
        ours = other.address.domain == house.domain
        if (
            not ours
            and not robot_mailbox(other.address)
            and (sender is None or other.address.canonical != sender.canonical)
        ):
            found.setdefault(other.address.canonical, other)
    return tuple(found.values())
