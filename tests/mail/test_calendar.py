# ruff: noqa: DTZ001 - naive times are among the inputs
"""Invitations: the golden files, the skeletons, hostile texts, zones, and what independent readers make of them."""

import json
import random
import subprocess
import sys
import threading
import unicodedata
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailflow.mail.address import Address, parse_address
from mailflow.mail.calendar import Calendars, NoCalendar
from mailflow.mail.outline import Face, Seat
from mailflow.mail.programme import Listing, programme
from mailflow.mail.vevent import block, common_name, line, whole
from mailflow.zonefile import zone_octets
from tests.foreign_readers import READERS, TOOLS, read, tool

HERE = Path(__file__).parent
GOLDEN = HERE / "golden_calendar"
INPUTS = json.loads((GOLDEN / "inputs.json").read_text(encoding="utf-8"))


lint_ics = tool("lint_ics").lint_ics

STOCKHOLM = ZoneInfo("Europe/Stockholm")
FACE = Face(
    method="REQUEST",
    timezone="Europe/Stockholm",
    starts=datetime(2026, 8, 27, 12, 30, tzinfo=STOCKHOLM),
    ends=datetime(2026, 8, 27, 16, tzinfo=STOCKHOLM),
    summary="The rise of creative machines",
    organizer_name="The rise of creative machines",
    organizer=Address("creative-machines", "events.example.org"),
    location="Eden 236, floor 2, Paradisgatan 5H, Lund",
    description="Included: lunch and fika.\nCan't make it? Reply CANCEL.",
    url="https://events.example.org/creative-machines/",
    revised=datetime(2026, 8, 1, 6, tzinfo=UTC),
)
SEAT = Seat(
    uid="creative-machines-17-7m2kq9xdk3v0q8zt@events.example.org",
    sequence=0,
    dtstamp=datetime(2026, 8, 12, 7, 15, tzinfo=UTC),
    name="Maja Lind",
    address=Address("maja.lind", "example.org"),
    partstat="NEEDS-ACTION",
    rsvp=True,
)
ZONE = zone_octets("Europe/Stockholm")


def rows(octets):
    return octets.decode().replace("\r\n ", "").split("\r\n")


def vevent(octets):
    from icalendar import Calendar

    return Calendar.from_ical(octets).walk("VEVENT")[0]


def moment(text):
    return datetime.fromisoformat(text)


def faced(entry, method, timezone):
    zone = ZoneInfo(timezone)
    return Face(
        method=method,
        timezone=timezone,
        starts=moment(entry["start"]).replace(tzinfo=zone),
        ends=moment(entry["end"]).replace(tzinfo=zone),
        summary=entry["summary"],
        organizer_name=entry["organizer"]["name"],
        organizer=parse_address(entry["organizer"]["address"]),
        location=entry["location"],
        description=entry["description"],
        url=entry["url"],
        categories=tuple(entry.get("categories", ())),
        revised=moment(entry["revised"]),
    )


def seated(entry):
    attendee = entry["attendee"]
    return Seat(
        uid=entry["uid"],
        sequence=entry["sequence"],
        dtstamp=moment(entry["dtstamp"]),
        name=attendee["name"],
        address=parse_address(attendee["address"]),
        partstat=attendee["partstat"],
        rsvp=attendee["rsvp"],
    )


@pytest.mark.parametrize("name", [name for name, entry in INPUTS.items() if "attendee" in entry])
def test_the_golden_invitations_come_out_octet_for_octet(name):
    """Sign-up, resend, move, room, cancel, UTC, with a hostile name: the life of one registration."""
    entry = INPUTS[name]
    face, seat = faced(entry, entry["method"], entry["timezone"]), seated(entry)
    calendar = Calendars().build(face, seat, zone_octets(entry["timezone"]))
    assert calendar == (GOLDEN / name).read_bytes()
    assert lint_ics(calendar) == []


@pytest.mark.parametrize("name", [name for name, entry in INPUTS.items() if "events" in entry])
def test_the_golden_pages_come_out_octet_for_octet(name):
    """One event, and a programme with one that is called off: METHOD:PUBLISH, nobody's ATTENDEE."""
    entry = INPUTS[name]
    listings = tuple(
        Listing(
            event["uid"],
            event["sequence"],
            faced(event, "CANCEL" if event["status"] == "CANCELLED" else "REQUEST", entry["timezone"]),
            zone_octets(entry["timezone"]),
        )
        for event in entry["events"]
    )
    assert programme(entry["name"], listings) == (GOLDEN / name).read_bytes()
    assert programme(entry["name"], listings) == programme(entry["name"], listings)


