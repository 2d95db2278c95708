"""What a calendar answers, by level of trust: all samples with the verdicts that were written down for them."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mailflow.desk.decide import decide
from mailflow.mail.address import parse_address
from mailflow.mail.envelope import Envelope, Peer
from mailflow.mail.message import CalendarAnswer
from mailflow.mail.parse import parse
from mailflow.model.decision import Noted, Saved, View
from mailflow.model.event import EventState
from mailflow.model.intent import CalendarReply, Register, Silent
from mailflow.model.letter import Cause
from mailflow.model.registration import CalendarNote, Registration, Status
from mailflow.reading.context import ReadingContext
from mailflow.reading.read import read
from mailflow.service.references import Thread, points_elsewhere
from mailflow.store.rows import LetterRef

from .world import DISOWNED, PROVED, UNPROVED, World, event

SAMPLES = Path(__file__).parent.parent / "samples" / "calendar"
TRUTH = json.loads((SAMPLES / "expected.json").read_text("utf-8"))
EXPECTED = {entry["file"]: entry for entry in TRUTH["expect"]}
SCENARIO = TRUTH["scenario"]
NOW = datetime(2026, 9, 2, 9, 0, tzinfo=UTC)
PROOFS = {"pass": PROVED, "none": UNPROVED, "fail": DISOWNED}
CONTEXT = ReadingContext("wk.example", "practical-python", "+", ("en", "sv"), ())
ADA = "ada@example.org"


def moment(text):
    return datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC) if text else None


def person(number, address, before):
    before = before or {"partstat": "NEEDS-ACTION", "sequence": 0, "dtstamp": None, "status": "CONFIRMED"}
    answered = moment(before["dtstamp"])
    return Registration(
        "practical-python", number, f"K{number}-QX4M", parse_address(address), "Kim", Status(before["status"].lower()),
        "en", NOW - timedelta(days=9), NOW - timedelta(days=9), sequence=SCENARIO["current_sequence"],
        dtstamp=NOW - timedelta(days=2), partstat=before["partstat"], answered_at=answered,
        answered_sequence=before["sequence"],
    )  # fmt: skip


def seat_of(uid, before):
    """Whose invitation was answered: Kim's, the victim's, or nobody's."""
    if uid.casefold() == SCENARIO["uid"].casefold():
        return person(17, SCENARIO["attendee"], before)
    others = {key.casefold(): address for key, address in SCENARIO["other_registrations"].items()}
    return person(18, others[uid.casefold()], None) if uid.casefold() in others else None


def outcome(entry):
    """What reading and desk make of a sample: (action, letter, its address)."""
    message = parse((SAMPLES / entry["file"]).read_bytes())
    path = message.to[0] if message.to else parse_address(SCENARIO["organizer"])
    bounced = entry["action"] == "bounce"
    envelope = Envelope(None if bounced else message.sender, (path,), "smtp", Peer("192.0.2.1", relay=True))
    reading = read(message, envelope, CONTEXT)
    if not isinstance(reading.intent, CalendarReply):
        is_report = isinstance(reading.intent, Silent) and reading.intent.kind == "bounce"
        return "bounce" if is_report else "ordinary", None, ""
    intent = replace(reading.intent, automatic=reading.secondary == "auto-reply")
    located = seat_of(intent.answer.uid, entry.get("before"))
    thread = Thread(letter=LetterRef("registered", "practical-python", 17, "", "")) if "+r." in str(path) else Thread()
    view = View(
        event=event(id="practical-python", starts=moment(SCENARIO["current_start"]), ends=moment(SCENARIO["current_end"]),
                    timezone="UTC"),
        state=EventState(40, None, None, taken=12),
        sender=message.sender,
        cause=Cause(),
        located=located,
        conflict=points_elsewhere(thread, located),
        challenge_id="c",
    )  # fmt: skip
    decision = decide(view, intent, PROOFS[entry["auth"]], NOW)
    letters = [(letter.kind, str(letter.to)) for letter in decision.letters]
    assert len(letters) <= 1
    letter, to = letters[0] if letters else (None, "")
    saved = [change.what for change in decision.changes if isinstance(change, Saved)]
    noted = [change.note.kind for change in decision.changes if isinstance(change, Noted)]
    if letter == "please_confirm":
        return "confirm_first", letter, to
    if "tag names somebody else" in decision.reason:
        return "reject", letter, to
    if "counter" in noted:
        return "counter", letter, to
    words = {"accepted": "accept", "tentative": "tentative", "declined": "cancel", "resent": "resend", "delegated": "note"}
    return (words[saved[0]] if saved else "ignore"), letter, to


