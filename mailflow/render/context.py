"""What a letter's template may see: plain values, in the letter's language. Nothing here has a method worth calling."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from mailflow.mail.address import Address
from mailflow.mail.clean import clean, first_name, person_name
from mailflow.model.announcement import Announcement
from mailflow.model.event import Event, EventState, Localized, window
from mailflow.model.letter import Letter
from mailflow.model.registration import Registration, Status
from mailflow.render import facts
from mailflow.render.placeholders import Block, fill, prose
from mailflow.render.words import Words

# What to bring is repeated in the line that a list of mails shows, if it fits there.
_SHORT_BRING = 40
# So much of an announcement is shown there (letters.md §8).
_OPENING = 80


@dataclass(frozen=True, slots=True)
class EventWords:
    """`closes` and `opens` are "" when no such time is set; `contact` is never "" and `contacts` counts its names."""

    title: str
    short_title: str
    when: str
    when_short: str
    date: str
    where: str
    opens: str
    closes: str
    contact: str
    contacts: int
    address: str
    host: str


@dataclass(frozen=True, slots=True)
class Person:
    """Who is written to. `name` and `first_name` are "" where nothing may be said that the sender wrote.

    `standing` is one of seat, waiting, pending, applied, none.
    """

    address: str
    name: str
    first_name: str
    code: str
    standing: str
    status: str
    place: int


@dataclass(frozen=True, slots=True)
class Seats:
    """Numbers as text; `all` is "" for an event without a limit. `mode` is that of the waiting list.

    `left` are those that nobody has, "" for none: the line stops before them while its first is a larger party.
    `party` is how many the person of the letter takes, guests included.
    """

    all: str
    left: str
    party: str
    taken: str
    waiting: str
    mode: str
    offer: str
    undo: str


def event_words(
    words: Words, event: Event, state: EventState, address: Address, contact: str, now: datetime
) -> EventWords:
    """The event in this language. `contact` stands in where no organiser takes questions."""
    here = event.local(now)
    names = contacts(event)
    return EventWords(
        title=event.title.get(words.language),
        short_title=event.short_title.get(words.language),
        when=facts.when(words, event),
        when_short=words.short(event.starts, here),
        date=words.date(event.starts),
        where=facts.where(words, event),
        opens=words.deadline(event.local(state.opens), here) if state.opens else "",
        closes=words.deadline(event.local(state.closes), here) if state.closes else "",
        contact=words.listed(names) or clean(contact, 200) or event.host or event.short_title.get(words.language),
        contacts=max(1, len(names)),
        address=str(address),
        host=event.host,
    )


def contacts(event: Event) -> tuple[str, ...]:
    """Names of the organisers who take questions."""
    return tuple(organiser.name for organiser in event.organisers if organiser.questions and organiser.name)


def standing(registration: Registration | None) -> str:
    """The word for `[status]` in language.toml."""
    if registration is not None and registration.applied is not None:
        return "applied"
    match registration.status if registration else None:
        case Status.CONFIRMED:
            return "seat"
        case Status.WAITING:
            return "waiting"
        case Status.PENDING | Status.OFFERED:
            return "pending"
        case _:
            return "none"


def status_text(words: Words, registration: Registration | None, place: int, section: str = "status") -> str:
    """One of the sentences of `[status]`, said to the person, or of `[their_status]`, said about them."""
    key = standing(registration)
    if key == "waiting" and not place:
        key = "line"
    return words.say(section, key, n=place)


def person(words: Words, letter: Letter) -> Person:
    """The person of a letter. A letter to an unproved address says no name (letters.md §1.7)."""
    registration = letter.registration
    name = ""
    if letter.proved:
        name = person_name(registration.name if registration else letter.to_name)
    return Person(
        address=str(letter.to),
        name=name,
        first_name=first_name(name),
        code=registration.code if registration else "",
        standing=standing(registration),
        status=status_text(words, registration, letter.place),
        place=letter.place,
    )


def seats(words: Words, event: Event, state: EventState, registration: Registration | None) -> Seats:
    """What is in force now."""
    line = event.waiting_list
    return Seats(
        all="" if state.capacity is None else str(state.capacity),
        left=str(state.capacity - state.taken) if state.capacity is not None and state.free() else "",
        party=str(registration.seats if registration else 1),
        taken=str(state.taken),
        waiting=str(state.waiting),
        mode=line.mode,
        offer=words.count("hours", _whole(line.offer_for, timedelta(hours=1))),
        undo=words.count("minutes", _whole(line.undo_for, timedelta(minutes=1))) if line.undo_for else "",
    )


@dataclass(frozen=True, slots=True)
class OfferEnd:
    """When an offer ends, short for a subject and long for a sentence; both "" where nothing is offered."""

    short: str = ""
    long: str = ""


def offer_end(words: Words, event: Event, letter: Letter, now: datetime) -> OfferEnd:
    """The end of the offer that this letter makes."""
    until = letter.registration.until if letter.registration else None
    if letter.kind != "offered" or until is None:
        return OfferEnd()
    here, end = event.local(now), event.local(until)
    return OfferEnd(words.short(end, here), words.deadline(end, here))


def line_open(event: Event, state: EventState, now: datetime) -> bool:
    """Whether WAITLIST is taken now, also when registration has closed."""
    standing, line = window(event, state, now), event.waiting_list
    ended = now >= (line.until or event.starts)
    return line.mode != "off" and not ended and (standing == "open" or (line.after_closing and standing != "over"))


def _whole(span: timedelta, unit: timedelta) -> int:
    return ceil(span / unit)


def hours(words: Words, span: timedelta) -> str:
    """`48 hours`; a part of an hour counts as a whole one."""
    return words.count("hours", _whole(span, timedelta(hours=1)))


@dataclass(frozen=True, slots=True)
class ReminderWords:
    """What a reminder says beside the facts. `doors`, `venue` and `others` (who wait) are "" where there are none;
    `bring_short` is what to bring, if it is one short line.
    """

    time: str
    venue: str
    doors: str
    bring: tuple[Block, ...]
    bring_short: str
    others: str


def reminder(words: Words, event: Event, about: EventWords, who: Person, state: EventState) -> ReminderWords:
    """The event as somebody needs it who is about to leave home."""
    bring = own_text(words, event, event.bring, about, who, state)
    # As it is filled in: the same text in one line.
    lines = ["".join(span.text for span in spans) for block in bring for spans in block.entries]
    short = lines[0].strip() if len(lines) == 1 and len(lines[0]) <= _SHORT_BRING else ""
    return ReminderWords(
        time=words.time(event.starts),
        venue=event.venue.name,
        doors=words.time(event.doors) if event.doors else "",
        bring=bring,
        bring_short=short,
        others=words.count("others_wait", state.waiting),
    )


def intro(words: Words, event: Event, about: EventWords, who: Person, state: EventState) -> tuple[Block, ...]:
    """The organiser's own words of welcome."""
    return own_text(words, event, event.intro, about, who, state)


