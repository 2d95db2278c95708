"""Whether an answer may go out (trust.md §4, letters.md §3.3). Counting is the store's, the rule is here."""

from collections.abc import Iterable
from dataclasses import replace

from mailflow.model.decision import Budget
from mailflow.model.letter import Letter
from mailflow.model.proof import Proof

# An address that confirmed a challenge lately may also cancel on the day it signed up.
_CONFIRMED_PER_DAY = 3
_UNPROVEN_PER_MONTH = 3


def may_ask(budget: Budget) -> bool:
    """Whether an address that has not proved itself may get one more letter."""
    if budget.confirmed_lately:
        return budget.unproven_last_day < max(_CONFIRMED_PER_DAY, budget.unproven_per_day)
    return (
        budget.unproven_last_day < budget.unproven_per_day
        and budget.unproven_last_month < max(_UNPROVEN_PER_MONTH, budget.unproven_per_day)
    )  # fmt: skip


def within(budget: Budget, proof: Proof, letters: Iterable[Letter]) -> tuple[Letter, ...]:
    """The answers among `letters` that may go out; notices pass always.

    A proved person gets the last allowed letter with the sentence that says we fall silent; the act is done all the
    same. An answer to somebody unproved passes only while one is left.
    """
    kept = []
    for letter in letters:
        if letter.notice:
            kept.append(letter)
        elif not letter.proved or not (proof.aligned or proof.level == "T"):
            if may_ask(budget):
                kept.append(letter)
        elif proof.level == "T":
            kept.append(letter)  # the letter after a confirmed challenge is not counted
        elif budget.answers_last_hour < budget.answers_per_hour and budget.answers_last_day < budget.answers_per_day:
            last = budget.answers_last_hour + 1 >= budget.answers_per_hour
            kept.append(replace(letter, last_for_an_hour=last))
    return tuple(kept)
