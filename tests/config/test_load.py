from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest

from mailflow.config.load import load
from mailflow.config.places import Capture, Inherited, Postgres, Relay, Sqlite, Tcp, Unix
from mailflow.config.problems import ConfigError
from mailflow.mail.address import Address

SITE = """
[site]
domain = "events.example.org"
name = "AIML@LU"
contact = "desk@example.org"
timezone = "Europe/Stockholm"
"""
BROKEN = """
[site]
nam = "AIML@LU"
domain = "events"
contact = "Kim <kim@example.org>"
timezone = "Mars/Phobos"
languages = ["en", "xx"]
[intake]
lissten = ["127.0.0.1:25"]
listen = ["127.0.0.1"]
max_size = "10 parsecs"
idle_timeout = 60
allow = ["everyone"]
tls_cert_file = "tls.pem"
[trust]
require = "maybe"
[outgoing]
password = "hunter2"
username = "desk"
relay = "smtp://desk:hunter2@mx.example.org"
retry = []
[letters]
accent = "blue"
quiet_from = "21:00"
[limits]
answers_per_hour = 0
[limts]
answers_per_day = 5
[health]
listen = "0.0.0.0:80"
"""


def faults(site, text, environ=None, **options):
    """The problems of a configuration, by key."""
    with pytest.raises(ConfigError) as raised:
        site(text, environ, **options)
    return {problem.key: problem for problem in raised.value.problems}


def test_four_lines_are_a_configuration(site):
    """Everything else has a default, and every path is absolute."""
    config = site()
    assert config.site.domain == "events.example.org"
    assert config.site.contact == Address("desk", "example.org")
    assert config.site.languages == ("en", "sv")
    assert config.site.events == site.folder / "events"
    assert config.site.key_file == site.folder / "secret.key"
    assert config.store.url == Sqlite(site.folder / "mailflow.db")
    assert config.intake.listen == (Tcp("127.0.0.1", 2525),)
    assert config.intake.max_size_octets == 10 * 1024 * 1024
    assert config.outgoing.relay == Relay("smtp", "127.0.0.1", 25)
    assert config.outgoing.retry[-1] == timedelta(hours=6)
    assert config.event_defaults.people == timedelta(days=30)


def test_every_problem_is_told_at_once(site):
    """A configuration with many faults takes one reading to mend, not twenty."""
    found = faults(site, BROKEN)
    assert {
        "site.nam", "site.name", "site.domain", "site.contact", "site.timezone", "site.languages", "intake.lissten",
        "intake.listen", "intake.max_size", "intake.idle_timeout", "intake.allow", "intake.tls_key_file",
        "trust.require", "outgoing.password", "outgoing.relay", "outgoing.password_file", "outgoing.retry",
        "letters.accent", "letters.quiet_from", "limits.answers_per_hour", "limts", "health.listen",
    } <= set(found)  # fmt: skip
    for problem in found.values():
        assert problem.file == str(site.folder / "mailflow.toml")
        assert problem.expected
        assert problem.example or problem.hint


def test_what_is_printed_has_file_key_expectation_and_example(site):
    """The text that an operator reads."""
    with pytest.raises(ConfigError) as raised:
        site(SITE + '[intake]\nidle_timeout = 60\n[log]\nlevel = "loud"\n')
    assert str(raised.value) == (
        "2 problems in the configuration:\n\n"
        f"{site.folder}/mailflow.toml\n"
        "  intake.idle_timeout: expected a duration\n"
        "    found 60\n"
        '    for example: idle_timeout = "60 s"\n'
        '  log.level: expected one of "info", "debug", "warning", "error"\n'
        "    found 'loud'\n"
        '    for example: level = "info"'
    )


def test_a_password_is_never_printed(site):
    """Not as a value of its own, not in a URL, not from the environment."""
    with pytest.raises(ConfigError) as raised:
        site(BROKEN, {"MAILFLOW_OUTGOING__PASSWORD": "hunter2", "MAILFLOW_STORE__URL": "postgresql://u:hunter2@db/x"})
    assert "hunter2" not in str(raised.value)
    assert "secrets are never values: did you mean password_file" in str(raised.value)


