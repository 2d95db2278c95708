"""What the desk's word on a person's data means here: the file of `my_data`, and no trace of who was erased."""

from dataclasses import replace
from datetime import datetime

from mailflow.model.decision import Decision, Erased
from mailflow.model.letter import Letter
from mailflow.service.house import House
from mailflow.store.protocol import Reader, Verdict, Writer


def complete(reader: Reader, letter: Letter) -> Letter:
    """`my_data` with all that is held about the one it goes to; any other letter as it is."""
    if letter.kind != "my_data":
        return letter
    return replace(letter, dossier=reader.dossier(letter.event, letter.to))


def note(house: House, writer: Writer, decision: Decision, event: str, now: datetime) -> None:
    """Remember who was erased, as a keyed hash: a restored backup must not bring them back."""
    for change in decision.changes:
        if isinstance(change, Erased):
            writer.note_erasure(event, house.budget_key(change.address), now)


def discreet(verdict: Verdict, decision: Decision) -> Verdict:
    """How a mail ended, without who wrote it where its writer was erased by it."""
    if not any(isinstance(change, Erased) for change in decision.changes):
        return verdict
    return replace(verdict, number=None, sender="", subject="", evidence=())
