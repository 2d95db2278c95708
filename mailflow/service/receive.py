"""The door's side of the house: who is welcome, and commit ①."""

import shutil
import time
from collections.abc import Callable
from pathlib import Path

from mailflow.mail.address import Address
from mailflow.mail.envelope import Envelope
from mailflow.mail.prescan import fingerprint_of, prescan
from mailflow.mail.reply import ACCEPTED, TRY_LATER, Reply
from mailflow.service.house import House
from mailflow.service.scribe import Scribe
from mailflow.store.protocol import Busy, Writer
from mailflow.store.rows import Incoming, Kept

LOOP_RECEIVED = 30
_DISK_SHARE = 0.10
_DISK_OCTETS = 500 * 1000 * 1000
_DISK_EVERY_SECONDS = 10.0

DISK_LOW = Reply(452, "4.3.1", "Not enough room, try again later")
LOCKED = Reply(452, "4.3.1", "Busy, try again later")
TOO_MUCH = Reply(550, "5.6.0", "Message header or structure is over a limit")
LOOPING = Reply(554, "5.4.6", "Too many Received fields: this mail is going round in circles")


def refuse(envelope: Envelope, content: bytes) -> Reply | None:
    """Why a mail from a direct peer is refused in the session, or None.

    Behind a relay of ours nothing is refused here: it would make our own border bounce to a forged sender. There
    the mail is kept and ends as `refused` (trust.md §2.1 row 2).
    """
    if envelope.peer.relay:
        return None
    scan = prescan(content)
    if scan.received > LOOP_RECEIVED:
        return LOOPING
    # Bare CR, LF and NUL were refused by the door itself (wire/data).
    return TOO_MUCH if scan.refused else None


def lined(content: bytes) -> bytes:
    """A mail from a file or a pipe, where line ends are bare LF, as it would have come over a socket.

    Only where there is no CR at all: anything mixed stays as it is, and is judged as damaged.
    """
    return content if b"\r" in content else content.replace(b"\n", b"\r\n")


def incoming(house: House, envelope: Envelope, content: bytes) -> tuple[Incoming | Reply, ...]:
    """One row to keep, or one reply, for each forward-path in order.

    All paths of one event are one path here, so that the store knows the second as the same mail: somebody who answers
    `gan+r.…@` with a copy to `gan@` asks once, and fifty tags in one envelope are not fifty letters to an organiser.
    """
    mark = fingerprint_of(content)
    addressed = {path: house.addressed(path) for path in envelope.forward_paths}
    one_path: dict[str, Address] = {}
    # The path with a token of ours, if there is one: it says most.
    for path, (event, _) in sorted(addressed.items(), key=lambda entry: not entry[1][1].startswith(("r.", "b."))):
        one_path.setdefault(event, path)
    rows: list[Incoming | Reply] = []
    for path in envelope.forward_paths:
        event, _ = addressed[path]
        if not event:
            rows.append(house.refusal(path))
            continue
        rows.append(
            Incoming(
                reverse_path=envelope.reverse_path,
                forward_path=one_path[event],
                event=event,
                via=envelope.via,
                peer=envelope.peer.host,
                relay=envelope.peer.relay,
                smtputf8=envelope.smtputf8,
                octets=content,
                fingerprint=mark,
                helo=envelope.peer.helo,
            )
        )
    return tuple(rows)


class Reception:
    """A Door (wire/door.py) on a house that may be replaced while it serves."""

    def __init__(self, house: Callable[[], House], scribe: Scribe, arrived: Callable[[], None]) -> None:
        self._house = house
        self._scribe = scribe
        self._arrived = arrived
        self._disk_at = float("-inf")
        self._disk_low = False

    def welcome(self, path: Address) -> Reply | None:
        """A look into a dictionary; no disk."""
        return self._house().welcome(path)

    def ready(self) -> Reply | None:
        """452 while the database is locked, or the disk nearly full, which is asked at most every ten seconds."""
        if self._scribe.locked():
            return LOCKED
        if time.monotonic() - self._disk_at > _DISK_EVERY_SECONDS:
            self._disk_at = time.monotonic()
            self._disk_low = disk_low(self._house().config.state)
        return DISK_LOW if self._disk_low else None

    async def receive(self, envelope: Envelope, content: bytes) -> tuple[Reply, ...]:
        """One reply per forward-path, after the commit. Anything unexpected is TRY_LATER."""
        house = self._house()
        try:
            if refusal := refuse(envelope, content):
                house.journal.refused(envelope.peer.host, refusal)
                return (refusal,) * len(envelope.forward_paths)
            rows = incoming(house, envelope, content)
            wanted = tuple(row for row in rows if isinstance(row, Incoming))

            def keep(writer: Writer) -> tuple[Kept, ...]:
                return writer.keep(wanted, house.now())

            await self._scribe.write(keep)
        except Busy:
            return (LOCKED,) * len(envelope.forward_paths)
        except Exception as error:  # noqa: BLE001  a door: the sender tries again, the operator is told
            house.journal.trouble("receive", error)
            return (TRY_LATER,) * len(envelope.forward_paths)
        self._arrived()
        return tuple(row if isinstance(row, Reply) else ACCEPTED for row in rows)


def disk_low(folder: Path) -> bool:
    """Under a tenth free, where that is less than 500 MB (trust.md §7)."""
    usage = shutil.disk_usage(folder)
    return usage.free < min(usage.total * _DISK_SHARE, _DISK_OCTETS)
