"""`init`, `keygen`, `dns`, `config`, `event` and `check`: making a site, and looking at it."""

import json
import os
import socket
import stat
import threading
import tomllib

import pytest
from click.testing import CliRunner

from mailflow.cli.root import cli
from mailflow.cli.setup import _postmaster
from mailflow.resources import called

from .conftest import Site


def init(folder, *words, stdin=None):
    return CliRunner().invoke(cli, ["init", "gan@events.example.org", "--dir", str(folder), *words], input=stdin)


def test_init_makes_a_site_that_check_accepts(site):
    """Secrets are their owner's; the event is there; the database too."""
    for name in ("secret.key", "dkim.key", "mailflow.db"):
        assert stat.S_IMODE((site.folder / name).stat().st_mode) == 0o600
    assert site.objects("event", "list")[0]["address"] == "gan@events.example.org"
    assert site.call("check").exit_code == 0


def test_check_says_what_stands_in_braces_and_stays_so(site):
    """In the event's own words, of any language, with what there is instead; a letter would show it to people."""
    (file,) = (site.folder / "events").glob("*.toml")
    file.write_text(file.read_text().replace("Vi börjar kl. {time}.", "Vi börjar kl. {tid} i {lokal}."))
    done = site.objects("check")
    (said,) = [one["text"] for one in done if one["check"] == "letters" and one["result"] == "warning"]
    assert said.startswith("gan: text.intro: {tid}, {lokal} stays as it is typed; what is filled in: {first_name}, ")


def test_init_prints_records_and_the_next_step_on_stderr(tmp_path):
    """stdout is what was made."""
    done = init(tmp_path / "a", "--yes", "--json")
    assert done.exit_code == 0, done.output
    made = [json.loads(line)["made"] for line in done.stdout.splitlines()]
    assert made == [
        str(tmp_path / "a" / name) for name in ("mailflow.toml", "secret.key", "dkim.key", "events/gan.toml")
    ]
    for part in ("MX", "v=spf1", "_domainkey.events.example.org.", "_dmarc.", f"{called()} check --config"):
        assert part in done.stderr


def test_init_never_overwrites(site):
    """1, and every file is as it was."""
    before = {path: path.read_bytes() for path in site.folder.rglob("*.*") if path.is_file()}
    assert init(site.folder, "--yes").exit_code == 1
    assert before == {path: path.read_bytes() for path in site.folder.rglob("*.*") if path.is_file()}


def test_init_by_force_keeps_the_old_configuration_and_the_keys(site):
    """Aside, and numbered."""
    before, key = site.file.read_bytes(), (site.folder / "secret.key").read_bytes()
    assert init(site.folder, "--yes", "--force", "--name", "Other").exit_code == 0
    assert (site.folder / "mailflow.toml.old1").read_bytes() == before
    assert (site.folder / "secret.key").read_bytes() == key
    assert 'name     = "Other"' in site.file.read_text()


@pytest.mark.parametrize(
    "wrong", [("--relay", 'smtp://"'), ("--timezone", "Nowhere"), ("--contact", "nobody")], ids=" ".join
)
def test_init_with_a_wrong_answer_leaves_nothing_behind(tmp_path, wrong):
    """78; the next try does not meet half a site."""
    done = init(tmp_path / "a", "--yes", *wrong)
    assert done.exit_code == 78, done.output
    assert [*(tmp_path / "a").iterdir()] == []


def test_postmaster_is_above_the_sites_domain():
    """Mail to a site's own postmaster would come back to the site."""
    assert _postmaster("events.example.org") == "postmaster@example.org"
    assert _postmaster("example.org") == "postmaster@example.org"


def test_keygen_makes_the_next_key_and_leaves_the_old_one(site):
    """mf2 after mf1, in a file of its own."""
    old = (site.folder / "dkim.key").read_bytes()
    (made,) = site.objects("keygen")
    assert (made["selector"], made["record"]) == ("mf2", "mf2._domainkey.events.example.org.")
    assert made["value"].startswith("v=DKIM1; k=rsa; p=MII")
    assert made["key_file"] == str(site.folder / "mf2.key")
    assert stat.S_IMODE((site.folder / "mf2.key").stat().st_mode) == 0o600
    assert (site.folder / "dkim.key").read_bytes() == old
    assert site.run("keygen", "--selector", "mf2").exit_code == 1
    assert site.objects("keygen", "--retire", "mf1") == [
        {"record": "mf1._domainkey.events.example.org.", "value": "v=DKIM1; p="}
    ]