def test_a_programme_needs_events_with_uids_of_their_own():
    """No event, the same UID twice, and an event without revision are faults."""
    listing = Listing("event-gan@example.org", 0, FACE, ZONE)
    for listings in ((), (listing, listing), (replace(listing, face=replace(FACE, revised=None)),)):
        with pytest.raises(ValueError):
            programme("Courses", listings)
    assert lint_ics(programme("", (listing,))) == []


def test_every_deliberate_defect_is_found_and_the_golden_files_are_clean():
    """The checkers prove themselves before they judge us (selftest.py; it says what is not installed)."""
    run = subprocess.run(
        [sys.executable, str(TOOLS / "selftest.py"), str(GOLDEN)],
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert run.returncode == 0, run.stdout
    assert run.stdout.rstrip().endswith("OK")


def test_a_thousand_seats_cost_one_build():
    """The library builds the skeleton once; each calendar equals a whole build by the library."""
    calendars = Calendars()
    seats = [
        replace(SEAT, uid=f"gan-{n}-k3v0q8zt@example.org", name=f"Åsa {n}, \U0001f40d", sequence=n,
                address=Address(f"asa.{n}", "example.org"), dtstamp=SEAT.dtstamp + timedelta(seconds=n))
        for n in range(1000)
    ]  # fmt: skip
    built = [calendars.build(FACE, seat, ZONE) for seat in seats]
    assert calendars.builds == 1
    assert len(set(built)) == 1000
    for n in range(0, 1000, 97):
        assert built[n] == whole(FACE, seats[n], ZONE)


def test_a_new_revision_or_language_builds_anew():
    """Whatever differs in the face is another skeleton; going back costs nothing."""
    calendars = Calendars()
    faces = [FACE, replace(FACE, summary="De kreativa maskinernas tid"), replace(FACE, method="CANCEL"), FACE]
    seat = replace(SEAT, sequence=3, partstat="ACCEPTED", rsvp=False)
    assert len({calendars.build(face, seat, ZONE) for face in faces}) == 3
    assert calendars.builds == 3


def test_the_cache_is_bounded():
    """256 skeletons; the one that was not used for the longest time goes."""
    calendars = Calendars()
    for n in range(258):
        calendars.build(replace(FACE, timezone="Etc/UTC", starts=FACE.starts.replace(tzinfo=ZoneInfo("Etc/UTC")),
                                ends=FACE.ends.replace(tzinfo=ZoneInfo("Etc/UTC")), summary=f"Talk {n}"), SEAT, None)  # fmt: skip
    assert calendars._skeleton.cache_info().currsize == 256


def test_the_two_readings_of_an_ambiguous_hour_are_two_skeletons():
    """Python takes times that differ in their fold for equal; they are an hour apart."""
    starts = datetime(2026, 10, 25, 2, 30, tzinfo=STOCKHOLM)
    calendars, seen = Calendars(), []
    for fold in (0, 1):
        face = replace(FACE, starts=starts.replace(fold=fold), ends=datetime(2026, 10, 25, 9, tzinfo=STOCKHOLM))
        seen.append(next(row for row in rows(calendars.build(face, SEAT, ZONE)) if row.startswith("DTSTART")))
    assert seen == ["DTSTART:20261025T003000Z", "DTSTART:20261025T013000Z"]


def test_threads_may_share_the_skeletons():
    """The service handles mails in several threads."""
    calendars, found = Calendars(), []

    def work():
        found.extend(calendars.build(FACE, replace(SEAT, sequence=n), ZONE) for n in range(20))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 80
    assert len(set(found)) == 20


def test_a_cancellation_has_all_its_marks():
    """METHOD and STATUS, same times and title, no alarm, no Microsoft fields, the time free again."""
    face = replace(FACE, method="CANCEL", alarm=timedelta(days=1), conference="https://meet.example.org/x")
    calendar = Calendars().build(face, replace(SEAT, sequence=1, partstat="ACCEPTED", rsvp=False), ZONE)
    text = rows(calendar)
    assert {"METHOD:CANCEL", "STATUS:CANCELLED", "SEQUENCE:1", "TRANSP:TRANSPARENT"} <= set(text)
    assert not [row for row in text if row.startswith(("X-MICROSOFT", "BEGIN:VALARM"))]
    assert lint_ics(calendar, method="CANCEL") == []


def test_a_resend_differs_in_its_stamp_only():
    """Receivers order by SEQUENCE and DTSTAMP."""
    first = rows(Calendars().build(FACE, SEAT, ZONE))
    second = rows(Calendars().build(FACE, replace(SEAT, dtstamp=SEAT.dtstamp + timedelta(seconds=1)), ZONE))
    assert [(a, b) for a, b in zip(first, second, strict=True) if a != b] == [
        ("DTSTAMP:20260812T071500Z", "DTSTAMP:20260812T071501Z")
    ]


def test_an_online_event_has_its_link_first_in_the_description():
    """CONFERENCE for those who know it, the first line for Google and Outlook."""
    face = replace(
        FACE, conference="https://meet.example.org/gan?pwd=å", categories=("Talk", " ", "AI, art"), geo=(55.71, 0.00001)
    )
    calendar = Calendars().build(face, SEAT, ZONE)
    link = "https://meet.example.org/gan?pwd=%C3%A5"
    text = rows(calendar)
    assert f"CONFERENCE;FEATURE=VIDEO;LABEL={FACE.summary};VALUE=URI:{link}" in text
    assert any(row.startswith(f"DESCRIPTION:{link}\\nIncluded") for row in text)
    assert {"GEO:55.71;0.0", "CATEGORIES:Talk,AI\\, art"} <= set(text)
    assert lint_ics(calendar) == []
    face = replace(face, description=f"{link}\nIncluded")
    assert vevent(Calendars().build(face, SEAT, ZONE))["DESCRIPTION"] == f"{link}\nIncluded"


@pytest.mark.parametrize(("alarm", "trigger"), [
    (timedelta(days=1), "-P1D"), (timedelta(minutes=90), "-PT90M"), (timedelta(hours=2), "-PT2H"),
    (timedelta(seconds=90), "-PT2M"), (timedelta(weeks=2), "-P14D"),
])  # fmt: skip
def test_an_alarm_is_one_display(alarm, trigger):
    """Only where the event asks for one."""
    calendar = Calendars().build(replace(FACE, alarm=alarm), SEAT, ZONE)
    assert f"TRIGGER:{trigger}" in rows(calendar)
    assert lint_ics(calendar) == []


def test_links_that_are_none_are_left_out():
    """An invitation without link is better than none, and than one with a script."""
    face = replace(FACE, url="javascript:alert(1)", conference="ftp://example.org/")
    calendar = Calendars().build(face, SEAT, ZONE)
    assert not [row for row in rows(calendar) if row.startswith(("URL", "CONFERENCE"))]
    assert lint_ics(calendar) == []


def test_addresses_that_calendars_do_not_hold_get_no_calendar():
    """International local parts, and signs that mean something else in a mailto link."""
    for local in ("åsa", "a%b", "a&b", "a?b", "a^b"):
        with pytest.raises(NoCalendar):
            Calendars().build(FACE, replace(SEAT, address=Address(local, "example.org")), ZONE)
    with pytest.raises(NoCalendar):
        Calendars().build(replace(FACE, organizer=Address("möte", "example.org")), SEAT, ZONE)


def test_a_calendar_over_the_limit_is_no_calendar():
    """24 KiB: above that, the letter goes out without."""
    face = replace(FACE, categories=tuple("\U0001f40d" * 50 for _ in range(130)))
    with pytest.raises(NoCalendar):
        Calendars().build(face, SEAT, ZONE)


@pytest.mark.parametrize(
    "change",
    [
        {"starts": datetime(2026, 8, 27, 12, 30)},
        {"starts": datetime(2026, 8, 27, 12, 30, tzinfo=timezone(timedelta(hours=2)))},
        {"starts": datetime(2026, 8, 27, 12, 30, tzinfo=ZoneInfo("Europe/Berlin"))},
        {"ends": FACE.starts},
        {"summary": " \u200b\r\n "},
        {"revised": datetime(2026, 8, 1)},
        {"alarm": timedelta()},
    ],
)
def test_a_face_that_no_calendar_can_hold_is_refused(change):
    """Naive times float, fixed offsets become a TZID that means nothing; both are ours to mend, so neither is NoCalendar."""
    with pytest.raises(ValueError) as refused:
        Calendars().build(replace(FACE, **change), SEAT, ZONE)
    assert not isinstance(refused.value, NoCalendar)


@pytest.mark.parametrize(
    "change",
    [{"uid": "a b@c"}, {"uid": "x@y\r\nATTENDEE:mailto:evil@x"}, {"uid": f"{'a' * 100}@b"}, {"sequence": -1},
     {"sequence": 2**31}, {"dtstamp": datetime(2026, 8, 1)}, {"address": Address("a", "b\r\nX:y")}],
)  # fmt: skip
def test_a_seat_that_no_calendar_can_hold_is_refused(change):
    """UIDs, numbers and stamps are ours; a bad one is a fault."""
    with pytest.raises(ValueError):
        Calendars().build(FACE, replace(SEAT, **change), ZONE)


# Texts of strangers

NASTY = [
    "\r\nATTENDEE:mailto:evil@x", "\r", "\n", "\u2028", "\u2029", "\x85", "\x0b", "\x0c", ";", ",", "\\", '"', "^n", "^'", "^", ":",
    "\u202e", "\u2066", "\u200e", "\u200b", "\ufeff", "\u00ad", "\x00", "\x07", "\x1b[31m", "\x7f", "\x9b", "\ud800", "\u200d",
    "BEGIN:VEVENT", "END:VCALENDAR\r\n", "UID:stand-in@mailflow.invalid", "stand-in", "19700101T000000Z", "STATUS:CONFIRMED",
    "\U0001f469\u200d\U0001f4bb", "\U0001f40d", "日本語", "e\u0301", "Å", "\t", "  ", " " * 90, "a" * 80, "\\n", "\\,", "=?utf-8?q?x?=",
    "%0D%0A", "תל אביב", "\u3000", "\xa0", "x",
]  # fmt: skip
texts = st.lists(st.sampled_from(NASTY) | st.text(max_size=5), max_size=20).map("".join)


def hostile(seed):
    chance = random.Random(seed)
    return "".join(chance.choice(NASTY) for _ in range(chance.randrange(1, 40)))


def hostile_invitation(seed):
    """The octets, and the cleaned values that must be read back."""
    title, place, text, name = f"T{hostile(seed)}", hostile(f"p{seed}"), hostile(f"d{seed}"), hostile(f"n{seed}")
    face = replace(
        FACE, summary=title, organizer_name=name, location=place, description=text, categories=(title, place, text)
    )
    octets = Calendars().build(face, replace(SEAT, name=name), None)
    return octets, (line(title, 200), line(place, 250), block(text, 4000), common_name(name))


def test_hostile_texts_lint_clean_and_read_back():
    """300 calendars of line ends, quotes, escapes, direction marks and stand-ins read back as the cleaned text."""
    for seed in range(300):
        octets, (title, place, text, name) = hostile_invitation(seed)
        expected = {
            "SUMMARY": title,
            **({"LOCATION": place} if place else {}),
            **({"DESCRIPTION": text} if text else {}),
        }
        assert lint_ics(octets, method="REQUEST", attendee="maja.lind@example.org", expect=expected) == [], seed
        event = vevent(octets)
        assert (event["SUMMARY"], event.get("LOCATION", ""), event.get("DESCRIPTION", "")) == (title, place, text)
        assert (event["ATTENDEE"].params.get("CN"), event["ORGANIZER"].params.get("CN")) == (name, name)
        assert event["UID"] == SEAT.uid


@settings(max_examples=60)
@given(texts)
def test_cleaned_lines_hold_nothing_dangerous(text):
    """One line, bounded, no control, no direction mark, no blank at an end or beside another; cleaned again, equal."""
    cleaned = line(text, 60)
    assert len(cleaned) <= 60
    assert cleaned == " ".join(cleaned.split())
    assert not any(
        unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"} or c in "\u200b\u200e\u202e\u2066\ufeff" for c in cleaned
    )
    assert line(cleaned, 60) in (cleaned, unicodedata.normalize("NFC", cleaned))
    name = common_name(text)
    assert name is None or (name and not set(name) & set('"^\\'))


@settings(max_examples=60)
@given(texts)
def test_cleaned_blocks_keep_their_lines(text):
    """Line feeds stay, blanks around them go."""
    cleaned = block(text, 500)
    assert len(cleaned) <= 500
    assert all(row == " ".join(row.split()) for row in cleaned.split("\n"))


def test_a_text_of_combining_marks_is_cut_before_it_is_normalised():
    """Normalising is quadratic in a run of marks; a name of a million of them costs a few milliseconds."""
    name = "a" + "\u0301\u0323" * 500_000
    assert len(Calendars().build(FACE, replace(SEAT, name=name), None)) < 2000


def test_injection_is_stopped_without_asserts_too():
    """`python -O` drops the assertion that is the library's only guard in some places."""
    script = (
        "import sys; sys.path.insert(0, sys.argv[1]);"
        "from dataclasses import replace; from datetime import datetime, UTC; from zoneinfo import ZoneInfo;"
        "from mailflow.mail.address import Address; from mailflow.mail.outline import Face, Seat;"
        "from mailflow.mail.calendar import Calendars;"
        "bad = 'x\\r\\nATTENDEE:mailto:evil@x\\rATTENDEE:mailto:evil@x\\u2028y';"
        "z = ZoneInfo('Etc/UTC'); a = Address('a', 'example.org');"
        "f = Face('REQUEST', 'Etc/UTC', datetime(2026, 1, 1, tzinfo=z), datetime(2026, 1, 2, tzinfo=z), bad, bad, a,"
        " location=bad, description=bad, categories=(bad,), conference='https://x.example/' + bad);"
        "s = Seat('u@example.org', 0, datetime(2026, 1, 1, tzinfo=UTC), bad, a, 'NEEDS-ACTION', True);"
        "sys.stdout.buffer.write(Calendars().build(f, s, None))"
    )
    run = subprocess.run(
        [sys.executable, "-O", "-c", script, str(HERE.parent.parent)], capture_output=True, check=True, timeout=60
    )
    assert lint_ics(run.stdout) == []
    assert sum(row.startswith("ATTENDEE") for row in rows(run.stdout)) == 1


# Zones

ZONES = sorted(name for name in available_timezones() if zone_octets(name) and not name.startswith("posix"))


def stand(name, starts, hours=3):
    zone = ZoneInfo(name)
    local = starts.astimezone(zone)
    return replace(FACE, timezone=name, starts=local, ends=(starts + timedelta(hours=hours)).astimezone(zone))


def changes(name):
    """Moments around the changes of a zone in 2027, one hour apart."""
    zone, found = ZoneInfo(name), []
    start = datetime(2027, 1, 1, tzinfo=UTC)
    for day in range(365):
        noon = start + timedelta(days=day)
        if noon.astimezone(zone).utcoffset() != (noon + timedelta(days=1)).astimezone(zone).utcoffset():
            found += [noon + timedelta(hours=h) for h in (-3, *range(25))]
    return found or [start]


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(ZONES),
    st.datetimes(min_value=datetime(2026, 9, 1), max_value=datetime(2029, 12, 31)).map(
        lambda m: m.replace(microsecond=0, tzinfo=UTC)
    ),
)
def test_every_zone_gives_the_right_instant(name, starts):
    """The lint computes the offsets from the VTIMEZONE by itself and compares them with zoneinfo; UTC stands for itself."""
    face = stand(name, starts)
    octets = Calendars().build(face, SEAT, zone_octets(name))
    assert lint_ics(octets) == []
    form = [row for row in rows(octets) if row.startswith("DTSTART")][-1]
    if ";TZID" in form:
        assert form == f"DTSTART;TZID={name}:{face.starts:%Y%m%dT%H%M%S}"
        assert b"BEGIN:VTIMEZONE" in octets
    else:
        assert form == f"DTSTART:{starts:%Y%m%dT%H%M%SZ}"
        assert b"BEGIN:VTIMEZONE" not in octets


