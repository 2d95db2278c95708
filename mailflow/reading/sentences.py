"""The new text as sentences of words: wrapped lines joined, addresses kept whole (understanding.md §2.6.12)."""

from dataclasses import dataclass

from mailflow.reading.words import Words, fold, programs, split_words

# A mail program wraps at about 72 columns: a line this long goes on in the next one.
_WRAPPED = 50
_ENDS = ".!?\u2026"
_BREAKS = ',;:()/\u2013\u2014|*"\u201c\u201d\u201e'
_SENTENCES = 200
_NEAR = 40
_WORDS = 200


@dataclass(frozen=True, slots=True)
class Sentence:
    """`words` as they were written and `folded` as they are compared, of equal length.

    Addresses and links are one word each, lower case in `folded`. `breaks` are the places of words that a comma,
    dash, colon or bracket stands before; `question` that it ends in a question mark; `line` counts from 1.
    """

    text: str
    words: Words
    folded: Words
    breaks: frozenset[int] = frozenset()
    question: bool = False
    line: int = 0


def sentences(lines: tuple[str, ...]) -> tuple[Sentence, ...]:
    """The sentences of some lines, at most 200 of 200 words each: whoever writes more is read by people. Linear."""
    found: list[Sentence] = []
    for number, text in _joined(lines):
        for piece in _pieces(text):
            sentence = sentence_of(piece, number)
            if sentence.words:
                found.append(sentence)
            if len(found) > _SENTENCES:
                return tuple(found)
    return tuple(found)


def _joined(lines: tuple[str, ...]) -> list[tuple[int, str]]:
    """Lines with the number of their first; a long one that does not end a sentence takes the next one in."""
    found: list[tuple[int, str]] = []
    open_line = False
    for number, raw in enumerate(lines, 1):
        line = raw.strip()
        if not line:
            open_line = False
            continue
        if open_line and not line.startswith(("-", "*", "\u2022", "|")):
            found[-1] = (found[-1][0], f"{found[-1][1]} {line}")
        else:
            found.append((number, line))
        open_line = len(line) >= _WRAPPED and line[-1] not in _ENDS + ":"
    return found


def _pieces(text: str) -> list[str]:
    """Cut behind each full stop, question or exclamation mark that ends a sentence."""
    pieces: list[str] = []
    start = 0
    at = 0
    while at < len(text):
        if text[at] not in _ENDS:
            at += 1
            continue
        end = at + 1
        while end < len(text) and text[end] in _ENDS + ")\"'\u201d":
            end += 1
        if _ends_here(text, start, at, end):
            pieces.append(text[start:end])
            start = end
        at = end
    pieces.append(text[start:])
    return [piece.strip() for piece in pieces if piece.strip()]


def _ends_here(text: str, start: int, at: int, end: int) -> bool:
    if end < len(text) and not text[end].isspace():
        # "Hej!Jag" and "klar.Vi" are two sentences written in a hurry; "t.ex", "lu.se" and "12.00" are not.
        hurried = at > 0 and text[at - 1].isalpha() and text[end].isupper() and end - at == 1
        return text[at] in "!?" or (hurried and "@" not in text[max(start, at - _NEAR) : end + 20])
    if text[at] != ".":
        return True
    before = text[max(start, at - _NEAR) : at].rpartition(" ")[2].casefold().strip("(\"'")
    last = before.rpartition(".")[2]
    if last.isdigit() and len(last) <= 2:  # "12. März", "12.3."; a year ends a sentence
        return False
    return not (
        before in programs().abbreviations or (len(before) == 1 and before.isalpha() and text[at - 1].isupper())
    )


def sentence_of(text: str, line: int = 0) -> Sentence:
    """One sentence, its words and where punctuation parts them."""
    words: list[str] = []
    folded: list[str] = []
    breaks: set[int] = set()
    for chunk in text[:8000].split():
        bare = chunk.strip("<>()[]\"'.,;:!?\u201c\u201d")
        if ("@" in bare and bare.find("@") > 0) or "://" in bare or bare.startswith("www."):
            bare = bare.removeprefix("mailto:")
            words.append(bare)
            folded.append(bare.casefold())
        else:
            _take(chunk, words, folded, breaks)
        if chunk[-1] in _BREAKS + ".":
            breaks.add(len(words))
        if len(words) >= _WORDS:
            break
    stripped = text.rstrip(" )\"'\u201d\U0001f642\U0001f60a")
    return Sentence(
        text, tuple(words), tuple(folded), frozenset(at for at in breaks if 0 < at < len(words)),
        stripped.endswith("?") or "?!" in stripped[-4:] or "??" in text, line,
    )  # fmt: skip


def _take(chunk: str, words: list[str], folded: list[str], breaks: set[int]) -> None:
    """The words of something without blanks: `förhinder,tyvärr` are two, `AI-dagen` are two, `can't` is one."""
    run = ""
    for sign in chunk + " ":
        if sign.isalnum() or sign in "'\u2019\u00b4" or (run and sign in "\u0300\u0301\u0308\u030a"):
            run += sign
            continue
        for word in split_words(run) if run else ():
            words.append(word)
            folded.append(fold(word))
        run = ""
        if sign in _BREAKS:
            breaks.add(len(words))
