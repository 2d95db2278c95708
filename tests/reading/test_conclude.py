"""From sentences to one wish: the conflict rules of understanding.md §2.4, each by its number, and the tiers of §2.5."""

import pytest

from mailflow.mail.message import Attachment
from mailflow.model.intent import (
    AskStatus,
    Cancel,
    EraseMe,
    Fields,
    ForPeople,
    Help,
    No,
    Other,
    Proposed,
    Register,
    RegisterOther,
    RemindOff,
    Silent,
    Update,
    Yes,
)
from mailflow.reading.analyse import analyse
from mailflow.reading.conclude import Conclusion, proposed
from mailflow.reading.rules import Places
from mailflow.reading.sentences import sentences
from mailflow.reading.talk import talk_of

from .conftest import acts, bare

BO = "bo@example.org"


def others(reading):
    """The addresses of those who are to be asked."""
    return [str(other.address) for other in reading.intent.others]


def talk(text):
    """The sentences of a text, taken together."""
    return talk_of(tuple(analyse(sentence, Places()) for sentence in sentences(tuple(text.split("\n")))))


# Rule 1: two wishes


@pytest.mark.parametrize("text", [
    "Please register me.\nActually, please cancel me.", "Anmäl mig. Avboka mig.", "STATUS\nCANCEL", "HELP\nREGISTER",
    "Cancel my seat. Please send the invitation again.",
])  # fmt: skip
def test_two_different_wishes_are_for_people(read_mail, text):
    """Neither is chosen, in whichever order they come."""
    for standing in ("none", "confirmed"):
        reading = read_mail(text, standing=standing)
        assert isinstance(reading.intent, ForPeople), reading.evidence
    assert any("two wishes" in line for line in reading.evidence)


def test_a_registration_with_a_diet_is_one_wish(read_mail):
    """Fields belong to it."""
    reading = read_mail("Please register me. I am vegan.")
    assert isinstance(reading.intent, Register)
    assert reading.intent.fields.answers[0].options == ("vegan",)


def test_to_be_forgotten_is_to_be_cancelled(read_mail):
    """The greater wish says both."""
    assert read_mail("Cancel my seat and erase my data", standing="confirmed").intent == EraseMe()


@pytest.mark.parametrize(("text", "standing", "wish"), [
    ("Please register me. Is there parking?", "none", Register),
    ("Please change my diet to vegan. Is there parking?", "confirmed", Update),
])  # fmt: skip
def test_a_registration_or_change_with_a_question_is_done_and_passed_on(read_mail, text, standing, wish):
    """The sender gets the seat, and people the question."""
    reading = read_mail(text, standing=standing)
    assert (type(reading.intent), reading.secondary) == (wish, "question")


def test_a_cancellation_with_a_question_is_asked_back(read_mail):
    """A seat that was given away is gone: the answer to the question might change the wish."""
    reading = read_mail("I have to cancel my registration. Will there be another workshop?", standing="confirmed")
    assert reading.intent == Proposed(Cancel())


def test_a_yes_with_a_diet_is_a_yes_that_people_see(read_mail):
    """The YES carries no fields, and an allergy must survive."""
    reading = read_mail("YES\nI am vegan", asked=True)
    assert (reading.intent, reading.secondary) == (Yes(), "question")


# Rule 2: negation


@pytest.mark.parametrize("text", [
    "Do not register me", "Anmäl mig inte", "Melden Sie mich nicht an", "I will not register", "Please don't cancel my seat",
    "I am not cancelling", "Jag vill inte avboka", "Please do not send me the status",
])  # fmt: skip
def test_a_denied_wish_is_for_people(read_mail, text):
    """Before or behind the verb; it is never the opposite wish."""
    for standing in ("none", "confirmed"):
        assert isinstance(read_mail(text, standing=standing).intent, ForPeople)


