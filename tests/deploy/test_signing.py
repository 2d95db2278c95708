"""What we sign still verifies behind a real Postfix, which may fold, stuff, pad or convert what it carries."""

import smtplib
from datetime import timedelta

import dkim
import pytest

from mailflow.cli.specimen import SEAL, specimen
from mailflow.model.letter import LETTER_KINDS, VARIANTS
from mailflow.proof.signer import Signer, new_key, public_record
from mailflow.render import Renderer, Site
from mailflow.render.sample import NOW
from mailflow.zonefile import zone_octets
from tests.whole.site import DOMAIN

from .front import absent

pytestmark = [pytest.mark.needs_postfix, pytest.mark.whole, pytest.mark.skipif(bool(absent()), reason=absent())]

HEAD = f"From: Events <gan@{DOMAIN}>\r\nTo: ada@example.net\r\nDate: Mon, 04 May 2026 10:00:00 +0000\r\nMessage-ID: <1@{DOMAIN}>\r\n".encode()
PLAIN = b"Subject: Hello\r\n\r\n"
ODD = {
    "8-bit headers": "Subject: Du är anmäld: Växthuset\r\n\r\nHej!\r\n".encode(),
    "an 8-bit body": PLAIN + "Du är anmäld.\r\n".encode() * 20,
    "a body that is no UTF-8": PLAIN + bytes(range(0x80, 0x100)) + b"\r\n",
    "long lines": PLAIN + (b"x" * 998 + b"\r\n") * 5,
    "a long folded header": b"Subject: " + b"\r\n ".join([b"word " * 12] * 20) + b"\r\n\r\nHello\r\n",
    "one long header line": b"Subject: " + b"x" * 980 + b"\r\n\r\nHello\r\n",
    "trailing blanks": PLAIN + b"Hello \r\n\t\r\n   \r\nbye\t \r\n \r\n",
    "runs of blanks": PLAIN + b"a  b\t\tc   d\r\n",
    "empty lines at the end": PLAIN + b"Hello\r\n\r\n\r\n\r\n",
    "empty lines at the beginning": PLAIN + b"\r\n\r\nHello\r\n",
    "dots": PLAIN + b".\r\n..\r\n. \r\n.hidden\r\n...\r\nlast.\r\n.\r\n",
    "From at the beginning of a line": PLAIN + b"From me to you\r\n>From you\r\n",
    "no body": PLAIN,
    "no header but the address": b"\r\nHello\r\n",
    "no last line end": PLAIN + b"Hello",
    "header fields with blanks before their values": b"Subject:Hello\r\nMIME-Version:  1.0\r\nReply-To:\r\n a@example.net\r\n\r\nHello\r\n",
}  # fmt: skip


@pytest.fixture(scope="module")
def letters():
    """Every letter in every language, and messages that no letter of ours is."""
    site = Site(
        domain=DOMAIN, name="Events", contact="desk@example.org", plus="+", languages=("en", "sv"), accent="#0b5cad",
        confirm_within=timedelta(hours=48), calendar_ask=True, calendar_alarm=None,
    )  # fmt: skip
    renderer = Renderer(site, SEAL, zone_octets)
    ours = {
        f"{language}/{kind}.{variant}": specimen(renderer, kind, variant, language, None).octets
        for language in site.languages
        for kind in LETTER_KINDS
        for variant in VARIANTS[kind]
    }
    return ours | {name: HEAD + rest for name, rest in ODD.items()}


def test_every_letter_verifies_behind_postfix(front, sink, letters):
    """By dkimpy as it comes; Postfix has put its Received field on top, so it was really there."""
    pem = new_key()
    signer = Signer.load(pem, DOMAIN, "mf1")
    record = public_record(pem).encode()
    sink.open()
    front.start("")
    names = {f"r{number}@example.net": name for number, name in enumerate(letters)}
    with smtplib.SMTP("127.0.0.1", front.port, "desk.test.example", timeout=20) as client:
        for to, name in names.items():
            client.sendmail(f"gan@{DOMAIN}", [to], signer.sign(letters[name], NOW), ["BODY=8BITMIME"])
    assert sink.wait(lambda sink: len(sink.letters) >= len(names), 60), front.log
    assert all("(Postfix)" in letter.message["Received"] for letter in sink.letters)
    broken = [names[letter.to] for letter in sink.letters if not dkim.verify(letter.content, dnsfunc=lambda *_, **__: record)]
    assert (broken, len({letter.to for letter in sink.letters})) == ([], len(names))
    assert front.complaints() == []
