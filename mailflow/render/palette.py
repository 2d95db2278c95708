"""Colours of the letters, and the arithmetic of contrast (WCAG 2.2, 1.4.3)."""

from dataclasses import dataclass, fields

ENOUGH = 4.5
_WHITE = (255, 255, 255)
_BLACK = (0, 0, 0)
_DARK_CARD = "#1f2428"
_DARK_INK = "#0b1a2b"
_DEFAULT_ACCENT = "#0b5cad"


@dataclass(frozen=True, slots=True)
class Palette:
    """letters.md §4. `on_accent` is text on the accent; `link` is text in the accent's colour on the card."""

    page: str
    card: str
    text: str
    muted: str
    rule: str
    accent: str
    on_accent: str
    link: str

    def items(self) -> tuple[tuple[str, str], ...]:
        return tuple((field.name, getattr(self, field.name)) for field in fields(self))


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours `#rrggbb`, 1.0 to 21.0. Raises ValueError."""
    light, dark = sorted((_luminance(_rgb(one)), _luminance(_rgb(other))), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def light(accent: str) -> Palette:
    """For light surroundings. An accent too pale to be read on white is darkened for links."""
    ink = "#ffffff" if contrast(accent, "#ffffff") >= ENOUGH else "#1b2733"
    if contrast(accent, ink) < ENOUGH:
        ink = "#000000"
    link = _towards(accent, _BLACK, "#ffffff", ENOUGH)
    return Palette("#eef1f4", "#ffffff", "#1b2733", "#4d5b68", "#d9e0e6", accent, ink, link)


def dark(accent: str) -> Palette:
    """For dark surroundings: the accent lightened until it can be read there."""
    if accent.lower() == _DEFAULT_ACCENT:
        button, link = "#7fb8ff", "#8ec1ff"
    else:
        button = link = _towards(accent, _WHITE, _DARK_CARD, 7.0)
    return Palette("#14171a", _DARK_CARD, "#f0f3f5", "#b6bec6", "#3a4147", button, _DARK_INK, link)


def _towards(colour: str, goal: tuple[int, int, int], behind: str, ratio: float) -> str:
    start = _rgb(colour)
    for step in range(21):
        mixed = tuple(round(a + (b - a) * step / 20) for a, b in zip(start, goal, strict=True))
        text = "#{:02x}{:02x}{:02x}".format(*mixed)
        if contrast(text, behind) >= ratio:
            return text
    return "#{:02x}{:02x}{:02x}".format(*goal)


def _rgb(colour: str) -> tuple[int, int, int]:
    if len(colour) != 7 or colour[0] != "#":
        raise ValueError(f"{colour!r} is not a colour of the form #rrggbb")
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _luminance(rgb: tuple[int, int, int]) -> float:
    red, green, blue = (value / 255 / 12.92 if value <= 10 else ((value / 255 + 0.055) / 1.055) ** 2.4 for value in rgb)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
