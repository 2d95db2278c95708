"""An announcement before it is one: what it would say, to how many, and how it is kept."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from mailflow.desk.announce import Fault, tell
from mailflow.model.announcement import Announcement, Audience, Draft
from mailflow.model.decision import View
from mailflow.model.event import Event, EventState
from mailflow.model.letter import Cause
from mailflow.model.registration import Registration
from mailflow.render import Rendered
from mailflow.render.draw import HTML_OCTETS
from mailflow.render.placeholders import unknown
from mailflow.service.house import House
from mailflow.store.protocol import Reader, Writer

OFF, OVER = "the event is called off", "the details of its people are erased"


@dataclass(frozen=True, slots=True)
class Proposal:
    """What an announcement would be: how many `people` get it, and the finished letter of one of them in each language.

    `unknown` stands in braces and is no placeholder. `refused` and `fault`: why it cannot be sent; then there are no
    letters.
    """

    people: int = 0
    letters: tuple[Rendered, ...] = ()
    unknown: tuple[str, ...] = ()
    fault: Fault | None = None
    refused: str = ""


def recipients(reader: Reader, event: Event, audience: Audience) -> int:
    """How many would get it now: neither who said STOP nor whose letters come back."""
    return reader.listeners_count(event.id, audience)


def refusal(event: Event, state: EventState, now: datetime) -> str:
    """Why nothing is announced any more, "" while it is. What the day brought may be told until the people are gone."""
    if state.called_off is not None:
        return OFF
    return OVER if now >= event.erased_at else ""


def propose(
    house: House, reader: Reader, event: Event, state: EventState, draft: Draft, audience: Audience
) -> Proposal:  # fmt: skip
    """To be shown before anything is done. Where nobody gets it, the letters are left out."""
    now = house.now()
    if why := refusal(event, state, now):
        return Proposal(refused=why)
    people = recipients(reader, event, audience)
    strange = tuple(dict.fromkeys(word for text in (*draft.subject.texts, *draft.text.texts) for word in unknown(text)))
    one = next(iter(reader.listeners(event.id, audience, 0, 1)), None)
    if one is None:
        return Proposal(people, unknown=strange)
    # As if it had been written a moment ago: the letter to one who took the seat before that.
    said = Announcement(event.id, 1, draft, "", max(now, one.since + timedelta(seconds=1)), audience)
    tongues = _tongues(draft, event)
    letters = {tongue: _letter(house, event, state, said, one, tongue, now) for tongue in ("", *tongues)}
    if any(len(letter.html.encode()) > HTML_OCTETS for letter in letters.values()):
        return Proposal(people, unknown=strange, fault="long_text")
    return Proposal(people, tuple(letters[tongue] for tongue in tongues), strange)


def announce(
    house: House, writer: Writer, event: Event, draft: Draft, *, by: str = "", audience: Audience = "confirmed"
) -> Announcement:
    """Keep it: a running service tells everybody, some a tick; so does the next one that starts. What a YES does.

    The time is taken here, with the write lock held: whoever took a seat before has not read it in that letter.
    """
    return writer.keep_announcement(event.id, draft, by, audience, house.now().astimezone(UTC))


def _tongues(draft: Draft, event: Event) -> tuple[str, ...]:
    """One reader's language for each text that was written."""
    written = [language for language, _ in draft.text.values]
    others = [language for language in event.languages if language not in written]
    named = [language for language in event.languages if language in written]
    return tuple(others[:1] * ("" in written) + named) or event.languages[:1]


def _letter(
    house: House, event: Event, state: EventState, said: Announcement, one: Registration, tongue: str, now: datetime
) -> Rendered:  # fmt: skip
    view = View(
        event=event, state=state, sender=None, cause=Cause(), located=replace(one, language=tongue), announcement=said
    )
    (letter,) = tell(view, now).letters
    return house.renderer.render(letter, event, house.seal.reference(0), now)
