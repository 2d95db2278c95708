"""A change by reply: what is new is told with what was, what there is no room for is said, and nothing else moves."""

from dataclasses import replace

import pytest

from mailflow.mail.address import parse_address
from mailflow.model.decision import Challenged, QuestionOpened, Saved
from mailflow.model.event import Localized, Option, Question
from mailflow.model.intent import Cancel, Fields, No, Proposed, Register, Update, Yes
from mailflow.model.letter import Refusal
from mailflow.model.registration import Answer, Status
from tests.desk.world import PROVED, UNPROVED, World

ADA, BO, CY, KIM = "ada@example.org", "bo@example.org", "cy@example.org", "kim.ek@example.org"
VEGAN, NUTS = Answer("diet", ("vegan",), "vegan"), Answer("diet", ("nuts",), "no nuts")


def text(word):
    return Localized((("en", word), ("sv", word)))


QUESTIONS = (
    Question("diet", "choices", text("Diet"), other=True,
             options=(Option("vegan", text("vegan")), Option("nuts", text("no nuts")))),
    Question("tour", "sessions", text("Tour"),
             options=(Option("lab", text("Lab"), places=1), Option("roof", text("Roof")))),
    Question("note", "text", text("Note")),
)  # fmt: skip


@pytest.fixture
def world():
    return World(capacity=4, guests=2, questions=QUESTIONS)


def own(world, address=ADA):
    return world.own(parse_address(address))


def tour(*options, words=""):
    return Fields(answers=(Answer("tour", options, words),))


def test_a_new_answer_stands_beside_the_others(world):
    """Question by question: the diet changes, the note stays; the letter has before and now and no calendar part."""
    note = Answer("note", (), "by train")
    world.mail(ADA, Register(Fields("Ada L", (VEGAN, note))))
    decision = world.mail(ADA, Update(Fields(answers=(NUTS,))))
    assert (decision.reason, [change.what for change in decision.changes]) == ("updated", ["updated"])
    letter = world.last(ADA)
    assert (letter.kind, letter.variant, letter.calendar) == ("updated", "", "none")
    assert (letter.before.answer("diet"), letter.registration.answer("diet")) == (VEGAN, NUTS)
    assert own(world).answer("note") == note
    assert (own(world).name, own(world).sequence) == ("Ada L", 0)


def test_the_same_change_twice_changes_once(world):
    """The second mail is told how things stand; other words for the same options are the same answer."""
    world.mail(ADA, Register())
    world.mail(ADA, Update(Fields(answers=(VEGAN,))))
    for again in (VEGAN, Answer("diet", ("vegan",), "Vegan.")):
        decision = world.mail(ADA, Update(Fields(answers=(again,))))
        assert (decision.changes, [letter.kind for letter in decision.letters]) == ((), ["status"])


def test_a_need_can_be_taken_back(world):
    """"No allergies after all" empties the answer."""
    world.mail(ADA, Register(Fields(answers=(NUTS,))))
    world.mail(ADA, Update(Fields(answers=(Answer("diet"),))))
    assert world.last(ADA).kind == "updated"
    assert own(world).answer("diet").options == ()


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        (Fields("Ada Byron"), "Ada Byron"),
        (Fields("Augusta"), "Augusta"),
        (Fields("Ada", (VEGAN,)), "Ada Lovelace"),
        (Fields("A. Lovelace", (VEGAN,)), "Ada Lovelace"),
        (Fields("Addie", (VEGAN,)), "Ada Lovelace"),
        (Fields("Ada Augusta Lovelace", (VEGAN,)), "Ada Augusta Lovelace"),
        (Fields("www.spam.example", (VEGAN,)), "Ada Lovelace"),
    ],
)
def test_a_sign_off_is_no_new_name(world, fields, name):
    """A fuller name is; a single word only when the mail tells nothing else; what is no name never."""
    world.mail(ADA, Register(Fields("Ada Lovelace")))
    world.mail(ADA, Update(fields))
    assert own(world).name == name


@pytest.mark.parametrize("proof", [PROVED, UNPROVED])
def test_the_name_that_a_program_writes_beside_the_address_is_no_change(world, proof):
    """Every mail has it; who gave another name keeps that one, unless the name is all that the mail tells."""
    world.mail(ADA, Register(Fields("Ada Lovelace")), name="Countess A. K.")
    for fields, name in ((Fields("A. K. Countess", guests=1), "Ada Lovelace"), (Fields("Countess A. K."), "Countess A. K.")):
        world.mail(ADA, Update(fields), proof, name="Countess, A. K.")
        if proof is UNPROVED:
            world.mail(ADA, Yes(), proof, challenge=world.last(ADA).challenge, name="Somebody Else")
        assert own(world).name == name


