"""A clear wish in a mail that is not wholly explained: the sender is asked, people see it (understanding.md §2.5)."""

from datetime import datetime

from mailflow.desk import change, people, rights, sign_up, withdraw
from mailflow.model.command import Orders
from mailflow.model.decision import Decision, View
from mailflow.model.intent import Cancel, EraseMe, Register, RegisterOther, RemindOff, Update, label
from mailflow.model.proof import Proof

# What the organisers are told that we read the mail as.
_VARIANTS = {
    Register: "read_register", Cancel: "read_cancel", RemindOff: "read_remind_off", EraseMe: "read_erase",
    Update: "read_change",
}  # fmt: skip

Proposable = Register | Cancel | Update | RegisterOther | RemindOff | EraseMe | Orders


def propose(view: View, wish: Proposable, proof: Proof, now: datetime) -> Decision:
    """One `please_confirm` to the sender, whose YES does it, and the mail to the organisers.

    People alone get it when the wish does not fit what is so (understanding.md §2.4 rule 11), when the budgets allow
    no question, when this version cannot ask about such a wish, and when the mail answers a question of ours: who was
    asked once is not asked again what he means.
    """
    asked = None if people.expect(view) else _asked(view, wish, proof, now)
    if asked is None:
        return people.hand_over(view, view.quote, proof, read_as=label(wish))
    return people.show(view, asked, variant=_VARIANTS[type(wish)])


def _asked(view: View, wish: Proposable, proof: Proof, now: datetime) -> Decision | None:
    match wish:
        case Register():
            return sign_up.ask(view, wish, proof, now)
        case Cancel():
            return withdraw.ask(view, proof, now)
        case EraseMe():
            return rights.ask(view, "erase", proof, now)
        case RemindOff():
            return rights.ask(view, "remind_off", proof, now)
        case Update():
            return change.ask(view, wish.fields, proof, now)
        case _:
            return None
