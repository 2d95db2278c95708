"""A letter file holds no HTML: what it says between its tags is text, and is escaped like any value."""

from collections.abc import Iterator
from html import escape

from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream


class PlainLetters(Extension):
    """Escapes the words of letter files; the layout and the macros in `_shared/` are the HTML, and stay as they are."""

    def filter_stream(self, stream: TokenStream) -> Iterator[Token]:
        plain = not (stream.name or "").startswith("_shared/")
        for token in stream:
            if plain and token.type == "data":
                yield Token(token.lineno, "data", escape(token.value, quote=False))
            else:
                yield token
