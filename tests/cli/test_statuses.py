"""What each kind of end exits with (operations.md §1), and that every problem of a file is told at once."""

import os
import subprocess
import sys

import pytest

from .conftest import MAIL

GAN = "gan@events.example.org"
FROM = ("--from", "maja@example.org")

TABLE = [
    # done
    (("event", "list"), b"", 0),
    (("queue", "list"), b"", 0),
    (("message", "list"), b"", 0),
    (("migrate",), b"", 0),
    (("check", "--quick"), b"", 0),
    (("simulate", "-"), MAIL, 0),
    (("inject", "-"), MAIL, 0),
    (("queue", "retry", "--all"), b"", 0),
    # failed
    (("simulate", "/nowhere/a.eml"), b"", 1),
    (("inject", "/nowhere/a.eml"), b"", 1),
    (("inject", "-"), b"a" * (10 * 1024 * 1024 + 1), 1),
    # wrong usage
    ((), b"", 2),
    (("nonsense",), b"", 2),
    (("attendees", "--nonsense"), b"", 2),
    (("simulate",), b"", 2),
    (("simulate", "-", "--at", "soon"), MAIL, 2),
    (("simulate", "-", "--from", "nonsense"), MAIL, 2),
    (("simulate", "-", "--to", "nonsense"), MAIL, 2),
    (("event", "add", "/nowhere/a.toml"), b"", 2),
    (("event", "close", "--at", "soon"), b"", 2),
    (("send-digest", "--to", "nonsense"), b"", 2),
    (("preview", "nonsense"), b"", 2),
    (("preview", "registered", "--variant", "nonsense"), b"", 2),
    (("preview", "registered", "--language", "xx"), b"", 2),
    (("export", "-o", "list.docx"), b"", 2),
    (("export", "--columns", "shoe_size"), b"", 2),
    (("queue", "retry"), b"", 2),
    (("queue", "retry", "1", "--all"), b"", 2),
    (("queue", "show", "x1"), b"", 2),
    (("queue", "drop", "1"), b"", 2),  # nobody can be asked, and no --yes
    (("keygen", "--selector", "UPPER"), b"", 2),
    (("init", "nonsense"), b"", 2),
    (("init", "postmaster@example.org"), b"", 2),
    # nothing matched
    (("attendees",), b"", 4),
    (("attendees", "--status", "waiting"), b"", 4),
    (("event", "show", "nonsense"), b"", 4),
    (("simulate", "-", "--event", "nonsense"), MAIL, 4),
    (("inject", "-", "--to", "nobody@events.example.org"), MAIL, 4),
    (("message", "show", "99"), b"", 4),
    (("queue", "show", "m99"), b"", 4),
    (("queue", "drop", "99", "--yes"), b"", 4),
    (("queue", "retry", "99"), b"", 4),
    # an MTA's pipe
    (("deliver", *FROM, "--to", GAN), MAIL, 0),
    (("deliver", "--from", "", "--to", GAN), MAIL, 0),
    (("deliver", "--from", "MAILER-DAEMON", "--to", GAN), MAIL, 0),
    (("deliver", *FROM, "--to", "GAN+r.abc@Events.Example.org"), MAIL, 0),
    (("deliver", *FROM, "--to", GAN, "--to", "postmaster@events.example.org"), MAIL, 0),
    (("deliver", *FROM, "--to", GAN), b"", 65),
    (("deliver", *FROM, "--to", GAN), b"\n \n", 65),
    (("deliver", *FROM, "--to", GAN), b"a" * (10 * 1024 * 1024 + 1), 65),
    (("deliver", "--from", "not an address", "--to", GAN), MAIL, 65),
    (("deliver", *FROM, "--to", "nobody@events.example.org"), MAIL, 67),
    (("deliver", *FROM, "--to", GAN, "--to", "nobody@events.example.org"), MAIL, 67),
    (("deliver", *FROM, "--to", "not an address"), MAIL, 67),
    (("deliver", *FROM, "--to", "gan@elsewhere.example.org"), MAIL, 77),
    (("deliver", *FROM), MAIL, 78),  # wrong usage: an MTA would bounce on 2
    (("deliver", "--nonsense"), MAIL, 78),
]


@pytest.mark.parametrize(
    ("words", "stdin", "status"), TABLE, ids=[f"{' '.join(w)[:60]}={s}-{n}" for n, (w, _, s) in enumerate(TABLE)]
)
def test_the_table_of_exit_statuses(site, words, stdin, status):
    """Each with its reason on stderr, and nothing but data on stdout."""
    done = site.run(*words, stdin=stdin)
    assert done.exit_code == status, done.output
    if status and words:
        assert done.stdout == ""
        assert done.stderr.strip()


