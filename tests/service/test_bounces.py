"""From a letter that comes back to what follows, on the whole path: real door, real database, real reports."""

import json
import time
from datetime import timedelta

import pytest

from mailflow.desk.bounces import severity_of
from mailflow.mail.address import parse_address
from mailflow.mail.parse import parse
from mailflow.mail.reply import Reply
from mailflow.mail.report import read_report
from mailflow.service import old_reports
from mailflow.service.old_reports import heard_of_old

ADA, BO = "ada@example.org", "bo@example.org"
DAEMON = "MAILER-DAEMON <mailer-daemon@mx.example.org>"
GROUP = "Final-Recipient: rfc822; {to}\r\nAction: {action}\r\nStatus: {status}\r\nDiagnostic-Code: smtp; {said}"


def report(site, to, *, status="5.1.1", action="failed", said="550 no", given_back=None, kind="delivery-status"):
    """A delivery report, or a complaint, as a mail system writes it; `given_back` is the letter's Message-ID."""
    site.count += 1
    group = GROUP.format(to=to, action=action, status=status, said=said)
    status_part = f"Reporting-MTA: dns; mx.example.org\r\n\r\n{group}"
    if kind == "feedback-report":
        status_part = "Feedback-Type: abuse\r\nUser-Agent: x/1\r\nVersion: 1"
    copy = f"Subject: Hello\r\nMessage-ID: <{given_back}>\r\n" if given_back else "Subject: Hello\r\n"
    return (
        f"From: {DAEMON}\r\nTo: {site.to}\r\nSubject: Undelivered {site.count}\r\nMessage-ID: <b{site.count}@mx.example.org>\r\n"
        f'MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type={kind}; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nIt failed.\r\n"
        f"--b\r\nContent-Type: message/{kind}\r\n\r\n{status_part}\r\n\r\n"
        f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\n{copy}\r\n--b--\r\n"
    ).encode()


def last_letter(site, to):
    """(reverse-path, Message-ID) of the newest letter to that address."""
    reverse, _, content = next(each for each in reversed(site.courier.letters) if str(each[1]) == to)
    return str(reverse), parse(content).message_id


async def comes_back(site, address, *, to=None, **more):
    await site.mail(DAEMON, content=report(site, address, **more), signed=False, reverse_path=None, to=to)


async def mails(site):
    return [(entry.verdict.intent, entry.state, entry.verdict.reason)
            for entry in await site.read(lambda reader: reader.mails(limit=50))]  # fmt: skip


async def test_a_dead_address_gives_its_seat_to_the_next_in_line(make_site):
    """Found by the token of our reverse-path, whoever the report names; a day later the line has moved."""
    site = await make_site(seats=1)
    await site.mail(f"Ada <{ADA}>", "register")
    await site.mail(f"Bo <{BO}>", "register")
    token, _ = last_letter(site, ADA)
    await comes_back(site, "behind@alias.example", to=token)
    ada = await site.person(ADA)
    assert (ada.undeliverable, str(ada.status), ada.until) == (
        True,
        "confirmed",
        site.clock.now() + timedelta(hours=24),
    )
    assert (await mails(site))[0] == ("bounce", "done", "letters come back")
    site.clock.forward(hours=24)
    await site.tick()
    assert (str((await site.person(ADA)).status), str((await site.person(BO)).status)) == ("expired", "confirmed")
    assert site.kinds(BO)[-1] == "promoted"
    assert site.kinds(ADA) == ["registered"]
    assert [*site.service.means.store.recount()] == []


async def test_the_digest_names_who_cannot_be_reached(make_site):
    """With the reason and until when the seat waits; a letter that failed is not told beside it."""
    site = await make_site(seats=5)
    site.courier.answer = lambda to: Reply(550, "5.1.1", "no") if str(to) == ADA else Reply(250, "2.0.0", "ok")
    await site.mail(f"Ada <{ADA}>", "register")
    site.clock.forward(hours=1)
    await site.tick()
    digest = site.letters("kim.ek@example.org")[-1]
    line = "Vi når inte Ada <ada@example.org>: adressen finns inte. Platsen hålls till"
    assert line in " ".join(digest.text.split())
    assert "gick inte att skicka" not in digest.text


async def test_our_message_id_finds_the_letter_too(make_site):
    """Where a site has no delimiter, or a program lost the address."""
    site = await make_site(seats=5)
    await site.mail(f"Ada <{ADA}>", "register")
    _, message_id = last_letter(site, ADA)
    await comes_back(site, "someone@else.example", given_back=message_id)
    assert (await site.person(ADA)).undeliverable


@pytest.mark.parametrize(
    ("status", "action"), [("4.4.1", "delayed"), ("2.0.0", "delivered"), ("5.7.1", "failed"), ("5.2.2", "failed")]
)
async def test_only_a_hard_failure_gives_anybody_up(make_site, status, action):
    """A delay, a delivery, a refusal of us and a full mailbox do not."""
    site = await make_site(seats=5)
    await site.mail(f"Ada <{ADA}>", "register")
    token, message_id = last_letter(site, ADA)
    await comes_back(site, ADA, to=token, status=status, action=action, given_back=message_id)
    ada = await site.person(ADA)
    assert (ada.undeliverable, ada.until, str(ada.status)) == (False, None, "confirmed")


