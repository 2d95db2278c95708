"""A small world for desk tests: a book that lives by `evolve`, and mails as intents."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from mailflow.desk import people
from mailflow.desk.decide import decide
from mailflow.desk.evolve import Book, evolve
from mailflow.desk.holding import last_call
from mailflow.mail.address import parse_address
from mailflow.model.decision import (
    Bounced,
    Budget,
    ChallengeClosed,
    Challenged,
    ChallengeName,
    Chosen,
    Erased,
    Forwards,
    Muted,
    Named,
    QuestionOpened,
    Saved,
    View,
)
from mailflow.model.event import Event, EventState, Localized, Organiser
from mailflow.model.intent import CameBack, Due
from mailflow.model.letter import Cause
from mailflow.model.proof import UNPROVED, Proof
from mailflow.model.registration import Status
from mailflow.model.seal import Seal

ZONE = ZoneInfo("Europe/Stockholm")
NOW = datetime(2019, 8, 20, 7, 0, tzinfo=UTC)
PROVED = Proof("S", "dkim", "example.org")
DISOWNED = Proof("F", "failed")
SEAL = Seal(b"test" * 8)


def event(**changes):
    base = Event(
        id="gan",
        title=Localized((("en", "GAN day"), ("sv", "GAN-dag"))),
        short_title=Localized((("en", "GAN day"), ("sv", "GAN-dag"))),
        languages=("en", "sv"),
        timezone="Europe/Stockholm",
        starts=datetime(2019, 8, 27, 12, 30, tzinfo=ZONE),
        ends=datetime(2019, 8, 27, 16, 0, tzinfo=ZONE),
        opens=datetime(2019, 8, 1, 8, 0, tzinfo=ZONE),
        closes=datetime(2019, 8, 23, 12, 0, tzinfo=ZONE),
        capacity=2,
        organisers=(Organiser("Kim Ek", parse_address("kim.ek@example.org"), "sv"),),
    )
    return replace(base, **changes)


class World:
    """Mails go in as (address, intent); decisions are applied by `evolve`; letters and states can be asked for."""

    def __init__(self, capacity=2, **changes):
        self.event = event(capacity=capacity, **changes)
        opens, closes = self.event.opens, self.event.closes
        self.book = Book(EventState(capacity, opens, closes))
        self.challenges = {}
        self.now = NOW
        self.letters = []
        self.spent = Counter()
        self.count = 0
        self.unlimited = True
        self.questions = 0
        self.asked_people = []
        self.elsewhere = 0
        self.bounces = []
        self.muted = []
        self.reached = None
        self.erased = set()

    def own(self, address):
        rows = [r for r in self.book.registrations.values() if r.address.key == address.key]
        standing = [r for r in rows if r.status.standing]
        return (standing or sorted(rows, key=lambda r: r.since) or [None])[-1]

    def asked(self, own):
        about = [c for c in self.challenges.values() if own and c.number == own.number and c.act == "register"]
        return tuple(challenge for challenge in about if challenge.state == "open")

    def named(self, intent, sender, reference):
        told = getattr(intent, "others", ()) or getattr(getattr(intent, "fields", None), "others", ())
        each = {one.address.canonical: one for one in reversed(told) if one.address.canonical != sender.canonical}
        each = dict(reversed(each.items()))
        named = tuple(
            Named(
                one,
                self.own(one.address),
                self.budget(one.address),
                f"{reference}-{n}",
                f"hash of {reference}-{n}",
                one.address.key in self.erased,
            )
            for n, one in enumerate(list(each.values())[:5])
        )
        first = self.book.state.next_number
        codes = tuple(SEAL.booking_code("gan", first + n) for n in range(6))
        return {"named": named, "unasked": max(0, len(each) - 5), "codes": codes}

    def chosen(self):
        held = Counter((a.question, option) for r in self.book.registrations.values() if r.holds
                       for a in r.answers for option in a.options)  # fmt: skip
        return tuple(Chosen(*key, taken) for key, taken in held.items())

    def head(self):
        line = [r for r in self.book.registrations.values() if r.status is Status.WAITING]
        return tuple(sorted(line, key=lambda r: r.place)[:20])

    def budget(self, address, text=""):
        forwards = self.forwards(address, text)
        if self.unlimited:
            return Budget(unproven_per_day=1000, answers_per_hour=1000, answers_per_day=1000, forwards=forwards)
        spent = self.spent[address.canonical]
        return Budget(
            answers_last_hour=spent, answers_last_day=spent, unproven_last_day=spent, forwards=forwards
        )  # fmt: skip

    def forwards(self, address, text):
        day = [q for at, q in self.asked_people if q.forwarded and at > self.now - timedelta(days=1)]
        mine = [q for q in day if q.sender and q.sender.canonical == address.canonical]
        hour = [q for at, q in self.asked_people if q.forwarded and at > self.now - timedelta(hours=1)]
        strangers = [q for q in hour if not q.proved]
        return Forwards(
            same_text=any(q.text_hash == text for q in mine),
            of_sender=len(mine),
            unproved_of_event=len(strangers),
            unproved_of_site=len(strangers) + self.elsewhere,
            of_event=len(hour),
            of_site=len(hour) + self.elsewhere,
        )

    def mail(
        self, sender, intent, proof=PROVED, *, challenge=None, located=None, name="", replied_to="", language="en",
        quote="", forward=False, **more,
    ):  # fmt: skip
        address = parse_address(sender) if isinstance(sender, str) else sender
        self.count += 1
        known = self.challenges.get(challenge) if challenge else None
        if known:
            located = known.number
        at = self.book.registrations.get(located) if located else None
        own = self.own(address) if address else None
        reference = SEAL.reference(self.count)
        view = View(
            event=self.event,
            state=self.book.state,
            sender=address,
            cause=Cause(
                message_id=f"m{self.count}@example.org", sender=address, sender_name=name, proved=proof.aligned
            ),
            own=own,
            located=at,
            challenge=known,
            asked=self.asked(own),
            head=self.head(),
            place=self.place(own),
            replied_to=replied_to,
            budget=self.budget(address, people.text_hash(quote, "")) if address else Budget(),
            located_budget=self.budget(at.address) if at else Budget(),
            code=SEAL.booking_code("gan", self.book.state.next_number),
            challenge_id=reference,
            challenge_code_hash=SEAL.challenge_code(reference),
            mail_language=language,
            next_question=self.questions + 1,
            quote=quote,
            forward=forward,
            chosen=self.chosen(),
            **self.named(intent, address, reference),
            offer_names=self.offer_names(reference),
            bounces=tuple(b for b in reversed(self.bounces) if at and b.number == at.number),
            reached=self.reached,
            **more,
        )
        decision = decide(view, intent, proof, self.now)
        assert decision == decide(view, intent, proof, self.now)
        self.take(decision)
        return decision

    def offer_names(self, reference):
        codes = (f"{reference}{n}" for n in range(len(self.head())))
        return tuple(ChallengeName(code, SEAL.challenge_code(code)) for code in codes)

    def due(self, job, challenge="", number=None):
        known = self.challenges.get(challenge)
        due = Due(job, challenge=challenge, number=number)
        return self.mail(None, due, challenge=challenge if known else None, located=number)

    def order(self, address, order):
        """What an organiser does with the registration of that address."""
        return self.mail(None, order, located=self.own(parse_address(address)).number)

    def back(self, address, severity="hard", *, letter="", challenge=None, **more):
        """A letter to that address comes back."""
        own = self.own(parse_address(address))
        self.count += 1
        back = CameBack(letter or f"letter {self.count}", severity, "the address does not exist", **more)
        return self.mail(None, back, challenge=challenge, located=own.number if own else None)

    def tick(self):
        """What has run out by now, the line, and its end."""
        for row in sorted(self.book.registrations.values(), key=lambda r: r.number):
            if row.until is not None and row.until <= self.now:
                self.due("run_out", number=row.number)
            if row.applied is not None and self.now >= self.event.starts:
                self.due("undecided", number=row.number)
        self.due("seats")
        while self.now >= last_call(self.event) and self.head():
            self.due("line_ends", number=self.head()[0].number)

    def take(self, decision):
        self.book = evolve(self.book, decision.changes)
        for change in decision.changes:
            if isinstance(change, Challenged):
                self.challenges[change.challenge.id] = change.challenge
            if isinstance(change, Erased):
                self.erased.add(change.address.key)
            if isinstance(change, Saved) and change.after.holds:
                self.erased.discard(change.after.address.key)
            if isinstance(change, Bounced):
                self.bounces.append(change.bounce)
            if isinstance(change, Muted):
                self.muted.append(str(change.address))
            if isinstance(change, ChallengeClosed):
                self.challenges[change.challenge.id] = replace(change.challenge, state=change.state)
            if isinstance(change, QuestionOpened):
                assert change.number == self.questions + 1
                self.questions += 1
                self.asked_people.append((self.now, change))
        for letter in decision.letters:
            self.letters.append(letter)
            if not letter.notice:
                self.spent[letter.to.canonical] += 1

    def place(self, registration):
        if registration is None or registration.status is not Status.WAITING:
            return 0
        return 1 + sum(
            r.place < registration.place for r in self.book.registrations.values() if r.status is Status.WAITING
        )

    def status(self, address):
        own = self.own(parse_address(address))
        return own.status if own else None

    def kinds(self, address):
        return [letter.kind for letter in self.letters if str(letter.to) == address]

    def last(self, address):
        return [letter for letter in self.letters if str(letter.to) == address][-1]

    def later(self, **delta):
        self.now += timedelta(**delta)


def recount(book):
    rows = book.registrations.values()
    taken = sum(r.taken for r in rows)
    waiting = sum(r.status is Status.WAITING for r in rows)
    return taken, waiting


__all__ = ["DISOWNED", "NOW", "PROVED", "UNPROVED", "World", "recount"]
