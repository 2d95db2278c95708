"""The replay index: who came first with a mark keeps it for thirty days."""

from datetime import timedelta

DAYS = timedelta(days=1)


def test_the_first_mail_with_a_mark_is_the_only_one(store, now):
    """Any of its marks is enough to know a mail again, and those it brings beside are noted, too."""
    with store.write() as tx:
        assert tx.first_with("gan", ["a", "b"], 1, now) is None
        assert tx.first_with("gan", ["b"], 2, now) == 1
        assert tx.first_with("gan", ["c", "a"], 3, now) == 1
        assert tx.first_with("gan", ["c"], 4, now) == 3
        assert tx.first_with("gan", ["d"], 5, now) is None


def test_a_mail_that_is_looked_at_again_is_still_the_first(store, now):
    """DNS, a limit or a fault of ours held it up; it is not its own copy."""
    with store.write() as tx:
        assert [tx.first_with("gan", ["a"], 1, now + n * DAYS) for n in range(3)] == [None] * 3


def test_another_event_has_marks_of_its_own(store, now):
    """One signed mail to two events is two registrations."""
    with store.write() as tx:
        assert tx.first_with("gan", ["a"], 1, now) is None
        assert tx.first_with("ai", ["a"], 2, now) is None


def test_a_mark_is_forgotten_after_thirty_days(store, now):
    """By the next mail that brings it, and by the night that takes old marks away."""
    with store.write() as tx:
        tx.first_with("gan", ["a", "b"], 1, now)
        assert tx.first_with("gan", ["a"], 2, now + 30 * DAYS) == 1
        assert tx.first_with("gan", ["a"], 3, now + 31 * DAYS) is None
        assert tx.first_with("gan", ["a"], 4, now + 31 * DAYS) == 3
        tx.forget_marks(now + DAYS)
        assert tx.first_with("gan", ["b"], 5, now) is None


def test_no_marks_are_nothing_to_know_again(store, now):
    """An unsigned mail; and what is repeated in one mail counts once."""
    with store.write() as tx:
        assert tx.first_with("gan", [], 1, now) is None
        assert tx.first_with("gan", ["a"] * 20, 1, now) is None
        assert tx.first_with("gan", ["a"], 2, now) == 1


def test_the_index_is_looked_into_and_never_walked(store, now):
    """One row for each mark by its primary key, however many mails there were."""
    with store.write() as tx:
        plan = " ".join(
            row[3] for row in tx.all("EXPLAIN QUERY PLAN SELECT mail FROM replays WHERE event = 'gan' AND mark = 'a'")
        )
    assert "SEARCH replays USING PRIMARY KEY (event=? AND mark=?)" in plan
