"""A sender's side: keys, a signer for any wish (made of unchanged dkimpy), a DNS that is a table."""

import base64
import email
import email.utils
import hashlib
from dataclasses import replace
from datetime import UTC, datetime

import dkim
import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from mailflow.mail.address import Address, AddressError, parse_address
from mailflow.mail.envelope import Envelope, Peer
from mailflow.mail.message import Message
from mailflow.proof import prove, questions
from mailflow.proof.dns import Found, Missing, Trusted
from mailflow.proof.signer import Signer, new_key

NOW = datetime(2026, 5, 4, 10, 0, tzinfo=UTC)
PLAIN = (
    b"From: Ada <ada@uni.example>\r\nTo: gan@events.example.org\r\nSubject: register\r\n"
    b"Date: Mon, 04 May 2026 09:59:00 +0000\r\nMessage-ID: <1@uni.example>\r\n"
    b"Content-Type: text/plain; charset=utf-8\r\n\r\nHello,\r\nplease  register me.\r\n"
)


def parsed(content: bytes, **changes) -> Message:
    """What `mail.parse` would say of a well-formed mail, as far as proofs look at it."""
    mail = email.message_from_bytes(content)
    headers = tuple((name.lower(), "".join(str(value).splitlines())) for name, value in mail._headers)
    try:
        sender = parse_address(email.utils.parseaddr(str(mail["From"]))[1])
    except AddressError:
        sender = None
    try:
        date = email.utils.parsedate_to_datetime(str(mail["Date"] or ""))
    except ValueError:
        date = None
    return replace(Message(sender=sender, headers=headers, date=date), **changes)


def record(numbers) -> bytes:
    """The key record of a private key, RSA or Ed25519."""
    public = numbers.public_key()
    if isinstance(numbers, rsa.RSAPrivateKey):
        octets = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return b"v=DKIM1; k=rsa; p=" + base64.b64encode(octets)
    return b"v=DKIM1; k=ed25519; p=" + base64.b64encode(public.public_bytes(Encoding.Raw, PublicFormat.Raw))


def dkim_sign(content: bytes, numbers, **tags) -> bytes:
    """Sign as anybody may: `tags` override or add (None leaves one out). Canonical forms and choice by dkimpy."""
    kind = "ed25519" if isinstance(numbers, ed25519.Ed25519PrivateKey) else "rsa"
    given = {
        "v": "1", "a": f"{kind}-sha256", "c": "relaxed/relaxed", "d": "uni.example", "s": "sel",
        "t": str(int(NOW.timestamp()) - 60), "h": "from:to:subject:date:message-id:content-type",
    } | tags  # fmt: skip
    fields, body = dkim.rfc822_parse(content)
    try:
        forms = dkim.CanonicalizationPolicy.from_c_value((given["c"] or "simple/simple").encode())
    except dkim.InvalidCanonicalizationPolicyError:
        forms = dkim.CanonicalizationPolicy.from_c_value(b"relaxed/relaxed")
    digest = hashlib.sha256(forms.canonicalize_body(body)).digest()
    given.setdefault("bh", base64.b64encode(digest).decode())
    wish = given.pop("b", None)
    value = (" " + "; ".join(f"{name}={text}" for name, text in given.items() if text is not None) + "; b=").encode()
    hashed = hashlib.sha256()
    names = [name.strip().lower().encode() for name in (given["h"] or "from").split(":")]
    dkim.hash_headers(hashed, forms, forms.canonicalize_headers(fields), names, (b"DKIM-Signature", value), {})
    if kind == "rsa":
        signed = numbers.sign(hashed.digest(), padding.PKCS1v15(), Prehashed(SHA256()))
    else:
        signed = numbers.sign(hashed.digest())
    text = base64.b64encode(signed).decode() if wish is None else wish
    return b"DKIM-Signature:" + value + text.encode() + b"\r\n" + content


@pytest.fixture(scope="session")
def pem():
    return new_key()


@pytest.fixture(scope="session")
def keys():
    return {
        "rsa": rsa.generate_private_key(public_exponent=65537, key_size=2048),
        "short": rsa.generate_private_key(public_exponent=65537, key_size=1024),
        "ed25519": ed25519.Ed25519PrivateKey.from_private_bytes(bytes(range(32))),
    }


@pytest.fixture(scope="session")
def key(keys):
    return keys["rsa"]


@pytest.fixture(scope="session")
def signer(pem):
    return Signer.load(pem, "uni.example", "sel")


class World:
    """A sender's DNS and one judgement: `world.prove(content)`."""

    def __init__(self, key):
        self.dns = {"sel._domainkey.uni.example": Found((record(key),))}
        self.trusted = Trusted()
        self.envelope = Envelope(Address("ada", "uni.example"), (Address("gan", "events.example.org"),), "smtp")
        self.now = NOW

    def relay(self, *ids, hosts=(), verify_dkim=True):
        self.trusted = Trusted(authserv_ids=ids, own_hosts=hosts, verify_dkim=verify_dkim)
        self.envelope = replace(self.envelope, peer=Peer("127.0.0.1", relay=True))
        return self

    def dmarc(self, name, text):
        self.dns[f"_dmarc.{name}"] = Found((text.encode(),))
        return self

    def sent_by(self, address):
        self.envelope = replace(self.envelope, reverse_path=parse_address(address) if address else None)
        return self

    def prove(self, content, message=None, spf=None, **changes):
        message = message or parsed(content, **changes)
        # As the service does: what was asked has an answer, if only that there is nothing.
        asked = questions(message, content, self.trusted, self.envelope)
        answers = {name: self.dns.get(name, Missing()) for name in asked}
        return prove(message, content, self.envelope, answers, self.trusted, self.now, spf)


@pytest.fixture
def world(key):
    return World(key)


@pytest.fixture(scope="session")
def pkcs1(key):
    return key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())


@pytest.fixture(scope="session")
def tools():
    """The functions above, for the tests of this folder (test modules do not import one another)."""
    return Tools


class Tools:
    PLAIN, NOW = PLAIN, NOW
    parsed, record, dkim_sign = staticmethod(parsed), staticmethod(record), staticmethod(dkim_sign)
