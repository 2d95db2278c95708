"""The command line on a real temporary site: what each verb prints, and what it exits with (operations.md §1)."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

from mailflow.cli.root import VERBS, cli
from mailflow.model.letter import LETTER_KINDS, VARIANTS

MAIL = b"From: Maja Lind <maja@example.org>\nTo: gan@events.example.org\nSubject: register\nMessage-ID: <1@example.org>\n\nregister\n"
SIMULATED = [
    "file", "event", "intent", "mode", "secondary", "fields", "language", "proof", "evidence", "changes", "letters",
]  # fmt: skip


def environment():
    kept = {key: value for key, value in os.environ.items() if not key.startswith("MAILFLOW_")}
    return kept | {"COLUMNS": "100", "TZ": "UTC"}


class Site:
    def __init__(self, folder):
        self.folder = folder
        self.file = folder / "mailflow.toml"

    def run(self, *words, stdin=b""):
        """A process of its own: exit statuses are made in main()."""
        command = [sys.executable, "-W", "error", "-m", "mailflow", "--config", str(self.file), *words]
        return subprocess.run(command, input=stdin, capture_output=True, env=environment(), timeout=60, check=False)

    def call(self, *words, stdin=b""):
        """In this process, where only the output matters."""
        done = CliRunner().invoke(cli, ["--config", str(self.file), *words], input=stdin, catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return done

    def objects(self, *words, stdin=b""):
        return [json.loads(line) for line in self.call(*words, "--json", stdin=stdin).stdout.splitlines()]

    def rows(self):
        database = sqlite3.connect(self.folder / "mailflow.db")
        try:
            return list(database.iterdump())
        finally:
            database.close()


@pytest.fixture(scope="session")
def fresh(tmp_path_factory):
    """What init makes, made once: drawing an RSA key takes its time."""
    folder = tmp_path_factory.mktemp("fresh")
    words = ["init", "gan@events.example.org", "--yes", "--relay", "capture:sent", "--dir", str(folder)]
    assert CliRunner().invoke(cli, words, catch_exceptions=False).exit_code == 0
    return folder


@pytest.fixture
def site(fresh, tmp_path):
    return Site(shutil.copytree(fresh, tmp_path / "site"))


@pytest.fixture
def mail(tmp_path):
    (tmp_path / "a.eml").write_bytes(MAIL)
    return str(tmp_path / "a.eml")


def test_init_never_overwrites(site):
    """A second init on the same folder leaves every file as it is, and fails with 1."""
    before = site.file.read_bytes(), (site.folder / "secret.key").read_bytes()
    done = site.run("init", "other@events.example.org", "--yes", "--dir", str(site.folder))
    assert done.returncode == 1
    assert before == (site.file.read_bytes(), (site.folder / "secret.key").read_bytes())


@pytest.mark.parametrize(
    "words",
    [
        ("dns",), ("config", "where"), ("config", "show"), ("event", "list"), ("event", "show"), ("event", "close"),
        ("event", "open"), ("send-digest", "--dry-run"), ("send-digest",), ("preview", "registered"), ("keygen", "-o", "{new}"),
    ],
    ids=" ".join,
)  # fmt: skip
def test_json_is_one_object_a_line(site, words):
    """Every verb that prints data prints objects with --json, before the verb or after it."""
    after = [word.format(new=site.folder / "a.key") for word in words]
    assert all(isinstance(one, dict) for one in site.objects(*after))
    before = [word.format(new=site.folder / "b.key") for word in words]
    lines = site.call("--json", *before).stdout.splitlines()
    assert lines
    assert all(isinstance(json.loads(line), dict) for line in lines)


def test_check_passes_on_a_fresh_site_and_finds_a_broken_template(site):
    """0 without problems, 3 with one; --nagios says CRITICAL and 2."""
    assert site.run("check", "--json").returncode == 0
    override = site.folder / "templates" / "en" / "registered.j2"
    override.parent.mkdir(parents=True)
    override.write_text("{{ nothing_of_that_name.at_all }")
    broken = site.run("check", "--json")
    assert broken.returncode == 3, broken.stdout
    assert any(json.loads(line)["result"] == "problem" for line in broken.stdout.splitlines())
    critical = site.run("check", "--nagios")
    assert critical.returncode == 2
    assert critical.stdout.startswith(b"MAILFLOW CRITICAL: ")


def test_statuses_of_wrong_usage_and_of_nothing(site):
    """2: no such verb or option; 1: no such file; 4: nothing matched."""
    assert site.run("nonsense").returncode == 2
    assert site.run("attendees", "--nonsense").returncode == 2
    assert site.run("simulate", "/nowhere/a.eml").returncode == 1
    assert site.run("attendees").returncode == 4
    assert site.run("event", "show", "nonsense").returncode == 4
    assert site.run("message", "show", "m99").returncode == 4
    assert site.run("queue", "drop", "99", "--yes").returncode == 4
    assert site.run("queue", "drop", "99").returncode == 2


def test_a_broken_configuration_is_78_with_every_problem(site):
    """File, key, what was expected and an example, for all problems at once; the same for deliver."""
    text = site.file.read_text().replace("[intake]", "[intake]\nmax_size = 7\nlisten_to = 1")
    site.file.write_text(text.replace('"Europe/Stockholm"', '"Europe/Nowhere"'))
    done = site.run("event", "list")
    said = done.stderr.decode()
    assert done.returncode == 78, said
    for part in (str(site.file), "site.timezone", "intake.max_size", "intake.listen_to", "expected", "for example"):
        assert part in said
    assert done.stdout == b""
    assert site.run("deliver", "--from", "a@b.se", "--to", "gan@events.example.org", stdin=MAIL).returncode == 78


def test_a_broken_event_file_is_78_with_every_problem(site):
    """The event file and each of its wrong keys are named."""
    event = site.folder / "events" / "gan.toml"
    event.write_text(event.read_text().replace("capacity = 12", 'capacity = "many"').replace("Europe/Stockholm", "Nowhere"))
    done = site.run("attendees")
    said = done.stderr.decode()
    assert done.returncode == 78, said
    assert str(event) in said
    assert "registration.capacity" in said
    assert "timezone" in said


@pytest.mark.parametrize(
    ("to", "stdin", "status"),
    [
        ("gan@events.example.org", MAIL, 0),
        ("gan@events.example.org", b"", 65),
        ("gan@events.example.org", b"a" * (10 * 1024 * 1024 + 1), 65),
        ("nobody@events.example.org", MAIL, 67),
        ("gan@elsewhere.example.org", MAIL, 77),
    ],
    ids=["committed", "empty", "oversize", "unknown", "elsewhere"],
)
def test_deliver_speaks_sysexits(site, to, stdin, status):
    """0 means that the mail is in the database."""
    assert site.run("deliver", "--from", "maja@example.org", "--to", to, stdin=stdin).returncode == status
    assert len(site.objects("message", "list")) == (status == 0)


def test_wrong_usage_of_deliver_is_a_sysexit_too(site):
    """An MTA would bounce on 2."""
    assert site.run("deliver", "--nonsense").returncode == 78


def test_deliver_to_a_locked_database_is_tried_again(site):
    """75, and the MTA keeps the mail."""
    other = sqlite3.connect(site.folder / "mailflow.db", isolation_level=None)
    try:
        other.execute("BEGIN EXCLUSIVE")
        done = site.run("deliver", "--from", "maja@example.org", "--to", "gan@events.example.org", stdin=MAIL)
    finally:
        other.close()
    assert done.returncode == 75, done.stderr


@pytest.mark.parametrize("content", [MAIL, b"", os.urandom(4096), b"a\n" * 6_000_000], ids=["mail", "empty", "random", "12 MB"])
def test_simulate_never_fails_on_a_mail_and_writes_nothing(site, tmp_path, content):
    """Exactly the keys of operations.md §1.2, and the database's rows stay as they were."""
    (tmp_path / "x.eml").write_bytes(content)
    before = site.rows()
    (found,) = site.objects("simulate", str(tmp_path / "x.eml"))
    assert list(found) == SIMULATED
    assert site.rows() == before


