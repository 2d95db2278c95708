"""What the limits of questions count, as rows that survive a restart."""

from dataclasses import replace
from datetime import timedelta

from mailflow.model.decision import Asked, ChallengeClosed, Challenged
from mailflow.store.rows import RanOut

MINUTE = timedelta(minutes=1)


def test_questions_count_for_an_hour(store, now):
    """For the site, the event, the domain and the network; a mail of a server of ours is of no network."""
    with store.write() as tx:
        for event, domain, network in (("gan", "d1", "n1"), ("gan", "d2", "n1"), ("bar", "d1", ""), ("gan", "d1", "")):
            tx.count_asked(event, domain, network, now)
        assert tx.asked("gan", "d1", "n1", now) == Asked(site=4, event=3, domain=3, network=2)
        assert tx.asked("bar", "d2", "", now) == Asked(site=4, event=1, domain=1, network=0)
        assert tx.asked("gan", "d1", "n1", now + 60 * MINUTE) == Asked()
        tx.count_asked("abuse", "", "n1", now)  # passed on to the contact: no question to anybody
        assert tx.asked("abuse", "", "n1", now) == Asked(site=4, event=1, domain=1, network=3)
        tx.forget_marks(now + MINUTE)
        assert tx.asked("gan", "d1", "n1", now) == Asked()


def test_of_the_last_hundred_questions_those_that_ran_out_are_counted(store, make, now):
    """Answered ones and offers are not; the one before the last hundred is forgotten."""
    with store.write() as tx:
        for n in range(103):
            asked = make.challenge(f"C{n}", act="offer" if n == 102 else "register")
            tx.apply(Challenged(asked), "gan", now)
            if n != 101:
                tx.apply(ChallengeClosed(asked, "used" if n % 10 == 9 else "expired"), "gan", now + n * MINUTE)
        assert tx.ran_out("gan") == RanOut(90, now + 100 * MINUTE)
        assert tx.ran_out("bar") == RanOut()


def test_mails_that_a_limit_holds_up_are_told_by_limit(store, make, now):
    """Those that wait, and those that were set aside since; nobody else's, and no failure of another kind."""
    with store.write() as tx:
        for number, (state, reason) in enumerate((
            ("waiting", "limit: one event"), ("waiting", "limit: one event"), ("failed", "limit: one event"),
            ("failed", "limit: the site"), ("failed", "KeyError"), ("waiting", "DNS gave no answer"),
        )):  # fmt: skip
            (kept,) = tx.keep([make.incoming(str(number))], now + number * MINUTE)
            if state == "waiting":
                tx.defer_mail(kept.id, now + 60 * MINUTE, reason)
            else:
                tx.close_mail(kept.id, replace(make.done, state="failed", reason=reason), now)
        held = tx.limited("gan", "limit: ", now)
        assert [(one.reason, one.mails, one.since) for one in held] == [
            ("limit: one event", 3, now),
            ("limit: the site", 1, now + 3 * MINUTE),
        ]
        assert [one.mails for one in tx.limited("gan", "limit: ", now + 3 * MINUTE)] == [2]
        assert tx.limited("bar", "limit: ", now) == ()
        assert [one.verdict.reason for one in tx.mails(state="failed", without="limit: ")] == ["KeyError"]


def test_letters_that_were_taken_are_counted_up_to_a_bound(store, make, now):
    """By when they were taken, not by when they were written."""
    with store.write() as tx:
        for _ in range(3):
            letter = tx.next_letter()
            tx.post(make.outgoing(letter))
            tx.sent(letter, 250, "2.0.0", "ok", now)
        assert (tx.sent_since(now - MINUTE, 10), tx.sent_since(now - MINUTE, 2), tx.sent_since(now, 10)) == (3, 2, 0)
