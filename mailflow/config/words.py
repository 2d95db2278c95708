"""Organisers' words in the languages of their event, cleaned once, here."""

from collections.abc import Callable, Sequence

from mailflow.config.values import Kind
from mailflow.mail.clean import clean, clean_text
from mailflow.model.event import Localized

_WORD_LIMIT = 60


def _limited(text: object, limit: int, cleaned: Callable[[str, int], str]) -> str:
    # `clean` would cut in silence; an organiser has to be told.
    if not isinstance(text, str):
        raise ValueError("not a text")  # noqa: TRY004  every reader of a Kind raises ValueError
    if len(text) > limit:
        raise ValueError(f"{len(text)} characters, at most {limit} are allowed")
    return cleaned(text, limit)


def line(limit: int) -> Kind[str]:
    """One line in no particular language (a name, a street), which may be empty."""
    return Kind(f"one line of at most {limit} characters", '"Eden 236"', lambda raw: _limited(raw, limit, clean))


def title(limit: int) -> Kind[str]:
    """One line that says something."""

    def read(raw: object) -> str:
        text = _limited(raw, limit, clean)
        if not text:
            raise ValueError("it is empty")
        return text

    return Kind(f"one line of at most {limit} characters", '"Kim Ek"', read)


def localized(languages: Sequence[str], limit: int, *, paragraphs: int = 1) -> Kind[Localized]:
    """A table of texts by language. With `paragraphs` above 1, line breaks stay."""
    cleaned = clean_text if paragraphs > 1 else clean

    def read(raw: object) -> Localized:
        if not isinstance(raw, dict):
            raise ValueError("a text for each language stands in braces")  # noqa: TRY004  as above
        for language in raw:
            if language not in languages:
                raise ValueError(f"{language} is not one of the event's languages ({', '.join(languages)})")
        return Localized(tuple((language, _limited(text, limit, cleaned)) for language, text in raw.items()))

    example = "{ " + ", ".join(f'{language} = "…"' for language in languages[:2]) + " }"
    return Kind("a text for each language", example, read)


def localized_title(languages: Sequence[str], limit: int) -> Kind[Localized]:
    """As `localized`, but not empty in the event's first language, which is what others fall back to."""
    every = localized(languages, limit)

    def read(raw: object) -> Localized:
        text = every.read(raw)
        if not dict(text.values).get(languages[0]):
            raise ValueError(f"there is no text in {languages[0]}, the event's first language")
        # What is asked for in a missing language falls back to the first one written: make that the event's first.
        return Localized(tuple(sorted(text.values, key=lambda pair: pair[0] != languages[0])))

    return Kind(every.expected, every.example, read)


def _words(raw: object) -> tuple[str, ...]:
    if not isinstance(raw, list) or len(raw) > 50:
        raise ValueError("a list of at most 50 words")
    words = (_limited(word, _WORD_LIMIT, clean) for word in raw)
    return tuple(dict.fromkeys(word for word in words if word))


WORDS = Kind("a list of words", '["food", "kost"]', _words)