def test_simulate_reads_stdin_and_needs_no_database(site):
    """Without a database there is none afterwards either."""
    (site.folder / "mailflow.db").unlink()
    (found,) = site.objects("simulate", "-", "--assume-proof", "dkim", "--letters", stdin=MAIL)
    assert (found["intent"], found["mode"]) == ("register", "act")
    assert [letter["letter"] for letter in found["letters"]] == ["registered"]
    assert "text" in found["letters"][0]
    assert not (site.folder / "mailflow.db").exists()


def test_an_injected_mail_is_seen_by_message_and_queue(site, mail):
    """inject commits; queue list has its own --state beside the directory's."""
    (taken,) = site.objects("inject", mail)
    assert (taken["message"], taken["same_as"]) == ("m1", None)
    (shown,) = site.objects("message", "show", "m1")
    assert (shown["state"], shown["changes"], shown["letters"]) == ("new", [], [])
    assert site.call("message", "show", "m1", "--raw").stdout_bytes == MAIL.replace(b"\n", b"\r\n")
    assert site.objects("queue", "list") == []
    site.call("send-digest")
    assert [one["what"] for one in site.objects("queue", "list", "--state", "due")] == ["digest"]
    assert site.objects("--state", str(site.folder), "queue", "list", "--state", "sent") == []


