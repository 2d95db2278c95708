"""Command links: a mail that is written for the person, one tap from being sent (letters.md §4).

Nothing happens when a link is opened; the person sends the mail, and the mail is the act.
"""

from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote

from mailflow.mail.address import Address
from mailflow.render.words import Words


def mailto(address: Address, subject: str, body: str) -> str:
    """An RFC 6068 link with subject *and* body, since some clients keep only one of them.

    UTF-8 percent-encoded; a space is `%20`, a line end `%0D%0A`. Escaping `&` is the template's business.
    """
    body = body.replace("\r\n", "\n").replace("\n", "\r\n")
    local = quote(address.local, safe="!$'*+^_`{|}~")
    return f"mailto:{local}@{address.domain}?subject={_quoted(subject)}&body={_quoted(body)}"


@lru_cache(maxsize=2048)
def _quoted(text: str) -> str:
    return quote(text, safe="")


@dataclass(frozen=True, slots=True)
class Links:
    """The command links of one letter, in one language. An attribute for each word that a letter may print."""

    register: str
    cancel: str
    status: str
    resend: str
    waitlist: str
    ask: str
    my_data: str
    erase: str
    help: str
    yes: str
    no_thanks: str
    stop: str


def command_links(words: Words, address: Address, code: str, challenge_code: str, yes: str) -> Links:
    """Links to the event's `address`. The subject ends with the booking code, if any; YES carries its own code.

    `yes` is the command behind the YES button: "yes", or "register" where nothing waits for a YES.
    """
    # As `mailto`, but with what the ten have in common written once.
    before = mailto(address, "", "").removesuffix("&body=")
    ending = f"%20{quote(code, safe='')}" if code else ""

    def link(key: str, ending: str = ending) -> str:
        word = _quoted(words.command(key))
        return f"{before}{word}{ending}&body={word}"

    return Links(
        register=link("register"),
        cancel=link("cancel"),
        status=link("status"),
        resend=link("resend"),
        waitlist=link("waitlist"),
        ask=link("ask"),
        my_data=link("my_data"),
        erase=link("erase"),
        help=link("help"),
        yes=link(yes, f"%20{challenge_code}" if challenge_code else ""),
        stop=link("stop"),
        no_thanks=link("no_thanks", f"%20{challenge_code}" if challenge_code else ""),
    )
