"""`please_confirm` about what somebody has here already: to its owner, or to a sender who may have meant it."""

from dataclasses import replace

from mailflow.desk.budget import may_ask, within
from mailflow.desk.draft import answer, languages, to_person
from mailflow.desk.tongue import languages_of
from mailflow.model.decision import Challenge, Challenged, Decision, View
from mailflow.model.proof import UNPROVED, Proof
from mailflow.model.registration import Registration


def ask_owner(view: View, registration: Registration, challenge: Challenge, variant: str, reason: str) -> Decision:
    """To the registered address, whoever wrote; nothing to anybody else (trust.md §2.1)."""
    own_mail = view.sender is not None and view.sender.key == registration.address.key
    budget = view.budget if own_mail else view.located_budget
    if not may_ask(budget):
        return Decision("ignored", "asked enough for now")
    letter = replace(
        to_person(view.event, view.state, "please_confirm", registration, variant=variant),
        languages=languages(view, registration) if own_mail else languages_of(view.event, registration.language),
        to_name="",
        challenge=challenge.id,
        proved=False,
        cause=view.cause if own_mail else None,
    )
    return Decision("done", reason, (Challenged(challenge),), within(budget, UNPROVED, (letter,)))


def ask_sender(
    view: View, own: Registration, challenge: Challenge, proof: Proof, variant: str, reason: str
) -> Decision | None:
    """To the owner of `own`, who wrote; None when the budgets allow no question."""
    drafted = answer(view, proof, "please_confirm", variant=variant, registration=own)
    kept = within(view.budget, proof, (replace(drafted, to=own.address, to_name="", challenge=challenge.id),))
    return Decision("done", reason, (Challenged(challenge),), kept) if kept else None
