"""What a decision changes, as rows for `--json` and for people."""

from mailflow.model.decision import (
    Announced,
    Bounced,
    CalledOff,
    ChallengeClosed,
    Challenged,
    Decision,
    Erased,
    Muted,
    Noted,
    OrganiserChange,
    OrganiserNoted,
    QuestionDone,
    QuestionOpened,
    Ruled,
    Saved,
)
from mailflow.model.registration import Answer, Registration


def changes_as_rows(  # noqa: C901, PLR0912  one case for each kind of change is the plainest form of this table
    decision: Decision | None,
) -> list[dict[str, object]]:
    """The changes as plain values for `--json`."""
    rows: list[dict[str, object]] = []
    for change in decision.changes if decision else ():
        match change:
            case Saved(what="answered", before=Registration() as before, after=after):
                rows += _answers(before, after)
            case Saved(what="language", before=before, after=after):
                was = before.language if before else None
                rows.append({"change": "language", "code": after.code, "before": was, "after": after.language})
            case Saved(what=what, before=before, after=after):
                was = str(before.status) if before else None
                rows.append({"change": what, "code": after.code, "before": was, "after": str(after.status)})
            case Noted(note=note):
                rows.append({"change": f"calendar_{note.kind}", "number": note.number, "text": note.text,
                             "time": note.starts})  # fmt: skip
            case Erased(before=before):
                rows.append({"change": "erased", "code": before.code if before else ""})
            case QuestionDone(number=number):
                rows.append({"change": "question_done", "number": f"F-{number}"})
            case QuestionOpened(number=number):
                rows.append({"change": "question_opened", "number": f"F-{number}"})
            case ChallengeClosed(challenge=challenge, state=state):
                rows.append({"change": f"challenge_{state}", "act": challenge.act, "expires": challenge.expires})
            case Bounced(bounce=bounce):
                rows.append({"change": "came_back", "number": bounce.number, "severity": bounce.severity})
            case Muted():
                rows.append({"change": "letters_dropped", "number": change.number})
            case Challenged(challenge=opened):
                rows.append({"change": "challenge_open", "act": opened.act, "expires": opened.expires})
            case Announced(audience=audience):
                rows.append({"change": "announced", "to": audience})
            case _:
                rows += _of_event(change)
    return rows


def _of_event(change: OrganiserChange) -> list[dict[str, object]]:
    """What an organiser's command changes of the event itself; how it can be taken back is no change."""
    match change:
        case Ruled():
            return [{"change": "in_force", "closed": change.closed, "opens": change.opens, "closes": change.closes,
                     "capacity": change.capacity}]  # fmt: skip
        case CalledOff(reason=reason):
            return [{"change": "event_called_off", "reason": next(iter(reason.texts), "")}]
        case OrganiserNoted(note=known):
            return [{"change": "organiser", "digest": known.digest, "added": known.added}]
        case _:
            return []


def _answers(before: Registration, after: Registration) -> list[dict[str, object]]:
    """One row for each question whose answer is another one now."""
    asked = dict.fromkeys(answer.question for answer in (*before.answers, *after.answers))
    rows: list[dict[str, object]] = []
    for question in asked:
        was, now = before.answer(question), after.answer(question)
        if was != now:
            rows.append({"change": "answered", "code": after.code, "question": question,
                         "before": _said(was), "after": _said(now)})  # fmt: skip
    return rows


def _said(answer: Answer | None) -> list[str]:
    return [] if answer is None else [*answer.options] or [answer.text]
