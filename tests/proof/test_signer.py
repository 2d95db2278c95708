"""What we sign, everybody can verify."""

import email.utils
import re
import time

import dkim
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat

from mailflow.proof.dns import Found
from mailflow.proof.signer import Signer, new_key, public_record

LETTER = (
    b'From: "The rise of creative machines" <creative-machines@uni.example>\r\nTo: ada@example.org\r\n'
    b"Subject: =?utf-8?b?RHUgw6RyIGFubcOkbGQ=?=\r\nDate: Mon, 04 May 2026 10:00:00 +0000\r\n"
    b"Message-ID: <registered.7M2KQ9XD.k3v0q8@uni.example>\r\nIn-Reply-To: <1@example.org>\r\n"
    b"References: <0@example.org>\r\n <1@example.org>\r\nMIME-Version: 1.0\r\nAuto-Submitted: auto-replied\r\n"
    b"List-Id: <gan.uni.example>\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nHej!\r\n\r\n"
)


@pytest.fixture
def dnsfunc(pem):
    return lambda name, timeout=5: public_record(pem).encode() if name == b"sel._domainkey.uni.example." else None


def test_unchanged_dkimpy_verifies_our_letters(signer, dnsfunc, tools):
    """The library that anybody may use, its own arithmetic and parsers included, says pass."""
    assert dkim.verify(signer.sign(LETTER, tools.NOW), dnsfunc=dnsfunc)


@pytest.mark.parametrize("body", [b"", b"\r\n", b"a", b"a\r\n\r\n\r\n", b" \r\n", b"x  y\t\r\n" * 30000])
def test_every_kind_of_body_is_signed(signer, dnsfunc, tools, body):
    """Empty bodies, no last line end, empty lines at the end, more than one piece."""
    assert dkim.verify(signer.sign(LETTER.partition(b"Hej")[0] + body, tools.NOW), dnsfunc=dnsfunc)


def test_our_own_verifier_gives_the_full_mark(signer, world, pem, tools):
    """What we sign is S and full, so that two mailflows can believe each other."""
    world.dns["sel._domainkey.uni.example"] = Found((public_record(pem).encode(),))
    proof = world.prove(signer.sign(LETTER, tools.NOW))
    assert (proof.level, proof.how, proof.domain, proof.full) == ("S", "dkim", "uni.example", True)


def test_the_message_itself_is_untouched(signer, tools):
    """The field goes on top; behind it stands the letter, octet by octet."""
    signed = signer.sign(LETTER, tools.NOW)
    assert signed.endswith(LETTER)
    assert signed.startswith(b"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/simple;\r\n d=uni.example;")
    assert max(map(len, signed.split(b"\r\n"))) <= 100


@pytest.mark.parametrize("field", [b"From: x@y.example", b"Reply-To: x@y.example", b"List-Unsubscribe: <mailto:x@y.example>",
                                   b"Subject: other", b"List-Id: <b>", b"Auto-Submitted: no"])  # fmt: skip
def test_no_field_of_ours_can_be_added_later(signer, dnsfunc, tools, field):
    """Each is named once more than present."""
    signed = signer.sign(LETTER, tools.NOW)
    assert not dkim.verify(field + b"\r\n" + signed, dnsfunc=dnsfunc)


def test_the_time_comes_from_outside(signer, tools):
    """`t=` is the given moment, and the same moment gives the same octets."""
    signed = signer.sign(LETTER, tools.NOW)
    assert re.search(rb"t=(\d+);", signed)[1] == str(int(tools.NOW.timestamp())).encode()
    assert signed == signer.sign(LETTER, tools.NOW)


@pytest.mark.parametrize("content", [LETTER.replace(b"\r\n", b"\n"), b"To: a@b.example\r\n\r\nx", b"x", b"",
                                     LETTER + b"\n", LETTER + b"\rx", b"From: a@b.example\r\n" + LETTER])  # fmt: skip
def test_what_cannot_be_signed_safely_is_a_fault_of_ours(signer, tools, content):
    """Other line ends, no From or two of them: ValueError, never half a signature."""
    with pytest.raises(ValueError, match="what is to be signed has"):
        signer.sign(content, tools.NOW)


def test_both_forms_of_pem_are_read(pem, pkcs1):
    """PKCS#8 from openssl 3, PKCS#1 from older tools."""
    assert b"BEGIN PRIVATE KEY" in pem
    assert b"BEGIN RSA PRIVATE KEY" in pkcs1
    assert Signer.load(pkcs1, "Uni.Example.", "Sel").domain == "uni.example"


def pem_of(numbers, secret=None):
    how = BestAvailableEncryption(secret) if secret else NoEncryption()
    return numbers.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, how)


def test_a_wrong_key_is_named_in_a_sentence(keys):
    """The operator reads what is wrong with the file."""
    for octets, sentence in [
        (b"", "no private key in PEM form"),
        (b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "no private key in PEM form"),
        (pem_of(keys["short"]), "1024 bits"),
        (pem_of(keys["ed25519"]), "not an RSA key"),
        (pem_of(ec.generate_private_key(ec.SECP256R1())), "not an RSA key"),
        (pem_of(keys["rsa"], b"secret"), "encrypted"),
    ]:
        with pytest.raises(ValueError, match=sentence):
            Signer.load(octets, "uni.example", "sel")


@pytest.mark.parametrize(("domain", "selector"), [("uni", "sel"), ("uni..example", "sel"), ("uni.example", ""),
                                                  ("uni.example", "a b"), ("uni.example;x", "sel"), ("uni.example", "-a")])  # fmt: skip
def test_names_that_cannot_be_asked_for_are_refused(pem, domain, selector):
    """A domain or selector that no verifier would take."""
    with pytest.raises(ValueError, match="DKIM"):
        Signer.load(pem, domain, selector)


def test_a_new_key_is_good_for_signing():
    """RSA-2048 as PKCS#8, and its record names it."""
    pem = new_key()
    assert Signer.load(pem, "uni.example", "sel").key.key_size == 2048
    assert public_record(pem).startswith("v=DKIM1; k=rsa; p=MII")
    assert isinstance(Signer.load(pem, "uni.example", "sel").key, rsa.RSAPrivateKey)


def test_a_thousand_letters_in_seconds(signer, tools):
    """Pure Python needs 10 ms and more for one; the bound here is loose because the machine is shared."""
    signer.sign(LETTER, tools.NOW)
    start = time.process_time()
    for _ in range(50):
        signer.sign(LETTER, tools.NOW)
    assert (time.process_time() - start) / 50 < 0.005


def test_the_signing_time_survives_formatting(tools):
    """The Date of the letters here is the moment of the tests, so ages are what they seem."""
    assert email.utils.parsedate_to_datetime("Mon, 04 May 2026 10:00:00 +0000") == tools.NOW