@pytest.mark.parametrize("file", sorted(EXPECTED))
def test_every_sample_has_the_effect_that_was_written_down(file):
    """Action and letter of all 56 mails of calendar programs; the one letter goes to the registered address."""
    entry = EXPECTED[file]
    action, letter, to = outcome(entry)
    assert (action, letter) == (entry["action"], entry["letter"])
    assert to == (SCENARIO["attendee"] if letter else "")


@pytest.fixture
def world():
    """Ada has a seat, her invitation went out two hours ago, and Cy waits."""
    world = World(capacity=1)
    world.mail(ADA, Register())
    world.mail("cy@example.org", Register())
    world.later(hours=2)
    return world


def says(world, partstat="", *, sender=ADA, proof=PROVED, method="REPLY", notes=(), automatic=False, **more):
    at = more.pop("at", world.now)
    answer = CalendarAnswer(method, "uid", partstat=partstat, dtstamp=at, sequence=more.pop("sequence", 0), **more)
    return world.mail(sender, CalendarReply(answer, automatic=automatic), proof, located=1, notes=notes)


def test_answers_that_come_in_the_wrong_order_end_as_they_were_said(world):
    """DECLINED of 10:05 may be delivered before ACCEPTED of 10:00; the other way round is a change of mind."""
    early, late = world.now, world.now + timedelta(minutes=5)
    world.later(minutes=10)
    says(world, "TENTATIVE", at=late)
    assert says(world, "ACCEPTED", at=early).state == "ignored"
    assert world.own(parse_address(ADA)).partstat == "TENTATIVE"


def test_an_answer_to_a_newer_invitation_counts_whatever_its_clock_says(world):
    """A clock that goes slow must not lose the answer to an update."""
    says(world, "ACCEPTED")
    own = world.own(parse_address(ADA))
    world.book.registrations[1] = replace(own, sequence=1)
    says(world, "TENTATIVE", at=world.now - timedelta(minutes=3), sequence=1)
    assert world.own(parse_address(ADA)).partstat == "TENTATIVE"


def test_a_sequence_from_the_future_does_not_shut_out_what_follows(world):
    """Some programs count for themselves."""
    says(world, "ACCEPTED", sequence=2_000_000_000)
    world.later(minutes=1)
    says(world, "TENTATIVE")
    assert world.own(parse_address(ADA)).partstat == "TENTATIVE"


def test_a_comment_is_kept_for_the_organisers(world):
    """Beside whatever was pressed; nobody gets a letter for an Accept."""
    decision = says(world, "ACCEPTED", comment="I am late")
    assert [c.note.text for c in decision.changes if isinstance(c, Noted)] == ["I am late"]
    assert decision.letters == ()
    stranger = says(world, "ACCEPTED", sender="eve@example.org", comment="I am Ada", at=world.now + timedelta(minutes=1))
    assert (stranger.state, stranger.changes) == ("ignored", ())


def test_a_proposal_of_another_time_moves_nothing_and_is_told_once(world):
    """By how much Outlook wants to move it is the same in every zone, whatever it calls ours."""
    proposed = {"starts": datetime(2019, 8, 27, 7, 30), "original": datetime(2019, 8, 27, 6, 30)}  # noqa: DTZ001
    decision = says(world, method="COUNTER", comment="later?", **proposed)
    (change,) = decision.changes
    assert (change.note.kind, change.note.text) == ("counter", "later?")
    assert change.note.starts == world.event.starts + timedelta(hours=1)
    (letter,) = decision.letters
    assert (letter.kind, letter.variant, letter.calendar) == ("status", "counter", "none")
    again = says(world, method="COUNTER", comment="later?", notes=(change.note,), **proposed)
    assert (again.state, again.changes, again.letters) == ("ignored", (), ())
    other = says(world, method="COUNTER", comment="earlier?", notes=(change.note,), **proposed)
    assert (len(other.changes), other.letters) == (1, ())


