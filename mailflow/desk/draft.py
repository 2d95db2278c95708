"""Letters as the desk drafts them: to whom, in which language, with what is true after the change."""

from datetime import datetime

from mailflow.desk import seats
from mailflow.desk.budget import within
from mailflow.desk.tongue import languages_of
from mailflow.model.decision import Decision, Saved, View
from mailflow.model.event import Event, EventState, Organiser, window
from mailflow.model.letter import CalendarPart, Letter, LetterKind
from mailflow.model.proof import Proof
from mailflow.model.registration import Registration, Status


def languages(view: View, registration: Registration | None = None) -> tuple[str, ...]:
    """The language of an answer: the mail's own, else the person's last, else both of the event (letters.md §6)."""
    shown = registration.language if registration else ""
    known = view.mail_language or shown or (view.own.language if view.own else "")
    return languages_of(view.event, known)


def trusted(view: View, proof: Proof) -> bool:
    """Whether this sender acts at once: aligned, unless the site always asks (trust.md §2.1 row 8)."""
    return proof.aligned and not view.require_confirm


def answer(
    view: View,
    proof: Proof,
    kind: LetterKind,
    *,
    variant: str = "",
    registration: Registration | None = None,
    calendar: CalendarPart = "none",
    state: EventState | None = None,
    place: int = 0,
) -> Letter:
    """An answer to the sender of the mail, who is `view.sender`.

    What the sender wrote, his name included, is in it only when the mail is proved (letters.md §1.7).
    """
    if view.sender is None:
        raise ValueError("nobody to answer")
    proved = proof.aligned
    shown = registration if registration is not None else view.own
    return Letter(
        kind=kind,
        event=view.event.id,
        to=view.sender,
        to_name=(shown.name if shown else view.cause.sender_name) if proved else "",
        languages=languages(view, registration),
        state=state or view.state,
        variant=variant,
        registration=shown,
        calendar=calendar,
        cause=view.cause,
        place=place or view.place,
        proved=proved,
    )


def to_person(
    event: Event, state: EventState, kind: LetterKind, registration: Registration, *, variant: str = "",
    calendar: CalendarPart = "none", place: int = 0,
) -> Letter:  # fmt: skip
    """A letter to a registered address, in the language of that person."""
    return Letter(
        kind=kind,
        event=event.id,
        to=registration.address,
        to_name=registration.name,
        languages=languages_of(event, registration.language),
        state=state,
        variant=variant,
        registration=registration,
        calendar=calendar,
        place=place,
    )


def to_organiser(event: Event, state: EventState, kind: LetterKind, organiser: Organiser, variant: str = "") -> Letter:
    """A letter to who runs the event, in their language."""
    return Letter(
        kind=kind,
        event=event.id,
        to=organiser.address,
        to_name=organiser.name,
        languages=(organiser.language,),
        state=state,
        variant=variant,
    )


def standing_letter(view: View, proof: Proof, now: datetime, *, resend: bool) -> Decision:
    """`status`: what is true about the sender now. With `resend` and a seat, the invitation goes out once more.

    A resend keeps SEQUENCE and moves DTSTAMP (calendar.md §4); an unproved sender gets the words alone.
    """
    own = view.own
    over = window(view.event, view.state, now) == "over"
    if own is None or own.status is not Status.CONFIRMED or not resend or over or not trusted(view, proof):
        letter = answer(view, proof, "status", registration=own)
        kept = within(view.budget, proof, (letter,))
        return Decision("done" if kept else "ignored", "told the status" if kept else "answered enough for now",
                        letters=kept)  # fmt: skip
    again = seats.again(own, now, untold=view.untold)
    letter = answer(view, proof, "status", variant="resent", registration=again, calendar="request")
    kept = within(view.budget, proof, (letter,))
    if not kept:
        return Decision("ignored", "answered enough for now")
    return Decision("done", "sent the invitation again", (Saved("resent", own, again),), kept)
