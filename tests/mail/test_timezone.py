# ruff: noqa: DTZ001 - naive times are among the inputs
"""VTIMEZONE from the footer of a zone file."""

import zoneinfo
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailflow.mail.timezone import agrees, vtimezone
from mailflow.zonefile import zone_octets

BERLIN = b"""BEGIN:VTIMEZONE
TZID:Europe/Berlin
BEGIN:DAYLIGHT
DTSTART:19700329T020000
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3
TZNAME:CEST
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
END:DAYLIGHT
BEGIN:STANDARD
DTSTART:19701025T030000
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10
TZNAME:CET
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
END:STANDARD
END:VTIMEZONE
""".replace(b"\n", b"\r\n")
# Onsets below 0 h or from 24 h on; and the two that move their clocks by the moon.
ODD = {
    "Africa/Cairo", "Egypt", "America/Godthab", "America/Nuuk", "America/Santiago", "Chile/Continental",
    "America/Scoresbysund", "Asia/Gaza", "Asia/Hebron", "Asia/Jerusalem", "Asia/Tel_Aviv", "Israel",
}  # fmt: skip


def tzif(footer):
    return b"TZif2" + bytes(39) + b"\n" + footer + b"\n"


def test_a_european_zone_is_eighteen_lines():
    """One DAYLIGHT and one STANDARD, each from its first onset in 1970, in the offset that ends."""
    assert vtimezone("Europe/Berlin", zone_octets("Europe/Berlin")) == BERLIN


def test_a_zone_without_summer_time_is_one_standard():
    """It has no rule, and its offset comes from itself."""
    block = vtimezone("Asia/Kolkata", tzif(b"IST-5:30"))
    assert block.decode().split("\r\n") == [
        "BEGIN:VTIMEZONE", "TZID:Asia/Kolkata", "BEGIN:STANDARD", "DTSTART:19700101T000000", "TZNAME:IST",
        "TZOFFSETFROM:+0530", "TZOFFSETTO:+0530", "END:STANDARD", "END:VTIMEZONE", "",
    ]  # fmt: skip


def test_signs_and_names_in_angle_brackets_and_saved_half_hours_are_read():
    """Lord Howe saves half an hour; its names are numbers. West of Greenwich the sign turns round."""
    block = vtimezone("Australia/Lord_Howe", tzif(b"<+1030>-10:30<+11>-11,M10.1.0,M4.1.0")).decode()
    assert "TZNAME:+11\r\nTZOFFSETFROM:+1030\r\nTZOFFSETTO:+1100" in block
    assert "DTSTART:19701004T020000\r\nRRULE:FREQ=YEARLY;BYDAY=1SU;BYMONTH=10" in block
    assert "TZOFFSETTO:-0400" in vtimezone("America/New_York", tzif(b"EST5EDT,M3.2.0,M11.1.0")).decode()


def test_daylight_is_the_larger_offset_also_in_dublin():
    """The footer of Dublin calls winter the saving time; calendar programs know it only the other way round."""
    block = vtimezone("Europe/Dublin", tzif(b"IST-1GMT0,M10.5.0,M3.5.0/1")).decode()
    assert "BEGIN:DAYLIGHT\r\nDTSTART:19700329T010000" in block
    assert "TZNAME:IST\r\nTZOFFSETFROM:+0000\r\nTZOFFSETTO:+0100\r\nEND:DAYLIGHT" in block


def test_exactly_the_twelve_odd_zones_have_no_block():
    """Every other zone of the data fits one yearly rule."""
    names = {name for name in zoneinfo.available_timezones() if zone_octets(name)}
    assert {name for name in names if vtimezone(name, zone_octets(name)) is None} == ODD & names


@pytest.mark.parametrize(
    "footer",
    [b"", b"CET", b"CET-1CEST", b"CET-1CEST,M3.5.0", b"CET-1CEST,J60,J300", b"CET-1CEST,59,299",
     b"CET-1CEST,M3.5.0/-1,M10.5.0", b"CET-1CEST,M3.5.0/24,M10.5.0", b"CET-1CEST,M13.5.0,M10.5.0",
     b"CET-1CEST,M3.5.0,M10.5.0,M1.1.1", b"CET-1CEST-1,M3.5.0,M10.5.0", b"CET-1,M3.5.0,M10.5.0", b"\xff\xff-1", b"C\r\n-1"],
)  # fmt: skip
def test_a_footer_of_another_form_has_no_block(footer):
    """None means: write UTC times."""
    assert vtimezone("Europe/Berlin", tzif(footer)) is None