def test_a_digest_that_is_only_shown_writes_nothing(site):
    """Not even the number of a letter is used up."""
    before = site.rows()
    assert site.call("send-digest", "--dry-run").stdout.startswith("To: kim.ek@example.org\nSubject: ")
    assert site.rows() == before


def test_inject_of_a_mail_for_nobody_matches_nothing(site, mail):
    """67 is for an MTA only."""
    assert site.run("inject", mail, "--to", "nobody@events.example.org").returncode == 4


def test_export_opens_in_a_spreadsheet(site, tmp_path):
    """UTF-8 with BOM and semicolons, to a file or to stdout."""
    octets = site.call("export").stdout_bytes
    assert octets.startswith(b"\xef\xbb\xbf")
    assert octets.count(b";") >= 5
    site.call("export", "-o", str(tmp_path / "list.csv"))
    assert (tmp_path / "list.csv").read_bytes() == octets


def test_every_letter_previews_in_every_variant_and_language(site):
    """In text, with a subject."""
    for kind in LETTER_KINDS:
        for variant in VARIANTS[kind]:
            for language in ("en", "sv"):
                shown = site.call("preview", kind, "--variant", variant, "--language", language).stdout
                assert shown.startswith("Subject: "), (kind, variant, language)


def test_migrate_has_nothing_to_do_after_init(site):
    """An up-to-date database is left alone."""
    assert site.call("migrate").stdout == ""
    assert site.call("migrate", "--list").stdout == ""


def test_event_add_takes_a_checked_file_once(site, tmp_path):
    """A second event of that name needs --replace."""
    (tmp_path / "bread.toml").write_bytes((site.folder / "events" / "gan.toml").read_bytes())
    (added,) = site.objects("event", "add", str(tmp_path / "bread.toml"))
    assert added["address"] == "bread@events.example.org"
    assert site.run("event", "add", str(tmp_path / "bread.toml")).returncode == 1
    site.call("event", "add", "--replace", str(tmp_path / "bread.toml"))
    assert site.run("attendees").returncode == 2  # two events now: which?


def test_bash_can_source_the_completion(site):
    """And knows then what completes mailflow."""
    script = site.call("completion", "bash").stdout
    done = subprocess.run(["bash", "-c", f"{script}\ncomplete -p mailflow"], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    for shell in ("zsh", "fish"):
        assert "mailflow" in site.call("completion", shell).stdout


def test_help_imports_nothing_heavy():
    """--help answers at once."""
    code = """if True:
        import sys, click
        from mailflow.cli.root import cli
        cli.get_help(click.Context(cli))
        print([name for name in ("jinja2", "cryptography", "icalendar", "sqlite_utils") if name in sys.modules])"""
    assert subprocess.check_output([sys.executable, "-c", code], env=environment()) == b"[]\n"


def leaves(command, path):
    if not isinstance(command, click.Group):
        yield path, command
        return
    for name in command.list_commands(click.Context(command)):
        yield from leaves(command.get_command(click.Context(command), name), (*path, name))


@pytest.mark.parametrize("verb", VERBS)
def test_help_is_as_it_was_read(golden, verb):
    """The help of a verb, and of what is below it."""
    command = cli.get_command(click.Context(cli), verb)
    texts = []
    root = click.Context(cli, info_name="mailflow", terminal_width=100, max_content_width=100, **cli.context_settings)
    for path, leaf in leaves(command, (verb,)):
        context = click.Context(leaf, parent=root, info_name=" ".join(path))
        texts.append(leaf.get_help(context) + "\n")
    golden(f"cli/{verb}.txt", "\n".join(texts))
