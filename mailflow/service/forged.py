"""Mails in an organiser's name that were not from there (level F, trust.md §3): some are noise, five a day are not."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from mailflow.model.event import Event
from mailflow.model.letter import Trouble
from mailflow.service.organisers import organiser_of
from mailflow.service.view import Studied
from mailflow.store.protocol import Reader

_MANY = 5
_DAY = timedelta(days=1)
# So many are looked at for a digest; of a flood that says enough.
_MOST = 200


def forged_again(reader: Reader, event: Event, one: Studied, now: datetime) -> bool:
    """Whether this mail, which was noted a moment ago, is the fifth within a day: the next ones say nothing new."""
    organiser = organiser_of(event, one.message.sender if one.message else None)
    if one.proof.level != "F" or organiser is None:
        return False
    return len(reader.forged(event.id, organiser.address, now - _DAY, _MANY + 1)) == _MANY


def forgeries(reader: Reader, event: Event, since: datetime) -> Iterator[Trouble]:
    """A line for each organiser in whose name five mails came within any one day since then."""
    for organiser in event.organisers:
        came = reader.forged(event.id, organiser.address, since, _MOST)
        if any(last - first < _DAY for first, last in zip(came, came[_MANY - 1 :], strict=False)):
            yield Trouble("forged", str(organiser.address), came[0])
