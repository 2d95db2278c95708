"""The text form: 72 columns, and no break inside a command, code, address or link (letters.md §4)."""

from functools import lru_cache

from mailflow.render.facts import Fact

COLUMNS = 72
_LABEL = 32
# Stands for a blank that must not become a line end; turned back into a blank at the very end.
KEPT = "\u00a0"


@lru_cache(maxsize=2048)  # most lines of a letter are those of the letter before
def wrap(text: str, first: str = "", rest: str = "", columns: int = COLUMNS) -> str:
    """One paragraph. `first` and `rest` stand before its first and further lines; a longer word keeps its own line."""
    lines: list[str] = []
    line = first
    empty = True
    for word in text.replace("\n", " ").split(" "):
        if not word:
            continue
        if not empty and len(line) + 1 + len(word) > columns:
            lines.append(line)
            line, empty = rest, True
        line = line + word if empty else f"{line} {word}"
        empty = False
    if not empty or not lines:
        lines.append(line)
    return "\n".join(lines)


def quoted(text: str) -> str:
    """`> ` before each line, wrapped; as mail programs quote (RFC 3676 §4.5)."""
    return "\n".join(wrap(line, "> ", "> ") if line else ">" for line in text.split("\n"))


def table(rows: tuple[Fact, ...], indent: str = "  ") -> str:
    """Aligned `Label:  value`; the value hangs under itself, and a link stands on a line of its own below it.

    So does the value of a label of more than 32 characters: else one long question pushes every value to the edge.
    """
    width = max((len(row.label) for row in rows if len(row.label) <= _LABEL), default=0) + 3
    lines = []
    for row in rows:
        beside = f"{row.label + ':':<{width}}"
        if len(row.label) > _LABEL:
            lines.append(wrap(f"{row.label}:", indent, indent))
            beside = " " * width
        lines.append(wrap(row.value, indent + beside, indent + " " * width))
        if row.href and row.href != row.value:
            lines.append(f"{indent}{' ' * width}{row.href}")
    return "\n".join(lines)


def beside(command: str, outcome: str, column: int = 22) -> str:
    """`> CLOSE               Done. …`: the outcome hangs under itself, below a command that is too long for that."""
    if len(command) + 2 > column:
        return f"{wrap(command, '', '  ')}\n{wrap(outcome, ' ' * column, ' ' * column)}"
    return wrap(outcome, f"{command:<{column}}", " " * column)


def bar(part: int, whole: int, columns: int = 20) -> str:
    """`█████░░░`: the number always stands beside it."""
    full = min(columns, round(columns * part / whole)) if whole > 0 else 0
    return "█" * full + "░" * (columns - full)


def tidy(text: str) -> str:
    """What a text letter ends as: no blanks at line ends, one empty line between paragraphs, kept blanks as blanks."""
    lines: list[str] = []
    for raw in text.replace(KEPT, " ").split("\n"):
        # Two dashes and a blank begin a signature (RFC 3676 §4.3); answering programs leave it out of the quote.
        line = raw if raw == "-- " else raw.rstrip()
        if line or (lines and lines[-1]):
            lines.append(line)
    while lines and not lines[-1]:
        lines.pop()
    return "\n".join(lines) + "\n"
