"""What the store keeps for the door: numbers, who did not come, questions that are done, and the statistic."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from mailflow.mail.address import Address
from mailflow.model.decision import Erased, Question, QuestionDone, QuestionOpened, Saved
from mailflow.model.registration import Answer, Status
from mailflow.model.statistics import Tally
from mailflow.store.session import StoreError


def test_a_door_number_is_given_once_and_kept(store, make, now):
    """In the order asked for; who comes later gets the next one, also after somebody was erased."""
    people = [make.registration(n, address=Address(f"p{n}", "example.org")) for n in (1, 2, 3)]
    with store.write() as tx:
        for person in people:
            tx.apply(make.new(person), "gan", now)
        tx.give_door_numbers("gan", [2, 1])
        assert [tx.registration("gan", n).door_number for n in (1, 2, 3)] == [2, 1, 0]
        assert tx.registration_at_door("gan", 2).number == 1
        assert tx.registration_at_door("gan", 0) is tx.registration_at_door("gan", 9) is None
        gone = tx.registration("gan", 1)
        tx.apply(Erased(gone.address, gone), "gan", now)
        tx.give_door_numbers("gan", [3, 2])
        assert [tx.registration("gan", n).door_number for n in (2, 3)] == [1, 3]
        assert tx.registration_at_door("gan", 2) is None
    assert list(store.recount()) == []
    with pytest.raises(StoreError), store.write() as tx:
        tx.give_door_numbers("bar", [1])


def test_who_did_not_come_is_a_flag_beside_the_status(store, make, now):
    """It comes back as it was written, and moves no counter."""
    person = make.registration(1)
    with store.write() as tx:
        tx.apply(make.new(person), "gan", now)
        tx.apply(Saved("absent", person, replace(person, absent=True)), "gan", now)
        assert tx.registration("gan", 1).absent
        assert tx.event_state("gan").taken == 1


def test_a_question_that_is_done_is_open_no_more(store, make, now):
    """Once: a second DONE finds it closed, and an unknown number is an error."""
    with store.write() as tx:
        tx.apply(QuestionOpened(1, make.address("ada"), "Hund?"), "gan", now)
        assert tx.question("gan", 1) == Question(1)
        tx.apply(QuestionDone(1), "gan", now)
        assert tx.question("gan", 1) == Question(1, now)
        assert tx.question("gan", 2) is None
        assert tx.open_questions("gan", now - timedelta(days=1)) == ()
    for number in (1, 2):
        with pytest.raises(StoreError), store.write() as tx:
            tx.apply(QuestionDone(number), "gan", now)


def crowd(tx, make, now):
    """Six with a seat: four of Lund University, two of them absent; one waits, one has left."""
    for n in range(1, 9):
        status = {7: Status.WAITING, 8: Status.CANCELLED}.get(n, Status.CONFIRMED)
        works = "lund university" if n == 2 else "Lund University" if n < 5 else f"Firm {n}"
        person = make.registration(
            n, address=Address(f"p{n}", "example.org"), status=status, language="sv" if n % 2 else "en",
            guests=1 if n == 1 else 0, place=1 if n == 7 else 0, absent=n in (3, 4),
            answers=(Answer("affiliation", (), works),),
        )  # fmt: skip
        at = now + timedelta(days=n // 4)
        tx.apply(Saved("queued" if n == 7 else "registered", None, person), "gan", at)
        if n == 8:
            tx.apply(Saved("cancelled", person, replace(person, guests=0)), "gan", at + timedelta(days=1))


def test_the_statistic_counts_days_languages_affiliations_and_who_came(store, make, now):
    """Spelling does not part colleagues; who has left counts on the days, not by what they told."""
    with store.write() as tx:
        crowd(tx, make, now)
        told = tx.statistics("gan")
    assert told.tallies == (Tally("cancelled", 1, 1), Tally("confirmed", 6, 7), Tally("waiting", 1, 1))
    assert told.signed_up == ((date(2019, 8, 20), 3), (date(2019, 8, 21), 4), (date(2019, 8, 22), 1))
    assert told.gone == ((date(2019, 8, 23), 1),)
    assert told.languages == (("sv", 4), ("en", 3))
    assert told.affiliations == (("Lund University", 4), ("Firm 5", 1), ("Firm 6", 1), ("Firm 7", 1))
    assert told.absent == 2
    assert told.people("confirmed", "waiting") == 7


def test_the_statistic_outlives_the_people(store, make, now):
    """One erased by wish, then all by the clock: the same numbers, without affiliations that few had."""
    with store.write() as tx:
        crowd(tx, make, now)
        before = tx.statistics("gan")
        one = tx.registration("gan", 3)
        tx.apply(Erased(one.address, one), "gan", now + timedelta(days=9))
        during = tx.statistics("gan")
        tx.erase_people("gan", now + timedelta(days=40))
        after = tx.statistics("gan")
        assert tx.registrations("gan") == ()
    assert replace(during, affiliations=()) == replace(after, affiliations=()) == replace(before, affiliations=())
    assert after.affiliations == (("", 3), ("Lund University", 3))
    assert "p3" not in repr(list(store.database.query("SELECT * FROM statistics_details")))


def test_too_few_of_one_affiliation_are_not_named_for_good(store, make, now):
    """Two colleagues might be recognised by where they work."""
    with store.write() as tx:
        for n in (1, 2):
            person = make.registration(n, address=Address(f"p{n}", "example.org"), answers=(Answer("affiliation", (), "Zalando"),))  # fmt: skip
            tx.apply(make.new(person), "gan", now)
        tx.erase_people("gan", now)
        assert tx.statistics("gan").affiliations == (("", 2),)
