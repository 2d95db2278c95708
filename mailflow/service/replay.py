"""Whether a mail has been here before with another envelope or other trace fields (trust.md §2.1 row 6, §3)."""

from datetime import datetime

from mailflow.mail.message import Message
from mailflow.model.decision import Decision
from mailflow.model.proof import Proof
from mailflow.service.house import House
from mailflow.service.view import Studied
from mailflow.store.protocol import Writer


def sent_again(house: House, writer: Writer, one: Studied, now: datetime) -> Decision | None:
    """The end of a mail that vouches for itself with a signature we have had at this event; None for a new one.

    The fingerprint sees the same mail at the door. This sees one whose unsigned fields were changed meanwhile: whoever
    has somebody's signed mail can send it once more, and DKIM passes.
    """
    first = writer.first_with(one.inbound.mail.event, signature_marks(house, one.proof), one.inbound.id, now)
    return None if first is None else Decision("ignored", f"signed as mail {first} was: the same mail again")


def signature_marks(house: House, proof: Proof) -> tuple[str, ...]:
    """How the index knows the signatures that vouch for a mail; () where none does."""
    return tuple(_mark(house, "signature", value) for value in proof.signatures)


def command_marks(house: House, message: Message, proof: Proof) -> tuple[str, ...]:
    """The same for an organiser's commands, whose Message-ID may not come twice from him either."""
    sender = message.sender.key if message.sender else ""
    return (*signature_marks(house, proof), _mark(house, "message", message.message_id or "", sender))


def _mark(house: House, *parts: str) -> str:
    return house.seal.mac("replay", *parts).hex()[:32]
