"""Event files and attendees as nobody would write them, the same ones for the same seed: no clock, no chance.

Hostile signs are written into the TOML as they would come from a careless copy; what the loader refuses (an hour that
summer time skips) is moved on by an hour, as its organiser would do.
"""

import random
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from mailflow.config.event import load_event
from mailflow.config.problems import ConfigError
from mailflow.mail.address import Address, parse_address
from mailflow.model.event import Event
from mailflow.zonefile import zone_octets

DOMAIN = "events.example.org"
ZONES = sorted(name for name in available_timezones() if zone_octets(name) and not name.startswith("posix"))
NASTY = [
    "\r\nATTENDEE:mailto:evil@x", "\r", "\n", "\u2028", "\u2029", "\x85", "\x0b", "\x0c", ";", ",", "\\", '"', "^n", "^'", "^", ":",
    "\u202e", "\u2066", "\u200e", "\u200b", "\ufeff", "\u00ad", "\x00", "\x07", "\x1b[31m", "\x7f", "\x9b", "\u200d", "'", "{", "}",
    "BEGIN:VEVENT", "END:VCALENDAR\r\n", "UID:stand-in@mailflow.invalid", "stand-in", "19700101T000000Z", "STATUS:CANCELLED",
    "\U0001f469\u200d\U0001f4bb", "\U0001f40d", "日本語", "e\u0301", "Å", "\t", "  ", " " * 40, "a" * 80, "\\n", "\\,", "=?utf-8?q?x?=",
    "%0D%0A", "תל אביב", "مرحبا", "हिन्दी", "\u3000", "\xa0", "{title}", "{{ 7 * 7 }}", "{% raw %}", "<b>", "&amp;", "x", "workshop",
    "\U000e0041", "\ufdd0", "\ue000", "Z\u0335\u0321\u034e\u0301",
]  # fmt: skip
LOCALS = [
    "maja.lind",
    "a",
    "o'brien",
    "x+tag",
    "under_score",
    "hy-phen",
    "A.B",
    "{}",
    "a/b",
    "~",
    "1",
    "q*|`",
    "m" * 64,
]


@dataclass(frozen=True)
class Case:
    """One event before and after its change, one attendee, and whether the change moved it in time."""

    name: str
    before: Event
    after: Event
    moved: bool
    language: str
    attendee: str
    address: Address


def hostile(chance, most, *, pieces=12):
    """A text of at most `most` characters."""
    return "".join(chance.choice(NASTY) for _ in range(chance.randrange(1, pieces)))[:most]


def text(chance, most, *, pieces=12):
    """A title or a place: long, hostile or plain. Something is left of it when it is cleaned."""
    return ("T" + hostile(chance, most, pieces=pieces * chance.choice((1, 1, 6))))[:most]


def quoted(words):
    """A TOML string: whatever must not stand in one is escaped (toml.io §string)."""
    return '"' + re.sub(r'[\x00-\x1f\x7f"\\]', lambda found: f"\\u{ord(found[0]):04x}", words) + '"'


@cache
def changes(name):
    """The hours around each change of that zone's clock in 2027, in UTC."""
    zone, begin = ZoneInfo(name), datetime(2027, 1, 1, tzinfo=UTC)
    offsets = [(begin + timedelta(days=day)).astimezone(zone).utcoffset() for day in range(366)]
    hours = [24 * n + hour for n in range(365) if offsets[n] != offsets[n + 1] for hour in range(25)]
    near = [begin + timedelta(hours=hour) for hour in hours]
    hour = timedelta(hours=1)
    return [at for at in near if (at - hour).astimezone(zone).utcoffset() != (at + hour).astimezone(zone).utcoffset()]


def start(chance, name):
    """A wall time there: about every second one in the very hours around a change of the clock (calendar.md §13.10)."""
    near = changes(name)
    if near and chance.random() < 0.5:
        moment = chance.choice(near) + timedelta(minutes=chance.choice((-60, -30, 0, 15, 30, 60)))
    else:
        moment = datetime(2026, 9, 1, tzinfo=UTC) + timedelta(minutes=15 * chance.randrange(40_000))
    # Without its fold, since a file cannot write one; sometimes in an hour that does not exist.
    return moment.astimezone(ZoneInfo(name)).replace(tzinfo=None, fold=0) + timedelta(hours=chance.choice((0, 0, 0, 1)))


