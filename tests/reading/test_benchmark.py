"""`benchmarks/reading.py`: which mails it reads, what it knows beside them, and that nothing stops it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

import benchmarks.corpus
from benchmarks.corpus import Corpus, Refused, tag_of
from benchmarks.reading import read_one
from benchmarks.rows import outcome
from mailflow.mail.address import Address
from mailflow.mail.message import Message
from mailflow.model.command import Command, OrderLine, Orders
from mailflow.model.intent import CalendarReply, Cancel, Proposed, Register, Silent, Yes

SCRIPT = Path(benchmarks.corpus.__file__).with_name("reading.py")
MAIL = "From: {sender}\nTo: {to}\nSubject: {subject}\nDate: Tue, 3 Mar 2026 10:47:29 +0100\nMessage-ID: <1@x.example>\n"
PASS = "Authentication-Results: mx.site.example; dmarc={verdict} header.from=example.org\n"
KNOWN = {
    "authserv_id": "mx.site.example",
    "now": "2026-03-08 07:05:11+01:00",
    "services": [
        {
            "address": "gan@site.example", "name": "GAN day", "default_language": "en",
            "organisers": ["Kim@example.org"],
            "event": {"title": "All about GANs", "aliases": ["GAN"], "uid": "gan-2026@site.example",
                      "sessions": [{"id": "dinner", "en": "dinner", "sv": "middag"}],
                      "questions": [{"id": "laptop", "en": "Own laptop", "sv": "Egen dator", "type": "bool"}]},
        },
    ],
    "sent": {"<q.1@site.example>": {"kind": "confirm-request", "to": "ada@example.org", "token": "t1", "service": "gan@site.example"}},
    "tokens": {
        "t1": {"purpose": "confirm", "email": "ada@example.org", "service": "gan@site.example"},
        "t2": {"purpose": "cancel", "email": "ada@example.org", "service": "gan@site.example"},
        "t3": {"purpose": "remind-off", "email": "ada@example.org", "service": "kurs@site.example"},
    },
    "sender_state": {"a.eml": {"state": "waitlisted"}},
}  # fmt: skip


def mail(sender="Ada Berg <ada@example.org>", to="gan@site.example", subject="", body="register", extra=""):
    return (MAIL.format(sender=sender, to=to, subject=subject) + extra + "\n" + body + "\n").encode()


@pytest.fixture
def folder(tmp_path):
    """Makes a folder of mails, with what is known if anything is."""

    def make(mails, known=None, paths=None):
        for name, content in mails.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_bytes(content)
        for name, value in (("context.json", known), ("envelope.json", paths)):
            if value is not None:
                (tmp_path / name).write_text(json.dumps(value))
        return tmp_path

    return make


def context(folder, **headers):
    content = mail(**headers).replace(b"\n", b"\r\n")
    return Corpus(folder({}, KNOWN)).prepare("a.eml", content).context


def test_it_prints_a_row_for_each_mail_as_it_comes(folder):
    """One object a line, every .eml below the folder, by its path there; the summary goes to stderr."""
    there = folder({"b.eml": mail(), "deep/er/a.eml": mail(body="help"), "note.txt": b"no mail"})
    run = subprocess.run([sys.executable, SCRIPT, there, "--summary"], capture_output=True, text=True, check=True)
    rows = [json.loads(line) for line in run.stdout.splitlines()]
    assert [(row["file"], row["intent"]) for row in rows] == [("b.eml", "register"), ("deep/er/a.eml", "help")]
    assert list(rows[0]) == ["file", "intent", "mode", "fields", "secondary", "language", "evidence", "seconds"]
    assert rows[0]["fields"] == {"email": "ada@example.org", "name": "Ada Berg"}
    assert 0 < rows[0]["seconds"] < 5
    assert "policy.default" in run.stderr


def test_the_envelopes_file_names_the_mails_and_their_reverse_paths(folder):
    """Any suffix, exactly those; "" is the null path, which no person writes from."""
    there = folder({"a": mail(), "b.txt": mail(), "c.eml": mail()}, paths={"b.txt": "", "a": "ada@example.org"})
    rows = [read_one(Corpus(there), name) for name in Corpus(there).files()]
    assert [(row["file"], row["intent"]) for row in rows] == [("a", "register"), ("b.txt", "auto-reply")]


def test_without_return_path_the_sender_is_the_reverse_path(folder):
    """Not the null path: that would make a robot of everybody whose mail was saved by a mail program."""
    there = folder({"a.eml": mail(), "b.eml": b"Return-Path: <>\n" + mail()})
    assert [read_one(Corpus(there), name)["intent"] for name in ("a.eml", "b.eml")] == ["register", "auto-reply"]


def test_a_mail_that_breaks_the_reader_does_not_end_the_run(folder, monkeypatch):
    """It says so, and people get it; a file that is not there is no better."""
    corpus = Corpus(folder({"a.eml": mail()}, paths={"a.eml": "a@x.example", "gone.eml": ""}))
    assert read_one(corpus, "gone.eml")["crashed"] is True
    monkeypatch.setattr(benchmarks.corpus, "judge", lambda _case: 1 / 0)
    row = read_one(corpus, "a.eml")
    assert (row["crashed"], row["intent"], row["evidence"]) == (True, "ask", ["ZeroDivisionError: division by zero"])


def test_what_the_door_refuses_is_refused(folder):
    """Too big, or over a limit of the parser."""
    many = b"Content-Type: multipart/mixed; boundary=a\n" + mail() + b"--a\n\n" * 5000
    corpus = Corpus(folder({"big.eml": mail(body="x" * 10 * 1024 * 1024), "parts.eml": many}))
    rows = [read_one(corpus, name) for name in corpus.files()]
    assert [(row["file"], row["intent"], "crashed" in row) for row in rows] == [
        ("big.eml", "refused", False), ("parts.eml", "refused", False),
    ]  # fmt: skip
    with pytest.raises(Refused):
        corpus.octets("big.eml")


def test_what_is_known_is_told_to_the_reader(folder):
    """Event, questions, titles, standing; our letters by our own names."""
    known = context(folder, extra="In-Reply-To: <q.1@site.example>\n")
    assert (known.domain, known.event, known.standing) == ("site.example", "gan", "waiting")
    assert (known.answered, known.asked, known.thread) == ("please_confirm", True, True)
    assert known.titles == ("All about GANs", "GAN", "GAN day", "gan")
    assert {q.id: q.kind for q in known.questions} == {
        "diet": "choices", "affiliation": "text", "laptop": "yes_no", "sessions": "sessions",
    }  # fmt: skip


def test_without_context_the_recipient_is_the_event(folder):
    """And nobody is known; somebody who wrote to himself is no letter of ours that came back."""
    corpus = Corpus(folder({}))
    known = corpus.prepare("", mail(to="Ada <ada@example.org>, Fest <fest@Uni.Example>")).context
    assert (known.domain, known.event, known.standing) == ("uni.example", "fest", "none")
    assert not known.thread
    assert read_one(Corpus(folder({"a.eml": mail(to="ada@example.org")})), "a.eml")["intent"] == "register"


@pytest.mark.parametrize(
    ("detail", "sender", "found"),
    [("confirm=t1", "ada@example.org", ("confirm", "t1")), ("confirm=t1", "bo@example.net", ("confirm", "t1")),
     ("cancel=t2", "ada@example.org", ("cancel", "t2")), ("cancel=t2", "bo@example.net", ("", "")),
     ("confirm=t2", "ada@example.org", ("", "")), ("unsubscribe=t3", "ada@example.org", ("", "")),
     ("cancel=nonsense", "ada@example.org", ("", "")), ("lunch", "ada@example.org", ("", ""))],
)  # fmt: skip
def test_a_tag_counts_with_a_token_of_the_sender(detail, sender, found):
    """Only confirming may be done from another address; a token for another thing or event is none."""
    assert tag_of(detail, KNOWN["tokens"], "gan@site.example", sender) == found


def test_an_organiser_is_who_the_border_vouches_for(folder, monkeypatch):
    """On the list and dmarc=pass by the believed server; a forged verdict of another server is nobody's word."""
    told = []

    def listen(message, envelope, context):
        told.append(context.organiser)
        return real(message, envelope, context)

    real = sys.modules["mailflow.service.study"].read
    monkeypatch.setattr("mailflow.service.study.read", listen)
    kim = mail(sender="kim@example.org")
    good, bad = PASS.format(verdict="pass").encode(), PASS.format(verdict="fail").encode()
    forged = good.replace(b"mx.site", b"mx.evil")
    mails = {"1.eml": good + kim, "2.eml": bad + kim, "3.eml": forged + kim, "4.eml": kim, "5.eml": good + mail()}
    corpus = Corpus(folder(mails, KNOWN))
    for name in corpus.files():
        corpus.row(name, corpus.octets(name))
    assert told == [True, False, False, False, False]


