import json
import time
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailflow.mail.address import parse_address
from mailflow.mail.message import Attachment
from mailflow.mail.parse import UNREADABLE, parse, read_date

FROM = b"From: Anna Ek <anna@example.org>\r\n"
MB = 1_000_000


def mail(body=b"Hello\r\n", *fields, content_type=b""):
    lines = [*fields, b"Content-Type: " + content_type] if content_type else list(fields)
    return FROM + b"".join(line + b"\r\n" for line in lines) + b"\r\n" + body


def multipart(kind, *parts, boundary=b"=b"):
    pieces = b"".join(b"--" + boundary + b"\r\n" + part + b"\r\n" for part in parts)
    return mail(pieces + b"--" + boundary + b"--\r\n", content_type=kind + b'; boundary="' + boundary + b'"')


PLAIN = b"Content-Type: text/plain; charset=utf-8\r\n\r\nHello Ada"
HTML = b"Content-Type: text/html; charset=utf-8\r\n\r\n<p>Hello <b>Ada</b></p>"


def test_the_fields_of_a_mail_are_values():
    """Sender, subject, date, identifiers without brackets, recipients."""
    message = parse(
        mail(
            b"Hello\r\n",
            b"Subject: =?utf-8?q?Anm=C3=A4lan?=\r\n till  GAN",
            b"Date: Tue, 3 Mar 2026 07:05:11 +0100",
            b"Message-ID: <1@example.org>",
            b"In-Reply-To: <a@x> <b@x>",
            b"References: <c@x>\r\n <a@x>",
            b"To: GAN <gan@events.example>, Bo <bo@example.org>",
            b"Cc: gan@events.example",
        )
    )
    assert message.sender == parse_address("anna@example.org")
    assert (message.sender_name, message.subject) == ("Anna Ek", "Anmälan till GAN")
    assert message.date == datetime(2026, 3, 3, 6, 5, 11, tzinfo=UTC)
    assert (message.message_id, message.in_reply_to, message.references) == (
        "1@example.org",
        ("a@x", "b@x"),
        ("c@x", "a@x"),
    )
    assert [str(address) for address in message.to] == ["gan@events.example", "bo@example.org"]
    assert (message.text, message.html_only, message.parts) == ("Hello\n", False, ("text/plain",))
    assert (message.defects, message.refused, message.answer, message.attachments) == ((), "", None, ())
    assert message.header("subject") == "=?utf-8?q?Anm=C3=A4lan?= till  GAN"
    assert message.headers[0] == ("from", "Anna Ek <anna@example.org>")


def test_raw_octets_in_headers_are_kept_and_read():
    """The undecoded value has them escaped; subject and sender are UTF-8."""
    message = parse("From: Åsa <åsa@example.org>\r\nSubject: Anmälan\r\n\r\nHej".encode())
    assert (message.sender_name, str(message.sender), message.subject) == ("Åsa", "åsa@example.org", "Anmälan")
    assert message.header("subject").encode("ascii", "surrogateescape") == "Anmälan".encode()


def test_only_the_last_fifty_references_count():
    """A thread may be long; the end of it is what was answered."""
    message = parse(mail(b"", b"References: " + b" ".join(b"<%d@x>" % n for n in range(80))))
    assert (len(message.references), message.references[-1]) == (50, "79@x")


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("Tue, 3 Mar 2026 07:05:11 +0100", datetime(2026, 3, 3, 6, 5, 11, tzinfo=UTC)),
        ("3 Mar 26 07:05 GMT", datetime(2026, 3, 3, 7, 5, tzinfo=UTC)),
        ("Tue, 3 Mar 2026 07:05:11", datetime(2026, 3, 3, 7, 5, 11, tzinfo=UTC)),
        ("Tue, 3 Mar 2026 07:05:11 +9999999999", None),
        ("Tue, 30 Feb 2026 07:05:11 +0100", None),
        ("Tue, 3 Mar 99999 07:05:11 +0100", None),
        ("1 Jan 1 00:00:00 +0100", datetime(2000, 12, 31, 23, 0, tzinfo=UTC)),
        ("yesterday", None),
        ("", None),
    ],
)
def test_a_date_is_utc_or_nothing(field, expected):
    """Zones are applied, nonsense is absent."""
    assert read_date(field) == expected


