"""Proof on top of the real parser: both have to see the same header."""

import pytest

from mailflow.mail.parse import parse
from mailflow.proof import prove, questions
from mailflow.proof.dns import Missing, Trusted
from mailflow.proof.header import split_header

FOLDED = (
    b"Received: from a\r\n\tby b; Mon, 4 May 2026\r\nX-Empty:\r\nFrom: =?utf-8?q?=C3=85sa?=\r\n <ada@uni.example>\r\n"
    b"To: gan@events.example.org,\r\n other@events.example.org\r\nSubject: =?utf-8?q?anm=C3=A4l?=\r\n"
    b"Date: Mon, 04 May 2026 09:59:00 +0000\r\nMessage-ID:\r\n <1@uni.example>\r\n"
    b"MIME-Version: 1.0\r\nContent-Type: text/plain;\r\n charset=utf-8\r\n\r\nHej,\r\nanm\xc3\xa4l mig.\r\n\r\n\r\n"
)


def judge(world, content):
    message = parse(content)
    answers = {
        name: world.dns.get(name, Missing()) for name in questions(message, content, world.trusted, world.envelope)
    }
    return prove(message, content, world.envelope, answers, world.trusted, world.now)


@pytest.mark.parametrize("forms", ["relaxed/relaxed", "simple/simple"])
def test_an_ordinary_mail_is_proved(world, tools, key, forms):
    """Folds, tabs, an empty field, encoded words, 8-bit text: S and full."""
    proof = judge(world, tools.dkim_sign(FOLDED, key, c=forms))
    assert (proof.level, proof.full) == ("S", True), proof.details


def test_lone_line_feeds_are_damage_until_the_door_has_mended_them(world, tools, key):
    """What comes out of a pipe has to be given CRLF before it is kept; then it is as good as any."""
    signed = tools.dkim_sign(FOLDED, key)
    assert judge(world, signed.replace(b"\r\n", b"\n")).details == ("damaged: damaged line ends",)


def test_a_mixed_up_mail_is_not(world, tools, key):
    """Bare CR or a second From: whatever is signed, N."""
    signed = tools.dkim_sign(FOLDED, key)
    assert judge(world, signed.replace(b"Subject:", b"From: eve@evil.example\r\nSubject:")).level == "N"
    assert judge(world, signed.replace(b"Subject: =", b"Subject:\rFrom: =")).level == "N"
    assert judge(world, signed.replace(b"X-Empty:", b"X-Empty\r\nFrom: eve@evil.example")).level == "N"


def test_our_own_letter_comes_back_proved(world, signer, pem, tools):
    """Two mailflows: what one signs the other takes."""
    from mailflow.proof.dns import Found
    from mailflow.proof.signer import public_record

    world.dns["sel._domainkey.uni.example"] = Found((public_record(pem).encode(),))
    assert judge(world, signer.sign(FOLDED, tools.NOW)).full


def test_parser_and_proof_see_the_same_fields_in_real_mail(shared):
    """Every sample that the parser finds no fault with; the others are N anyway."""
    seen = 0
    for path in sorted((shared / "samples").rglob("*.eml")):
        content = path.read_bytes()
        message = parse(content)
        if message.defects or message.refused:
            continue
        header = split_header(content)
        assert header is not None, path
        assert [field.name for field in header.fields] == [name for name, _ in message.headers], path
        questions(message, content, Trusted())
        seen += 1
    assert seen > 100
