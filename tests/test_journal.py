import io
import json
import logging
import os
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailflow.journal import Journal, attach_logging, names, peer_network
from mailflow.mail.address import Address
from mailflow.mail.reply import Reply
from mailflow.model.seal import Seal

MAJA = Address("maja.lind", "example.org")
SEAL = Seal(b"k" * 32)
WHEN = datetime(2019, 8, 20, 9, 30, tzinfo=UTC)


@pytest.fixture
def stream():
    return io.StringIO()


@pytest.fixture
def journal(stream):
    return Journal(stream, "auto", "info", names(SEAL, "hash"), {})


@pytest.fixture
def loggers():
    """The library loggers, put back as they were."""
    found = [logging.getLogger(name) for name in ("mailflow.wire", "asyncio")]
    before = [(logger.handlers[:], logger.level, logger.propagate) for logger in found]
    yield found
    for logger, (handlers, level, propagate) in zip(found, before, strict=True):
        logger.handlers[:], logger.propagate = handlers, propagate
        logger.setLevel(level)


def test_a_mail_in_is_one_line_with_its_number_first(journal, stream):
    """The biography of a mail, as operations.md §5 shows it."""
    journal.mail_in(812, MAJA, "creative-machines", "dkim", "register", "confirmed", "registered", 41)
    who = SEAL.pseudonym("maja.lind@example.org")
    assert stream.getvalue() == (
        f"msg=812 in from=h:{who} event=creative-machines verdict=dkim intent=register result=confirmed "
        "letter=registered ms=41\n"
    )


def test_a_deferred_letter_says_until_when(journal, stream):
    """Code and status of the relay, the attempt, and the next one in UTC."""
    journal.letter_out(812, MAJA, "registered", "deferred", 451, "4.7.1", 3, WHEN)
    assert stream.getvalue().endswith(
        " letter=registered deferred code=451 status=4.7.1 attempt=3 until=2019-08-20T09:30:00Z\n"
    )


def test_a_job_says_why_it_was_skipped(journal, stream):
    """A job has no queue id; its kind stands first."""
    journal.job("digest", "creative-machines", MAJA, "skipped", "nothing-changed")
    line = stream.getvalue()
    assert line.startswith("job=digest event=creative-machines to=h:")
    assert line.endswith(" result=skipped reason=nothing-changed\n")


def test_what_is_not_known_is_left_out(journal, stream):
    """No empty values: a mail without a sender or a letter has neither key."""
    journal.mail_in(1, None, "gan", "none", "spam", "silent", "", 2)
    assert stream.getvalue() == "msg=1 in event=gan verdict=none intent=spam result=silent ms=2\n"


def test_addresses_are_plain_only_when_asked_for(stream):
    """log.addresses = "plain" is for debugging."""
    Journal(stream, "text", "info", names(SEAL, "plain"), {}).job("digest", "gan", MAJA, "sent")
    assert "to=maja.lind@example.org" in stream.getvalue()


def test_one_person_has_one_pseudonym(journal, stream):
    """Case does not make two people of one."""
    of = names(SEAL, "hash")
    assert of(Address("Maja.Lind", "example.org")) == of(MAJA) != of(Address("bo", "example.org"))


@pytest.mark.parametrize(
    "value", ["x\nmsg=1 in result=confirmed", "x\r\n<3>root", "x\x00\x1b[31m", "\u2028\u202e", 'a"b c=d', "\ud800"]
)
def test_a_value_cannot_begin_another_line_or_key(journal, stream, value):
    """Whatever a value holds, the line stays one line of ASCII, and the value stays in its quotes."""
    journal.warning("odd", value=value)
    line = stream.getvalue()
    assert line.count("\n") == 1
    assert line.isascii()
    assert line[:-1].isprintable()
    assert json.loads(line.removeprefix("warning=odd value=")) == value


@given(st.text(max_size=2000), st.sampled_from(["text", "json"]))
@settings(max_examples=150)
def test_any_value_makes_one_bounded_line(value, form):
    """Total over text: one line, ASCII, a value of at most 200 signs (and its escapes in JSON)."""
    stream = io.StringIO()
    Journal(stream, form, "info", names(SEAL, "hash"), {}).warning("odd", value=value)
    line = stream.getvalue()
    assert line.count("\n") == 1
    assert line.isascii()
    assert line[:-1].isprintable()
    if form == "json":
        assert len(json.loads(line).get("value", "")) <= 200
    else:
        assert len(line) <= len('warning=odd value=""\n') + 200


def test_addresses_in_other_words_are_hidden_as_well(journal, stream):
    """A reason that quotes an address does not name a person."""
    journal.warning(
        "relay", answer="no such user <maja.lind@example.org>, nor maja lind@", to="x" * 990 + " bo@example.org"
    )
    line = stream.getvalue()
    assert SEAL.pseudonym(MAJA.key) in line
    assert "maja.lind" not in line
    assert "lind@" not in line
    assert "bo" not in line


def test_json_has_stable_keys(stream):
    """One object a line; the bare word of the text form is `what`."""
    Journal(stream, "json", "info", names(SEAL, "hash"), {"JOURNAL_STREAM": "1:2"}).mail_in(
        7, MAJA, "gan", "dkim", "register", "confirmed", "registered", 3
    )
    line = json.loads(stream.getvalue())
    assert list(line) == ["level", "msg", "what", "from", "event", "verdict", "intent", "result", "letter", "ms"]
    assert (line["what"], line["msg"], line["ms"], line["level"]) == ("in", 7, 3, "info")


