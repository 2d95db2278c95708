"""Who was not reached, by delivery reports of programs new and old."""

import json
import random
import time

import pytest

from mailflow.mail.refusal import Refusal, read_refusal
from mailflow.mail.report import FAILED_MOST, failed_recipients, read_report


def report(*groups, text="It failed.", kind="message/delivery-status", encoding="7bit"):
    status = "\n\n".join(["Reporting-MTA: dns; mx.example.org", *groups])
    return (
        (
            'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\nMIME-Version: 1.0\n\n'
            f"--b\nContent-Type: text/plain\n\n{text}\n--b\nContent-Type: {kind}\nContent-Transfer-Encoding: {encoding}\n\n"
            f"{status}\n\n--b\nContent-Type: message/rfc822\n\nTo: nobody@example.org\n\nhello\n--b--\n"
        )
        .replace("\n", "\r\n")
        .encode()
    )


def text(words, header=""):
    return f"{header}From: mailer-daemon@x.example\n\n{words}\n".replace("\n", "\r\n").encode()


def failed(content):
    return [str(address) for address in failed_recipients(content)]


def test_groups_that_failed_are_named_in_their_order():
    """One each; delayed and delivered ones are not; the words beside them do not count."""
    assert failed(
        report(
            "Final-Recipient: rfc822; <b@x.example>\nAction: failed\nStatus: 5.1.1",
            "Original-Recipient: rfc822;A@x.example\nFinal-Recipient: x400; c=se\nAction: Failed (for good)",
            "Final-Recipient: rfc822; late@x.example\nAction: delayed\nStatus: 4.4.1",
            "Final-Recipient: rfc822; fine@x.example\nAction: delivered\nStatus: 2.0.0",
            "Final-Recipient: rfc822;\n c@x.example\nAction: error\nStatus: 5.0.0",
            "Final-Recipient: rfc822; B@x.example\nAction: failed",
            text="<other@x.example>: no such user",
        )
    ) == ["b@x.example", "A@x.example", "c@x.example"]


def test_a_report_of_a_delay_names_nobody():
    """Also where its text does."""
    late = "Final-Recipient: rfc822; late@x.example\nAction: delayed\nStatus: 4.4.1"
    assert failed(report(late, text="<late@x.example>: not yet")) == []


def test_international_reports_are_read():
    """RFC 6533: the address in UTF-8."""
    group = "Final-Recipient: utf-8; åsa@räksmörgås.example\nAction: failed"
    (address,) = failed_recipients(report(group, kind="message/global-delivery-status", encoding="8bit"))
    assert address.local == "åsa"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("Hi. This is the qmail-send program.\n\n<a@x.example>:\nNo.\n\n<b@x.example>:\nNo.\n\n"
         "--- Below this line is a copy of the message.\n\n<c@x.example>:"), ["a@x.example", "b@x.example"]),
        (("The following address(es) failed:\n\n  a@x.example\n    SMTP error after RCPT TO:<a@x.example>:\n    550 no\n\n"
         "------ This is a copy of the message, including all the headers. ------\nTo: z@x.example"), ["a@x.example"]),
        ("Mailbox full: a@x.example\n\nOriginal message follows.\n\nb@x.example", ["a@x.example"]),
        ("While talking to mx:\n>>> RCPT To:<a@x.example>\n<<< 550 no\n   ----- Unsent message follows -----", ["a@x.example"]),
        ("There was an error delivering your mail to <a@x.example>.", ["a@x.example"]),
        ("From b@x.example to a@x.example, it says", []),
        ("To: a@x.example\nSubject: y\n\nwas too big, says b@x.example", []),
        ("It could not be delivered.", []),
    ],
)  # fmt: skip
def test_old_programs_say_it_in_words(words, expected):
    """At the start of a line or behind a colon, never from the copy of the mail; what is not certain is not said."""
    assert failed(text(words)) == expected


def test_a_header_that_names_them_beats_the_words():
    """Exim's and Gmail's X-Failed-Recipients."""
    assert failed(text("<c@x.example>: no", "X-Failed-Recipients: a@x.example,\n b@x.example\n")) == [
        "a@x.example", "b@x.example",
    ]  # fmt: skip


def test_every_report_of_the_samples_is_read(shared):
    """52 of them, from forty programs."""
    folder = shared / "samples" / "mail"
    wrong = []
    for line in (folder / "truth.jsonl").read_text(encoding="utf-8").splitlines():
        truth = json.loads(line)
        if truth["kind"] == "bounce" and truth["failed"] is not None:
            found = {address.key for address in failed_recipients((folder / truth["file"]).read_bytes())}
            other = found - set(truth["failed"])
            if other - set(truth.get("also") or ()) or len(found) != len(truth["failed"]):
                wrong.append((truth["file"], found))
    assert not wrong