def test_two_from_fields_are_no_sender():
    """Which of them would a program show?"""
    message = parse(FROM + mail())
    assert message.sender is None
    assert "from more than once" in message.defects


def test_plain_text_is_preferred_to_html():
    """Both say the same, and the first needs no reading of tags."""
    message = parse(multipart(b"multipart/alternative", PLAIN, HTML))
    assert (message.text, message.html_only) == ("Hello Ada", False)
    assert message.parts == ("multipart/alternative", "text/plain", "text/html")


@pytest.mark.parametrize(
    "stub", [b"", b"  \r\n\r\n", b"This message is in HTML format. Use another program.", b"\xe2\x80\x8b"]
)
def test_html_is_read_where_the_plain_text_is_a_stub(stub):
    """Empty, or words that the HTML does not have."""
    message = parse(
        multipart(b"multipart/alternative", b"Content-Type: text/plain; charset=utf-8\r\n\r\n" + stub, HTML)
    )
    assert (message.text, message.html_only) == ("Hello Ada", True)


def test_plain_text_stays_where_the_html_is_empty():
    """Apple's answers come with an empty HTML part."""
    message = parse(multipart(b"multipart/alternative", PLAIN, b"Content-Type: text/html\r\n\r\n<html></html>"))
    assert (message.text, message.html_only) == ("Hello Ada", False)


def test_words_in_entities_are_no_reason_to_read_the_html():
    """The comparison is made with what the HTML says, not with how it is written."""
    plain = "Content-Type: text/plain; charset=utf-8\r\n\r\nÅhörarläktaren på övervåningen är öppen".encode()
    html = b"Content-Type: text/html\r\n\r\n" + "Åhörarläktaren på övervåningen är öppen".encode(
        "ascii", "xmlcharrefreplace"
    )
    assert parse(multipart(b"multipart/alternative", plain, html)).html_only is False


def test_flowed_text_is_joined_and_invisible_signs_go():
    """format=flowed with DelSp; U+FEFF, U+200B and no-break spaces (understanding.md §2.6, 1)."""
    body = "\ufeffJag vill an \r\nmäla\u00a0mig\u200b\r\n".encode()
    message = parse(mail(body, content_type=b"text/plain; charset=utf-8; format=flowed; delsp=yes"))
    assert message.text == "Jag vill anmäla mig\n"


@pytest.mark.parametrize(
    ("charset", "text"),
    [(b"x-unknown", "utf-8"), (b"us-ascii", "utf-8"), (b"iso-8859-1", "utf-8"), (b"utf-8", "latin-1")],
)
def test_wrong_charsets_lose_no_letter(charset, text):
    """The label is a hint (understanding.md §2.7)."""
    assert parse(mail("Måste".encode(text), content_type=b"text/plain; charset=" + charset)).text == "Måste"


def test_files_are_listed_and_not_opened():
    """Names decoded, without path or controls; sizes as they came."""
    message = parse(
        multipart(
            b"multipart/mixed",
            PLAIN,
            b'Content-Type: application/pdf; name="=?utf-8?q?=C3=A5.pdf?="\r\nContent-Transfer-Encoding: base64\r\n\r\nJVBERi0=',
            b"Content-Type: text/plain\r\nContent-Disposition: attachment; filename*=utf-8''..%2F..%2Fa%0Ab.txt\r\n\r\nnot the text",
            b"Content-Type: image/png\r\n\r\nxx",
        )
    )
    assert message.text == "Hello Ada"
    assert message.attachments == (
        Attachment("å.pdf", "application/pdf", 8),
        Attachment("a b.txt", "text/plain", 12),
        Attachment("", "image/png", 2),
    )


def test_a_message_inside_is_a_file():
    """Forwarded as an attachment: its text and its calendar are somebody else's."""
    inner = b"From: b@example.org\r\nContent-Type: text/calendar\r\n\r\nBEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nBEGIN:VEVENT\r\nUID:u\r\n"
    message = parse(multipart(b"multipart/mixed", PLAIN, b"Content-Type: message/rfc822\r\n\r\n" + inner))
    assert (message.text, message.answer) == ("Hello Ada", None)
    assert [file.content_type for file in message.attachments] == ["message/rfc822"]
    whole = parse(mail(inner, content_type=b"message/rfc822"))
    assert (whole.text, whole.answer, whole.parts) == ("", None, ("message/rfc822",))


