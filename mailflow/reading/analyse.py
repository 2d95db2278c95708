"""What each sentence says, and what in it nobody understands.

All rules of all languages are tried at every place; the longest takes its words first, so that "can't wait" is not
"can't", and "if there is still room" is not "if". A word that nothing claims must at least be one that carries no
wish: else the sentence is not explained, and the mail does not act (understanding.md §2.5).
"""

from dataclasses import dataclass

from mailflow.reading.objects import loose, strays
from mailflow.reading.rules import Places
from mailflow.reading.sentences import Sentence, sentence_of
from mailflow.reading.tables import DANGERS, WISHES, Hit, tables
from mailflow.reading.words import fold

# "No nuts" is no NO, and what it denies is the nuts.
_PLAIN_IN_FIELDS = DANGERS | {"yes", "no"}
_PHRASE = 3
_NAME_WORDS = 2


@dataclass(frozen=True, slots=True)
class Analysis:
    """One sentence, understood as far as it goes.

    `wishes`: rules of WISHES that hold here, in order. `kinds`: what explains the rest. `dangers`: words that turn or
    hedge what is said, by place. `unexplained`: places of words that nothing explains. `asks`: it is a question whose
    words are no request to us. `fielded`: fields have taken some of its words. `strays` make a wish be of something
    else; `loose` are places of words that nothing has taken and that say something (reading/objects.py).
    """

    sentence: Sentence
    wishes: tuple[Hit, ...]
    kinds: frozenset[str]
    dangers: tuple[tuple[str, int], ...]
    unexplained: tuple[int, ...]
    asks: bool
    fielded: bool = False
    strays: tuple[int, ...] = ()
    loose: tuple[int, ...] = ()

    def near(self, hit: Hit) -> frozenset[str]:
        """The kinds of turning words in the clauses where `hit` stands."""
        first = max((place for place in self._borders if place <= hit.match.claimed[0]), default=0)
        last = min(
            (place for place in self._borders if place > hit.match.claimed[-1]), default=len(self.sentence.words)
        )
        return frozenset(kind for kind, place in self.dangers if first <= place < last)

    @property
    def _borders(self) -> tuple[int, ...]:
        joining = (place for place, word in enumerate(self.sentence.folded) if word in tables().joining)
        return (*self.sentence.breaks, *joining)

    @property
    def danger_kinds(self) -> frozenset[str]:
        """Which kinds of turning words are in it."""
        return frozenset(kind for kind, _ in self.dangers)


def analyse(sentence: Sentence, places: Places, explained: frozenset[int] = frozenset()) -> Analysis:
    """`explained` are the places of words that fields have taken ("no nuts"): nothing else is read in them."""
    taken: dict[int, Hit] = {}
    kept: list[Hit] = []
    for hit in sorted(tables().hits(sentence, places), key=_rank):
        if hit.rule.kind in _PLAIN_IN_FIELDS and any(place in explained for place in hit.match.claimed):
            continue
        free = tuple(place for place in hit.match.claimed if place not in taken)
        if len(free) == len(hit.match.claimed) or _turns_all_the_same(hit, free, taken):
            kept.append(hit)
            taken.update(dict.fromkeys(free, hit))
    soft = {place for hit in kept for place in range(hit.match.rest, hit.match.end)}
    kept.sort(key=lambda hit: hit.match.start)
    wishes = tuple(hit for hit in kept if hit.rule.kind in WISHES)
    known = soft | explained | taken.keys()
    return Analysis(
        sentence=sentence,
        wishes=wishes,
        kinds=frozenset(hit.rule.kind for hit in kept if hit.rule.kind not in WISHES | DANGERS),
        dangers=(
            *((hit.rule.kind, hit.match.claimed[0]) for hit in kept if hit.rule.kind in DANGERS),
            *(("reported", 0) for _ in range(_said_by_another(sentence, places))),
            *(("elsewhere", at) for at in _other_months(sentence, places) if at not in soft and at not in explained),
            *(("part", at) for hit in wishes if hit.rule.kind == "cancel" for at in _parts(sentence, hit, places)),
        ),
        unexplained=tuple(
            place
            for place, word in enumerate(sentence.folded)
            if place not in taken and place not in soft and place not in explained and not _plain(word, places)
        ),
        asks=_asks(sentence) and not any(_requests(hit, sentence) for hit in wishes),
        fielded=bool(explained),
        strays=strays(sentence, wishes, known, places),
        loose=loose(sentence, known, places),
    )


