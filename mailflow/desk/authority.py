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
# So many people may be added by one mail, or decided about by one line, without a second step.
_MOST = 5


def authority_of(proof: Proof, *, addressed: bool, answers: bool) -> Authority:
    """What a mail from an address on the event's list may do.

    `addressed`: To or Cc names us, under a signature that covers them. `answers`: it answers a letter of ours to this
    organiser. A signature proves a domain, and whoever sends through it may sign; so a thread or a full signature has
    to come beside it, or the organiser sees first what would happen.
    """
    if proof.level == "F":
        return "none"
    if proof.level == "S" or (proof.level == "A" and "dkim" in proof.details):
        return "firm" if answers or (proof.full and addressed) else "loose"
    return "asked"


def class_of(command: Command, taken: int, added: int) -> Class:
    """`taken` seats are taken now; `added` people would be added by the mail."""
    if command.order in _READ:
        return "read"
    many = len(command.numbers) + len(command.codes) > _MOST and command.order in ("approve", "reject")
    if many or command.order in _HEAVY or (command.order == "add" and added > _MOST):
        return "heavy"
    fewer = command.order == "capacity" and command.capacity is not None and command.capacity < taken
    return "heavy" if fewer else "change"
