"""Any letter from sample data: of the seed event, or of a real event with the same people."""

from dataclasses import replace
from datetime import UTC, datetime

from mailflow.model.event import Event, EventState
from mailflow.model.letter import Digest, DoorList, Letter, LetterKind
from mailflow.model.registration import Registration
from mailflow.model.seal import Seal
from mailflow.render import Rendered, Renderer
from mailflow.render.sample import NOW, moment_of, sample_event, sample_letter

SEAL = Seal(b"a key for previews, not a secret")
_NOW = datetime(2019, 8, 20, 7, 0, tzinfo=UTC)


def specimen(renderer: Renderer, kind: LetterKind, variant: str, language: str, event: Event | None) -> Rendered:
    """That letter, rendered. Raises what a template raises."""
    letter = sample_letter(kind, variant, language)
    if event is not None:
        letter = _about(letter, event)
    event = event or sample_event()
    moment = moment_of(kind, event)
    return renderer.render(letter, event, SEAL.reference(1), _NOW if moment == NOW else moment)


def _about(letter: Letter, event: Event) -> Letter:
    """The same letter about another event, which asks other questions."""
    opens, closes = (moment.astimezone(UTC) if moment else None for moment in (event.opens, event.closes))
    state = EventState(event.capacity, opens, closes, taken=letter.state.taken, waiting=letter.state.waiting,
                       next_number=letter.state.next_number, revised_at=_NOW)  # fmt: skip
    registration = letter.registration and replace(letter.registration, event=event.id, answers=())
    return replace(letter, event=event.id, state=state, registration=registration,
                   digest=letter.digest and _digest(letter.digest, event),
                   door_list=letter.door_list and _door_list(letter.door_list, event))  # fmt: skip


def _digest(digest: Digest, event: Event) -> Digest:
    new, gone, moved, seated, line = (
        _moved(people, event) for people in (digest.new, digest.gone, digest.moved, digest.seated, digest.line)
    )
    return replace(digest, new=new, gone=gone, moved=moved, seated=seated, line=line)


def _door_list(listed: DoorList, event: Event) -> DoorList:
    expected, gone, new = (_moved(people, event) for people in (listed.expected, listed.gone, listed.new))
    return replace(listed, expected=expected, gone=gone, new=new)


def _moved(people: tuple[Registration, ...], event: Event) -> tuple[Registration, ...]:
    return tuple(replace(one, event=event.id, answers=()) for one in people)
