"""`mailflow check --loop`: a mail of our own goes out through the relay and has to come back in (trust.md §1.4)."""

import asyncio
import secrets
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import format_datetime

from mailflow.cli.desk import Desk
from mailflow.cli.finding import Finding
from mailflow.config.places import Relay
from mailflow.config.schema import Config
from mailflow.mail.address import Address
from mailflow.mail.parse import parse
from mailflow.mail.reply import Reply
from mailflow.service.courier import build_courier
from mailflow.service.house import House
from mailflow.store.protocol import Store

# Mail goes through two servers and back; whoever checks is waiting.
_PATIENCE_SECONDS = 60.0
_LOOK_SECONDS = 0.5


def there_and_back(desk: Desk, house: House) -> Iterator[Finding]:
    """One mail to an event, one to its address with a tag; and whether our border lets forged results through.

    A running service takes them in and answers nothing: they come from an address of ours, and say so.
    """
    config = house.config
    if not isinstance(config.outgoing.relay, Relay):
        folder = config.outgoing.relay.folder
        yield Finding("loop", "warning", f"letters become files in {folder}: nothing can come back")
        return
    if not house.events:
        yield Finding("loop", "warning", "there is no event yet that could be written to")
        return
    event = next(iter(house.events))
    mark = secrets.token_hex(8)
    paths = [Address(event, house.domain)]
    if config.site.plus:
        paths.append(Address(f"{event}{config.site.plus}check.{mark}", house.domain))
    began = datetime.now(UTC)
    sent = asyncio.run(_send(config, paths, mark, began))
    for path, reply in sent:
        if not reply.ok:
            yield Finding("loop", "problem", f"{config.outgoing.relay} does not take a mail to {path}: {reply}")
    waiting = [path for path, reply in sent if reply.ok]
    came = _await(desk.reading(config), event, waiting, mark, began)
    for path in waiting:
        yield _arrived(path, came.get(str(path)), config, mark)


def _mail(path: Address, mark: str, config: Config, now: datetime) -> bytes:
    """A mail from the event to itself, with results on top that no server of ours has written."""
    event = Address(path.local.partition(config.site.plus or "+")[0], path.domain)
    forged = [
        f"Authentication-Results: {name}; dmarc=pass header.from={path.domain} policy.check={mark}"
        for name in config.trust.authserv_ids
    ]
    lines = (
        *forged, f"From: <{event}>", f"To: <{path}>", f"Subject: mailflow check {mark}",
        f"Date: {format_datetime(now)}",
        f"Message-ID: <check.{secrets.token_hex(8)}@{path.domain}>", "Auto-Submitted: auto-generated",
        "X-Mailflow: letter=check", "MIME-Version: 1.0", "Content-Type: text/plain; charset=us-ascii", "",
        "mailflow wrote this to itself, to see whether it comes back. Nothing needs to be done.", "",
    )  # fmt: skip
    return "\r\n".join(lines).encode()


async def _send(config: Config, paths: list[Address], mark: str, now: datetime) -> list[tuple[Address, Reply]]:
    courier = build_courier(config)
    try:
        return [(path, await courier.deliver(None, path, _mail(path, mark, config, now))) for path in paths]
    finally:
        await courier.close()


def _await(store: Store, event: str, paths: list[Address], mark: str, began: datetime) -> dict[str, bytes]:
    """{forward-path: the mail as it came}, as far as they have come before our patience ends."""
    came: dict[str, bytes] = {}
    until = time.monotonic() + _PATIENCE_SECONDS
    while len(came) < len(paths) and time.monotonic() < until:
        with store.read() as reader:
            for entry in reader.mails(event=event, since=began):
                octets = reader.mail_octets(entry.id) if entry.forward_path not in came else None
                if octets is not None and f"mailflow check {mark}".encode() in octets:
                    came[entry.forward_path] = octets
        if len(came) < len(paths):
            time.sleep(_LOOK_SECONDS)
    return came


def _arrived(path: Address, octets: bytes | None, config: Config, mark: str) -> Finding:
    tagged = bool(config.site.plus) and config.site.plus in path.local
    if octets is None:
        hint = (
            'the mail system loses tags: set site.plus = "", or let it deliver them' if tagged
            else "does the relay know the way to this service, and does the service run?"
        )  # fmt: skip
        seconds = f"{_PATIENCE_SECONDS:.0f} s"
        return Finding("loop", "problem", f"a mail to {path} did not come back within {seconds}: {hint}")
    fields = [value for name, value in parse(octets).headers if name == "authentication-results"]
    if any(mark in value for value in fields):
        return Finding(
            "loop", "problem",
            f"a forged Authentication-Results of {' or '.join(config.trust.authserv_ids)} came through to {path}:"
            " whoever forges one is believed. The border must take such fields out (docs/install.md)",
        )  # fmt: skip
    return Finding("loop", "ok", f"a mail to {path} came back")
