"""A mail whose sender can be judged at all (trust.md §1.1, §8)."""

from dataclasses import dataclass

from mailflow.mail.message import Message
from mailflow.proof.header import Header, split_header
from mailflow.proof.signature import SIGNATURES, Refused, Signature, judged, read_signature

_ONCE = (
    "from", "sender", "reply-to", "to", "cc", "subject", "date", "message-id", "in-reply-to", "references",
    "mime-version", "content-type", "content-transfer-encoding", "content-disposition", "content-id",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Provable:
    """The domain to be proved, the header as octets, the signatures worth work, others, and the ones in bad form."""

    domain: str
    header: Header
    signatures: tuple[Signature, ...]
    refused: tuple[Refused, ...]
    further: tuple[Signature, ...] = ()

    def covered(self, signature: Signature, name: str) -> bool:
        """The field of that lower-case name is signed, or absent."""
        return name in signature.names or not self.header.count(name)


def provable(message: Message, content: bytes) -> Provable | str:
    """The case, or in a few words why this mail is N whatever is signed."""
    if message.refused:
        return f"refused: {message.refused}"
    if message.sender is None:
        return "From is not one valid address"
    if message.defects:
        return f"damaged: {message.defects[0]}"
    header = split_header(content)
    if header is None:
        return "damaged: header"
    # DKIM is about octets, the reading about the parsed message. If the two saw different fields, neither counts.
    if [field.name for field in header.fields] != [name for name, _ in message.headers]:
        return "damaged: the header can be read in two ways"
    if header.count("from") != 1 or any(header.count(name) > 1 for name in _ONCE):
        return "damaged: a field that may occur once occurs twice"
    fields = header.named("dkim-signature")
    if len(fields) > SIGNATURES:
        return f"more than {SIGNATURES} signatures"
    read = [read_signature(field) for field in fields]
    signatures = judged([one for one in read if isinstance(one, Signature)], message.sender.domain)
    refused = tuple(one for one in read if isinstance(one, Refused))
    further = tuple(one for one in read if isinstance(one, Signature) and one not in signatures)
    return Provable(message.sender.domain, header, signatures, refused, further)
