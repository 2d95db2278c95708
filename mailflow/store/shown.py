"""What an event's file said since people were last told of it, as JSON that people can read in the file."""

import json
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from mailflow.model.announced import Announced, Shown
from mailflow.model.event import Localized
from mailflow.store.session import json_of, moment_of, text_of, text_or_null


def announced_text(faces: tuple[Announced, ...]) -> str:
    """All of them, the oldest first."""
    return json_of([
        {
            "revision": face.revision,
            "at": text_of(face.at),
            "title": face.shown.title.values,
            "timezone": face.shown.timezone,
            "starts": text_of(face.shown.starts),
            "ends": text_of(face.shown.ends),
            "place": face.shown.place,
            "floor": face.shown.floor.values,
            "link": face.shown.link,
            "included": face.shown.included.values,
            "doors": text_or_null(face.shown.doors),
        }
        for face in faces
    ])  # fmt: skip


def announced_of(text: str) -> tuple[Announced, ...]:
    """What `announced_text` wrote."""
    return tuple(map(_announced, json.loads(text)))


def localized_text(text: Localized) -> str:
    """Pairs of language and text."""
    return json_of(text.values)


def localized_of(text: str) -> Localized:
    """What `localized_text` wrote."""
    return _localized(json.loads(text))


def _announced(row: dict[str, Any]) -> Announced:
    name, street, city = row["place"]
    shown = Shown(
        title=_localized(row["title"]),
        timezone=row["timezone"],
        starts=_local(row["starts"], row["timezone"]),
        ends=_local(row["ends"], row["timezone"]),
        place=(name, street, city),
        floor=_localized(row["floor"]),
        link=row["link"],
        included=_localized(row["included"]),
        doors=_local(row["doors"], row["timezone"]) if row["doors"] else None,
    )
    return Announced(row["revision"], moment_of(row["at"]), shown)


def _localized(pairs: list[list[str]]) -> Localized:
    return Localized(tuple((language, text) for language, text in pairs))


def _local(text: str, timezone: str) -> datetime:
    return moment_of(text).astimezone(ZoneInfo(timezone))
