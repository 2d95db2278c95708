"""DKIM through dkimpy: its header forms and its choice of fields, our limits before it, OpenSSL's arithmetic."""

from dataclasses import dataclass
from typing import Literal

import dkim

from mailflow.proof.body import Canonical, body_hash
from mailflow.proof.dns import Found, TxtAnswer, Unreachable
from mailflow.proof.header import Field, Header
from mailflow.proof.keys import PublicKey, read_key
from mailflow.proof.signature import Refused, Signature

Result = Literal["pass", "testing", "fail", "permerror", "temperror", "neutral"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one signature (RFC 8601 §2.7.1); `testing` is a pass that the domain does not stand for yet.

    "neutral" means not judged. `strong` says that the key is Ed25519 or RSA of 2048 bits and more.
    """

    result: Result
    reason: str = ""
    strong: bool = False


class Bodies:
    """The body hashes of one mail, each computed once however many signatures claim one."""

    def __init__(self, content: bytes, start: int) -> None:
        self._content, self._start = content, start
        self._known: dict[Canonical, bytes] = {}

    def digest(self, form: Canonical) -> bytes:
        if form not in self._known:
            self._known[form] = body_hash(self._content, self._start, form)
        return self._known[form]


class _Adapter:
    """The shape of key that dkimpy hands (digest, signature) to in its Ed25519 branch; ours does both kinds."""

    def __init__(self, key: PublicKey) -> None:
        self._key = key
        self.fitted = False

    def verify(self, digest: bytes, value: bytes) -> None:
        self.fitted = self._key.fits(digest, value)


class _Verification(dkim.DKIM):  # type: ignore[misc]  # dkimpy has no types
    """dkimpy with the fields, the key and the arithmetic put in from outside: no parsing, no DNS, no big integers."""

    def __init__(self, fields: list[Field]) -> None:
        super().__init__()
        self.headers = [(field.octets_name, field.value) for field in fields]

    def fits(self, signature: Signature, key: PublicKey) -> bool:
        self.pk = adapter = _Adapter(key)
        self.ktag = b"ed25519"
        # Without bh= the body is left to us, and these three are all that dkimpy reads.
        tags = {
            b"a": b"rsa-sha256",
            b"b": signature.value_text.encode(),
            b"c": f"{signature.header_form}/{signature.body_form}".encode(),
        }
        names = [name.encode() for name in signature.names]
        self.verify_sig_process(tags, names, (signature.field.octets_name, signature.field.value), None)
        return adapter.fitted


def verify(signature: Signature, header: Header, bodies: Bodies, answer: TxtAnswer | None) -> Verdict:
    """Judge one signature, whose dates have been looked at, with the answer to its `key_name`. Never raises.

    `answer` None (nobody asked) is a temperror like Unreachable.
    """
    if answer is None or isinstance(answer, Unreachable):
        return Verdict("temperror", "key out of reach")
    if not isinstance(answer, Found) or not answer.records:
        return Verdict("permerror", "no key")
    if len(answer.records) > 1:
        return Verdict("permerror", "more than one key record")
    key = read_key(answer.records[0], signature)
    if isinstance(key, Refused):
        return Verdict("permerror", key.reason)
    if bodies.digest(signature.body_form) != signature.body_hash:
        return Verdict("fail", "the body was changed")
    # dkimpy finds b= by an expression that must hit once; a second hit would blank something that was signed.
    if len(dkim.RE_BTAG.findall(signature.field.value)) != 1:
        return Verdict("permerror", "b= stands in two places")
    signed = set(signature.names)
    try:
        fitted = _Verification([field for field in header.fields if field.name in signed]).fits(signature, key)
    except Exception as error:  # noqa: BLE001  whatever dkimpy raises is no pass
        return Verdict("permerror", f"dkimpy: {type(error).__name__}")
    if not fitted:
        return Verdict("fail", "the signature does not fit")
    return Verdict("testing" if key.testing else "pass", strong=key.strong)
