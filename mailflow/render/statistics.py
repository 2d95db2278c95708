"""Sign-ups in numbers, as text with bars and as a page; they name nobody."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time

from mailflow.mail.clean import clean
from mailflow.model.event import Event
from mailflow.model.statistics import Statistics
from mailflow.render.words import Words

# A year has a row a day; of affiliations the most frequent are enough, and the rest stands in one row.
_DAYS, _FREQUENT = 400, 20
_WIDTH = 30
_LABEL = 44


@dataclass(frozen=True, slots=True)
class Row:
    """`number` people; `percent` of the largest row of its part, for the bar."""

    label: str
    number: int
    percent: int


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that was counted."""

    title: str
    rows: tuple[Row, ...]


def show_up_rate(told: Statistics, event: Event, now: datetime) -> int | None:
    """Of those with a seat, how many per cent came; None before the event is over, and for nobody."""
    seated = told.people("confirmed")
    return None if now < event.ends or not seated else round(100 * (seated - told.absent) / seated)


def parts(words: Words, event: Event, told: Statistics, now: datetime) -> tuple[Part, ...]:
    """What there is to tell, in words; what was never counted is left out."""

    def say(key: str) -> str:
        return words.say("statistics", key)

    standing = [(words.say("export", tally.status), tally.people) for tally in told.tallies]
    seated = told.people("confirmed")
    rate = show_up_rate(told, event, now)
    came = [] if rate is None else [(f"{say('came')} ({rate} %)", seated - told.absent), (say("absent"), told.absent)]
    found = (
        ("standing", standing),
        ("show_up", came),
        ("signed_up", _days(words, told.signed_up)),
        ("gone", _days(words, told.gone)),
        ("languages", [(name.upper() or say("unknown"), n) for name, n in told.languages]),
        ("affiliations", _frequent(told.affiliations, say("others"))),
    )
    return tuple(Part(say(key), _rows(rows)) for key, rows in found if rows)


def as_text(title: str, told: Iterable[Part]) -> str:
    """Each row with a bar, the number beside it."""
    lines = [title]
    for part in told:
        width = max(len(row.label) for row in part.rows)
        digits = max(len(str(row.number)) for row in part.rows)
        lines += ["", part.title]
        for row in part.rows:
            bar = "█" * max(row.number > 0, row.percent * _WIDTH // 100)
            lines.append(f"  {row.label:<{width}}  {row.number:>{digits}}  {bar}".rstrip())
    return "\n".join(lines) + "\n"


def page_values(words: Words, event: Event, told: Statistics, now: datetime) -> dict[str, object]:
    """What `_shared/statistics.html.j2` shows."""
    return {
        "lang": words.language,
        "title": words.say("statistics", "title"),
        "event": clean(event.short_title.get(words.language), 120),
        "when": words.long(event.starts, event.ends),
        "parts": parts(words, event, told, now),
    }


def _days(words: Words, counts: tuple[tuple[date, int], ...]) -> list[tuple[str, int]]:
    return [(words.date(datetime.combine(day, time())), n) for day, n in counts[-_DAYS:]]


def _frequent(counts: tuple[tuple[str, int], ...], others: str) -> list[tuple[str, int]]:
    named = [(clean(name, _LABEL), n) for name, n in counts if name][:_FREQUENT]
    rest = sum(n for _, n in counts) - sum(n for _, n in named)
    return [*named, (others, rest)] if rest else named


def _rows(counts: list[tuple[str, int]]) -> tuple[Row, ...]:
    most = max(n for _, n in counts)
    return tuple(Row(label, n, round(100 * n / most) if most else 0) for label, n in counts)
