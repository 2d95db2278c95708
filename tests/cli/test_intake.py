"""`inject` and `deliver`: mail really taken in."""

import contextlib
import email.message
import os
import subprocess
import sys

from .conftest import MAIL

GAN = "gan@events.example.org"


def raw(site, number):
    return site.call("message", "show", f"m{number}", "--raw").stdout_bytes


def test_a_source_on_a_terminal_cannot_move_the_cursor(site):
    """Controls, turned text and broken octets are spelled out there; a pipe gets the octets as they came."""
    content = MAIL.replace(b"vegan", "vegan å \x1b]0;owned\x07 \u202egnp".encode() + b"\xff\x9b2J\ttab")
    site.call("deliver", "--from", "", "--to", GAN, stdin=content)
    assert site.process("message", "show", "1", "--raw").stdout == content.replace(b"\n", b"\r\n")
    ours, theirs = os.openpty()
    command = [sys.executable, "-m", "mailflow", "--config", str(site.file), "message", "show", "1", "--raw"]
    with os.fdopen(ours, "rb", buffering=0) as terminal:
        subprocess.run(command, stdout=theirs, stdin=subprocess.DEVNULL, timeout=60, check=True)
        os.close(theirs)
        seen = b""
        with contextlib.suppress(OSError):  # Linux says EIO where a terminal ends
            while piece := terminal.read(4096):
                seen += piece
    shown = r"Diet: vegan å \x1b]0;owned\x07 \u202egnp\xff\x9b2J" + "\ttab"
    assert shown in seen.decode()
    assert set(seen) & set(range(32)) <= set(b"\t\r\n")


def test_what_deliver_takes_is_committed_with_crlf_line_ends(site):
    """As it would have come over a socket."""
    done = site.process("deliver", "--from", "maja@example.org", "--to", GAN, stdin=MAIL)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert raw(site, 1) == MAIL.replace(b"\n", b"\r\n")
    (shown,) = site.objects("message", "show", "1")
    assert (shown["reverse_path"], shown["forward_path"], shown["state"]) == ("maja@example.org", GAN, "new")


def test_crlf_and_damaged_line_ends_are_kept_as_they_are(site):
    """A mixture is for the judge, not for a repair at the door."""
    for number, content in enumerate((MAIL.replace(b"\n", b"\r\n"), MAIL + b"a\r\nb\n"), 1):
        site.call("deliver", "--from", "", "--to", GAN, stdin=content)
        assert raw(site, number) == content
    assert [one["from"] for one in site.objects("message", "list")] == ["", ""]


def test_deliver_keeps_one_mail_for_each_recipient(site):
    """--to may be given more than once; nothing is kept where one of them is refused."""
    to = ("--to", GAN, "--to", "postmaster@events.example.org")
    assert (
        site.run("deliver", "--from", "a@example.org", *to, "--to", "x@events.example.org", stdin=MAIL).exit_code == 67
    )
    assert site.objects("message", "list") == []
    site.call("deliver", "--from", "a@example.org", *to, stdin=MAIL)
    assert {one["event"] for one in site.objects("message", "list")} == {"gan", "postmaster"}


def test_deliver_makes_the_database_where_there_is_none(site):
    """A pipe may be the first to come."""
    site.database.unlink()
    site.call("deliver", "--from", "a@example.org", "--to", GAN, stdin=MAIL)
    assert len(site.objects("message", "list")) == 1


def test_deliver_to_a_database_of_another_version_waits(site, monkeypatch):
    """75 until somebody has migrated it."""
    from mailflow.store import schema, sqlite

    later = (*schema.STEPS, ("9999_later", "CREATE TABLE later (a) STRICT"))
    assert site.run("event", "list").exit_code == 0
    monkeypatch.setattr(schema, "STEPS", later)
    monkeypatch.setattr(sqlite, "STEPS", later)
    assert site.run("event", "list").exit_code == 1
    assert site.run("deliver", "--from", "", "--to", GAN, stdin=MAIL).exit_code == 75
    assert [one["pending"] for one in site.objects("migrate", "--list")] == ["9999_later"]


def test_inject_takes_files_and_stdin_and_knows_a_double(site, mail):
    """Each with the id that `message show` wants; the same mail twice is kept once."""
    first, second = site.objects("inject", mail, "-", stdin=MAIL)
    assert first == {"file": str(mail), "message": "m1", "to": GAN, "same_as": None}
    assert second == {"file": "-", "message": "m2", "to": GAN, "same_as": "m1"}
    assert [one["state"] for one in site.objects("message", "list")] == ["ignored", "new"]


def test_inject_reads_the_envelope_from_the_fields(site, tmp_path):
    """Delivered-To before To, Return-Path before From; --from and --to before all."""
    (site.folder / "events" / "bread.toml").write_bytes((site.folder / "events" / "gan.toml").read_bytes())
    noted = tmp_path / "noted.eml"
    noted.write_bytes(b"Return-Path: <>\nDelivered-To: bread@events.example.org\n" + MAIL)
    site.call("inject", noted)
    site.call("inject", noted, "--from", "bo@example.org", "--to", "gan+r.x@events.example.org")
    shown = [site.objects("message", "show", name)[0] for name in ("1", "2")]
    assert [(one["reverse_path"], one["forward_path"]) for one in shown] == [
        ("<>", "bread@events.example.org"), ("bo@example.org", "gan+r.x@events.example.org"),
    ]  # fmt: skip


def test_what_is_injected_is_what_a_mail_program_wrote(site):
    """A message of the standard library goes in and comes back whole."""
    message = email.message.EmailMessage()
    message["From"], message["To"], message["Subject"] = "Åsa <asa@example.org>", GAN, "Anmälan"
    message.set_content("Anmäl mig\n")
    site.call("inject", "-", stdin=bytes(message))
    assert raw(site, 1).replace(b"\r\n", b"\n") == bytes(message)
