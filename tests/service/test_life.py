"""A life: the seed event from before its opening until nothing of anybody is left, over SMTP, by a clock that is moved.

Sixty people write in words of their own. Every letter is a line of `golden/life/chronicle.txt`; the first of each kind
and language stands whole in `golden/life/letters.txt`. Read their diff as prose.
"""

import base64
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from mailflow.mail.parse import parse
from mailflow.model.registration import Status
from mailflow.model.seal import new_key
from mailflow.service.opening import load_keys
from tests.conftest import ROOT
from tests.service.conftest import Site, kind_of
from tests.service.test_path import calendar_of

SEED = (ROOT / "deploy" / "demo" / "creative-machines.toml").read_text()
EVENT = SEED.replace("capacity = 40 ", "capacity = SEATS ").replace("guests = 0\n", "guests = 1\n")
SEATS = 40
KIM, ROBIN = "kim.ek@example.org", "robin.berg@example.org"
FIRST = (
    "Astrid", "Bertil", "Cecilia", "Dagmar", "Eskil", "Frida", "Gunvor", "Hjalmar", "Ingrid", "Josefin",
    "Klas", "Linnea", "Märta", "Niklas", "Ottilia", "Pontus", "Ragnhild", "Sigvard", "Torbjörn", "Ulrika",
)  # fmt: skip
LAST = ("Nyqvist", "Åkerblom", "Thorsell")
# What people write: the mail's text, where {name} stands under it.
WORDS = (
    "I would like to register for the workshop.\n\nBest regards\n{name}",
    "Hej!\n\nJag vill gärna anmäla mig till workshoppen.\n\nVänliga hälsningar\n{name}",
    "Register\nName: {name}\nDiet: vegan",
    "Anmälan\nNamn: {name}\nKost: glutenfritt",
    "Hello,\n\nplease sign me up. I am vegetarian.\n\nThanks,\n{name}",
    "Hej, jag anmäler mig härmed. Jag äter veganskt.\n\nMvh {name}",
    "Please register me.\nDiet: no nuts\nAffiliation: Lund University\n\n{name}",
    "Anmäl mig tack!\nMat: laktosfritt\nFöretag: Sydkraft\n\n{name}",
    "register",
    "Jag kommer gärna!\n\n{name}",
)


def folk():
    """Sixty people as (address, name), in the order in which they write."""
    plain = str.maketrans("åäöÅÄÖ", "aaoAAO")
    for last in LAST:
        for first in FIRST:
            local = f"{first}.{last}".translate(plain).lower()
            yield f"{local}@example.org", f"{first} {last}"


PEOPLE = tuple(folk())
NAMES = dict(PEOPLE)


class Life:
    """The site, and after each thing that happens the books that must be right."""

    def __init__(self, site):
        self.site = site
        self.letters, self.chronicle, self.fullest = [], [], 0

    async def at(self, month, day, hour, minute=0):
        """The clock moves on, and ticks where something may fall due: at 7, 9, 12 and 21 in Stockholm. `at` is in UTC."""
        to = datetime(2019, month, day, hour, minute, tzinfo=UTC)
        while (now := self.site.clock.moment) < to:
            midnight = now.replace(hour=0, minute=0)
            stops = (midnight + timedelta(days=day, hours=hour) for day in (0, 1) for hour in (5, 7, 10, 19))
            self.site.clock.moment = min(to, next(stop for stop in stops if stop > now))
            await self.site.tick()
            await self.look()

    async def say(self, who, text="", *, signed=True, reply=False, **more):
        """A mail, five minutes after the last; `reply` puts it into the thread of the last letter to that person."""
        self.site.clock.forward(minutes=5)
        if reply:
            letter = self.to(who)[-1]
            more["headers"] = [f"In-Reply-To: <{letter.message_id}>"]
            more.setdefault("subject", f"Re: {letter.subject}")
        answer = await self.site.mail(f"{NAMES.get(who, '')} <{who}>", text, signed=signed, **more)
        assert answer.ok
        await self.look()
        return self.kinds(who)[-1]

    def to(self, who):
        return [letter for to, letter in self.letters if to == who]

    def kinds(self, who):
        return [kind_of(letter) for letter in self.to(who)]

    async def wish(self, who, text, **more):
        """A mail in free words: who is asked back says yes."""
        kind = await self.say(who, text, **more)
        if kind != "please_confirm":
            return kind
        return await self.say(who, "Ja" if self.to(who)[-1].header("content-language") == "sv" else "Yes", reply=True)

    async def look(self):
        """Nobody is overbooked, nobody waits beside a free seat, and the new letters are written down."""
        rows = await self.site.read(lambda reader: reader.registrations("gan"))
        taken = sum(1 + row.guests for row in rows if row.status in (Status.CONFIRMED, Status.OFFERED))
        state = await self.site.read(lambda reader: reader.event_state("gan"))
        assert (state.taken, state.waiting) == (taken, sum(row.status is Status.WAITING for row in rows))
        assert taken <= SEATS
        self.fullest = max(self.fullest, taken)
        if any(row.status is Status.WAITING and not row.guests for row in rows) and self.open():
            assert taken == SEATS
        sent = self.site.courier.letters[len(self.letters) :]
        new = sorted(((str(to), parse(content)) for _, to, content in sent), key=lambda pair: pair[0])
        self.letters += new
        when = self.site.clock.moment.strftime("%d %b %H:%M")
        self.chronicle += [
            f"{when}  {kind_of(one):18} {one.header('content-language'):6} {to}\n{'':14}{one.subject}"
            for to, one in new
        ]

    def open(self):
        """The line moves until noon of the day before (`waiting_list.until`)."""
        return self.site.clock.moment < datetime(2019, 8, 26, 10, tzinfo=UTC)

    def specimens(self):
        """The first letter of each kind and language, in the order of the alphabet."""
        first = {}
        for _, letter in self.letters:
            first.setdefault((kind_of(letter), letter.header("content-language")), letter)
        return "\n".join(
            f"{'=' * 20} {kind} ({language})\n{letter.subject}\n\n{letter.text.strip()}\n"
            for (kind, language), letter in sorted(first.items())
        )


