"""An organiser's week: an event from an invitation in a calendar until nothing of anybody is left, by mail alone.

Kim reads Swedish and Robin English; neither sees a shell, a file or a page. Every letter is a line of
`golden/life/week.txt`; what the organisers read stands whole in `golden/life/week_organisers.txt`, the first letter of
each kind to the others in `golden/life/week_people.txt`. Read their diff as an organiser would.
"""

import csv
import io
import re
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from mailflow.mail.parse import parse
from mailflow.model.registration import Status
from mailflow.model.seal import new_key
from mailflow.service.opening import load_keys
from tests.service.conftest import Site, html_of, kind_of
from tests.service.test_life import traces
from tests.service.test_making import MAKERS, NEW, files_of
from tests.service.test_meetings import meeting

EVENT = "drommande-maskiner"
HOME = f"{EVENT}@events.test.example"
KIM, ROBIN = "kim.ek@example.org", "robin.berg@example.org"
TITLE = "Drömmande maskiner"
PEOPLE = {
    "astrid.nyqvist@example.org": "Astrid Nyqvist",
    "bertil.akerblom@example.org": "Bertil Åkerblom",
    "cecilia.thorsell@example.org": "Cecilia Thorsell",
    "dagmar.nyqvist@example.org": "Dagmar Nyqvist",
    "eskil.akerblom@example.org": "Eskil Åkerblom",
    "frida.thorsell@example.org": "Frida Thorsell",
    "gunvor.nyqvist@example.org": "Gunvor Nyqvist",
    "hjalmar.akerblom@example.org": "Hjalmar Åkerblom",
}
ASTRID, BERTIL, CECILIA, DAGMAR, ESKIL, FRIDA, GUNVOR, HJALMAR = PEOPLE
# Who never wrote a mail: Robin adds her.
INGRID = "ingrid.thorsell@example.org"
NAMES = {**PEOPLE, INGRID: "Ingrid Thorsell", KIM: "Kim Ek", ROBIN: "Robin Berg"}
WORDS = (
    "Jag vill gärna anmäla mig.\n\nVänliga hälsningar\n{name}",
    "Anmälan\nNamn: {name}\nKost: veganskt",
    "Hej!\n\nJag anmäler mig härmed. Jag äter vegetariskt.\n\nMvh {name}",
    "anmäl mig tack",
)
# What Kim's meeting says, in place of the English of `meeting`.
SAID = (("What they dream of", "Vad de drömmer om"), ("and why.", "och varför."), ("Seats: 2", "Platser: 4"))
ANNOUNCE = "ANNOUNCE Bring a laptop\n\nHi {first_name},\n\nwe will try the models ourselves in {venue}.\n\nRobin"


class Week:
    """The site, the mails of everybody, and the books that must be right after each."""

    def __init__(self, site):
        self.site, self.letters, self.chronicle = site, [], []

    async def at(self, day, hour, minute=0, month=8):
        """The clock moves on and ticks at each full hour by UTC, and at the end."""
        to = datetime(2019, month, day, hour, minute, tzinfo=UTC)
        while (now := self.site.clock.moment) < to:
            step = timedelta(days=1) if to - now > timedelta(days=4) else timedelta(hours=1)
            self.site.clock.moment = min(to, now.replace(minute=0) + step)
            await self.site.tick()
            await self.look()

    async def say(self, who, text, *, to=HOME, answering=None, **more):
        """A mail five minutes after the last, in the thread of `answering`; the newest letter to its sender."""
        self.site.clock.forward(minutes=5)
        self.site.to = to
        if answering is not None:
            more["headers"] = [f"In-Reply-To: <{answering.message_id}>"]
            more.setdefault("subject", f"Re: {answering.subject}")
        before = len(self.to(who))
        assert (await self.site.mail(f"{NAMES[who]} <{who}>", text, to=to, **more)).ok
        await self.site.tick()
        await self.look()
        assert len(self.to(who)) == before + 1, (text, self.kinds(who))
        return self.to(who)[-1]

    async def order(self, who, text, **more):
        """Commands; the lines of the transcript as one text, without its numbers below."""
        letter = await self.say(who, text, **more)
        assert kind_of(letter) == "transcript"
        return letter

    async def press(self, who, words):
        """A button or command link of the newest letter to that person that has one with these words: what it sends."""
        offered = [link for raw in reversed(self.site.raw(who)) for link in links(raw)]
        address, subject, body = next((link for link in offered if words in f"{link[1]} {link[2]}"), ("", "", offered))
        assert address, body
        return await self.say(who, body, to=address, subject=subject)

    async def invite(self, **more):
        """Kim's calendar sends the meeting, as a program of Exchange's kind does."""
        self.site.to, self.site.count = NEW, self.site.count + 1
        self.site.clock.forward(minutes=5)
        entry = meeting(title=TITLE, **more)
        for english, swedish in SAID:
            entry = entry.replace(english, swedish)
        content = self.site.write(f"Kim Ek <{KIM}>", entry)
        method = b"text/calendar; charset=utf-8; method=REQUEST"
        await self.site.mail(KIM, content=content.replace(b"text/plain; charset=utf-8", method), to=NEW)
        await self.look()
        return self.to(KIM)[-1]

    def to(self, who):
        return [letter for to, letter in self.letters if to == who]

    def kinds(self, who):
        return [kind_of(letter) for letter in self.to(who)]

    async def person(self, who):
        from mailflow.mail.address import parse_address

        return await self.site.read(lambda reader: reader.registration_of(EVENT, parse_address(who)))

    async def look(self):
        """The counters tell the truth, nobody waits beside a free seat, and the new letters are written down."""
        assert list(self.site.service.means.store.recount()) == []
        sent = self.site.courier.letters[len(self.letters) :]
        new = sorted(((str(to), parse(content)) for _, to, content in sent), key=lambda pair: pair[0])
        self.letters += new
        when = self.site.clock.moment.strftime("%d %b %H:%M")
        self.chronicle += [
            f"{when}  {kind_of(one):18} {one.header('content-language'):6} {to}\n{'':14}{one.subject}"
            for to, one in new
        ]


