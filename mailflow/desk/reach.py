"""Who can be reached: an address whose letters come back is left in peace until its owner writes from it."""

from dataclasses import replace
from datetime import datetime

from mailflow.model.decision import Decision, Saved, View
from mailflow.model.intent import CalendarReply, Intent, No, Proposed, Wish, Yes
from mailflow.model.proof import Proof
from mailflow.model.registration import Registration, Status


def heard(view: View, intent: Intent, proof: Proof, now: datetime) -> tuple[View, tuple[Saved, ...]]:
    """The view of a mail whose writer is known to read that address, and the change that says so; else as it is.

    Known by proof, or by the answer to a question that is still open: the mailbox was read. What an answering machine
    sends shows that a machine is there.
    """
    if not isinstance(intent, Wish | Proposed | CalendarReply) or proof.level == "F":
        return view, ()
    found = view.own if proof.aligned else None
    asked = view.challenge
    if found is None and isinstance(intent, Yes | No) and asked is not None and asked.live(now):
        located = view.located
        found = located if located is not None and located.address.key == asked.address.key else None
    if found is None or not found.undeliverable:
        return view, ()
    # An offer keeps its end; what was kept for a corrected address has found its owner.
    until = None if found.status in (Status.CONFIRMED, Status.WAITING) else found.until
    again = replace(found, undeliverable=False, until=until)
    return _seen(view, again), (Saved("reached", found, again),)


def _seen(view: View, one: Registration) -> View:
    def now_is(row: Registration | None) -> Registration | None:
        return one if row is not None and row.number == one.number else row

    head = tuple(one if row.number == one.number else row for row in view.head)
    return replace(view, own=now_is(view.own), located=now_is(view.located), head=head)


def spared(decision: Decision) -> Decision:
    """Without the letters that nobody asked for to an address whose letters come back.

    An answer to a mail that came from there is no such letter: it is how its owner can prove to be back.
    """
    kept = tuple(
        letter for letter in decision.letters
        if not (letter.notice and letter.registration is not None and letter.registration.undeliverable
                and letter.registration.address.key == letter.to.key)
    )  # fmt: skip
    return decision if len(kept) == len(decision.letters) else replace(decision, letters=kept)
