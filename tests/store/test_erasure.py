"""Erasing: what a person had is in no row, no index, no page and no log; everybody else's stays as it was."""

from dataclasses import replace
from datetime import timedelta

import pytest

from mailflow.mail.address import Address
from mailflow.model.decision import Challenged, Erased, Noted, QuestionOpened
from mailflow.model.registration import Answer, CalendarNote, Status
from mailflow.store.erasures import PLACES
from mailflow.store.rows import Retry
from mailflow.store.sqlite import SqliteStore

ADA = Address("ada.byron", "example.org")


def live(tx, make, now, who=ADA, number=1, status=Status.CONFIRMED):
    """A registration with a mail, a letter, a challenge and a question; it, and the ids of mail and letter."""
    person = make.registration(number, status=status, address=who, answers=(Answer("diet", ("vegan",), "no fish"),),
                               place=number if status is Status.WAITING else 0)  # fmt: skip
    tx.apply(make.new(person), "gan", now)
    (kept,) = tx.keep([replace(make.incoming(fingerprint=f"f{number}"), reverse_path=who)], now)
    tx.claim_mails(9, timedelta(minutes=5), now)
    tx.close_mail(kept.id, replace(make.done, sender=str(who), subject=f"of {who}", number=number), now)
    letter = tx.next_letter()
    octets = f"To: {who}\r\n\r\n".encode()
    tx.post(replace(make.outgoing(letter), number=number, to=who, octets=octets, mail=kept.id))
    tx.apply(Challenged(make.challenge(f"C{number}", number=number, address=who, code_hash=f"h{number}")), "gan", now)
    tx.apply(QuestionOpened(tx.next_question("gan"), who, f"of {who}", forwarded=True), "gan", now, kept.id)
    return person, kept.id, letter


def dump(store):
    """Every value of every table."""
    tables = [row["name"] for row in store.database.query("SELECT name FROM sqlite_master WHERE type = 'table'")]
    return repr([list(store.database.query(f'SELECT * FROM "{table}"')) for table in tables])


@pytest.mark.parametrize("status", [Status.CONFIRMED, Status.WAITING, Status.OFFERED, Status.CANCELLED])
def test_nothing_of_the_erased_is_left_and_all_of_others(store, make, now, status):
    """Rows, counters and statistic; a second time does nothing."""
    bo = Address("bo", "example.org")
    with store.write() as tx:
        person, *_ = live(tx, make, now, status=status)
        live(tx, make, now, bo, 2)
        tx.apply(Erased(ADA, person), "gan", now)
    assert "byron" not in dump(store)
    assert list(store.recount()) == []
    with store.write() as tx:
        assert tx.registration_of("gan", ADA) is None
        assert tx.registration_of("gan", bo).answers
        theirs = tx.dossier("gan", bo)
        assert (len(theirs.registrations), len(theirs.mails), len(theirs.letters), len(theirs.questions)) == (1, 1, 1, 1)
        assert theirs.mails[0].source
        assert tx.dossier("gan", ADA).registrations == ()
        tx.apply(Erased(ADA, None), "gan", now)
    (row,) = store.database.query("SELECT * FROM statistics")
    assert row == {"event": "gan", "status": status.value, "people": 1, "seats": 1}


def test_whom_another_would_have_sent_goes_by_name(store, make, now):
    """The other's calendar named her; that he would send somebody is his own to say, and stays."""
    bo = Address("bo", "example.org")
    with store.write() as tx:
        person, *_ = live(tx, make, now)
        live(tx, make, now, bo, 2)
        tx.apply(Noted(CalendarNote(2, "delegated", now, "Ada.Byron@example.org")), "gan", now)
        tx.apply(Noted(CalendarNote(2, "comment", now, "my train is late")), "gan", now)
        tx.apply(Erased(ADA, person), "gan", now)
        notes = {note.kind: note.text for note in tx.calendar_notes("gan", number=2)}
    assert notes == {"delegated": "", "comment": "my train is late"}


def test_a_used_token_stays_used(store, make, now):
    """The challenge and its letter are still found by their names, without a name of anybody."""
    with store.write() as tx:
        person, _, letter = live(tx, make, now)
        reference = tx.letter(letter).reference
        tx.apply(Erased(ADA, person), "gan", now)
    with store.read() as tx:
        challenge = tx.challenge("C1")
        assert (challenge.state, challenge.number, str(challenge.address)) == ("ended", 0, "@")
        assert tx.letter_ref(reference).to == ""
        assert tx.letter(letter).state == "dropped"
        assert tx.challenge_by_code("h1") == challenge