def test_the_systemd_journal_gets_a_priority(stream):
    """<6> is INFO, <4> WARNING, <3> ERROR."""
    journal = Journal(stream, "text", "info", names(SEAL, "hash"), {"JOURNAL_STREAM": "8:1234"})
    journal.stopping("SIGTERM")
    journal.warning("clock")
    journal.trouble("tick", ValueError())
    assert [line[:3] for line in stream.getvalue().splitlines()] == ["<6>", "<4>", "<3>"]


def test_a_stream_that_is_not_the_journal_gets_no_priority(tmp_path):
    """$JOURNAL_STREAM is inherited by children whose output goes elsewhere."""
    with (tmp_path / "log").open("w+") as file:
        there = os.fstat(file.fileno())
        Journal(file, "text", "info", str, {"JOURNAL_STREAM": "8:1"}).stopping("SIGTERM")
        Journal(file, "text", "info", str, {"JOURNAL_STREAM": f"{there.st_dev}:{there.st_ino}"}).stopping("SIGTERM")
    assert (tmp_path / "log").read_text() == "service=stopping reason=SIGTERM\n<6>service=stopping reason=SIGTERM\n"


def test_the_level_decides_what_is_written(stream):
    """At "error" the biographies are not written."""
    journal = Journal(stream, "text", "error", str, {})
    journal.reloaded(1, ("intake",))
    journal.warning("x")
    journal.not_reloaded(["site.domain: expected a domain\n  found 'x'"])
    assert stream.getvalue() == "service=not-reloaded problem=\"site.domain: expected a domain found 'x'\"\n"


def test_a_reload_says_what_waits_for_a_restart(journal, stream):
    """Only where something does."""
    journal.reloaded(2)
    journal.reloaded(2, ("intake", "health"))
    assert stream.getvalue() == "service=reloaded events=2\nservice=reloaded events=2 restart-for=intake,health\n"


def test_trouble_names_the_type_and_the_place_never_the_text(journal, stream):
    """An exception's text may quote a mail; its type and our innermost line do not."""
    try:
        peer_network(None)
        Address("a", "b").key.index("Specialkost: vegan")
    except ValueError as error:
        journal.trouble("handle", error)
        journal.mail_failed(8, "gan", 3, "parked", error)
        journal.mail_failed(8, "gan", 1, "again", error)
    lines = stream.getvalue().splitlines()
    assert lines[0].startswith("trouble=handle error=ValueError where=test_journal.py:")
    assert lines[1].startswith("msg=8 failed event=gan attempt=3 outcome=parked error=ValueError")
    assert "vegan" not in stream.getvalue()


def test_our_own_place_is_told_rather_than_the_library_s(journal, stream):
    """The innermost line inside mailflow, relative to the package."""
    try:
        Seal(b"").token("x", 3)
    except AttributeError as error:
        journal.trouble("seal", error)
    assert "where=mailflow/model/seal.py:" in stream.getvalue()


@pytest.mark.parametrize(
    ("peer", "network"),
    [
        ("192.0.2.77", "192.0.2.0/24"),
        ("2001:db8:1:2:3::4", "2001:db8:1::/48"),
        ("::ffff:192.0.2.77", "192.0.2.0/24"),
        ("", "local"),
        ("mx.example.org\n", "unknown"),
    ],
)
def test_a_peer_is_cut_to_its_network(journal, stream, peer, network):
    """No single machine stands in the log."""
    journal.refused(peer, Reply(550, "5.1.1", "No such event"))
    assert stream.getvalue() == f"refused={network} code=550 status=5.1.1\n"


def test_a_stream_that_fails_stops_nothing():
    """A full disk behind the log is not the mail's trouble."""

    class Full(io.StringIO):
        def write(self, text):
            raise OSError(28, "No space left on device")

    Journal(Full(), "text", "info", str, {}).stopping("SIGTERM")


def test_libraries_log_into_the_journal_without_their_arguments(journal, stream, loggers):
    """asyncio quotes what it was called with, aiosmtpd what it was sent: only their authors' words pass."""
    wire, loop = loggers
    attach_logging(journal)
    attach_logging(journal)  # as after a reload: not twice
    wire.warning("failed peer=%s at=%s error=%.300s", "192.0.2.7", "Smtp.data:41", repr(ValueError("Specialkost")))
    wire.warning("odd command %r of %d", b"DATA Specialkost", 7)
    wire.debug("not this")
    try:
        {}["Maja Lind"]
    except KeyError:
        loop.exception("Exception in callback Smtp.data(b'Maja Lind')\nhandle: <Handle>")
    lines = stream.getvalue().splitlines()
    assert lines[:2] == [
        'log=mailflow.wire message="failed peer=192.0.2.0/24 at=Smtp.data:41 error=ValueError"',
        "log=mailflow.wire message=\"odd command '?' of 7\"",
    ]
    assert lines[2].startswith('log=asyncio message="Exception in callback Smtp.data" error=KeyError where=test_jour')
    assert len(lines) == 3
    assert "Maja" not in stream.getvalue()
    assert "Specialkost" not in stream.getvalue()
