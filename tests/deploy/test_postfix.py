"""A real Postfix hands mail over and takes the answers, with the lines of deploy/postfix as they are."""

import os
import shutil
import smtplib
from email.utils import format_datetime

import dkim
import pytest

from mailflow.proof.signer import public_record
from tests.whole.conftest import make_site, sink  # noqa: F401  fixtures
from tests.whole.site import BORDER, DOMAIN, EVENT, NOW, people, until

from .front import STRANGER, Front, absent, free_port, lines_of

pytestmark = [pytest.mark.needs_postfix, pytest.mark.whole, pytest.mark.skipif(bool(absent()), reason=absent())]

GAN = f"{EVENT}@{DOMAIN}"


@pytest.fixture
def front(sink):  # noqa: F811  the fixture
    front = Front.new(sink.port)
    yield front
    front.stop()


@pytest.fixture
def stand(make_site, sink, front):  # noqa: F811  the fixtures
    """Start Postfix with our lines, and lay out a site that takes mail from it and sends by it."""

    def stand(protocol="lmtp", nexthop="[127.0.0.1]:{port}", listen="127.0.0.1:{port}", extra="", more=""):
        sink.open()
        site, port = make_site(), free_port()
        where = {"port": port, "folder": front.folder}
        text = site.config.read_text(encoding="utf-8")
        text = text.replace('"127.0.0.1:0"]', f'"{listen.format(**where)}"]\nprotocol = "{protocol}"')
        text = text.replace(f"smtp://127.0.0.1:{sink.port}", f"smtp://127.0.0.1:{front.port}")
        site.config.write_text(text, encoding="utf-8")
        transport = f"{protocol}:{nexthop.format(**where)}"
        lines = lines_of("subdomain.cf", domain=("events.example.org", DOMAIN),
                         transport=("smtp:[127.0.0.1]:2525", transport))  # fmt: skip
        front.start(lines + extra, more)
        return site

    return stand


def write(front, person, subject="register", to=(GAN,), source=STRANGER):
    """From the world, by Postfix. Raises SMTPRecipientsRefused, which names the replies."""
    with smtplib.SMTP("127.0.0.1", front.port, "client.test.example", timeout=20, source_address=(source, 0)) as client:
        return client.sendmail(person.address, list(to), person.mail(subject))


def signed(site, letter):
    """Whether our signature holds, by dkimpy as it comes."""
    record = public_record((site.folder / "dkim.key").read_bytes()).encode()
    return dkim.verify(letter.content, dnsfunc=lambda *_, **__: record)


@pytest.mark.parametrize("protocol", ["smtp", "lmtp"])
def test_a_registration_goes_through_postfix_and_back(stand, front, sink, protocol):  # noqa: F811  the fixture
    """A row, and the confirmation by Postfix as relay: octet by octet what we rendered, under a signature that holds."""
    site = stand(protocol)
    one = site.serve()
    ada = people(1, "ada")[0]
    write(front, ada)
    assert sink.wait(lambda sink: sink.to(ada.address)), front.log + one.log
    (row,) = site.rows("SELECT * FROM inbox")
    assert (row["via"], row["state"], row["forward_path"]) == (protocol, "done", GAN)
    assert site.one("SELECT status FROM attendees") == "confirmed"
    (letter,) = sink.to(ada.address)
    assert "(Postfix)" in letter.message["Received"]
    assert signed(site, letter)
    assert letter.content.endswith(site.one("SELECT octets FROM bodies"))
    calendar = next(part for part in letter.message.walk() if part.get_content_type() == "text/calendar")
    assert calendar.get_param("method") == "REQUEST"
    assert site.idle()
    assert one.terminate() == 0
    assert front.complaints() == []
