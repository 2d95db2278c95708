"""A real Postfix hands mail over and takes the answers, with the lines of deploy/postfix as they are."""

import smtplib

import dkim
import pytest

from mailflow.proof.signer import public_record
from tests.whole.conftest import make_site, sink  # noqa: F401  fixtures
from tests.whole.site import DOMAIN, EVENT, people

from .front import STRANGER, Front, absent, free_port, lines_of

pytestmark = [pytest.mark.needs_postfix, pytest.mark.whole, pytest.mark.skipif(bool(absent()), reason=absent())]


@pytest.fixture
def front(sink):  # noqa: F811  the fixture
    front = Front.new(sink.port)
    yield front
    front.stop()


@pytest.fixture
def site(make_site, sink, front):  # noqa: F811  the fixtures
    """A site that takes LMTP from its Postfix, and sends by it."""
    sink.open()
    site = make_site()
    port = free_port()
    text = site.config.read_text(encoding="utf-8")
    text = text.replace('listen = ["127.0.0.1:0"]', f'listen = ["127.0.0.1:{port}"]\nprotocol = "lmtp"')
    text = text.replace(f"smtp://127.0.0.1:{sink.port}", f"smtp://127.0.0.1:{front.port}")
    site.config.write_text(text, encoding="utf-8")
    front.start(
        lines_of(
            "subdomain.cf",
            domain=("events.example.org", DOMAIN),
            transport=("smtp:[127.0.0.1]:2525", f"lmtp:[127.0.0.1]:{port}"),
        )
    )
    return site


def write(front, person, subject="register", to=f"{EVENT}@{DOMAIN}"):
    """From the world, by Postfix. Raises SMTPRecipientsRefused, which names the reply."""
    with smtplib.SMTP("127.0.0.1", front.port, timeout=20, source_address=(STRANGER, 0)) as client:
        client.sendmail(person.address, [to], person.mail(subject))


def test_a_registration_goes_through_postfix_and_back(site, front, sink):  # noqa: F811  the fixtures
    """LMTP in, a row, and the confirmation by Postfix: its signature holds and its invitation is whole."""
    one = site.serve()
    ada = people(1, "ada")[0]
    write(front, ada)
    assert sink.wait(lambda sink: sink.to(ada.address)), front.log + one.log
    (row,) = site.rows("SELECT * FROM inbox")
    assert (row["via"], row["state"], row["forward_path"]) == ("lmtp", "done", f"{EVENT}@{DOMAIN}")
    assert site.one("SELECT status FROM attendees") == "confirmed"
    (letter,) = sink.to(ada.address)
    record = public_record((site.folder / "dkim.key").read_bytes()).encode()
    assert dkim.verify(letter.content, dnsfunc=lambda *_, **__: record)
    assert "(Postfix)" in letter.message["Received"]
    parts = {part.get_content_type(): part for part in letter.message.walk()}
    calendar = parts["text/calendar"]
    assert calendar.get_param("method") == "REQUEST"
    assert calendar.get_content().replace("\r\n", "\n").count("BEGIN:VEVENT\n") == 1
    assert one.terminate() == 0
    assert front.complaints() == []
