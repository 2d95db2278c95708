"""For whom a mail is that came as a file: what was said on the command line, else what its fields tell."""

from mailflow.mail.address import Address, AddressError, parse_address
from mailflow.mail.parse import parse
from mailflow.service.house import House

_FIELDS = ("delivered-to", "x-original-to")


def recipient(house: House, content: bytes) -> Address | None:
    """The first address of ours in Delivered-To, X-Original-To, To or Cc; else the only event's; else None."""
    message = parse(content)
    noted = (message.header(field) for field in _FIELDS)
    for candidate in (*(_maybe(value) for value in noted if value), *message.to):
        if candidate is not None and house.welcome(candidate) is None:
            return candidate
    only = next(iter(house.events)) if len(house.events) == 1 else None
    return Address(only, house.domain) if only else None


def reverse_path(content: bytes) -> Address | None:
    """Return-Path as delivery wrote it, else From; None for the null path."""
    message = parse(content)
    noted = message.header("return-path")
    return message.sender if noted is None else _maybe(noted)


def _maybe(text: str) -> Address | None:
    try:
        return parse_address(text.strip().removeprefix("<").removesuffix(">").strip())
    except AddressError:
        return None
