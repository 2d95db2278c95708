"""What the store keeps of letters that came back, and what it says of an address."""

from dataclasses import replace
from datetime import timedelta

from mailflow.mail.address import Address
from mailflow.model.bounce import Bounce
from mailflow.model.decision import Bounced, Muted, Saved

ADA = Address("ada", "example.org")


def post(tx, make, letter, at, **rest):
    """A letter that was taken by the relay."""
    tx.post(replace(make.outgoing(letter, created=at), **rest))
    tx.sent(letter, 250, "2.0.0", "ok", at)


def came_back(number, at, severity="soft"):
    return Bounced(Bounce(1, f"REF{number:05}", at, severity, "the mailbox is full"))


def test_each_letter_counts_once_for_each_severity(store, make, now):
    """The newest first; a second report of the same changes nothing."""
    with store.write() as tx:
        tx.apply(came_back(1, now), "gan", now)
        tx.apply(came_back(1, now + timedelta(hours=1)), "gan", now)
        tx.apply(came_back(2, now + timedelta(hours=2), "hard"), "gan", now)
        assert [(b.letter, b.severity, b.at) for b in tx.bounces("gan", 1)] == [
            ("REF00002", "hard", now + timedelta(hours=2)), ("REF00001", "soft", now),
        ]  # fmt: skip
        assert tx.bounces("gan", 1, limit=1)[0].letter == "REF00002"
        assert tx.bounces("gan", 2) == ()


def test_silence_is_a_success_after_five_days(store, make, now):
    """Of the newest letter that did not come back; before that nobody can know."""
    with store.write() as tx:
        post(tx, make, 1, now)
        post(tx, make, 2, now + timedelta(hours=1))
        tx.apply(came_back(2, now + timedelta(hours=2)), "gan", now)
        assert tx.reached("gan", 1, ADA, now + timedelta(days=4)) is None
        assert tx.reached("gan", 1, ADA, now + timedelta(days=6)) == now


def test_the_first_letter_is_that_of_the_registration_as_it_is_now(store, make, now):
    """Who comes back begins anew."""
    with store.write() as tx:
        post(tx, make, 1, now)
        post(tx, make, 2, now + timedelta(days=3))
        assert tx.first_letter("gan", 1, now) == "REF00001"
        assert tx.first_letter("gan", 1, now + timedelta(days=2)) == "REF00002"
        assert tx.first_letter("gan", 1, now + timedelta(days=4)) == ""


def test_an_address_finds_the_last_letter_that_went_to_it(store, make, now):
    """Sent since then, to that person, not to an organiser of that address."""
    with store.write() as tx:
        post(tx, make, 1, now)
        post(tx, make, 2, now + timedelta(hours=1), kind="digest", number=None)
        tx.post(make.outgoing(3, created=now + timedelta(hours=2)))
        assert tx.letter_to("gan", Address("ADA", "example.org"), now) == "REF00001"
        assert tx.letter_to("gan", ADA, now + timedelta(minutes=1)) == ""
        assert tx.letter_to("gan", Address("bo", "example.org"), now) == ""


def test_letters_that_wait_for_a_dead_address_end_as_dropped(store, make, now):
    """Those about that registration to that address; what was sent stays sent."""
    with store.write() as tx:
        post(tx, make, 1, now)
        tx.post(make.outgoing(2))
        tx.post(make.outgoing(3, to=Address("new", "example.org")))
        tx.post(replace(make.outgoing(4), number=2))
        tx.apply(Muted(1, ADA), "gan", now)
        assert [tx.letter(n).state for n in (1, 2, 3, 4)] == ["sent", "dropped", "due", "due"]
        assert tx.letter(2).reason == "letters come back"


def test_what_came_back_is_kept_for_a_month(store, make, now):
    """Then it counts no more, and goes; so it does with the people of an event."""
    with store.write() as tx:
        tx.apply(Saved("registered", None, make.registration(1)), "gan", now)
        tx.apply(came_back(1, now), "gan", now)
        tx.forget_marks(now)
        assert len(tx.bounces("gan", 1)) == 1
        tx.forget_marks(now + timedelta(seconds=1))
        assert tx.bounces("gan", 1) == ()
        tx.apply(came_back(2, now), "gan", now)
        tx.erase_people("gan", now)
        assert tx.bounces("gan", 1) == ()
