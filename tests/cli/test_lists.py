"""`attendees`, `export`, `send-digest` and `preview`: what people read."""

import csv
import io
import json
import os

import pytest

from mailflow.cli.specimen import specimen
from mailflow.model.letter import LETTER_KINDS, VARIANTS
from tests.foreign_readers import tool

lint_ics = tool("lint_ics").lint_ics
COLUMNS = ["no", "code", "name", "address", "mail", "status", "since", "language", "calendar", "guests", "answers"]


def rows(octets):
    return list(csv.reader(io.StringIO(octets.decode("utf-8-sig")), delimiter=";"))


def test_attendees_are_a_table_or_objects_with_stable_keys(demo):
    """The answers stand in one object, by question."""
    maja, noor = demo.objects("attendees")
    assert list(maja) == list(noor) == COLUMNS
    assert (maja["name"], maja["status"], maja["answers"]) == (
        "Maja Lind",
        "confirmed",
        {"diet": "vegetarian"},
    )
    assert maja["since"].endswith("Z")
    table = demo.call("attendees", "creative-machines").stdout
    assert table.splitlines()[0].split() == COLUMNS
    assert "diet: vegetarian" in table


def test_attendees_of_one_status(demo):
    """May be given more than once."""
    assert [one["name"] for one in demo.objects("attendees", "--status", "pending")] == ["Noor Berg"]
    assert len(demo.objects("attendees", "--status", "pending", "--status", "confirmed")) == 2


def test_export_opens_in_a_spreadsheet(demo, tmp_path):
    """UTF-8 with BOM, semicolons, CRLF; the same in a file, on stdout and from attendees --csv."""
    octets = demo.call("export").stdout_bytes
    assert octets.startswith(b'\xef\xbb\xbf"Booking code";"Name";"Address"')
    assert octets.endswith(b"\r\n")
    assert [row[1] for row in rows(octets)] == ["Name", "Noor Berg", "Maja Lind"]
    said = demo.call("export", "-o", tmp_path / "list.csv")
    assert (said.stdout, said.stderr) == ("", f"Wrote {tmp_path / 'list.csv'}: 2 row(s).\n")
    assert (tmp_path / "list.csv").read_bytes() == octets == demo.call("attendees", "--csv").stdout_bytes
    assert (tmp_path / "list.csv").stat().st_mode & 0o777 == 0o600


def test_export_replaces_a_file_only_when_told_to(demo, tmp_path):
    """2 without --yes where nobody can be asked, and the file is as it was."""
    (tmp_path / "list.csv").write_text("mine")
    assert demo.run("export", "-o", tmp_path / "list.csv").exit_code == 2
    assert (tmp_path / "list.csv").read_text() == "mine"
    demo.call("export", "-o", tmp_path / "list.csv", "--yes")
    assert len(rows((tmp_path / "list.csv").read_bytes())) == 3


def test_export_in_columns_and_a_language_of_ones_choice(demo):
    """Ids of questions are columns; headings are in that language."""
    octets = demo.call(
        "export", "--columns", "name, diet,status", "--language", "sv", "--status", "confirmed"
    ).stdout_bytes
    assert rows(octets) == [["Namn", "Specialkost", "Status"], ["Maja Lind", "vegetariskt", "har en plats"]]


def test_an_event_is_exported_as_a_calendar_for_everybody(demo, tmp_path):
    """PUBLISH, nobody's name, an UID of its own; the same file twice; readable for a web server; in either language."""
    path = tmp_path / "event.ICS"
    said = demo.call("export", "-o", path)
    assert (said.stdout, said.stderr) == ("", f"Wrote {path}.\n")
    octets = path.read_bytes()
    assert lint_ics(octets, method="PUBLISH", profile="publish", organizer="creative-machines@events.example.org") == []
    text = octets.decode().replace("\r\n ", "")
    assert "ATTENDEE" not in text
    assert "Maja" not in text
    assert "\r\nUID:event-creative-machines@events.example.org\r\n" in text
    assert "\r\nSEQUENCE:0\r\n" in text
    assert "\r\nSTATUS:CONFIRMED\r\n" in text
    assert "To register\\, mail creative-machines@events.example.org." in text
    assert "Reply CANCEL" not in text
    demo.call("export", "-o", path, "--yes")
    assert path.read_bytes() == octets
    assert path.stat().st_mode & 0o444 == 0o444
    demo.call("export", "-o", path, "--yes", "--language", "sv")
    assert "Anmäl dig med ett mejl till" in path.read_text(encoding="utf-8").replace("\n ", "")


