"""500 events and attendees, from the event file to the octets of the mail: what our lint and other people's readers say.

Each is invited, told of a change, and told that it is over for them (calendar.md §13.1, 2, 4, 5, 9, 10).
"""

import email
from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import icalendar
import pytest

from mailflow.mail.address import Address
from mailflow.mail.vevent import common_name
from mailflow.model.letter import Letter
from mailflow.model.registration import Registration, Status
from mailflow.render import Renderer
from mailflow.render.sample import NOW, sample_state
from mailflow.zonefile import zone_octets
from tests.foreign_readers import READERS, read, tool

from .conftest import REFERENCE, make_site
from .random_events import DOMAIN, Case, cases, loaded

lint_message = tool("lint_ics").lint_message
NUMBER = 500
STEPS = ("request", "change", "cancel")


@dataclass(frozen=True)
class Sent:
    """One mail, the event it speaks of, and the calendar in it as the email package finds it."""

    case: Case
    step: int
    octets: bytes
    calendar: bytes

    @property
    def event(self):
        return self.case.before if self.step == 0 else self.case.after

    @property
    def times(self):
        """Start and end by zoneinfo alone."""
        return tuple(f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" for at in (self.event.starts, self.event.ends))


def part(octets):
    message = email.message_from_bytes(octets)
    (found,) = (each for each in message.walk() if each.get_content_type() == "text/calendar")
    return found.get_payload(decode=True)


def letters(case):
    """The three letters of one seat."""
    one = Registration(
        event=case.before.id, number=17, code="K7-QX4M", address=case.address, name=case.attendee,
        status=Status.CONFIRMED, language=case.language, since=NOW, registered_at=NOW, dtstamp=NOW,
    )  # fmt: skip
    letter = Letter("registered", case.before.id, case.address, (case.language,), replace(sample_state(), revision=1),
                    registration=one, calendar="request")  # fmt: skip
    yield case.before, letter
    later = replace(
        one, sequence=1, dtstamp=NOW + timedelta(days=1), partstat="NEEDS-ACTION" if case.moved else "ACCEPTED"
    )
    yield case.after, replace(letter, kind="event_changed", variant="" if case.moved else "venue", registration=later,
                              was=case.before, notice=True, state=replace(letter.state, revised_at=NOW))  # fmt: skip
    gone = replace(later, sequence=2, dtstamp=NOW + timedelta(days=2), status=Status.CANCELLED)
    yield case.after, replace(letter, kind="cancelled", registration=gone, calendar="cancel")


@pytest.fixture(scope="module")
def sent(seal, tmp_path_factory):
    renderer = Renderer(make_site(domain=DOMAIN), seal, zone_octets)
    made = {}
    for case in cases(tmp_path_factory.mktemp("events"), NUMBER):
        for step, (event, letter) in enumerate(letters(case)):
            octets = renderer.render(letter, event, REFERENCE, NOW).octets
            made[f"{case.name}-{STEPS[step]}"] = Sent(case, step, octets, part(octets))
    return made


def test_every_letter_passes_the_lint(sent):
    """MIME tree, headers, both copies, every property; title and place read back as the loader cleaned them."""
    for name, one in sent.items():
        expected = {"SUMMARY": one.event.title.get(one.case.language)}
        assert lint_message(one.octets, expect=expected) == [], name
    assert len(sent) == 3 * NUMBER


def test_the_events_are_of_every_sort(sent):
    """With a zone and in UTC, ambiguous hours, several days, links, coordinates: else the tests would prove little."""
    found = Counter()
    for one in sent.values():
        starts = one.event.starts
        found["zone" if b"BEGIN:VTIMEZONE" in one.calendar else "utc"] += 1
        found["ambiguous"] += starts.utcoffset() != starts.replace(fold=1).utcoffset()
        found["days"] += one.event.ends - starts > timedelta(hours=12)
        found["link"] += b"\r\nCONFERENCE" in one.calendar
        found["geo"] += b"\r\nGEO" in one.calendar
        found["moved"] += one.case.moved
        found["large"] += len(one.calendar) > 5000
    assert min(found.values()) >= 30, found
    assert len({one.event.timezone for one in sent.values()}) > 400


def test_icalendar_reads_what_was_meant(sent):
    """Method, marks, PARTSTAT, name, instants; link first in the text; no alarm; SEQUENCE and DTSTAMP rise."""
    uids = {}
    for name, one in sent.items():
        calendar = icalendar.Calendar.from_ical(one.calendar)
        (event,) = calendar.walk("VEVENT")
        cancelled = one.step == 2
        assert calendar["METHOD"] == ("CANCEL" if cancelled else "REQUEST"), name
        assert event["STATUS"] == ("CANCELLED" if cancelled else "CONFIRMED"), name
        assert event["SEQUENCE"] == one.step
        assert event.decoded("DTSTAMP") == NOW + timedelta(days=one.step)
        attendee = event["ATTENDEE"]
        kept = one.step and not one.case.moved
        assert attendee.params["PARTSTAT"] == ("ACCEPTED" if kept else "NEEDS-ACTION"), name
        assert attendee.params["RSVP"] == ("FALSE" if kept or cancelled else "TRUE"), name
        assert attendee == f"mailto:{one.case.address}"
        cn = attendee.params.get("CN")
        assert cn is None or (cn == common_name(cn) and "evil" not in cn.partition("mailto")[0]), name
        times = [event.decoded(key).astimezone(UTC) for key in ("DTSTART", "DTEND")]
        assert [f"{at:%Y-%m-%dT%H:%M:%SZ}" for at in times] == list(one.times), name
        if link := one.event.venue.link:
            assert event["CONFERENCE"] == link
            assert event["DESCRIPTION"].split("\n")[0] == link
        assert not calendar.walk("VALARM")
        assert uids.setdefault(one.case.name, event["UID"]) == event["UID"]


@pytest.mark.parametrize(("command", "reason"), READERS)
def test_another_reader_takes_every_calendar(command, reason, sent, tmp_path):
    """libical with the tables of RFC 5546, and ical.js: no fault, and the same instants as zoneinfo."""
    for name, found in read(command, reason, {name: one.calendar for name, one in sent.items()}, tmp_path).items():
        one = sent[name]
        assert found["errors"] == [], name
        assert found["method"] == ("CANCEL" if one.step == 2 else "REQUEST"), name
        (event,) = found["events"]
        assert (event["start"], event["end"]) == one.times, (name, one.event.timezone)
        assert (event["sequence"], event["summary"]) == (one.step, one.event.title.get(one.case.language)), name


@pytest.mark.parametrize("links", [True, False])
def test_an_event_at_every_limit_keeps_its_invitation(seal, tmp_path, links):
    """Longest texts of four octets a sign, longest links, a full programme: below the 24 KiB above which there is none."""
    sign = "\U0001f40d"
    lines = [
        f'title = {{ en = "{sign * 200}" }}', f'short_title = {{ en = "{sign * 40}" }}', 'languages = ["en"]',
        'timezone = "America/New_York"', f'included = {{ en = "{sign * 200}" }}',
        f'page = "https://example.org/{"p" * 980}"' if links else "",
    ]  # fmt: skip
    tables = [
        "[venue]", f'name = "{sign * 120}"', f'street = "{sign * 120}"', f'city = "{sign * 80}"', "geo = [-89.123456, -179.123456]",
        f'link = "https://example.org/{"l" * 980}"' if links else "",
        *(row for n in range(99) for row in ("[[programme.items]]", f'title = {{ en = "{sign * n * 2}x" }}')),
    ]  # fmt: skip
    event, _ = loaded(tmp_path, "x" * 25, lines, tables, datetime.fromisoformat("2027-03-14T09:00"), timedelta(days=3))
    case = Case("limits", event, event, True, "en", sign * 100, Address("m" * 64, f"{'d' * 63}.{'e' * 63}.example"))
    renderer = Renderer(make_site(domain=DOMAIN), seal, zone_octets)
    for now, letter in letters(case):
        octets = renderer.render(letter, now, REFERENCE, NOW).octets
        assert lint_message(octets) == []
        assert 15_000 < len(part(octets)) < 24 * 1024
