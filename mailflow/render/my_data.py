"""my-data.json: all that is held about one person, for them and for whatever program they like to read it with."""

import json
from datetime import datetime

from mailflow.model.dossier import Dossier
from mailflow.model.event import Event
from mailflow.model.registration import Registration


def my_data_octets(dossier: Dossier, event: Event, now: datetime) -> bytes:
    """UTF-8 JSON with indentation; times are ISO 8601 in UTC, words are those that the database uses."""
    table = {
        "event": event.id,
        "title": dict(event.title.values),
        "address": str(dossier.address),
        "made": _iso(now),
        "erased_at_the_latest": _iso(event.erased_at),
        "registrations": [_registration(one) for one in dossier.registrations],
        "history": [
            {"number": one.number, "at": _iso(one.at), "what": one.what, "status": one.status}
            for one in dossier.history
        ],
        "letters": [
            {"letter": one.kind, "subject": one.subject, "written": _iso(one.created), "state": one.state,
             "sent": _iso(one.sent_at)}
            for one in dossier.letters
        ],
        "mails": [
            {"received": _iso(one.received), "state": one.state, "read_as": one.intent, "subject": one.subject,
             "proof": one.proof, "octets": one.octets,
             "source": None if one.source is None else one.source.decode("utf-8", "replace")}
            for one in dossier.mails
        ],
        "said_in_the_calendar": [
            {"number": one.number, "kind": one.kind, "at": _iso(one.at), "text": one.text, "time": _iso(one.starts)}
            for one in dossier.notes
        ],
        "letters_that_came_back": [
            {"number": one.number, "at": _iso(one.at), "how": one.severity, "reason": one.reason}
            for one in dossier.bounces
        ],
        "asked_to_confirm": [
            {"act": one.act, "asked": _iso(one.created), "until": _iso(one.expires), "state": one.state}
            for one in dossier.asked
        ],
        "handed_to_the_organisers": [
            {"number": f"F-{one.number}", "asked": _iso(one.asked), "subject": one.subject}
            for one in dossier.questions
        ],
    }  # fmt: skip
    return json.dumps(table, ensure_ascii=False, indent=1).encode("utf-8", "replace") + b"\n"


def _registration(one: Registration) -> dict[str, object]:
    return {
        "number": one.number, "booking_code": one.code, "address": str(one.address), "name": one.name,
        "status": one.status.value, "since": _iso(one.since), "registered": _iso(one.registered_at),
        "language": one.language, "guests": one.guests, "place_in_line": one.place or None,
        "answers": [{"question": a.question, "options": list(a.options), "text": a.text} for a in one.answers],
        "calendar": one.partstat, "calendar_answered": _iso(one.answered_at), "undeliverable": one.undeliverable,
        "held_until": _iso(one.until), "applied": _iso(one.applied), "reminders": one.reminders, "thread": one.thread,
        "door_list_number": one.door_number or None, "marked_absent": one.absent,
    }  # fmt: skip


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