def test_dns_prints_lines_that_a_zone_takes(site):
    """Each below a comment; no string is over 255 octets (RFC 1035 §3.3)."""
    lines = site.call("dns").stdout.splitlines()
    assert all(line.startswith("; without it: ") for line in lines[::2])
    assert [line.split()[1] for line in lines[1::2]] == ["MX", "TXT", "TXT", "TXT"]
    assert all(len(part) <= 255 for line in lines[1::2] for part in line.split('"')[1::2])
    assert next(one["name"] for one in site.objects("dns", "other.example.org")) == "other.example.org."


def test_config_where_says_which_and_why(site, monkeypatch):
    """And which variables lie over it."""
    monkeypatch.setenv("MAILFLOW_LOG__LEVEL", "debug")
    (found,) = site.objects("config", "where")
    assert (found["file"], found["state"]) == (str(site.file), str(site.folder))
    assert found["environment"] == ["MAILFLOW_LOG__LEVEL"]
    assert "--config" in found["why"]


def test_config_show_reads_back_as_the_same_configuration(site, tmp_path, monkeypatch):
    """It is TOML; what the environment says is in it, and no secret is."""
    monkeypatch.setenv("MAILFLOW_LIMITS__ANSWERS_PER_DAY", "7")
    shown = site.call("config", "show").stdout
    assert tomllib.loads(shown)["limits"]["answers_per_day"] == 7
    assert (site.folder / "secret.key").read_text().strip() not in shown
    other = Site(tmp_path)
    other.file.write_text(shown)
    assert other.call("config", "show").stdout == shown
    values = {one["key"]: one["value"] for one in site.objects("config", "show")}
    assert (values["site.languages"], values["letters.quiet_from"]) == (["en", "sv"], "21:00:00")


def test_config_shows_files_to_start_from(site):
    """--defaults and --systemd, as they are shipped."""
    assert tomllib.loads(site.call("config", "show", "--defaults").stdout)["intake"]["max_size"] == "10 MiB"
    assert "[Service]" in site.call("config", "show", "--systemd").stdout


def test_an_event_file_is_checked_before_it_is_taken(site, tmp_path):
    """78 with every problem of that file, and nothing is copied."""
    text = (site.folder / "events" / "gan.toml").read_text()
    (tmp_path / "bread.toml").write_text(text.replace("capacity = 12", "capacity = -1").replace("\ncity", "\ntown"))
    done = site.run("event", "add", tmp_path / "bread.toml")
    assert done.exit_code == 78
    for part in (str(tmp_path / "bread.toml"), "registration.capacity", "venue.town", "for example"):
        assert part in done.stderr
    (tmp_path / "abuse.toml").write_text(text)
    assert site.run("event", "add", tmp_path / "abuse.toml").exit_code == 78
    assert [path.name for path in (site.folder / "events").iterdir()] == ["gan.toml"]


def test_event_add_takes_a_file_once(site, tmp_path):
    """A second event of that name needs --replace; a broken neighbour leaves everything as it was."""
    text = (site.folder / "events" / "gan.toml").read_text()
    (tmp_path / "bread.toml").write_text(text)
    (added,) = site.objects("event", "add", tmp_path / "bread.toml")
    assert added["address"] == "bread@events.example.org"
    assert site.run("event", "add", tmp_path / "bread.toml").exit_code == 1
    (tmp_path / "bread.toml").write_text(text.replace("capacity = 12", "capacity = 20"))
    site.call("event", "add", "--replace", tmp_path / "bread.toml")
    assert {one["event"]: one["capacity"] for one in site.objects("event", "list")} == {"bread": 20, "gan": 12}
    assert site.run("attendees").exit_code == 2  # two events now: which?
    (site.folder / "events" / "gan.toml").write_text("title = 1")
    (tmp_path / "third.toml").write_text(text)
    assert site.run("event", "add", tmp_path / "third.toml").exit_code == 78
    assert not (site.folder / "events" / "third.toml").exists()
    assert [path.name for path in (site.folder / "events").iterdir() if path.name.startswith(".")] == []


