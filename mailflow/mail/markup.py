"""What a person sees of an HTML mail, as lines of text. A tokenizer that only ever moves forward.

Not `html.parser`: 50 KB of `<a <a` keep it busy for 15 s (dependencies.md, trap 16). Here whatever stays open at the
end ends the reading, as in a browser, so that no search for an end is ever made twice.
"""

import html
import re
import unicodedata

LIMIT = 256 * 1024
_QUOTES_MOST = 5
_STEPS_MOST = 30_000  # tags; people's mails of this length have a third of it
_TAG = re.compile(r"/?[A-Za-z][A-Za-z0-9:-]{0,30}")
_OPEN_QUOTE = re.compile(r"=[ \t\r\n\f]*([\"'])")
_BLANKS = re.compile(r"[ \t\r\n\f]+")
# Bounded: a number of thousands of digits makes `html.unescape` raise.
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,31})(?![0-9]);?")
_HIDDEN = re.compile(r"display\s{0,9}:\s{0,9}none|max-height\s{0,9}:\s{0,9}0(?![.0-9]*[1-9])", re.IGNORECASE)
_SIZE = re.compile(r"font-size\s{0,9}:\s{0,9}([0-9.]{1,9})", re.IGNORECASE)
_CITED = re.compile(r"protonmail_quote|moz-cite-prefix|yahoo_quoted", re.IGNORECASE)
_INDENTED = re.compile(r"border(?:-style)?\s{0,9}:\s{0,9}none", re.IGNORECASE)
# Where Outlook and Word put a line above the mail that is answered; its text form is a row of underscores.
_RULE = re.compile(r"divRplyFwdMsg|border-top\s{0,9}:\s{0,9}solid\s{0,9}#[0-9a-f]{3,6}\s{0,9}1\.0pt", re.IGNORECASE)
RULE = "_" * 32
_LITERAL = {"script", "style", "title", "textarea", "xmp", "noembed", "noframes", "head"}
_VOID = {"br", "hr", "img", "input", "meta", "link", "area", "base", "col", "embed", "source", "track", "wbr", "o:p"}
_UNSEEN = {"template", "select", "object", "svg", "iframe", "datalist"}
_BLOCKS = {
    "address", "article", "aside", "blockquote", "body", "center", "dd", "div", "dl", "dt", "fieldset", "figure",
    "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "html", "hr", "li", "main", "nav", "ol", "option",
    "p", "pre", "section", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul",
}  # fmt: skip
_CELLS = {"td", "th"}
_APART = {"p", "h1", "h2", "h3", "h4", "h5", "h6"}
_TIGHT = re.compile(r"MsoNormal|MsoPlainText|margin(?:-top|-bottom)?\s{0,9}:\s{0,9}0", re.IGNORECASE)


def html_to_text(source: str) -> str:
    """The visible text, a line for each block, quoted lines with `> ` in front. Linear, never raises.

    Style, script, head, comments and hidden elements are left out; cells of a row are parted by a blank; the first
    256 Ki characters are read.
    """
    page = _Page(source[:LIMIT])
    page.read()
    return page.text()