def test_the_same_mail_stays_one_after_the_erasure(store, make, now):
    """A sender's server that repeats the sign-up does not bring the person back."""
    with store.write() as tx:
        person, mail, _ = live(tx, make, now)
        tx.apply(Erased(ADA, person), "gan", now)
        (again,) = tx.keep([replace(make.incoming(fingerprint="f1"), reverse_path=ADA)], now)
        assert again.duplicate_of == mail


def test_one_copy_for_two_events_stays_while_one_needs_it(store, make, now):
    """Erased here, it is still the other event's mail."""
    octets = b"From: ada.byron@example.org\r\n\r\nboth\r\n"
    with store.write() as tx:
        tx.sync_event("two", 5, None, None, "", now)
        mails = [replace(make.incoming(fingerprint="f", path=name), event=name, octets=octets, reverse_path=ADA)
                 for name in ("gan", "two")]  # fmt: skip
        kept = tx.keep(mails, now)
        tx.claim_mails(9, timedelta(minutes=5), now)
        for one, name in zip(kept, ("gan", "two"), strict=True):
            tx.close_mail(one.id, replace(make.done, sender=str(ADA), event=name), now)
        tx.apply(Erased(ADA, None), "gan", now)
        assert tx.mail_octets(kept[0].id) is None
        assert tx.mail_octets(kept[1].id) == octets
        tx.apply(Erased(ADA, None), "two", now)
    assert "byron" not in dump(store)


@pytest.mark.parametrize("spelling", ["ADA.Byron", "ada.byron"])
def test_case_hides_nobody(store, make, now, spelling):
    """One mailbox, however it was written."""
    with store.write() as tx:
        live(tx, make, now, Address(spelling, "example.org"))
        tx.apply(Erased(ADA, None), "gan", now)
    assert "byron" not in dump(store).lower()


def test_case_hides_nobody_outside_ascii(store, make, now):
    """SQLite knows no case there; Python does."""
    with store.write() as tx:
        live(tx, make, now, Address("Åsa.Öberg", "example.org"))
        tx.apply(Erased(Address("åsa.öberg", "example.org"), None), "gan", now)
    assert "berg" not in dump(store)


def test_a_like_address_is_another_persons(store, make, now):
    """Nothing of `ada` goes with `ada.byron`, nor of the same name elsewhere."""
    with store.write() as tx:
        for number, other in enumerate((Address("ada", "example.org"), Address("ada.byron", "example.com")), 2):
            live(tx, make, now, other, number)
        tx.apply(Erased(ADA, None), "gan", now)
        assert [len(tx.dossier("gan", a).mails) for a in (Address("ada", "example.org"), ADA)] == [1, 0]
        assert len(tx.registrations("gan")) == 2


