"""What the sender wrote in this mail, apart from what he quotes, forwards and what programs add.

Line by line, in one pass, in any language of `programs.toml` (understanding.md §2.6). A line that looks like nothing
known is new text: what is wrongly kept makes a person look, what is wrongly cut could be a word that changes all.
"""

from dataclasses import dataclass

from mailflow.reading.words import Words, begins, fold, fold_words, lexicon, programs

LINE_LENGTH = 1000
LINES = 2000
_INVISIBLE = str.maketrans({"\ufeff": "", "\u200b": "", "\u200c": "", "\u200d": "", "\u00a0": " ", "\u202f": " ",
                            "\t": " ", "\r": ""})  # fmt: skip
_OWN_LINE_LENGTH = 12


@dataclass(frozen=True, slots=True)
class NewText:
    """`lines` are the new text, blank lines included; `signature` what stands behind `-- `.

    `quoted`: lines of quoted mail. `forwarded`: the quoted mail is passed on. `whole` is false when something was
    too long to be looked at. `program_lines`: lines of mobile programs, banners and disclaimers. `beneath` are the
    quoted lines themselves.
    """

    lines: tuple[str, ...] = ()
    signature: tuple[str, ...] = ()
    quoted: int = 0
    forwarded: bool = False
    program_lines: int = 0
    whole: bool = True
    beneath: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The new text for people, without blank lines around it."""
        return "\n".join(self.lines).strip()


@dataclass(slots=True)
class _Sorter:
    """The lines of one mail and what each was found to be: n(ew), q(uote), s(ignature), p(rogram)."""

    lines: list[str]
    kinds: list[str]
    forwarded: bool = False
    in_signature: bool = False


def split_text(text: str, own_text: tuple[str, ...] = ()) -> NewText:
    """Sort the lines of a mail. Total, and linear in the length of the text."""
    raw = text.split("\n", LINES)
    whole = len(raw) <= LINES and all(len(line) <= LINE_LENGTH for line in raw)
    lines = [line[:LINE_LENGTH].translate(_INVISIBLE).rstrip() for line in raw[:LINES]]
    sorter = _Sorter(lines, ["n"] * len(lines))
    at = 0
    while at < len(lines):
        at = _sort(sorter, at)
    _subtract(sorter, own_text)
    return NewText(
        lines=tuple(line.strip() for line, kind in zip(lines, sorter.kinds, strict=True) if kind == "n"),
        signature=tuple(line.strip() for line, kind in zip(lines, sorter.kinds, strict=True) if kind == "s" and line),
        quoted=sum(kind == "q" for kind in sorter.kinds),
        forwarded=sorter.forwarded,
        program_lines=sum(kind == "p" for kind in sorter.kinds),
        whole=whole,
        beneath=tuple(line.strip() for line, kind in zip(lines, sorter.kinds, strict=True) if kind == "q"),
    )


def bounded(lines: tuple[str, ...], lines_most: int, length_most: int) -> tuple[str, ...]:
    """The first lines, at most so many with at most so many characters together; the last one may be cut."""
    found: list[str] = []
    left = length_most
    for line in lines[:lines_most]:
        if left <= 0:
            break
        found.append(line[:left])
        left -= len(line)
    return tuple(found)


def _sort(sorter: _Sorter, at: int) -> int:
    """Decide what the line `at` and those that belong to it are; return where to go on."""
    line = sorter.lines[at].strip()
    if not line:
        return at + 1
    if line.startswith(">"):
        return _mark(sorter, at, at + 1, "q")
    if end := _attribution(sorter.lines, at):
        below = next((rest.strip() for rest in sorter.lines[end:] if rest.strip()), ">")
        # A program that does not mark the quoted lines puts the quoted mail last.
        return _mark(sorter, at, end if below.startswith(">") else len(sorter.lines), "q")
    if _delimiter(sorter, at) or _header_block(sorter.lines, at):
        return _mark(sorter, at, len(sorter.lines), "q")
    if line == "--":
        sorter.in_signature = True
        return _mark(sorter, at, at + 1, "p")
    if end := _of_program(sorter.lines, at):
        return _mark(sorter, at, end, "p")
    return _mark(sorter, at, at + 1, "s" if sorter.in_signature else "n")


def _mark(sorter: _Sorter, start: int, end: int, kind: str) -> int:
    sorter.kinds[start:end] = kind * (end - start)
    return end


def _attribution(lines: list[str], at: int) -> int:
    """Where "On … wrote:" ends that begins here, at most three lines with no blank one between, or 0."""
    end = _attribution_end(lines, at)
    # A line of new text right above must not be drawn in: the shortest attribution wins.
    inner = any(_attribution_end(lines, later, by_address=False) == end for later in range(at + 1, end))
    return 0 if inner else end


def _attribution_end(lines: list[str], at: int, *, by_address: bool = True) -> int:
    known = programs()
    first = lines[at].strip()
    words = fold_words(first[:60])
    dated = sum(c.isdigit() for c in first) >= 6
    named = by_address and "@" in first
    if not words or not (words[0] in known.attribution_starts or words[0].isdigit() or dated or named):
        return 0
    for end in range(at + 1, min(at + 4, len(lines) + 1)):
        if not lines[end - 1].strip():
            return 0
        joined = " ".join(line.strip() for line in lines[at:end])
        if joined.endswith(":"):
            row = fold_words(joined)
            verb = any(row[i : i + n] in known.attribution_verbs for n in (1, 2) for i in range(len(row) - n + 1))
            # Without a date or an address it is a person's sentence: "My colleague wrote:".
            return end if verb and (sum(c.isdigit() for c in joined) >= 6 or "@" in joined) else 0
    return 0


def _delimiter(sorter: _Sorter, at: int) -> bool:
    line = sorter.lines[at].strip()
    bare = line.strip("-_=*~ :")
    words = fold_words(bare) if len(bare) <= 80 else ()
    if words in programs().forwarded and (line[0] in "-_=*~" or line.endswith(":") or words[0] == "begin"):
        sorter.forwarded = True
        return True
    if line[0] not in "-_=":
        return False
    if words in programs().original:
        return True
    if len(line) >= 10 and not bare:  # a bare rule counts only with headers below it
        # Two rules one below the other: a program and the HTML both drew one.
        near = range(at + 1, min(at + 5, len(sorter.lines)))
        below = next((i for i in near if sorter.lines[i].strip("-_=*~ ")), None)
        return below is not None and _header_block(sorter.lines, below)
    return False


def header_of(line: str) -> str:
    """Which header of a quoted mail this line is ("from", "sent", "to", "subject"), or ""."""
    name, colon, _ = line[:40].lstrip("*> ").partition(":")
    if not colon:
        return ""
    folded = fold(name.strip("* \u00a0"))
    return next((header for header, names in programs().headers if folded in names), "")


def _header_block(lines: list[str], at: int) -> bool:
    """Three different of From, Sent, To, Subject within six lines; one blank line between them is tolerated."""
    found: set[str] = set()
    blanks = 0
    for line in lines[at : at + 10]:
        if not line.strip():
            blanks += 1
            if blanks > 1:
                break
            continue
        blanks = 0
        header = header_of(line)
        if not header and not found:
            return False
        found.add(header)
    return len(found - {""}) >= 3


def _of_program(lines: list[str], at: int) -> int:
    """Where a mobile line, a banner or a disclaimer that begins here ends, or 0."""
    known = programs()
    line = lines[at].strip()
    words = fold_words(line[:200])
    if not words:
        return 0
    if begins(words, known.mobile) and len(line) <= 120 and not lexicon().doubtful(words):
        return at + 1
    for starts, needs in ((known.banner, known.banner_needs), (known.disclaimer, known.disclaimer_needs)):
        if begins(words, starts):
            limit = min(at + 12, len(lines))
            end = next((i for i in range(at, limit) if not lines[i].strip()), limit)
            paragraph = fold_words(" ".join(lines[at:end]))
            if len(paragraph) >= 6 and _has(paragraph, needs):
                return end
    return 0


def _has(words: Words, needs: frozenset[str]) -> bool:
    return any(" ".join(words[i : i + n]) in needs for n in (1, 2) for i in range(len(words) - n + 1))


def _subtract(sorter: _Sorter, own_text: tuple[str, ...]) -> None:
    """Lines of our own letter are quote, in any program and language (understanding.md §2.6.7)."""
    own = {" ".join(line.split()) for text in own_text for line in text.splitlines()}
    own = {line for line in own if len(line) >= _OWN_LINE_LENGTH}
    if own:
        for at, line in enumerate(sorter.lines):
            if sorter.kinds[at] == "n" and " ".join(line.split()) in own:
                sorter.kinds[at] = "q"
