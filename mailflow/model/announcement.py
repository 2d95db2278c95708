"""What the organisers tell many at once: written by them, sent to each person by itself."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from mailflow.model.event import Localized
from mailflow.model.registration import Status

# To whom: who has a seat, who waits for one, or both.
Audience = Literal["confirmed", "waiting", "all"]
# `due`: some have it still to get. `ended`: it went no further, since the event was called off meanwhile.
AnnouncementState = Literal["due", "sent", "ended"]
STATUSES: dict[Audience, tuple[Status, ...]] = {
    "confirmed": (Status.CONFIRMED,),
    # Who is offered a seat has none yet.
    "waiting": (Status.WAITING, Status.OFFERED),
    "all": (Status.CONFIRMED, Status.WAITING, Status.OFFERED),
}


@dataclass(frozen=True, slots=True)
class Draft:
    """What an organiser wrote: plain text with placeholders. Subject and text are in the same languages.

    "" as a language: written for everybody, in a language that is not said.
    """

    subject: Localized
    text: Localized


@dataclass(frozen=True, slots=True)
class Announcement:
    """One of them. `number` counts per event, `by` is the organiser's address, "" for the operator; `at` is UTC."""

    event: str
    number: int
    draft: Draft
    by: str
    at: datetime
    audience: Audience = "confirmed"
    state: AnnouncementState = "due"
