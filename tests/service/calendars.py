"""What tests of calendars do to a site: change its event, and read what was sent."""

import asyncio
import email

from icalendar import Calendar

from mailflow.service.opening import build_house


async def edit(site, old, new):
    """The event file says `new`, and HUP; the tick that HUP causes is left out, since tests tick by their own clock."""
    site.service._reread = asyncio.Event()
    file = site.folder / "events" / "gan.toml"
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))
    site.service.reload = lambda: (build_house(site.config, site.keys, site.clock), site.keys)
    await site.service.reread()


async def wait(site, minutes=10):
    site.clock.forward(minutes=minutes)
    await site.tick()


async def change(site, old, new):
    """The event file says `new`, and everybody concerned has been told."""
    await edit(site, old, new)
    await wait(site)


async def cancelled_life(make_site):
    """A site where Ada signed up, was told of another room and another time, and cancelled."""
    site = await make_site(4)
    await site.mail("ada@example.org", "register")
    await change(site, "Eden 236", "Eden 116")
    await change(site, "2019-08-27T12:30:00", "2019-08-27T13:15:00")
    await site.mail("ada@example.org", "cancel")
    return site


def calendars(letters):
    """(METHOD, octets) of each of the letters that has a calendar part, as it stands in the MIME tree."""
    return [
        (part.get_param("method"), part.get_payload(decode=True))
        for letter in letters
        for part in email.message_from_bytes(letter).walk()
        if part.get_content_type() == "text/calendar"
    ]


def invitations(letters):
    """The VEVENTs of those calendars."""
    return [Calendar.from_ical(octets).walk("VEVENT")[0] for _, octets in calendars(letters)]


async def answer(site, who, uid, partstat, *, sequence=0, attendee=None):
    """That person's calendar program sends its answer now."""
    lines = (
        "BEGIN:VCALENDAR", "VERSION:2.0", "METHOD:REPLY", "BEGIN:VEVENT", f"UID:{uid}", f"SEQUENCE:{sequence}",
        f"DTSTAMP:{site.clock.now():%Y%m%dT%H%M%SZ}", f"ATTENDEE;PARTSTAT={partstat}:mailto:{attendee or who}",
        "END:VEVENT", "END:VCALENDAR",
    )  # fmt: skip
    content = site.write(who, "\n".join(lines), subject=partstat.capitalize())
    kind = b"text/calendar; method=REPLY; charset=utf-8"
    await site.mail(who, content=content.replace(b"text/plain; charset=utf-8", kind))
