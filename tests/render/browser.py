"""Letters in a real browser: one Chromium without network, axe-core, and a ruler of our own."""

import base64
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page, sync_playwright

PATH = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
SCHEMES = ("light", "dark")
WIDTHS = (600, 375)
BOTH = tuple((scheme, width) for scheme in SCHEMES for width in WIDTHS)
# Everything that axe knows of WCAG 2.2 A and AA, and of good practice; no rule is switched off.
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations", "incomplete"],
    # Letters have no style sheets or media to fetch before axe begins.
    "preload": False,
}
# Axe is half a megabyte: it is loaded once, and each letter takes the place of the one before in the same window.
PUT = """html => {
  const letter = new DOMParser().parseFromString(html, "text/html");
  document.replaceChild(document.adoptNode(letter.documentElement), document.documentElement);
}"""
ASK = """async rules => {
  const found = await axe.run(document, rules);
  const say = (kind) => found[kind].flatMap(rule => rule.nodes.map(node => `${rule.id}: ${node.html.slice(0, 160)}`));
  return {violations: say("violations"), incomplete: say("incomplete")};
}"""
MEASURE = """() => {
  const wrong = [], page = document.documentElement;
  if (page.scrollWidth > window.innerWidth) wrong.push(`${page.scrollWidth} px wide in ${window.innerWidth}`);
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const text = texts.currentNode.data.trim(), style = getComputedStyle(texts.currentNode.parentElement);
    if (text && parseFloat(style.fontSize) < 13) wrong.push(`${style.fontSize} for ${text.slice(0, 40)}`);
  }
  for (const link of document.links) {
    if (!link.href.startsWith("mailto:")) continue;
    const {width, height} = link.getBoundingClientRect();
    if (height < 44 || (link.className === "button" && width < 44))
      wrong.push(`a target of ${width} x ${height} px: ${link.textContent}`);
  }
  return wrong;
}"""

# For each line of text, as it was painted: the colour of most of its pixels, and the one that differs most from it.
CONTRASTS = """async png => {
  const image = new Image();
  image.src = "data:image/png;base64," + png;
  await image.decode();
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [image.width, image.height];
  const pen = canvas.getContext("2d", {willReadFrequently: true}), zoom = image.width / window.innerWidth;
  pen.drawImage(image, 0, 0);
  const linear = value => value <= 10 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4;
  const luminance = key =>
    0.2126 * linear(key >> 16) + 0.7152 * linear((key >> 8) & 255) + 0.0722 * linear(key & 255);
  const seen = [], texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const range = document.createRange();
    range.selectNodeContents(texts.currentNode);
    if (!texts.currentNode.data.trim()) continue;
    for (const box of range.getClientRects()) {
      const sides = [box.left, box.top, box.width, box.height].map(side => Math.round(side * zoom));
      if (sides[2] < 2 || sides[3] < 2) continue;
      const pixels = pen.getImageData(...sides).data, count = new Map();
      for (let at = 0; at < pixels.length; at += 4) {
        const key = pixels[at] << 16 | pixels[at + 1] << 8 | pixels[at + 2];
        count.set(key, (count.get(key) || 0) + 1);
      }
      const paper = luminance([...count].sort((one, other) => other[1] - one[1])[0][0]);
      const ratios = [...count.keys()].map(luminance).map(
        ink => (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05));
      seen.push([texts.currentNode.data.trim().slice(0, 40), Math.max(...ratios), paper]);
    }
  }
  return seen;
}"""


@dataclass(frozen=True, slots=True)
class Look:
    """What was found of one letter in one scheme (light, dark) and width (px): all empty when it is as it should be.

    `unsure` is what axe could not decide. `requests` are the addresses that the letter asked for.
    """

    name: str
    scheme: str
    width: int
    violations: tuple[str, ...]
    unsure: tuple[str, ...]
    measures: tuple[str, ...]
    requests: tuple[str, ...]


@contextmanager
def window(*arguments: str, zoom: int = 1) -> Iterator[Page]:
    """An empty window of a browser that cannot reach anything; skips where there is no Chromium."""
    if PATH is None:
        pytest.skip("no browser is installed (chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=PATH, args=["--host-resolver-rules=MAP * ~NOTFOUND", *arguments]
        )
        page = browser.new_context(offline=True, device_scale_factor=zoom).new_page()
        # Standards mode, as the letters' own doctype asks for.
        page.set_content("<!DOCTYPE html><title>-</title>")
        yield page
        browser.close()


def look(letters: Mapping[str, str], where: Iterable[tuple[str, int]] = BOTH) -> list[Look]:
    """Every letter (name → HTML) in each (scheme, width) of `where`, in one run of the browser."""
    where, looks = tuple(where), []
    with window() as page:
        page.evaluate(AXE_SCRIPT)
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        for name, html in letters.items():
            page.evaluate(PUT, html)
            for scheme, width in where:
                page.emulate_media(color_scheme=scheme)
                page.set_viewport_size({"width": width, "height": 900})
                measures, found = page.evaluate(MEASURE), page.evaluate(ASK, RULES)
                looks.append(
                    Look(name, scheme, width, tuple(found["violations"]), tuple(found["incomplete"]),
                         tuple(measures), tuple(asked))
                )  # fmt: skip
            asked.clear()
    return looks


def measured(letters: Mapping[str, str], width: int) -> list[str]:
    """What the ruler says of each letter in a window that is `width` px wide, and what it asked the network for.

    Without axe, which takes ten times as long and has seen the same elements with shorter words.
    """
    found = []
    with window() as page:
        page.set_viewport_size({"width": width, "height": 900})
        page.on("request", lambda request: found.append(f"asked for {request.url}"))
        for name, html in letters.items():
            page.evaluate(PUT, html)
            found += [f"{name}: {line}" for line in page.evaluate(MEASURE)]
    return found


def painted(letters: Mapping[str, str], *arguments: str) -> list[tuple[str, str, float, float]]:
    """(letter, text, contrast, luminance behind it) of each line of text, from the pixels of a browser at 375 px.

    For what a style cannot tell: colours that the browser (`arguments`) puts in the place of ours.
    """
    lines = []
    with window(*arguments, zoom=2) as page:
        page.set_viewport_size({"width": 375, "height": 900})
        for name, html in letters.items():
            page.evaluate(PUT, html)
            png = base64.b64encode(page.screenshot(full_page=True)).decode()
            lines += [(name, text, ratio, paper) for text, ratio, paper in page.evaluate(CONTRASTS, png)]
    return lines


def wrong(looks: Iterable[Look], what: str) -> list[str]:
    """One line for each finding of that kind, with where it was seen."""
    return [f"{one.name} ({one.scheme}, {one.width} px): {line}" for one in looks for line in getattr(one, what)]
