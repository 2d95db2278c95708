"""A real Postfix hands mail over and takes the answers, with the lines of deploy/postfix as they are."""

import shutil
import smtplib
import time

import dkim
import pytest

from mailflow.proof.signer import public_record
from tests.whole.conftest import make_site, sink  # noqa: F401  fixtures
from tests.whole.site import BORDER, DOMAIN, EVENT, people, until

from .front import LINES, STRANGER, Front, absent, free_port, lines_of
from .milter import Milter

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

    def stand(protocol="lmtp", nexthop="[127.0.0.1]:{port}", listen="127.0.0.1:{port}", also="", more="", **changes):
        sink.open()
        site, port = make_site(), free_port()
        where = {"port": port, "folder": front.folder}
        text = site.config.read_text(encoding="utf-8")
        text = text.replace('"127.0.0.1:0"]', f'"{listen.format(**where)}"]\nprotocol = "{protocol}"')
        text = text.replace(f"smtp://127.0.0.1:{sink.port}", f"smtp://127.0.0.1:{front.port}")
        site.config.write_text(text, encoding="utf-8")
        transport = f"{protocol}:{nexthop.format(**where)}"
        lines = lines_of("subdomain.cf", domain=("events.example.org", DOMAIN),
                         transport=("smtp:[127.0.0.1]:2525", transport), **changes)  # fmt: skip
        front.start(lines + also, more)
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


def test_an_unknown_event_is_refused_in_the_session(stand, front):
    """The sender's server hears 550 5.1.1 at RCPT; nothing is queued, so that nothing can bounce to a forged sender."""
    site = stand()
    one = site.serve()
    ada = people(1, "ada")[0]
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        write(front, ada, to=[f"nobody@{DOMAIN}"])
    ((code, text),) = refused.value.recipients.values()
    assert (code, text[:5]) == (550, b"5.1.1"), text
    assert b"127.0.0.1" not in text, "the inside is nobody's business"
    assert front.waiting() == 0
    assert site.one("SELECT count(*) FROM inbox") == 0
    assert one.terminate() == 0


def test_a_new_event_is_known_after_a_minute(stand, front, sink):  # noqa: F811  the fixture
    """What Postfix has refused before it forgets soon, not after three hours (the minute of our lines is short in here)."""
    site = stand(minute=("negative_expire_time = 1m", "negative_expire_time = 1s"))
    one = site.serve()
    ada = people(1, "ada")[0]
    new = f"bread@{DOMAIN}"
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        write(front, ada, to=[new])
    shutil.copy(site.event_file, site.event_file.with_name("bread.toml"))
    one.hang_up()
    assert one.wait_log("service=reloaded")
    time.sleep(2.1)  # the cached refusal runs out, by whole seconds
    write(front, ada, to=[new])
    assert sink.wait(lambda sink: sink.to(ada.address))
    assert one.terminate() == 0


def test_what_stands_behind_the_plus_arrives(stand, front):
    """event+detail@ is the event's, whatever the detail; it is in the database as it came."""
    site = stand()
    one = site.serve()
    ada = people(1, "ada")[0]
    write(front, ada, to=[f"{EVENT}+cancel@{DOMAIN}"])
    assert until(lambda: site.one("SELECT count(*) FROM inbox") == 1), front.log
    assert site.one("SELECT forward_path FROM inbox") == f"{EVENT}+cancel@{DOMAIN}"
    assert site.idle()
    assert one.terminate() == 0


def test_two_events_in_one_mail_are_two_rows(stand, front, sink):  # noqa: F811  the fixture
    """One transaction with two recipients, one reply for each, and each event answers."""
    site = stand()
    shutil.copy(site.event_file, site.event_file.with_name("bread.toml"))
    one = site.serve()
    ada = people(1, "ada")[0]
    write(front, ada, to=[GAN, f"bread@{DOMAIN}"])
    assert sink.wait(lambda sink: len(sink.to(ada.address)) == 2), front.log
    assert [tuple(row) for row in site.rows("SELECT event, state, via FROM inbox ORDER BY event")] == [
        ("bread", "done", "lmtp"),
        ("gan", "done", "lmtp"),
    ]
    ids = {line.partition("]: ")[2].partition(":")[0] for line in front.log.splitlines() if "(250 2.0.0 Accepted)" in line}
    assert len(ids) == 1, front.log
    assert front.waiting() == 0
    assert one.terminate() == 0


