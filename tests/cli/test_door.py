"""`attendees mark-absent`, `export` to what is printed, and `event show --stats`."""

import json

import pytest

from mailflow.render import spreadsheet


def test_who_did_not_come_is_marked_and_it_can_be_taken_back(demo):
    """Once: twice is nothing to do, and exits 4, as a code does that nobody has. --dry-run writes nothing."""
    (maja,) = [one for one in demo.objects("attendees") if one["name"] == "Maja Lind"]
    demo.call("attendees", "mark-absent", maja["code"], "--dry-run")
    assert "marked absent" in demo.call("attendees", "mark-absent", maja["code"].lower()).stdout
    again = demo.run("attendees", "mark-absent", maja["code"], "9")
    assert again.exit_code == 4
    assert "is marked absent already" in again.stdout
    assert json.loads(demo.call("event", "show", "--stats", "--json").stdout)["absent"] == 1
    assert "marked present" in demo.call("attendees", "mark-absent", maja["code"], "--undo").stdout


def test_a_door_list_is_a_page_to_print(demo, tmp_path):
    """Only who has a seat; readable for its owner alone; in the language asked for."""
    path = tmp_path / "door.html"
    demo.call("export", "-o", path, "--language", "sv")
    page = path.read_text(encoding="utf-8")
    assert "Maja Lind" in page
    assert "Noor" not in page
    assert '<html lang="sv">' in page
    assert path.stat().st_mode & 0o077 == 0


def test_badges_and_numbers_are_pages_too(demo, tmp_path):
    """The numbers name nobody, so others may read the file."""
    demo.call("export", "-o", tmp_path / "badges.html", "--sheet", "badges")
    assert "Maja Lind" in (tmp_path / "badges.html").read_text(encoding="utf-8")
    demo.call("export", "-o", tmp_path / "numbers.html", "--sheet", "statistics")
    page = (tmp_path / "numbers.html").read_text(encoding="utf-8")
    assert "Sign-ups in numbers" in page
    assert "Maja" not in page
    assert (tmp_path / "numbers.html").stat().st_mode & 0o044 == 0o044


@pytest.mark.parametrize(
    "words", ["x.html --columns name", "x.html --status confirmed", "x.csv --sheet badges", "x.pdf --sheet badges", "x.db"]
)  # fmt: skip
def test_options_that_a_file_has_no_use_for_are_refused(demo, tmp_path, words):
    """And nothing is written."""
    name, *rest = words.split()
    assert demo.run("export", "-o", tmp_path / name, *rest).exit_code == 2
    assert not (tmp_path / name).exists()


def test_a_spreadsheet_needs_its_extra(demo, tmp_path, monkeypatch):
    """With it the list is one; without it the way to get it is said."""
    pytest.importorskip("xlsxwriter")
    demo.call("export", "-o", tmp_path / "list.xlsx", "--columns", "name,diet")
    assert (tmp_path / "list.xlsx").read_bytes().startswith(b"PK")
    monkeypatch.setattr(spreadsheet, "xlsx_octets", lambda *_: None)
    refused = demo.run("export", "-o", tmp_path / "more.xlsx")
    assert refused.exit_code == 2
    assert "mailflow[xlsx]" in refused.stderr


def test_stats_are_bars_or_one_object(demo):
    """Who waits for a YES has not signed up yet."""
    text = demo.call("event", "show", "--stats").stdout
    assert "Sign-ups in numbers: The rise of creative machines" in text
    assert "█" in text
    told = json.loads(demo.call("event", "show", "--stats", "--json").stdout)
    assert told["standing"]["confirmed"] == {"people": 1, "seats": 1}
    assert sum(told["signed_up"].values()) == 1
    assert (told["absent"], told["show_up_percent"]) == (0, 100)