def links(raw):
    """Every mailto link of a letter as (address, subject, body)."""
    found = re.findall(r'href="(mailto:[^"]{1,2000})"', html_of(raw))
    parts = [urlsplit(link.replace("&amp;", "&")) for link in found]
    fields = [parse_qs(part.query.replace("+", "%2B")) for part in parts]
    return [
        (unquote(part.path), field.get("subject", [""])[0], field.get("body", [""])[0])
        for part, field in zip(parts, fields, strict=True)
    ]


def flat(letter):
    return " ".join(letter.text.split())


def printed(letters):
    return "\n".join(
        f"{'=' * 20} {kind_of(letter)} ({letter.header('content-language')}) to {to}\n{letter.subject}\n\n"
        f"{letter.text.strip()}\n"
        for to, letter in letters
    )


@pytest.fixture
async def week(tmp_path, keys_pem, monkeypatch):
    """A site without any event, 20 August 2019, 06:30 in Stockholm, under a key that is always the same."""
    from tests.service import conftest

    config = conftest.CONFIG.replace('[site]\ndomain = "events.test.example"\n', MAKERS)
    monkeypatch.setattr(conftest, "CONFIG", config)
    site = Site(tmp_path, 2, keys_pem)
    (tmp_path / "events" / "gan.toml").unlink()
    (tmp_path / "secret.key").write_text(new_key(bytes(range(32))))
    site.keys = load_keys(site.config)
    await site.start()
    yield Week(site)
    await site.close()


async def make(week):
    """Tuesday: the calendar invites the service; one line changes the draft; PUBLICERA; Robin helps from now on."""
    draft = await week.invite()
    assert kind_of(draft) == "event_draft"
    draft = await week.say(KIM, "Anmälan senast: 26 augusti kl. 12\nSpecialkost: ja", to=NEW, answering=draft)
    assert "måndag 26 augusti kl. 12.00" in flat(draft)
    public = await week.say(KIM, "PUBLICERA", to=NEW, answering=draft)
    assert kind_of(public) == "event_published"
    assert str(public.sender) == HOME
    asked = await week.order(KIM, f"MEDARRANGÖR Robin Berg <{ROBIN}>")
    assert asked.subject.startswith("Svara JA: ")
    await week.order(KIM, "JA", answering=asked)
    (welcome,) = week.to(ROBIN)
    assert welcome.subject == f"Du är arrangör nu: {TITLE}"
    # Nobody has heard Robin yet. From the first command on it is English.
    words = await week.order(ROBIN, "HELP", answering=welcome)
    assert words.subject == "Done: HELP"


