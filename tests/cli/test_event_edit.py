"""`event edit` and `event add --replace`: checked first, foretold, and put in place in one step."""

import json
import os
import sqlite3
from contextlib import closing

import pytest

from .test_orders import at


@pytest.fixture
def week(demo, monkeypatch):
    """The demo a week before its event, told as its service told it."""
    at(monkeypatch, "2019-08-20T12:00:00+00:00")
    return demo


def file_of(site):
    return next((site.folder / "events").glob("*.toml"))


def announced(site):
    with closing(sqlite3.connect(site.database)) as database:
        return json.loads(database.execute("SELECT announced FROM event_states").fetchone()[0])


def test_a_new_room_shows_its_letter_and_asks(week):
    """The finished letter of one of them, and the number; off a terminal --yes is wanted; then one line is another."""
    file = file_of(week)
    file.chmod(0o640)
    before = file.read_text()
    shown = week.call("event", "edit", "venue.name=Eden 116", "--dry-run")
    assert "Subject: Ny lokal för De kreativa maskinernas intåg: Eden 116" in shown.stderr
    assert "Eden 236" in shown.stderr
    assert "letters  1" in shown.stdout
    assert shown.stderr.endswith("\nNothing was done; up to 1 would be told.\n")
    assert file.read_text() == before
    refused = week.run("event", "edit", "venue.name=Eden 116")
    assert (refused.exit_code, file.read_text()) == (2, before)
    done = week.call("event", "edit", "creative-machines", "venue.name=Eden 116", "--yes")
    assert "10 minutes after that: up to 1." in done.stderr
    changed = [(old, new) for old, new in zip(before.splitlines(), file.read_text().splitlines(), strict=True) if old != new]
    assert len(changed) == 1
    assert "Eden 116" in changed[0][1]
    assert file.stat().st_mode & 0o777 == 0o640
    assert [one.name for one in file.parent.iterdir()] == [file.name]


def test_a_file_that_is_linked_stays_where_it_is(week, tmp_path):
    """The link names the event, whatever the file behind it is called; that one is changed."""
    link = file_of(week)
    kept = tmp_path / "from-the-repository.toml"
    link.rename(kept)
    link.symlink_to(kept)
    before = kept.read_text()
    done = week.call("event", "edit", "venue.name=Eden 116", "--yes")
    assert "creative-machines" in done.stdout
    assert link.is_symlink()
    assert kept.read_text() == before.replace("Eden 236", "Eden 116", 1)
    assert [event["event"] for event in week.objects("event", "list")] == ["creative-machines"]
    assert list(tmp_path.glob(".*.part")) == []
    new = tmp_path / "new" / link.name
    new.parent.mkdir()
    new.write_text(before)
    week.call("event", "add", str(new), "--replace")
    assert link.is_symlink()
    assert kept.read_text() == before


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_a_file_that_root_edits_stays_its_owner_s(week):
    """Else the service, which is somebody else, could not read it any more."""
    file = file_of(week)
    file.chmod(0o640)
    os.chown(file, 4711, 4712)
    week.call("event", "edit", "registration.capacity=45")
    there = file.stat()
    assert (there.st_uid, there.st_gid, there.st_mode & 0o777) == (4711, 4712, 0o640)


def test_what_is_wrong_is_refused_before_it_takes_the_place(week):
    """With the file's own name; several keys are one change."""
    file = file_of(week)
    before = file.read_text()
    wrong = week.run("event", "edit", "ends=2019-08-27T10:00", "--yes")
    assert wrong.exit_code == 78
    assert str(file) in wrong.stderr
    assert week.run("event", "edit", "organiser.9.name=x", "--yes").exit_code == 1
    assert week.run("event", "edit", "creative-machines", "venue", "--yes").exit_code == 2
    assert file.read_text() == before
    week.call("event", "edit", "starts=2019-08-28T12:30", "ends=2019-08-28T16:00", "doors=2019-08-28T12:15", "--yes")
    assert week.objects("event", "list")[0]["starts"] == "2019-08-28T10:30:00Z"