def test_a_failed_sender_is_asked_back_at_most(folder):
    """dmarc=fail by our own border: proposed; the same words with dmarc=pass are done."""
    mails = {f"{verdict}.eml": PASS.format(verdict=verdict).encode() + mail() for verdict in ("fail", "pass", "none")}
    corpus = Corpus(folder(mails, KNOWN))
    modes = {name: read_one(corpus, name)["mode"] for name in corpus.files()}
    assert modes == {"fail.eml": "propose", "none.eml": "propose", "pass.eml": "act"}


def test_the_state_and_the_proof_bound_what_is_done(folder):
    """A stranger's cancellation and a forged command go to people; robots' mail and questions stay what they are."""
    confirmed = context(folder)
    nobody = Corpus(folder({}, KNOWN)).prepare("unknown.eml", mail()).context
    assert outcome(Cancel(), confirmed, known=True, doubted=False) == ("cancel", "act")
    assert outcome(Cancel(), nobody, known=True, doubted=False) == ("ask", "act")
    assert outcome(Cancel(), nobody, known=False, doubted=False) == ("cancel", "act")
    assert outcome(Orders((OrderLine("close", Command("close")),)), confirmed, known=True, doubted=False) == ("org-close", "act")
    assert outcome(Orders((OrderLine("close", Command("close")),)), confirmed, known=True, doubted=True) == ("ask", "act")
    assert outcome(Proposed(Register()), confirmed, known=True, doubted=False) == ("register", "propose")
    assert outcome(Silent("bounce"), confirmed, known=True, doubted=True) == ("bounce", "act")
    assert outcome(Yes(), confirmed, known=True, doubted=True) == ("confirm", "propose")