@pytest.mark.parametrize(
    "words",
    [("event", "list"), ("attendees",), ("queue", "list"), ("check",), ("serve",), ("deliver", *FROM, "--to", GAN)],
    ids=" ".join,
)
def test_a_broken_configuration_is_78_with_every_problem_at_once(site, words):
    """File, key, what was expected and an example, for all of them."""
    text = site.file.read_text().replace("[intake]", "[intake]\nmax_size = 7\nlisten_to = 1")
    site.file.write_text(text.replace("timezone", "time_zone"))
    done = site.run(*words, stdin=MAIL)
    assert done.exit_code == 78, done.output
    for part in (str(site.file), "site.timezone", "intake.max_size", "intake.listen_to", "expected", "for example"):
        assert part in done.stderr
    assert done.stdout == ""


def test_problems_of_keys_and_of_events_are_told_together(site):
    """A lost key and two broken event files are one message."""
    (site.folder / "dkim.key").write_text("not a key")
    event = site.folder / "events" / "gan.toml"
    event.write_text(
        event.read_text().replace("capacity = 12", 'capacity = "many"').replace("Europe/Stockholm", "Nowhere")
    )
    (site.folder / "events" / "bread.toml").write_text("title = 1")
    done = site.run("attendees")
    assert done.exit_code == 78
    for part in ("dkim.key_file", "gan.toml", "registration.capacity", "timezone", "bread.toml", "starts"):
        assert part in done.stderr, done.stderr


def test_no_configuration_at_all_says_where_it_was_looked_for(tmp_path, monkeypatch):
    """78, and what to type."""
    monkeypatch.chdir(tmp_path)
    done = subprocess.run(
        [sys.executable, "-m", "mailflow", "event", "list"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 78
    assert "mailflow init" in done.stderr


@pytest.mark.parametrize(
    "words",
    [("deliver", *FROM, "--to", GAN), ("inject", "-"), ("event", "close"), ("send-digest",)],
    ids=lambda words: words[0],
)
def test_a_locked_database_is_75(site, monkeypatch, words):
    """Whoever wants to write waits a while, and then says: try again."""
    from datetime import timedelta

    from mailflow.store.sqlite import SqliteStore

    patient = SqliteStore.open
    monkeypatch.setattr(
        SqliteStore,
        "open",
        lambda path, *, read_only=False: patient(path, busy=timedelta(seconds=0.1), read_only=read_only),
    )
    with site.lock():
        done = site.run(*words, stdin=MAIL)
    assert done.exit_code == 75, done.output
    assert site.objects("message", "list") == []


def test_who_only_reads_does_not_wait_for_who_writes(demo):
    """Every reading verb works while a service is in the middle of a commit."""
    with demo.lock():
        for words in (("event", "list"), ("attendees",), ("queue", "list"), ("message", "show", "1"), ("export",),
                      ("send-digest", "--dry-run"), ("check", "--quick"), ("migrate", "--list")):  # fmt: skip
            demo.call(*words)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_deliver_to_a_database_that_may_not_be_written_is_tried_again(site):
    """75: the mail is not at fault."""
    site.database.chmod(0o400)
    assert site.run("deliver", *FROM, "--to", GAN, stdin=MAIL).exit_code == 75


def test_a_database_that_is_none_is_a_sentence_and_for_deliver_75(site):
    """No traceback, and no bounce."""
    site.database.write_bytes(b"this is no database, however long one looks at it" * 100)
    done = site.run("event", "list")
    assert done.exit_code == 1
    assert "database" in done.stderr
    assert "Traceback" not in done.stderr
    assert site.run("deliver", *FROM, "--to", GAN, stdin=MAIL).exit_code == 75
    assert site.run("check", "--quick").exit_code == 3


def test_a_reader_that_goes_away_is_no_failure(demo):
    """`mailflow config show | head -1`."""
    command = [sys.executable, "-m", "mailflow", "--config", str(demo.file), "config", "show"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout.readline() == b"[site]\n"
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0


def test_traces_are_shown_only_when_asked_for(site):
    """-vv: the same sentence, with its trace before it."""
    site.file.write_text("")
    assert "Traceback" not in site.run("event", "list", "-v").stderr
    assert "Traceback" in site.run("event", "list", "-vv").stderr