def test_event_add_says_how_many_will_be_told_of_a_change(demo, tmp_path):
    """And so does check, until they were; a change of what is over, or of the capacity alone, is told to nobody."""
    (file,) = (demo.folder / "events").glob("*.toml")
    text, other = file.read_text(), tmp_path / file.name
    other.write_text(text.replace('name = "Eden 236"', 'name = "Eden 116"'))
    assert "told" not in demo.call("event", "add", "--replace", other).stderr
    other.write_text(text.replace("2019-08-27T", "2099-08-27T"))
    assert "10 minutes after that: up to 1." in demo.call("event", "add", "--replace", other).stderr
    assert "who will be told: up to 1" in demo.run("check", "--quick").stdout


def test_event_close_and_open(site):
    """Now, or from a time on; the operator's word stands over the file's."""
    assert site.objects("event", "list")[0]["registration"] == "open"
    assert site.objects("event", "close")[0]["registration"] == "closed"
    assert site.objects("event", "show")[0]["registration"] == "closed"
    assert site.objects("event", "open", "gan")[0]["registration"] == "open"
    assert site.objects("event", "open", "--at", "2030-01-01T09:00")[0]["registration"] == "not open yet"
    assert site.objects("event", "show")[0]["opens"] == "2030-01-01T08:00:00Z"
    assert site.objects("event", "open")[0]["registration"] == "open"
    assert site.objects("event", "close", "--at", "2030-03-01T09:00")[0]["closes"] == "2030-03-01T08:00:00Z"


def test_event_open_lifts_a_closing_that_has_been(demo):
    """A demo's event is over, though: then nothing opens it."""
    assert demo.objects("event", "open")[0]["registration"] == "over"
    assert demo.objects("event", "show")[0]["closes"] == "2019-08-27T10:30:00Z"


def test_event_show_tells_everything(demo):
    """Counts by status; a line for each value."""
    (shown,) = demo.objects("event", "show", "Creative-Machines")
    assert shown["by_status"] == {"confirmed": 1, "pending": 1}
    assert (shown["taken"], shown["capacity"], shown["questions"][0]) == (1, 40, "diet")
    assert "organisers    Kim Ek <kim.ek@example.org>, " in demo.call("event", "show").stdout


def test_check_finds_a_broken_template(site):
    """3, and --nagios says CRITICAL and 2 in one line."""
    override = site.folder / "events" / "gan" / "templates" / "sv" / "registered.j2"
    override.parent.mkdir(parents=True)
    override.write_text("{{ nothing_of_that_name.at_all }}")
    broken = site.run("check", "--json")
    assert broken.exit_code == 3, broken.stdout
    problems = [one["text"] for line in broken.stdout.splitlines() if (one := json.loads(line))["result"] == "problem"]
    assert problems
    assert all(text.startswith("sv/registered gan: ") for text in problems)
    critical = site.run("check", "--nagios")
    assert critical.exit_code == 2
    assert critical.stdout.startswith("MAILFLOW CRITICAL: sv/registered gan")
    assert critical.stdout.count("\n") == 1
    assert site.run("check", "--quick").exit_code == 0


def test_nagios_gets_one_line_whatever_happens(site, monkeypatch):
    """A broken configuration is CRITICAL; what could not even be looked at is UNKNOWN."""
    from mailflow.cli import findings

    for content, status in ((b"[site]\n", 2), (site.file.read_bytes(), 3)):
        site.file.write_bytes(content)
        if status == 3:
            monkeypatch.setattr(findings, "survey", lambda *_args, **_kwargs: 1 / 0)
        done = site.run("check", "--nagios")
        assert (done.exit_code, done.stdout.count("\n"), done.stderr) == (status, 1, "")
        assert done.stdout.startswith("MAILFLOW CRITICAL: " if status == 2 else "MAILFLOW UNKNOWN: ")


def test_check_counts_anew(site):
    """A counter that does not agree with its rows is a problem."""
    import sqlite3

    site.call("event", "close")
    database = sqlite3.connect(site.database)
    database.execute("UPDATE event_states SET taken = 3")
    database.commit()
    database.close()
    assert site.run("check", "--quick").exit_code == 3


