"""In which language a person is written to: that of the mail, then that of the last one, then both (letters.md §6)."""

import pytest

from mailflow.mail.address import parse_address
from mailflow.model.intent import AskStatus, Cancel, Empty, ForPeople, Help, Register, Silent, Yes
from mailflow.model.registration import Status
from tests.desk.world import DISOWNED, UNPROVED, World

ADA, BO, CY = "ada@example.org", "bo@example.org", "cy@example.org"


@pytest.fixture
def world():
    return World(capacity=1)


def language(world, address=ADA):
    return world.own(parse_address(address)).language


def challenge_of(world, address):
    return world.last(address).challenge


def test_what_a_mail_tells_is_stored_and_used_for_later_letters(world):
    """A Swedish sign-up waits; the notice about the free seat, which no mail of hers caused, is in Swedish."""
    world.mail(BO, Register(), language="en")
    world.mail(ADA, Register(), language="sv")
    assert world.last(ADA).languages == ("sv",)
    world.mail(BO, Cancel(), language="en")
    assert (world.last(ADA).kind, world.last(ADA).languages) == ("promoted", ("sv",))
    assert world.last(BO).languages == ("en",)


def test_while_nobody_knows_it_both_are_written(world):
    """A calendar or an empty subject tells nothing: two languages, also in the letter that comes later by itself."""
    world.mail(BO, Register(), language=None)
    world.mail(ADA, Register(), language=None)
    assert world.last(BO).languages == world.last(ADA).languages == ("en", "sv")
    world.mail(BO, Cancel(), language=None)
    assert (world.last(ADA).kind, world.last(ADA).languages) == ("promoted", ("en", "sv"))
    assert language(world) == ""


def test_ja_to_a_question_in_two_languages_makes_it_swedish(world):
    """The answer to the question is the first word of hers that tells; the row learns it, and the letter follows."""
    world.mail(ADA, Empty(), UNPROVED, language=None)
    assert world.last(ADA).languages == ("en", "sv")
    world.mail(ADA, Yes(), UNPROVED, challenge=challenge_of(world, ADA), language="sv")
    letter = world.last(ADA)
    assert (letter.kind, letter.languages, letter.registration.language) == ("registered", ("sv",), "sv")
    assert language(world) == "sv"


def test_yes_from_another_address_counts_for_the_one_that_was_asked(world):
    """Reading the mailbox is what is proved; it is that person who said JA."""
    world.mail(ADA, Register(), UNPROVED, language="en")
    world.mail("alias@elsewhere.example", Yes(), UNPROVED, challenge=challenge_of(world, ADA), language="sv")
    assert (world.last(ADA).languages, language(world)) == (("sv",), "sv")


def test_the_last_mail_wins(world):
    """Registered in English, cancelled in Swedish: the farewell is in Swedish; who comes back is known by then."""
    world.mail(ADA, Register(), language="en")
    world.mail(ADA, Cancel(), language="sv")
    assert (world.last(ADA).kind, world.last(ADA).languages) == ("cancelled", ("sv",))
    world.mail(ADA, Register(), language=None)
    assert (world.last(ADA).kind, world.last(ADA).languages) == ("registered", ("sv",))


@pytest.mark.parametrize(
    "wish", [AskStatus(), AskStatus(resend=True), Help(), ForPeople("När börjar det?"), Register()]
)
def test_a_mail_that_changes_nothing_else_teaches_it_too(world, wish):
    """One step in the history, and only the first time."""
    world.mail(ADA, Register(), language="en")
    first = world.mail(ADA, wish, language="sv")
    assert language(world) == "sv"
    saved = [change for change in first.changes if hasattr(change, "after")]
    assert len(saved) == 1
    again = world.mail(ADA, wish, language="sv")
    assert "language" not in [getattr(change, "what", "") for change in again.changes]


def test_a_question_stays_handed_over(world):
    """Learning how to write to somebody is no act: the mail is still one that people have, and nothing else."""
    world.mail(ADA, Register(), language="en")
    assert world.mail(ADA, ForPeople("När?"), language="sv").handed_over
    assert not world.mail(ADA, AskStatus(), language="en").handed_over


def test_nobody_else_changes_how_a_person_is_written_to(world):
    """Not a forger, proved or not to be one; and not a robot."""
    world.mail(ADA, Register(), language="en")
    world.mail(ADA, AskStatus(), UNPROVED, language="sv")
    assert world.last(ADA).languages == ("sv",)  # an answer is in the language of what it answers
    world.mail(ADA, Cancel(), DISOWNED, language="sv")
    world.mail(ADA, Silent("auto-reply"), language="sv")
    assert language(world) == "en"


def test_an_unproved_cancellation_is_asked_back_in_its_own_language(world):
    """From the registered address it is an answer; on behalf of somebody else it is a letter to that person."""
    world.mail(ADA, Register(), language="en")
    world.mail(ADA, Cancel(), UNPROVED, language="sv")
    assert (world.last(ADA).kind, world.last(ADA).languages) == ("please_confirm", ("sv",))
    world.mail(BO, Cancel(), located=1, language="sv")
    assert (world.last(ADA).kind, world.last(ADA).languages) == ("please_confirm", ("en",))
    assert language(world) == "en"


def test_a_language_that_the_event_does_not_speak_is_none(world):
    """It is neither used nor stored."""
    world.mail(ADA, Register(), language="sv")
    world.mail(ADA, AskStatus(), language="de")
    assert (world.last(ADA).languages, language(world)) == (("en",), "sv")
    world.mail(CY, Register(), language="de")
    assert (language(world, CY), world.status(CY)) == ("", Status.WAITING)


def test_organisers_have_their_own(world):
    """Whatever the mail that they are shown is written in."""
    world.mail(ADA, ForPeople("When?"), language="en")
    assert world.last("kim.ek@example.org").languages == ("sv",)