@pytest.mark.parametrize("text", ["I can't make it", "kan inte komma", "Jag kan tyvärr inte komma", "Ich kann leider nicht kommen"])
def test_some_denials_are_cancellations_as_wholes(read_mail, text):
    """They are matched before a negation is looked at."""
    assert read_mail(text, standing="confirmed").intent == Cancel()


def test_a_negation_turns_its_own_clause():
    """In another clause it is another thing: not understood, but the wish is not denied."""
    assert "negation" in talk("Do not register me").turned
    assert "negation" not in talk("Please register me, my train does not go there").turned


# Rule 3: a part


@pytest.mark.parametrize("text", [
    "I can't stay for the dinner", "Jag kan tyvärr inte vara med på lunchen", "Cancel the dinner for me", "Avboka min lunch",
    "min fru kan inte komma", "My wife can't come",
])  # fmt: skip
def test_who_gives_up_a_meal_or_a_companion_keeps_the_seat(read_mail, text):
    """Never a cancellation; without a question about it, a thing for people."""
    assert isinstance(read_mail(text, standing="confirmed").intent, ForPeople)


def test_a_registration_for_a_part_is_a_registration(read_mail):
    """The dinner is skipped, the seat is wanted."""
    reading = read_mail("Please register me, but I will skip the dinner")
    assert isinstance(reading.intent, Register)
    assert "a registration for a part" in reading.evidence


# Rule 4: somebody else


def test_somebody_else_with_an_address_is_asked_there(read_mail):
    """The sender is not registered."""
    reading = read_mail(f"Please register my colleague {BO}")
    assert isinstance(reading.intent, RegisterOther)
    assert others(reading) == [BO]


@pytest.mark.parametrize("text", [
    "Please register my colleague", "Anmäl honom", "Avboka min chef", "Bo comes instead of me", "Please cancel him",
    f"Please cancel the registration of {BO}",
])  # fmt: skip
def test_somebody_else_without_an_address_or_a_seat_of_somebody_else_is_for_people(read_mail, text):
    """Unnamed, transferred, or to be cancelled by another."""
    assert isinstance(read_mail(text, standing="confirmed").intent, ForPeople)


def test_a_form_about_somebody_else_names_whom_to_ask(read_mail):
    """By its e-mail line."""
    reading = read_mail(f"Name: Bo Ek\nE-mail: {BO}\nDiet: vegan")
    assert reading.intent == RegisterOther((Other("Bo Ek", reading.intent.others[0].address),))
    assert others(reading) == [BO]


# Rule 5: a condition


@pytest.mark.parametrize("text", [
    "Please register me if it is online", "Anmäl mig om den är på svenska", "I will come unless it rains",
    "If I get the grant, cancel me",
])  # fmt: skip
def test_a_condition_makes_it_a_matter_for_people(read_mail, text):
    """We cannot know whether it holds."""
    for standing in ("none", "confirmed"):
        assert isinstance(read_mail(text, standing=standing).intent, ForPeople)


@pytest.mark.parametrize("text", ["Please register me if there is still room", "Anmäl mig om det finns plats"])
def test_whether_there_is_room_is_ours_to_know(read_mail, text):
    """That condition is what registering means."""
    assert bare(read_mail(text).intent) == Register()


# Rule 6: a hedge


@pytest.mark.parametrize("text", [
    "Maybe I will come", "I might attend", "Kanske kommer jag", "Jag vet inte om jag kommer", "Jag återkommer om jag kommer",
    "I will think about it", "Please register me. I am not sure though.",
])  # fmt: skip
def test_who_is_not_sure_is_not_registered(read_mail, text):
    """Nor asked again by a program."""
    assert not acts(read_mail(text))


# Rule 7: a question


@pytest.mark.parametrize("text", ["Should I register?", "Shall I cancel?", "Ska jag avboka min plats?", "REGISTER?", "Cancel my seat?"])
def test_a_question_never_acts(read_mail, text):
    """Its answer is what the sender wants."""
    assert isinstance(read_mail(text, standing="confirmed").intent, ForPeople)