@pytest.mark.parametrize(
    ("greeting", "status"), [(b"220 mx ESMTP\r\n", 0), (b"554 no\r\n", 3), (None, 3)], ids=["ready", "refusing", "away"]
)
def test_check_knocks_at_the_relay(site, monkeypatch, greeting, status):
    """A relay that is not there, or says no, is a problem."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        monkeypatch.setenv("MAILFLOW_OUTGOING__RELAY", f"smtp://127.0.0.1:{server.getsockname()[1]}")

        def greet():
            with server.accept()[0] as peer:
                peer.sendall(greeting)
                peer.recv(1)  # until check goes away

        if greeting is None:
            server.close()
            assert site.run("check").exit_code == status
            return
        relay = threading.Thread(target=greet)
        relay.start()
        assert site.run("check").exit_code == status
        relay.join()


def test_check_compares_dns_with_our_key(site, monkeypatch):
    """What is published counts, in whatever strings and blanks it comes."""
    from mailflow.cli import findings
    from mailflow.wire.dns import TableResolver

    records = {one["name"].rstrip("."): one["value"].replace('" "', "").strip('"').encode() for one in site.objects("dns")
               if one["type"] == "TXT"}  # fmt: skip
    monkeypatch.setattr(findings, "SystemResolver", lambda: TableResolver(records))
    assert [one["result"] for one in site.objects("check", "--quick", "--dns") if one["check"] == "dns"] == ["ok"] * 3
    records["mf1._domainkey.events.example.org"] = b"v=DKIM1; p=AAAA"
    del records["_dmarc.events.example.org"]
    done = site.run("check", "--quick", "--dns")
    assert done.exit_code == 3
    assert done.stdout.count("problem") == 2


@pytest.mark.parametrize(("border", "result"), [("", "problem"), ('authserv_ids = ["mx.example.org"]', "warning")])
def test_check_says_loudly_that_there_is_no_dns(site, monkeypatch, border, result):
    """No name server at all, or none that answers: nobody can be proved, unless a border server of ours judges."""
    from mailflow.cli import findings
    from mailflow.proof.dns import Unreachable

    def of(*words):
        rows = map(json.loads, site.run("check", "--quick", "--json", *words).stdout.splitlines())
        return [(one["result"], one["text"]) for one in rows if one["check"] == "trust"]

    config = site.folder / "mailflow.toml"
    text = config.read_text(encoding="utf-8").replace("[trust]\n", "")
    config.write_text(f"{text}\n[trust]\n{border}\n", encoding="utf-8")
    monkeypatch.setattr(findings, "name_servers", lambda: 1)
    assert of() == []
    monkeypatch.setattr(findings, "name_servers", lambda: 0)
    assert [(found, "no name server (" in text) for found, text in of()] == [(result, True)]

    class Dead:
        async def txt(self, name):
            return Unreachable()

    monkeypatch.setattr(findings, "name_servers", lambda: 1)
    monkeypatch.setattr(findings, "SystemResolver", Dead)
    assert [(found, "NOBODY" in text) for found, text in of("--dns")] == [(result, not border)]


def test_a_key_that_others_can_read_is_a_problem_of_the_configuration(site):
    """78, with the chmod to type."""
    if os.name != "posix":
        pytest.skip("modes are POSIX's")
    (site.folder / "secret.key").chmod(0o644)
    done = site.run("check")
    assert done.exit_code == 78
    assert "chmod 600" in done.stderr


def test_check_says_when_one_provider_gets_thousands_of_letters(demo, monkeypatch):
    """Above that, large providers demand what needs a web address (trust.md §5)."""
    import sqlite3
    from contextlib import closing
    from datetime import UTC, datetime

    monkeypatch.setattr("mailflow.cli.findings._LETTERS_TO_ONE", 1)
    quiet = demo.run("check", "--quick").stdout
    assert "in a day" not in quiet
    with closing(sqlite3.connect(demo.database)) as database:
        now = datetime.now(UTC).isoformat(timespec="microseconds")[:26] + "Z"
        database.execute("UPDATE outbox SET state = 'sent', sent_at = ?, next_attempt = NULL, recipient = 'a@big.example'", (now,))
        database.commit()
    assert "letters to big.example in a day" in demo.run("check", "--quick").stdout
