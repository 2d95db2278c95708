"""Cost does not grow with the event: what a mail asks of the store is answered by an index, never by a whole table."""

from dataclasses import replace
from datetime import date, timedelta

from mailflow.model.bounce import Bounce
from mailflow.model.decision import Bounced, ChallengeClosed, Challenged, Erased, Muted, QuestionOpened, Saved
from mailflow.model.registration import Status
from mailflow.store.rows import Retry


def way_of_a_mail(store, make, now):
    """Everything that intake, handling, dispatch and the clock call for each mail or each minute."""
    waiting = make.registration(1, status=Status.WAITING, place=1)
    with store.write() as tx:
        tx.keep([make.incoming(), make.incoming()], now)
        (mail,) = tx.claim_mails(50, timedelta(minutes=5), now)
        tx.event_state("gan")
        tx.registration_of("gan", waiting.address)
        tx.registration_by_code("gan", waiting.code)
        tx.registration("gan", 1)
        tx.counts("h", now)
        tx.forwards("gan", waiting.address, "h", now)
        tx.letter_ref("REF00001")
        tx.letter_head("REF00001", 1000)
        tx.challenge("C1")
        tx.challenge_by_code("x")
        tx.open_challenges("gan", 1, "register", 20)
        tx.next_question("gan")
        tx.chosen("gan")
        tx.apply(Saved("queued", None, waiting), "gan", now, mail.id)
        tx.head_of_line("gan", 20)
        tx.place_in_line(waiting)
        tx.apply(Saved("promoted", waiting, replace(waiting, status=Status.CONFIRMED)), "gan", now)
        tx.apply(Challenged(make.challenge()), "gan", now)
        tx.apply(ChallengeClosed(make.challenge(), "used"), "gan", now)
        tx.apply(QuestionOpened(1, None, "?"), "gan", now)
        tx.post(make.outgoing(tx.next_letter()))
        tx.count_answer("h", now, proved=True)
        tx.count_confirmed("h", now)
        tx.asked("gan", "h", "h", now)
        tx.count_asked("gan", "h", "h", now)
        tx.sent_since(now, 2000)
        tx.dossier("gan", waiting.address)
        tx.erase_raw(now, now, 10)
        tx.apply(Erased(waiting.address, None), "gan", now)
        tx.note_erasure("gan", "h", now)
        tx.defer_mail(mail.id, now, "")
        tx.release_mail(mail.id, "", now)
        tx.close_mail(mail.id, make.done, now)
        tx.claim_letters(50, Retry(), now, octets=10**6)
        tx.deferred(1, now, 451, "", "")
        tx.failed(1, "", 550, "", "", now)
        tx.retry_letter(1, now)
        tx.sent(1, 250, "", "", now)
        tx.due_at()
        tx.expired_challenges("gan", now, 10)
        tx.run_out("gan", now, 10)
        tx.seat_holders("gan", 0, 10)
        tx.people_to_tell("gan", 0, 10)
        tx.people_to_end("gan", 0, 10)
        tx.bounces("gan", 1)
        tx.reached("gan", 1, waiting.address, now)
        tx.first_letter("gan", 1, now)
        tx.letter_to("gan", waiting.address, now)
        tx.apply(Muted(1, waiting.address), "gan", now)
        tx.apply(Bounced(Bounce(1, "REF00001", now, "soft", "the mailbox is full")), "gan", now)
        tx.jobs_done("called-off", "gan", "sent")
        tx.announced("gan")
        tx.told("gan")
        tx.job_result("reminder-1", "gan", "1", date(2019, 8, 20))
        tx.begin_job("digest", "gan", "a", date(2019, 8, 20), now)
        tx.end_job("digest", "gan", "a", date(2019, 8, 20), "sent", now)
        tx.last_job("digest", "gan", "a", "sent")
        tx.ticked(now)
        tx.mails(state="failed", since=now)
        tx.letters(state="failed", since=now)
        tx.letters(mail=1)


def test_no_statement_on_the_way_of_a_mail_reads_a_whole_table(opened, make, now):
    """SQLite's own plan for each of them: a search in an index."""
    statements = []
    sql = opened.database.conn
    sql.set_trace_callback(statements.append)
    way_of_a_mail(opened, make, now)
    sql.set_trace_callback(None)
    steps = [
        (row[3], statement)
        for statement in statements
        if statement.split()[0] in {"SELECT", "UPDATE", "INSERT", "DELETE"}
        for row in sql.execute(f"EXPLAIN QUERY PLAN {statement}")
    ]
    assert len(steps) > 30
    # What is left: the failed ones have an index of their own, and a few rows that a search has found are summed up.
    small = ("SCAN CONSTANT ROW", "SCAN (subquery", "_failed")
    wrong = [
        step for step in steps if step[0].startswith(("SCAN", "USE TEMP")) and not any(s in step[0] for s in small)
    ]
    assert not wrong, "\n".join(map(str, wrong))
