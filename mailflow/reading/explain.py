"""Whether everything in the new text is understood, and which commands are among it.

A command acts only in a mail that is understood to its last word (understanding.md §2.5): greeting, politeness,
sign-off and signature, the sender's own name, form lines. One unexplained sentence may be "forget what I wrote".
"""

import re
from dataclasses import dataclass, field

from mailflow.mail.address import Address
from mailflow.model.seal import parse_code
from mailflow.reading.forms import Labels, Line
from mailflow.reading.words import Meaning, Words, fold, fold_words, lexicon, split_words

_SEGMENT = re.compile(r"[.,!;?:()/\u2013\u2014\u2026|*\"\u201c\u201d\u201e]")
_CODE = re.compile(r"\b[0-9A-Za-z]{2}[- ]?[0-9A-Za-z]{4}\b|\b[0-9A-Za-z]{4}(?:-[0-9A-Za-z]{4}){3}\b")
_SIGNATURE_LINES = 6


@dataclass(frozen=True, slots=True)
class Command:
    """A command word that was found. `name` is the table's; `languages` are those in which it is one."""

    name: str
    languages: tuple[str, ...]
    line: int


@dataclass(slots=True)
class Explanation:
    """What was found in some lines. `unexplained` is the number of the first line that was not understood, or 0."""

    commands: list[Command] = field(default_factory=list)
    kinds: set[str] = field(default_factory=set)
    form: list[Line] = field(default_factory=list)
    unexplained: int = 0
    question: bool = False
    signed: int = 0
    sign_off: bool = False


def without_codes(text: str) -> str:
    """The text without booking codes and challenge codes: they say whose, not what."""

    def replace(match: re.Match[str]) -> str:
        found = match[0]
        # One that is mistyped explains as little as a right one; a plain word or number is no code.
        mixed = any(c.isdigit() for c in found) and any(c.isalpha() for c in found)
        code = len(found) == 19 or (mixed and found[2] == "-") or (parse_code(found) and (mixed or "-" in found))
        return " " if code else found

    return _CODE.sub(replace, text)


def explain(lines: tuple[str, ...], sender_name: str, sender: Address | None, labels: Labels) -> Explanation:
    """Read every line. `lines` are new text, already bounded; a line is at most 1000 characters."""
    found = Explanation()
    own = own_names(sender_name, sender)
    for number, line in enumerate(lines, 1):
        if not line:
            continue
        if form := labels.read(line):
            found.form.append(form)
        elif found.sign_off:
            found.signed += 1
            if found.signed > _SIGNATURE_LINES or not (_is_own(line, own) or signature_like(line)):
                found.unexplained = number
        elif not _line(line, number, found, own):
            found.unexplained = number
        if found.unexplained:
            break
    return found


def _line(line: str, number: int, found: Explanation, own: frozenset[str]) -> bool:
    stripped = line.strip()
    if _slash_name(stripped, own):
        found.sign_off = True
        return True
    if "?" in stripped:
        found.question = True
    bare = without_codes(stripped)
    # As a whole first: a phrase of the tables may have a comma in it, "Ja, det var jag".
    if _known(tuple(map(fold, split_words(bare))), number, found):
        return True
    rows = (split_words(segment) for segment in _SEGMENT.split(bare))
    return all(_segment(words, number, found, own) for words in rows if words)


def _known(folded: Words, number: int, found: Explanation) -> bool:
    """Take down what the words mean when they are phrases of the tables to the last one."""
    tiles = lexicon().phrases.tile(folded)
    if tiles is None:
        return False
    for meanings in tiles:
        _take(meanings, number, found)
    # A sign-off ends the text; "thanks" does not, or what follows it would count as a signature.
    found.sign_off = found.sign_off or (bool(tiles) and _is(tiles[-1], "sign_offs"))
    return True


