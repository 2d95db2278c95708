"""Public keys of DKIM: the record in DNS (RFC 6376 §3.6.1, RFC 8463) and the arithmetic, which is OpenSSL's."""

from dataclasses import dataclass
from functools import lru_cache

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from mailflow.proof.signature import Refused, Signature
from mailflow.proof.tags import RECORD_LIMIT_OCTETS, TagError, octets_of, parse_tags

_BITS = (1024, 4096)
_EXPONENT = (3, 1 << 33)
_FULL_BITS = 2048


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A key that we take. `testing` is `t=y`: what it signs counts as unsigned."""

    numbers: RSAPublicKey | Ed25519PublicKey
    testing: bool = False

    @property
    def strong(self) -> bool:
        """Ed25519, or RSA of at least 2048 bits (trust.md §1.1, "full")."""
        return isinstance(self.numbers, Ed25519PublicKey) or self.numbers.key_size >= _FULL_BITS

    def fits(self, digest: bytes, value: bytes) -> bool:
        """True when `value` is this key's signature over the SHA-256 `digest`. RFC 8017 §8.2.2, RFC 8463 §3."""
        try:
            if isinstance(self.numbers, Ed25519PublicKey):
                self.numbers.verify(value, digest)
            else:
                self.numbers.verify(value, digest, padding.PKCS1v15(), Prehashed(SHA256()))
        except InvalidSignature:
            return False
        return True


def read_key(record: bytes, signature: Signature) -> PublicKey | Refused:
    """The key of one TXT record, if it may serve for this signature. Never raises."""
    try:
        tags = parse_tags(record, RECORD_LIMIT_OCTETS)
        if "v" in tags and (tags.pairs[0][0] != "v" or tags.get("v") != "DKIM1"):
            return Refused("key: v= is not DKIM1")
        if tags.get("k", "rsa").lower() != signature.kind:
            return Refused("key: k= does not fit a=")
        if "h" in tags and "sha256" not in _list(tags.get("h")):
            return Refused("key: h= lacks sha256")
        if "s" in tags and not {"email", "*"} & _list(tags.get("s")):
            return Refused("key: s= is not for email")
        flags = _list(tags.get("t"))
        if "s" in flags and signature.identity != signature.domain:
            return Refused("key: t=s, and i= is a sub-domain")
        if not tags.get("p"):
            return Refused("key: revoked, p= is empty")
        numbers = _load(octets_of(tags.get("p")), signature.kind)
    except TagError as error:
        return Refused(f"key: {error}")
    return PublicKey(numbers, "y" in flags)


def _list(text: str) -> set[str]:
    return {word.strip(" ").lower() for word in text.split(":")}


# Bounded: a domain's key is met again within minutes, and who shows us a thousand keys only pushes out others.
# What is cached is a pure function of the octets, so equal (n, e) share an entry. A refusal is an exception: not kept.
@lru_cache(maxsize=256)
def _load(octets: bytes, kind: str) -> RSAPublicKey | Ed25519PublicKey:
    try:
        if kind == "ed25519":
            return Ed25519PublicKey.from_public_bytes(octets)
        key = load_der_public_key(octets)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise TagError("p= cannot be read") from error
    if not isinstance(key, RSAPublicKey):
        raise TagError("p= is no RSA key")
    exponent = key.public_numbers().e
    if not _BITS[0] <= key.key_size <= _BITS[1]:
        raise TagError(f"RSA modulus of {key.key_size} bits")
    if not exponent % 2 or not _EXPONENT[0] <= exponent <= _EXPONENT[1]:
        raise TagError("RSA exponent out of range")
    return key