class _Page:
    """The elements that are open, and the lines so far."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._lines: list[str] = []
        self._line: list[str] = []
        self._open: list[tuple[str, int, int, bool]] = []  # name, hides, quotes, tiny outside it
        self._count: dict[str, int] = {}
        self._hidden = 0
        self._tiny = False
        self._quoted = 0
        self._pre = 0
        self._gap = False
        self._headless = False

    def text(self) -> str:
        self._break()
        return "\n".join(self._lines).strip("\n")

    def read(self) -> None:
        source, at = self._source, 0
        for _ in range(_STEPS_MOST):
            less = source.find("<", at)
            if less < 0:
                self._say(source[at:])
                return
            match = _TAG.match(source, less + 1)
            if match:
                self._say(source[at:less])
                at = self._tag(match[0].lower(), match.end())
            elif source.startswith(("!", "?"), less + 1):
                self._say(source[at:less])
                at = self._aside(less)
            else:
                # A sign of its own, as in `1 < 2`.
                self._say(source[at : less + 1])
                at = less + 1
            if at < 0:
                return

    def _aside(self, less: int) -> int:
        """The place after a comment or declaration, -1 when it never ends."""
        if self._source.startswith("<!--", less):
            end = self._source.find("-->", less + 2)
            return end + 3 if end >= 0 else -1
        end = self._source.find(">", less)
        return end + 1 if end >= 0 else -1

    def _tag(self, name: str, at: int) -> int:
        """Act on a tag whose name ends at `at`; the place after it, -1 when it never ends."""
        end = at + 1 if self._source.startswith(">", at) else self._end_of_tag(at)
        if end < 0:
            return -1
        if name.startswith("/"):
            self._close(name[1:])
            return end
        if name in _LITERAL and not (name == "head" and self._headless):
            return self._after_literal(name, end)
        self._enter(name, self._source[at : end - 1])
        return end

    def _end_of_tag(self, at: int) -> int:
        """The place after the `>` that ends a tag; one inside a quoted value does not."""
        source = self._source
        greater = source.find(">", at)
        while greater >= 0:
            quote = _OPEN_QUOTE.search(source, at, greater)
            if not quote:
                return greater + 1
            at = source.find(quote[1], quote.end()) + 1
            if at == 0:
                return -1
            if at > greater:
                greater = source.find(">", at)
        return -1

    def _after_literal(self, name: str, at: int) -> int:
        """The place after the end tag; -1 without one. A head without end is an empty head, as for a browser."""
        end = re.compile(f"</{name}", re.IGNORECASE).search(self._source, at)
        if not end:
            self._headless = True
            return at if name == "head" else -1
        greater = self._source.find(">", end.end())
        return greater + 1 if greater >= 0 else -1

    def _enter(self, name: str, attributes: str) -> None:
        self._lay(name, attributes)
        if name in _VOID or attributes.endswith("/"):
            return
        hides, quotes = int(name in _UNSEEN), int(name == "blockquote")
        self._open.append((name, hides, quotes, self._tiny))
        if attributes:
            hides |= bool(_HIDDEN.search(attributes))
            quotes = int(quotes and not _INDENTED.search(attributes)) | bool(_CITED.search(attributes))
            self._open[-1] = (name, hides, quotes, self._tiny)
        if attributes and (size := _SIZE.search(attributes)):
            # Newsletters set a frame to nothing and its cells to 14 px: the inner size counts.
            self._tiny = not size[1].strip("0.")
        self._count[name] = self._count.get(name, 0) + 1
        self._hidden += hides
        self._quoted += quotes
        self._pre += name == "pre"

    def _lay(self, name: str, attributes: str) -> None:
        """Lines and blanks that an opening tag makes."""
        if name in _BLOCKS:
            if self._open and self._open[-1][0] == "p":
                self._close("p")
            if name in _CELLS:
                self._line.append(" ")
            else:
                self._break()
            if attributes and not self._hidden and _RULE.search(attributes):
                self._lines.append(RULE)
        if name == "br" and not self._hidden:
            self._break(blank=True)
        elif name == "hr" and not self._hidden:
            self._lines.append(RULE)
        elif name in _APART and not (attributes and _TIGHT.search(attributes)):
            self._gap = True

    def _close(self, name: str) -> None:
        """End the innermost element of that name and whatever is still open in it; nothing when there is none.

        Counting the open elements keeps this linear: `</i>` for 50,000 open `<div>` looks at none of them.
        """
        if name in _BLOCKS:
            if name in _CELLS:
                self._line.append(" ")
            else:
                self._break()
            self._gap = self._gap or name in _APART - {"p"}
        if not self._count.get(name):
            return
        while self._open:
            top, hides, quotes, self._tiny = self._open.pop()
            self._count[top] -= 1
            self._hidden -= hides
            self._quoted -= quotes
            self._pre -= top == "pre"
            if top == name:
                return

    def _say(self, text: str) -> None:
        if not text or self._hidden or self._tiny:
            return
        if "&" in text:
            text = _ENTITY.sub(lambda found: html.unescape(found[0]), text)
        if self._pre:
            first, *more = text.replace("\r\n", "\n").split("\n")
            self._line.append(first)
            for line in more:
                self._break(blank=True)
                self._line.append(line)
        else:
            self._line.append(text)

    def _break(self, *, blank: bool = False) -> None:
        """End the line; with `blank` also one that has nothing in it."""
        line = "".join(self._line)
        self._line.clear()
        if line and not self._pre:
            line = _BLANKS.sub(" ", line).strip(" ")
        if not line and not blank:
            return
        prefix = "> " * min(self._quoted, _QUOTES_MOST)
        if self._gap and self._lines and self._lines[-1]:
            self._lines.append(prefix.rstrip())
        self._gap = False
        self._lines.append((prefix + line).rstrip())


def visible_words(text: str) -> frozenset[str]:
    """Its words of three characters and more, for comparing two versions of a text."""
    return frozenset(word for word in re.findall(r"[^\W_]{3,60}", unicodedata.normalize("NFC", text[:8000]).casefold()))
