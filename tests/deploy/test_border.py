"""Whose word about a sender reaches us through a real Postfix, and whose does not."""

import pytest

from tests.whole.site import BORDER, people

from .front import LINES, absent, lines_of, signed, write
from .milter import Milter

pytestmark = [pytest.mark.needs_postfix, pytest.mark.whole, pytest.mark.skipif(bool(absent()), reason=absent())]


@pytest.fixture
def border():
    """A filter that vouches for the people of these tests."""
    milter = Milter(f"{BORDER}; dmarc=pass header.from=people.test.example")
    yield milter
    milter.close()


def border_lines():
    return lines_of("border.cf", file=("/etc/postfix/forged.regexp", str(LINES / "forged.regexp")))


def test_a_forged_verdict_is_not_believed(stand, front, sink):
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


def test_the_border_s_own_verdict_is_believed(stand, front, sink, border):
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