def test_it_never_raises_and_is_bounded(shared):
    """Broken, cut and hostile ones; never more than fifty addresses, never longer than it takes to read them."""
    chance = random.Random(3)
    group = "Final-Recipient: rfc822; b@x.example\nAction: failed\nStatus: 5.1.1"
    whole = report(group)
    for _ in range(500):
        broken = bytearray(whole[: chance.randrange(1, len(whole))])
        broken[chance.randrange(len(broken))] = chance.randrange(256)
        failed_recipients(bytes(broken))
    begun = time.perf_counter()
    many = "\n\n".join(f"Final-Recipient: rfc822; a{n}@x.example\nAction: failed" for n in range(150))
    assert len(failed_recipients(report(many))) == FAILED_MOST
    for token in (b"a@x.example ", b"<", b"@", b": ", b"Final-Recipient: ", b"\r\n\r\n", b"--b\r\n", b"rcpt to:"):
        failed_recipients(b"Subject: x\r\n\r\n" + token * (1_000_000 // len(token)))
        failed_recipients(report(token.decode() * (200_000 // len(token))))
    assert time.perf_counter() - begun < 5


GIVEN_BACK = (
    "--b\r\nContent-Type: text/rfc822-headers\r\n\r\nFrom: gan@x.example\r\n"
    "Message-ID:\r\n <registered.7M2KQ9XD.abc@events.example>\r\n\r\n--b--\r\n"
)


def test_the_mail_that_is_given_back_names_itself():
    """Its Message-ID, folded or not, in a part of its own or below the words of an old program; not the report's own."""
    status = "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; x\r\n\r\n"
    head = 'Message-ID: <own@mx.example>\r\nContent-Type: multipart/report; boundary="b"\r\n\r\n'
    assert read_report((head + status + GIVEN_BACK).encode()).ids == ("registered.7M2KQ9XD.abc@events.example",)
    old = text("<a@x.example>: no\n\n--- Below this line is a copy.\n\nMessage-Id: <status.1.x@events.example>\n")
    assert read_report(old).ids == ("status.1.x@events.example",)
    many = text("\n".join(f"Message-ID: <{n}@x.example>" for n in range(100)))
    assert len(read_report(many).ids) == 5


@pytest.mark.parametrize(
    ("kind", "complaint"),
    [("abuse", True), ("Fraud", True), ("a-new-one", True), ("not-spam", False), ("auth-failure", False)],
)
def test_a_complaint_is_told_from_other_feedback(kind, complaint):
    """RFC 5965: of a type that we do not know, too; nobody in it was not reached."""
    mail = (
        'Content-Type: multipart/report; report-type=feedback-report; boundary="b"\r\n\r\n'
        f"--b\r\nContent-Type: message/feedback-report\r\n\r\nFeedback-Type: {kind}\r\nVersion: 1\r\n\r\n{GIVEN_BACK}"
    ).encode()
    report = read_report(mail)
    assert (report.complaint, report.failed) == (complaint, ())
    assert report.ids == ("registered.7M2KQ9XD.abc@events.example",)


@pytest.mark.parametrize(
    ("status", "said", "expected"),
    [
        ("5.1.1", "smtp; 550 5.2.2 over quota", Refusal("5.1.1", 550, "full")),
        ("5.0.0", "smtp; 550-5.1.1 no such user", Refusal("5.1.1", 550, "unknown")),
        ("5.0.0 (permanent failure)", "smtp; 554 no", Refusal("5.0.0", 554, "")),
        ("", "550 mailbox unavailable", Refusal("", 550, "unknown")),
        ("", "host 192.0.2.55[192.0.2.55] said: 450 4.2.2 mailbox full", Refusal("4.2.2", 450, "full")),
        ("5.7.1", "smtp; 554 blocked using the DNSBL", Refusal("5.7.1", 554, "policy")),
        ("nonsense", "", Refusal()),
    ],
)
def test_a_refusal_is_its_status_its_code_and_its_words(status, said, expected):
    """A status that says nothing gives way to one in the text; addresses of hosts are none."""
    assert read_refusal(status, said) == expected


def test_an_old_program_that_is_still_trying_says_so():
    """Whom it names was not given up."""
    words = "<a@x.example>: connection refused\n\nThis is a warning message only. You do not need to resend."
    report = read_report(text(words))
    assert [one.outcome for one in report.recipients] == ["delayed"]
    assert report.failed == ()