async def test_a_forged_report_changes_nothing(make_site):
    """No token and no Message-ID of ours; a wrong hash; a letter of nobody; the address of somebody we wrote to."""
    site = await make_site(seats=5)
    await site.mail(f"Ada <{ADA}>", "register")
    token, message_id = last_letter(site, ADA)
    local, _, domain = token.partition("@")
    wrong = f"{local[:-1]}{'0' if local[-1] != '0' else '1'}@{domain}"
    before = await site.person(ADA)
    await comes_back(site, ADA, to=wrong, given_back=message_id)
    assert (await mails(site))[0] == ("bounce", "ignored", "a return address that we never gave")
    await comes_back(site, ADA, given_back=message_id.replace(".", ".0", 1))
    await comes_back(site, ADA)
    await comes_back(site, "stranger@example.org")
    await comes_back(site, ADA, to=wrong.replace("+b.", "+b.x"))
    await comes_back(site, ADA, given_back="registered.00000000.x@events.test.example", kind="feedback-report")
    assert await site.person(ADA) == before
    assert site.kinds(ADA) == ["registered"]


async def test_a_report_that_is_sent_again_changes_nothing(make_site):
    """Also one that was made to look new, after the person is known to read that address again."""
    site = await make_site(seats=5)
    await site.mail(f"Ada <{ADA}>", "register")
    token, _ = last_letter(site, ADA)
    await comes_back(site, ADA, to=token)
    await site.mail(f"Ada <{ADA}>", "status")
    assert not (await site.person(ADA)).undeliverable
    await comes_back(site, ADA, to=token)
    await comes_back(site, ADA, to=token, status="5.1.2")
    assert not (await site.person(ADA)).undeliverable
    assert (await mails(site))[0] == ("bounce", "silent", "bounce: reported before")


async def test_an_answering_machine_at_the_return_address_is_no_failure(make_site):
    """Vacation programs write there (RFC 3834)."""
    site = await make_site(seats=5)
    await site.mail(f"Ada <{ADA}>", "register")
    token, _ = last_letter(site, ADA)
    away = site.write(
        f"Ada <{ADA}>", "I am away. ada@example.org", subject="Re: x", headers=("Auto-Submitted: auto-replied",)
    )
    await site.mail(f"Ada <{ADA}>", content=away, signed=False, reverse_path=None, to=token)
    assert not (await site.person(ADA)).undeliverable


async def test_a_refusal_that_we_hear_ourselves_counts_like_a_report(make_site):
    """Our relay knows at once that there is no such mailbox; what it says of us is no fault of the person."""
    site = await make_site(seats=5)
    site.courier.answer = lambda to: (
        Reply(550, "5.1.1", "no such user") if str(to) == ADA else Reply(554, "5.7.1", "spam")
    )
    await site.mail(f"Ada <{ADA}>", "register")
    await site.mail(f"Bo <{BO}>", "register")
    ada, bo = await site.person(ADA), await site.person(BO)
    assert (ada.undeliverable, ada.until is not None) == (True, True)
    assert (bo.undeliverable, bo.until) == (False, None)
    site.courier.answer = lambda to: Reply(250, "2.0.0", "ok")
    site.clock.forward(hours=24)
    await site.tick()
    assert str((await site.person(ADA)).status) == "expired"


async def test_letters_that_wait_for_a_dead_address_are_dropped(make_site):
    """Those that are queued when the report comes are never sent."""
    site = await make_site(seats=5)
    await site.mail(f"Ada <{ADA}>", "register")
    token, _ = last_letter(site, ADA)
    site.courier.answer = lambda to: Reply(451, "4.3.0", "later")
    await site.mail(f"Ada <{ADA}>", "status")
    await comes_back(site, ADA, to=token)
    states = await site.read(lambda reader: [(one.kind, one.state, one.reason) for one in reader.letters(event="gan")])
    assert ("status", "dropped", "letters come back") in states


async def test_a_complaint_ends_reminders_and_nothing_else(make_site):
    """Found by our Message-ID in what is given back, not by whom it names."""
    site = await make_site(seats=5)
    await site.mail(f"Ada <{ADA}>", "register")
    _, message_id = last_letter(site, ADA)
    await comes_back(site, ADA, kind="feedback-report")
    assert (await site.person(ADA)).reminders
    await comes_back(site, "redacted@example.org", kind="feedback-report", given_back=message_id)
    ada = await site.person(ADA)
    assert (ada.reminders, str(ada.status), ada.undeliverable) == (False, "confirmed", False)
    assert site.kinds(ADA) == ["registered"]