@pytest.mark.parametrize(
    "name", ["Africa/Cairo", "America/Nuuk", "America/Scoresbysund", "America/Santiago", "Asia/Gaza", "Asia/Jerusalem"]
)
def test_zones_that_fit_no_rule_are_written_in_utc(name):
    """Odd onsets, and so no VTIMEZONE at all."""
    octets = Calendars().build(stand(name, datetime(2026, 11, 5, 9, tzinfo=UTC)), SEAT, zone_octets(name))
    assert "DTSTART:20261105T090000Z" in rows(octets)
    assert b"VTIMEZONE" not in octets


def test_an_event_in_ramadan_in_casablanca_is_written_in_utc():
    """Out of Ramadan the rule holds; in it, it does not."""
    name = "Africa/Casablanca"
    if datetime(2026, 3, 1, tzinfo=ZoneInfo(name)).utcoffset() != timedelta():
        pytest.skip("this zone data knows no Ramadan time")
    for day, utc in ((datetime(2026, 3, 1, 9, tzinfo=UTC), True), (datetime(2026, 7, 1, 9, tzinfo=UTC), False)):
        octets = Calendars().build(stand(name, day), SEAT, zone_octets(name))
        assert (b"VTIMEZONE" not in octets) is utc
        assert lint_ics(octets) == []


