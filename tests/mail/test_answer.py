import json
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailflow.mail.address import parse_address
from mailflow.mail.answer import read_answer, read_winmail
from mailflow.mail.parse import parse

SAMPLES = Path(__file__).parent.parent / "samples" / "calendar"
EXPECTED = {entry["file"]: entry for entry in json.loads((SAMPLES / "expected.json").read_text("utf-8"))["expect"]}
KIM = parse_address("kim@example.org")


def calendar(*lines, method="REPLY"):
    head = ("BEGIN:VCALENDAR", *((f"METHOD:{method}",) if method else ()), "BEGIN:VEVENT", "UID:u@x")
    return "\r\n".join((*head, *lines, "END:VEVENT", "END:VCALENDAR", "")).encode()


@pytest.mark.parametrize("file", sorted(EXPECTED))
def test_a_calendar_program_is_understood(file):
    """Method, UID, attendee, PARTSTAT, SEQUENCE, DTSTAMP and comment of all 56 samples, whatever program wrote them."""
    expected = EXPECTED[file]
    answer = parse((SAMPLES / file).read_bytes()).answer
    if expected["method"] is None:
        assert answer is None
        return
    assert answer is not None
    stamp = answer.dtstamp and f"{answer.dtstamp:%Y%m%dT%H%M%SZ}"
    assert (answer.method, answer.uid, answer.attendee, answer.partstat) == (
        expected["method"], expected["uid"], expected["attendee"] or "", expected["partstat"] or "",
    )  # fmt: skip
    assert (answer.sequence, stamp) == (expected.get("sequence"), expected.get("dtstamp"))
    assert answer.comment == (expected.get("comment") or "")
    assert answer.delegated_to == (expected.get("delegated_to") or "")
    assert answer.single_day == (file == "recurrence_id.eml")


def test_the_lines_we_need_are_read():
    """Names in any case, folded lines, escaped text."""
    answer = read_answer(
        calendar("SEQUENCE:3", "DTSTAMP:20260902T080000Z", 'attendee;partstat=declined;CN="a;b:c":MAILTO:Kim%40Example.org',
                 "COMMENT:ill\\, sorry\\n", " !"), "utf-8")  # fmt: skip
    assert answer is not None
    assert (answer.method, answer.uid, answer.attendee, answer.partstat) == (
        "REPLY",
        "u@x",
        "kim@example.org",
        "DECLINED",
    )
    assert (answer.sequence, answer.dtstamp) == (3, datetime(2026, 9, 2, 8, tzinfo=UTC))
    assert answer.comment == "ill, sorry\n!"


@pytest.mark.parametrize(("line", "starts"), [
    ("DTSTART:20260902T080000Z", datetime(2026, 9, 2, 8, tzinfo=UTC)),
    ("DTSTART;TZID=W. Europe Standard Time:20260902T100000", datetime(2026, 9, 2, 10, tzinfo=UTC).replace(tzinfo=None)),
    ("DTSTART;VALUE=DATE:20260902", None),
    ("DTSTART:20261302T080000Z", None),
])  # fmt: skip
def test_the_time_that_was_answered(line, starts):
    """An instant, or wall time where a zone is named: programs write their own names for ours."""
    answer = read_answer(calendar(line), "utf-8")
    assert answer is not None
    assert answer.starts == starts


def test_the_method_of_the_body_wins():
    """The MIME parameter counts only where the body has none."""
    attendee = "ATTENDEE;PARTSTAT=ACCEPTED:mailto:kim@example.org"
    assert read_answer(calendar(attendee, method="reply"), "", method="REQUEST").method == "REPLY"
    assert read_answer(calendar(attendee, method=""), "", method="reply").method == "REPLY"
    assert read_answer(calendar(attendee, method=""), "").method == ""


def test_of_several_attendees_only_the_sender_counts():
    """A REPLY has one ATTENDEE; who lists more speaks for himself only."""
    octets = calendar(
        "ATTENDEE;PARTSTAT=DECLINED:mailto:victim@example.net", "ATTENDEE;PARTSTAT=ACCEPTED:mailto:kim@example.org"
    )
    assert read_answer(octets, "", sender=KIM).partstat == "ACCEPTED"
    stranger = read_answer(octets, "", sender=parse_address("eve@example.org"))
    assert (stranger.attendee, stranger.partstat) == ("", "")
    assert read_answer(octets, "").partstat == ""


def test_of_several_events_that_of_the_sender_counts():
    """A foreign VEVENT in front does not hide one's own."""
    octets = calendar(
        "ATTENDEE;PARTSTAT=DECLINED:mailto:victim@example.net", "END:VEVENT", "BEGIN:VEVENT", "UID:mine@x",
        "ATTENDEE;PARTSTAT=ACCEPTED:mailto:kim@example.org",
    )  # fmt: skip
    assert read_answer(octets, "", sender=KIM).uid == "mine@x"