def written(chance, name):
    """(what the file holds beside its times, how long the event takes)."""
    days = chance.random() < 0.25
    length = timedelta(hours=chance.randrange(20, 80)) if days else timedelta(minutes=15 * chance.randrange(1, 47))
    title = text(chance, 200)
    lines = [
        f"title = {{ en = {quoted(title)}, sv = {quoted(text(chance, 200))} }}",
        f"short_title = {{ en = {quoted(text(chance, 40))}, sv = {quoted(text(chance, 40))} }}",
        'languages = ["en", "sv"]',
        f'timezone = "{name}"',
    ]
    if chance.random() < 0.5:
        lines.append(f"included = {{ en = {quoted(hostile(chance, 200))}, sv = {quoted(hostile(chance, 200))} }}")
    if chance.random() < 0.5:
        lines.append("page = \"https://events.example.org/a;b,c?x=%C3%A5&y='1'#z\"")
    venue = []
    where = chance.choice(("online", "hybrid", "place", "place", "nowhere"))
    if where in ("online", "hybrid"):
        venue.append(f'link = "https://meet.example.org/{"x" * chance.randrange(1, 900)}?pwd=1,2;3"')
    if where in ("hybrid", "place"):
        venue += [f"name = {quoted(hostile(chance, 120))}", f"street = {quoted(hostile(chance, 120))}",
                  f"city = {quoted(hostile(chance, 80))}", f"floor = {{ en = {quoted(hostile(chance, 80))} }}"]  # fmt: skip
        if chance.random() < 0.5:
            venue.append(f"geo = [{chance.uniform(-90, 90):.6f}, {chance.choice((0.0, 1e-05, -179.5, 13.19))}]")
        if chance.random() < 0.3:
            venue.append('map = "https://map.example.org/?q=1,2"')
    tables = ["[venue]", *venue]
    for _ in range(chance.choice((0, 3, 60)) if days else chance.choice((0, 2))):
        tables += ["[[programme.items]]", f"title = {{ en = {quoted(text(chance, 200))} }}"]
        if chance.random() < 0.7:
            tables.append(f"at = {chance.randrange(24):02d}:{chance.choice((0, 15, 45)):02d}:00")
        if chance.random() < 0.5:
            tables.append(f"speaker = {quoted(hostile(chance, 200))}")
    return lines, tables, length


def loaded(folder, identity, lines, tables, starts, length):
    """The event as the loader makes it, of the first hours from `starts` on that it takes."""
    path = folder / f"{identity}.toml"
    for hours in range(30):
        begins = starts + timedelta(hours=hours)
        ends = begins + length
        times = [f"starts = {begins:%Y-%m-%dT%H:%M:%S}", f"ends = {ends:%Y-%m-%dT%H:%M:%S}"]
        path.write_text("\n".join((*lines, *times, *tables)), encoding="utf-8", newline="")
        try:
            return load_event(path, DOMAIN), begins
        except ConfigError as refused:
            # Only times may be wrong: an hour that is skipped, or an event whose end the clock puts before its start.
            if not {problem.key for problem in refused.problems} <= {"starts", "ends"}:
                raise
    raise AssertionError("no hour that exists")


def cases(folder, number):
    """`number` of them, through files in `folder`."""
    chance = random.Random(5546)
    for n in range(number):
        name = ZONES[n % len(ZONES)] if n < len(ZONES) else chance.choice(ZONES)
        lines, tables, length = written(chance, name)
        identity = chance.choice(("gan", "a", f"event-{n}", "x" * 25))
        before, begins = loaded(folder, identity, lines, tables, start(chance, name), length)
        moved = chance.random() < 0.5
        if moved:
            after, _ = loaded(
                folder, identity, lines, tables, begins + timedelta(hours=chance.randrange(1, 50)), length
            )
        else:
            place = f"name = {quoted('R' + hostile(chance, 100))}"
            others = [row for row in tables if not row.startswith("name =")]
            after, _ = loaded(folder, identity, lines, [others[0], place, *others[1:]], begins, length)
        address = f"{chance.choice(LOCALS)}@{chance.choice(('example.org', 'xn--bcher-kva.example', 'a.b.c.example'))}"
        yield Case(f"{n:03d}", before, after, moved, chance.choice(("en", "sv")), hostile(chance, 200, pieces=30),
                   parse_address(address))  # fmt: skip