@given(st.binary(max_size=300))
def test_any_octets_are_a_block_or_none(octets):
    """Total over octets."""
    for content in (octets, b"TZif2" + octets, tzif(octets)):
        block = vtimezone("A/B", content)
        assert block is None or block.startswith(b"BEGIN:VTIMEZONE\r\n")


@pytest.mark.parametrize("name", ["", "../etc/passwd", "A\r\nB", "A;B", "a b", "/A", "A/", "Å/B", "A" * 41])
def test_a_name_that_is_none_is_refused(name):
    """It becomes part of a line, and of a path."""
    with pytest.raises(ValueError):
        vtimezone(name, tzif(b"CET-1"))
    assert zone_octets(name) is None


def test_the_zone_file_is_the_one_that_zoneinfo_reads():
    """The search path first, then the tzdata package; unknown names are None."""
    assert zone_octets("Europe/Stockholm").startswith(b"TZif")
    assert zone_octets("Nowhere/Nothing") is None
    assert zone_octets("Europe") is None


def test_the_zone_file_comes_from_the_package_where_the_system_has_none():
    """A slim container has no /usr/share/zoneinfo."""
    before = zoneinfo.TZPATH
    zone_octets.cache_clear()
    zoneinfo.reset_tzpath(to=())
    try:
        assert zone_octets("Europe/Berlin").startswith(b"TZif")
        assert zone_octets("Nowhere/Nothing") is None
    finally:
        zoneinfo.reset_tzpath(to=before)
        zone_octets.cache_clear()


def test_a_rule_agrees_with_its_own_zone():
    """Winter and summer, at both sides of a change."""
    zone = ZoneInfo("Europe/Berlin")
    moments = [datetime(2026, 3, 28, 9), datetime(2026, 3, 29, 3), datetime(2026, 10, 25, 1, 59), datetime(2026, 12, 1)]
    assert agrees(BERLIN, [moment.replace(tzinfo=zone) for moment in moments])


def test_a_rule_does_not_agree_with_another_zone():
    """The block is judged by its rules, never by its name."""
    moment = datetime(2026, 7, 1, 9, tzinfo=ZoneInfo("Europe/Berlin"))
    assert not agrees(BERLIN.replace(b"TZOFFSETTO:+0200", b"TZOFFSETTO:+0300"), [moment])
    assert not agrees(BERLIN, [datetime(2026, 7, 1, 9, tzinfo=ZoneInfo("Europe/London"))])


def test_morocco_agrees_but_in_ramadan():
    """Casablanca turns its clock back for Ramadan (18 February to 19 March 2026), which no yearly rule can say."""
    zone = ZoneInfo("Africa/Casablanca")
    block = vtimezone("Africa/Casablanca", zone_octets("Africa/Casablanca"))
    assert agrees(block, [datetime(2026, 7, 1, 9, tzinfo=zone)])
    if datetime(2026, 3, 1, 9, tzinfo=zone).utcoffset() == timedelta():
        assert not agrees(block, [datetime(2026, 3, 1, 9, tzinfo=zone)])


@pytest.mark.parametrize("moment", [datetime(2026, 3, 29, 2, 30), datetime(2026, 10, 25, 2, 30)])
def test_a_skipped_or_ambiguous_hour_does_not_agree(moment):
    """Nobody can say what such a wall time means, in whichever fold."""
    for fold in (0, 1):
        assert not agrees(BERLIN, [moment.replace(tzinfo=ZoneInfo("Europe/Berlin"), fold=fold)])


def test_a_naive_moment_is_refused():
    """It has no offset to agree with."""
    with pytest.raises(ValueError):
        agrees(BERLIN, [datetime(2026, 7, 1, 9)])
