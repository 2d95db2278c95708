"""What organisers can write. A letter prints none of these words before the desk carries them out."""

from collections.abc import Mapping
from dataclasses import dataclass

from mailflow.mail.address import Address
from mailflow.model.event import EventState
from mailflow.render.links import mailto
from mailflow.render.words import Words

# Keys of [commands] in language.toml. Who builds a command adds it here, and the letters that name it do the rest.
WORKING: frozenset[str] = frozenset({
    "absent", "announce", "approve", "change", "close", "digest_weekly", "done", "help", "list", "promote",
    "seats", "status",
})  # fmt: skip

# For the event that has no limit yet.
_SEATS, _MORE_SEATS = 40, 5


@dataclass(frozen=True, slots=True)
class Command:
    """`word` as it is written, and the mail that says so (RFC 6068)."""

    word: str
    href: str


def command(words: Words, address: Address, key: str, *about: str) -> Command | None:
    """That command to the event's `address`, with what it is about behind it; None while nobody would carry it out."""
    if key not in WORKING:
        return None
    text = " ".join((words.command(key), *about))
    return Command(text, mailto(address, text, text))


def examples(words: Words, address: Address, state: EventState) -> Mapping[str, Command]:
    """Those that letters explain, by key, with an example of what they are about.

    The example is a link that people press: it asks for a few seats more than there are, never for ten times as many.
    """
    about = {"absent": ("3, 7",), "seats": (str((state.capacity or _SEATS) + _MORE_SEATS),)}
    found = ((key, command(words, address, key, *about.get(key, ()))) for key in sorted(WORKING))
    return {key: one for key, one in found if one is not None}


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A command, the mail that says it, and what it does."""

    word: str
    href: str
    meaning: str


# What the digest offers (letters.md §9), in this order.
_OFFERED = ("status", "list", "close", "seats", "announce", "help", "digest_weekly")
# Nobody opens or closes what has been, or is off; what is offered is carried out.
_OFFERED_AFTER = ("status", "list", "absent", "announce", "help")
_OFFERED_OFF = ("status", "list", "help")


def suggestions(
    words: Words, address: Address, state: EventState, *, over: bool
) -> tuple[Suggestion, ...]:
    """Those of the digest's last section; `over`: the event has been."""
    known = examples(words, address, state)
    offered = _OFFERED_OFF if state.called_off else _OFFERED_AFTER if over else _OFFERED
    return tuple(Suggestion(known[key].word, known[key].href, words.say("can", key)) for key in offered if key in known)
