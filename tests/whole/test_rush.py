"""Many people at once."""

import subprocess
import sys

import pytest

from .site import EVENT, environment, people, send, send_at_once

pytestmark = pytest.mark.whole


def test_two_hundred_people_mail_two_processes_for_forty_seats(make_site, sink):
    """Exactly forty get a seat, the others wait in order, and each gets one letter that says so."""
    site = make_site(seats=40)
    sink.open()
    first, second = site.launch(), site.launch()  # on a database that neither has made yet
    for one in (first, second):
        site.ready(one)
    crowd = people(200)
    send_at_once([first.port, second.port] * 4, [(person.address, person.mail()) for person in crowd])
    assert site.idle(40)

    listed = site.rows("SELECT number, address, status, place_in_line FROM attendees WHERE event = ? ORDER BY number", EVENT)
    assert sorted(row["address"] for row in listed) == sorted(person.address for person in crowd)
    assert [row["number"] for row in listed] == list(range(1, 201))
    assert [row["status"] for row in listed] == ["confirmed"] * 40 + ["waiting"] * 160
    assert [row["place_in_line"] for row in listed[40:]] == list(range(1, 161))
    moments = [row[0] for row in site.rows("SELECT registered_at FROM registrations ORDER BY number")]
    assert moments == sorted(moments)
    assert [row[0] for row in site.rows("SELECT place FROM registrations WHERE status = 'waiting' ORDER BY number")] == list(range(1, 161))
    assert dict(site.rows("SELECT capacity, taken, waiting FROM events")[0]) == {"capacity": 40, "taken": 40, "waiting": 160}

    assert len(sink.letters) == 200
    assert len({letter.id for letter in sink.letters}) == 200
    assert sorted(letter.to for letter in sink.letters) == sorted(person.address for person in crowd)
    seated = {row["address"] for row in listed[:40]}
    assert all(letter.kind == ("registered" if letter.to in seated else "waitlisted") for letter in sink.letters)
    assert {row[0] for row in site.rows("SELECT DISTINCT state FROM outbox")} == {"sent"}
    assert site.one("SELECT count(*) FROM outbox") == 200
    assert site.one("SELECT max(attempts) FROM outbox") == 1
    assert {row[0] for row in site.rows("SELECT DISTINCT state FROM inbox")} == {"done"}
    handled = [one.log.count(" in from=") for one in (first, second)]
    assert sum(handled) == 200
    assert min(handled) > 0, "both processes had work"
    assert "counters agree" in site.cli("check", "--quick").stdout
    for one in (first, second):
        assert one.terminate() == 0
        assert "trouble=" not in one.log
        assert "Traceback" not in one.log


def test_the_same_mail_twice_is_one_registration_and_one_letter(make_site, sink):
    """A relay that delivers again, later or at the same moment or by another way, changes nothing."""
    site = make_site()
    sink.open()
    first, second = site.launch(), site.launch()
    for one in (first, second):
        site.ready(one)
    ada = people(1, "ada")[0]
    twice = ada.mail(trace="Received: from relay.test.example by mx.test.example; Tue, 20 Aug 2019 09:00:00 +0000\n")
    assert twice != ada.mail()
    send_at_once([first.port, second.port, first.port, second.port], [(ada.address, ada.mail())] * 4)
    assert site.idle()
    send(first.port, (ada.address, ada.mail()), (ada.address, twice))
    assert site.idle()
    assert [tuple(row) for row in site.rows("SELECT address, status FROM attendees")] == [(ada.address, "confirmed")]
    assert [letter.kind for letter in sink.letters] == ["registered"]
    ends = site.rows("SELECT state, count(*), count(raw) FROM inbox GROUP BY state ORDER BY state")
    assert [tuple(row) for row in ends] == [("done", 1, 1), ("ignored", 5, 0)]


def test_the_file_opens_with_the_tool_that_made_it(make_site, sink):
    """`sqlite-utils rows mailflow.db attendees` shows words and times that people can read, while we serve."""
    site = make_site()
    sink.open()
    one = site.serve()
    ada = people(1, "ada")[0]
    send(one.port, (ada.address, ada.mail()))
    assert site.idle()
    shown = subprocess.run(
        [sys.executable, "-m", "sqlite_utils", "rows", str(site.database), "attendees", "--table"],
        capture_output=True, text=True, env=environment(), timeout=30, check=True,
    ).stdout  # fmt: skip
    assert ada.address in shown
    assert "confirmed" in shown
    assert "no answer" in shown