def test_the_events_one_calendar_uid_is_read_as_a_persons(folder):
    """The corpora have one UID for each event, ours has one for each person."""
    calendar = (
        "BEGIN:VCALENDAR\nMETHOD:REPLY\nBEGIN:VEVENT\nUID:gan-2026@site.example\n"
        "ATTENDEE;PARTSTAT=DECLINED:mailto:ada@example.org\nEND:VEVENT\nEND:VCALENDAR"
    )
    extra = "MIME-Version: 1.0\nContent-Type: text/calendar; method=REPLY\n"
    corpus = Corpus(folder({}, KNOWN))
    row, reading = corpus.row("a.eml", mail(body=calendar, extra=extra).replace(b"\n", b"\r\n"))
    assert isinstance(reading.intent, CalendarReply)
    assert (row["intent"], row["fields"]["partstat"]) == ("imip", "DECLINED")


def test_a_bounce_names_the_addresses_that_failed(folder):
    """In `failed` for everybody, and in the fields as score_intents.py compares them."""
    from benchmarks.rows import fields

    lost = Silent("bounce", (Address("old", "x.example"),))
    assert fields(lost, Message(None), "") == {"failed": "old@x.example"}
    row = read_one(Corpus(folder({"a.eml": mail(sender="mailer-daemon@x.example")}, paths={"a.eml": ""})), "a.eml")
    assert (row["intent"], row["failed"]) == ("bounce", [])


def test_an_international_address_is_shown_as_it_was_written(folder):
    """Two forms, one address: the row has that of the mail."""
    mails = {"u.eml": mail(sender="åsa@räksmörgås.example"), "a.eml": mail(sender="ada@xn--rksmrgs-5wao1o.example")}
    corpus = Corpus(folder(mails))
    found = {name: read_one(corpus, name)["fields"]["email"] for name in corpus.files()}
    assert found == {"u.eml": "åsa@räksmörgås.example", "a.eml": "ada@xn--rksmrgs-5wao1o.example"}
