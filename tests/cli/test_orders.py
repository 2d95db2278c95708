"""`attendees remove` and `move`: in the database itself, whether or not a service runs on it."""

import sqlite3
from contextlib import closing

import pytest


def people(site):
    return {one["name"]: one for one in site.objects("attendees")}


def letters(site):
    """The letters that wait to go out, by whom they go to."""
    return {(one["what"], one["to"]) for one in site.objects("queue", "list", "--state", "due")}


def capacity(site, seats):
    with closing(sqlite3.connect(site.database)) as database:
        database.execute("UPDATE event_states SET capacity = ?", (seats,))
        database.commit()


@pytest.fixture
def waiting(demo):
    """Maja has the only seat; Noor, who had to confirm first, stands in line."""
    capacity(demo, 1)
    with closing(sqlite3.connect(demo.database)) as database:
        database.execute("UPDATE registrations SET status = 'waiting', place = 1 WHERE name LIKE 'Noor%'")
        database.execute("UPDATE event_states SET waiting = 1, next_place = 2")
        database.execute("INSERT INTO line_blocks VALUES ('creative-machines', 0, 1)")
        database.commit()
    return demo


def test_the_list_needs_no_word(demo):
    """With an event, with options before it, and by its own word."""
    told = [demo.call(*words).stdout for words in (
        ("attendees",), ("attendees", "creative-machines"), ("attendees", "list"),
        ("attendees", "--status", "pending", "--status", "confirmed", "creative-machines"), ("attendees", "-v"),
    )]  # fmt: skip
    assert len(set(told)) == 1
    assert demo.run("attendees", "nonsense").exit_code == 4


def test_who_is_removed_is_told_and_the_line_moves(waiting, monkeypatch):
    """On the database alone; the demo's event is over by today's clock, so the clock is the demo's."""
    at(monkeypatch, "2019-08-20T12:00:00+00:00")
    maja = people(waiting)["Maja Lind"]["code"]
    done = waiting.objects("attendees", "remove", maja.lower(), "--reason", "Speakers sit elsewhere, {first_name}.", "--yes")
    assert [(one["name"], one["status"], one["letter"], one["result"]) for one in done] == [
        ("Maja Lind", "removed", "cancelled", "removed"),
        ("Noor Berg", "confirmed", "promoted", "moved up"),
    ]
    assert {one["status"] for one in people(waiting).values()} == {"removed", "confirmed"}
    assert {kind for kind, _ in letters(waiting)} == {"cancelled", "promoted"}
    again = waiting.run("attendees", "remove", maja, "--yes")
    assert (again.exit_code, again.stderr) == (4, f"Nobody with that code, or nothing to do: {maja}\n")
    assert waiting.call("check", "--quick").exit_code == 0


def test_a_dry_run_says_all_and_does_nothing(waiting, monkeypatch):
    """It asks nothing either; the database is as it was."""
    at(monkeypatch, "2019-08-20T12:00:00+00:00")
    before = waiting.rows()
    maja = people(waiting)["Maja Lind"]["code"]
    done = waiting.call("attendees", "remove", maja, "--dry-run")
    assert "promoted" in done.stdout
    assert done.stderr == "Nothing was done; this is what would be.\n"
    assert waiting.rows() == before


def test_nobody_is_removed_unasked(waiting, monkeypatch):
    """2 where nobody can be asked, and who would be removed is said; a code that nobody has is not asked about."""
    at(monkeypatch, "2019-08-20T12:00:00+00:00")
    maja = people(waiting)["Maja Lind"]["code"]
    done = waiting.run("attendees", "remove", maja)
    assert (done.exit_code, done.stderr) == (2, f"Remove Maja Lind ({maja})? Say --yes where nobody can be asked.\n")
    assert people(waiting)["Maja Lind"]["status"] == "confirmed"
    assert waiting.run("attendees", "remove", "XX-XXXX").exit_code == 4


