"""What the operator does beside a running service, and what the service weighs."""

import csv
import io
import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from .site import EVENT, children, environment, people, resident_kib, send, until

pytestmark = pytest.mark.whole


def test_more_seats_and_a_hup_promote_the_line_in_order(make_site, sink):
    """The first of the line get the new seats, at once, each with a letter; the rest move up."""
    site = make_site(seats=2)
    sink.open()
    one = site.serve()
    crowd = people(7)
    for person in crowd:  # one after the other, so that the order of the line is known
        send(one.port, (person.address, person.mail()))
        assert site.idle()
    before = len(sink.letters)
    site.write_event(seats=5)
    begun = time.monotonic()
    one.hang_up()
    assert sink.wait(lambda sink: len(sink.letters) == before + 3)
    assert time.monotonic() - begun < 5, "a raised capacity does not wait for the next tick"
    assert site.idle()
    promoted = [letter.to for letter in sink.letters if letter.kind == "promoted"]
    assert sorted(promoted) == [person.address for person in crowd[2:5]]
    assert all(b"text/calendar" in letter.content for letter in sink.letters if letter.kind == "promoted")
    listed = site.rows("SELECT address, status, place_in_line FROM attendees ORDER BY number")
    assert [row["status"] for row in listed] == ["confirmed"] * 5 + ["waiting"] * 2
    assert [row["place_in_line"] for row in listed[5:]] == [1, 2]
    steps = site.rows("SELECT number FROM history WHERE what = 'promoted' ORDER BY at, number")
    assert [row["number"] for row in steps] == [3, 4, 5]
    assert one.terminate() == 0


def test_verbs_work_beside_the_running_service(make_site, sink):
    """Lists, one mail's biography, the export, closing and opening: the service heeds each at the next mail."""
    site = make_site(seats=1)
    sink.open()
    one = site.serve()
    ada, bo, cy, di = people(4)
    send(one.port, (ada.address, ada.mail()), (bo.address, bo.mail()))
    assert site.idle()

    (event,) = json_of(site.cli("event", "list", "--json"))
    assert (event["event"], event["registration"], event["taken"], event["waiting"]) == (EVENT, "open", 1, 1)
    listed = json_of(site.cli("attendees", "--json"))
    assert sorted((row["address"], row["status"]) for row in listed) == [(ada.address, "confirmed"), (bo.address, "waiting")]
    assert ada.address in site.cli("queue", "list", "--all").stdout
    assert "The queue is empty" in site.cli("queue", "list").stderr
    (shown,) = json_of(site.cli("message", "show", "m1", "--json"))
    assert (shown["state"], shown["intent"], shown["proof"]) == ("done", "register", "relay")
    assert [letter["state"] for letter in shown["letters"]] == ["sent"]
    exported = csv.reader(io.StringIO(site.cli("export").stdout.lstrip("\ufeff")), delimiter=";")
    assert len(list(exported)) == 3

    site.cli("event", "close")
    send(one.port, (cy.address, cy.mail()))
    assert site.idle()
    assert [letter.kind for letter in sink.to(cy.address)] == ["closed"]
    site.cli("event", "open")
    send(one.port, (di.address, di.mail()), (ada.address, ada.mail("cancel")))
    assert site.idle()
    assert [letter.kind for letter in sink.to(di.address)] == ["waitlisted"]
    assert [letter.kind for letter in sink.to(ada.address)] == ["registered", "cancelled"]
    assert [letter.kind for letter in sink.to(bo.address)] == ["waitlisted", "promoted"]
    assert "counters agree" in site.cli("check", "--quick").stdout
    assert one.terminate() == 0
    assert "trouble=" not in one.log


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="reads /proc")
def test_an_idle_service_is_small(make_site, sink):
    """The service and its worker stay below 120 MB each, before and after work (80 is what we aim at)."""
    site = make_site()
    sink.open()
    one = site.serve()
    assert until(lambda: weights(one).get("worker", 0) > 20), "the worker is there before the first mail"
    fresh = weights(one)
    crowd = people(30)
    send(one.port, *((person.address, person.mail()) for person in crowd))
    assert site.idle()
    used = weights(one)
    print(f"\nresident MB: fresh {fresh}, after 30 mails {used}")
    assert max(*fresh.values(), *used.values()) < 120
    assert one.terminate() == 0


def test_help_comes_quickly():
    """No verb's module is loaded for `--help`; 0.3 s is the aim, and slower machines have some room."""
    times = []
    for _ in range(3):
        begun = time.monotonic()
        subprocess.run([sys.executable, "-m", "mailflow", "--help"], env=environment(), check=True, capture_output=True)
        times.append(time.monotonic() - begun)
    print(f"\nmailflow --help: {min(times):.3f} s")
    assert min(times) < 1.5


def weights(one):
    """Megabytes of each process, by what it is."""
    found = {"service": resident_kib(one.pid) // 1000}
    for pid, command in children(one.pid).items():
        found["tracker" if "resource_tracker" in command else "worker"] = resident_kib(pid) // 1000
    return found


def json_of(done):
    return [json.loads(line) for line in done.stdout.splitlines()]