def test_more_guests_take_free_seats(world):
    """Counted at once; the letter tells how many there were and are."""
    world.mail(ADA, Register())
    world.mail(ADA, Update(Fields(guests=2)))
    assert (world.book.state.taken, own(world).guests, world.last(ADA).before.guests) == (3, 2, 0)


def test_more_guests_than_free_seats_are_refused_and_nothing_is_lost(world):
    """The seat and the guests from before stay, the rest of the mail is done, and the letter says how many are free."""
    world.mail(ADA, Register(Fields(guests=1)))
    world.mail(BO, Register())
    world.mail(ADA, Update(Fields(answers=(VEGAN,), guests=3)))
    assert world.last(ADA).refused == (Refusal("guests", number=2),)
    world.mail(CY, Register())
    world.mail(ADA, Update(Fields(answers=(NUTS,), guests=2)))
    letter = world.last(ADA)
    assert (letter.kind, letter.refused) == ("updated", (Refusal("seats", number=0),))
    assert (own(world).guests, own(world).answer("diet"), world.book.state.taken) == (1, NUTS, 4)


def test_a_change_that_cannot_be_made_at_all_says_so(world):
    """No before and now: the registration is as it was, and why."""
    world.mail(ADA, Register())
    decision = world.mail(ADA, Update(Fields(guests=7)))
    assert (decision.changes, decision.reason) == ((), "nothing could be changed")
    assert (world.last(ADA).kind, world.last(ADA).variant) == ("updated", "unchanged")
    assert world.last(ADA).refused == (Refusal("guests", number=2),)


def test_nobody_passes_the_line_with_guests():
    """While people wait, a free seat that does not fit the head is nobody's guest's."""
    world = World(capacity=3, guests=2)
    world.mail(ADA, Register())
    world.mail(BO, Register())
    world.mail(CY, Register(Fields(guests=1)))
    assert world.status(CY) is Status.WAITING
    world.mail(ADA, Update(Fields(guests=1)))
    assert world.last(ADA).refused == (Refusal("seats", number=0),)
    assert world.book.state.taken == 2


def test_fewer_guests_move_the_line():
    """The freed seat goes to the longest waiting, in the same mail."""
    world = World(capacity=2, guests=1)
    world.mail(ADA, Register(Fields(guests=1)))
    world.mail(BO, Register())
    decision = world.mail(ADA, Update(Fields(guests=0)))
    assert [(str(letter.to), letter.kind) for letter in decision.letters] == [(ADA, "updated"), (BO, "promoted")]
    assert (world.status(BO), world.book.state.taken) == (Status.CONFIRMED, 2)


def test_who_waits_can_change_too_and_keeps_the_place():
    """The letter tells the place; a party that has become small enough moves up, and gets that letter alone."""
    world = World(capacity=2, guests=2, questions=QUESTIONS)
    world.mail(ADA, Register())
    world.mail(BO, Register(Fields(guests=1)))
    world.mail(CY, Register())
    world.mail(CY, Update(Fields(answers=(VEGAN,))))
    assert (world.last(CY).kind, world.last(CY).place, own(world, CY).place) == ("updated", 2, 2)
    world.mail(BO, Update(Fields(guests=2)))
    assert world.last(BO).refused == (Refusal("guests", number=1),)
    decision = world.mail(BO, Update(Fields(guests=0)))
    assert [(str(letter.to), letter.kind) for letter in decision.letters] == [(BO, "promoted")]
    assert (own(world, BO).guests, world.status(BO), world.status(CY)) == (0, Status.CONFIRMED, Status.WAITING)


def test_an_offer_is_what_a_smaller_party_gets_where_seats_are_offered():
    """In mode "offer" the same happens with an offer."""
    world = World(capacity=2, guests=1)
    world.event = replace(world.event, waiting_list=replace(world.event.waiting_list, mode="offer"))
    world.mail(ADA, Register())
    world.mail(BO, Register(Fields(guests=1)))
    world.mail(BO, Update(Fields(guests=0)))
    assert (world.last(BO).kind, world.status(BO), own(world, BO).guests) == ("offered", Status.OFFERED, 0)


def test_an_option_of_limited_places_goes_to_who_comes_first(world):
    """The second one has a seat and no tour, is told so, and gets the tour when the first one lets it go."""
    world.mail(ADA, Register(tour("lab")))
    world.mail(BO, Register(tour("lab")))
    assert (world.last(BO).kind, world.last(BO).refused) == ("registered", (Refusal("option", "tour", "lab"),))
    assert own(world, BO).answer("tour") is None
    world.mail(ADA, Update(tour("roof")))
    world.mail(BO, Update(tour("lab", "roof")))
    assert own(world, BO).answer("tour").options == ("lab", "roof")
    world.mail(ADA, Update(tour("lab", words="the lab then")))
    assert (world.last(ADA).variant, own(world).answer("tour").options) == ("unchanged", ("roof",))


