import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailflow.mail.headers import is_damaged
from mailflow.mail.prescan import fingerprint_of, prescan

FROM = b"From: Anna <anna@example.org>\r\n"
MB = 1_000_000


def test_an_ordinary_mail_has_nothing_to_say():
    """No limit, no defect, no damage."""
    scan = prescan(FROM + b"Received: by x\r\nReceived: by y\r\nSubject: a\r\n folded\r\n\r\nHello\r\n")
    assert (scan.refused, scan.defects, scan.damaged, scan.received) == ("", (), False, 2)


@pytest.mark.parametrize(
    ("header", "why"),
    [
        (b"X: y\r\n" * 301, "over 300 header fields"),
        (b"X-A: y\r\n" * 100_000, "header over 128 KiB"),
        (b"X: y" + b"\r\n z" * 401 + b"\r\n", "over 400 folds in a field"),
        (b"X" * 77 + b": y\r\n", "field name over 76 octets"),
        (b"Subject: " + b"x" * 4001 + b"\r\n", "header field too long"),
        (b"Date: " + b"x" * 201 + b"\r\n", "header field too long"),
        (b"Content-Type: " + b"x" * 2001 + b"\r\n", "header field too long"),
        (b"DKIM-Signature: " + b"x" * 8193 + b"\r\n", "header field too long"),
        (b"ARC-Seal: " + b"x" * 8193 + b"\r\n", "header field too long"),
        (b"References: " + b"x" * 16_385 + b"\r\n", "header field too long"),
        (b"To: " + b"x" * 32_769 + b"\r\n", "header field too long"),
        (b"DKIM-Signature: v=1\r\n" * 9, "over 8 signatures"),
    ],
)
def test_a_header_over_a_limit_is_refused(header, why):
    """Each limit of the table has its own words."""
    assert prescan(FROM + header + b"\r\nHello\r\n").refused == why


def test_a_header_at_its_limits_passes():
    """One less of everything is not refused."""
    header = b"X: y" + b"\r\n z" * 400 + b"\r\nTo: " + b"x" * 32_000 + b"\r\n" + b"DKIM-Signature: v=1\r\n" * 8
    assert prescan(FROM + header + b"Y: z\r\n" * 250 + b"\r\n" + b"--x\r\n" * 400).refused == ""


def test_many_boundary_lines_are_refused():
    """Whoever writes 401 lines that begin with -- wants to be split often."""
    assert prescan(FROM + b"\r\n" + b"--x\r\n" * 401).refused == "over 400 lines that begin with --"


@pytest.mark.parametrize(
    ("content", "defect"),
    [
        (FROM + b"no colon here\r\nSubject: x\r\n\r\n", "line that is no field"),
        (FROM + b"N\xc3\xa4me: x\r\nSubject: x\r\n\r\n", "line that is no field"),
        (FROM + b"Subject : x\r\n\r\n", "blank before a colon"),
        (b" folded\r\n" + FROM + b"\r\n", "continuation as first line"),
        (b"From a@b Mon\r\n" + FROM + b"\r\n", "mbox line"),
        (b"Subject: x\r\n\r\n", "no From"),
        (FROM + FROM + b"\r\n", "from more than once"),
        (FROM + b"Date: x\r\nDATE: y\r\n\r\n", "date more than once"),
        (FROM + b"Content-Type: text/plain\r\nContent-type: text/html\r\n\r\n", "content field more than once"),
        (FROM + b"Message-ID: <" + b"x" * 998 + b">\r\n\r\n", "identifier over 998 octets"),
        (FROM + b"\r\na\nb\r\n", "damaged line ends"),
        (FROM + b"\r\na\rb\r\n", "damaged line ends"),
        (FROM + b"\r\na\0b\r\n", "damaged line ends"),
    ],
)
def test_a_fault_of_form_is_a_defect_and_no_refusal(content, defect):
    """It lowers the mail to level N, no more."""
    scan = prescan(content)
    assert (scan.refused, scan.defects) == ("", (defect,))
    assert scan.damaged == (defect == "damaged line ends")


