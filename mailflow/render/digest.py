"""What an organiser reads in the morning (letters.md §9): a Digest as lines in the organiser's language."""

import unicodedata
from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from mailflow.mail.address import Address
from mailflow.mail.clean import clean, mixed_alphabets, person_name
from mailflow.model.event import Event, EventState, Question
from mailflow.model.given import own_words
from mailflow.model.letter import Digest, Letter
from mailflow.model.registration import Registration, Status
from mailflow.render import facts
from mailflow.render.commands import Suggestion, suggestions
from mailflow.render.tasks import Task, tasks
from mailflow.render.words import Words

# A larger digest would be clipped by phones; the attached list has everybody (letters.md §4).
NAMES = 25
_KITCHEN = "diet"
# Those who have not answered are named as long as they can be asked in passing; the list has everybody.
_SILENT_NAMES = 8
_PRESSED = (("accepted", "ACCEPTED"), ("tentative", "TENTATIVE"), ("silent", "NEEDS-ACTION"))


@dataclass(frozen=True, slots=True)
class Bar:
    """`part` of `whole`, in words and in per cent; `whole` 0 draws no bar."""

    label: str
    part: int
    whole: int
    percent: int


@dataclass(frozen=True, slots=True)
class Total:
    """How often each option of one question was chosen."""

    title: str
    caption: str
    rows: tuple[facts.Fact, ...]


@dataclass(frozen=True, slots=True)
class DigestWords:
    """All that the template prints; empty tuples are sections that are left out."""

    called_off: str
    numbers: str
    to_do: str
    date: str
    since: str
    last: str
    quiet: bool
    changes: str
    counts: tuple[str, ...]
    waiting: str
    days_left: str
    seats: str
    bars: tuple[Bar, ...]
    answers: tuple[str, ...]
    said: tuple[str, ...]
    tasks: tuple[Task, ...]
    new: tuple[str, ...]
    gone: tuple[str, ...]
    kitchen: tuple[facts.Fact, ...]
    eaters: str
    own_words: tuple[str, ...]
    totals: tuple[Total, ...]
    upcoming: tuple[facts.Fact, ...]
    can: tuple[Suggestion, ...]


def digest_words(
    words: Words, letter: Letter, event: Event, address: Address, now: datetime, most: int = NAMES
) -> DigestWords:
    """The digest of `letter`, at most `most` names in each list; the numbers are always those of everybody."""
    digest = letter.digest or Digest(since=None)
    state = letter.state
    here = event.local(now)
    last = words.relative(event.local(digest.since), here) if digest.since else ""
    counts = [("new", len(digest.new)), ("gone", len(digest.gone))]
    moves = (("moved", len(digest.moved)), ("accepted", digest.accepted), ("applied", digest.applied))
    more = [(key, n) for key, n in moves if n]
    kitchen = next((q for q in event.questions if q.id == _KITCHEN), None)
    return DigestWords(
        called_off=words.count("called_off", digest.told) if state.called_off else "",
        numbers=_numbers(digest, state),
        to_do=words.count("to_do", len(digest.troubles)) if digest.troubles else "",
        date=words.date_short(event.starts, here),
        since=words.say("digest", "since", last=last) if last else words.say("digest", "so_far"),
        last=last,
        quiet=digest.quiet and bool(last),
        changes=", ".join(words.count(key, n) for key, n in counts),
        counts=tuple(words.count(key, n) for key, n in (*counts, *more)),
        waiting=words.count("waiting", state.waiting),
        days_left=words.count("days_left", max(0, (event.starts.date() - here.date()).days)),
        seats=_seats(words, state),
        bars=_bars(words, state),
        answers=_answers(words, digest.seated),
        said=_said(words, digest, most),
        tasks=tasks(words, event, address, digest.troubles, here, most),
        can=suggestions(words, address, state, over=now >= event.ends),
        new=_names(words, (*digest.new, *digest.moved), kitchen, most),
        gone=_names(words, digest.gone, None, most),
        kitchen=_kitchen(words, kitchen, digest.seated),
        eaters=_eaters(words, digest.seated),
        own_words=_own_words(words, kitchen, digest.seated, most),
        totals=tuple(_totals(words, event, digest.seated)),
        upcoming=tuple(
            facts.Fact(words.say("upcoming", item.kind), words.deadline(event.local(item.at), here))
            for item in sorted(digest.upcoming, key=lambda item: item.at)[:NAMES]
        ),
    )


def _numbers(digest: Digest, state: EventState) -> str:
    """`38/40 (+5, −1)`; what is nought is left out."""
    plus = sum(r.status.seated for r in (*digest.new, *digest.moved))
    changes = [text for n, text in ((plus, f"+{plus}"), (len(digest.gone), f"−{len(digest.gone)}")) if n]
    text = str(state.taken) if state.capacity is None else f"{state.taken}/{state.capacity}"
    return f"{text} ({', '.join(changes)})" if changes else text


def _seats(words: Words, state: EventState) -> str:
    if state.capacity is None:
        return words.count("taken", state.taken)
    return words.say("digest", "of_seats", taken=state.taken, capacity=state.capacity)


