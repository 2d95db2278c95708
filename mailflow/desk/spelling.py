"""What an address that does not exist may have been meant to be: one slip of the fingers in a known mail domain."""

from collections.abc import Iterable
from dataclasses import replace

from mailflow.mail.address import Address

# Where most private mailboxes of our readers are. A domain of another name is left alone, however alike.
PROVIDERS = (
    "gmail.com", "googlemail.com", "hotmail.com", "hotmail.se", "hotmail.de", "hotmail.dk", "hotmail.no", "hotmail.fi",
    "hotmail.fr", "outlook.com", "live.com", "live.se", "live.dk", "live.no", "msn.com", "yahoo.com", "yahoo.se",
    "yahoo.de", "yahoo.dk", "yahoo.no", "yahoo.fr", "icloud.com", "me.com", "proton.me", "protonmail.com",
    "gmx.de", "gmx.net", "web.de", "telia.com", "bredband.net", "comhem.se", "spray.se", "online.no", "mail.dk",
    "luukku.com",
)  # fmt: skip
_SHORTEST = 6


def meant(address: Address, also: Iterable[str] = ()) -> Address | None:
    """The same mailbox at the only known domain that is one slip away; None where there is none, or several are.

    `also` are more domains that are known, such as those of the organisers. A slip is a letter too many, too few,
    another one, or two that changed places.
    """
    known = dict.fromkeys((*PROVIDERS, *also))
    if address.domain in known:
        return None
    # In a short name one letter is half of it: me.com is no slip of he.com.
    near = [domain for domain in known if len(domain) > _SHORTEST and one_slip(address.domain, domain)]
    return replace(address, domain=near[0]) if len(near) == 1 else None


def one_slip(one: str, other: str) -> bool:
    """Whether one edit, or a swap of neighbours, makes these different texts the same. Linear."""
    if one == other or abs(len(one) - len(other)) > 1:
        return False
    at = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    rest, left = one[at:], other[at:]
    return (
        rest[1:] == left[1:]
        or rest[1:] == left
        or rest == left[1:]
        or (len(rest) > 1 and rest[:2] == left[1::-1] and rest[2:] == left[2:])
    )
