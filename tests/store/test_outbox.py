"""Letters: the same bytes at every attempt, the attempt counted before anything is sent."""

from datetime import timedelta

import pytest

from mailflow.store.rows import LetterRef, Retry

MINUTE = timedelta(minutes=1)
RETRY = Retry(waits=(MINUTE, 5 * MINUTE))


def post(store, make, *numbers, **rest):
    with store.write() as tx:
        for number in numbers:
            tx.post(make.outgoing(number, **rest))


def claim(store, now, limit=10, octets=1_000_000):
    with store.write() as tx:
        return tx.claim_letters(limit, RETRY, now, octets=octets)


def test_a_letter_comes_back_octet_by_octet(store, make, now):
    """A retry sends the same bytes to the same person with the same return path."""
    letter = make.outgoing(1, octets=bytes(range(256)), reverse_path=None, challenge="C1", mail=3)
    with store.write() as tx:
        tx.post(letter)
        assert tx.letter_octets(1) == letter.octets
    (claimed,) = claim(store, now)
    assert claimed == make.outgoing(1, octets=letter.octets, reverse_path=None, challenge="C1", mail=3, attempts=1)


def test_no_more_octets_are_claimed_than_there_is_room_for(store, make, now):
    """In order, as many as fit; the first whatever its size, or it would never go; nothing where there is no room."""
    post(store, make, 1, 2, octets=b"x" * 40)
    post(store, make, 3, octets=b"y" * 200)
    post(store, make, 4, octets=b"z")
    assert claim(store, now, octets=0) == claim(store, now, octets=-5) == ()
    assert [letter.id for letter in claim(store, now, octets=100)] == [1, 2]
    assert [(letter.id, len(letter.octets)) for letter in claim(store, now, octets=1)] == [(3, 200)]
    assert [letter.attempts for letter in claim(store, now, octets=100)] == [1]
    assert claim(store, now, octets=100) == ()


def test_the_head_of_a_letter_is_found_by_its_reference(store, make):
    """As many octets as are asked for, and none of a letter that is not there."""
    post(store, make, 1, octets=bytes(range(256)))
    with store.read() as tx:
        assert tx.letter_head("REF00001", 10) == bytes(range(10))
        assert tx.letter_head("REF00001", 1000) == bytes(range(256))
        assert tx.letter_head("REF00002", 10) == b""


def test_numbers_of_letters_are_never_used_twice(store):
    """Each transaction goes on where the last committed one ended."""
    with store.write() as tx:
        first = [tx.next_letter() for _ in range(3)]
    with pytest.raises(ZeroDivisionError), store.write() as tx:
        tx.next_letter() / 0
    with store.write() as tx:
        assert [*first, tx.next_letter()] == [1, 2, 3, 4]
        assert [*tx.next_letters(3), *tx.next_letters(0), tx.next_letter()] == [5, 6, 7, 8]


def test_the_next_attempt_is_set_before_anything_is_sent(store, make, now):
    """A letter whose sender died is due again after its wait, the last wait repeats, and nobody gets it earlier."""
    post(store, make, 1)
    at, attempts = now, []
    for wait in (MINUTE, 5 * MINUTE, 5 * MINUTE):
        attempts += [letter.attempts for letter in claim(store, at)]
        assert claim(store, at) == ()
        with store.read() as tx:
            assert tx.due_at() == tx.letter(1).next_attempt == at + wait
        at += wait
        assert claim(store, at - timedelta(microseconds=1)) == ()
    assert attempts == [1, 2, 3]


def test_letters_are_claimed_oldest_first(store, make, now):
    """In the order in which they fell due, never more than asked for."""
    post(store, make, 3, created=now - MINUTE)
    post(store, make, 1, 2, 4)
    post(store, make, 5, created=now + MINUTE)
    assert [letter.id for letter in claim(store, now, 2)] == [3, 1]
    assert [letter.id for letter in claim(store, now)] == [2, 4]


def test_a_sent_letter_is_never_sent_again(store, make, now):
    """What the relay said is kept beside it."""
    post(store, make, 1)
    claim(store, now)
    with store.write() as tx:
        tx.sent(1, 250, "2.0.0", "queued as 4F", now)
        tx.deferred(1, now, 451, "4.0.0", "late")
        tx.failed(1, "late", 550, "5.0.0", "late", now)
        assert not tx.retry_letter(1, now)
        assert not tx.drop_letter(1, "x", now)
        entry = tx.letter(1)
        assert tx.metrics().letters == (("registered", "sent", 1),)
    assert (entry.state, entry.sent_at, entry.next_attempt, entry.last_code, entry.last_text) == (
        "sent", now, None, 250, "queued as 4F",
    )  # fmt: skip
    assert claim(store, now + timedelta(days=9)) == ()