def test_zones_and_alarms_say_nothing():
    """Their properties are not those of the event, even where they never end."""
    octets = calendar("BEGIN:VALARM", "ATTENDEE;PARTSTAT=DECLINED:mailto:kim@example.org", "END:VALARM",
                      "ATTENDEE;PARTSTAT=ACCEPTED:mailto:kim@example.org")  # fmt: skip
    octets = octets.replace(b"BEGIN:VEVENT", b"BEGIN:VTIMEZONE\r\nUID:zone\r\nBEGIN:VEVENT")
    answer = read_answer(octets, "")
    assert (answer.uid, answer.partstat) == ("u@x", "ACCEPTED")


@pytest.mark.parametrize("encode", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig", "latin-1", "utf-8"])
def test_odd_encodings_are_read(encode):
    """UTF-16 with and without a mark, UTF-8 with one, undeclared Latin-1."""
    octets = calendar("COMMENT:Grüße").decode().encode(encode)
    assert read_answer(octets, "").comment == "Grüße"


@pytest.mark.parametrize(
    "octets", [b"", b"/etc/passwd", b"BEGIN:VCARD\r\nEND:VCARD", calendar("COMMENT:" + "x" * 65_536)]
)
def test_what_is_no_calendar_or_too_large_is_none(octets):
    """Nothing is opened, nothing large is read."""
    assert read_answer(octets, "utf-8", method="REPLY") is None


def test_impossible_numbers_and_times_are_absent():
    """A SEQUENCE of 40 digits, a DTSTAMP in month 13."""
    answer = read_answer(calendar(f"SEQUENCE:{'9' * 40}", "DTSTAMP:20261302T080000Z"), "")
    assert (answer.sequence, answer.dtstamp) == (None, None)


def test_winmail_needs_class_and_uid():
    """Two marks are looked for in the octets, nothing is parsed."""
    uid = b"vCal-Uid\x01\x00\x00\x00gan-1@x\x00"
    assert read_winmail(b"..IPM.Microsoft Schedule.MtgRespN.." + uid).partstat == "DECLINED"
    assert read_winmail(b"IPM.Microsoft Schedule.MtgReq" + uid) is None
    assert read_winmail(b"IPM.Microsoft Schedule.MtgRespN") is None


@pytest.mark.parametrize(
    "line", ["BEGIN:VEVENT", "ATTENDEE:a", 'ATTENDEE;a="b', "a;" * 60, "\\" * 70, "^" * 70, " x", "BEGIN:VALARM", "X"]
)
def test_hostile_calendars_take_no_time(line):
    """64 KiB of nesting, attendees, parameters, backslashes and folds."""
    octets = b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nCOMMENT:" + f"{line}\r\n".encode() * (65_000 // (len(line) + 2))
    start = time.process_time()
    assert read_answer(octets[:65_536], "") is not None
    assert time.process_time() - start < 0.5


@settings(max_examples=200)
@given(st.lists(st.sampled_from([b"METHOD:REPLY", b"BEGIN:VEVENT", b"END:VEVENT", b"UID:", b"ATTENDEE;", b'"', b":", b";", b"=",
                                 b"\r\n", b" ", b"mailto:a@b", b"SEQUENCE:9", b"DTSTAMP:2026", b"\xff", b"\0", b"=3D"]),
                max_size=40).map(b"".join) | st.binary(max_size=200))  # fmt: skip
def test_any_octets_can_be_read_as_a_calendar(octets):
    """Never an exception."""
    read_answer(b"BEGIN:VCALENDAR\r\n" + octets, "utf-8", sender=KIM)
    read_winmail(octets)


@pytest.mark.parametrize("ends", ["\r\r\n", "\r\n\r\n", "\n\n"])
def test_doubled_line_ends_are_read(ends):
    """A gateway wrote CR LF in text mode: blank lines inside a folded one mean nothing."""
    octets = calendar("ATTENDEE;CN=Kim;", " PARTSTAT=DECLINED:mailto:kim@example.org").replace(b"\r\n", ends.encode())
    answer = read_answer(octets, "")
    assert (answer.attendee, answer.partstat) == ("kim@example.org", "DECLINED")


def test_an_address_in_angle_brackets_is_an_address():
    """`mailto:<kim@example.org>`."""
    octets = calendar("ATTENDEE;PARTSTAT=DECLINED:mailto:<Kim@example.org>")
    assert read_answer(octets, "", sender=KIM).attendee == "kim@example.org"


@pytest.mark.parametrize("encoding", ["quoted-printable", "base64", "7bit"])
@pytest.mark.parametrize("partstat", ["DECLINED", "ACCEPTED", "TENTATIVE", "DELEGATED"])
def test_an_encoding_that_is_announced_and_not_used_loses_nothing(encoding, partstat):
    """`=DE` and `=AC` are good hexadecimal: undone once too often, the answer would be gone."""
    octets = calendar(f"ATTENDEE;PARTSTAT={partstat}:mailto:kim@example.org")
    head = (
        "From: kim@example.org\r\nMIME-Version: 1.0\r\nContent-Type: text/calendar; method=REPLY; charset=utf-8\r\n"
        f"Content-Transfer-Encoding: {encoding}\r\n\r\n"
    )
    assert parse(head.encode() + octets).answer.partstat == partstat
