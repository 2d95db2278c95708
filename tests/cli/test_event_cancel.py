"""`event cancel`: what it shows before it is said, and what it leaves for the service to do."""

import pytest

from .test_orders import at

REASON = ("--reason", "The lecturer is ill, {first_name}.", "--reason", "sv=Föreläsaren är sjuk, {first_name}.")


@pytest.fixture
def week(demo, monkeypatch):
    """The demo, whose Maja has a seat and Noor, who had to confirm, too; a week before the event."""
    at(monkeypatch, "2019-08-20T12:00:00+00:00")
    return demo


def test_a_dry_run_shows_the_letter_in_each_language_and_the_number(week):
    """And changes nothing: not a row."""
    before = week.rows()
    done = week.call("event", "cancel", *REASON, "--dry-run")
    seats = sum(one["status"] == "confirmed" for one in week.objects("attendees"))
    assert f"letters  {seats}" in done.stdout
    for said in ("Subject: Called off: ", "The lecturer is ill, Maja.", "Subject: Inställt: ", "Föreläsaren är sjuk, Maja."):
        assert said in done.stderr
    assert week.rows() == before


def test_it_asks_where_there_is_no_yes(week):
    """Off a terminal nobody can be asked."""
    refused = week.run("event", "cancel", *REASON)
    assert refused.exit_code == 2
    assert "--yes" in refused.stderr
    assert week.objects("event", "list")[0]["registration"] != "called off"


def test_it_is_said_once(week):
    """A second time changes nothing, and says so; the list and the event say it too."""
    week.call("event", "cancel", *REASON, "--yes")
    before = week.rows()
    again = week.call("event", "cancel", "--reason", "Another", "--yes")
    assert "already; nothing has changed" in again.stderr
    assert week.rows() == before
    assert week.objects("event", "list")[0]["registration"] == "called off"
    (shown,) = week.objects("event", "show")
    assert shown["called_off"] == "2019-08-20T12:00:00Z"
    assert shown["reason"] == "The lecturer is ill, {first_name}."
    assert "called off, for good" in week.call("event", "open").stderr
    assert week.objects("event", "list")[0]["registration"] == "called off"
    file = next((week.folder / "events").glob("*.toml"))
    week.call("event", "add", "--replace", file)
    assert week.objects("event", "list")[0]["registration"] == "called off"
    assert week.call("check", "--quick").exit_code == 0


def test_a_reason_is_plain_and_bounded(week):
    """What is no placeholder is said beforehand; a novel is refused."""
    assert "{price} is no placeholder" in week.call("event", "cancel", "--reason", "{price}", "--dry-run").stderr
    assert week.run("event", "cancel", "--reason", "x" * 2001, "--dry-run").exit_code == 2


def test_what_has_taken_place_is_not_called_off(demo):
    """The demo's event was in 2019."""
    assert demo.run("event", "cancel", "--yes").exit_code == 1
