"""The facts of a registration, in the order and words of letters.md §4."""

from dataclasses import dataclass
from datetime import datetime, time
from urllib.parse import quote

from mailflow.mail.clean import person_name
from mailflow.model.event import Event, Question
from mailflow.model.given import own_words
from mailflow.model.letter import Letter, Refusal
from mailflow.model.registration import Answer, Registration
from mailflow.render.words import Words

_HEADLINE = 24


@dataclass(frozen=True, slots=True)
class Fact:
    """One row: `Label:  value`, and below the value a link (https) when there is one."""

    label: str
    value: str
    href: str = ""


@dataclass(frozen=True, slots=True)
class Changed:
    """One row of what has changed: `Label: now`, and what it was before."""

    label: str
    now: str
    before: str


@dataclass(frozen=True, slots=True)
class Talk:
    """One line of the programme; `at` is "" for what follows the line before, `by` names who speaks."""

    at: str
    title: str
    by: str = ""


def online(event: Event) -> bool:
    """There is a link and no place to go to: then the reader may sit in another time zone."""
    return bool(event.venue.link) and not event.venue.street and not event.venue.name


def when(words: Words, event: Event) -> str:
    """`Tuesday 27 August 2019, 12:30–16:00`; with the zone where the reader may sit in another one."""
    text = words.long(event.starts, event.ends)
    return f"{text} ({words.zone(event.timezone)})" if online(event) else text


def where(words: Words, event: Event) -> str:
    """`Eden 236, floor 2, Paradisgatan 5H, Lund`."""
    venue = event.venue
    return ", ".join(part for part in (venue.name, venue.floor.get(words.language), venue.street, venue.city) if part)


def map_link(event: Event) -> str:
    """The venue's map, made from the street address when none is given; "" without either (letters.md §4)."""
    venue = event.venue
    if venue.map or not venue.street:
        return https(venue.map)
    place = ", ".join(part for part in (venue.street, venue.city) if part)
    return f"https://www.openstreetmap.org/search?query={quote(place, safe='')}"


def https(link: str) -> str:
    """The link if it is a plain https one, else "": nothing else is ever made clickable."""
    return link if link.startswith("https://") and not any(c.isspace() or c in '<>"' for c in link) else ""


def event_facts(words: Words, event: Event) -> tuple[Fact, ...]:
    """When, where, included."""
    facts = [Fact(words.label("when"), when(words, event))]
    if place := where(words, event):
        facts.append(Fact(words.label("where"), place, map_link(event)))
    if link := https(event.venue.link):
        facts.append(Fact(words.label("link"), link, link))
    if included := event.included.get(words.language):
        facts.append(Fact(words.label("included"), included))
    return tuple(facts)


def person_facts(words: Words, event: Event, registration: Registration) -> tuple[Fact, ...]:
    """Name, guests, each question with an answer, booking code."""
    facts = []
    if name := person_name(registration.name):
        facts.append(Fact(words.label("name"), name))
    if registration.guests:
        facts.append(Fact(words.label("guests"), str(registration.guests)))
    facts.extend(
        Fact(question.label.get(words.language), text)
        for question in event.questions
        if (text := answer_text(words, question, registration.answer(question.id)))
    )
    facts.append(Fact(words.label("code"), registration.code))
    return tuple(facts)


def changed(words: Words, event: Event, before: Registration, after: Registration) -> tuple[Changed, ...]:
    """What differs in name, guests and answers. What is not there is said in words: a blank tells nobody anything."""
    rows = [(words.label("name"), person_name(after.name), person_name(before.name))]
    if after.guests != before.guests:
        none = words.label("no_guests")
        rows.append((words.label("guests"), str(after.guests or none), str(before.guests or none)))
    for question in event.questions:
        now, was = (answer_text(words, question, one.answer(question.id)) for one in (after, before))
        rows.append((question.label.get(words.language), now, was))
    empty = words.label("not_given")
    return tuple(Changed(label, now or empty, was or empty) for label, now, was in rows if now != was)


def headline(rows: tuple[Changed, ...]) -> str:
    """`Diet: vegan → vegetarian`, of the first two rows: a preview line has no room for more, nor for long answers."""
    return " · ".join(f"{row.label}: {_short(row.before)} → {_short(row.now)}" for row in rows[:2])


def _short(text: str) -> str:
    return text if len(text) <= _HEADLINE else text[:_HEADLINE].rstrip() + "…"


def refusals(words: Words, event: Event, refused: tuple[Refusal, ...]) -> tuple[str, ...]:
    """A sentence for each thing that was asked for and not done."""
    return tuple(_refusal(words, event, one) for one in refused)


def _refusal(words: Words, event: Event, refused: Refusal) -> str:
    if refused.kind != "option":
        return words.count(refused.kind, refused.number, "refused")
    question = next(question for question in event.questions if question.id == refused.question)
    label, option = question.label.get(words.language), option_label(words, question, refused.option)
    return words.say("refused", "option", label=label, option=option)


def asked(words: Words, letter: Letter) -> tuple[str, ...]:
    """What becomes of the people whom a mail named: the same for all, so that it tells nothing about any of them."""
    counts = ((letter.asked, "named"), (letter.unasked, "more"))
    return tuple(words.count(key, number, "others") for number, key in counts if number)


def missing(words: Words, event: Event, registration: Registration) -> tuple[str, ...]:
    """Labels of the questions without an answer."""
    return tuple(
        question.label.get(words.language)
        for question in event.questions
        if not answer_text(words, question, registration.answer(question.id))
    )


def answer_text(words: Words, question: Question, answer: Answer | None) -> str:
    """What was answered: the options' labels, and the person's own words wherever they say more than the labels."""
    if answer is None:
        return ""
    labels = ", ".join(option_label(words, question, option) for option in answer.options)
    own = own_words(question, answer)
    if labels and own:
        return f"{labels} ({words.quoted(own)})"
    return labels or own


def option_label(words: Words, question: Question, option: str) -> str:
    """The option's label in this language; `yes` and `no` have one of ours; an unknown id stands for itself."""
    for known in question.options:
        if known.id == option:
            return known.label.get(words.language) or option
    return words.label(option) if option in ("yes", "no") else option


def programme(words: Words, event: Event) -> tuple[Talk, ...]:
    """The programme in the order of the day."""
    return tuple(
        Talk(
            _clock(words, event, item.at),
            item.title.get(words.language),
            ", ".join(part for part in (item.speaker, item.affiliation) if part),
        )
        for item in event.programme
    )


def _clock(words: Words, event: Event, at: time | None) -> str:
    return words.time(datetime.combine(event.starts.date(), at)) if at else ""  # wall time: the zone adds nothing