def test_of_a_report_only_the_first_text_is_read():
    """The rest is for machines, or our own letter coming back."""
    ours = b"Content-Type: text/plain\r\n\r\nReply CANCEL"
    calendar = b"Content-Type: text/calendar\r\n\r\nBEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nBEGIN:VEVENT\r\nUID:u\r\n"
    message = parse(
        multipart(
            b"multipart/report", PLAIN, b"Content-Type: message/delivery-status\r\n\r\nAction: failed", ours, calendar
        )
    )
    assert (message.text, message.answer) == ("Hello Ada", None)


def test_signed_and_nested_mail_is_read():
    """multipart/signed around multipart/related around multipart/alternative."""
    inner = (
        b"Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\n"
        + PLAIN
        + b"\r\n--b\r\n"
        + HTML
        + b"\r\n--b--\r\n"
    )
    middle = b"Content-Type: multipart/related; boundary=bb\r\n\r\n--bb\r\n" + inner + b"\r\n--bb--\r\n"
    message = parse(multipart(b"multipart/signed", middle, b"Content-Type: application/pgp-signature\r\n\r\nx"))
    assert (message.text, len(message.parts)) == ("Hello Ada", 6)


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (mail(b"--b\r\n\r\nHello", content_type=b"multipart/mixed; boundary=b"), "Hello"),
        (mail(b"Hello", content_type=b"multipart/mixed; boundary=b"), "Hello"),
        (mail(b"Hello", content_type=b"multipart/mixed"), "Hello"),
        (mail(b"Hello", content_type=b"text"), "Hello"),
        (mail(b"Hello", content_type=b'text/plain; charset="'), "Hello"),
        (FROM + b"Hello there\r\nmy dears\r\n", "Hello there\nmy dears\n"),
        (FROM.replace(b"\r\n", b"\n") + b"\nHello\nLF\n", "Hello\nLF\n"),
        (FROM + b"\r\nHel\0lo\rCR", "Hello\nCR"),
        (FROM + b"\r\n", ""),
        (FROM, ""),
    ],
)
def test_broken_mail_is_read_as_far_as_it_goes(content, text):
    """No end of the parts, no boundary, no type, no empty line after the header, other line ends."""
    message = parse(content)
    assert message.text == text
    assert message.sender == parse_address("anna@example.org")


def test_text_is_bounded():
    """256 KiB, whatever the charset."""
    assert len(parse(mail(b"x" * MB)).text) == 256 * 1024
    text = parse(mail("å".encode() * MB)).text
    assert len(text.encode()) <= 256 * 1024


def nested(depth):
    content = FROM
    for level in range(depth):
        content += b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (level, level)
    return content + b"\r\nHello"


@pytest.mark.parametrize(
    ("bomb", "why"),
    [
        (nested(11), "parts nested deeper than 10"),
        (nested(200), "parts nested deeper than 10"),
        (mail(b"--b\r\n\r\nx\r\n" * 101, content_type=b"multipart/mixed; boundary=b"), "over 100 parts"),
        (
            mail(b"--b\r\n\r\nx\r\n" * 100_000, content_type=b"multipart/mixed; boundary=b"),
            "over 400 lines that begin with --",
        ),
        (mail(b"", *[b"X: y"] * 100_000), "header over 128 KiB"),
        (FROM + b"X: " + b"x" * 5 * MB, "header over 128 KiB"),
        (multipart(b"multipart/mixed", b"X: " + b"x" * MB), "header of a part over 64 KiB"),
        (multipart(b"multipart/mixed", b"Content-Type: " + b"x" * 2001 + b"\r\n\r\n"), "header of a part over a limit"),
        (
            multipart(b"multipart/report", b"Content-Type: message/delivery-status\r\n\r\n" + b"a: b\r\n\r\n" * 201),
            "report over 200 groups",
        ),
    ],
    ids=range(9),
)
def test_a_bomb_is_refused_quickly(bomb, why):
    """Limits are found before the work is done."""
    start = time.process_time()
    message = parse(bomb)
    assert time.process_time() - start < 0.3
    assert (message.refused, message.sender, message.text) == (why, None, "")