def test_what_sends_no_letter_asks_nothing(week):
    """More seats, or other words."""
    done = week.call("event", "edit", "registration.capacity=45", "text.bring={ en = 'A pen.', sv = 'En penna.' }")
    assert "letters  0" in done.stdout
    assert week.objects("event", "list")[0]["capacity"] == 45


def test_a_quiet_change_is_told_to_nobody(week):
    """The store knows the new value at once; what else waits to be told still does."""
    done = week.call("event", "edit", "venue.name=Eden 237", "--quiet-change")
    assert done.stderr == "A running service takes it up on HUP (systemctl reload mailflow).\n"
    (face,) = announced(week)
    assert face["place"][0] == "Eden 237"
    assert "letters  0" in week.call("event", "edit", "registration.capacity=46").stdout


def test_what_some_were_told_is_not_taken_back_in_silence(week):
    """While a round is under way a quiet change would leave those with a wrong room who have heard of it."""
    week.call("event", "edit", "venue.name=Eden 116", "--yes")
    (old,) = announced(week)
    new = {**old, "revision": old["revision"] + 1, "place": ["Eden 116", *old["place"][1:]]}
    with closing(sqlite3.connect(week.database)) as database:
        database.execute("UPDATE event_states SET announced = ?", (json.dumps([old, new]),))
        database.execute(
            "INSERT INTO jobs (kind, event, whom, day, begun_at, result) VALUES (?, 'creative-machines', '', ?, ?, '200')",
            (f"event-changed-{new['revision']}", new["at"][:10], new["at"]),
        )
        database.commit()
    before = file_of(week).read_text()
    refused = week.run("event", "edit", "venue.name=Eden 236", "--quiet-change")
    assert (refused.exit_code, file_of(week).read_text()) == (1, before)
    assert "leave out --quiet-change" in refused.stderr
    assert len(announced(week)) == 2


def test_saying_less_does_not_tell_less(week):
    """`-q` is about this terminal alone: the people of the event are told of its new room all the same."""
    assert "letters  1" in week.call("event", "edit", "venue.name=Eden 116", "--yes", "-q").stdout
    (face,) = announced(week)
    assert face["place"][0] != "Eden 116"


def test_the_editor_gets_a_copy(week, tmp_path, monkeypatch):
    """What it leaves is checked; leaving it as it is changes nothing."""
    file = file_of(week)
    before = file.read_text()
    monkeypatch.setenv("EDITOR", "true")
    assert week.call("event", "edit").stderr == "Nothing has changed.\n"
    editor = tmp_path / "editor"
    editor.write_text("#!/bin/sh\nsed -i 's/Eden 236/Eden 117/' \"$1\"\n")
    editor.chmod(0o755)
    monkeypatch.setenv("EDITOR", str(editor))
    assert "Eden 117" in week.call("event", "edit", "--yes").stderr
    assert file.read_text() == before.replace("Eden 236", "Eden 117")
    editor.write_text("#!/bin/sh\necho 'title = 1' > \"$1\"\n")
    assert week.run("event", "edit", "--yes").exit_code == 78
    assert file.read_text() == before.replace("Eden 236", "Eden 117")


def test_replace_shows_the_same_letter(week, tmp_path):
    """And takes --quiet-change; it asks nothing, for the ten minutes are the time to think again."""
    other = tmp_path / file_of(week).name
    other.write_text(file_of(week).read_text().replace("Eden 236", "Eden 118"))
    assert "Eden 118" in week.call("event", "add", "--replace", other, "--dry-run").stderr
    assert "Eden 236" in file_of(week).read_text()
    assert "Subject: " not in week.call("event", "add", "--replace", other, "--quiet-change").stderr
    assert "Eden 118" in file_of(week).read_text()
    assert announced(week)[0]["place"][0] == "Eden 118"