@dataclass(frozen=True, slots=True)
class AnnouncementWords:
    """What the organisers told everybody. `opening` is how the text begins, for the line that a list of mails shows."""

    subject: str
    opening: str
    text: tuple[Block, ...]


def announcement(
    words: Words, event: Event, said: Announcement, about: EventWords, who: Person, state: EventState, most: int
) -> AnnouncementWords:
    """In this language, or in the first that it was written in; the text is cut between words after `most` signs."""
    values = placeholders(words, event, about, who, state)
    # Filled first: a placeholder is shorter than what it stands for.
    blocks = prose(_short(fill(said.draft.text.get(words.language), values), most))
    spoken = " ".join("".join(span.text for span in spans) for block in blocks for spans in block.entries)
    subject = " ".join(fill(said.draft.subject.get(words.language), values).split())
    return AnnouncementWords(subject, _short(spoken, _OPENING), blocks)


def _short(text: str, most: int) -> str:
    if len(text) <= most:
        return text
    cut = text[: most - 1]
    # At the last blank, or line end, if there is one in its second half.
    at = max(cut.rfind(" "), cut.rfind("\n"))
    return (cut[:at] if at > most // 2 else cut).rstrip() + "…"


def own_text(
    words: Words, event: Event, text: Localized, about: EventWords, who: Person, state: EventState
) -> tuple[Block, ...]:
    """A text of the organiser's with its placeholders filled."""
    return prose(fill(text.get(words.language), placeholders(words, event, about, who, state)))


def placeholders(
    words: Words, event: Event, about: EventWords, who: Person, state: EventState
) -> dict[str, str]:  # fmt: skip
    """What stands for each of `PLACEHOLDERS`, for this reader."""
    return {
        "first_name": who.first_name,
        "name": who.name,
        "title": about.title,
        "short_title": about.short_title,
        "date": about.date,
        "time": words.time(event.starts),
        "venue": event.venue.name or about.where,
        "booking_code": who.code,
        "closes": about.closes,
        "contact": about.contact,
        "seats": "" if state.capacity is None else str(state.capacity),
        "taken": str(state.taken),
        "waiting": str(state.waiting),
    }
