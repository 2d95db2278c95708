"""Who may make events by mail, and what becomes of such a mail (trust.md §3, the class "change").

A draft is the first of two steps: it does nothing but write to its maker. The second is their word in answer to the
newest letter about it, and nobody else's, nor any older letter's.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from mailflow.desk.authority import vouched
from mailflow.desk.fresh import Delivery, stale
from mailflow.mail.address import Address
from mailflow.model.intent import MailIntent, Silent
from mailflow.model.sketch import EventDraft, Making

# What reaches many is asked anew after a day, as every heavy command is.
HEAVY = timedelta(hours=24)
# Whoever has so many drafts open makes no more by mail.
OPEN_MOST = 20

Act = Literal["none", "draft", "redraft", "again", "publish", "drop", "ask_change", "ask_call_off"]


@dataclass(frozen=True, slots=True)
class Step:
    """What is to be done, to which draft (None: a new one), and why, for the journal."""

    act: Act
    reason: str
    draft: EventDraft | None = None


def listed(sender: Address, makers: Sequence[str]) -> bool:
    """Whether the address, or its domain as `*@domain`, is among those that may make events."""
    return sender.key in makers or f"*@{sender.domain}" in makers


def hindrance(sender: Address, makers: Sequence[str], delivery: Delivery, now: datetime) -> str:
    """Why nothing is done about a mail, "" for one that is taken. Whoever it hinders gets no letter.

    Unlike a command to an event, a mail that is not proved is not asked back: a maker's answer would have to be proved
    all the same, and everybody else would learn whose addresses are on the list.
    """
    if not listed(sender, makers):
        return "not among site.event_makers"
    if not vouched(delivery.proof):
        return "not proved as makers of events have to be"
    return stale(delivery, now)


def by_hand(intent: MailIntent, making: Making) -> bool:
    """Whether a person sent it. Calendars mark their invitations as automatic, though somebody invited us by hand."""
    return not isinstance(intent, Silent) or (intent.kind == "auto-reply" and making.meeting != "")


def answered(making: Making, draft: EventDraft, *, newest: bool, now: datetime) -> Step:
    """An answer to a letter about a draft. `newest`: to the last of these letters."""
    if draft.state != "open":
        return Step("none", f"the draft is {draft.state} already", draft)
    makes = draft.act == "make"
    if makes and not making.said.empty:
        # Lines beside PUBLISH: what they change has not been seen yet.
        return Step("redraft", "the draft was changed", draft)
    if making.word in ("drop", "drop" if makes else "no"):
        return Step("drop", "dropped by its maker", draft)
    said = making.word == ("publish" if makes else "yes")
    if not said or making.html:
        return Step("again", "the answer was not understood", draft)
    if not newest:
        return Step("again", "the answer is to an older letter", draft)
    if not draft.file and draft.act != "call_off":
        return Step("again", "something is missing", draft)
    if not makes and now > draft.created + HEAVY:
        return Step("again", "asked more than a day ago", draft)
    return Step("publish", "published" if makes else "confirmed", draft)


def invited(making: Making, known: Sequence[EventDraft]) -> Step:
    """An invitation, or its end. `known` is what this meeting became before, the newest first."""
    ends = making.meeting == "CANCEL"
    waiting = next((draft for draft in known if draft.state == "open" and draft.act == "make"), None)
    public = next((draft for draft in known if draft.state == "published" and draft.act == "make"), None)
    if waiting is not None:
        if ends:
            return Step("drop", "the meeting was cancelled", waiting)
        if making.sequence < waiting.sequence:
            return Step("none", "an older version of the meeting", waiting)
        return Step("redraft", "the meeting was changed", waiting)
    if public is not None:
        if ends:
            return Step("ask_call_off", "the meeting was cancelled", public)
        if making.sequence < public.sequence:
            return Step("none", "an older version of the meeting", public)
        # Some programs raise SEQUENCE for another time only: what is the same besides is found to be no change.
        return Step("ask_change", "the meeting was moved", public)
    if ends:
        return Step("none", "the end of a meeting that is not known")
    return Step("draft", "drafted from an invitation")


def written(making: Making, drafts_open: int) -> Step:
    """A mail that answers nothing."""
    if drafts_open >= OPEN_MOST:
        return Step("none", f"{OPEN_MOST} drafts are open already")
    if making.word:
        return Step("none", f"{making.word}, and no draft is answered")
    return Step("draft", "drafted")
