"""What lies in deploy/ works as it is."""

import re
import shutil
import subprocess
import tomllib
from dataclasses import MISSING, fields
from pathlib import Path

import pytest

from mailflow.config import schema
from mailflow.config.event import load_event
from mailflow.config.find import find
from mailflow.config.load import load
from mailflow.config.places import Capture, Tcp

DEPLOY = Path(__file__).parents[2] / "deploy"


def config(name, **state):
    return load(find(DEPLOY / name, state.get("state"), {}), {}, secrets="later")


def keys():
    """Every key of mailflow.toml, with its default as the schema has it."""
    for table in fields(schema.Config):
        if isinstance(table.type, type) and hasattr(table.type, "__dataclass_fields__"):
            for key in fields(table.type):
                yield table.name, key.metadata["name"] or key.name, key


def test_the_annotated_configuration_has_every_key():
    """And no other: it is the reference that operators read."""
    raw = tomllib.loads((DEPLOY / "mailflow.toml").read_text(encoding="utf-8"))
    written = {(table, key) for table, values in raw.items() for key in values}
    assert written == {(table, key) for table, key, _ in keys()}


def test_the_annotated_configuration_shows_the_defaults():
    """But for what is required and for the one example; so documentation and code cannot part."""
    raw = tomllib.loads((DEPLOY / "mailflow.toml").read_text(encoding="utf-8"))
    for table, key, field in keys():
        if field.default is not MISSING and (table, key) != ("trust", "authserv_ids"):
            assert field.metadata["kind"].read(raw[table][key]) == field.default, f"{table}.{key}"


def test_the_annotated_configuration_loads():
    """As it is, with our own loader."""
    assert config("mailflow.toml").site.domain == "events.example.org"


def test_the_demo_cannot_reach_the_outside(tmp_path):
    """It listens on this machine only, and its letters become files in the state directory."""
    demo = config("demo/mailflow.toml", state=tmp_path)
    assert demo.outgoing.relay == Capture(tmp_path / "sent")
    assert demo.intake.listen == (Tcp("127.0.0.1", 2525),)
    assert demo.health.listen is None


@pytest.mark.parametrize("name", ["demo/creative-machines.toml", "events/example.toml"])
def test_the_events_load(name):
    """With the languages of the demo site."""
    assert load_event(DEPLOY / name, "events.example.org", config("demo/mailflow.toml").event_defaults).title


def test_systemd_finds_nothing_to_say(tmp_path):
    """`systemd-analyze verify` is silent, and the exposure is what operations.md §6 promises."""
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd is not installed")
    for unit in ("mailflow.service", "mailflow.socket"):
        text = (DEPLOY / "systemd" / unit).read_text()
        (tmp_path / unit).write_text(text.replace("/opt/mailflow/bin/mailflow", "/bin/true"))
    (tmp_path / "mailflow.socket.d").mkdir()
    shutil.copy(DEPLOY / "systemd" / "lmtp.conf", tmp_path / "mailflow.socket.d")
    command = ["systemd-analyze", "verify", "--man=no", "./mailflow.service", "./mailflow.socket"]
    verified = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    if "Failed to" in verified.stderr and "initialize" in verified.stderr:
        pytest.skip("systemd-analyze does not run in here")
    assert (verified.returncode, verified.stdout + verified.stderr) == (0, "")
    command = ["systemd-analyze", "security", "--offline=true", "--threshold=13", "./mailflow.service"]
    judged = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    if "unrecognized option" not in judged.stderr:
        assert judged.returncode == 0, judged.stdout[-200:]


def test_the_units_and_the_configuration_name_one_socket():
    """`systemd:smtp` is the FileDescriptorName, the credentials are the key files of the configuration."""
    socket = (DEPLOY / "systemd" / "mailflow.socket").read_text()
    service = (DEPLOY / "systemd" / "mailflow.service").read_text()
    assert "FileDescriptorName=smtp\n" in socket
    for key_file in (config("mailflow.toml").site.key_file, config("mailflow.toml").dkim.key_file):
        assert f"LoadCredential={key_file.name}:/etc/mailflow/{key_file.name}\n" in service


@pytest.mark.parametrize(
    ("recipient", "ours"),
    [
        ("creative-machines@example.org", True),
        ("creative-machines+cancel@example.org", True),
        ("creative-machines-too@example.org", False),
        ("creative-machines@example.org.evil.example", False),
        ("creative-machines@exampleXorg", False),
    ],
)
def test_the_postfix_pattern_takes_the_event_s_addresses_only(recipient, ours):
    """With and without a sub-address."""
    text = (DEPLOY / "postfix" / "mailflow.regexp").read_text()
    (line,) = [line for line in text.splitlines() if line.startswith("/")]
    pattern, transport = re.fullmatch(r"/(.*)/ +(\S+)", line).groups()
    assert transport == "smtp:[127.0.0.1]:2525"
    assert bool(re.search(pattern, recipient)) is ours
