"""What of an event has changed for the reader of `event_changed`: now and before, in one language."""

from dataclasses import dataclass

from mailflow.model.event import Event
from mailflow.model.letter import Letter
from mailflow.render import facts
from mailflow.render.facts import Changed
from mailflow.render.words import Words

# The line that a list of mails shows has room for the old value up to this length.
_SHORT = 36


@dataclass(frozen=True, slots=True)
class Moved:
    """`place` is the new venue in few words, `old` what was before of what leads the letter ("" where it is too long).

    `link` is "new", "gone" or "": the old link is not shown, for who opens that one is in the wrong room.
    """

    rows: tuple[Changed, ...] = ()
    place: str = ""
    old: str = ""
    link: str = ""


def moved(words: Words, event: Event, letter: Letter) -> Moved:
    """What differs between the event as it is and as the reader knew it; nothing for every other letter."""
    was = letter.was
    if was is None:
        return Moved()
    when, where = _when(words, event, was), (facts.where(words, event), facts.where(words, was))
    language, empty = words.language, words.label("not_given")
    titles, included = ((text.get(language), old.get(language)) for text, old in (
        (event.title, was.title), (event.included, was.included)))  # fmt: skip
    doors = tuple(words.time(each.doors) if each.doors else "" for each in (event, was))
    found = (("when", *when), ("where", *where), ("title", *titles), ("included", *included), ("doors", *doors))
    link = "" if event.venue.link == was.venue.link else "new" if facts.https(event.venue.link) else "gone"
    return Moved(
        rows=tuple(Changed(words.label(key), now or empty, old or empty) for key, now, old in found if now != old),
        place=event.venue.name or where[0],
        old=_old(words, event, was, letter.variant, when[1]),
        link=link,
    )


def _when(words: Words, event: Event, was: Event) -> tuple[str, str]:
    now, old = facts.when(words, event), facts.when(words, was)
    if now == old and event.timezone != was.timezone:
        # The same hands of the clock, on another clock.
        return f"{now} ({words.zone(event.timezone)})", f"{old} ({words.zone(was.timezone)})"
    return now, old


def _old(words: Words, event: Event, was: Event, variant: str, when: str) -> str:
    if variant == "venue":
        found = was.venue.name if was.venue.name != event.venue.name else facts.where(words, was)
    else:
        known = words.short(was.starts, was.starts)
        found = known if known != words.short(event.starts, event.starts) else when
    return found if len(found) <= _SHORT else ""
