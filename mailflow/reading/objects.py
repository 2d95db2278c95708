"""What a wish is of. "I want to register a complaint" is no registration, "I can't come by train" no cancellation.

Between the words of a wish and the thing that it is of ("the workshop", "my seat") only small words may stand
(`languages/small_words.toml`): no list of all other things in the world would ever be long enough.
"""

import tomllib
from collections.abc import Container
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from mailflow.reading.rules import Places
from mailflow.reading.sentences import Sentence
from mailflow.reading.tables import Hit, tables
from mailflow.reading.words import spellings

_WITH_OBJECTS = frozenset({"register", "attend", "waitlist", "cancel", "erase"})
_NUMBER_LENGTH = 4


@dataclass(frozen=True, slots=True)
class SmallWords:
    """`light` words say nothing by themselves; `things` are what a registration can be of. All folded.

    `endings` are what compounds of such things end in, as `str.endswith` wants them. `beside_orders` may stand beside
    the number or the address of an organiser's order.
    """

    light: frozenset[str]
    things: frozenset[str]
    endings: tuple[str, ...]
    beside_orders: frozenset[str]


@cache
def small_words() -> SmallWords:
    """Those of all languages. Read once."""
    text = files("mailflow.reading").joinpath("languages", "small_words.toml").read_text("utf-8")
    found = {
        name: frozenset(form[0] for words in section.values() for word in words.split() for form in spellings(word))
        for name, section in tomllib.loads(text).items()
    }
    return SmallWords(found["light"], found["things"], tuple(sorted(found["endings"])), found["beside_orders"])


def strays(sentence: Sentence, wishes: tuple[Hit, ...], known: Container[int], places: Places) -> tuple[int, ...]:
    """Places of words that make a wish be of something else; `known` are places that rules or fields have taken.

    Looked for among the words of the wish and behind it, up to the first thing that is ours or the end of the clause.
    Linear in the sentence for each wish.
    """
    found: set[int] = set()
    for hit in wishes:
        if hit.rule.kind in _WITH_OBJECTS and not _whole(hit, sentence):
            found.update(_of_one(sentence, hit, known, places))
    return tuple(sorted(found))


def loose(sentence: Sentence, known: Container[int], places: Places) -> tuple[int, ...]:
    """Places of words that carry a meaning of their own and that no rule and no field has taken."""
    unknown = (at for at in range(len(sentence.folded)) if at not in known)
    return tuple(at for at in unknown if not (_light(sentence, at, places) or _ours(sentence, at, places)))


def _whole(hit: Hit, sentence: Sentence) -> bool:
    return len(hit.match.claimed) == len(sentence.folded)


def _of_one(sentence: Sentence, hit: Hit, known: Container[int], places: Places) -> list[int]:
    last = hit.match.claimed[-1]
    inside = [at for at in range(hit.match.start, last) if at not in known and not _light(sentence, at, places)]
    found = [at for at in inside if not _ours(sentence, at, places)]
    if _ours(sentence, last, places):
        return found
    for at in range(last + 1, len(sentence.folded)):
        if at in sentence.breaks or sentence.folded[at] in tables().joining or _ours(sentence, at, places):
            break
        if at not in known and not _light(sentence, at, places):
            found.append(at)
    return found


def _ours(sentence: Sentence, at: int, places: Places) -> bool:
    word = sentence.folded[at]
    return word in small_words().things or word in places.event or word.endswith(small_words().endings)


def _light(sentence: Sentence, at: int, places: Places) -> bool:
    word = sentence.folded[at]
    number = word[:1].isdigit() and len(word) <= _NUMBER_LENGTH
    return word in small_words().light or word in places.own or number or "@" in word
