"""`queue`, `message` and `migrate`: what the operator repairs."""

from datetime import UTC, datetime

import pytest

from mailflow.store import open_store


@pytest.fixture
def stuck(demo, mail):
    """Letter 2 could not be delivered, letter 4 waits, and mail m3 has failed three times."""
    store = open_store("sqlite:mailflow.db", demo.folder)
    now = datetime.now(UTC)
    demo.call("inject", mail, "--to", "creative-machines@events.example.org")
    due = "UPDATE outbox SET state = 'due', sent_at = NULL, closed_at = NULL, next_attempt = ?"
    with store.write() as writer:
        writer.sql.execute(due, ("2019-08-20T08:00:00.000000Z",))
        writer.failed(2, "the relay refused it", 550, "5.1.1", "No such user \x1b[31m", now)
        writer.sql.execute("UPDATE inbox SET attempts = 3 WHERE id = 3")
        assert writer.release_mail(3, "RecursionError", now)
    store.close()
    return demo


def test_the_queue_shows_what_waits_and_what_failed(stuck):
    """Letters by number, mails with m; what is done only with --all."""
    found = {one["id"]: one for one in stuck.objects("queue", "list")}
    assert {name: one["state"] for name, one in found.items()} == {"2": "failed", "4": "due", "m3": "failed"}
    assert found["2"]["answer"].startswith("550 5.1.1 No such user")
    assert (found["2"]["reason"], found["2"]["next"]) == ("the relay refused it", None)
    assert found["4"]["next"] == "2019-08-20T08:00:00Z"
    assert [one["id"] for one in stuck.objects("queue", "list", "--state", "failed")] == ["2", "m3"]
    assert "\x1b" not in stuck.call("queue", "list").stdout


def test_one_entry_of_the_queue(stuck):
    """With what caused it."""
    (letter,) = stuck.objects("queue", "show", "2")
    assert (letter["what"], letter["mail"], letter["sent"]) == ("registered", "m1", None)
    assert letter["message_id"].endswith("@events.example.org")
    (mail,) = stuck.objects("queue", "show", "m3")
    assert (mail["state"], mail["attempts"], mail["reason"]) == ("failed", 3, "RecursionError")


def test_retry_makes_them_due_as_if_for_the_first_time(stuck):
    """Named ones, or all that failed."""
    assert stuck.objects("queue", "retry", "2") == [{"id": "2", "result": "due again"}]
    assert stuck.objects("queue", "retry", "--all") == [{"id": "m3", "result": "due again"}]
    assert {one["id"]: (one["state"], one["attempts"]) for one in stuck.objects("queue", "list")} == {
        "2": ("due", 0), "4": ("due", 1),
    }  # fmt: skip
    assert stuck.objects("queue", "retry", "--all") == []


def test_drop_asks_first_and_keeps_the_reason(stuck):
    """2 where nobody can be asked; 4 when one of them is not there, though the others are dropped."""
    assert stuck.run("queue", "drop", "2").exit_code == 2
    done = stuck.run("queue", "drop", "2", "m3", "99", "--yes", "--reason", "a double")
    assert done.exit_code == 4
    assert done.stderr == "Not found, or done already: 99\n"
    (letter,) = stuck.objects("queue", "show", "2")
    assert (letter["state"], letter["reason"]) == ("dropped", "a double")
    assert stuck.objects("message", "show", "m3")[0]["state"] == "ignored"
    assert [one["id"] for one in stuck.objects("queue", "list")] == ["4"]


def test_a_mail_with_its_biography(demo):
    """From the envelope to the letters."""
    (shown,) = demo.objects("message", "show", "m1")
    assert {key: shown[key] for key in ("id", "sender", "state", "reason", "proof", "intent", "mode", "attempts")} == {
        "id": "m1", "sender": "maja.lind@example.org", "state": "done", "reason": "registered: confirmed",
        "proof": "dkim", "intent": "register", "mode": "act", "attempts": 1,
    }  # fmt: skip
    assert shown["changes"] == [{"number": 1, "what": "registered", "status": "confirmed"}]
    assert [(one["letter"], one["state"]) for one in shown["letters"]] == [("registered", "sent")]
    assert "because: dkim=pass" in demo.call("message", "show", "1").stdout


def test_mails_are_listed_by_state_and_event(demo):
    """Newest first; --state of the verb is a state of mails, before the verb it is the directory."""
    assert [one["id"] for one in demo.objects("message", "list")] == ["m2", "m1"]
    assert demo.objects("message", "list", "--state", "failed") == []
    assert demo.objects("message", "list", "--event", "other") == []
    assert len(demo.objects("--state", str(demo.folder), "message", "list", "--state", "done")) == 2
    said = demo.call("message", "list", "--limit", "1")
    assert said.stderr == "The newest 1; --limit shows more.\n"


def test_migrate_makes_a_database_and_then_has_nothing_to_do(site):
    """--list shows the steps and does none of them."""
    site.database.unlink()
    steps = [one["pending"] for one in site.objects("migrate", "--list")]
    assert not site.database.exists()
    assert [one["applied"] for one in site.objects("migrate")] == steps
    done = site.call("migrate")
    assert (done.stdout, done.stderr) == ("", "Nothing to do.\n")
    assert site.call("migrate", "--list").stdout == ""
