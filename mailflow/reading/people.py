"""Who writes, and who else is named: names in the text, in a sign-off, and people with an address of their own."""

from functools import cache

from mailflow.mail.address import Address, AddressError, parse_address
from mailflow.mail.clean import person_name
from mailflow.model.intent import Other
from mailflow.reading.affiliation import find_affiliation, organisation_word
from mailflow.reading.field_words import Found, Tagger, as_written, folded_set, tagger
from mailflow.reading.guests import find_guests
from mailflow.reading.sentences import Sentence
from mailflow.reading.sign_off import Signed, signed
from mailflow.reading.words import fold, fold_words, lexicon

__all__ = ["Signed", "find_affiliation", "find_guests", "find_name", "find_others", "name_of", "signed"]

_NAME_WORDS = 5
_LOWER_WORDS = 3
_OTHERS = 10


def _intros() -> Tagger:
    return tagger("people", "sure", "capital", "maybe")


@cache
def _set(key: str) -> frozenset[str]:
    return folded_set("people", key)


def find_name(sentence: Sentence) -> Found[str] | None:
    """The name behind "my name is", or behind "I am" when nothing but a name of two words can be meant. Linear."""
    for span in _intros().spans(sentence.folded):
        if not span.tag:
            continue
        end = _run(sentence, span.end, _LOWER_WORDS if span.tag == "sure" else 0)
        words = sentence.words[span.end : end]
        name = person_name(as_written(sentence.text, sentence.words, span.end, end))
        if name and (span.tag in {"sure", "capital"} or _surely_a_name(words)):
            return Found(name, frozenset(range(span.start, end)))
    return None


def _run(sentence: Sentence, start: int, lower: int) -> int:
    """Where the name ends that begins at `start`; `lower` words of it may be written without capitals."""
    words, folded = sentence.words, sentence.folded
    end = start
    small = start < len(words) and not words[start][:1].isupper() and folded[start] not in _set("particles")
    most = lower if small else _NAME_WORDS
    while end < len(words) and end - start < most and not (end > start and end in sentence.breaks):
        particle = folded[end] in _set("particles")
        if particle and end > start and _names_again(sentence, end):
            end += 1
            continue
        if folded[end] in _set("ends") and not (words[end][:1].isupper() and end > start and len(words[end]) > 2):
            break
        if not (small or particle or words[end][:1].isupper()) or any(c.isdigit() or c == "@" for c in words[end]):
            break
        end += 1
    while end > start and folded[end - 1] in _set("particles"):
        end -= 1
    return end


def _names_again(sentence: Sentence, at: int) -> bool:
    """Whether a particle is followed by a name, and not by where somebody works: "von der Universität"."""
    following = sentence.words[at + 1 : at + 4]
    return (
        bool(following)
        and not any(map(organisation_word, following))
        and (following[0][:1].isupper() or fold(following[0]) in _set("particles"))
    )


def _surely_a_name(words: tuple[str, ...]) -> bool:
    """At least two words, none of which is shouted or means something in our tables."""
    known = lexicon()
    words = tuple(person_name(" ".join(words)).split())
    return (
        len(words) >= 2
        and not all(word.isupper() for word in words)
        and not any(
            fold(word) in known.titles or fold(word) in _set("role") or organisation_word(word) for word in words
        )
        and not any(known.phrases.at((fold(word),), 0)[0] for word in words)
    )


def find_others(sentence: Sentence, sender: Address | None) -> Found[tuple[Other, ...]] | None:
    """People who are named with an address that is not the sender's, at most ten. Linear."""
    found: list[Other] = []
    places: set[int] = set()
    for at, word in enumerate(sentence.folded):
        if "@" not in word or len(found) == _OTHERS:
            continue
        try:
            address = parse_address(sentence.words[at])
        except AddressError:
            continue
        before = _before(sentence, at)
        if (sender and address.key == sender.key) or _own_address(sentence, at):
            continue
        start, name = _name_before(sentence, before)
        name = name or name_of(address, (sentence,))
        end = at + 1
        if not name and end in sentence.breaks and (stop := _run(sentence, end, 0)) > end:
            behind = sentence.words[end:stop]
            name, end = (
                (person_name(as_written(sentence.text, sentence.words, end, stop)), stop)
                if _plain(behind)
                else (name, end)
            )
        if address.key not in {other.address.key for other in found}:
            found.append(Other(name, address))
        places.update(range(_company(sentence, start), end))
    return Found(tuple(found), frozenset(places)) if found else None


def name_of(address: Address, where: tuple[Sentence, ...]) -> str:
    """A name in the text that the address is made of: `agnes.brandt@…` and "my daughter Agnes Brandt"; else ""."""
    parts = set(fold_words(address.local.replace("_", " ")))
    if len(parts) < 2:
        return ""
    for sentence in where:
        for at in range(len(sentence.words) - 1):
            pair = sentence.folded[at : at + 2]
            if set(pair) <= parts and pair[0] != pair[1] and all(w[:1].isupper() for w in sentence.words[at : at + 2]):
                return person_name(as_written(sentence.text, sentence.words, at, at + 2))
    return ""


def _before(sentence: Sentence, at: int) -> int:
    """Back over "email", "address is", "at": where a name might end."""
    while at > 0 and sentence.folded[at - 1] in _set("address"):
        at -= 1
    return at


def _own_address(sentence: Sentence, at: int) -> bool:
    """`my private address is …`, `reach me at …`: another mailbox of the sender's own."""
    before = sentence.folded[max(0, at - 6) : at]
    start = len(before)
    while start and before[start - 1] in _set("address") | _set("own_kind"):
        start -= 1
    return bool(start) and before[start - 1] in _set("own")


def _plain(words: tuple[str, ...]) -> bool:
    return not any(organisation_word(word) or "@" in word for word in words)


def _name_before(sentence: Sentence, end: int) -> tuple[int, str]:
    """The capitalised words right before `end`, as a name."""
    start = end
    while start > 0 and end - start < _NAME_WORDS and not (start < end and start in sentence.breaks):
        word, folded = sentence.words[start - 1], sentence.folded[start - 1]
        small = folded in _set("particles") and start < end
        if "@" in word or not (small or word[:1].isupper()):
            break
        if not small and folded in _set("ends") | _set("not_names"):
            break
        start -= 1
    words = sentence.words[start:end]
    owned = end < len(sentence.folded) and "@" not in sentence.folded[end]
    if owned and words and words[-1].endswith("'s"):
        words = (*words[:-1], words[-1][:-2])
    elif owned and words and words[-1].endswith("s") and sentence.folded[end] in _set("address_of"):
        return start, ""  # "Tore Björks mejl", "Anders mejl": nobody can know
    if not words or not _plain(words) or lexicon().phrases.at(sentence.folded[start:end], 0)[0]:
        return end, ""
    return start, person_name(as_written(sentence.text, sentence.words, start, end).removesuffix("'s"))


def _company(sentence: Sentence, start: int) -> int:
    """Back over "my colleague", "and", "även": the words that only lead to a name."""
    while start > 0 and sentence.folded[start - 1] in _set("leads"):
        start -= 1
    return start