@pytest.mark.parametrize(
    ("text", "key", "meant"),
    [
        ("[site]\ndomian = 'x'", "site.domian", "did you mean domain?"),
        ("[limts]\n", "limts", "did you mean limits?"),
        ("[store]\nlisten = ['x']", "store.listen", "did you mean health.listen?"),
        ("[site]\nzzz = 1", "site.zzz", ""),
    ],
)
def test_an_unknown_key_is_an_error_with_a_guess(site, text, key, meant):
    """A near sibling first, else the same word in another table."""
    assert faults(site, text)[key].hint == meant


def test_the_environment_wins_over_the_file(site):
    """Values are read as TOML, else as strings."""
    config = site(
        SITE + '[outgoing]\nrelay = "smtp://a.example"\n',
        {
            "MAILFLOW_OUTGOING__RELAY": "smtp+tls://mx",
            "MAILFLOW_INTAKE__LISTEN": '["systemd:smtp", "unix:lmtp.sock", "[::1]:0"]',
            "MAILFLOW_DKIM__SIGN": "false",
            "MAILFLOW_INTAKE__MAX_SIZE": "1 MiB",
            "MAILFLOW_PORT": "tcp://10.0.0.1:25",
        },
    )
    assert config.outgoing.relay == Relay("smtp+tls", "mx", 587)
    assert config.intake.listen == (Inherited("smtp"), Unix(site.folder / "lmtp.sock"), Tcp("::1", 0))
    assert config.dkim.sign is False
    assert config.intake.max_size_octets == 1 << 20


def test_a_fault_in_the_environment_names_the_variable(site):
    """Also unknown keys, and names that are none."""
    environ = {
        "MAILFLOW_LOG__LEVEL": "loud",
        "MAILFLOW_SITE__NAMES": "x",
        "MAILFLOW_SITEE__NAME": "x",
        "MAILFLOW_SITE__": "x",
        "MAILFLOW_HEALTH__LISTEN": "0.0.0.0:80",
    }
    with pytest.raises(ConfigError) as raised:
        site(SITE, environ)
    assert {problem.file for problem in raised.value.problems} == {f"${name}" for name in environ}


def test_a_line_break_in_the_environment_is_no_second_key(site):
    """What is not one TOML value is a string, and this string is no name."""
    assert set(faults(site, SITE, {"MAILFLOW_SITE__NAME": '"x"\ndomain = "evil.example"'})) == {"site.name"}


def test_a_secret_that_others_can_read_is_an_error(site):
    """Mode 0600 or less, and the fault says what to type."""
    (site.folder / "secret.key").chmod(0o640)
    problem = faults(site, SITE)["site.key_file"]
    assert problem.example == f"chmod 600 {site.folder}/secret.key"
    assert "0640" in problem.hint


def test_a_secret_that_is_missing_is_an_error_only_where_it_is_needed(site):
    """`init` and `config show` load without; a site that does not sign needs no DKIM key."""
    (site.folder / "dkim.key").unlink()
    assert "dkim.key_file" in faults(site, SITE)
    assert site(SITE, secrets="later").dkim.key_file == site.folder / "dkim.key"
    assert site(SITE + "[dkim]\nsign = false\n").dkim.sign is False


def test_credentials_come_before_the_folder(site, tmp_path):
    """What systemd hands over is taken, whatever its mode."""
    given = tmp_path / "credentials"
    given.mkdir()
    (given / "secret.key").write_text("x")
    (given / "secret.key").chmod(0o444)
    config = site(SITE, {"CREDENTIALS_DIRECTORY": str(given)})
    assert config.site.key_file == given / "secret.key"
    assert config.dkim.key_file == site.folder / "dkim.key"


