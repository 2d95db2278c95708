"""Announcements: what an organiser's text says in which language, and who is told (letters.md §2, `announcement`)."""

from dataclasses import replace
from datetime import datetime
from typing import Literal

from mailflow.desk.draft import to_person
from mailflow.mail.clean import clean
from mailflow.model.announcement import STATUSES, Announcement, Draft
from mailflow.model.decision import Decision, View
from mailflow.model.event import Localized
from mailflow.model.registration import Registration, Status

SUBJECT_MOST, TEXT_MOST = 100, 5000
# A hundred paragraphs of one word would be larger in HTML than a phone shows.
LINES_MOST = 99

Fault = Literal["no_subject", "long_subject", "no_text", "long_text", "many_lines", "twice"]
# For a transcript or a terminal; a letter would need words in both languages.
FAULTS: dict[Fault, str] = {
    "no_subject": "The first line of each language is its subject; there is none.",
    "long_subject": f"A subject may have {SUBJECT_MOST} characters.",
    "no_text": "There is a subject and no text below it.",
    "long_text": f"A text may have {TEXT_MOST} characters.",
    "many_lines": f"A text may have {LINES_MOST} lines.",
    "twice": "A language is there twice.",
}


def announcement_of(text: str, languages: tuple[str, ...], subject: str = "") -> Draft | Fault:
    """The announcement that is written in `text`, or what is wrong with it.

    The first line is the subject, unless it is given (ANNOUNCE and its subject in one line); the rest is the text. A
    line `--- sv ---` begins the same in Swedish, for each of the event's `languages`; any other such line is text. Of
    the words above the first such line nobody has said the language: they are for whoever has no other.
    """
    if len(text) > (len(languages) + 1) * 2 * TEXT_MOST:
        return "long_text"
    sections: dict[str, list[str]] = {}
    language, lines = "", [subject] if subject.strip() else []
    for raw in text.splitlines():
        named = _language(raw, languages)
        if named is None:
            # A line that goes on with the entry of a list is known by its blank.
            lines.append(" " * raw[:1].isspace() + clean(raw, TEXT_MOST + 1))
            continue
        above = any(line.strip() for line in lines)
        # The subject that stands beside ANNOUNCE is that of the language that follows.
        follows = not language and above and not any(line.strip() for line in lines[bool(subject.strip()) :])
        if language or (above and not follows):
            sections[language] = lines
        if named in sections:
            return "twice"
        language, lines = named, lines[:1] if follows else []
    sections[language] = lines
    told: list[tuple[str, str, str]] = []
    for name, written in sections.items():
        found = _section(name, written)
        if isinstance(found, str):
            return found
        told.append(found)
    return Draft(
        Localized(tuple((name, head) for name, head, _ in told)),
        Localized(tuple((name, body) for name, _, body in told)),
    )


def _language(line: str, languages: tuple[str, ...]) -> str | None:
    """`--- sv ---`: the language, when it is one of the event's."""
    words = line.split()
    if len(words) != 3 or words[0] != "---" or words[2] != "---":
        return None
    return words[1].casefold() if words[1].casefold() in languages else None


def _section(language: str, lines: list[str]) -> tuple[str, str, str] | Fault:
    head, _, rest = "\n".join(lines).strip("\n ").partition("\n")
    subject, body = clean(head, SUBJECT_MOST + 1), rest.strip("\n")
    if not subject:
        return "no_subject"
    if len(subject) > SUBJECT_MOST:
        return "long_subject"
    if not body.strip():
        return "no_text"
    if len(body) > TEXT_MOST:
        return "long_text"
    return "many_lines" if body.count("\n") >= LINES_MOST else (language, subject, body)


def tell(view: View, now: datetime) -> Decision:
    """`announcement` to `view.located`; the reason why not to who is none of its audience (any more).

    Who took a seat since it was written has read it in the letter that gave the seat.
    """
    one, said = view.located, view.announcement
    if one is None or said is None or now >= view.event.erased_at:
        return Decision("ignored", "nothing to tell")
    if why := _not_told(one, said):
        return Decision("ignored", why)
    letter = to_person(view.event, view.state, "announcement", one)
    languages = letter.languages
    if len(said.draft.text.values) < len(languages):
        # The same words twice, beneath each other, are of no use to who reads either language.
        languages = languages[:1]
    return Decision("done", "told", letters=(replace(letter, languages=languages, notice=True, announcement=said),))


def _not_told(one: Registration, said: Announcement) -> str:
    if one.status not in STATUSES[said.audience]:
        return f"is {one.status}"
    if one.status is Status.CONFIRMED and one.since >= said.at:
        return "read it in the confirmation"
    if not one.reminders:
        return "wants no announcements"
    return "letters come back" if one.undeliverable else ""
