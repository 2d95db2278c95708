"""What the letter about a draft says: each piece that was read, what is a guess, and what is missing."""

from dataclasses import dataclass
from datetime import datetime

from mailflow.mail.address import Address
from mailflow.model.event import Event
from mailflow.model.letter import Letter
from mailflow.model.registration import Registration, Status
from mailflow.model.sketch import EventDraft, Piece
from mailflow.render import facts
from mailflow.render.facts import Fact
from mailflow.render.links import mailto
from mailflow.render.words import Words


@dataclass(frozen=True, slots=True)
class DraftWords:
    """`missing` are labels to fill in, `form` the mail with them; `drop` is the mail that ends the draft."""

    rows: tuple[Fact, ...]
    remarks: tuple[str, ...]
    missing: tuple[str, ...]
    address: str
    people: str
    example: str
    form: str
    drop: str


def draft_words(words: Words, draft: EventDraft, event: Event, maker: Address, code: str) -> DraftWords:
    """In the maker's language. `maker` is the address for new events, `code` that of the letter's button."""
    missing = draft.sketch.missing or (() if draft.file or draft.act != "make" else ("day",))
    labels = tuple(words.say("draft", f"form_{piece}") for piece in missing)
    end = words.command("drop" if draft.act == "make" else "no")
    return DraftWords(
        rows=_rows(words, draft, event, missing),
        remarks=_remarks(words, draft, event, missing),
        missing=labels,
        address=f"{draft.event}@{maker.domain}",
        people=words.count("people", draft.people, "draft"),
        example=words.say("draft", "example"),
        form=mailto(maker, f"{words.command('change')} {code}", "".join(f"{label}: \n" for label in labels)),
        drop=mailto(maker, f"{end} {code}", end),
    )


def first_seat(letter: Letter, event: Event, words: Words, code: str, now: datetime) -> Letter:
    """What the first to sign up is going to get, addressed to the maker."""
    someone = Registration(event.id, 1, code, letter.to, "", Status.CONFIRMED, words.language, now, now)
    return Letter("registered", event.id, letter.to, (words.language,), letter.state, registration=someone,
                  calendar="request")  # fmt: skip


def _rows(words: Words, draft: EventDraft, event: Event, missing: tuple[Piece, ...]) -> tuple[Fact, ...]:
    """In the order of letters.md §4, then what only an organiser has to know."""
    sketch, none = draft.sketch, words.say("draft", "missing")

    def row(label: str, value: str, *pieces: Piece, href: str = "") -> Fact:
        if not value or set(pieces) & set(missing):
            return Fact(label, none)
        guess = set(pieces) & set(sketch.guessed)
        return Fact(label, words.say("draft", "guessed", value=value) if guess else value, href)

    language = sketch.language or event.languages[0]
    diet = words.say("draft", "asked" if sketch.diet else "not_asked")
    closes = words.deadline(event.closes, event.starts) if event.closes else words.say("draft", "until_start")
    rows = [
        row(words.label("title"), sketch.title, "title"),
        row(words.label("when"), facts.when(words, event), "day", "begins"),
        row(words.label("where"), facts.where(words, event), "place", href=facts.map_link(event)),
    ]
    if link := facts.https(event.venue.link):
        rows.append(Fact(words.label("link"), link, link))
    if sketch.included:
        rows.append(row(words.label("included"), event.included.get(words.language), "included"))
    return (
        *rows,
        row(words.say("draft", "seats"), str(sketch.seats or ""), "seats"),
        row(words.say("draft", "closes"), closes, "closes"),
        row(words.say("draft", "diet"), diet, "diet"),
        row(words.say("draft", "language"), words.table["draft"].get(language, language), "language"),
    )


def _remarks(words: Words, draft: EventDraft, event: Event, missing: tuple[Piece, ...]) -> tuple[str, ...]:
    said = [words.say("draft", "day")] if "day" in missing else []
    guessed = draft.sketch.guessed
    said += [words.say("draft", "ends")] if "ends" in guessed and not missing else []
    said += [words.say("draft", "zone", zone=words.zone(event.timezone))] if "zone" in guessed else []
    return (*said, *([words.say("draft", "series")] if "series" in guessed else []))