def test_what_is_chosen_beside_a_full_option_is_noted(world):
    """Of two tours one is full; the words for both say no more than that."""
    world.mail(ADA, Register(tour("lab")))
    world.mail(BO, Register())
    world.mail(BO, Update(tour("lab", "roof", words="Lab, Roof")))
    assert own(world, BO).answer("tour") == Answer("tour", ("roof",), "")
    assert (world.last(BO).variant, world.last(BO).refused) == ("", (Refusal("option", "tour", "lab"),))


def test_a_full_option_is_kept_by_who_has_it(world):
    """Its owner may say it again with something else, and lower no one's chance."""
    world.mail(ADA, Register(tour("lab")))
    world.mail(ADA, Update(tour("lab", "roof")))
    assert own(world).answer("tour").options == ("lab", "roof")
    assert not world.last(ADA).refused


def test_words_beside_a_full_option_are_kept_where_words_are_asked_for():
    """An allergy survives a full option."""
    diet = replace(QUESTIONS[0], options=(Option("vegan", text("vegan"), places=1), Option("nuts", text("no nuts"))))
    world = World(capacity=4, questions=(diet,))
    world.mail(ADA, Register(Fields(answers=(VEGAN,))))
    world.mail(BO, Register(Fields(answers=(Answer("diet", ("vegan",), "vegan, and no celery"),))))
    assert own(world, BO).answer("diet") == Answer("diet", (), "vegan, and no celery")
    world.mail(CY, Register(Fields(answers=(VEGAN,))))
    assert own(world, CY).answer("diet") is None


def test_the_places_are_counted_when_the_yes_comes(world):
    """A request holds no place: who confirms first has it."""
    world.mail(ADA, Register(tour("lab")), UNPROVED)
    world.mail(BO, Register(tour("lab")))
    world.mail(ADA, Yes(), UNPROVED, challenge=world.last(ADA).challenge)
    assert (world.status(ADA), own(world).answer("tour")) == (Status.CONFIRMED, None)
    assert world.last(ADA).refused == (Refusal("option", "tour", "lab"),)


def test_an_unproved_change_is_asked_and_done_by_yes(world):
    """Nothing changes before; the question says nothing that the sender wrote; the answer tells before and now."""
    world.mail(ADA, Register(Fields("Ada L")))
    world.mail(ADA, Update(Fields(answers=(VEGAN,), guests=1)), UNPROVED, quote="vegan")
    asked = world.last(ADA)
    assert (asked.kind, asked.variant, asked.proved, asked.to_name, asked.quote) == (
        "please_confirm", "change", False, "", "",
    )  # fmt: skip
    assert (own(world).answers, own(world).guests) == ((), 0)
    world.mail(ADA, Yes(), UNPROVED, challenge=asked.challenge)
    assert (own(world).answers, own(world).guests, world.last(ADA).kind) == ((VEGAN,), 1, "updated")
    assert world.last(ADA).before.guests == 0
    before = len(world.letters)
    assert world.mail(ADA, Yes(), UNPROVED, challenge=asked.challenge).state == "ignored"
    assert len(world.letters) == before


def test_no_or_time_ends_the_question_and_changes_nothing(world):
    """Neither gets a letter."""
    world.mail(ADA, Register())
    world.mail(ADA, Update(Fields(guests=1)), UNPROVED)
    world.mail(ADA, No(), UNPROVED, challenge=world.last(ADA).challenge)
    world.mail(ADA, Update(Fields(guests=2)), UNPROVED)
    late = world.last(ADA).challenge
    world.later(hours=49)
    assert world.mail(ADA, Yes(), UNPROVED, challenge=late).state == "ignored"
    world.due("expire", late)
    assert (own(world).guests, world.status(ADA)) == (0, Status.CONFIRMED)


def test_a_yes_changes_only_what_it_was_asked_for(world):
    """What is kept with the question is what is bound to it."""
    world.mail(ADA, Register())
    world.mail(ADA, Update(Fields(guests=1)), UNPROVED)
    asked = world.last(ADA).challenge
    world.challenges[asked] = replace(world.challenges[asked], wanted=Fields(guests=2))
    assert world.mail(ADA, Yes(), UNPROVED, challenge=asked).reason == "the question was about something else"
    assert own(world).guests == 0


def test_a_yes_to_what_is_so_already_tells_the_status(world):
    """Done by a proved mail meanwhile, or gone meanwhile."""
    world.mail(ADA, Register())
    world.mail(ADA, Update(Fields(guests=1)), UNPROVED)
    world.mail(ADA, Update(Fields(guests=1)))
    world.mail(ADA, Yes(), UNPROVED, challenge=world.letters[-2].challenge)
    assert world.kinds(ADA) == ["registered", "please_confirm", "updated", "status"]
    world.mail(ADA, Update(Fields(guests=2)), UNPROVED)
    asked = world.last(ADA).challenge
    world.mail(ADA, Cancel())
    assert world.mail(ADA, Yes(), UNPROVED, challenge=asked).reason == "nothing is left to change"


