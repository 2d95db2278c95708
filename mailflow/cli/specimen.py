"""Any letter from sample data: of the seed event, or of a real event with the same people."""

from dataclasses import replace
from datetime import UTC, datetime

from mailflow.model.event import Event, EventState
from mailflow.model.letter import Digest, Letter, LetterKind
from mailflow.model.registration import Registration
from mailflow.model.seal import Seal
from mailflow.render import Rendered, Renderer
from mailflow.render.sample import sample_event, sample_letter

SEAL = Seal(b"a key for previews, not a secret")
_NOW = datetime(2019, 8, 20, 7, 0, tzinfo=UTC)


def specimen(renderer: Renderer, kind: LetterKind, variant: str, language: str, event: Event | None) -> Rendered:
    """That letter, rendered. Raises what a template raises."""
    letter = sample_letter(kind, variant, language)
    if event is not None:
        letter = _about(letter, event)
    return renderer.render(letter, event or sample_event(), SEAL.reference(1), _NOW)


def _about(letter: Letter, event: Event) -> Letter:
    """The same letter about another event, which asks other questions."""
    opens, closes = (moment.astimezone(UTC) if moment else None for moment in (event.opens, event.closes))
    state = EventState(event.capacity, opens, closes, taken=letter.state.taken, waiting=letter.state.waiting,
                       next_number=letter.state.next_number, revised_at=_NOW)  # fmt: skip
    registration = letter.registration and replace(letter.registration, event=event.id, answers=())
    return replace(letter, event=event.id, state=state, registration=registration,
                   digest=letter.digest and _digest(letter.digest, event))  # fmt: skip


def _digest(digest: Digest, event: Event) -> Digest:
    def moved(people: tuple[Registration, ...]) -> tuple[Registration, ...]:
        return tuple(replace(one, event=event.id, answers=()) for one in people)

    return replace(digest, new=moved(digest.new), gone=moved(digest.gone), moved=moved(digest.moved),
                   seated=moved(digest.seated), line=moved(digest.line))  # fmt: skip