@pytest.mark.parametrize("name", ["UTC", "Etc/GMT", "Africa/Abidjan", "Atlantic/Reykjavik"])
def test_utc_by_another_name_is_utc(name):
    """A VTIMEZONE that nobody refers to would be a fault."""
    octets = Calendars().build(stand(name, datetime(2026, 11, 5, 9, tzinfo=UTC)), SEAT, zone_octets(name))
    assert "DTSTART:20261105T090000Z" in rows(octets)
    assert lint_ics(octets) == []


# Other people's readers


@pytest.mark.parametrize(("command", "reason"), READERS)
def test_another_reader_takes_300_hostile_calendars(command, reason, tmp_path):
    """libical's tables of RFC 5546 pass, and both read the values as we cleaned them."""
    made = {f"{seed}": hostile_invitation(seed) for seed in range(300)}
    for name, found in read(command, reason, {name: octets for name, (octets, _) in made.items()}, tmp_path).items():
        title, place, text, cn = made[name][1]
        (event,) = found["events"]
        assert found["errors"] == [], name
        assert (found["method"], event["uid"], event["summary"]) == ("REQUEST", SEAT.uid, title)
        if "attendees" in event:
            assert (event["location"] or "", event["description"] or "") == (place, text)
            assert event["attendees"] == [
                {"address": "mailto:maja.lind@example.org", "cn": cn, "partstat": "NEEDS-ACTION", "rsvp": "TRUE"}
            ]