@pytest.mark.parametrize("text", [
    "Can I register?", "Could you put me down?", "May I have a seat?", "Kan jag få en plats?", "Får jag anmäla mig?",
    "Kan ni skriva upp mig?",
])  # fmt: skip
def test_a_request_is_asked_and_means_what_it_asks(read_mail, text):
    """"May I have a seat?" is how polite people register."""
    assert bare(read_mail(text).intent) == Register()


def test_how_to_is_answered_with_the_words(read_mail):
    """A question about us, not about the event."""
    assert read_mail("How do I cancel?", standing="confirmed").intent == Help()


# Rule 8: idioms


@pytest.mark.parametrize("text", ["Jag kan inte hitta lokalen", "I can't find the room", "Jag kommer inte in på länken", "I can't find the link"])
def test_an_idiom_is_no_cancellation(read_mail, text):
    """People help, and nothing is given up."""
    assert isinstance(read_mail(text, standing="confirmed").intent, ForPeople)


@pytest.mark.parametrize("text", ["I can't wait", "Kan inte vänta!"])
def test_who_cannot_wait_looks_forward(read_mail, text):
    """It says no more than "see you"."""
    assert read_mail(text, standing="confirmed").intent == Silent("ack")


# Rule 9: taken back


@pytest.mark.parametrize("tail", [
    "Forget that.", "Never mind.", "Strunta i det.", "Glöm det.", "Please disregard the above.", "Scrap that.",
    "Ignore this message.", "Bortse från mitt förra mejl.", "I changed my mind.", "On second thought, no.",
])  # fmt: skip
@pytest.mark.parametrize("head", ["REGISTER", "CANCEL", "Diet: vegan\nT-shirt size: M", "STATUS"])
def test_whatever_is_taken_back_is_for_people(read_mail, head, tail):
    """A wish or a form, before the retraction or behind it, whatever else is said."""
    for text in (f"{head}\n\n{tail}", f"{tail}\n\n{head}"):
        reading = read_mail(text, standing="confirmed")
        assert isinstance(reading.intent, ForPeople), reading.evidence


# Rule 10: reported speech


@pytest.mark.parametrize("text", [
    "Så här skrev min kollega: anmäl mig", "Min chef skrev så här: avboka mig", "He wrote to me: cancel me",
    "Bo says he wants to attend",
])  # fmt: skip
def test_what_somebody_else_said_is_not_the_senders_wish(read_mail, text):
    """Even where the words are those of a command."""
    assert isinstance(read_mail(text, standing="confirmed").intent, ForPeople)


# Rule 11: the state


@pytest.mark.parametrize("text", ["CANCEL", "I can't come", "Please change my diet to vegan"])
def test_there_is_nothing_to_cancel_or_change_without_a_registration(read_mail, text):
    """Somebody with two addresses wrote from the other one: people find out; in a thread of ours the desk does."""
    assert isinstance(read_mail(text).intent, ForPeople)
    assert acts(read_mail(text, thread=True, answered="registered"))


@pytest.mark.parametrize(("letter", "standing"), [("registered", "confirmed"), ("waitlisted", "waiting"), ("promoted", "confirmed"),
                                                  ("status", "confirmed")])  # fmt: skip
def test_registering_in_the_thread_of_a_registration_is_for_people(read_mail, letter, standing):
    """Who has a seat or a place in line means something else by it."""
    assert isinstance(read_mail("Please register me", thread=True, answered=letter, standing=standing).intent, ForPeople)


def test_what_we_know_is_changed_by_a_field_alone(read_mail):
    """A person with a seat who writes "I am vegan now" need not say "change"; a stranger's diet is no registration."""
    reading = read_mail("I am vegan", standing="confirmed")
    assert isinstance(reading.intent, Update)
    assert isinstance(read_mail("I am vegan").intent, ForPeople)


def test_i_will_be_there_registers_only_who_has_no_seat(read_mail):
    """From somebody with a seat it is thanks."""
    assert bare(read_mail("I will be there").intent) == Register()
    assert read_mail("I will be there", standing="confirmed").intent == Silent("ack")


