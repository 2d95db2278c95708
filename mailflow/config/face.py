"""What an event shows to people, as one digest: when it changes, calendars and letters have to be told."""

import hashlib
import json

from mailflow.model.event import Event, Localized

# A face ends in people's calendars: another way of computing it would move the revision of every event at the next
# start, and so write to everybody. Hence names and order written out, and a test that pins the seed event's digest.


def face(event: Event) -> str:
    """SHA-256, in hex, over titles, times, venue, programme and texts; not over capacity, opens, closes, questions."""
    venue = event.venue
    shown = [
        ["title", _pairs(event.title)],
        ["short_title", _pairs(event.short_title)],
        ["languages", list(event.languages)],
        ["timezone", event.timezone],
        ["starts", event.starts.isoformat()],
        ["ends", event.ends.isoformat()],
        ["doors", event.doors.isoformat() if event.doors else ""],
        ["host", event.host],
        ["included", _pairs(event.included)],
        ["description", _pairs(event.description)],
        ["venue", [venue.name, _pairs(venue.floor), venue.street, venue.city, venue.map, venue.link]],
        ["geo", list(venue.geo) if venue.geo else []],
        ["programme", [[_pairs(i.title), i.at.isoformat() if i.at else "", i.speaker, i.affiliation, _pairs(i.abstract)]
                       for i in event.programme]],
        ["intro", _pairs(event.intro)],
        ["bring", _pairs(event.bring)],
        ["material", _pairs(event.material)],
        ["page", event.page],
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(shown, ensure_ascii=False).encode()).hexdigest()


def _pairs(text: Localized) -> list[list[str]]:
    return [[language, words] for language, words in text.values]
