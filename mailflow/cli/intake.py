"""Commit ① for mail that does not come over a socket."""

from collections.abc import Sequence

from mailflow.mail.address import Address
from mailflow.mail.envelope import Envelope, Peer
from mailflow.service.house import House
from mailflow.service.receive import incoming, lined
from mailflow.store.protocol import Store
from mailflow.store.rows import Incoming, Kept


def take_in(
    house: House, store: Store, content: bytes, reverse_path: Address | None, to: Sequence[Address]
) -> list[tuple[Incoming, Kept]]:
    """Keep one mail for each of `to`, which must be welcome; on disk when this returns. Line ends may be LF.

    Raises Busy, or whatever the disk said: then nothing was kept.
    """
    envelope = Envelope(reverse_path, tuple(to), "pipe", Peer("", relay=True))
    rows = [row for row in incoming(house, envelope, lined(content)) if isinstance(row, Incoming)]
    with store.write() as writer:
        kept = writer.keep(rows, house.now())
    return list(zip(rows, kept, strict=True))
