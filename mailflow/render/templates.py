"""Where a letter's words are found, and the two environments that draw them (letters.md §2). A file compiles once."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mailflow.render import palette
from mailflow.render.words import Words, load_words
from mailflow.render.wrap import KEPT, bar, beside, quoted, table, wrap
from mailflow.resources import shipped

if TYPE_CHECKING:
    from jinja2 import Environment, Template

# Between subject, preheader, heading and body in the text form; no cleaned text contains it.
BETWEEN = "\x1f"
# Fills the rest of a mailbox's preview line, so that nothing of the letter runs into it: invisible, but not blank.
_FILLER = "\u034f\u200c\u00a0" * 60
_FAMILY = "-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif"
_FONT = f"font-family:{_FAMILY};font-size:16px;line-height:24px"
_SMALL = f"font-family:{_FAMILY};font-size:14px;line-height:20px"
_LAST = "en"
# Macros whose text follows from their arguments alone, and whose arguments are the same in letter after letter.
_REMEMBERED = ("facts", "programme", "prose", "form", "section")


class MissingTemplate(LookupError):
    """There is no such letter or language, not even a shipped English one."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A letter file found for one language, in both forms. `b` are the drawing macros of that form."""

    words: Words
    text: "Template"
    text_layout: "Template"
    text_macros: object
    html: "Template"
    html_layout: "Template"
    html_macros: object


class Library:
    """Finds and compiles letter files. `folders` are the site's own and come before the shipped ones.

    In a folder, `<event>/templates/<language>/` holds an event's own letters and `<language>/` the site's; so
    (`…/events`, `…/templates`) gives the order of letters.md §2. Files are read once; a new Library reads anew.
    """

    def __init__(self, folders: tuple[Path, ...], accent: str) -> None:
        self._folders = folders
        self._shipped = shipped("templates")
        self._look = _look(palette.light(accent), palette.dark(accent))
        shared: dict[str, object] = {"capital": capital, "between": BETWEEN, "filler": _FILLER, "kept": KEPT}
        draw: dict[str, object] = {"wrap": wrap, "table": table, "bar": bar, "quoted": quoted, "beside": beside}
        self._text = self._environment({**shared, **draw}, escape=False)
        self._html = self._environment(shared, escape=True)
        self.sheet = lru_cache(maxsize=4096)(self._sheet)
        self.words = lru_cache(maxsize=256)(self._words)
        self._macros = lru_cache(maxsize=256)(self._macros_of)

    def page(self, name: str, **values: object) -> bytes:
        """A page to print, `_shared/NAME.html.j2`: a document of its own, with none of a letter's looks. UTF-8."""
        text: str = self._html.get_template(f"_shared/{name}.html.j2").render(values)
        return text.encode("utf-8", "replace")

    def _environment(self, names: dict[str, object], *, escape: bool) -> "Environment":
        from jinja2 import Environment, FunctionLoader, StrictUndefined  # noqa: PLC0415 - 30 ms that --help needs not

        from mailflow.render.plain import PlainLetters  # noqa: PLC0415 - as above

        environment = Environment(
            loader=FunctionLoader(self._html_source if escape else self._source),
            autoescape=escape,  # noqa: S701 - off only where plain text is drawn
            undefined=StrictUndefined,
            extensions=[PlainLetters] if escape else [],
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
            cache_size=4096,
            keep_trailing_newline=False,
        )
        environment.globals.update(names)
        return environment

    def _path(self, name: str) -> Path | None:
        """`shipped/sv/registered.j2`, `0/EVENT/templates/sv/registered.j2` (folder 0), `_shared/layout.html.j2`."""
        first, _, rest = name.partition("/")
        if ".." in name.split("/"):
            return None
        if first == "shipped":
            return self._shipped / rest
        if first.isascii() and first.isdigit() and int(first) < len(self._folders):
            return self._folders[int(first)] / rest
        own = (folder / name for folder in self._folders)
        return next((path for path in own if path.is_file()), self._shipped / name)

    def _source(self, name: str) -> tuple[str, str, Callable[[], bool]] | None:
        path = self._path(name)
        if path is None or not path.is_file():
            return None
        return path.read_text(encoding="utf-8"), str(path), lambda: True

    def _html_source(self, name: str) -> tuple[str, str, Callable[[], bool]] | None:
        """The source with colours and fonts put in, for they are the same in every letter: a third of the time."""
        found = self._source(name)
        if found is None:
            return None
        source = found[0]
        for key, value in self._look:
            source = source.replace(f"{{{{ {key} }}}}", value)
        return source, *found[1:]

    def _find(self, stem: str, language: str, event: str) -> str | None:
        numbers = range(len(self._folders))
        owners = [*(f"{number}/{event}/templates" for number in numbers if event), *map(str, numbers), "shipped"]
        names = (f"{owner}/{language}/{stem}" for owner in owners)
        return next((name for name in names if (path := self._path(name)) and path.is_file()), None)

    def _words(self, language: str, event: str) -> Words:
        """The words of that language: the event's, else the site's, else the shipped ones. Raises MissingTemplate."""
        name = self._find("language.toml", language, event)
        path = self._path(name) if name else None
        if path is None:
            raise MissingTemplate(f"no language.toml for {language!r}")
        return load_words(language, path)

    def _sheet(self, kind: str, languages: tuple[str, ...], event: str) -> Sheet:
        """The letter in the first of `languages` that has it, else in English. Language goes before owner."""
        for language in (*languages, _LAST):
            name = self._find(f"{kind}.j2", language, event)
            if name is not None:
                words = self.words(language, event)
                return Sheet(
                    words,
                    self._text.get_template(name),
                    self._text.get_template("_shared/layout.txt.j2"),
                    self._macros("txt", language, event),
                    self._html.get_template(name),
                    self._html.get_template("_shared/layout.html.j2"),
                    self._macros("html", language, event),
                )
        raise MissingTemplate(f"no letter {kind!r} in {', '.join(languages)} or English")

    def _macros_of(self, form: str, language: str, event: str) -> object:
        words = self.words(language, event)
        environment = self._text if form == "txt" else self._html
        template = environment.get_template(f"_shared/blocks.{form}.j2")
        own: dict[str, Any] = {f"word_{key}": words.label(key) for key in ("now", "before", "reply")}
        module = template.make_module(own)
        for name in _REMEMBERED:
            setattr(module, name, _remembering(getattr(module, name)))
        return module


def _remembering(macro: Callable[..., object]) -> Callable[..., object]:
    """The macro with its last 128 results. A list, which a letter of the site's own may bring, is drawn each time."""
    known = lru_cache(maxsize=128)(macro)

    def draw(*values: object) -> object:
        try:
            hash(values)
        except TypeError:
            return macro(*values)
        return known(*values)

    return draw


def _look(light: palette.Palette, dark: palette.Palette) -> tuple[tuple[str, str], ...]:
    colours = [
        (f"{name}.{key}", value) for name, one in (("light", light), ("dark", dark)) for key, value in one.items()
    ]
    return (
        *colours,
        ("font", _FONT),
        ("small", _SMALL),
        ("ink", f"{_FONT};color:{light.text}"),
        ("top", f"border-top:1px solid {light.rule}"),
        ("table", 'width="100%" cellpadding="0" cellspacing="0" border="0"'),
    )


def capital(text: str) -> str:
    """The first letter as a capital: a status that stands alone as a heading."""
    return text[:1].upper() + text[1:]