@pytest.mark.parametrize(("command", "reason"), READERS)
def test_another_reader_finds_the_right_instant_around_the_changes(command, reason, tmp_path):
    """Forty zones, each hour around their changes of 2027: the same instants as zoneinfo."""
    chance, made, expected = random.Random(5545), {}, {}
    names = {*chance.sample(ZONES, 34), "Europe/Dublin", "Europe/Berlin", "Australia/Lord_Howe", "Antarctica/Troll",
             "Africa/Casablanca", "Asia/Jerusalem"}  # fmt: skip
    for name in sorted(names):
        starts = chance.sample(found := changes(name), min(len(found), 12))
        listings = tuple(
            Listing(f"event-{n}@example.org", 0, stand(name, start), zone_octets(name))
            for n, start in enumerate(starts)
        )
        file = name.replace("/", "_")
        made[file], expected[file] = programme(name, listings), [f"{start:%Y-%m-%dT%H:%M:%SZ}" for start in starts]
    for file, found in read(command, reason, made, tmp_path).items():
        assert found["errors"] == [], file
        assert [event["start"] for event in found["events"]] == expected[file], file


@pytest.mark.parametrize(("command", "reason"), READERS)
def test_another_reader_takes_request_update_and_cancel(command, reason, tmp_path):
    """The life of a registration passes the restriction tables, and keeps its SEQUENCE."""
    cancel = replace(FACE, method="CANCEL")
    made = {
        "request": Calendars().build(FACE, SEAT, ZONE),
        "update": Calendars().build(
            replace(FACE, alarm=timedelta(days=1), conference="https://meet.example.org/"),
            replace(SEAT, sequence=1),
            ZONE,
        ),
        "cancel": Calendars().build(cancel, replace(SEAT, sequence=2, partstat="ACCEPTED", rsvp=False), ZONE),
    }
    for n, (name, found) in enumerate(read(command, reason, made, tmp_path).items()):
        assert found["errors"] == [], name
        (event,) = found["events"]
        assert (event["sequence"], event["start"], event["end"]) == (n, "2026-08-27T10:30:00Z", "2026-08-27T14:00:00Z")
