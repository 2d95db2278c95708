"""The words of one letter in both forms, from one file: subject, text, HTML (letters.md §2, §4, §6)."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape
from math import ceil
from typing import Any

from mailflow.mail.address import Address
from mailflow.mail.clean import clean, person_name
from mailflow.mail.message import Attachment
from mailflow.mail.outline import File
from mailflow.model.event import Event, Localized
from mailflow.model.letter import Letter
from mailflow.model.registration import Registration
from mailflow.render import context, facts
from mailflow.render.commands import command, examples
from mailflow.render.digest import NAMES, digest_words
from mailflow.render.door_list import door_words
from mailflow.render.event_draft import draft_words
from mailflow.render.kept import Kept
from mailflow.render.links import command_links, mailto
from mailflow.render.moved import moved
from mailflow.render.templates import BETWEEN, Sheet
from mailflow.render.transcript import is_cut, transcript_words, whole
from mailflow.render.words import Words
from mailflow.render.wrap import tidy

# A phone client clips a letter at about 20 KB (letters.md §4).
HTML_OCTETS = 18 * 1024
_FOR_ORGANISERS = (
    "question_forwarded", "digest", "door_list", "late_cancellation", "event_published", "transcript",
)  # fmt: skip
# Lists that are cut to the size of a letter; the attached file has everybody.
_LISTS = ("digest", "door_list", "transcript")
_FACTS_OF_PERSON = (
    "registered", "promoted", "offered", "waitlisted", "status", "updated", "my_data", "reminder", "applied",
)  # fmt: skip
# A quote longer than this goes into a file, so that the HTML stays under the size at which phones clip it.
_QUOTE_OCTETS = 9_000
_NO_QUOTE_OCTETS = 1_500
# Of the domains whose people may sign up, so many are named.
_DOMAINS = 10
# An announcement as it goes out, filled in, and as later letters repeat the latest one: those have much to say besides.
_TOLD = 10_000
_LATEST = 1_000
_BLANK = re.compile(r"\n[\n ]+")
_BETWEEN_LANGUAGES = "\n" + "–" * 24 + "\n\n"


@dataclass(frozen=True, slots=True)
class Occasion:
    """What a letter is drawn from, beside its templates. `invited`: a calendar part goes with it. `order`: the words of
    the event's own language, in whose alphabet lists stand.
    """

    letter: Letter
    event: Event
    address: Address
    challenge_code: str
    confirm_within: timedelta
    contact: str
    now: datetime
    invited: bool
    kept: Kept
    backups: timedelta = timedelta(days=14)
    order: Words | None = None


@dataclass(frozen=True, slots=True)
class Drawing:
    """`files` are those that hold what the letter itself has no room for."""

    subject: str
    text: str
    html: str
    files: tuple[File, ...]


def draw(occasion: Occasion, sheets: tuple[Sheet, ...]) -> Drawing:
    """The letter in the languages of `sheets`: one, or two with a rule between them. Raises jinja2.TemplateError."""
    if occasion.letter.kind not in _LISTS:
        return _draw(occasion, sheets, NAMES)
    for names in (2 * NAMES, NAMES, 12, 6, 3)[occasion.letter.kind != "transcript" :]:
        drawing = _draw(occasion, sheets, names)
        if len(drawing.html.encode()) <= HTML_OCTETS:
            break
    return drawing


def _draw(occasion: Occasion, sheets: tuple[Sheet, ...], names: int) -> Drawing:
    quote, rest = _excerpt(occasion.letter)
    contexts = [_context(occasion, sheet.words, quote, names, cut=bool(rest)) for sheet in sheets]
    halves = []
    for sheet, values in zip(sheets, contexts, strict=True):
        text = sheet.text.render(values, layout=sheet.text_layout, b=sheet.text_macros)
        halves.append(text.split(BETWEEN, 3))
    subject = " / ".join(" ".join(half[0].split()) for half in halves)
    whole = {
        "subject": subject,
        "preheader": " ".join(" ".join(half[1].split()) for half in halves),
    }
    pages = [
        sheet.html.render(
            {**values, **whole},
            layout=sheet.html_layout,
            b=sheet.html_macros,
            opens=number == 0,
            closes=number == len(sheets) - 1,
        )
        for number, (sheet, values) in enumerate(zip(sheets, contexts, strict=True))
    ]
    return Drawing(
        subject=subject,
        text=_BETWEEN_LANGUAGES.join(tidy(f"{' '.join(half[2].split())}\n\n{half[3]}") for half in halves),
        html=_compact("".join(pages)),
        files=_files(occasion, sheets[0].words, rest, names),
    )


def _files(occasion: Occasion, words: Words, rest: str, names: int) -> tuple[File, ...]:
    """A quote that is too long for the letter; every line of a long transcript."""
    told = occasion.letter.transcript
    if told is not None and is_cut(told, names):
        return (File("transcript.txt", "text/plain", whole(words, told).encode("utf-8", "replace")),)
    return (File("mail.txt", "text/plain", rest.encode("utf-8", "replace")),) if rest else ()


def _compact(html: str) -> str:
    """Without empty lines and blanks at line starts. No macro draws text that needs either."""
    return _BLANK.sub("\n", html).strip() + "\n"


def _excerpt(letter: Letter) -> tuple[str, str]:
    """The quote that fits into the letter, and the whole of it when something had to be left out."""
    limit = _QUOTE_OCTETS if letter.kind == "question_forwarded" else _NO_QUOTE_OCTETS
    size = 0
    for at, sign in enumerate(letter.quote):
        # A line end is drawn as an element; a sign may become a reference (&amp;amp;).
        size += 5 if sign == "\n" else len(escape(sign).encode("utf-8", "replace"))
        if size > limit:
            short = letter.quote[:at].rstrip() + " …"
            return short, letter.quote if letter.kind == "question_forwarded" else ""
    return letter.quote, ""


def _context(occasion: Occasion, words: Words, quote: str, names: int, *, cut: bool) -> dict[str, Any]:
    """All names that a letter file may use (docs/letters.md lists them)."""
    letter, event, state, now = occasion.letter, occasion.event, occasion.letter.state, occasion.now
    kept, lang = occasion.kept, words.language
    today = event.local(now).date()
    about = kept.get(
        event,
        ("words", lang, state.opens, state.closes, today),
        lambda: context.event_words(words, event, state, occasion.address, occasion.contact, now),
    )
    who = context.person(words, letter)
    registration = letter.registration if letter.proved else None
    yes = "yes" if occasion.challenge_code or letter.variant != "ask_register" else "register"
    if letter.draft is not None and letter.draft.act == "make":
        yes = "publish"
    closed_on = about.closes if state.closes and state.closes <= now else ""
    missing = facts.missing(words, event, registration) if registration and letter.kind == "registered" else ()
    programme = letter.kind in ("registered", "promoted", "reminder")
    changes = facts.changed(words, event, letter.before, registration) if letter.before and registration else ()
    asked = facts.asked(words, letter)
    refused = facts.refusals(words, event, letter.refused)
    values: dict[str, Any] = {
        "lang": words.language,
        "eyebrow": " · ".join(part for part in (about.host, about.short_title) if part),
        "event": about,
        "person": who,
        "approval": event.approval,
        "seats": context.seats(words, event, state, registration),
        "links": command_links(words, occasion.address, who.code, occasion.challenge_code, yes),
        "facts": _facts(kept, words, event, letter, registration),
        "programme": kept.get(event, ("programme", lang), lambda: facts.programme(words, event)) if programme else (),
        "intro": context.intro(words, event, about, who, state) if letter.kind == "registered" else (),
        "changes": changes,
        "moved": moved(words, event, letter),
        "headline": facts.headline(changes),
        "refused": refused,
        "asked": asked,
        "can": examples(words, occasion.address, state) if letter.kind in (*_LISTS, "event_published") else {},
        "notes": (*(refused if letter.kind != "updated" else ()), *(asked if letter.variant != "asked" else ())),
        "variant": letter.variant,
        "proved": letter.proved,
        "calendar": occasion.invited,
        "moved_back": letter.calendar == "cancel",
        "closed_on": closed_on,
        "domains": ", ".join(event.members_only[:_DOMAINS]),
        "reminder": context.reminder(words, event, about, who, state) if letter.kind == "reminder" else None,
        "material": context.own_text(words, event, event.material, about, who, state)
        if letter.kind == "thank_you"
        else (),
        "announcement": context.announcement(
            words, event, letter.announcement, about, who, state,
            _TOLD if letter.kind == "announcement" else _LATEST,
        )
        if letter.announcement
        else None,
        "reason": context.own_text(
            words, event, Localized(((lang, letter.reason),)) if letter.reason else state.reason, about, who, state
        ),
        "offer": context.offer_end(words, event, letter, now),
        "line_open": context.line_open(event, state, now),
        "hours": context.hours(words, occasion.confirm_within),
        "backup_days": words.count("days", ceil(occasion.backups / timedelta(days=1))),
        "erase_date": kept.get(
            event, ("erase", lang), lambda: words.date(event.local(event.erased_at))
        ),
        "example": kept.get(event, ("example", lang), lambda: _example(words, event)),
        "missing": missing,
        "form": _form(words, occasion.address, who.code, missing),
        "quote": quote,
        "cut": cut,
        "attachments": bool(letter.cause and letter.cause.attachments),
        "footer": _footer(words, letter, about, who) if letter.kind != "event_draft" else (
            words.say("footer", "maker", event_address=about.address, contact=occasion.contact),
        ),
        "passed_on": words.say("footer", "passed_on", contact=about.contact) if letter.passed_on else "",
        "silence": words.say("footer", "silence") if letter.last_for_an_hour else "",
    }
    if letter.kind == "question_forwarded":
        values.update(_question(words, letter, occasion.address))
    if letter.transcript is not None:
        values["t"] = transcript_words(words, letter, event, now, names)
    if letter.kind == "digest":
        values["d"] = digest_words(words, letter, event, occasion.address, now, names)
    if letter.draft is not None:
        values["draft"] = draft_words(words, letter.draft, event, occasion.address, occasion.challenge_code)
    if letter.door_list is not None:
        values["door"] = door_words(words, occasion.order or words, letter, event, now, names)
    return values


def _facts(
    kept: Kept, words: Words, event: Event, letter: Letter, registration: Registration | None
) -> tuple[facts.Fact, ...]:
    known = kept.get(event, ("facts", words.language), lambda: facts.event_facts(words, event))
    if registration is None or letter.kind not in _FACTS_OF_PERSON or context.standing(registration) == "none":
        return known
    return (*known, *facts.person_facts(words, event, registration))


def _example(words: Words, event: Event) -> str:
    """`Diet: gluten-free`: the first question that has options, with one of them. "" when there is no question."""
    for question in event.questions:
        if question.options:
            option = question.options[min(2, len(question.options) - 1)]
            return f"{question.label.get(words.language)}: {option.label.get(words.language)}"
    return ""


def _form(words: Words, address: Address, code: str, labels: tuple[str, ...]) -> str:
    """The form as a mail to fill in. The subject is no command: what counts is the lines."""
    return mailto(address, f"{words.command('change')} {code}".rstrip(), "".join(f"{label}: \n" for label in labels))


def _footer(words: Words, letter: Letter, about: context.EventWords, who: context.Person) -> tuple[str, ...]:
    if letter.kind in _FOR_ORGANISERS:
        return (words.say("footer", "organiser", short=about.short_title),)
    if letter.registration is not None and who.standing in ("seat", "waiting"):
        why = words.say("footer", "registered", address=who.address)
    elif letter.variant == "named":
        why = words.say("footer", "named")
    elif not letter.proved:
        why = words.say("footer", "unproved")
    elif letter.registration is not None and letter.kind != "please_confirm":
        why = words.say("footer", "registered", address=who.address)
    else:
        why = words.say("footer", "wrote", event_address=about.address)
    forms = words.table["footer"]["contact"]
    return (why, forms[min(about.contacts, 2)].format_map({"contact": about.contact}))


def _question(words: Words, letter: Letter, address: Address) -> dict[str, Any]:
    cause = letter.cause
    sender = str(cause.sender) if cause and cause.sender else ""
    return {
        "sender": {
            "name": (person_name(cause.sender_name) if cause else "") or sender,
            "address": sender,
            "subject": clean(cause.subject, 300).rstrip(".") if cause else "",
            "proved": bool(cause and cause.proved),
            "status": context.status_text(words, letter.registration, letter.place, "their_status"),
        },
        "files": tuple(_file(file) for file in cause.attachments[:20]) if cause else (),
        # An answer to this letter goes to the sender, so the letter says where the command goes.
        "done": command(words, address, "done", f"F-{letter.question}") if letter.question else None,
    }


def _file(file: Attachment) -> str:
    """`poster.pdf (340 kB)`; the size is that of the decoded file, about three quarters of what came."""
    size = file.octets * 3 // 4
    shown = f"{size} B" if size < 1000 else f"{size / 1000:.0f} kB" if size < 1_000_000 else f"{size / 1e6:.1f} MB"
    return f"{clean(file.name, 120) or file.content_type} ({shown})"