@pytest.mark.parametrize(
    "bomb",
    [
        nested(10), mail(b"x" * 5 * MB), mail(b"\r\n" * 5 * MB), mail(b"\n" * 10 * MB), mail(b"\0" * 10 * MB),
        mail(b"QUJD" * 2 * MB, b"Content-Transfer-Encoding: base64"),
        mail(b"=C3=A5" * MB, b"Content-Transfer-Encoding: quoted-printable"),
        mail(b"a \r\n" * 2 * MB, content_type=b"text/plain; format=flowed"),
        mail(b">" * 10 * MB, content_type=b"text/plain; format=flowed"),
        mail(b"<div>" * 2 * MB, content_type=b"text/html"), mail(b"<!--" * 2 * MB, content_type=b"text/html"),
        mail(b"<p>x" * 2 * MB, content_type=b"text/html"),
        mail("\u0301\u0316".encode() * 2 * MB), mail(b"\x1b$B" * 3 * MB, content_type=b"text/plain; charset=iso-2022-jp"),
        mail(b"--bb\r\n" * 399 + b"x" * 9 * MB, content_type=b"multipart/mixed; boundary=b"),
        multipart(b"multipart/mixed", *[b"Content-Type: text/calendar\r\n\r\nBEGIN:VCALENDAR\r\n" + b"BEGIN:VEVENT\r\n" * 4000] * 90),
        multipart(b"multipart/mixed", *[b"Content-Type: text/html\r\n\r\n" + b"<p>x" * 60_000] * 20),
        mail(b"", b"To: " + b"(" * 32_000), mail(b"", b"Subject: " + b"=?a?q?" * 660), mail(b"", b"References: " + b"<" * 16_000),
        mail(b"", content_type=b"multipart/mixed; " + b"a*0=b; " * 280),
    ],
    ids=range(21),
)  # fmt: skip
def test_a_bomb_within_the_limits_takes_no_time(bomb):
    """Ten megabytes cost half a second at most on a busy machine; the aim is 0.3 s."""
    start = time.process_time()
    message = parse(bomb)
    assert time.process_time() - start < 0.9
    assert message is not UNREADABLE


FRAGMENTS = [
    b"From: a@b.se", b"From: ", b"Subject: =?utf-8?b?", b"Content-Type: multipart/mixed; boundary=b", b"\r\n", b"\r\n\r\n", b"\n",
    b"Content-Type: text/html", b"Content-Type: text/calendar; method=REPLY", b"--b", b"--b--", b"BEGIN:VCALENDAR", b"BEGIN:VEVENT",
    b"Content-Transfer-Encoding: base64", b"<p>", b"<a ", b"&#", b"\xff", b"\0", b" ", b"Date: 1 Jan 2026", b"To: (", b'"', b"=?",
    b"Content-Type: text/plain; format=flowed; charset=gb2312", b"Content-Disposition: attachment; filename*0*=a%", b"Message-ID: <",
]  # fmt: skip


@settings(max_examples=400)
@given(st.binary(max_size=300) | st.lists(st.sampled_from(FRAGMENTS), max_size=40).map(b"".join))
def test_any_octets_become_a_message(content):
    """Never an exception, and nothing so far that was given up as unreadable."""
    message = parse(content)
    assert message is not UNREADABLE
    assert "\r" not in message.text
    assert "\n" not in message.subject + message.sender_name + message.message_id


def test_what_cannot_be_read_is_a_message_too():
    """Whatever goes wrong inside ends in one value, and never reaches the caller."""
    assert parse(None) is UNREADABLE
    assert UNREADABLE.defects == ("unreadable",)


def test_the_mails_of_other_projects_are_read(shared):
    """137 mails from the test suites of other mail programs, and the reading and calendar corpora, each in milliseconds."""
    files = sorted(shared.glob("samples/**/*.eml"))
    assert len(files) > 1000
    start = time.process_time()
    for file in files:
        message = parse(file.read_bytes())
        assert message is not UNREADABLE, file.name
        assert not message.refused, file.name
        if "reading" in file.parts or "calendar" in file.parts:
            assert message.sender, file.name
    assert (time.process_time() - start) / len(files) < 0.01


def test_most_senders_of_other_projects_mails_are_read(shared):
    """Everybody who must not be swallowed has an address that an answer can go to."""
    folder = shared / "samples" / "mail"
    truth = [json.loads(line) for line in (folder / "truth.jsonl").read_text("utf-8").splitlines()]
    people = [entry["file"] for entry in truth if entry["kind"] == "human"]
    lost = [file for file in people if parse((folder / file).read_bytes()).sender is None]
    assert len(lost) <= 3, lost