@pytest.mark.parametrize("starts", [None, datetime(1, 1, 1), datetime(9999, 12, 31), datetime(9999, 12, 31, tzinfo=UTC)])  # noqa: DTZ001
def test_an_impossible_proposal_has_no_time(world, starts):
    """It is shown all the same."""
    decision = says(world, method="COUNTER", starts=starts, original=datetime(2019, 8, 27, 6, 30))  # noqa: DTZ001
    assert [c.note.starts for c in decision.changes] == [None]


@pytest.mark.parametrize(("proof", "sender"), [(DISOWNED, ADA), (PROVED, "eve@example.org")])
def test_nobody_else_proposes_asks_or_delegates(world, proof, sender):
    """Nothing is noted, and nothing goes out."""
    for method, partstat in (("COUNTER", ""), ("REFRESH", ""), ("REPLY", "DELEGATED"), ("REPLY", "ACCEPTED")):
        decision = says(world, partstat, method=method, proof=proof, sender=sender, comment="x", delegated_to=sender)
        assert (decision.state, decision.changes, decision.letters) == ("ignored", (), ())


def test_the_invitation_goes_out_again_at_most_once_an_hour(world):
    """The same SEQUENCE, a newer DTSTAMP; a program that asks by itself gets none."""
    before = world.own(parse_address(ADA))
    assert says(world, method="REFRESH", automatic=True).letters == ()
    (letter,) = says(world, method="REFRESH").letters
    after = letter.registration
    assert (letter.kind, letter.variant, letter.calendar) == ("status", "resent", "request")
    assert (after.sequence, after.dtstamp > before.dtstamp) == (before.sequence, True)
    world.later(minutes=59)
    assert says(world, method="REFRESH").letters == ()
    world.later(minutes=1)
    assert len(says(world, method="REFRESH").letters) == 1


def test_a_delegate_gets_no_seat_and_no_letter(world):
    """The organisers see who was meant; a second copy of the answer is an old one."""
    decision = says(world, "DELEGATED", delegated_to="lee@example.org")
    assert [c.note.text for c in decision.changes if isinstance(c, Noted)] == ["lee@example.org"]
    assert decision.letters == ()
    assert world.status(ADA) is Status.CONFIRMED
    assert says(world, "DELEGATED", delegated_to="lee@example.org").state == "ignored"


def test_a_site_may_ask_before_a_decline_counts(world):
    """`calendar.on_decline = "ask"`."""
    answer = CalendarReply(CalendarAnswer("REPLY", "uid", partstat="DECLINED", dtstamp=world.now, sequence=0))
    world.mail(ADA, answer, located=1, ask_on_decline=True)
    assert (world.status(ADA), world.kinds(ADA)[-1]) == (Status.CONFIRMED, "please_confirm")


def test_outlooks_winmail_is_asked_about_before_a_seat_is_lost(world):
    """It bears no date; an Accept in it can do no harm."""
    says(world, "ACCEPTED", guessed=True)
    assert world.own(parse_address(ADA)).partstat == "ACCEPTED"
    world.later(minutes=1)
    says(world, "DECLINED", guessed=True)
    assert (world.status(ADA), world.kinds(ADA)[-1]) == (Status.CONFIRMED, "please_confirm")


def test_a_disowned_decline_asks_the_owner_and_says_nothing_to_its_sender(world):
    """Nothing is kept of what it says (calendar.md §13, 17)."""
    decision = says(world, "DECLINED", proof=DISOWNED, comment="ha")
    assert [str(letter.to) for letter in decision.letters] == [ADA]
    assert not any(isinstance(change, Noted) for change in decision.changes)
    assert world.status(ADA) is Status.CONFIRMED


def test_a_thousand_accepts_send_nothing(world):
    """Their number is a number in the digest."""
    for _ in range(1000):
        world.later(seconds=1)
        assert says(world, "ACCEPTED").letters == ()


def test_a_note_names_its_kind_and_its_person():
    """Equal values are equal notes, so a repeated one is known."""
    assert CalendarNote(1, "comment", NOW, "x") == CalendarNote(1, "comment", NOW, "x")
