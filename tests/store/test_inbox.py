"""Mail: kept once, claimed by one, ended by name."""

from dataclasses import replace
from datetime import timedelta

import pytest

from mailflow.store.rows import Verdict
from mailflow.store.session import StoreError

LEASE = timedelta(minutes=5)
SECOND = timedelta(seconds=1)


def keep(store, now, *mails):
    with store.write() as tx:
        return tx.keep(mails, now)


def claim(store, now, limit=10):
    with store.write() as tx:
        return tx.claim_mails(limit, LEASE, now)


def test_a_kept_mail_comes_back_octet_by_octet(store, make, now):
    """What was taken in at the door is what the handler gets, every field of it."""
    mail = make.incoming(octets=bytes(range(256)), reverse_path=None, via="lmtp", relay=False, smtputf8=True)
    (kept,) = keep(store, now, mail)
    (claimed,) = claim(store, now)
    assert claimed.mail == mail
    assert (claimed.id, claimed.attempts, claimed.received, kept.duplicate_of) == (kept.id, 1, now, None)


def test_the_same_mail_twice_is_one_mail(store, make, now):
    """The second row ends at once as ignored, without octets, and names the first."""
    first, second = keep(store, now, make.incoming(), make.incoming())
    (third,) = keep(store, now, make.incoming(path="GAN"))
    assert second.duplicate_of == third.duplicate_of == first.id
    with store.read() as tx:
        entry = tx.mail_entry(second.id)
        assert (entry.state, entry.verdict.reason) == ("ignored", f"same mail as {first.id}")
        assert tx.mail_octets(second.id) is None
    assert [mail.id for mail in claim(store, now)] == [first.id]


def test_the_same_mail_to_two_events_is_two_mails(store, make, now):
    """The forward-path belongs to the identity; the octets are on disk once for one DATA."""
    octets = b"one DATA command"
    first, second = keep(store, now, make.incoming(octets=octets), make.incoming(path="bar", octets=octets))
    assert second.duplicate_of is None
    assert [mail.mail.octets for mail in claim(store, now)] == [octets, octets]
    if hasattr(store, "database"):
        assert store.database["raw"].count == 1
    with store.read() as tx:
        assert tx.mail_octets(first.id) == tx.mail_octets(second.id) == octets


def test_a_duplicate_of_a_finished_mail_is_still_a_duplicate(store, make, now):
    """The fingerprint is remembered after the mail was handled."""
    (kept,) = keep(store, now, make.incoming())
    with store.write() as tx:
        tx.close_mail(kept.id, make.done, now)
    (again,) = keep(store, now, make.incoming())
    assert again.duplicate_of == kept.id


def test_mails_are_claimed_oldest_first_and_once(store, make, now):
    """Two claims share the queue; nothing is handed out twice before its lease ends."""
    kept = keep(store, now, *(make.incoming(f"p{n}") for n in range(5)))
    first, second, third = claim(store, now, 3), claim(store, now, 3), claim(store, now, 3)
    assert [mail.id for mail in (*first, *second)] == [row.id for row in kept]
    assert third == ()


def test_a_claim_ends_with_its_lease(store, make, now):
    """A mail whose handler died is handed out again, and its attempts tell."""
    keep(store, now, make.incoming())
    claim(store, now)
    assert claim(store, now + LEASE - SECOND) == ()
    (again,) = claim(store, now + LEASE)
    assert again.attempts == 2


def test_one_claim_does_not_fill_the_memory(store, make, now, monkeypatch):
    """A claim stops before its octets are too many, and still takes at least one mail."""
    monkeypatch.setattr("mailflow.store.inbox._CLAIM_OCTETS", 100)
    keep(store, now, *(make.incoming(f"p{n}", octets=b"x" * 60 * (n + 1)) for n in range(3)))
    assert [len(claim(store, now)) for _ in range(4)] == [1, 1, 1, 0]


def test_a_closed_mail_tells_how_it_ended(store, make, now):
    """`message show` finds the verdict as it was written."""
    verdict = Verdict(
        state="done", reason="seat given", intent="register", proof="dkim", letter="registered", event="gan", number=7,
        sender="ada@example.org", subject="Anmälan", evidence=("line 1 'register'", "dkim example.org"),
    )  # fmt: skip
    (kept,) = keep(store, now, make.incoming())
    claim(store, now)
    with store.write() as tx:
        tx.close_mail(kept.id, verdict, now)
        entry = tx.mail_entry(kept.id)
    assert entry.verdict == verdict
    assert (entry.state, entry.attempts, entry.next_attempt) == ("done", 1, None)
    assert claim(store, now + timedelta(days=9)) == ()


def test_a_mail_ends_once(store, make, now):
    """Whoever closes second learns that somebody else was faster, so that his work is rolled back."""
    (kept,) = keep(store, now, make.incoming())
    with store.write() as tx:
        tx.close_mail(kept.id, make.done, now)
    with pytest.raises(StoreError), store.write() as tx:
        tx.close_mail(kept.id, replace(make.done, state="silent"), now)
    with store.write() as tx:
        tx.defer_mail(kept.id, now, "late")
        assert not tx.release_mail(kept.id, "late", now)
        assert tx.mail_entry(kept.id).state == "done"


def test_a_mail_that_waits_is_not_closed(store, make, now):
    """Waiting is no end: it is deferred."""
    (kept,) = keep(store, now, make.incoming())
    with pytest.raises(ValueError, match="deferred"), store.write() as tx:
        tx.close_mail(kept.id, Verdict("waiting", "dns"), now)


