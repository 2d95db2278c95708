"""A wish in a mail that is not wholly explained: asked back, shown to people, and never done before the YES."""

import pytest

from mailflow.mail.address import parse_address
from mailflow.model.command import Command, OrderLine, Orders
from mailflow.model.decision import Challenged, QuestionOpened
from mailflow.model.event import Organiser, WaitingList
from mailflow.model.intent import (
    Cancel,
    Fields,
    ForPeople,
    Help,
    No,
    Proposed,
    Register,
    Silent,
    Update,
    Yes,
)
from mailflow.model.registration import Answer, Status
from tests.desk.world import PROVED, UNPROVED, World, event

ADA, BO, KIM = "ada@example.org", "bo@example.org", "kim.ek@example.org"
REGISTER = Proposed(Register(Fields("Ada L", (Answer("diet", ("vegan",), "vegan"),), guests=1)))
CANCEL = Proposed(Cancel())
WORDS = "Put me down, and tell Bo that I bring the cables."


@pytest.fixture
def world():
    return World(capacity=4, guests=2)


@pytest.mark.parametrize("proof", [PROVED, UNPROVED])
def test_what_reads_as_a_registration_is_asked_and_done_by_yes(world, proof):
    """Nothing is taken before the YES; then the fields of the first mail stand in the registration."""
    world.mail(ADA, REGISTER, proof, quote=WORDS)
    asked = world.last(ADA)
    assert (asked.kind, asked.variant, asked.quote) == ("please_confirm", "read_register", "")
    assert (world.status(ADA), world.book.state.taken) == (Status.PENDING, 0)
    world.mail(ADA, Yes(), proof, challenge=asked.challenge)
    assert world.kinds(ADA) == ["please_confirm", "registered"]
    own = world.own(parse_address(ADA))
    assert (own.status, own.name, own.guests, own.answers[0].options) == (Status.CONFIRMED, "Ada L", 1, ("vegan",))


@pytest.mark.parametrize("proof", [PROVED, UNPROVED])
def test_what_reads_as_a_cancellation_is_asked_and_done_by_yes(world, proof):
    """The seat is kept until the YES, also for a proved sender."""
    world.mail(ADA, Register())
    world.mail(ADA, CANCEL, proof, quote=WORDS)
    asked = world.last(ADA)
    assert (asked.kind, asked.variant) == ("please_confirm", "read_cancel")
    assert world.status(ADA) is Status.CONFIRMED
    world.mail(ADA, Yes(), proof, challenge=asked.challenge)
    assert world.kinds(ADA) == ["registered", "please_confirm", "cancelled"]
    assert world.status(ADA) is Status.CANCELLED


def test_no_to_a_proposal_leaves_everything_as_it_was(world):
    """NO to a cancellation keeps the seat; NO to a registration leaves nobody registered; neither gets a letter."""
    world.mail(ADA, Register())
    world.mail(ADA, CANCEL)
    world.mail(ADA, No(), challenge=world.last(ADA).challenge)
    assert world.status(ADA) is Status.CONFIRMED
    world.mail(BO, REGISTER)
    world.mail(BO, No(), challenge=world.last(BO).challenge)
    assert world.status(BO) is Status.CANCELLED
    assert (world.kinds(ADA), world.kinds(BO)) == (["registered", "please_confirm"], ["please_confirm"])


def test_an_unanswered_proposal_runs_out(world):
    """Nothing happens otherwise, as the letter says."""
    world.mail(ADA, Register())
    world.mail(ADA, CANCEL)
    world.mail(BO, REGISTER)
    kept, gone = world.last(ADA).challenge, world.last(BO).challenge
    world.later(hours=49)
    world.due("expire", kept)
    world.due("expire", gone)
    assert (world.status(ADA), world.status(BO)) == (Status.CONFIRMED, Status.EXPIRED)


def test_an_older_question_that_runs_out_leaves_the_newer_one_alive(world):
    """Who was asked again a day later has until two days after that."""
    world.mail(ADA, REGISTER)
    first = world.last(ADA).challenge
    world.later(hours=24)
    world.mail(ADA, REGISTER)
    second = world.last(ADA).challenge
    world.later(hours=25)
    world.due("expire", first)
    assert world.status(ADA) is Status.PENDING
    world.mail(ADA, Yes(), challenge=second)
    assert world.status(ADA) is Status.CONFIRMED


@pytest.mark.parametrize(("intent", "variant"), [(REGISTER, "read_register"), (CANCEL, "read_cancel")])
def test_the_organisers_see_a_proposed_mail_and_what_we_made_of_it(world, intent, variant):
    """One `question_forwarded` each, a notice with the sender's words, and one letter to the sender."""
    if intent is CANCEL:
        world.mail(ADA, Register())
    decision = world.mail(ADA, intent, quote=WORDS, name="Ada L")
    shown = world.last(KIM)
    assert (shown.kind, shown.variant, shown.quote, shown.notice) == ("question_forwarded", variant, WORDS, True)
    assert shown.registration.status is world.status(ADA)
    assert sum(str(letter.to) == ADA for letter in decision.letters) == 1
    assert sum(isinstance(change, QuestionOpened) for change in decision.changes) == 1
    assert decision.letters[0].kind == "please_confirm"


