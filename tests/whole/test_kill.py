"""`kill -9` at any moment: what got 250 is kept, done once, and answered."""

import os
import queue
import random
import smtplib
import threading
import time
from collections import Counter

import pytest

from .site import EVENT, people, send, until

pytestmark = pytest.mark.whole

# A longer run by hand: MAILFLOW_TEST_KILLS=20 python -m pytest -s tests/whole/test_kill.py
KILLS = int(os.environ.get("MAILFLOW_TEST_KILLS", "3"))
SEED = int(os.environ.get("MAILFLOW_TEST_SEED", "20190827"))
MAILS_A_ROUND = 30
SENDERS = 4
# What wire/relay.py opens to the relay: so many letters may be on the line at a death.
LINES = 4


class Senders:
    """Mail servers: what was not answered 250 is sent again, the same octets, wherever the service listens now."""

    def __init__(self):
        self.port = 0
        self.taken = set()
        self.attempts = Counter()
        self._waiting = queue.SimpleQueue()
        self._threads = [threading.Thread(target=self._work, daemon=True) for _ in range(SENDERS)]
        for thread in self._threads:
            thread.start()

    def post(self, persons):
        for person in persons:
            self._waiting.put(person)

    def close(self):
        for _ in self._threads:
            self._waiting.put(None)
        for thread in self._threads:
            thread.join(20)

    def _work(self):
        while (person := self._waiting.get()) is not None:
            self.attempts[person.address] += 1
            try:
                send(self.port, (person.address, person.mail()))
            except (OSError, smtplib.SMTPException):
                self._waiting.put(person)
                time.sleep(0.05)
            else:
                self.taken.add(person.address)


def test_killed_at_random_moments_every_taken_mail_is_registered_and_answered_once(make_site, sink):
    """Under load, killed again and again: one registration and one letter each; a double has the same Message-ID."""
    chance = random.Random(SEED)
    crowd = people(MAILS_A_ROUND * (KILLS + 1))
    site = make_site(seats=len(crowd) // 2)
    sink.open()
    senders = Senders()
    one = site.serve()
    for number in range(KILLS + 1):
        senders.port = one.port
        senders.post(crowd[number * MAILS_A_ROUND : (number + 1) * MAILS_A_ROUND])
        if number < KILLS:
            # Amid the work: when so many of this round are taken at the door, or answered at the relay, or after a while.
            progress = (sink.letters, senders.taken, ())[number % 3]
            enough = len(progress) + chance.randrange(1, MAILS_A_ROUND - 1)
            until(lambda progress=progress, enough=enough: len(progress) >= enough, chance.uniform(0.5, 1.5), 0.001)
            one.kill()
            one = site.serve()
    assert until(lambda: len(senders.taken) == len(crowd), 30)
    senders.close()
    assert site.idle(60), [tuple(row) for row in site.rows("SELECT * FROM outbox WHERE state = 'due'")]

    addresses = sorted(person.address for person in crowd)
    listed = site.rows("SELECT address, status FROM attendees WHERE event = ? ORDER BY number", EVENT)
    assert sorted(row["address"] for row in listed) == addresses
    assert [row["status"] for row in listed] == [*["confirmed"] * (len(crowd) // 2), *["waiting"] * (len(crowd) // 2)]
    letters = site.rows("SELECT recipient, state, message_id, attempts FROM outbox")
    assert sorted(row["recipient"] for row in letters) == addresses
    assert {row["state"] for row in letters} == {"sent"}
    assert {letter.to for letter in sink.letters} == set(addresses)
    assert {letter.id for letter in sink.letters} == {f"<{row['message_id']}>" for row in letters}
    doubles = len(sink.letters) - len(letters)
    assert doubles <= KILLS * LINES
    assert "counters agree" in site.cli("check", "--quick").stdout
    assert one.terminate() == 0
    again = sum(senders.attempts.values()) - len(crowd)
    deaths = max(row[0] for row in site.rows("SELECT attempts FROM inbox")) - 1
    resent = sum(row["attempts"] > 1 for row in letters)
    print(
        f"\n{KILLS} kills, {len(crowd)} mails: {again} sent again by their servers, {deaths} deaths over one mail at most, "
        f"{resent} letters claimed more than once, {doubles} went out twice"
    )


def test_killed_before_the_relay_could_answer_a_letter_goes_out_again_with_the_same_id(make_site, sink):
    """The one permitted double: the relay has the letter, we died before it was written down; thrice over, too."""
    site = make_site()
    ada = people(1, "ada")[0]
    sink.behave[ada.address] = ["mute"] * 3
    sink.open()
    one = site.serve()
    send(one.port, (ada.address, ada.mail()))
    for deaths in (1, 2, 3):
        assert sink.wait(lambda sink, deaths=deaths: len(sink.letters) == deaths), one.log
        one.kill()
        one = site.serve()
    assert site.idle()
    assert [letter.answered for letter in sink.letters] == [False, False, False, True]
    assert len({letter.id for letter in sink.letters}) == 1
    assert len({letter.content.partition(b"\r\n\r\n")[2] for letter in sink.letters}) == 1, "and the same octets"
    assert site.one("SELECT count(*) FROM attendees") == 1
    assert one.terminate() == 0
