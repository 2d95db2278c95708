"""What to do about one mail: the decision table. Pure, total, and never past the capacity."""

from dataclasses import replace
from datetime import datetime
from typing import assert_never

from mailflow.desk import (
    answers,
    bounces,
    called_off,
    change,
    door_list,
    offers,
    orders,
    others,
    people,
    reach,
    reminders,
    rights,
    sign_up,
    withdraw,
)
from mailflow.desk.budget import within
from mailflow.desk.draft import answer, standing_letter
from mailflow.desk.due import decide_due
from mailflow.desk.propose import propose
from mailflow.desk.tongue import remember
from mailflow.model.command import Orders
from mailflow.model.decision import Decision, View
from mailflow.model.intent import (
    AskStatus,
    CalendarReply,
    CameBack,
    Cancel,
    Due,
    Empty,
    EraseMe,
    ForPeople,
    Help,
    Intent,
    MyData,
    No,
    Ordered,
    Proposed,
    Register,
    RegisterOther,
    RemindOff,
    Silent,
    Update,
    Wish,
    Yes,
    label,
)
from mailflow.model.letter import Letter
from mailflow.model.proof import Proof

# The digest tells of mails that ended so (letters.md §8).
NOT_UNDERSTOOD = "not understood"


def decide(view: View, intent: Intent, proof: Proof, now: datetime) -> Decision:
    """The decision about a mail, a due job or an order. Never raises for any view; the same input, the same output.

    At most one letter goes back to the sender (letters.md §1.1); an answer that the budgets forbid is left out, and
    what an unproved sender asked for is then not done either (trust.md §4).
    """
    view, heard = reach.heard(view, intent, proof, now)
    decision = reach.spared(door_list.told(view, _decided(view, intent, proof, now), now))
    return replace(decision, changes=(*heard, *decision.changes)) if heard else decision


def _decided(view: View, intent: Intent, proof: Proof, now: datetime) -> Decision:
    if isinstance(intent, Due):
        return decide_due(view, intent, now)
    if isinstance(intent, Ordered):
        return orders.ordered(view, intent, now)
    if isinstance(intent, CameBack):
        return bounces.returned(view, intent, now)
    if (rating := reminders.rated(view, intent, proof)) is not None:
        return rating
    if isinstance(intent, Silent):
        return Decision("silent", intent.kind)
    if isinstance(intent, CalendarReply):
        return answers.calendar(view, intent, proof, now)
    if view.sender is None:
        return Decision("refused", "no single valid From address")
    if proof.level == "F":
        return Decision("ignored", "the sender's domain disowns this mail")
    decision = called_off.answered(view, intent, proof) or _as_it_stands(view, intent, proof, now)
    decision = remember(view, decision, proof)
    return people.pass_on(view, decision) if view.forward else decision


def _as_it_stands(view: View, intent: Wish | Proposed, proof: Proof, now: datetime) -> Decision:
    if view.conflict:
        return _unclear(view, proof)
    decision = offers.answered(view, intent, proof, now) or _wish(view, intent, proof, now)
    return others.along(view, decision, proof, now) if isinstance(intent, Register | Update) else decision


def _wish(  # noqa: C901, PLR0912  one case for each kind of wish is the plainest form of this table
    view: View,
    intent: Wish | Proposed,
    proof: Proof,
    now: datetime,
) -> Decision:
    match intent:
        case Yes() | No():
            return _reply(view, intent, proof, now)
        case Register():
            return sign_up.register(view, intent, proof, now)
        case Empty():
            return sign_up.ask_back(view, proof, now)
        case Cancel():
            return withdraw.cancel(view, proof, now)
        case AskStatus():
            return standing_letter(view, proof, now, resend=intent.resend)
        case Help():
            return _answered(view, proof, "asked for help", answer(view, proof, "not_understood", variant="help"))
        case ForPeople(short=True):
            return _unclear(view, proof)
        case MyData() | EraseMe() | RemindOff():
            return rights.wished(view, intent, proof, now)
        case Update():
            return change.update(view, intent.fields, proof, now)
        case RegisterOther():
            return others.register(view, proof, now)
        case Orders():
            return people.hand_over(view, view.quote, proof, read_as=label(intent))
        case Proposed():
            return propose(view, intent.wish, proof, now)
        case ForPeople():
            return people.hand_over(view, intent.quote or view.quote, proof)
        case _:
            assert_never(intent)


def _reply(view: View, said: Yes | No, proof: Proof, now: datetime) -> Decision:
    if view.challenge is None:
        return _unclear(view, proof)
    if isinstance(said, Yes) and view.challenge.act in rights.ACTS:
        return rights.redeem(view, view.challenge, now)
    if isinstance(said, Yes) and view.challenge.act == "update":
        return change.redeem(view, view.challenge, now)
    if isinstance(said, Yes):
        return sign_up.redeem(view, view.challenge, now)
    return sign_up.decline(view.challenge, view, now)


def _unclear(view: View, proof: Proof) -> Decision:
    """A short near-command is told the words once; its second try goes to people (letters.md §8).

    With a token that is none of ours: whoever guesses learns nothing, and draws no letter (trust.md §2.2).
    """
    if view.wrong_token:
        return Decision("ignored", "a token that is none of ours")
    if people.expect(view):
        return people.hand_over(view, view.quote, proof)
    letter = answer(view, proof, "not_understood")
    return _answered(view, proof, NOT_UNDERSTOOD, replace(letter, quote=view.quote) if letter.proved else letter)


def _answered(view: View, proof: Proof, reason: str, letter: Letter) -> Decision:
    kept = within(view.budget, proof, (letter,))
    return Decision("done" if kept else "ignored", reason if kept else "answered enough for now", letters=kept)
