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

# More by hand: MAILFLOW_TEST_KILLS=20 python -m pytest -m whole -s tests/whole/test_kill.py
KILLS = int(os.environ.get("MAILFLOW_TEST_KILLS", "3"))
SEED = int(os.environ.get("MAILFLOW_TEST_SEED", "27082019"))
MAILS_A_ROUND = 40
SENDERS = 4


class Senders:
    """People who try again until they get their 250, wherever the service listens now."""

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
    rounds = KILLS + 1
    crowd = people(MAILS_A_ROUND * rounds)
    site = make_site(seats=len(crowd) // 2)
    sink.open()
    senders = Senders()
    one = site.serve()
    for number in range(rounds):
        senders.port = one.port
        senders.post(crowd[number * MAILS_A_ROUND : (number + 1) * MAILS_A_ROUND])
        if number < KILLS:
            time.sleep(chance.uniform(0.0, 0.9))
            one.kill()
            one = site.serve()
    senders.port = one.port
    assert until(lambda: len(senders.taken) == len(crowd), 20)
    senders.close()
    assert site.idle(30), [tuple(row) for row in site.rows("SELECT id, attempts, next_attempt, last_code FROM outbox WHERE state = 'due'")]

    addresses = sorted(person.address for person in crowd)
    listed = site.rows("SELECT address, status, place_in_line FROM attendees WHERE event = ? ORDER BY number", EVENT)
    assert sorted(row["address"] for row in listed) == addresses
    assert Counter(row["status"] for row in listed) == {"confirmed": len(crowd) // 2, "waiting": len(crowd) // 2}
    letters = site.rows("SELECT recipient, state, message_id FROM outbox")
    assert sorted(row["recipient"] for row in letters) == addresses
    assert {row["state"] for row in letters} == {"sent"}
    # What the relay has: each letter at least once, and no letter that the outbox does not know.
    assert sorted({letter.to for letter in sink.letters}) == addresses
    assert {letter.id for letter in sink.letters} == {row["message_id"].strip("<>").join("<>") for row in letters}
    doubles = len(sink.letters) - len(letters)
    again = sum(senders.attempts.values()) - len(crowd)
    print(f"\n{KILLS} kills, {len(crowd)} mails, {again} sent again by their senders, {doubles} double letters")
    assert doubles <= KILLS * SENDERS, "at most one double for each connection to the relay and kill"
    assert "counters agree" in site.cli("check", "--quick").stdout
    assert one.terminate() == 0


def test_killed_before_the_answer_of_the_relay_a_letter_goes_out_again_with_the_same_id(make_site, sink):
    """The one permitted double: the relay has the letter, we died before it was written down; also three times over."""
    site = make_site()
    ada = people(1, "ada")[0]
    sink.behave[ada.address] = ["mute"] * 3
    sink.open()
    one = site.serve()
    send(one.port, (ada.address, ada.mail()))
    for deaths in range(1, 4):
        assert sink.wait(lambda sink, deaths=deaths: len(sink.letters) == deaths), one.log
        one.kill()
        one = site.serve()
    assert site.idle()
    assert [letter.answered for letter in sink.letters] == [False, False, False, True]
    assert len({letter.id for letter in sink.letters}) == 1
    assert len({letter.content.partition(b"\r\n\r\n")[2] for letter in sink.letters}) == 1
    assert site.one("SELECT count(*) FROM attendees") == 1
    assert one.terminate() == 0