def test_while_mailflow_is_down_postfix_keeps_the_mail(stand, front, sink):  # noqa: F811  the fixture
    """Mail for an address that was asked about waits in Postfix's queue; any other is 450, so their server tries again."""
    site = stand()
    one = site.serve()
    ada, bo, cy = people(3)
    write(front, ada)
    assert sink.wait(lambda sink: sink.to(ada.address)), front.log
    assert one.terminate() == 0
    write(front, bo)
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        write(front, cy, to=[f"{EVENT}+status@{DOMAIN}"])
    ((code, text),) = refused.value.recipients.values()
    assert code == 450, text
    assert front.wait_log("status=deferred (connect to")
    assert front.waiting() == 1
    again = site.serve()
    front.run("postqueue", "-f")
    assert sink.wait(lambda sink: sink.to(bo.address)), front.log
    assert until(lambda: front.waiting() == 0)
    assert site.one("SELECT count(*) FROM attendees") == 2
    assert again.terminate() == 0


def test_a_letter_that_bounces_is_not_answered(stand, front, sink):  # noqa: F811  the fixture
    """Postfix takes our letter and cannot deliver it: its report comes back to us, and ends in silence."""
    site = stand()
    one = site.serve()
    ada = people(1, "ada")[0]
    sink.behave[ada.address] = ["550 5.1.1 nobody of that name"]
    write(front, ada)
    assert until(lambda: site.one("SELECT count(*) FROM inbox") == 2, 15), front.log
    assert site.idle()
    (report,) = site.rows("SELECT * FROM inbox WHERE id = 2")
    assert (report["reverse_path"], report["state"], report["intent"]) == (None, "silent", "bounce")
    assert site.one("SELECT count(*) FROM outbox") == 1
    assert front.waiting() == 0
    assert one.terminate() == 0


@pytest.fixture
def border():
    """A filter that vouches for the people of these tests."""
    milter = Milter(f"{BORDER}; dmarc=pass header.from=people.test.example")
    yield milter
    milter.close()


def border_lines():
    return lines_of("border.cf", file=("/etc/postfix/forged.regexp", str(LINES / "forged.regexp")))


def test_a_forged_verdict_is_not_believed(stand, front, sink):  # noqa: F811  the fixture
    """What the sender wrote in the border's name is gone before mailflow sees it: the address is asked first."""
    site = stand(also=border_lines())
    one = site.serve()
    ada = people(1, "ada")[0]
    assert b"dmarc=pass" in ada.mail()
    write(front, ada)
    assert sink.wait(lambda sink: sink.to(ada.address)), front.log
    assert sink.to(ada.address)[0].kind == "please_confirm"
    assert b"dmarc=pass" not in site.one("SELECT octets FROM raw")
    assert one.terminate() == 0


def test_the_border_s_own_verdict_is_believed(stand, front, sink, border):  # noqa: F811  the fixture
    """The field that a milter adds stays, stands above the first foreign Received, and counts."""
    site = stand(also=border_lines() + f"smtpd_milters = inet:127.0.0.1:{border.port}\n")
    one = site.serve()
    ada = people(1, "ada")[0]
    write(front, ada)
    assert sink.wait(lambda sink: sink.to(ada.address)), front.log
    assert sink.to(ada.address)[0].kind == "registered"
    assert site.one("SELECT octets FROM raw").count(b"dmarc=pass") == 1
    assert signed(site, sink.to(ada.address)[0]), "the milter also saw our letter"
    assert site.one("SELECT proof FROM inbox") == "relay"
    assert one.terminate() == 0
