"""The language of a person: what the mail at hand says, remembered for the letters to come (letters.md §6)."""

from dataclasses import replace

from mailflow.model.decision import ChallengeClosed, Decision, Erased, Saved, View
from mailflow.model.event import Event
from mailflow.model.letter import Letter
from mailflow.model.proof import Proof
from mailflow.model.registration import Registration


def languages_of(event: Event, known: str) -> tuple[str, ...]:
    """In what to write to somebody whose language is `known`; both of the event's when that is ""."""
    if not known:
        return event.languages[:2]
    return (known,) if known in event.languages else event.languages[:1]


def remember(view: View, decision: Decision, proof: Proof) -> Decision:
    """The decision with the mail's language as that of its writer: in the row, and in the letters about it.

    The writer is known by proof, or by having redeemed a challenge; nobody else changes how a person is written to.
    Without another change of the row, one is added, unless nothing was done at all.
    """
    language, person = view.mail_language, _writer(view, decision, proof)
    if language is None or language not in view.event.languages or person is None or decision.state != "done":
        return decision
    if any(isinstance(change, Erased) for change in decision.changes):
        return decision  # there is no row to remember it in
    saved = tuple(change for change in decision.changes if _about(change, person))
    changes = tuple(
        replace(change, after=replace(change.after, language=language))
        if isinstance(change, Saved) and _about(change, person)
        else change
        for change in decision.changes
    )
    if not saved and person.status.standing and person.language != language:
        changes += (Saved("language", person, replace(person, language=language)),)
    letters = tuple(_spoken(letter, person, language) for letter in decision.letters)
    return replace(decision, changes=changes, letters=letters)


def _writer(view: View, decision: Decision, proof: Proof) -> Registration | None:
    if any(isinstance(change, ChallengeClosed) for change in decision.changes):
        return view.located
    if not proof.aligned:
        return None
    new = (
        change.after for change in decision.changes
        if isinstance(change, Saved) and change.before is None and change.what != "named"
    )  # fmt: skip
    return view.own or next(new, None)


def _about(change: object, person: Registration) -> bool:
    return isinstance(change, Saved) and change.after.number == person.number


def _spoken(letter: Letter, person: Registration, language: str) -> Letter:
    shown = letter.registration
    if shown is None or shown.number != person.number or letter.to.key != person.address.key:
        return letter
    return replace(letter, languages=(language,), registration=replace(shown, language=language))