def _segment(words: Words, number: int, found: Explanation, own: frozenset[str]) -> bool:
    """One run of words between punctuation: known phrases, a greeting or sign-off with names, or the sender's name."""
    folded = tuple(fold(word) for word in words)
    if found.sign_off:
        return all(word in own for word in folded) or signature_like(" ".join(words))
    if _known(folded, number, found) or all(word in own for word in folded):
        return True
    phrases = lexicon().phrases
    length, meanings = phrases.at(folded, 0)
    if length and _is(meanings, "greetings", "sign_offs", "thanks") and _names(words[length:], own):
        # "Thanks, Anna" from Anna signs; "Thanks, Kim" greets.
        signed = _is(meanings, "sign_offs") or (_is(meanings, "thanks") and all(w in own for w in folded[length:]))
        found.sign_off = signed and not _is(meanings, "greetings")
        found.kinds.add("sign_offs" if found.sign_off else "greetings")
        return True
    return False


def _take(meanings: tuple[Meaning, ...], number: int, found: Explanation) -> None:
    commands = [meaning for meaning in meanings if meaning.kind == "command"]
    if commands:
        found.commands.extend(Command(meaning.name, meaning.languages, number) for meaning in commands)
    else:
        found.kinds.update(meaning.kind for meaning in meanings)


def _is(meanings: tuple[Meaning, ...], *kinds: str) -> bool:
    return any(meaning.kind in kinds for meaning in meanings)


def own_names(sender_name: str, sender: Address | None) -> frozenset[str]:
    """The words of the sender's name and of his address; none that means something in the tables."""
    words = set(fold_words(sender_name[:200]))
    if sender:
        words.update(fold_words(sender.local.replace("_", " ")))
    known = lexicon()
    return frozenset(
        word for word in words if not (word.isdigit() or known.phrases.at((word,), 0)[0] or known.doubtful((word,)))
    )


def _is_own(line: str, own: frozenset[str]) -> bool:
    words = fold_words(line)
    return bool(words) and all(word in own for word in words)


def _names(words: Words, own: frozenset[str]) -> bool:
    """Whether words after a greeting or sign-off are names: capitalised, at most four, nothing that means something."""
    known = lexicon()
    if len(words) > 5 or known.doubtful(tuple(map(fold, words))):
        return False
    for at, word in enumerate(words):
        folded = fold(word)
        if folded in own or folded in known.addressees:
            continue
        length, meanings = known.phrases.at(tuple(map(fold, words)), at)
        if (length and meanings) or not word[0].isupper() or len(word) < 2:
            return False
    return True


def _slash_name(line: str, own: frozenset[str]) -> bool:
    """`/Anna`, `//Anna`, `- Anna`: the short Swedish sign-off."""
    bare = line.lstrip("/-\u2013\u2014")
    words = split_words(bare)
    return bare != line and 0 < len(words) <= 4 and _names(words, own)


def signature_like(line: str) -> bool:
    """A short line of names, titles, places or numbers: capitalised words, known titles, digits, links.

    Positive evidence for every word, since a retraction often stands below the name.
    """
    known = lexicon()
    if any(mark in line for mark in ("?", "!")) or len(line) > 100:
        return False
    rest = [part for part in line.split() if "@" not in part and "://" not in part and not part.startswith("www.")]
    words = split_words(" ".join(rest))
    folded = tuple(fold(word) for word in words)
    if len(words) > 10 or known.doubtful(folded):
        return False
    for at, word in enumerate(words):
        _, meanings = known.phrases.at(folded, at)
        if _is(meanings, "command"):
            return False
        if not (word[0].isupper() or word[0].isdigit() or folded[at] in known.titles):
            return False
    return True


def quiet_signature(lines: tuple[str, ...]) -> bool:
    """Whether what stands behind `-- ` can be passed over: nothing in it is a command or takes something back."""
    known = lexicon()
    for line in lines:
        words = fold_words(line)
        tiles = known.phrases.tile(words) if words else None
        if known.doubtful(words) or (tiles and any(_is(meanings, "command") for meanings in tiles)):
            return False
    return True


def greeting_only(words: Words) -> bool:
    """Whether words are nothing but greeting and politeness."""
    tiles = lexicon().phrases.tile(words)
    return tiles is not None and all(_is(meanings, "greetings", "polite") for meanings in tiles)
