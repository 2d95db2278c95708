"""What became of an organiser's commands, as sentences of the organiser's language (letters.md §8 `transcript`)."""

from dataclasses import dataclass
from datetime import datetime

from mailflow.mail.clean import clean
from mailflow.model.command import LATER
from mailflow.model.event import Event, EventState, window
from mailflow.model.letter import Letter
from mailflow.model.transcript import Told, Transcript
from mailflow.render import wrap
from mailflow.render.facts import Fact
from mailflow.render.words import Words

# What a subject has room for.
_SHOWN = 40
_NAME = 120
# Of a text that would go out so many characters are shown for each line that is.
_TEXT = 120


@dataclass(frozen=True, slots=True)
class Row:
    """A line as it was sent, what is said of it, and the text that would go out."""

    command: str
    outcome: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class TranscriptWords:
    """All that the template prints. `left_out` says how many lines the attached file has beyond `rows`.

    `first` is the command that the subject names, `more` how many were done beside it. `done`, `waiting` and `unknown`
    count the lines; `refused` is "" where none was. `names` are the commands that a question is about; `words` is empty
    but after HELP.
    """

    rows: tuple[Row, ...]
    left_out: str
    first: str
    more: int
    done: int
    waiting: int
    unknown: int
    refused: str
    by: str
    undo: bool
    listed: bool
    names: str
    words: tuple[Fact, ...]
    now: tuple[Fact, ...]


def transcript_words(words: Words, letter: Letter, event: Event, now: datetime, most: int) -> TranscriptWords:
    """The transcript of `letter`, at most `most` lines of it, and the numbers as they are now."""
    told = letter.transcript or Transcript()
    named = _named(told, letter.variant)
    refused = told.count("refused")
    return TranscriptWords(
        rows=tuple(Row(line.written, _outcome(words, line), line.text[: most * _TEXT]) for line in told.lines[:most]),
        left_out=words.count("more_lines", len(told.lines) - most, "transcript") if len(told.lines) > most else "",
        first=_short(named.written if named else ""),
        more=max(0, told.count("done") - 1),
        done=told.count("done"),
        waiting=told.count("waiting"),
        unknown=told.count("unknown"),
        refused=words.count("refused_count", refused, "transcript") if refused else "",
        by=clean(told.by, _NAME),
        undo=told.undo,
        listed=told.listed is not None,
        names=words.listed(tuple(words.say("order_names", order) for order in told.orders)),
        words=_help(words) if told.words else (),
        now=_numbers(words, event, letter.state, now),
    )


def whole(words: Words, told: Transcript) -> str:
    """Every line with its outcome, as a text file."""
    rows = ((wrap.beside(f"> {line.written}", _outcome(words, line)), line.text) for line in told.lines)
    return "".join(f"{row}\n" + (f"\n{text}\n\n" if text else "") for row, text in rows)


def is_cut(told: Transcript, most: int) -> bool:
    """Whether a letter of so many lines leaves something out."""
    return len(told.lines) > most or any(len(line.text) > most * _TEXT for line in told.lines)


def _named(told: Transcript, variant: str) -> Told | None:
    """The line that the subject names: what waits, else what was done, else the first."""
    state = "waiting" if variant == "waiting" else "done"
    return next((line for line in told.lines if line.state == state), next(iter(told.lines), None))


def _short(written: str) -> str:
    return written if len(written) <= _SHOWN else written[: _SHOWN - 1].rstrip() + "…"


def _outcome(words: Words, line: Told) -> str:
    """`Done. Registration is closed; 38 of 40 seats are taken.`"""
    parts = [words.say("transcript", line.state)]
    if line.say:
        parts.append(_sentence(words, line.say, dict(line.values)))
    parts += [_sentence(words, key, {"n": count}) for key, count in line.also]
    if line.state == "waiting":
        parts.append(words.say("transcript", "yes"))
    return " ".join(parts)


def _sentence(words: Words, key: str, values: dict[str, object]) -> str:
    table = words.table["orders"]
    if "capacity" not in values and f"{key}_unlimited" in table:
        key = f"{key}_unlimited"
    said = {name: clean(value, _NAME) if isinstance(value, str) else value for name, value in values.items()}
    forms = table[key]
    if isinstance(forms, str):
        return forms.format_map(said)
    number = next((said[name] for name in ("n", "people", "seats") if name in said), 0)
    return str(forms[min(int(str(number)), 2)]).format_map(said)


def _help(words: Words) -> tuple[Fact, ...]:
    """The words that do something."""
    known = words.table["order_help"].items()
    return tuple(Fact(word, meaning) for order, (word, meaning) in known if order not in LATER)


def _numbers(words: Words, event: Event, state: EventState, now: datetime) -> tuple[Fact, ...]:
    standing = "called_off" if state.called_off else window(event, state, now)
    taken = (
        words.count("taken", state.taken)
        if state.capacity is None
        else words.say("digest", "of_seats", taken=state.taken, capacity=state.capacity)
    )
    return (
        Fact(words.label("registration"), words.say("transcript", standing)),
        Fact(words.label("seats"), taken),
        Fact(words.label("line"), words.count("waiting", state.waiting)),
    )