async def fill(week):
    """Wednesday to Thursday: four seats are taken, four people wait, one asks."""
    for n, (who, name) in enumerate(PEOPLE.items()):
        await week.at(21 + n // 6, 8 + n % 6)
        letter = await week.say(who, WORDS[n % len(WORDS)].format(name=name), subject="Anmälan")
        assert kind_of(letter) == ("registered" if n < 4 else "waitlisted")


async def ask(week):
    """A question reaches both; Robin answers the person directly, and tells the desk with the letter's own link."""
    received = await week.say(BERTIL, "Finns det hiss till andra våningen?", answering=week.to(BERTIL)[-1])
    assert kind_of(received) == "question_received"
    for who in (KIM, ROBIN):
        assert week.kinds(who)[-1] == "question_forwarded"
        assert BERTIL in str(week.to(who)[-1].header("reply-to"))
    done = await week.press(ROBIN, "DONE F-1")
    assert done.subject == "Done: DONE F-1"


async def run(week):
    """Friday: more seats, one step too far and back, a word to all, and the list put right."""
    more = await week.order(KIM, "PLATSER 5\nSTATUS")
    assert "5 platser (var 4). 1 person på väntelistan fick en plats." in flat(more)
    assert week.kinds(ESKIL)[-1] == "promoted"
    far = await week.order(ROBIN, "CLOSE\nSEATS 6")
    assert week.kinds(FRIDA)[-1] == "promoted"
    back = await week.order(ROBIN, "UNDO", answering=far)
    assert back.subject.startswith("Done: UNDO")
    shown = await week.order(ROBIN, ANNOUNCE)
    assert shown.subject == "Reply YES: ANNOUNCE Bring a laptop"
    await week.press(ROBIN, "YES")
    seated = [str(row.address) for row in await week.site.read(lambda r: r.registrations(EVENT, "confirmed"))]
    assert all("announcement" in week.kinds(who) for who in seated)
    code = (await week.person(CECILIA)).code
    shown = await week.order(KIM, f"TA BORT {code}")
    assert "Cecilia Thorsell" in flat(shown)
    await week.order(KIM, "JA", answering=shown)
    assert (await week.person(CECILIA)).status is Status.REMOVED
    await week.order(ROBIN, f"ADD {NAMES[INGRID]} <{INGRID}>\nPROMOTE {(await week.person(HJALMAR)).code}\nLIST")
    assert (await week.person(HJALMAR)).status is Status.CONFIRMED
    await week.order(ROBIN, f"PROMOTE {INGRID}\nDIGEST DAILY")
    await week.order(KIM, "HJÄLP")


async def move(week):
    """Saturday: the meeting gets another room in Kim's calendar; nobody hears of it before JA, then Robin at once."""
    asked = await week.invite(sequence=1, where="Eden 116")
    assert asked.subject == f"Svara JA för att flytta: {TITLE}"
    await week.say(KIM, "JA", to=NEW, answering=asked)
    assert week.site.service.house.events[EVENT].venue.name == "Eden 116"
    assert week.kinds(ROBIN)[-1] == "event_published"
    await week.at(24, 12)
    assert week.kinds(ASTRID)[-1] == "event_changed"


async def the_day(week):
    """The lists at the door, a late cancellation, one who did not come, and thanks to those who did."""
    await week.at(26, 11)
    for who in (KIM, ROBIN):
        assert "door_list" in week.kinds(who)
    await week.at(27, 9, 15)
    cancelled = await week.say(DAGMAR, "avboka", answering=week.to(DAGMAR)[0])
    assert kind_of(cancelled) == "cancelled"
    assert [week.kinds(who)[-1] for who in (KIM, ROBIN)] == ["late_cancellation"] * 2
    await week.at(27, 14, 30)
    number = (await week.person(ESKIL)).door_number
    listed = [raw for raw in week.site.raw(KIM) if kind_of(parse(raw)) == "door_list"][-1]
    rows = next(octets for name, octets in files_of(listed).items() if name.endswith(".csv"))
    row = next(row for row in csv.reader(io.StringIO(rows.decode("utf-8-sig")), delimiter=";") if "Eskil Åkerblom" in row)
    assert row[0] == str(number)
    absent = await week.order(KIM, f"SAKNADES {number}")
    assert "1 person är antecknad som frånvarande" in flat(absent)
    await week.at(28, 8)
    digest = week.to(KIM)[-1]
    assert kind_of(digest) == "digest"
    assert "SAKNADES 3, 7 – " in digest.text
    assert "PLATSER" not in digest.text
    thanked = {who for who in NAMES if "thank_you" in week.kinds(who)}
    assert thanked == {ASTRID, BERTIL, FRIDA, HJALMAR, INGRID}


async def test_an_organiser_s_week_by_mail_alone(week, golden):
    """Made in a calendar, filled, changed, moved, held and erased; every transcript is true, and no byte is left."""
    await make(week)
    await fill(week)
    await ask(week)
    await week.at(23, 6)
    await run(week)
    await week.at(24, 8)
    await move(week)
    await the_day(week)
    folder = week.site.folder
    assert traces(folder, NAMES.items())
    await week.at(20, 8, month=10)
    people = {who: name for who, name in NAMES.items() if who != KIM}
    assert traces(folder, people.items()) == []
    assert not await week.site.read(lambda reader: reader.registrations(EVENT))
    told = await week.site.read(lambda reader: reader.statistics(EVENT))
    assert (told.people("confirmed"), told.absent) == (6, 1)
    assert not await week.site.read(lambda reader: reader.mails(state="failed") or reader.letters(state="due"))
    golden("life/week.txt", "\n".join(week.chronicle) + "\n")
    golden("life/week_organisers.txt", printed([pair for pair in week.letters if pair[0] in (KIM, ROBIN)]))
    first = {}
    for to, letter in week.letters:
        if to not in (KIM, ROBIN):
            first.setdefault(kind_of(letter), (to, letter))
    golden("life/week_people.txt", printed([first[kind] for kind in sorted(first)]))