def _turns_all_the_same(hit: Hit, free: tuple[int, ...], taken: dict[int, Hit]) -> bool:
    """Whether a turning phrase counts though a wish has some of its words.

    "Cancel my" is no end of "my student"; and "I'll sign up next week" turns however many words the wish has. But
    "no longer" may well be a part of the wish, and "somebody else" in "give my seat to somebody else" is.
    """
    kind, size = hit.rule.kind, len(hit.match.claimed)
    if kind not in DANGERS or any(
        taken[place].rule.kind not in WISHES for place in hit.match.claimed if place in taken
    ):
        return False
    if kind == "hedge":
        return size >= _PHRASE or (size > 1 and bool(free))
    return bool(free) and size >= (_PHRASE if kind == "negation" else 2)


def _rank(hit: Hit) -> tuple[int, int, int]:
    """Longest first. Of equal length what only looks like a wish, then wishes, what explains, what stops."""
    kind = hit.rule.kind
    order = 0 if kind in ("idiom", "partial") else 1 if kind in WISHES else 3 if kind in DANGERS else 2
    return (-len(hit.match.claimed), order, hit.match.start)


def _other_months(sentence: Sentence, places: Places) -> tuple[int, ...]:
    """Places of months in which this event is not. "may" and "march" are words; "May" and "March" are months."""
    months = tables().months
    return tuple(
        at
        for at, word in enumerate(sentence.folded)
        if places.month
        and months.get(word, places.month) != places.month
        and (sentence.words[at][:1].isupper() or word not in ("may", "mar", "march", "man", "sep"))
    )


def _parts(sentence: Sentence, hit: Hit, places: Places) -> tuple[int, ...]:
    """Places of what a cancellation may be of, behind its words: "Avanmäl mig från lunchen"."""
    end = min((border for border in sentence.breaks if border >= hit.match.end), default=len(sentence.words))
    known = tables().parts | places.session
    return tuple(at for at in range(hit.match.start, end) if sentence.folded[at] in known)


def _plain(word: str, places: Places) -> bool:
    return (
        word in tables().fillers
        or word in places.event
        or word in places.own
        or (word.isdigit() and len(word) <= 4)
        or (len(word) <= 5 and word[:1].isdigit() and word[-1:] in "ehmrt")  # 13h, 12e, 3rd
    )


def _asks(sentence: Sentence) -> bool:
    # Verbs first need the mark ("kan inte komma" is no question), but for "ska jag" and "should I".
    known = tables().asking
    starts = [at for at in (0, *sentence.breaks) if at < len(sentence.folded)]
    pairs = ("_".join(sentence.folded[at : at + 2]) for at in starts)
    return sentence.question or any(sentence.folded[at] in known for at in starts[:1]) or any(p in known for p in pairs)


def _requests(hit: Hit, sentence: Sentence) -> bool:
    """A wish in the form of a question, "can I register?"; "when can I register?" only asks."""
    words, known = sentence.folded, tables().asking
    before = range(hit.match.start)
    return hit.rule.request and not any(words[at] in known or "_".join(words[at : at + 2]) in known for at in before)


def _said_by_another(sentence: Sentence, places: Places) -> bool:
    """`Bo: please register me`."""
    head, colon, _ = sentence.text[:60].partition(":")
    words = sentence_of(head).words if colon else ()
    known = places.own | places.event
    return (
        0 < len(words) <= _NAME_WORDS
        and all(w[:1].isupper() and fold(w) not in known for w in words)
        and not any(fold(word) in tables().fillers or fold(word) in tables().charged for word in words)
    )