def test_a_calendar_of_a_site_that_never_ran_is_as_old_as_its_file(site, tmp_path):
    """There is no database yet, and the file is the same when it is written again."""
    path = tmp_path / "event.ics"
    os.utime(next((site.folder / "events").glob("*.toml")), (1_800_000_000, 1_800_000_000))
    site.call("export", "-o", path)
    assert lint_ics(path.read_bytes(), profile="publish") == []
    assert b"\r\nDTSTAMP:20270115T080000Z\r\n" in path.read_bytes()


def test_columns_are_for_csv_and_statuses_for_lists(demo, tmp_path):
    """Words that a file has no use for are refused, and it is not written."""
    for name, words in (
        ("event.ics", "--columns name"),
        ("event.ics", "--status confirmed"),
        ("list.json", "--columns name"),
    ):
        assert demo.run("export", "-o", tmp_path / name, *words.split()).exit_code == 2
        assert not (tmp_path / name).exists()


def test_export_as_json_is_one_array_of_what_attendees_says(demo, tmp_path):
    """For programs; readable for its owner alone."""
    path = tmp_path / "list.json"
    said = demo.call("export", "-o", path, "--status", "confirmed")
    assert said.stderr == f"Wrote {path}: 1 row(s).\n"
    assert json.loads(path.read_bytes()) == demo.objects("attendees", "--status", "confirmed")
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_digest_that_is_only_shown_writes_nothing(demo):
    """Not even the number of a letter is used up."""
    before = demo.rows()
    shown = demo.call("send-digest", "--dry-run").stdout
    assert shown.startswith("To: kim.ek@example.org\nSubject: ")
    assert "To: robin.berg@example.org\n" in shown
    assert [one["to"] for one in demo.objects("send-digest", "--dry-run")] == [
        "kim.ek@example.org",
        "robin.berg@example.org",
    ]
    assert demo.rows() == before


def test_a_digest_is_a_letter_in_the_outbox(demo):
    """To each organiser, or to one address; the schedule stands."""
    jobs = [row for row in demo.rows() if 'INTO "jobs"' in row]
    (sent,) = demo.objects("send-digest", "--to", "desk@example.org")
    assert sent == {"to": "desk@example.org", "letter": "digest", "state": "due"}
    assert len(demo.objects("send-digest")) == 2
    assert [one["to"] for one in demo.objects("queue", "list", "--state", "due")] == [
        "robin.berg@example.org", "kim.ek@example.org", "desk@example.org",
    ]  # fmt: skip
    assert [row for row in demo.rows() if 'INTO "jobs"' in row] == jobs


@pytest.mark.parametrize("language", ["en", "sv"])
def test_every_letter_previews_in_every_variant(site, language):
    """With the sample event, and with the site's own."""
    for kind in LETTER_KINDS:
        for variant in VARIANTS[kind]:
            words = ("preview", kind, "--variant", variant, "--language", language)
            (shown,) = site.objects(*words)
            assert (shown["letter"], shown["language"]) == (kind, language)
            assert shown["subject"]
            assert len(shown["text"]) > 40
            (own,) = site.objects(*words, "--event", "gan")
            assert len(own["text"]) > 40


def test_preview_lists_what_there_is(site):
    """Without a letter's name."""
    variants = {one["letter"]: one["variants"] for one in site.objects("preview")}
    assert variants["status"] == ["resent", "reminders_off", "asked", "counter"]


def test_preview_writes_html_and_the_whole_mail(site, tmp_path):
    """And replaces them only when told to."""
    words = ("preview", "registered", "--html", tmp_path / "a.html", "--eml", tmp_path / "a.eml")
    assert site.call(*words).stdout.startswith("Subject: ")
    assert (tmp_path / "a.html").read_text().startswith("<!")
    assert b"text/calendar" in (tmp_path / "a.eml").read_bytes()
    assert site.run(*words).exit_code == 2
    site.call(*words, "--yes")


def test_a_broken_template_of_the_sites_is_a_sentence(site):
    """Which letter, and what jinja says."""
    override = site.folder / "templates" / "en" / "registered.j2"
    override.parent.mkdir(parents=True)
    override.write_text("{{ nothing_of_that_name.at_all }}")
    done = site.run("preview", "registered")
    assert done.exit_code == 1
    assert done.stderr.startswith("en/registered: ")


def test_a_specimen_can_be_of_any_event(site):
    """`check` draws them all; here that the function is total over kinds is enough."""
    assert callable(specimen)
