"""`check --loop`: a mail that goes out has to come back in, and forged results have to stay out."""

import json
from datetime import UTC, datetime

import pytest

from mailflow.mail.prescan import fingerprint_of
from mailflow.mail.reply import Reply
from mailflow.service.opening import open_site_store
from mailflow.store.rows import Incoming


class Border:
    """A mail system between the relay and our door, as good as its operator made it."""

    def __init__(self, config, *, keeps_results=False, loses_tags=False, refuses=False):
        self.config, self.keeps_results, self.loses_tags, self.refuses = config, keeps_results, loses_tags, refuses
        self.seen = []

    async def deliver(self, reverse_path, to, content):
        self.seen.append((reverse_path, str(to), content))
        if self.refuses:
            return Reply(550, "5.7.1", "relaying denied")
        if "+" in to.local and self.loses_tags:
            return Reply(250, "2.0.0", "taken")
        lines = content.split(b"\r\n")
        if not self.keeps_results:
            lines = [line for line in lines if not line.startswith(b"Authentication-Results:")]
        octets = b"Received: by mx.example.org\r\n" + b"\r\n".join(lines)
        store = open_site_store(self.config)
        incoming = Incoming(reverse_path, to, "creative-machines", "smtp", "127.0.0.1", relay=True, smtputf8=False,
                            octets=octets, fingerprint=fingerprint_of(octets))  # fmt: skip
        with store.write() as writer:
            writer.keep((incoming,), datetime.now(UTC))
        store.close()
        return Reply(250, "2.0.0", "taken")

    async def close(self):
        pass


@pytest.fixture
def check(demo, monkeypatch):
    """`check --loop` behind a border; what it says of the loop, and what it sent."""
    monkeypatch.setenv("MAILFLOW_OUTGOING__RELAY", "smtp://127.0.0.1:9")
    monkeypatch.setenv("MAILFLOW_TRUST__AUTHSERV_IDS", '["mx.example.org"]')
    monkeypatch.setattr("mailflow.cli.loop._PATIENCE_SECONDS", 0.2)
    monkeypatch.setattr("mailflow.cli.loop._LOOK_SECONDS", 0.01)

    def run(**border):
        built = []
        monkeypatch.setattr("mailflow.cli.loop.build_courier", lambda config: built.append(Border(config, **border)) or built[0])
        said = demo.run("check", "--quick", "--loop", "--json").stdout
        rows = [json.loads(line) for line in said.splitlines()]
        return [(row["result"], row["text"]) for row in rows if row["check"] == "loop"], built[0].seen

    return run


def test_what_comes_back_with_and_without_a_tag_is_well(check):
    """From the event to itself, marked as automatic and ours, so that nothing answers it."""
    found, sent = check()
    assert [result for result, _ in found] == ["ok", "ok"]
    (_, plain, content), (_, tagged, _) = sent
    assert plain == "creative-machines@events.example.org"
    assert tagged.startswith("creative-machines+check.")
    assert b"\r\nAuto-Submitted: auto-generated\r\nX-Mailflow: letter=check\r\n" in content
    assert b"dmarc=pass header.from=events.example.org" in content


def test_forged_results_that_come_through_are_a_problem(check):
    """Whoever can forge one is believed to be anybody."""
    found, _ = check(keeps_results=True)
    assert {result for result, _ in found} == {"problem"}
    assert "forged Authentication-Results of mx.example.org came through" in found[0][1]


def test_a_lost_tag_says_what_to_set(check):
    """The plain address works, so nothing is wrong with the way."""
    (_, (result, text)), _ = check(loses_tags=True)
    assert (result, 'set site.plus = ""' in text) == ("problem", True)


def test_a_relay_that_refuses_is_quoted(check):
    """With the address it would not take."""
    found, _ = check(refuses=True)
    assert [result for result, _ in found] == ["problem", "problem"]
    assert "550" in found[0][1]


def test_files_cannot_come_back(demo):
    """A capturing site is told so, and waits for nothing."""
    assert "nothing can come back" in demo.run("check", "--quick", "--loop").stdout
