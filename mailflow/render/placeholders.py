"""What an organiser writes: plain text with paragraphs, `- ` lists, bare https links and a closed list of placeholders.

It is never a template (letters.md §2). Placeholders are filled before anything is escaped; any other `{x}` stays as
typed, and `unknown` reports it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

PLACEHOLDERS = (
    "first_name", "name", "title", "short_title", "date", "time", "venue", "booking_code", "closes", "contact",
    "seats", "taken", "waiting",
)  # fmt: skip
_BRACES = re.compile(r"\{([^{}\n]{1,40})\}")
# With what leads to it: without a name, "Sorry, {first_name}." becomes "Sorry.", and "{first_name}, we" becomes "we".
_LED = re.compile(r"(,? )?\{([^{}\n]{1,40})\}")
_FIRST = re.compile(r"^\{([^{}\n]{1,40})\},? ", re.MULTILINE)
_LINK = re.compile(r"https://[^\s<>\"]+")
_AFTER_LINK = ".,;:!?)'”’"


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text with its placeholders replaced, once: what a value contains is not looked at again.

    One whose value is "" goes with the comma and the blank before it, or behind it where a line begins with it.
    """
    empty = {name for name in PLACEHOLDERS if name in values and not values[name]}
    text = _FIRST.sub(lambda match: "" if match[1] in empty else match[0], text)
    return _LED.sub(lambda match: _filled(match[1] or "", match[2], values), text)


def _filled(lead: str, name: str, values: Mapping[str, str]) -> str:
    if name not in PLACEHOLDERS:
        return f"{lead}{{{name}}}"
    return lead + values[name] if values[name] else ""


def unknown(text: str) -> tuple[str, ...]:
    """What stands in braces and is no placeholder, in order, each once."""
    return tuple(dict.fromkeys(m[1] for m in _BRACES.finditer(text) if m[1] not in PLACEHOLDERS))


@dataclass(frozen=True, slots=True)
class Span:
    """A run of text; `href` is the address when it is a link."""

    text: str
    href: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph (one entry) or a list (an entry for each line that began with `- `)."""

    is_list: bool
    entries: tuple[tuple[Span, ...], ...]


def prose(text: str) -> tuple[Block, ...]:
    """Paragraphs and lists. A line end inside a paragraph is a blank, as mail programs would make it anyway."""
    blocks: list[Block] = []
    paragraph: list[str] = []
    items: list[str] = []

    def close() -> None:
        if paragraph:
            blocks.append(Block(is_list=False, entries=(_spans(" ".join(paragraph)),)))
        if items:
            blocks.append(Block(is_list=True, entries=tuple(_spans(item) for item in items)))
        paragraph.clear()
        items.clear()

    for raw in text.splitlines():
        line = " ".join(raw.split())
        if line.startswith("- "):
            if paragraph:
                close()
            items.append(line[2:])
        elif not line:
            close()
        elif items and raw[:1].isspace():
            items[-1] += " " + line
        else:
            if items:
                close()
            paragraph.append(line)
    close()
    return tuple(blocks)


def _spans(text: str) -> tuple[Span, ...]:
    spans: list[Span] = []
    at = 0
    for match in _LINK.finditer(text):
        link = match[0].rstrip(_AFTER_LINK)
        if match.start() > at:
            spans.append(Span(text[at : match.start()]))
        spans.append(Span(link, link))
        at = match.start() + len(link)
    if at < len(text):
        spans.append(Span(text[at:]))
    return tuple(spans)
