"""What an organiser's mail may do (trust.md §3): whose word it is, and which class a command belongs to."""

from typing import Literal

from mailflow.model.command import Command, Order
from mailflow.model.proof import Proof

# `firm`: what changes is done at once; `loose`: after a YES. `asked`: only what the address itself confirms, nothing
# heavy. `none`: nothing, no answer, no hint.
Authority = Literal["firm", "loose", "asked", "none"]
Class = Literal["read", "change", "heavy"]

_READ: frozenset[Order] = frozenset({"report", "list", "help", "digest"})
_HEAVY: frozenset[Order] = frozenset({"remove", "announce", "cancel-event", "change", "coorganiser"})
# So many people may be written to because of one mail without a second step.
_MOST = 5


def vouched(proof: Proof) -> bool:
    """S, or A with dkim: the sender's own domain has signed the mail, seen by us or by our border."""
    return proof.level == "S" or (proof.level == "A" and "dkim" in proof.details)


def authority_of(proof: Proof, *, addressed: bool, answers: bool) -> Authority:
    """What a mail from an address on the event's list may do.

    `addressed`: To or Cc names us, under a signature that covers them. `answers`: it answers a letter of ours to this
    organiser. A signature proves a domain, and whoever sends through it may sign; so a thread or a full signature has
    to come beside it, or the organiser sees first what would happen.
    """
    if proof.level == "F":
        return "none"
    if vouched(proof):
        return "firm" if answers or (proof.full and addressed) else "loose"
    return "asked"


def told_by(command: Command) -> int:
    """How many people get a letter because of a command that names them. Who moves up behind others is not counted."""
    if command.order in ("approve", "reject"):
        return len(command.numbers) + len(command.codes)
    return int(command.order in ("add", "promote"))


def class_of(command: Command, taken: int, people: int) -> Class:
    """`taken` seats are taken now; `people` would be written to because of all the commands of the mail (`told_by`)."""
    if command.order in _READ:
        return "read"
    if command.order in _HEAVY or (told_by(command) and people > _MOST):
        return "heavy"
    fewer = command.order == "capacity" and command.capacity is not None and command.capacity < taken
    return "heavy" if fewer else "change"
