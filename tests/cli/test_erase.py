"""`erase`: all that is held about a person, whether or not a service runs."""

import sqlite3
from contextlib import closing


def octets(site):
    return b"".join(file.read_bytes() for file in sorted(site.folder.glob("mailflow.db*")))


def letters(site):
    return [(one["what"], one["to"]) for one in site.objects("queue", "list", "--state", "due")]


def address(site):
    (maja,) = [one["address"] for one in site.objects("attendees", "--status", "confirmed")]
    return maja


def test_nothing_of_a_person_is_left_but_the_last_letter(demo):
    """In the database and beside it; the hash of the address stays, and a number."""
    maja = address(demo)
    done = demo.objects("erase", maja.upper().replace("EXAMPLE.ORG", "example.org"), "--yes")
    assert done == [{"event": "creative-machines", "was": "confirmed", "letter": "erased", "moved_up": 0, "result": "erased"}]
    assert letters(demo) == [("erased", maja)]
    assert [one["status"] for one in demo.objects("attendees")] == ["pending"]
    with closing(sqlite3.connect(demo.database)) as database:
        assert database.execute("SELECT sum(people) FROM statistics").fetchall() == [(1,)]
        assert database.execute("SELECT count(*) FROM erasures").fetchall() == [(1,)]
    assert len((demo.folder / "erased.list").read_text().splitlines()) == 1
    assert demo.call("check", "--quick").exit_code == 0


def test_without_the_letter_no_byte_is_left(demo):
    """Mails, letters and history are gone at once, and the file is packed."""
    maja = address(demo)
    assert maja.encode() in octets(demo)
    done = demo.objects("erase", maja, "--no-letter", "--yes", "--event", "creative-machines")
    assert done[0]["letter"] == ""
    assert letters(demo) == []
    assert maja.encode() not in octets(demo).lower()
    assert b"Lind" not in octets(demo)


def test_where_nothing_is_held(demo):
    """4, and 4 again for who was erased."""
    assert demo.run("erase", "nobody@example.org", "--yes").exit_code == 4
    maja = address(demo)
    demo.call("erase", maja, "--yes", "--no-letter")
    again = demo.run("erase", maja, "--yes")
    assert (again.exit_code, again.stderr) == (4, f"Nothing is held about {maja}.\n")
    assert demo.run("erase", maja, "--event", "nonsense", "--yes").exit_code == 4


def test_nobody_is_erased_unasked(demo):
    """2 where nobody can be asked; what would go is said, and nothing went."""
    maja, before = address(demo), demo.rows()
    done = demo.run("erase", maja)
    assert (done.exit_code, demo.rows()) == (2, before)
    assert f"Erase all about {maja}: creative-machines (confirmed)?" in done.stderr
    assert demo.run("erase", "nonsense", "--yes").exit_code == 2


def test_an_event_whose_file_is_gone_holds_nobody_up(demo):
    """What it holds goes without a letter, since nobody knows its words any more."""
    maja = address(demo)
    (demo.folder / "events" / "creative-machines.toml").unlink()
    done = demo.objects("erase", maja, "--yes")
    assert [(one["letter"], one["result"]) for one in done] == [("", "erased")]
    assert maja.encode() not in octets(demo).lower()


def test_a_locked_database_changes_nothing(demo):
    """75: a service at work holds the lock; nobody is on the list who was not erased."""
    maja = address(demo)
    with demo.lock():
        assert demo.run("erase", maja, "--yes").exit_code == 75
    assert not (demo.folder / "erased.list").exists()
    assert address(demo) == maja
