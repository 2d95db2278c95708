"""Addresses: one linear grammar, written once, used at every door."""

import re
import unicodedata
from dataclasses import dataclass

import idna

# dot-atom of RFC 5322 §3.2.3. One character class a label: nothing here can backtrack.
_ATOM = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+", re.ASCII)
_LABEL = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?", re.ASCII)
_DOTLESS_MAILBOXES = frozenset({"gmail.com", "googlemail.com"})


class AddressError(ValueError):
    """The text is not an address that mailflow writes to."""


@dataclass(frozen=True, slots=True, order=True)
class Address:
    """A mailbox. `local` as written (NFC), `domain` as lower-case A-labels; compare people by `key`."""

    local: str
    domain: str

    def __str__(self) -> str:
        return f"{self.local}@{self.domain}"

    @property
    def key(self) -> str:
        """What decides whether two addresses are one person's: the whole address in lower case.

        Not casefold(), which makes one of `straße` and `strasse`: they are two mailboxes, and may be two people's.
        """
        return f"{self.local.lower()}@{self.domain}"

    @property
    def ascii(self) -> bool:
        """True when the address can be written without SMTPUTF8 (RFC 6531)."""
        return self.local.isascii()

    @property
    def canonical(self) -> str:
        """The form that budgets count by (trust.md §4): without `+tag`; Gmail without dots and by one of its names."""
        local = self.local.lower().split("+", 1)[0] or self.local.lower()
        if self.domain in _DOTLESS_MAILBOXES:
            return f"{local.replace('.', '') or local}@gmail.com"
        return f"{local}@{self.domain}"


def parse_address(text: str, *, smtputf8: bool = True) -> Address:
    """`local@domain` and nothing else: dot-atom of 1 to 64 octets, domain of at least two LDH labels or U-labels.

    No quotes, comments, routes, literals or blanks (trust.md §7). Raises AddressError. With `smtputf8` false, the text
    must be ASCII. RFC 5321 §4.1.2, RFC 6531 §3.3.
    """
    if len(text) > 320:
        raise AddressError("longer than 320 characters")
    local, at, domain = text.rpartition("@")
    if not at or not local or not domain:
        raise AddressError("not of the form local@domain")
    if not smtputf8 and not text.isascii():
        raise AddressError("characters outside ASCII")
    return Address(_local(local), parse_domain(domain))


def _local(text: str) -> str:
    if len(text.encode("utf-8", "replace")) > 64:
        raise AddressError("local part longer than 64 octets")
    if text.isascii():
        if not all(_ATOM.fullmatch(atom) for atom in text.split(".")):
            raise AddressError("local part is not a dot-atom")
        return text
    if unicodedata.normalize("NFC", text) != text:
        raise AddressError("local part is not in normal form C")
    for atom in text.split("."):
        # A letter, mark, digit or an atext sign; separators, controls and private use are none of them.
        if not atom or not all(_ATOM.fullmatch(c) or unicodedata.category(c)[0] in "LMN" for c in atom):
            raise AddressError("local part has a character that is not allowed")
    return text


def parse_domain(text: str) -> str:
    """The domain as lower-case A-labels, at least two of them, at most 253 octets. Raises AddressError."""
    if not text.isascii():
        try:
            text = idna.encode(text, uts46=True).decode("ascii")
        except (idna.IDNAError, UnicodeError) as error:
            raise AddressError("domain is not a valid international name") from error
    text = text.lower()
    labels = text.split(".")
    if len(text) > 253 or len(labels) < 2 or not all(_LABEL.fullmatch(label) for label in labels):
        raise AddressError("domain is not a host name of two labels or more")
    return text


def split_subaddress(local: str, marker: str = "+") -> tuple[str, str | None]:
    """Split `local` at the first `marker`: ("gan", "cancel"), or (local, None).

    Case is kept; an empty detail ("gan+") is None, and so is everything where `marker` is "" (a site without
    sub-addresses). Never raises. RFC 5233 leaves the marker to the site.
    """
    if not marker:
        return local, None
    base, _, detail = local.partition(marker)
    return base, detail or None