def test_a_deferred_letter_waits(store, make, now):
    """Until the time that the desk's table says."""
    post(store, make, 1)
    claim(store, now)
    with store.write() as tx:
        tx.deferred(1, now + 7 * MINUTE, 451, "4.7.1", "greylisted")
        entry = tx.letter(1)
    assert (entry.state, entry.attempts, entry.last_status) == ("due", 1, "4.7.1")
    assert claim(store, now + 6 * MINUTE) == ()
    assert len(claim(store, now + 7 * MINUTE)) == 1


def test_a_failed_letter_can_be_tried_again(store, make, now):
    """By the operator; its attempts start anew."""
    post(store, make, 1)
    claim(store, now)
    with store.write() as tx:
        tx.failed(1, "no such person", 550, "5.1.1", "unknown user", now)
        assert [letter.id for letter in tx.letters(state="failed")] == [1]
        assert tx.metrics().outbox == (("failed", 1),)
        assert tx.due_at() is None
        assert tx.retry_letter(1, now)
    (letter,) = claim(store, now)
    assert letter.attempts == 1


def test_a_dropped_letter_is_never_sent(store, make, now):
    """Only a letter that has not gone out can be dropped."""
    post(store, make, 1)
    with store.write() as tx:
        assert tx.drop_letter(1, "dropped by the operator", now)
        assert not tx.drop_letter(1, "twice", now)
        assert not tx.retry_letter(1, now)
        assert tx.letter(1).reason == "dropped by the operator"
    assert claim(store, now) == ()


def test_a_letter_dropped_under_way_was_still_sent(store, make, now):
    """What has happened is written down as it happened."""
    post(store, make, 1)
    claim(store, now)
    with store.write() as tx:
        tx.drop_letter(1, "too late", now)
        tx.sent(1, 250, "2.0.0", "ok", now)
        assert tx.letter(1).state == "sent"


def test_a_reference_finds_what_its_letter_was_about(store, make, now):
    """Also after the letter was sent."""
    post(store, make, 1, challenge="C1", kind="please_confirm")
    with store.write() as tx:
        tx.sent(1, 250, "", "", now)
        assert tx.letter_ref("REF00001") == LetterRef("please_confirm", "gan", 1, "C1", "ada@example.org", now)
        assert tx.letter_ref("REF00002") is None


def test_letters_are_listed_newest_first(store, make, now):
    """By state, event, mail and time; never more than asked for."""
    post(store, make, 1, mail=7)
    post(store, make, 2, event="bar", created=now + MINUTE)
    post(store, make, 3, mail=7, created=now + 2 * MINUTE)
    with store.read() as tx:
        assert [letter.id for letter in tx.letters()] == [3, 2, 1]
        assert [letter.id for letter in tx.letters(limit=1)] == [3]
        assert [letter.id for letter in tx.letters(mail=7, state="due")] == [3, 1]
        assert [letter.id for letter in tx.letters(event="bar")] == [2]
        assert [letter.id for letter in tx.letters(since=now)] == [3, 2]
        assert tx.letters(state="sent") == ()
        assert tx.letter(9) is None
        assert tx.letter_octets(9) is None
        assert tx.metrics().outbox_oldest == now


def test_a_restart_lets_go_of_letters_under_way(store, make, now):
    """They may go out twice, never not at all; a letter that was told to wait goes on waiting."""
    post(store, make, 1, 2)
    claim(store, now)
    with store.write() as tx:
        tx.deferred(2, now + MINUTE, 451, "4.7.1", "greylisted")
        tx.recover(now)
    assert [(letter.id, letter.attempts) for letter in claim(store, now)] == [(1, 2)]


def test_a_letter_under_way_at_every_death_is_let_go_of_each_time(store, make, now):
    """Killed twice over the same letter, we still try it at once, not when its claim would have run out."""
    post(store, make, 1)
    claim(store, now)
    for attempts in (2, 3, 4):
        with store.write() as tx:
            tx.recover(now)
        assert [(letter.id, letter.attempts) for letter in claim(store, now)] == [(1, attempts)]
