"""Events, challenges, questions, jobs and budgets."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from mailflow.model.announced import Announced, Shown
from mailflow.model.decision import ChallengeClosed, Challenged, Forwards, QuestionOpened, Saved
from mailflow.model.event import EventState, Localized
from mailflow.model.intent import Fields
from mailflow.model.registration import Answer, Status
from mailflow.store.rows import Counts
from mailflow.store.session import StoreError

OPENS = datetime(2019, 8, 1, 8, 0, tzinfo=timezone(timedelta(hours=2)))
CLOSES = datetime(2019, 8, 23, 12, 0, tzinfo=timezone(timedelta(hours=2)))


def sync(store, now, capacity=40, opens=None, closes=None, face="face"):
    with store.write() as tx:
        return tx.sync_event("gan", capacity, opens, closes, face, now)


def test_a_new_event_takes_all_of_its_file(store, now):
    """With counters at the beginning; an event that nobody knows has no state."""
    with store.write() as tx:
        state = tx.sync_event("bar", None, OPENS, CLOSES, "face", now)
        assert state == tx.event_state("bar") == EventState(None, OPENS, CLOSES)
        assert state.opens.tzinfo is UTC
        assert tx.event_state("nobody") is None


def test_an_unchanged_file_does_not_undo_what_was_said_by_mail(store, now):
    """SEATS 45 survives a restart; only the key that the file changes is taken from it."""
    with store.write() as tx:
        tx.set_capacity("gan", 45)
        tx.set_times("gan", closes=CLOSES)
        tx.set_closed("gan", True, now)
    assert sync(store, now) == EventState(45, None, CLOSES, closed=True)
    assert sync(store, now, opens=OPENS) == EventState(45, OPENS, CLOSES, closed=True)
    assert sync(store, now, 50, OPENS) == EventState(50, OPENS, CLOSES, closed=True)
    with store.write() as tx:
        tx.set_capacity("gan", None)
        tx.set_closed("gan", False, now)
        tx.set_times("gan", opens=CLOSES)
    assert sync(store, now, 50, OPENS) == EventState(None, CLOSES, CLOSES)
    assert sync(store, now, None, None) == EventState(None, None, CLOSES)


def test_a_new_face_raises_the_revision(store, now):
    """Calendars and letters can tell that something they show has changed, and when."""
    later = now + timedelta(hours=1)
    assert sync(store, later).revision == 0
    changed = sync(store, later, face="another room")
    assert (changed.revision, changed.revised_at) == (1, later)
    assert sync(store, later + timedelta(hours=1), face="another room") == changed


def test_values_of_an_unknown_event_cannot_be_set(store, now):
    """A mistyped name is an error, not a silence."""
    for change in (
        lambda tx: tx.set_capacity("bar", 4),
        lambda tx: tx.set_closed("bar", True, now),
        lambda tx: tx.set_times("bar"),
        lambda tx: tx.apply(QuestionOpened(1, None, "?"), "bar", now),
    ):
        with pytest.raises(StoreError), store.write() as tx:
            change(tx)


def test_a_challenge_works_once(store, make, now):
    """It is found by its id and by its code, whatever its state, and closes once."""
    challenge = make.challenge()
    with store.write() as tx:
        tx.apply(Challenged(challenge), "gan", now)
        assert tx.challenge("C1") == tx.challenge_by_code("hash of C1") == challenge
        tx.apply(ChallengeClosed(challenge, "used"), "gan", now)
        assert tx.challenge("C1") == replace(challenge, state="used")
        assert tx.challenge("C2") is tx.challenge_by_code("") is tx.challenge_by_code("x") is None
    for again in (ChallengeClosed(challenge, "used"), Challenged(challenge)):
        with pytest.raises(StoreError), store.write() as tx:
            tx.apply(again, "gan", now)


def test_what_a_registration_was_asked_is_found(store, make, now):
    """Open questions of that act and registration alone, the newest first, no more than asked for."""
    with store.write() as tx:
        for number in range(3):
            tx.apply(Challenged(make.challenge(f"C{number}", created=now + timedelta(hours=number))), "gan", now)
        for name, rest in (("D", {"act": "cancel"}), ("E", {"number": 2}), ("F", {"state": "used"})):
            tx.apply(Challenged(make.challenge(name, **rest)), "gan", now)
        assert [challenge.id for challenge in tx.open_challenges("gan", 1, "register", 2)] == ["C2", "C1"]
        tx.apply(ChallengeClosed(make.challenge("C2"), "ended"), "gan", now)
        assert [challenge.id for challenge in tx.open_challenges("gan", 1, "register", 9)] == ["C1", "C0"]
        assert [challenge.id for challenge in tx.open_challenges("gan", 1, "cancel", 9)] == ["D"]


def test_a_change_that_waits_for_its_yes_is_kept_until_then(store, make, now):
    """Name, answers and guests come back as they were asked for, 0 guests too; once closed, nothing is kept."""
    answer = Answer("diet", ("vegan",), "vegan, no \N{CRYING FACE} nuts")
    with store.write() as tx:
        tx.sync_event("gan", 3, None, None, "", now)
        for number, wanted in enumerate((Fields(), Fields(guests=0), Fields("Ada", (answer,), 2))):
            asked = make.challenge(f"C{number}", act="update", wanted=wanted)
            tx.apply(Challenged(asked), "gan", now)
            assert tx.challenge(asked.id) == asked
            tx.apply(ChallengeClosed(asked, "used"), "gan", now)
            assert tx.challenge(asked.id) == replace(asked, state="used", wanted=Fields())


def test_a_counter_of_choices_that_is_wrong_is_found(store, make, now):
    """`check` says which option, what the counter says, and what the registrations say."""
    with store.write() as tx:
        tx.sync_event("gan", 3, None, None, "", now)
        tx.apply(Saved("registered", None, make.registration(answers=(Answer("diet", ("vegan", "nuts")),))), "gan", now)
        tx.sql.execute("UPDATE option_counts SET taken = 3 WHERE option = 'nuts'")
    assert list(store.recount()) == ["gan: the counter says that 3 chose nuts of diet, the registrations say 1"]


def test_challenges_run_out(store, make, now):
    """Open ones only, the oldest first, no more than asked for."""
    with store.write() as tx:
        for number in range(4):
            tx.apply(Challenged(make.challenge(f"C{number}", expires=now - timedelta(hours=number))), "gan", now)
        tx.apply(ChallengeClosed(tx.challenge("C3"), "ended"), "gan", now)
        assert [challenge.id for challenge in tx.expired_challenges("gan", now, 10)] == ["C2", "C1", "C0"]
        assert [challenge.id for challenge in tx.expired_challenges("gan", now - timedelta(seconds=1), 1)] == ["C2"]


def test_questions_are_numbered_per_event(store, make, now):
    """Each waits for an organiser with its own F-number."""
    with store.write() as tx:
        assert tx.next_question("gan") == tx.next_question("bar") == 1
        tx.apply(QuestionOpened(1, make.address("ada"), "Får jag ta med hund?"), "gan", now, 5)
        tx.apply(QuestionOpened(2, None, ""), "gan", now + timedelta(hours=1))
        assert tx.next_question("gan") == 3
        first, second = tx.open_questions("gan", now - timedelta(days=1))
        assert (first.number, first.sender, first.subject, first.asked, first.mail) == (
            1, "ada@example.org", "Får jag ta med hund?", now, 5,
        )  # fmt: skip
        assert tx.open_questions("gan", now) == (second,)
        assert tx.open_questions("gan", now - timedelta(days=1), limit=1) == (first,)
    with pytest.raises(StoreError), store.write() as tx:
        tx.apply(QuestionOpened(2, None, "again"), "gan", now)


def test_what_went_to_the_organisers_is_counted(store, make, now):
    """By sender and text for a day, by event and site for an hour; what was kept for the digest is not counted."""
    ada, tagged = make.address("ada"), make.address("Ada+work")

    def ask(tx, number, ago, event="gan", sender=ada, text="t1", forwarded=True, proved=True):
        question = QuestionOpened(number, sender, "?", text_hash=text, forwarded=forwarded, proved=proved)
        tx.apply(question, event, now - ago)

    hour, day = timedelta(hours=1), timedelta(days=1)
    with store.write() as tx:
        tx.sync_event("bar", None, None, None, "face", now)
        ask(tx, 1, day, text="t0")
        ask(tx, 2, day - timedelta(seconds=1))
        ask(tx, 3, 2 * hour, sender=tagged, text="t2")
        ask(tx, 4, timedelta(0), forwarded=False, text="t3")
        ask(tx, 5, timedelta(0), sender=make.address("bo"), text="t4", proved=False)
        ask(tx, 6, hour, sender=make.address("bo"), proved=False)
        ask(tx, 1, timedelta(0), event="bar", proved=False, text="t5")
        assert tx.forwards("gan", ada, "t1", now) == Forwards(True, 2, 1, 2, 1, 2)
        assert [tx.forwards("gan", ada, text, now).same_text for text in ("t0", "t2", "t3", "t4", "t5", "")] == [
            False, True, False, False, False, False,
        ]  # fmt: skip
        assert tx.forwards("bar", make.address("cy"), "t1", now) == Forwards(False, 0, 1, 2, 1, 2)
        ask(tx, 7, timedelta(0), sender=make.address("di"))
        assert tx.forwards("bar", make.address("cy"), "t1", now) == Forwards(False, 0, 1, 2, 1, 3)
        assert tx.forwards("gan", make.address("cy"), "t1", now) == Forwards(False, 0, 1, 2, 2, 3)


def test_a_job_is_begun_once(store, now):
    """Also after a restart: the row is unique by kind, event, whom and local date."""
    job = ("digest", "gan", "anna@example.org", date(2019, 8, 20))
    with store.write() as tx:
        assert tx.begin_job(*job, now)
        assert not tx.begin_job(*job, now)
        tx.end_job(*job, "sent", now)
        assert tx.begin_job(*job[:3], date(2019, 8, 21), now)
        tx.end_job(*job[:3], date(2019, 8, 21), "skipped", now + timedelta(days=1))
        assert tx.last_job(*job[:3], "sent") == now
        assert tx.last_job(*job[:3], "failed") is None
        tx.ticked(now)
        tx.ticked(now + timedelta(minutes=1))
        metrics = tx.metrics()
    assert metrics.last_digests == (("gan", now + timedelta(days=1)),)
    assert (metrics.last_tick, metrics.schema) == (now + timedelta(minutes=1), 1)
    with pytest.raises(StoreError), store.write() as tx:
        tx.end_job("purge", "gan", "", date(2019, 8, 20), "done", now)


def test_answers_are_counted_per_address_and_time(store, now):
    """By the hour, the day and the month; proved ones are not letters to an unproved address."""
    with store.write() as tx:
        for ago, proved in ((1, True), (30, False), (90, False), (60 * 25, False), (60 * 24 * 31, False)):
            tx.count_answer("h", now - timedelta(minutes=ago), proved=proved)
        tx.count_answer("other", now, proved=False)
        assert tx.counts("h", now) == Counts(2, 3, 2, 3)
        assert tx.counts("nobody", now) == Counts()


def test_a_confirmation_is_remembered_for_thirty_days(store, now):
    """Whoever has confirmed lately may be written to more often."""
    with store.write() as tx:
        tx.count_confirmed("h", now - timedelta(days=40))
        assert not tx.counts("h", now).confirmed_lately
        tx.count_confirmed("h", now - timedelta(days=29))
        assert tx.counts("h", now).confirmed_lately


def test_nothing_is_due_in_an_empty_store(store):
    """The dispatcher may sleep."""
    with store.read() as tx:
        assert tx.due_at() is None
        assert tx.metrics().inbox == tx.metrics().outbox == ()


def shown(day=27, room="Eden 236"):
    zone = ZoneInfo("Europe/Stockholm")
    starts = datetime(2019, 8, day, 12, 30, tzinfo=zone)
    title = Localized((("en", "GAN day"), ("sv", "GAN-dag")))
    floor = Localized((("en", "floor 2"),))
    return Shown(
        title, "Europe/Stockholm", starts, starts + timedelta(hours=3), (room, "", "Lund"), floor, "https://x.example/",
        Localized((("en", "lunch"),)), starts - timedelta(minutes=15),
    )  # fmt: skip


def test_what_people_were_told_is_kept_until_they_are_told_anew(store, now):
    """The first is what they know; each change after it has its revision and its moment, and the same is no change."""
    later = now + timedelta(hours=1)
    assert sync(store, later, face="a").revision == 1
    with store.write() as tx:
        assert tx.announced("gan") == tx.announced("nobody") == ()
        tx.announce("gan", shown(), now)
        tx.announce("gan", shown(), later)
        assert tx.announced("gan") == (Announced(1, now, shown()),)
    sync(store, later, face="b")
    with store.write() as tx:
        tx.announce("gan", shown(room="Eden 116"), later)
        assert [face.shown.place[0] for face in tx.announced("gan")] == ["Eden 236", "Eden 116"]
        assert tx.announced("gan")[1] == Announced(2, later, shown(room="Eden 116"))
        tx.told("gan")
        assert tx.announced("gan") == (Announced(2, later, shown(room="Eden 116")),)
        with pytest.raises(StoreError, match="no event"):
            tx.announce("nobody", shown(), now)


def test_a_file_that_changes_all_the_time_does_not_fill_the_row(store, now):
    """What people know and what the file says now are never forgotten."""
    with store.write() as tx:
        for room in range(100):
            tx.announce("gan", shown(room=str(room)), now)
        faces = tx.announced("gan")
    assert len(faces) < 40
    assert (faces[0].shown.place[0], faces[-1].shown.place[0]) == ("0", "99")


def test_who_is_told_of_a_change(store, make, now):
    """Who has a seat, an offer or a place in line, by number, some at a time."""
    standing = (Status.CONFIRMED, Status.WAITING, Status.CANCELLED, Status.OFFERED, Status.PENDING, Status.EXPIRED)
    with store.write() as tx:
        for number, status in enumerate(standing, 1):
            until = now if status is Status.OFFERED else None
            tx.apply(Saved("registered", None, make.registration(number, f"p{number}", status, until=until)), "gan", now)
        assert [row.number for row in tx.people_to_tell("gan", 0, 2)] == [1, 2]
        assert [row.number for row in tx.people_to_tell("gan", 2, 2)] == [4]
        assert tx.audience("gan") == 3


def test_who_has_something_to_give_up_comes_in_order(store, make, now):
    """A request and a seat that is held, too; who has gone does not."""
    held = [(Status.PENDING, None), (Status.CONFIRMED, None), (Status.CANCELLED, now), (Status.CANCELLED, None),
            (Status.REMOVED, None), (Status.WAITING, None), (Status.OFFERED, now)]  # fmt: skip
    with store.write() as tx:
        for number, (status, until) in enumerate(held, 1):
            tx.apply(Saved("registered", None, make.registration(number, f"p{number}", status, until=until)), "gan", now)
        assert [row.number for row in tx.people_to_end("gan", 0, 3)] == [1, 2, 3]
        assert [row.number for row in tx.people_to_end("gan", 3, 3)] == [6, 7]


def test_an_event_is_called_off_once(store, now):
    """The first reason stands, whatever its file says later; an event that nobody knows is a fault of ours."""
    sync(store, now)
    reason = Localized((("", "No lecturer."), ("sv", "Ingen föreläsare.")))
    with store.write() as tx:
        assert tx.event_state("gan").called_off is None
        assert tx.call_off("gan", reason, now)
        assert not tx.call_off("gan", Localized(), now + timedelta(hours=1))
    assert sync(store, now, face="another").called_off == now
    with store.write() as tx:
        assert tx.event_state("gan").reason == reason
        with pytest.raises(StoreError):
            tx.call_off("nobody", reason, now)


def test_a_typo_that_is_mended_quietly_is_no_news(store, now):
    """What else waits to be told still does, under its own revision."""
    sync(store, now, face="a")
    old, moved = shown(), replace(shown(), link="https://y.example/")
    with store.write() as tx:
        tx.announce("gan", old, now)
        tx.announce("gan", moved, now)
        mended = replace(moved, title=Localized((("en", "Mended"),)))
        tx.tell_nobody("gan", moved, mended)
        first, last = tx.announced("gan")
        assert (first.shown, last.shown) == (replace(old, title=mended.title), mended)
        tx.tell_nobody("gan", mended, replace(mended, link=old.link))
        assert [face.shown.link for face in tx.announced("gan")] == [old.link]
