"""Invitations to meetings, as programs write them and as nobody should; never an exception."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailflow.mail.meeting import Moment, read_meeting
from mailflow.mail.parse import parse
from mailflow.mail.zones import zone_named


def wall(day, hour=0):
    return datetime(2019, 9, day, hour, tzinfo=UTC).replace(tzinfo=None)


def calendar(*lines, method="REQUEST"):
    body = ["BEGIN:VCALENDAR", f"METHOD:{method}", "BEGIN:VEVENT", *lines, "END:VEVENT", "END:VCALENDAR", ""]
    return "\r\n".join(body).encode()


WHOLE = (
    "UID:abc@google.com", "SEQUENCE:2", "SUMMARY:Bread\\, and more", "LOCATION:Eden 236\\; floor 2", "DESCRIPTION:One\\nTwo",
    "DTSTART;TZID=Europe/Stockholm:20190903T170000", "DTEND;TZID=Europe/Stockholm:20190903T200000",
    "ORGANIZER;CN=Kim:MAILTO:Kim.Ek@example.org", "ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:new@events.",
    " example.org", "ATTENDEE:mailto:ada@example.org",
)  # fmt: skip


def test_what_an_event_needs_is_read():
    """Unfolded, unescaped, cleaned; addresses as Address.key."""
    found = read_meeting(calendar(*WHOLE), "utf-8")
    assert (found.method, found.uid, found.sequence) == ("REQUEST", "abc@google.com", 2)
    assert (found.summary, found.location, found.description) == ("Bread, and more", "Eden 236; floor 2", "One\nTwo")
    assert found.starts == Moment(wall(3, 17), "Europe/Stockholm")
    assert found.ends.at == wall(3, 20)
    assert (found.organizer, found.attendees) == ("kim.ek@example.org", ("new@events.example.org", "ada@example.org"))


@pytest.mark.parametrize(
    ("lines", "starts", "ends"),
    [
        (["DTSTART:20190903T150000Z", "DURATION:PT1H30M"],
         Moment(datetime(2019, 9, 3, 15, tzinfo=UTC), "UTC"), Moment(datetime(2019, 9, 3, 16, 30, tzinfo=UTC), "UTC")),
        (["DTSTART;VALUE=DATE:20190903", "DTEND;VALUE=DATE:20190905"],
         Moment(wall(3), whole_day=True), Moment(wall(4), whole_day=True)),
        (["DTSTART;TZID=Nowhere Time:20190903T170000"], Moment(wall(3, 17), "", unknown=True), None),
        (["DTSTART:20191303T170000"], None, None),
        (["DTSTART;TZID=UTC:x"], None, None),
    ],
)  # fmt: skip
def test_moments_in_every_form(lines, starts, ends):
    """UTC, wall time, whole days; a zone that nobody knows is said to be unknown; no date is none."""
    found = read_meeting(calendar("UID:1", *lines), "utf-8")
    assert (found.starts, found.ends) == (starts, ends)


@pytest.mark.parametrize(
    ("name", "zone"),
    [
        ("W. Europe Standard Time", "Europe/Berlin"), ("romance standard time", "Europe/Paris"),
        ("Europe/Stockholm", "Europe/Stockholm"), ("/freeassociation.sourceforge.net/Europe/Stockholm", "Europe/Stockholm"),
        ("America/Argentina/Buenos_Aires", "America/Argentina/Buenos_Aires"), ("../../etc/passwd", ""), ("Mars/Olympus", ""),
        ("", ""), ("Europe", ""), ("/" * 5000, ""),
    ],
)  # fmt: skip
def test_zones_of_windows_and_of_iana(name, zone):
    """What is no zone is looked up nowhere."""
    assert zone_named(name) == zone


def test_alarms_zones_and_further_events_are_not_the_meeting():
    """The first VEVENT alone, and only its own lines."""
    octets = calendar("UID:1", "SUMMARY:First", "BEGIN:VALARM", "DESCRIPTION:No", "END:VALARM").replace(
        b"END:VCALENDAR", b"BEGIN:VEVENT\r\nUID:2\r\nLOCATION:No\r\nEND:VEVENT\r\nEND:VCALENDAR"
    )
    found = read_meeting(octets, "utf-8")
    assert (found.uid, found.summary, found.description, found.location) == ("1", "First", "", "")


@pytest.mark.parametrize("more", ["RRULE:FREQ=DAILY", "RECURRENCE-ID:20190903T150000Z"])
def test_a_series_is_said_to_be_one(more):
    """An event is one day, or some days in a row."""
    assert read_meeting(calendar("UID:1", more), "utf-8").series


@pytest.mark.parametrize(
    "octets",
    [b"", b"hello", calendar("UID:1", method="REPLY"), calendar("SUMMARY:no uid"), calendar("UID:1", "X:" + "y" * 70_000)],
)
def test_what_is_no_meeting_is_none(octets):
    """Another METHOD, no UID, over 64 KiB."""
    assert read_meeting(octets, "utf-8") is None


@given(st.binary(max_size=2000))
def test_any_octets_are_a_meeting_or_none(octets):
    """Never an exception."""
    read_meeting(octets, "utf-8")
    read_meeting(calendar("UID:1").replace(b"END:VEVENT", octets + b"END:VEVENT"), "latin-1")


HOSTILE = [
    "BEGIN:VALARM\r\n" * 4000, "ATTENDEE:mailto:a@b.cd\r\n" * 2500, "SUMMARY" + ";a=b" * 15_000 + ":x\r\n",
    "DESCRIPTION:" + "\\n" * 30_000 + "\r\n", " \r\n" * 20_000, "DTSTART;TZID=" + "/a" * 30_000 + ":20190101T000000\r\n",
    'ATTENDEE;CN="' + "x" * 60_000, "a\r\n" * 20_000,
]  # fmt: skip


@pytest.mark.parametrize("lines", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_calendars_of_64_kib(lines):
    """Each is read in a part of a second."""
    import time

    begun = time.process_time()
    read_meeting(calendar("UID:1").replace(b"END:VEVENT", lines.encode() + b"END:VEVENT")[:65_000], "utf-8")
    assert time.process_time() - begun < 1


def test_a_mail_with_an_answer_has_no_meeting():
    """A REPLY goes its own way; a REQUEST is both a calendar beside the mail, and a meeting."""
    head = b"From: a@b.cd\r\nMIME-Version: 1.0\r\nContent-Type: text/calendar; method=REQUEST\r\n\r\n"
    mail = parse(head + calendar(*WHOLE))
    assert mail.meeting.uid == mail.answer.uid == "abc@google.com"
    assert parse(head.replace(b"REQUEST", b"REPLY") + calendar(*WHOLE, method="REPLY")).meeting is None