async def test_a_question_that_comes_back_ends_the_request(make_site):
    """Nobody can have read it."""
    site = await make_site(seats=5)
    await site.mail(f"Bo <{BO}>", "register", signed=False)
    token, _ = last_letter(site, BO)
    await comes_back(site, BO, to=token)
    assert str((await site.person(BO)).status) == "expired"


async def test_what_came_back_is_erased_with_the_person(make_site):
    """And shown to them before."""
    site = await make_site(seats=5)
    await site.mail(f"Ada <{ADA}>", "register")
    token, _ = last_letter(site, ADA)
    await comes_back(site, ADA, to=token, status="5.2.2")
    number = (await site.person(ADA)).number
    assert [b.severity for b in await site.read(lambda reader: reader.bounces("gan", number))] == ["soft"]
    found = await site.read(lambda reader: reader.dossier("gan", parse_address(ADA)))
    assert [(b.severity, b.reason) for b in found.bounces] == [("soft", "the mailbox is full")]
    await site.mail(f"Ada <{ADA}>", "", subject="ERASE")
    assert await site.read(lambda reader: reader.bounces("gan", number)) == ()


def test_reports_of_sixty_mail_systems_are_understood(shared, capsys):
    """No wrong address, at least nine of ten found, no delay taken for a failure; the numbers are printed."""
    folder = shared / "samples" / "mail"
    right = wrong = missed = 0
    classes, delays = {}, []
    for line in (folder / "truth.jsonl").read_text(encoding="utf-8").splitlines():
        truth = json.loads(line)
        if truth["kind"] != "bounce" or truth["failed"] is None:
            continue
        content = (folder / truth["file"]).read_bytes()
        read = heard_of_old(read_report(content), content)
        found, true = {one.key for one in read.failed}, {one.lower() for one in truth["failed"]}
        known = true | {one.lower() for one in truth.get("also") or ()}
        wrong += len(found - known)
        right += min(len(found & known), len(true))
        missed += max(0, len(true) - len(found & known))
        delays += [truth["file"]] * (not true and bool(found))
        for one in read.recipients:
            if one.outcome == "failed":
                classes.setdefault(severity_of(one.refusal), []).append(truth["file"])
    with capsys.disabled():
        counts = ", ".join(f"{key} {len(files)}" for key, files in sorted(classes.items()))
        print(
            f"\nbounces: {right} addresses found, {wrong} wrong, {missed} missed; {counts}; delays taken for failures {len(delays)}"
        )
    assert (wrong, delays) == (0, [])
    assert right >= 0.9 * (right + missed)


def test_old_programs_are_asked_for_two_seconds_at_most(monkeypatch):
    """Whatever it does or raises is nothing found, and later work is not interrupted."""
    monkeypatch.setattr(old_reports, "CPU_SECONDS", 0.1)

    def hang(_message):
        while True:
            pass

    def burst(_message):
        raise RuntimeError("a mail's words")

    content = b"From: mailer-daemon@x.example\r\n\r\n<a@x.example>: no such user\r\n"
    plain = read_report(content)
    for failing in (hang, burst):
        monkeypatch.setattr("flufl.bounce.all_failures", failing)
        assert heard_of_old(plain, content) == plain
    end = time.process_time() + 0.3
    while time.process_time() < end:
        pass


def test_it_is_asked_about_the_first_octets_only(monkeypatch):
    """64 KiB of them, and not at all where a report's own groups say enough."""
    seen = []
    monkeypatch.setattr(
        "flufl.bounce.all_failures",
        lambda message: seen.append(len(message.get_payload())) or (frozenset(), frozenset()),
    )
    content = b"From: mailer-daemon@x.example\r\n\r\n" + b"x" * 1_000_000
    heard_of_old(read_report(content), content)
    assert seen[0] < 64 * 1024


async def test_a_complaint_goes_with_the_person_it_gives_back(make_site):
    """Its text holds a letter to her."""
    site = await make_site(seats=5)
    await site.mail(f"Ada <{ADA}>", "register")
    _, message_id = last_letter(site, ADA)
    await comes_back(site, ADA, kind="feedback-report", given_back=f"{message_id}>\r\nTo: <{ADA}")
    await site.mail(f"Ada <{ADA}>", "", subject="ERASE")
    kept = await site.read(lambda reader: [reader.mail_octets(entry.id) for entry in reader.mails(limit=10)])
    assert not any(octets and ADA.encode() in octets for octets in kept)


async def test_a_complaint_to_abuse_is_heard_and_passed_on(make_site):
    """Feedback loops are registered for that address; whoever reads it gets the mail as it came."""
    site = await make_site(seats=5)
    await site.mail(f"Ada <{ADA}>", "register")
    _, message_id = last_letter(site, ADA)
    await comes_back(site, ADA, kind="feedback-report", given_back=message_id, to="abuse@events.test.example")
    assert not (await site.person(ADA)).reminders
    assert b"Feedback-Type: abuse" in site.raw("desk@example.org")[-1]
    await comes_back(site, ADA, given_back=message_id, to="abuse@events.test.example")
    assert not (await site.person(ADA)).undeliverable
