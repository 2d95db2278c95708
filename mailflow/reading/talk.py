"""The sentences of one mail, taken together: what is wished, what turns it, what nobody understands."""

from dataclasses import dataclass

from mailflow.reading.analyse import Analysis
from mailflow.reading.signature import signature_like
from mailflow.reading.tables import tables
from mailflow.reading.typos import turns_nearly

# Words that say whether the wish beside them is the sender's own, or a wish at all.
TURNING = frozenset({"negation", "condition", "hedge", "third", "reported", "retraction", "elsewhere", "part"})
# These turn a sentence, in whatever clause they stand; the others only their own clause.
_SENTENCE = frozenset({"condition", "hedge", "retraction", "reported"})
# These turn a mail wherever they stand in it.
ANYWHERE = frozenset({"retraction", "reported"})
# "Maybe." by itself hedges the whole mail.
_APHORISM = 3
_AFTERTHOUGHT = 5
_KNOWN = frozenset({"intro", "reason", "regret", "polite", "thanks", "attending"})


@dataclass(frozen=True, slots=True)
class Talk:
    """`wishes` are kinds of wishes in sentences that are no questions, `turned` the kinds of words that turn them.

    `unexplained` quotes what nobody understands, `asks` that something is asked of people.
    """

    all: tuple[Analysis, ...] = ()
    wishes: frozenset[str] = frozenset()
    turned: frozenset[str] = frozenset()
    asks: bool = False
    unexplained: tuple[str, ...] = ()

    @property
    def complete(self) -> bool:
        """Everything that was written is understood."""
        return not self.unexplained

    @property
    def kinds(self) -> frozenset[str]:
        """What explains the rest."""
        return frozenset(kind for one in self.all for kind in one.kinds)

    @property
    def calm(self) -> bool:
        """No word anywhere turns anything."""
        return not any(one.dangers for one in self.all)

    def told(self, *kinds: str) -> bool:
        """Whether a rule of one of these kinds holds in any sentence."""
        return any(hit.rule.kind in kinds for one in self.all for hit in one.wishes)


def talk_of(sentences: tuple[Analysis, ...]) -> Talk:
    """The sentences, sorted. Beside a wish a turning word makes it doubtful; elsewhere it is a thing not understood."""
    wishes: set[str] = set()
    turned: set[str] = set()
    unexplained: list[str] = []
    for one in sentences:
        dangers = one.danger_kinds
        turned |= dangers & ANYWHERE
        if one.asks:
            continue
        wishes |= {hit.rule.kind for hit in one.wishes}
        turned |= _turned(one)
        if "hedge" in dangers and len(one.sentence.words) <= _APHORISM:
            turned.add("hedge")
        if dangers & TURNING - turned or ("idiom" in one.kinds and not one.wishes):
            unexplained.append(one.sentence.text)
        elif _unknown(one):
            unexplained.append(" ".join(one.sentence.words[place] for place in one.unexplained))
        elif _breaks_off(one) or _afterthought(one):
            unexplained.append(one.sentence.text)
        elif one.strays and not _another_time(one, sentences):
            unexplained.append(" ".join(one.sentence.words[place] for place in one.strays))
    return Talk(sentences, frozenset(wishes), frozenset(turned), any(one.asks for one in sentences), tuple(unexplained))


def _breaks_off(one: Analysis) -> bool:
    """A "but" before something that is not understood, before nothing, or behind a cancellation: "only the dinner"."""
    places = [place for kind, place in one.dangers if kind == "contrast"]
    cancels = [hit.match.claimed[-1] for hit in one.wishes if hit.rule.kind == "cancel"]
    after = bool(cancels) and any(place > cancels[-1] for place in places)
    return bool(places) and (bool(one.unexplained) or after or places[-1] == len(one.sentence.words) - 1)


def _afterthought(one: Analysis) -> bool:
    """`The lunch, that is`: harmless words, but too few to be a story, and no rule has a meaning for any of them."""
    short = len(one.sentence.words) <= _AFTERTHOUGHT and not signature_like(one.sentence.text)
    return short and bool(one.loose) and not (one.wishes or one.kinds or one.fielded)


def _another_time(one: Analysis, all_: tuple[Analysis, ...]) -> bool:
    """`I'd gladly come when you do this again`, beside a cancellation: not what is wished for now."""
    return {hit.rule.kind for hit in one.wishes} == {"attend"} and any(
        hit.rule.kind == "cancel" and not other.asks for other in all_ for hit in other.wishes
    )


def _turned(one: Analysis) -> set[str]:
    """What turns the wishes of one sentence."""
    if not one.wishes:
        return set()
    close = {kind for hit in one.wishes for kind in one.near(hit)}
    return close & TURNING | one.danger_kinds & _SENTENCE | one.kinds & {"idiom"}


def _unknown(one: Analysis) -> bool:
    """Whether too much of a sentence is not understood.

    Beside a wish, or something that explains it, a word or two that nobody knows says what it is about ("synthetic
    images"); a name might be somebody else's. A sentence of which nothing is known may say anything.
    """
    if not one.unexplained:
        return False
    words = one.sentence.words
    names = any(words[place][:1].isupper() and place > 0 for place in one.unexplained)
    left = [one.sentence.folded[place] for place in one.unexplained]
    if any(word in tables().charged or turns_nearly(word) for word in left):
        return True
    known = bool(one.wishes) or bool(one.kinds & _KNOWN)
    return names or not known or len(one.unexplained) > max(1, len(words) // 6)