def test_no_byte_is_left_after_the_night(path, make, now):
    """Six hundred people, every third erased: pages are split and freed, and none keeps a copy once packed."""
    store = SqliteStore.open(path)
    store.migrate()
    gone = [Address(f"gone{n}.byron", "example.org") for n in range(200)]
    with store.write() as tx:
        tx.sync_event("gan", None, None, None, "", now)
    for n in range(600):
        who = gone[n // 3] if n % 3 == 0 else Address(f"stays{n}.turing", "example.org")
        with store.write() as tx:
            live(tx, make, now, who, n + 1)
    for address in gone:
        with store.write() as tx:
            tx.apply(Erased(address, None), "gan", now)
    log = path.with_name(path.name + "-wal")
    assert not log.exists() or b"byron" not in log.read_bytes()
    assert store.tidy()
    assert not store.tidy()
    assert b"byron" not in path.read_bytes() + (log.read_bytes() if log.exists() else b"")
    assert b"turing" in path.read_bytes()
    assert list(store.recount()) == []
    store.close()


def test_a_reader_of_an_older_state_delays_the_log_only(path, make, now):
    """The commit does not wait for it; the next one empties the log."""
    store, other = SqliteStore.open(path), SqliteStore.open(path)
    store.migrate()
    with store.write() as tx:
        tx.sync_event("gan", None, None, None, "", now)
        person, *_ = live(tx, make, now)
    log = path.with_name(path.name + "-wal")
    with other.read() as old:
        assert old.registration_of("gan", ADA)
        with store.write() as tx:
            tx.apply(Erased(ADA, person), "gan", now)
        assert b"byron" in log.read_bytes() + path.read_bytes()
    with store.write() as tx:
        tx.ticked(now)
    assert b"byron" not in log.read_bytes()
    other.close()
    store.close()


def test_raw_mail_ends_in_order_and_open_mail_stays(store, make, now):
    """Reports sooner; what is not handled is never taken away."""
    day = timedelta(days=1)
    with store.write() as tx:
        first, report, still = tx.keep([make.incoming(fingerprint=f) for f in "abc"], now)
        tx.claim_mails(9, timedelta(minutes=5), now)
        tx.close_mail(first.id, make.done, now)
        tx.close_mail(report.id, replace(make.done, intent="bounce"), now)
        assert tx.erase_raw(now - day, now + day, 10) == 1
        assert [tx.mail_octets(one.id) is None for one in (first, report, still)] == [False, True, False]
        assert tx.erase_raw(now + day, now + day, 10) == 1
        assert tx.erase_raw(now + day, now + day, 10) == 0
        assert tx.mail_octets(still.id)


def test_sensitive_answers_go_alone(store, make, now):
    """Other answers stay; the counters of options agree."""
    answers = (Answer("diet", ("vegan",), "vegan"), Answer("affiliation", (), "LU"))
    with store.write() as tx:
        tx.apply(make.new(make.registration(1, answers=answers)), "gan", now)
        tx.apply(make.new(make.registration(2, "bo")), "gan", now)
        assert tx.erase_sensitive("gan", ("diet", "note"), now) == 1
        assert tx.registration("gan", 1).answers == answers[1:]
        assert tx.erase_sensitive("gan", ("diet", "note"), now) == 0
    assert list(store.recount()) == []


def test_a_letter_to_the_erased_ends_with_its_delivery(store, make, now):
    """`erased` is the last thing that is kept."""
    with store.write() as tx:
        tx.post(make.outgoing(tx.next_letter(), kind="erased", to=ADA, octets=b"To: ada.byron@example.org"))
        (letter,) = tx.claim_letters(1, Retry(), now, octets=10_000)
        assert letter.to == ADA
        tx.sent(letter.id, 250, "2.0.0", "taken for ada.byron@example.org", now)
        assert tx.letter(letter.id).state == "sent"
    assert "byron" not in dump(store)
    (row,) = store.database.query("SELECT kind, result, total FROM totals WHERE what = 'letter'")
    assert row == {"kind": "erased", "result": "sent", "total": 1}


def test_marks_are_forgotten_in_time(store, now):
    """Keyed hashes of addresses serve the budgets for a month, and no longer."""
    with store.write() as tx:
        tx.count_answer("hash", now, proved=True)
        tx.count_confirmed("hash", now)
        tx.note_erasure("gan", "hash", now)
        tx.note_erasure("gan", "hash", now + timedelta(days=1))
        tx.forget_marks(now)
        assert tx.counts("hash", now).confirmed_lately
        tx.forget_marks(now + timedelta(days=2))
        assert not tx.counts("hash", now).confirmed_lately
        tx.forget_erasures(now + timedelta(days=2), ("gan",))
        assert tx.stays_erased("gan", "hash")
        tx.forget_erasures(now + timedelta(days=1), ())
        assert tx.stays_erased("gan", "hash")
        tx.forget_erasures(now + timedelta(days=2), ("other",))
        assert not tx.stays_erased("gan", "hash")
    assert "hash'" not in dump(store).replace("content_hash'", "")


def test_an_erasure_is_known_until_it_is_lifted_and_lifted_until_the_next(store, now):
    """Who came back may be asked again; the database still knows that it has seen that erasure."""
    later = now + timedelta(days=1)
    with store.write() as tx:
        tx.note_erasure("gan", "hash", now)
        assert (tx.stays_erased("gan", "hash"), tx.stays_erased("other", "hash")) == (True, False)
        tx.lift_erasure("gan", "hash")
        tx.note_erasure("gan", "hash", now - timedelta(days=1))
        assert not tx.stays_erased("gan", "hash")
        assert tx.knows_erasure("gan", "hash", now)
        assert not tx.knows_erasure("gan", "hash", later)
        tx.note_erasure("gan", "hash", later)
        assert tx.stays_erased("gan", "hash")


def test_what_is_held_of_an_address_is_found_wherever_it_stands(store, make, now):
    """In a registration, as a mail's sender or return path, as a letter's recipient; of nobody else, and once erased not."""
    with store.write() as tx:
        assert not tx.holds("gan", ADA)
        live(tx, make, now, Address("ADA.Byron", "example.org"))
        assert tx.holds("gan", ADA)
        assert not tx.holds("gan", Address("byron", "example.org"))
        assert not tx.holds("postmaster", ADA)
        assert ADA.key in {address.key for address in tx.addresses("gan")}
        assert tx.events() == ("gan",)


def test_my_data_looks_for_spellings_once_and_reads_a_bounded_number_of_rows(store, make, now):
    """Each place is searched once, however many lists are made of it."""
    ada = Address("ådå", "example.org")
    statements = []
    with store.write() as tx:
        live(tx, make, now, ada)
        tx.sql.set_trace_callback(statements.append)
        tx.dossier("gan", ada)
        tx.sql.set_trace_callback(None)
    assert sum(" LIKE " in statement for statement in statements) == len(PLACES)
    assert not [one for one in statements if "registrations WHERE event" in one and "address_key" in one and "LIMIT" not in one]