def _bars(words: Words, state: EventState) -> tuple[Bar, ...]:
    whole = state.capacity or 0
    percent = min(100, round(100 * state.taken / whole)) if whole else 0
    label = f"{_seats(words, state)}, {words.count('waiting', state.waiting)}"
    return (Bar(label, state.taken, whole, percent),)


def _answers(words: Words, seated: tuple[Registration, ...]) -> tuple[str, ...]:
    """How many of those with a seat pressed what in their calendars, and who has not yet."""
    if not seated:
        return ()
    pressed = Counter[str](one.partstat for one in seated)
    silent = [one for one in seated if one.partstat == "NEEDS-ACTION"]
    counts = [words.count(f"calendar_{key}", pressed[partstat]) for key, partstat in _PRESSED if pressed[partstat]]
    lines = [", ".join(counts)] if counts else []
    if silent and counts:
        first = sorted(silent, key=lambda r: (words.by_surname(r.name), r.number))[:_SILENT_NAMES]
        names = ", ".join(person_name(one.name) or str(one.address) for one in first)
        more = words.count("more", len(silent) - len(first))
        lines.append(words.say("digest", "no_answer", names=f"{names} {more}".strip()))
    return tuple(lines)


def _said(words: Words, digest: Digest, most: int) -> tuple[str, ...]:
    """What people wrote beside their yes or no, in their own words."""
    lines = []
    for one, note in digest.said[:most]:
        name = person_name(one.name) or str(one.address)
        text = clean(note.text, 200)
        if note.kind == "delegated":
            lines.append(words.say("digest", "delegated" if text else "delegated_open", name=name, what=text))
        else:
            lines.append(words.say("digest", "comment", name=name, what=words.quoted(text)))
    if len(digest.said) > most:
        lines.append(words.count("more_to_do", len(digest.said) - most))
    return tuple(lines)


def _names(words: Words, people: tuple[Registration, ...], question: Question | None, most: int) -> tuple[str, ...]:
    """`Maja Lind: vegetarian`, sorted by surname; beyond 25 the number that is left."""
    lines = []
    for one in sorted(people, key=lambda r: (words.by_surname(r.name), r.number))[:most]:
        text = _left_to_right(person_name(one.name)) or str(one.address)
        if mixed_alphabets(one.name):
            text = words.say("digest", "mixed", name=text, address=one.address)
        if one.guests:
            text = f"{text} +{one.guests}"
        if one.status is Status.WAITING:
            text = words.say("digest", "waiting_place", name=text)
        answer = facts.answer_text(words, question, one.answer(question.id)) if question else ""
        lines.append(f"{text}: {clean(answer, 160)}" if answer else text)
    if len(people) > most:
        lines.append(words.count("more", len(people) - most))
    return tuple(lines)


def _left_to_right(name: str) -> str:
    """`name`, and after one that is written the other way a mark (U+200E): else a number that follows is read first."""
    other_way = any(unicodedata.bidirectional(sign) in ("R", "AL") for sign in name)
    return f"{name}\u200e" if other_way else name


def _eaters(words: Words, seated: tuple[Registration, ...]) -> str:
    """`38 people, 3 of them guests`."""
    text = words.count("people", sum(r.seats for r in seated))
    guests = sum(r.guests for r in seated)
    return f"{text}, {words.count('guests', guests)}" if guests else text


def _kitchen(words: Words, question: Question | None, seated: tuple[Registration, ...]) -> tuple[facts.Fact, ...]:
    """How many eat, and how many of them what. Guests have told no diet of their own, but they are counted."""
    if question is None or not seated:
        return ()
    total = facts.Fact(words.say("digest", "total"), str(sum(r.seats for r in seated)))
    return (total, *_options(words, question, seated))


def _own_words(words: Words, question: Question | None, seated: tuple[Registration, ...], most: int) -> tuple[str, ...]:
    """Every need that the labels do not hold, in the person's own words: an allergy survives a parser miss."""
    if question is None:
        return ()
    said = [own_words(question, answer) for r in seated if (answer := r.answer(question.id))]
    said = [text for text in said if text]
    lines = [words.quoted(clean(text, 160)) for text in said[:most]]
    if len(said) > most:
        lines.append(words.count("more", len(said) - most))
    return tuple(lines)


def _options(words: Words, question: Question, seated: tuple[Registration, ...]) -> tuple[facts.Fact, ...]:
    count = Counter(option for r in seated if (a := r.answer(question.id)) for option in dict.fromkeys(a.options))
    order = {option.id: place for place, option in enumerate(question.options)}
    chosen = sorted(count, key=lambda option: (order.get(option, len(order)), option))[:NAMES]
    return tuple(facts.Fact(facts.option_label(words, question, option), str(count[option])) for option in chosen)


def _totals(words: Words, event: Event, seated: tuple[Registration, ...]) -> list[Total]:
    """Totals of every other question that has options; free texts are in the attached list."""
    totals = []
    for question in event.questions:
        rows = _options(words, question, seated) if question.id != _KITCHEN else ()
        if rows:
            answered = sum(r.answer(question.id) is not None for r in seated)
            totals.append(Total(question.label.get(words.language), words.count("answers", answered), rows))
    return totals
