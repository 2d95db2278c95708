"""Starting, stopping, and reading the configuration again."""

import smtplib
import time

import pytest

from .site import EVENT, people, send, until

pytestmark = pytest.mark.whole


def test_term_leaves_unsent_letters_for_the_next_start(make_site, sink):
    """TERM ends with status 0 within seconds; what the relay did not take goes out after the next start."""
    site = make_site()
    one = site.serve()
    crowd = people(5)
    with smtplib.SMTP("127.0.0.1", one.port, timeout=10) as idler:
        idler.ehlo()
        send(one.port, *((person.address, person.mail()) for person in crowd))
        assert until(lambda: site.one("SELECT count(last_code) FROM outbox") == 5)
        begun = time.monotonic()
        assert one.terminate() == 0
        assert time.monotonic() - begun < 5
        assert idler.file.readline().startswith(b"421 4.3.2")
        idler.close()
    assert "service=stopping" in one.log
    assert "Traceback" not in one.log
    assert site.one("SELECT count(*) FROM outbox WHERE state = 'due'") == 5
    sink.open()
    again = site.serve()
    assert site.idle()
    assert sorted(letter.to for letter in sink.letters) == [person.address for person in crowd]
    assert again.terminate() == 0


def test_term_does_not_wait_for_a_relay_that_says_nothing(make_site, sink):
    """Letters whose relay is mute are let go of soon, however many wait, and go out again with the same ids."""
    site = make_site()
    crowd = people(40)
    for person in crowd:
        sink.behave[person.address] = ["mute"]
    sink.open()
    one = site.serve()
    send(one.port, *((person.address, person.mail()) for person in crowd))
    assert sink.wait(lambda sink: len(sink.letters) == 4), "one on each connection"
    begun = time.monotonic()
    assert one.terminate() == 0
    assert time.monotonic() - begun < 10
    assert "Traceback" not in one.log
    sink.behave.clear()
    again = site.serve()
    assert site.idle()
    for person in crowd:
        letters = sink.to(person.address)
        assert len({letter.id for letter in letters}) == 1
        assert [letter.answered for letter in letters][-1:] == [True]
        assert len(letters) <= 2
    assert again.terminate() == 0


def test_hup_with_a_broken_event_file_keeps_the_old_values(make_site, sink):
    """The log has one error for each problem, and the service goes on as it was until the file is mended."""
    site = make_site(seats=1)
    sink.open()
    one = site.serve()
    good = site.event_file.read_text(encoding="utf-8")
    site.event_file.write_text(good.replace("capacity = 1", 'capacity = "many"\nguests = -1'), encoding="utf-8")
    one.hang_up()
    assert one.wait_log("service=not-reloaded", times=2)
    problems = [line for line in one.log.splitlines() if "service=not-reloaded" in line]
    assert len(problems) == 2
    assert all("gan.toml" in line for line in problems)
    assert any("registration.capacity" in line for line in problems)
    ada, bo = people(2)
    send(one.port, (ada.address, ada.mail()), (bo.address, bo.mail()))
    assert site.idle()
    assert [letter.kind for letter in sink.letters if letter.to == bo.address] == ["waitlisted"]
    site.event_file.write_text(good, encoding="utf-8")
    one.hang_up()
    assert one.wait_log("service=reloaded")
    assert one.terminate() == 0


def test_serve_names_every_problem_and_exits_78(make_site):
    """A broken configuration is said whole, each problem with its key, and nothing is begun."""
    site = make_site()
    text = site.config.read_text(encoding="utf-8")
    text = text.replace('timezone = "Europe/Stockholm"', 'timezone = "Europe/Atlantis"').replace('["1 s"]', '["soon"]')
    site.config.write_text(text.replace("[log]", "[logg]"), encoding="utf-8")
    (site.folder / "secret.key").chmod(0o644)
    done = site.cli("serve", check=False)
    assert done.returncode == 78
    for word in ("site.timezone", "outgoing.retry", "logg", "site.key_file"):
        assert word in done.stderr
    assert "Traceback" not in done.stderr
    assert not site.database.exists()


def test_serve_names_every_problem_of_its_event_files_too(make_site):
    """A broken event file at the start is the configuration's fault as well: 78, with file and key."""
    site = make_site()
    site.event_file.write_text(site.event_file.read_text(encoding="utf-8").replace("ends =", "endz ="), encoding="utf-8")
    done = site.cli("serve", check=False)
    assert done.returncode == 78
    assert f"{EVENT}.toml" in done.stderr
    assert "endz" in done.stderr