@pytest.fixture
async def life(tmp_path, keys_pem):
    """The site on the last day of July, under a key that is always the same: so are its codes, and the golden files."""
    site = Site(tmp_path, SEATS, keys_pem, event=EVENT)
    (tmp_path / "secret.key").write_text(new_key(bytes(range(32))))
    site.keys = load_keys(site.config)
    site.clock.moment = datetime(2019, 7, 31, 6, tzinfo=UTC)
    await site.start()
    yield Life(site)
    await site.close()


def declined(letter, who, now):
    """What a calendar program sends when somebody presses Decline."""
    uid = next(line[4:] for line in calendar_of(letter).splitlines() if line.startswith("UID:"))
    return (
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:REPLY\r\nBEGIN:VEVENT\r\n"
        f"UID:{uid}\r\nSEQUENCE:0\r\nDTSTAMP:{now:%Y%m%dT%H%M%SZ}\r\n"
        f"ATTENDEE;PARTSTAT=DECLINED:mailto:{who}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )


def traces(folder, people=PEOPLE):
    """Which people's addresses or names any byte of the database still holds, plain or in base64 at any offset."""
    content = b"".join(file.read_bytes().lower() for file in sorted(folder.glob("mailflow.db*")))
    assert content
    # The end of a surname alone also meets what an encoding did to its å.
    words = [word for address, name in people for word in (address, name, address.partition("@")[0])]
    words += sorted({name.split()[-1][1:] for _, name in people if len(name.split()[-1]) > 4})
    left = []
    for word in words:
        raw = word.encode()
        coded = [base64.b64encode(b" " * shift + raw)[4 if shift else 0 : -4].lower() for shift in range(3)]
        if any(form in content for form in (raw.lower(), *(one for one in coded if len(one) > 9))):
            left.append(word)
    return left


async def sign_up(life):
    """From the day before the opening until it is full and people wait."""
    early, _ = PEOPLE[0]
    assert await life.say(early, "register") == "closed"
    await life.at(8, 1, 6)
    kinds = Counter()
    for n, (who, name) in enumerate(PEOPLE[:56]):
        if n % 8 == 0:
            await life.at(8, 1 + n // 8, 8)
        text = WORDS[n % len(WORDS)] + ("\nGuests: 1" if n in (2, 12) else "")
        kinds[await life.wish(who, text.format(name=name), subject="Workshop")] += 1
    return kinds


async def weeks(life):
    """Changes of mind between the sign-up and the closing."""
    site, people = life.site, [who for who, _ in PEOPLE]
    await life.at(8, 9, 8)
    # An unproved one is asked, and says yes; another one never does.
    assert await life.say(people[56], "register", signed=False) == "please_confirm"
    assert await life.say(people[56], "YES", signed=False, reply=True) == "waitlisted"
    assert await life.say(people[57], "register", signed=False) == "please_confirm"
    waiting = [row.address for row in await site.read(lambda r: r.head_of_line("gan", 20))]
    # A seat given up in words, and one by a calendar: the first two in line move up.
    assert await life.wish(people[3], "Tyvärr får jag förhinder, avboka mig.", reply=True) == "cancelled"
    reply = declined(site.raw(people[5])[-1], people[5], site.clock.now())
    mail = site.write(people[5], reply, subject="Declined").replace(
        b"text/plain; charset=utf-8", b"text/calendar; method=REPLY"
    )
    assert await life.say(people[5], content=mail) == "cancelled"
    for address in waiting[:2]:
        assert life.kinds(str(address))[-1] == "promoted"
    await life.at(8, 12, 8)
    assert (await site.person(people[57])).status is Status.EXPIRED
    assert await life.say(people[4], "Diet: vegan", reply=True) == "updated"
    assert await life.say(people[1], "Kost: vegetariskt", reply=True) == "updated"
    assert await life.say(people[6], "Is there a lift to the second floor?", reply=True) == "question_received"
    assert life.kinds(KIM)[-1] == "question_forwarded"
    assert await life.say(people[7], "STOP", reply=True) == "status"
    assert await life.say(people[0], "MY DATA", subject="MY DATA") == "my_data"
    assert await life.say(people[8], "ERASE", subject="ERASE") == "erased"
    # The guest stays at home: that seat is the next one's.
    assert await life.say(people[2], "Guests: 0", reply=True) == "updated"
    # One waits no longer, one asks where they stand.
    last = [str(row.address) for row in await site.read(lambda r: r.head_of_line("gan", 20))]
    assert await life.say(last[-1], "cancel", reply=True) == "cancelled"
    assert await life.say(last[-2], "status") == "status"


async def closing(life):
    """Noon in Stockholm on the 23rd: a letter to those who are late; cancelling and changing go on."""
    people = [who for who, _ in PEOPLE]
    await life.at(8, 23, 9, 50)
    assert await life.say(people[58], "register") == "waitlisted"
    await life.at(8, 23, 10)
    assert await life.say(people[59], "Jag vill anmäla mig!") == "closed"
    assert await life.say(people[9], "cancel", reply=True) == "cancelled"


async def the_day(life):
    """Reminders, the day itself, thanks and a grade."""
    site, people = life.site, [who for who, _ in PEOPLE]
    await life.at(8, 26, 8)
    seated = [str(row.address) for row in await site.read(lambda r: r.registrations("gan", "confirmed"))]
    reminded = {who for who in people if "reminder" in life.kinds(who)}
    assert reminded <= set(seated) | {people[9]}
    assert people[7] not in reminded
    assert set(seated) - reminded == {people[7]}
    await life.at(8, 28, 8)
    assert {who for who in people if "thank_you" in life.kinds(who)} >= set(seated) - {people[7]}
    await life.say(people[10], "5", reply=True)
    return seated


async def test_the_seed_event_from_opening_to_erasure(life, golden):
    """Never overbooked, nothing said twice, everybody told; two months on no byte names anybody but the organisers."""
    site = life.site
    kinds = await sign_up(life)
    assert set(kinds) == {"registered", "waitlisted"}
    assert kinds["registered"] == SEATS - 2
    await weeks(life)
    await closing(life)
    await the_day(life)
    assert life.fullest == SEATS
    assert traces(site.folder)
    await life.at(9, 3, 15)
    rows = await site.read(lambda reader: reader.registrations("gan"))
    assert rows
    assert not [row for row in rows if {answer.question for answer in row.answers} & {"diet", "note"}]
    await life.at(10, 20, 8)
    assert list(site.service.means.store.recount()) == []
    assert traces(site.folder) == []
    assert not await site.read(lambda reader: reader.registrations("gan"))
    (counted,) = site.service.means.store.database.query("SELECT sum(people) AS people FROM statistics")
    assert counted["people"] == 59  # all but the one who came too late
    assert not await site.read(lambda reader: reader.mails(state="failed") or reader.letters(state="due"))
    assert max(Counter(letter.message_id for _, letter in life.letters).values()) == 1
    # An organiser's digest says each morning what is still open, so there the day alone is new.
    said = Counter((to, letter.subject, letter.text) for to, letter in life.letters if to in NAMES)
    assert [pair for pair, times in said.items() if times > 1] == []
    golden("life/chronicle.txt", "\n".join(life.chronicle) + "\n")
    golden("life/letters.txt", life.specimens())
