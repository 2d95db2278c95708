"""`mailflow inject` and `mailflow deliver`: mail that does not come over a socket."""

import sys
from pathlib import Path

import click

from mailflow.cli.common import Desk, Exit, common, fail, octets_of
from mailflow.cli.envelopes import envelope_of
from mailflow.config.problems import ConfigError
from mailflow.mail.address import AddressError, parse_address
from mailflow.mail.envelope import Envelope, Peer
from mailflow.mail.reply import Reply
from mailflow.service.house import House
from mailflow.service.receive import disk_low, incoming, lined
from mailflow.store.protocol import Busy, Incoming, Kept, Store

# sysexits.h: what an MTA's pipe understands.
EX_DATAERR, EX_NOUSER, EX_TEMPFAIL, EX_NOPERM, EX_CONFIG = 65, 67, 75, 77, 78


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE…")
@click.option("--from", "reverse_path", metavar="ADDR", help='Reverse-path; "" or "<>" is the null path.')
@click.option("--to", "forward_paths", metavar="ADDR", multiple=True, help="Forward-path.")
@common
def inject(desk: Desk, files: tuple[str, ...], reverse_path: str | None, forward_paths: tuple[str, ...]) -> None:
    """Really take a mail in, as if it had arrived; the running service handles it. `-` is stdin."""
    config = desk.config()
    house, _ = desk.house(config)
    store = desk.store(config)
    rows = []
    for name, content in octets_of(files):
        envelope = envelope_of(house, content, event=None, reverse_path=reverse_path, forward_paths=forward_paths)
        rows += [
            {"file": name, "message": kept.id, "to": str(row.forward_path), "same_as": kept.duplicate_of}
            for row, kept in _keep(house, store, envelope, content)
        ]
    desk.rows(rows)


@click.command()
@click.option("--from", "reverse_path", metavar="ADDR", required=True, help='Reverse-path ("" or "<>": null).')
@click.option("--to", "forward_paths", metavar="ADDR", multiple=True, required=True, help="Forward-path; repeatable.")
@common
def deliver(desk: Desk, reverse_path: str, forward_paths: tuple[str, ...]) -> None:
    """One mail on stdin from an MTA pipe. Exit status 0 means committed; 65, 67, 75, 77, 78 as in sysexits.h."""
    try:
        _deliver(desk, reverse_path, forward_paths)
    except (Exit, click.ClickException):
        raise
    except ConfigError as error:
        fail(str(error), EX_CONFIG)
    except Busy:
        fail("the database is locked", EX_TEMPFAIL)
    except Exception as error:  # noqa: BLE001  a door: whatever it is, the MTA keeps the mail and tries again
        fail(f"not taken: {type(error).__name__}: {error}", EX_TEMPFAIL)


def _deliver(desk: Desk, reverse_path: str, forward_paths: tuple[str, ...]) -> None:
    config = desk.config()
    house, _ = desk.house(config)
    try:
        reverse = parse_address(reverse_path.strip("<>")) if reverse_path.strip("<>") else None
        paths = tuple(parse_address(path.strip("<>")) for path in forward_paths)
    except AddressError as error:
        fail(str(error), EX_DATAERR)
    for path in paths:
        if refusal := house.welcome(path):
            fail(f"{path}: {refusal.text}", EX_NOPERM if refusal.status == "5.7.1" else EX_NOUSER)
    if disk_low(_existing(config.state)):
        fail("the disk is nearly full", EX_TEMPFAIL)
    limit = config.intake.max_size_octets
    content = sys.stdin.buffer.read(limit + 1)
    if len(content) > limit:
        fail(f"the message is over {limit} octets", EX_DATAERR)
    if not content.strip():
        fail("an empty message", EX_DATAERR)
    _keep(house, desk.store(config, must_exist=False), Envelope(reverse, paths, "pipe", Peer("", relay=True)), content)


def _keep(house: House, store: Store, envelope: Envelope, content: bytes) -> list[tuple[Incoming, Kept]]:
    """Commit ①."""
    rows = [row for row in incoming(house, envelope, lined(content)) if not isinstance(row, Reply)]
    with store.write() as writer:
        kept = writer.keep(rows, house.now())
    return list(zip(rows, kept, strict=True))


def _existing(folder: Path) -> Path:
    return folder if folder.exists() else _existing(folder.parent)
