"""`announce`: what it shows before it is said, and what it leaves for the service to do."""

import pytest

from .test_orders import at

TEXT = """The lift is broken
Dear {first_name},

please take the stairs, {nick}.

- https://example.org/map
--- sv ---
Hissen är trasig
Hej {first_name}, ta trappan.
"""


@pytest.fixture
def week(demo, monkeypatch):
    """The demo, whose Maja has a seat and Noor, who had to confirm, too; a week before the event."""
    at(monkeypatch, "2019-08-20T12:00:00+00:00")
    (demo.folder / "lift.txt").write_text(TEXT, encoding="utf-8")
    return demo


def seats(site):
    return sum(one["status"] == "confirmed" for one in site.objects("attendees"))


def test_a_dry_run_shows_the_letter_in_each_language_and_the_number(week):
    """What is no placeholder is said and stays; nothing changes, not a row."""
    before = week.rows()
    done = week.call("announce", "creative-machines", week.folder / "lift.txt", "--dry-run")
    assert f"letters    {seats(week)}" in done.stdout
    for said in (
        "Subject: The rise of creative machines: The lift is broken", "Dear Maja,", "please take the stairs, {nick}.",
        "Subject: De kreativa maskinernas intåg: Hissen är trasig", "Hej Maja, ta trappan.", "- https://example.org/map",
        "{nick} is no placeholder, and stays as it is.",
    ):  # fmt: skip
        assert said in done.stderr
    assert week.rows() == before


def test_it_asks_where_there_is_no_yes(week):
    """Off a terminal nobody can be asked."""
    before = week.rows()
    refused = week.run("announce", week.folder / "lift.txt")
    assert refused.exit_code == 2
    assert f"Send it to {seats(week)} people? This cannot be taken back. Say --yes" in refused.stderr
    assert week.rows() == before


def test_it_is_kept_for_the_service_to_send(week):
    """From a file or from stdin; each has its number."""
    week.call("announce", week.folder / "lift.txt", "--yes")
    again = week.call("announce", "-", "--yes", stdin=b"Lunch\r\n\r\nAt noon.\r\n")
    assert again.stderr.endswith("Announcement 2. A running service sends it, 200 people a tick.\n")
    rows = [row for row in week.rows() if row.startswith('INSERT INTO "announcements"')]
    assert len(rows) == 2
    assert '[["","At noon."]]' in rows[1]
    assert week.call("check", "--quick").exit_code == 0


@pytest.mark.parametrize(
    ("octets", "said"),
    [
        (b"Lift\n", "no text below it"),
        (b"", "there is none"),
        (b"Lift\n\xff\n", "not UTF-8"),
        (b"x" * 101 + b"\ny", "100"),
    ],
)
def test_what_is_no_announcement_is_wrong_usage(week, octets, said):
    """Nothing is kept."""
    done = week.run("announce", "-", "--yes", stdin=octets)
    assert done.exit_code == 2
    assert said in done.stderr


def test_where_nobody_would_get_it_nothing_is_kept(week, monkeypatch):
    """Nobody waits; and in October the people are erased."""
    before = week.rows()
    assert week.run("announce", week.folder / "lift.txt", "--status", "waiting", "--yes").exit_code == 4
    assert week.run("announce", week.folder / "gone.txt", "--yes").exit_code == 2
    at(monkeypatch, "2019-10-20T12:00:00+00:00")
    late = week.run("announce", week.folder / "lift.txt", "--yes")
    assert (late.exit_code, late.stderr) == (1, "creative-machines: the details of its people are erased.\n")
    assert week.rows() == before


def test_what_a_phone_would_clip_is_not_sent(week):
    """Within the number of characters, but not within 18 KB of HTML (letters.md §4)."""
    text = "Links\n" + "\n\n".join("https://example.org/" + "&" * 60 for _ in range(49))
    done = week.run("announce", "-", "--yes", stdin=text.encode())
    assert done.exit_code == 1
    assert "characters" in done.stderr