def test_a_deferred_look_does_not_count_as_an_attempt(store, make, now):
    """A mail may wait for DNS many times without being parked."""
    (kept,) = keep(store, now, make.incoming())
    for hours in range(5):
        at = now + timedelta(hours=hours)
        (mail,) = claim(store, at)
        assert mail.attempts == 1
        with store.write() as tx:
            tx.defer_mail(kept.id, at + timedelta(hours=1), "dns is silent")
            assert tx.mail_entry(kept.id).state == "waiting"
            assert tx.due_at() == at + timedelta(hours=1)
        assert claim(store, at + timedelta(minutes=59)) == ()


def test_the_third_failed_attempt_parks_a_mail(store, make, now):
    """It is due again at once twice, then it ends as failed, raw, for a person to look at."""
    (kept,) = keep(store, now, make.incoming())
    parked = []
    for _ in range(3):
        claim(store, now)
        with store.write() as tx:
            parked.append(tx.release_mail(kept.id, "broken template \udcff", now))
    assert parked == [False, False, True]
    assert claim(store, now + timedelta(days=1)) == ()
    with store.read() as tx:
        (entry,) = tx.mails(state="failed")
        assert (entry.id, entry.verdict.state, entry.verdict.reason) == (kept.id, "failed", "broken template ?")
        assert tx.mail_octets(kept.id) is not None


def test_a_parked_mail_can_be_tried_again(store, make, now):
    """Retry is for failed and waiting mail; its attempts start anew."""
    (kept,) = keep(store, now, make.incoming())
    with store.write() as tx:
        tx.release_mail(kept.id, "x", now, park_after=0)
        assert tx.retry_mail(kept.id, now)
    (mail,) = claim(store, now)
    assert mail.attempts == 1
    with store.write() as tx:
        tx.close_mail(kept.id, make.done, now)
        assert not tx.retry_mail(kept.id, now)
        assert not tx.retry_mail(4711, now)


def test_a_dropped_mail_ends_as_ignored(store, make, now):
    """Only a mail that has not been handled can be dropped, and the reason is kept."""
    (kept,) = keep(store, now, make.incoming())
    with store.write() as tx:
        assert tx.drop_mail(kept.id, "dropped by the operator", now)
        assert not tx.drop_mail(kept.id, "twice", now)
        assert tx.mail_entry(kept.id).verdict.reason == "dropped by the operator"
    assert claim(store, now) == ()


def test_mails_are_listed_newest_first(store, make, now):
    """By state, by event, and by time; never more than asked for."""
    for minutes in range(4):
        keep(store, now + timedelta(minutes=minutes), make.incoming(f"p{minutes}", event="gan" if minutes else "bar"))
    with store.read() as tx:
        assert [mail.id for mail in tx.mails()] == [4, 3, 2, 1]
        assert [mail.id for mail in tx.mails(limit=2)] == [4, 3]
        assert [mail.id for mail in tx.mails(event="bar", state="new")] == [1]
        assert [mail.id for mail in tx.mails(since=now + timedelta(minutes=1))] == [4, 3]
        assert tx.mails(state="failed") == ()
        assert tx.mail_entry(99) is None


def test_the_totals_of_messages_never_fall(store, make, now):
    """They count ends, by intent and proof."""
    one, two, three = keep(store, now, *(make.incoming(f"p{n}") for n in range(3)))
    with store.write() as tx:
        tx.close_mail(one.id, make.done, now)
        tx.close_mail(two.id, make.done, now)
        metrics = tx.metrics()
    assert metrics.messages == (("register", "dkim", 2),)
    assert metrics.inbox == (("new", 1),)
    assert three.id == 3


def test_a_restart_lets_go_of_what_was_claimed_and_keeps_what_waits(store, make, now):
    """Mail that a killed service held is due at once; mail that waits for its hour goes on waiting."""
    held, waiting = keep(store, now, make.incoming("held"), make.incoming("waiting"))
    claim(store, now)
    with store.write() as tx:
        tx.defer_mail(waiting.id, now + timedelta(hours=1), "dns is silent")
    assert claim(store, now + SECOND) == ()
    with store.write() as tx:
        tx.recover(now + SECOND)
    assert [(mail.id, mail.attempts) for mail in claim(store, now + SECOND)] == [(held.id, 2)]


def test_a_mail_under_way_at_three_deaths_comes_alone(store, make, now):
    """One of a batch ends the service each time: its company is cleared one by one, and it alone goes on counting."""
    keep(store, now, *(make.incoming(name) for name in ("deadly", "bo", "cy")))
    for attempts in (1, 2, 3):
        assert [(mail.id, mail.attempts) for mail in claim(store, now)] == [(1, attempts), (2, attempts), (3, attempts)]
        with store.write() as tx:
            tx.recover(now)
    keep(store, now, make.incoming("later"))
    assert [(mail.id, mail.attempts) for mail in claim(store, now)] == [(1, 4)]
    assert [(mail.id, mail.attempts) for mail in claim(store, now)] == [(2, 4)]
    with store.write() as tx:
        tx.close_mail(2, make.done, now)
        tx.recover(now)
    assert [(mail.id, mail.attempts) for mail in claim(store, now)] == [(1, 5)]
    assert [(mail.id, mail.attempts) for mail in claim(store, now)] == [(3, 4)]
    assert [(mail.id, mail.attempts) for mail in claim(store, now)] == [(4, 1)]