@pytest.mark.parametrize(
    "bomb",
    [
        b"\n" * 10 * MB, b"\r\n" * 5 * MB, b"\n--" * 3 * MB, b"\r--" * 3 * MB, b"\0" * 10 * MB, b" " * 10 * MB,
        b"A: b\r\n" + b" \r\n" * 3 * MB, b"a:\r\n" * 2 * MB, FROM + b"\r\n" + b"a\n" * 5 * MB, b":" * 10 * MB,
    ],
    ids=range(10),
)  # fmt: skip
def test_ten_megabytes_of_anything_are_looked_at_in_no_time(bomb):
    """0.3 s of CPU is the promise; about a tenth is used."""
    start = time.process_time()
    prescan(bomb)
    assert time.process_time() - start < 0.3
    fingerprint_of(bomb)
    assert time.process_time() - start < 1


def test_the_fingerprint_knows_a_copy_that_came_another_way():
    """Trace fields, folding and line ends do not change it."""
    one = b"Received: by a\r\nMessage-ID: <1@x>\r\nFrom: a@x.y\r\nDate: now\r\n\r\nHello\r\nyou\r\n"
    two = b"Received: by b\nX: y\nDate:  now\nFrom:\n a@x.y\nMessage-ID: <1@x>\n\nHello\nyou\n"
    assert fingerprint_of(one) == fingerprint_of(two)


@pytest.mark.parametrize(
    "change",
    [(b"<1@x>", b"<2@x>"), (b"a@x.y", b"b@x.y"), (b"now", b"then"), (b"Hello", b"hello"), (b"\r\n\r\n", b"\r\n")],
)
def test_the_fingerprint_tells_different_mails_apart(change):
    """Each of Message-ID, From, Date and body counts."""
    mail = b"Message-ID: <1@x>\r\nFrom: a@x.y\r\nDate: now\r\n\r\nHello\r\n"
    assert fingerprint_of(mail) != fingerprint_of(mail.replace(*change))


@pytest.mark.parametrize("head", [b"", b"Date: now\r\n", b"Message-ID:\r\n"])
def test_without_a_message_id_the_subject_tells_mails_apart(head):
    """`register`, and then `cancel`, from a script that writes no Message-ID and nothing into the body."""
    mail = head + b"From: a@x.y\r\nSubject: register\r\n\r\n"
    assert fingerprint_of(mail) != fingerprint_of(mail.replace(b"register", b"cancel"))
    assert fingerprint_of(mail) == fingerprint_of(mail.replace(b"\r\n", b"\n"))


def test_without_message_id_and_date_the_trace_tells_when_it_was_sent():
    """The same wish a week later is another mail; a relay that tries again has the same trace."""
    mail = b"Received: from a; Mon, 4 May 2026 10:00:00 +0000\r\nFrom: a@x.y\r\nSubject: register\r\n\r\n"
    assert fingerprint_of(mail) != fingerprint_of(mail.replace(b"4 May", b"11 May"))
    dated = b"Date: now\r\n" + mail
    assert fingerprint_of(dated) == fingerprint_of(dated.replace(b"4 May", b"11 May"))


@settings(max_examples=200)
@given(st.binary(max_size=400) | st.lists(st.sampled_from([b"From:", b"\r\n", b"\n", b"\r", b" ", b"a", b"\0", b"--", b":"]),
                                          max_size=60).map(b"".join))  # fmt: skip
def test_any_octets_can_be_scanned(content):
    """Neither raises; a copy with LF line ends has the same fingerprint."""
    prescan(content)
    assert len(fingerprint_of(content)) == 64
    lines = content.replace(b"\r", b"").replace(b"\n", b"\r\n")
    assert fingerprint_of(lines) == fingerprint_of(lines.replace(b"\r\n", b"\n"))


@pytest.mark.parametrize(
    ("octets", "damaged"),
    [(b"", False), (b"a\r\nb\r\n", False), (b"a\nb", True), (b"a\rb", True), (b"\x00", True), (b"\r\r\n", True), (b"\n\r", True), (b"\r\n\n", True)],
)
def test_bare_line_ends_and_nul_are_seen(octets, damaged):
    """Anything but CRLF pairs."""
    assert is_damaged(octets) is damaged
