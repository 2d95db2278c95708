"""Our own lint of a letter's HTML: structure, language, sizes, contrast, remote resources; its visible text,
and whether the text form says the same.
"""

import re
from html import unescape
from html.parser import HTMLParser

from mailflow.render.palette import contrast

VOID = {"meta", "br", "hr"}
TAGS = {"html", "head", "title", "style", "body", "div", "table", "caption", "tr", "th", "td", "p", "h1", "h2", "ul", "li",
        "a", "span", "code", "blockquote"} | VOID  # fmt: skip


class Lint(HTMLParser):
    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.wrong: list[str] = []
        self.open: list[tuple[str, dict[str, str]]] = []
        self.words: list[str] = []
        self.links: list[str] = []
        self.headings = 0
        self.lists_table = False
        self.feed(source)
        self.close()
        if self.open:
            self.wrong.append(f"left open: {[tag for tag, _ in self.open]}")

    def handle_starttag(self, tag, attributes):
        values = {key: value or "" for key, value in attributes}
        if tag not in TAGS:
            self.wrong.append(f"<{tag}> is not one of ours")
        if len(dict(attributes)) != len(attributes):
            self.wrong.append(f"an attribute twice in <{tag}>")
        self.wrong += [f"{key} on <{tag}>" for key in values if key.startswith("on") or key in ("src", "background")]
        if tag == "table" and values.get("role") != "presentation":
            self.lists_table = True
        if tag == "caption":
            self.lists_table = False
        if tag == "tr" and self.lists_table:
            self.wrong.append("a data table without caption")
        if tag == "th" and values.get("scope") not in ("row", "col"):
            self.wrong.append("<th> without scope")
        if tag == "html" and not values.get("lang"):
            self.wrong.append("<html> without lang")
        if tag == "a":
            self.links.append(values.get("href", ""))
        self.headings += tag == "h1"
        self._style(tag, values.get("style", ""))
        if tag not in VOID:
            self.open.append((tag, values))
        elif tag == "br":
            self.words.append(" ")

    def _style(self, tag, style):
        for size in re.findall(r"font(?:-size)?:[^;]*?(\d+)px", style):
            if int(size) < 13:
                self.wrong.append(f"{size}px in <{tag}>")
        if "url(" in style or "@import" in style:
            self.wrong.append(f"a resource in the style of <{tag}>")

    def handle_endtag(self, tag):
        if tag in VOID:
            return
        if not self.open or self.open[-1][0] != tag:
            self.wrong.append(f"</{tag}> closes {self.open[-1][0] if self.open else 'nothing'}")
        else:
            self.open.pop()
        if tag in ("p", "td", "th", "li", "h1", "h2", "caption", "blockquote"):
            self.words.append(" ")

    def handle_data(self, data):
        if any(tag in ("style", "title") or "display:none" in values.get("style", "") for tag, values in self.open):
            return
        self.words.append(data)
        self._contrast(data)

    def _contrast(self, data):
        if not data.strip():
            return
        ink = paper = None
        for _, values in reversed(self.open):
            style = values.get("style", "")
            ink = ink or next(iter(re.findall(r"(?:^|;)color:(#[0-9a-f]{6})", style)), None)
            paper = paper or next(iter(re.findall(r"background:(#[0-9a-f]{6})", style)), None)
        if ink is None or paper is None or contrast(ink, paper) < 4.5:
            self.wrong.append(f"contrast {ink} on {paper}: {data.strip()[:30]!r}")

    @property
    def text(self) -> str:
        return " ".join("".join(self.words).split())


def words_of(text):
    """What can be compared: letters and digits, whatever the drawing."""
    return re.findall(r"\w+", text)


def differences(rendered):
    """The words that only the text of a letter has, and those that only its HTML has."""
    lint = Lint(rendered.html)
    text, html = set(words_of(rendered.text)), set(words_of(lint.text))
    # The map's address is a link in the HTML, the sender's line names host and title once more, captions name tables,
    # and a button, which says more than the word that one replies, is "Reply YES" in the text.
    links = {word for link in lint.links if link.startswith("https:") for word in words_of(link)}
    button = {"Reply", "Svara"} if 'class="button"' in rendered.html else set()
    only_html = [rendered.subject, *re.findall(r"<caption[^>]*>([^<]*)", rendered.html)]
    only_html += re.findall(r'<a class="button"[^>]*>\w+,([^<]*)', rendered.html)
    only_html += re.findall(r'<p class="soft" [^>]*>([^<]*)</p>\n<h1', rendered.html)
    extra = set(words_of(unescape(" ".join(only_html))))
    return text - html - links - button, html - text - extra
