"""The schema: read before it is changed, brought up to date in one step, and made for people to look at."""

import sqlite3
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlite_utils.cli import cli

import mailflow.store.schema
from mailflow.model.registration import Answer, Status
from mailflow.store.session import StoreError
from mailflow.store.sqlite import SqliteStore


def schema_of(store):
    """Everything that we made, by kind and name; sqlite-utils keeps its own table of migrations."""
    rows = store.database.query(
        """SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND tbl_name NOT GLOB '*sqlite_*'
        ORDER BY CASE type WHEN 'table' THEN 1 WHEN 'index' THEN 2 ELSE 3 END, name"""
    )
    return "".join(f"{row['sql']};\n\n" for row in rows)


def test_the_schema_is_the_one_that_was_read(opened, request):
    """A change of it is seen in a diff: tests/store/schema.sql."""
    file = Path(__file__).with_name("schema.sql")
    if request.config.getoption("--update-golden", default=False):
        file.write_text(schema_of(opened), encoding="utf-8")
    assert schema_of(opened) == file.read_text(encoding="utf-8")


def test_migrating_twice_does_nothing(path):
    """The second time there is nothing to do."""
    store = SqliteStore.open(path)
    steps = store.pending_migrations()
    assert steps == ("0001 first schema",)
    assert store.migrate() == steps
    assert store.migrate() == store.pending_migrations() == ()
    store.close()


def test_a_step_that_fails_leaves_the_old_schema(path, monkeypatch):
    """All steps are one transaction."""
    store = SqliteStore.open(path)
    steps = (*mailflow.store.schema.STEPS, ("0002 broken", ("CREATE TABLE half (x) ", "CREATE TABEL")))
    monkeypatch.setattr(mailflow.store.schema, "STEPS", steps)
    with pytest.raises(sqlite3.OperationalError):
        store.migrate()
    assert schema_of(store) == ""
    assert len(store.pending_migrations()) == 2
    store.close()


def test_a_database_of_a_later_version_is_not_touched(opened):
    """It may hold what this version does not know."""
    opened.database.conn.execute("INSERT INTO _sqlite_migrations VALUES (9, 'mailflow', '0009 later', '')")
    with pytest.raises(StoreError, match="0009 later"):
        opened.migrate()


def test_a_recount_tells_what_is_wrong(opened, make, now):
    """Each counter in a sentence of its own."""
    with opened.write() as tx:
        tx.apply(make.new(make.registration(1)), "gan", now)
        tx.apply(make.new(make.registration(2, "bo", Status.WAITING, place=1)), "gan", now)
        tx.post(make.outgoing(tx.next_letter()))
    assert list(opened.recount()) == []
    opened.database.conn.execute("UPDATE event_states SET taken = 9, waiting = 9, next_number = 1, next_place = 0")
    opened.database.conn.execute("UPDATE line_blocks SET waiting = 9")
    opened.database.conn.execute("UPDATE counters SET value = 0")
    assert list(opened.recount()) == [
        "gan: the counter says that 9 seats are taken, the registrations say 1",
        "gan: the counter says that 9 wait, the registrations say 1",
        "gan: the next number would be 1, and 2 is in use",
        "gan: the next place would be 0, and 1 is in use",
        "gan: the counter says that 9 wait at places from 0 on, there are 1",
        "the counter of letters is 0, and 1 is in use",
    ]


def test_people_can_read_the_file(opened, path, make, now):
    """`sqlite-utils rows mailflow.db attendees`: words and times, no tokens."""
    answers = (
        Answer("diet", ("vegan", "other"), "inga nötter"),
        Answer("bring", (), "a poster"),
        Answer("fika", ("yes",)),
    )
    with opened.write() as tx:
        tx.apply(make.new(make.registration(1, guests=1, partstat="ACCEPTED", answers=answers)), "gan", now)
        tx.apply(
            make.new(make.registration(2, "bo", Status.WAITING, place=5, thread="<secret@id>"), "left_line"), "gan", now
        )
        tx.apply(make.new(make.registration(3, "cy", Status.WAITING, place=4), "queued"), "gan", now, 7)
    shown = {}
    for view in ("attendees", "events", "history"):
        result = CliRunner().invoke(cli, ["rows", str(path), view, "--csv"])
        assert result.exit_code == 0, result.output
        shown[view] = result.output.splitlines()
    at = "2019-08-20T09:30:00.123456Z"
    words = '"diet: vegan, other ""inga nötter""; bring: ""a poster""; fika: yes"'
    assert shown["attendees"] == [
        "event,number,code,name,address,status,seats,place_in_line,calendar,mail,answers,language,registered_at,since",
        f"gan,1,CODE-1,Ada,ada@example.org,confirmed,2,,accepted,ok,{words},en,{at},{at}",
        f"gan,2,CODE-2,Bo,bo@example.org,waiting,1,2,no answer,ok,,en,{at},{at}",
        f"gan,3,CODE-3,Cy,cy@example.org,waiting,1,1,no answer,ok,,en,{at},{at}",
    ]
    assert shown["events"] == ["event,registration,capacity,taken,free,waiting,opens,closes", "gan,open,40,2,38,2,,"]
    assert shown["history"][2:] == [
        "2019-08-20T09:30:00.123456Z,gan,2,CODE-2,Bo,left line,waiting,",
        "2019-08-20T09:30:00.123456Z,gan,3,CODE-3,Cy,queued,waiting,7",
    ]
