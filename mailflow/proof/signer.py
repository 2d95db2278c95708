"""Our own signature on what we send: relaxed/simple, RSA, the key parsed once (trust.md §1.2, letters.md §3)."""

# ruff: noqa: PLC0415  dkimpy takes 0.2 s, and a command line that signs nothing need not wait for it

import base64
import binascii
import hashlib
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from mailflow.proof.body import body_hash
from mailflow.proof.header import Header, split_header
from mailflow.proof.names import is_domain, is_selector

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

_NAMES = (
    "from", "to", "subject", "date", "message-id", "reply-to", "in-reply-to", "references", "mime-version",
    "content-type", "auto-submitted", "list-id", "list-unsubscribe", "list-unsubscribe-post", "list-help",
    "list-subscribe", "list-post", "list-owner", "list-archive",
)  # fmt: skip
_BITS = (2048, 4096)
_LINE_OCTETS = 72


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Signer:
    """A key, and the domain and selector under which it is published. May be shared between threads."""

    domain: str
    selector: str
    key: "RSAPrivateKey"

    @classmethod
    def load(cls, pem: bytes, domain: str, selector: str) -> "Signer":
        """From an unencrypted PEM (PKCS#1 or PKCS#8). Raises ValueError with a sentence for the operator."""
        domain, selector = domain.lower().rstrip("."), selector.lower()
        if not is_domain(domain):
            raise ValueError(f"the DKIM domain {domain!r} is not a host name of two labels or more")
        if not is_selector(selector):
            raise ValueError(f"the DKIM selector {selector!r} has to be of letters, digits, hyphens and dots")
        return cls(domain, selector, _load(pem))

    def sign(self, content: bytes, now: datetime) -> bytes:
        """The message with our DKIM-Signature on top. `content` has CRLF line ends and one From, else ValueError.

        Each of the fields of letters.md §3 is named once more than present, so none can be added later. RFC 6376 §3.5.
        """
        header = split_header(content)
        if header is None or header.count("from") != 1:
            raise ValueError("what is to be signed has no readable header with one From")
        if not content.count(b"\r\n") == content.count(b"\n") == content.count(b"\r"):
            raise ValueError("what is to be signed has a line end other than CRLF")
        present = Counter(field.name for field in header.fields)
        names = [name for name in _NAMES for _ in range(present[name] + 1)]
        unsigned = self._field(names, body_hash(content, header.body_start, "simple"), now)
        value = base64.b64encode(self._value(header, names, unsigned)).decode("ascii")
        lines = (value[at : at + _LINE_OCTETS] for at in range(0, len(value), _LINE_OCTETS))
        return b"DKIM-Signature:" + unsigned + "\r\n ".join(lines).encode("ascii") + b"\r\n" + content

    def _field(self, names: list[str], digest: bytes, now: datetime) -> bytes:
        """The value of the field up to `b=`."""
        tags = (
            " v=1; a=rsa-sha256; c=relaxed/simple",
            f" d={self.domain}",
            f" s={self.selector}; t={int(now.timestamp())}",
            _folded(names),
            f" bh={base64.b64encode(digest).decode('ascii')}",
        )
        return (";\r\n".join(tags) + ";\r\n b=").encode("ascii")

    def _value(self, header: Header, names: list[str], unsigned: bytes) -> bytes:
        from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
        from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
        from cryptography.hazmat.primitives.hashes import SHA256
        from dkim import CanonicalizationPolicy, hash_headers

        wanted = frozenset(names)
        forms = CanonicalizationPolicy.from_c_value(b"relaxed/simple")
        fields = forms.canonicalize_headers([(f.octets_name, f.value) for f in header.fields if f.name in wanted])
        digest = hashlib.sha256()
        hash_headers(digest, forms, fields, [name.encode() for name in names], (b"DKIM-Signature", unsigned), {})
        return self.key.sign(digest.digest(), PKCS1v15(), Prehashed(SHA256()))


def _folded(names: list[str]) -> str:
    """`h=`, folded behind colons."""
    lines = [" h="]
    for number, name in enumerate(names):
        word = name if number == len(names) - 1 else name + ":"
        if len(lines[-1]) + len(word) > _LINE_OCTETS:
            lines.append("  ")
        lines[-1] += word
    return "\r\n".join(lines)


def _load(pem: bytes) -> "RSAPrivateKey":
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(pem, password=None)
    except TypeError as error:
        raise ValueError("the DKIM key is encrypted; mailflow needs it without a passphrase") from error
    except (ValueError, UnsupportedAlgorithm, binascii.Error) as error:
        raise ValueError("the DKIM key is no private key in PEM form (PKCS#1 or PKCS#8)") from error
    if not isinstance(key, RSAPrivateKey):
        raise ValueError("the DKIM key is not an RSA key")  # noqa: TRY004  wrong content of a file, not a wrong call
    if not _BITS[0] <= key.key_size <= _BITS[1]:
        raise ValueError(f"the DKIM key has {key.key_size} bits; it needs 2048, and at most 4096")
    return key


def public_record(pem: bytes) -> str:
    """The TXT record for `<selector>._domainkey.<domain>`. Raises ValueError as Signer.load. RFC 6376 §3.6.1."""
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    octets = _load(pem).public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return f"v=DKIM1; k=rsa; p={base64.b64encode(octets).decode('ascii')}"


def new_key() -> bytes:
    """A fresh RSA-2048 key as PKCS#8 PEM. The one function of these floors that uses chance: only for making keys."""
    from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
    from cryptography.hazmat.primitives.serialization import (
        Encoding,
        NoEncryption,
        PrivateFormat,
    )

    key = generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
