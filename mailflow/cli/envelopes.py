"""The envelope of a mail that came as a file: what was said on the command line, else what its fields tell."""

from mailflow.cli.common import choose_event, fail
from mailflow.mail.address import Address, AddressError, parse_address
from mailflow.mail.envelope import Envelope, Peer
from mailflow.mail.message import Message
from mailflow.mail.parse import parse
from mailflow.service.house import House

_RECIPIENT_FIELDS = ("delivered-to", "x-original-to")


def envelope_of(
    house: House, content: bytes, *, event: str | None, reverse_path: str | None, forward_paths: tuple[str, ...]
) -> Envelope:
    """The envelope that intake would have seen. Whoever can run the CLI is a relay of ours: its files are believed.

    Without --to: the first address of ours in Delivered-To, X-Original-To, To or Cc, else the event's own address.
    Without --from: Return-Path as delivery wrote it, else From.
    """
    message = parse(content)
    paths = tuple(_address(path) for path in forward_paths) or (_recipient(house, message, event),)
    for path in paths:
        if refusal := house.welcome(path):
            fail(f"{path}: {refusal.text}", 4)  # 67 and 77 are for an MTA: `deliver` says them itself
    return Envelope(_reverse(message, reverse_path), paths, "pipe", Peer("", relay=True))


def _reverse(message: Message, given: str | None) -> Address | None:
    if given is not None:
        return _address(given) if given.strip("<>") else None
    noted = message.header("return-path")
    if noted is None:
        return message.sender
    return _address(noted) if noted.strip().strip("<>").strip() else None


def _recipient(house: House, message: Message, event: str | None) -> Address:
    if event is None:
        noted = [value for field in _RECIPIENT_FIELDS if (value := message.header(field))]
        for candidate in (*(_maybe(value) for value in noted), *message.to):
            if candidate is not None and house.welcome(candidate) is None:
                return candidate
    return Address(choose_event(house, event), house.domain)


def _maybe(text: str) -> Address | None:
    try:
        return parse_address(text.strip().strip("<>"))
    except AddressError:
        return None


def _address(text: str) -> Address:
    try:
        return parse_address(text.strip().strip("<>"))
    except AddressError as error:
        fail(f"{text!r}: {error}", 2)