# §2.5: three outcomes


def test_a_wish_in_a_mail_that_is_wholly_explained_acts(read_mail):
    """Greeting, reason, politeness, sign-off: each sentence has its rule, and the evidence names it."""
    reading = read_mail("Hi Kim,\n\nI'm afraid I have to cancel my registration since I am ill.\n\nBest regards,\nAnna", standing="confirmed")
    assert reading.intent == Cancel()
    assert any(line.startswith("en.cancel.") for line in reading.evidence)
    assert any(line.startswith("explained: ") for line in reading.evidence)


@pytest.mark.parametrize(("text", "wish"), [("Please register me.", Register()), ("I have to cancel my registration.", Cancel())])
def test_a_clear_wish_in_a_mail_that_is_not_wholly_explained_is_proposed(read_mail, text, wish):
    """The sender is asked, and the evidence quotes what nobody understood."""
    reading = read_mail(f"{text}\nThe violet hippopotamus sang under my window.", standing="confirmed" if wish == Cancel() else "none")
    assert bare(reading.intent) == Proposed(wish)
    assert any("not explained" in line and "hippopotamus" in line for line in reading.evidence)


def test_what_is_not_understood_is_for_people(read_mail):
    """With the whole of the new text."""
    text = "The violet hippopotamus sang under my window."
    reading = read_mail(text)
    assert reading.intent == ForPeople(text)


def test_a_near_command_of_a_few_words_is_told_the_words(read_mail):
    """No organiser need see "hippopotamus"; but what answers a letter of ours, or asks, they do see."""
    assert read_mail("hippopotamus").intent.short
    assert not read_mail("hippopotamus", thread=True, answered="registered").intent.short
    assert not read_mail("Which hippopotamus?").intent.short
    assert not read_mail("The violet hippopotamus sang under my window.").intent.short


@pytest.mark.parametrize("text", ["STATUS", "HELP", "MY DATA"])
def test_answers_that_change_nothing_are_given_only_to_a_mail_that_is_understood(read_mail, text):
    """Else people would never see the rest of it."""
    assert acts(read_mail(text, standing="confirmed"))
    for tail in ("The violet hippopotamus sang under my window.", "Is there parking?"):
        assert isinstance(read_mail(f"{text}\n{tail}", standing="confirmed").intent, ForPeople)


def test_only_acts_are_proposed():
    """What changes nothing is told or handed over; there is nothing to answer YES to."""
    fields = Fields(name="Anna")
    for wish in (Register(fields), Cancel(), Update(fields), RegisterOther(()), RemindOff(), EraseMe()):
        assert proposed(Conclusion(wish, (), propose=True)) == Proposed(wish)
        assert proposed(Conclusion(wish, ())) == wish
    for wish in (AskStatus(), Help(), Yes(), No(), ForPeople("x"), Silent("ack")):
        assert proposed(Conclusion(wish, (), propose=True)) == wish


@pytest.mark.parametrize("hindrance", ["long", "file", "subject"])
def test_a_hindrance_beats_every_wish(read_mail, hindrance):
    """Longer than a command, a file that may say more, a subject that denies: nothing acts, whatever is understood."""
    frames = {
        "long": ("REGISTER" + "\nThanks!" * 80, "", ()),
        "file": ("REGISTER", "", (Attachment("form.pdf", "application/pdf", 999),)),
        "subject": ("REGISTER", "Please do not register me", ()),
    }
    text, subject, attachments = frames[hindrance]
    assert not acts(read_mail(text, subject, attachments=attachments))


def test_a_subject_counts_where_the_text_is_only_polite(read_mail):
    """Rank 9 and 10 of §2.2: with words of its own the text is what is meant."""
    assert bare(read_mail("Hi!\nThanks in advance.\nAnna", "Registration").intent) == Register()
    assert not acts(read_mail("The violet hippopotamus sang under my window.", "Registration"))
    assert isinstance(read_mail("Is there parking?", "Registration").intent, ForPeople)


