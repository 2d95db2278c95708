"""What is printed to make an event known: a code that opens a sign-up on a phone, and a poster with it."""

from io import BytesIO

import segno

from mailflow.mail.address import Address
from mailflow.mail.clean import clean
from mailflow.mail.outline import File
from mailflow.model.event import Event
from mailflow.render import facts
from mailflow.render.links import mailto
from mailflow.render.templates import Library
from mailflow.render.words import Words

_LONG_TITLE = 60
_ONE_LINE = 48


def sign_up_link(words: Words, address: Address) -> str:
    """The mail that signs up, one tap from being sent; under 500 characters."""
    word = words.command("register")
    return mailto(address, word, word)


def code_file(words: Words, address: Address) -> File:
    """sign-up.png: the link as a QR code. The same address gives the same octets."""
    octets = BytesIO()
    segno.make_qr(sign_up_link(words, address), error="m").save(octets, kind="png", scale=8, border=4)
    return File("sign-up.png", "image/png", octets.getvalue())


def poster_file(library: Library, words: Words, event: Event, address: Address) -> File:
    """poster.html: one A4 page, in the words of `words`, for any browser, and nothing from the network."""
    lang = words.language
    title = clean(event.title.get(lang), 200)
    included = event.included.get(lang)
    page = library.page(
        "poster",
        lang=lang,
        title=title,
        size=30 if len(title) > _LONG_TITLE else 42,
        host=clean(event.host, 80),
        when=facts.when(words, event),
        where=facts.where(words, event),
        included=words.say("poster", "included", included=included) if included else "",
        code=segno.make_qr(sign_up_link(words, address), error="m").svg_data_uri(scale=8, border=2),
        code_says=words.say("poster", "code", address=address),
        how=words.say("poster", "how"),
        address=str(address),
        # An address that is broken at its hyphen is typed without it.
        whole=len(str(address)) <= _ONE_LINE,
        closes=words.say("poster", "closes", closes=words.deadline(event.closes, event.starts)) if event.closes else "",
    )
    return File("poster.html", "text/html", page)