def test_a_thread_of_somebody_else_asks_its_owner_and_nobody_else(world):
    """A reference locates and never authorises (trust.md §2.1 row 11), whoever is proved."""
    world.mail(ADA, Register())
    world.mail(BO, Register())
    decision = world.mail(BO, Update(Fields("Bo's Friend", guests=2)), located=1)
    assert [(str(letter.to), letter.variant) for letter in decision.letters] == [(ADA, "change")]
    assert (decision.letters[0].cause, decision.letters[0].proved) == (None, False)
    assert own(world, BO).guests == own(world).guests == 0
    assert world.mail(BO, Update(Fields(guests=0)), located=1).reason == "nothing to change"


def test_the_budget_of_an_address_holds_for_changes(world):
    """One question in a day to an unproved address, and none about the same again."""
    world.unlimited = False
    world.mail(ADA, Register())
    world.spent.clear()
    world.mail(ADA, Update(Fields(guests=1)), UNPROVED)
    decision = world.mail(ADA, Update(Fields(guests=2)), UNPROVED)
    assert (decision.state, decision.changes, decision.letters) == ("ignored", (), ())


def test_an_unproved_sender_is_told_what_there_is_no_room_for(world):
    """Nothing would change, so nothing is asked; the reason has no word of the sender's."""
    world.mail(ADA, Register())
    world.mail(ADA, Update(Fields("Buy Now", guests=9)), UNPROVED)
    assert world.last(ADA).variant == "change"
    world.mail(ADA, Update(Fields(guests=9)), UNPROVED)
    assert (world.last(ADA).variant, world.last(ADA).proved) == ("unchanged", False)
    world.mail(ADA, Update(Fields(guests=0)), UNPROVED)
    assert world.last(ADA).kind == "status"


@pytest.mark.parametrize("proof", [PROVED, UNPROVED])
def test_what_reads_as_a_change_is_asked_and_done_by_yes(world, proof):
    """As with a registration: one question to the sender, the mail to people, nothing before the YES."""
    world.mail(ADA, Register())
    decision = world.mail(ADA, Proposed(Update(Fields(answers=(VEGAN,)))), proof, quote="Bo says I am vegan now.")
    assert [(letter.kind, letter.variant) for letter in decision.letters] == [
        ("please_confirm", "read_change"), ("question_forwarded", "read_change"),
    ]  # fmt: skip
    assert sum(isinstance(change, QuestionOpened) for change in decision.changes) == 1
    assert own(world).answers == ()
    world.mail(ADA, Yes(), proof, challenge=decision.letters[0].challenge)
    assert (own(world).answers, world.last(ADA).kind) == ((VEGAN,), "updated")


def test_a_proposed_change_that_changes_nothing_goes_to_people(world):
    """Nor is one asked about somebody else's registration, or of somebody who has none."""
    world.mail(ADA, Register(Fields(answers=(VEGAN,))))
    for who, more in ((ADA, {}), (BO, {}), (BO, {"located": 1})):
        decision = world.mail(who, Proposed(Update(Fields(answers=(VEGAN,)))), quote=f"{who} {more}", **more)
        assert decision.reason == "read as update; handed to the organisers"
        assert not any(isinstance(change, Challenged) for change in decision.changes)


def test_changes_are_possible_until_the_start(world):
    """Also after registration has closed; then people see to it, and after the end it is over."""
    world.mail(ADA, Register())
    world.later(days=4)
    assert world.mail(ADA, Update(Fields(guests=1))).reason == "updated"
    world.now = world.event.starts
    assert world.mail(ADA, Update(Fields(guests=0)), quote="one less").reason == "read as update; handed to the organisers"
    world.now = world.event.ends
    world.mail(ADA, Update(Fields(guests=0)))
    assert (world.last(ADA).kind, world.last(ADA).variant) == ("closed", "over")


def test_a_request_that_waits_for_its_yes_is_changed_by_people(world):
    """What it was asked for must stay what the YES is bound to."""
    world.mail(ADA, Register(), UNPROVED)
    assert world.mail(ADA, Update(Fields(guests=1))).reason == "read as update; handed to the organisers"
    assert own(world).guests == 0


def test_who_was_answered_enough_has_the_change_done_all_the_same(world):
    """A proved person's act is done; only the letter is left out (trust.md §4)."""
    world.unlimited = False
    for number in range(4):
        world.mail(ADA, Register() if not number else Update(Fields(guests=number % 3)))
    assert (own(world).guests, len(world.kinds(ADA))) == (0, 3)
    assert any(isinstance(change, Saved) for change in world.mail(ADA, Update(Fields(guests=1))).changes)