def test_who_is_moved_in_gets_a_seat_that_is_not_there(waiting, monkeypatch):
    """PROMOTE is the only way past the capacity."""
    at(monkeypatch, "2019-08-20T12:00:00+00:00")
    everybody = people(waiting)
    noor, maja = (everybody[name]["code"] for name in ("Noor Berg", "Maja Lind"))
    done = waiting.run("attendees", "move", noor, maja, "--event", "creative-machines", "--json")
    assert done.exit_code == 4
    assert done.stderr.endswith(f"Nobody with that code, or nothing to do: {maja}\n")
    assert people(waiting)["Noor Berg"]["status"] == "confirmed"
    with closing(sqlite3.connect(waiting.database)) as database:
        assert database.execute("SELECT capacity, taken, waiting FROM event_states").fetchall() == [(1, 2, 0)]


def test_a_reason_is_bounded_and_its_placeholders_are_known(waiting, monkeypatch):
    """What is no placeholder is said, and stays."""
    at(monkeypatch, "2019-08-20T12:00:00+00:00")
    maja = people(waiting)["Maja Lind"]["code"]
    assert waiting.run("attendees", "remove", maja, "--reason", "x" * 1001, "--yes").exit_code == 2
    assert "leave out sv=" in waiting.run("attendees", "remove", maja, "--reason", "sv=Nej.", "--yes").stderr
    done = waiting.call("attendees", "remove", maja, "--reason", "Dear {nick}", "--dry-run")
    assert done.stderr.startswith("{nick} is no placeholder, and stays as it is.\n")


def at(monkeypatch, moment):
    """The machine's clock, as the command line asks for it."""
    from datetime import datetime

    monkeypatch.setattr("mailflow.service.clock.RealClock.now", lambda _: datetime.fromisoformat(moment))


@pytest.fixture
def choosing(demo, monkeypatch):
    """The demo a week ahead, whose event asks for approval: Maja has applied, Noor has not confirmed yet."""
    at(monkeypatch, "2019-08-20T12:00:00+00:00")
    file = next((demo.folder / "events").glob("*.toml"))
    file.write_text(file.read_text(encoding="utf-8").replace("approval = false", "approval = true"), encoding="utf-8")
    with closing(sqlite3.connect(demo.database)) as database:
        database.execute("UPDATE registrations SET status = 'pending', applied = since, dtstamp = NULL WHERE name LIKE 'Maja%'")
        database.execute("UPDATE registrations SET status = 'pending' WHERE name LIKE 'Noor%'")
        database.execute("UPDATE event_states SET taken = 0")
        database.execute("DELETE FROM option_counts")
        database.commit()
    return demo


def test_who_applied_is_approved_by_code_or_number(choosing):
    """Each gets the letter; the number is that of the list. Who has not confirmed is not decided on."""
    listed = people(choosing)
    assert [listed[name]["status"] for name in ("Maja Lind", "Noor Berg")] == ["applied", "pending"]
    (applied,) = choosing.objects("attendees", "--status", "applied")
    done = choosing.run("attendees", "approve", applied["no"], listed["Noor Berg"]["code"], "--json")
    assert done.exit_code == 4
    assert '"status": "confirmed", "letter": "registered", "result": "approved: confirmed"' in done.stdout
    assert "has not confirmed yet" in done.stdout
    assert choosing.call("check", "--quick").exit_code == 0


def test_no_is_asked_about_and_told(choosing):
    """As a removal is."""
    code = people(choosing)["Maja Lind"]["code"]
    assert choosing.run("attendees", "reject", code).exit_code == 2
    done = choosing.objects("attendees", "reject", code, "--reason", "Too many wrote, {first_name}.", "--yes")
    assert [(one["status"], one["letter"], one["result"]) for one in done] == [("removed", "rejected", "rejected")]
    assert choosing.run("attendees", "approve", code).exit_code == 4


def test_who_applied_is_counted_when_the_event_is_called_off(choosing):
    """They are told, too; who has not confirmed yet is not."""
    done = choosing.call("event", "cancel", "--dry-run", "--json")
    assert '"letters": 1' in done.stdout
    assert "Subject: Called off: " in done.stderr