def test_an_unproved_proposal_writes_nothing_of_the_sender_to_the_address(world):
    """As with every letter to an address that is not proved (letters.md §1.7)."""
    world.mail(ADA, REGISTER, UNPROVED, quote=WORDS, name="Buy Now")
    asked = world.last(ADA)
    assert (asked.proved, asked.to_name, asked.quote) == (False, "", "")
    assert world.last(KIM).cause.proved is False


def test_a_proposal_that_the_budgets_stop_reaches_people_all_the_same(world):
    """No second question in a day to an unproved address, no row for it, and no mail lost."""
    world.unlimited = False
    world.mail(ADA, Help(), UNPROVED)
    decision = world.mail(ADA, REGISTER, UNPROVED, quote=WORDS)
    assert (decision.state, decision.reason) == ("done", "read as register; handed to the organisers")
    assert [letter.kind for letter in decision.letters] == ["question_forwarded"]
    assert decision.letters[0].variant == "wish"
    assert world.status(ADA) is None


def test_a_proved_sender_who_was_answered_enough_is_read_by_people(world):
    """The question would not go out, so nothing waits for its YES."""
    world.unlimited = False
    for _ in range(3):
        world.mail(ADA, Help())
    decision = world.mail(ADA, REGISTER)
    assert [letter.kind for letter in decision.letters] == ["question_forwarded"]
    assert not any(isinstance(change, Challenged) for change in decision.changes)


def test_a_proposal_that_does_not_fit_what_is_so_goes_to_people(world):
    """Registering who is registered, cancelling who is not (understanding.md §2.4 rule 11)."""
    world.mail(ADA, Register())
    assert world.mail(ADA, REGISTER).reason == "read as register; handed to the organisers"
    assert world.mail(BO, CANCEL).reason == "read as cancel; handed to the organisers"
    assert (world.last(ADA).kind, world.last(BO).kind) == ("question_received", "question_received")
    assert world.status(ADA) is Status.CONFIRMED
    assert not world.challenges


def test_a_proposal_is_never_about_somebody_elses_registration(world):
    """Whoever points at another one's registration by a guess makes us write to nobody but people."""
    world.mail(ADA, Register())
    world.mail(BO, Register())
    world.mail(BO, CANCEL, located=1)
    assert not world.challenges
    assert world.kinds(ADA) == ["registered"]


@pytest.mark.parametrize("days", [-30, 4, 8])
def test_outside_the_window_a_proposed_registration_goes_to_people(days):
    """Before opening, after closing, after the event: a YES would promise what cannot be kept."""
    world = World()
    world.later(days=days)
    world.mail(ADA, REGISTER)
    assert world.kinds(ADA) == ["question_received"]
    assert world.status(ADA) is None


def test_a_full_event_without_a_line_proposes_nothing():
    """There is no seat to say YES to."""
    world = World(capacity=1, waiting_list=WaitingList(mode="off"))
    world.mail(BO, Register())
    world.mail(ADA, Proposed(Register()))
    assert world.kinds(ADA) == ["question_received"]


def test_a_request_or_a_place_in_line_can_be_cancelled_by_a_proposal(world):
    """Everything that stands has something to give up."""
    world.mail(ADA, Register(), UNPROVED)
    world.mail(ADA, CANCEL)
    assert world.last(ADA).variant == "read_cancel"
    world.mail(ADA, Yes(), challenge=world.last(ADA).challenge)
    assert (world.last(ADA).kind, world.last(ADA).variant) == ("cancelled", "withdrawn")


@pytest.mark.parametrize(
    ("wish", "word"),
    [
        (Update(), "update"),
        (Orders((OrderLine("CLOSE", Command("close")),)), "org-close"),
    ],
)
def test_wishes_that_we_cannot_ask_about_go_to_people(world, wish, word):
    """The reason says what the mail was read as; nobody else is written to."""
    world.mail(ADA, Register())
    for intent, quote in ((Proposed(wish), WORDS), (wish, f"Hello, {WORDS}")):
        assert world.mail(ADA, intent, quote=quote).reason == f"read as {word}; handed to the organisers"
        assert world.last(KIM).quote == quote
        assert world.last(ADA).kind == "question_received"
    assert world.kinds("eve@example.org") == []


UNCLEAR = [ForPeople("hm", short=True), ForPeople("A long answer."), Yes(), No(), REGISTER, CANCEL]


@pytest.mark.parametrize("intent", UNCLEAR)
def test_an_answer_to_our_receipt_goes_to_people_without_another_one(world, intent):
    """At most one receipt a thread, and never "we did not get that" in it."""
    decision = world.mail(ADA, intent, replied_to="question_received", quote=WORDS)
    assert [letter.kind for letter in decision.letters] == ["question_forwarded"]
    assert decision.letters[0].quote in (WORDS, "A long answer.", "hm")


