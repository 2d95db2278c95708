"""kill -9 at random moments under load: what was answered 250 is neither lost nor done twice."""

import random
import smtplib
import threading
import time

import pytest

from .site import DOMAIN, EVENT, people

pytestmark = pytest.mark.whole


def test_kill_nine_loses_nothing_that_was_answered_250(make_site, sink):
    """Each mail that got 250 has one registration and one letter; a double has the Message-ID of the first."""
    site = make_site(seats=1000)
    sink.open()
    port, over = [site.serve().port], threading.Event()
    crowd, taken = people(90), set()

    def write_all():
        """As a mail server does: what was not answered 250 is sent again, the same octets."""
        waiting = list(crowd)
        while waiting and not over.is_set():
            person = waiting.pop(0)
            try:
                with smtplib.SMTP("127.0.0.1", port[0], timeout=5) as client:
                    client.sendmail(person.address, [f"{EVENT}@{DOMAIN}"], person.mail())
            except (OSError, smtplib.SMTPException):
                waiting.append(person)
                time.sleep(0.05)
            else:
                taken.add(person.address)

    writer = threading.Thread(target=write_all)
    writer.start()
    chance = random.Random(20190827)
    for _ in range(3):
        time.sleep(chance.uniform(0.1, 0.9))
        site.running[-1].kill()
        port[0] = site.serve().port
    writer.join(60)
    over.set()
    assert taken == {person.address for person in crowd}
    assert site.idle(60)
    listed = site.rows("SELECT address, status FROM attendees ORDER BY number")
    assert sorted(row["address"] for row in listed) == sorted(taken)
    assert {row["status"] for row in listed} == {"confirmed"}
    assert site.one("SELECT count(*) FROM outbox") == len(crowd)
    for person in crowd:
        letters = sink.to(person.address)
        assert letters, f"{person.address} has no letter"
        assert len({letter.id for letter in letters}) == 1, "a double is the same letter"
    assert "counters agree" in site.cli("check", "--quick").stdout
    assert site.running[-1].terminate() == 0