# A question of ours


@pytest.mark.parametrize(("text", "intent"), [
    ("Yes please!", Yes()), ("Ja tack, gärna\n\nAnna", Yes()), ("REGISTER", Yes()), ("No thanks", No()), ("I can't come", No()),
])  # fmt: skip
def test_our_question_is_answered_by_yes_or_no_in_many_words(read_mail, text, intent):
    """What would register is a yes, what would cancel a no."""
    assert read_mail(text, asked=True).intent == intent


@pytest.mark.parametrize("text", [
    "Yes, but only if it is online", "Yes, maybe", "Yes. Forget it.", "Yes and no", "Yes\nThe violet hippopotamus sang.",
    "No, is there parking?", "No, my colleague wants it", "Yes, my colleague wants it",
])  # fmt: skip
def test_a_yes_or_no_with_anything_that_turns_it_is_for_people(read_mail, text):
    """Nor is it asked a second time."""
    assert isinstance(read_mail(text, asked=True).intent, ForPeople)


# Thanks


@pytest.mark.parametrize(("text", "keywords"), [
    ("Thanks!", {}), ("Thanks! Is there parking?", {"standing": "confirmed"}), ("Thanks!", {"asked": True}),
    ("Thanks! The violet hippopotamus sang.", {"standing": "confirmed"}), ("Thanks! Maybe.", {"standing": "confirmed"}),
])  # fmt: skip
def test_a_person_is_filed_unanswered_only_where_all_is_thanks(read_mail, text, keywords):
    """From somebody we know, not in answer to a question of ours, and with nothing else in it."""
    assert not isinstance(read_mail(text, **keywords).intent, Silent)
    assert read_mail("Thanks, see you there!", standing="confirmed").intent == Silent("ack")


# talk.py


def test_a_turning_word_beside_no_wish_is_a_thing_not_understood():
    """It turns nothing, but somebody meant something by it; a retraction turns the mail wherever it stands."""
    one = talk("Please register me.\nMy boss is not here.")
    assert not one.turned
    assert not one.complete
    assert talk("Please register me.\nForget that.").turned == {"retraction"}


def test_wishes_in_questions_are_none():
    """They count as asked, and do not contradict what is said."""
    one = talk("Please register me.\nShould I cancel then?")
    assert (one.wishes, one.asks) == ({"register"}, True)


def test_a_command_word_that_nothing_claims_is_never_harmless():
    """However much of the sentence is understood."""
    assert not talk("Thank you for the cancel").complete


def test_a_word_or_two_beside_a_wish_say_what_it_is_about_but_a_name_does_not():
    """"Synthetic images" is a topic; a name may be somebody else's."""
    assert talk("I would like to register for the workshop on synthetic images").complete
    assert not talk("I would like to register for the workshop with Torbjörn").complete


def test_a_mail_without_sentences_says_nothing():
    """No wish, nothing unexplained, nothing asked."""
    none = talk_of(())
    assert (none.wishes, none.turned, none.asks, none.complete, none.calm) == (frozenset(), frozenset(), False, True, True)


# What people call the event


@pytest.mark.parametrize("text", ["Jag vill gärna vara med på brödbaket!", "Jeg vil gerne være med til brødbaget."])
def test_the_event_may_be_named_in_the_definite_form(read_mail, text):
    """Its titles say "Brödbak" and "Brødbag"; nobody who signs up for one of them writes so."""
    titles = ("Brödbak för nybörjare", "Brødbag for begyndere")
    assert isinstance(read_mail(text, titles=titles).intent, Register)
    assert isinstance(read_mail(text, titles=("Kurs i keramik",)).intent, Proposed)


def test_an_ending_makes_other_words_of_short_ones(read_mail):
    """An event called "Ost" has nothing to do with "osten" ("den"), one called "Is" nothing with "iset"."""
    assert isinstance(read_mail("Jag vill gärna vara med på osten!", titles=("Ost",)).intent, Proposed)