@pytest.mark.parametrize("letter", ["not_understood", "please_confirm"])
@pytest.mark.parametrize("intent", UNCLEAR)
def test_an_unclear_answer_to_our_question_goes_to_people(world, intent, letter):
    """Nobody is told twice that we did not understand, or asked twice what he meant; the first receipt goes out."""
    decision = world.mail(ADA, intent, replied_to=letter, quote=WORDS)
    assert [letter.kind for letter in decision.letters] == ["question_forwarded", "question_received"]


def test_a_plain_command_in_such_a_thread_is_done(world):
    """The letter asked for one of those words."""
    world.mail(ADA, Register(), replied_to="not_understood")
    world.mail(ADA, Cancel(), replied_to="question_received")
    assert world.kinds(ADA) == ["registered", "cancelled"]


def test_what_follows_an_organisers_answer_is_passed_on_quietly():
    """The sender talks with a person by then; an organiser who answers to us instead is told where his mail went."""
    world = World(organisers=(*event().organisers, Organiser("Robin", parse_address("robin@example.org"), "en")))
    decision = world.mail(ADA, ForPeople("Thanks, but where is it?"), replied_to="question_forwarded")
    assert [letter.kind for letter in decision.letters] == ["question_forwarded", "question_forwarded"]
    decision = world.mail(KIM, ForPeople("Yes, there is a lift."), replied_to="question_forwarded", organiser=True)
    assert [(str(letter.to), letter.kind) for letter in decision.letters] == [
        ("robin@example.org", "question_forwarded"), (KIM, "question_received"),
    ]  # fmt: skip


@pytest.mark.parametrize(("intent", "kind"), [(ForPeople("Hm."), "question_forwarded"), (REGISTER, "please_confirm")])
def test_the_only_organiser_gets_one_letter_too(world, intent, kind):
    """Nobody else would read it, so what is for people comes back to him; what is asked is asked."""
    decision = world.mail(KIM, intent, organiser=True, quote=WORDS)
    assert [letter.kind for letter in decision.letters] == [kind]
    assert world.questions == 1


def test_a_short_unclear_mail_is_shown_what_we_read(world):
    """Its words come back to a proved sender, and to nobody else."""
    world.mail(ADA, ForPeople("flurb", short=True), quote="flurb")
    world.mail(BO, ForPeople("flurb", short=True), UNPROVED, quote="flurb")
    assert [(world.last(who).kind, world.last(who).quote) for who in (ADA, BO)] == [
        ("not_understood", "flurb"), ("not_understood", ""),
    ]  # fmt: skip


def test_a_registration_with_a_question_is_done_and_passed_on(world):
    """One letter to the sender, who is told that people have the question; theirs says where the sender stands now."""
    decision = world.mail(ADA, Register(), forward=True, quote="Register me. Is there parking?")
    assert [(letter.kind, letter.passed_on) for letter in decision.letters] == [
        ("registered", True), ("question_forwarded", False),
    ]  # fmt: skip
    assert decision.letters[1].registration.status is Status.CONFIRMED
    assert decision.letters[1].quote == "Register me. Is there parking?"
    assert decision.reason == "registered: confirmed; the organisers have the mail too"
    assert sum(isinstance(change, QuestionOpened) for change in decision.changes) == 1


def test_a_cancellation_with_a_question_tells_only_its_sender(world):
    """Who moves up from the line hears nothing of it."""
    world = World(capacity=1)
    world.mail(ADA, Register())
    world.mail(BO, Register())
    world.mail(ADA, Cancel(), forward=True)
    assert (world.last(ADA).passed_on, world.last(BO).kind, world.last(BO).passed_on) == (True, "promoted", False)


def test_a_mail_that_goes_to_people_anyway_goes_once(world):
    """No second copy, and one F-number."""
    decision = world.mail(ADA, ForPeople("Is there parking?"), forward=True)
    assert [letter.kind for letter in decision.letters] == ["question_forwarded", "question_received"]
    decision = world.mail(ADA, REGISTER, forward=True, quote=WORDS)
    assert [letter.kind for letter in decision.letters] == ["please_confirm", "question_forwarded"]
    assert world.questions == 2


def test_the_question_of_somebody_who_is_not_answered_any_more_reaches_people(world):
    """Budgets stop letters to strangers, not mail to the organisers."""
    world.unlimited = False
    world.mail(ADA, Help(), UNPROVED)
    decision = world.mail(ADA, Register(), UNPROVED, forward=True, quote=WORDS)
    assert (decision.state, [letter.kind for letter in decision.letters]) == ("done", ["question_forwarded"])
    assert world.status(ADA) is None


def test_without_a_reader_the_digest_keeps_the_question():
    """No letter claims that somebody has it."""
    world = World(organisers=())
    decision = world.mail(ADA, Register(), forward=True)
    assert [(letter.kind, letter.passed_on) for letter in decision.letters] == [("registered", False)]
    assert decision.reason == "registered: confirmed; the organisers' digest has the mail too"
    assert any(isinstance(change, QuestionOpened) for change in decision.changes)


def test_thanks_are_never_answered(world):
    """An acknowledgement is filed in silence, whatever it answers."""
    decision = world.mail(ADA, Silent("ack"), replied_to="registered", forward=True)
    assert (decision.state, decision.changes, decision.letters) == ("silent", (), ())