def test_imap_is_refused_in_so_many_words(site):
    """The specification has it, this version has not: better said at start than found out."""
    found = faults(site, SITE + '[imap]\nurl = "imaps://x"\n')
    assert set(found) == {"imap"}
    assert "not in this version" in found["imap"].hint


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ('[outgoing]\nusername = "x"\npassword_file = "dkim.key"\nrelay = "smtp://mx.example.org"', "outgoing.relay"),
        ("[intake]\nproxy_protocol = true\nallow = []", "intake.proxy_protocol"),
        ('[intake]\nprotocol = "lmtp"\nallow = []', "intake.allow"),
        ("[trust]\nspf = true", "trust.spf"),
        ('[trust]\nspf = true\n[intake]\nprotocol = "lmtp"\nallow = []\nlisten = ["unix:s"]', "trust.spf"),
        ("[intake]\nmax_connections = 5", "intake.max_connections_per_address"),
        ('[intake]\ntls_cert_file = "none.pem"\ntls_key_file = "dkim.key"', "intake.tls_cert_file"),
        ("site = 1", "site"),
        ("[[log]]", "log"),
    ],
)
def test_values_that_do_not_go_together(site, text, key):
    """Right alone, wrong together; and a table that is none."""
    text = text if key == "site" else SITE + text
    assert key in faults(site, text)


def test_spf_is_for_those_who_see_the_senders_own_servers(site):
    """A door for everybody, or one behind a proxy that says who came."""
    assert site(SITE + "[trust]\nspf = true\n[intake]\nallow = []").trust.spf
    assert site(SITE + '[trust]\nspf = true\n[intake]\nproxy_protocol = true\nallow = ["10.0.0.5"]').trust.spf


def test_proxies_are_those_that_allow_names(site):
    """`proxy_protocol` with `allow` is a door behind a proxy; LMTP on a Unix socket needs no `allow`."""
    assert site(SITE + '[intake]\nproxy_protocol = true\nallow = ["10.0.0.5"]').intake.proxy_protocol
    assert site(SITE + '[intake]\nprotocol = "lmtp"\nallow = []\nlisten = ["unix:s"]').intake.allow == ()


@pytest.mark.parametrize("local", ["postmaster", "Abuse", "abuse+x", "bread", "Bread+x"])
def test_the_contact_is_nobody_of_ours(site, local):
    """Mail to postmaster@ would come back and be kept in silence; a person in the same domain is welcome."""
    (site.folder / "events").mkdir()
    (site.folder / "events" / "bread.toml").write_text("")
    with pytest.raises(ConfigError) as raised:
        site(SITE.replace("desk@example.org", f"{local}@events.example.org"))
    assert [problem.key for problem in raised.value.problems] == ["site.contact"]
    site(SITE.replace("desk@example.org", "kim@events.example.org"))


def test_other_databases_and_captures(site):
    """A PostgreSQL URL stays as it is; a capture is below the state directory."""
    config = site(SITE + '[store]\nurl = "postgresql://db/mailflow"\n[outgoing]\nrelay = "capture:sent"\n')
    assert config.store.url == Postgres("postgresql://db/mailflow")
    assert config.outgoing.relay == Capture(site.folder / "sent")


def test_off_switches(site):
    """ "" and [] mean none, everyone, nowhere."""
    config = site(
        SITE.replace("[site]", "[site]\nplus = ''")
        + "[health]\nlisten = ''\n[intake]\nallow = []\n[calendar]\nalarm = '1 day'\n"
    )
    assert config.site.plus == ""
    assert config.health.listen is None
    assert config.intake.allow == ()
    assert config.calendar.alarm == timedelta(days=1)


def test_networks_may_have_host_bits(site):
    """Who writes 10.0.0.5/8 means the network."""
    assert site(SITE + '[intake]\nallow = ["10.0.0.5/8"]').intake.allow == (ip_network("10.0.0.0/8"),)


@pytest.mark.parametrize("octets", [b"[site", b"a = 1\na = 2", b"\xff", b"a = " + b"[" * 5000, b"#" * (2 << 20)])
def test_a_file_that_is_not_toml_is_one_problem(tmp_path, site, octets):
    """Broken syntax, wrong encoding, depth and size without end."""
    site()
    (tmp_path / "mailflow.toml").write_bytes(octets)
    from mailflow.config.find import find

    with pytest.raises(ConfigError) as raised:
        load(find(tmp_path / "mailflow.toml", None, {}), {})
    assert len(raised.value.problems) == 1


def test_paths_may_be_absolute(site):
    """Then nothing is put before them."""
    config = site(SITE.replace("[site]", '[site]\nevents = "/srv/events"'), {"MAILFLOW_STORE__URL": "sqlite:/srv/x.db"})
    assert config.site.events == Path("/srv/events")
    assert config.store.url == Sqlite(Path("/srv/x.db"))
