"""What a mail of few words asks for."""

import pytest

from mailflow.mail.message import Attachment, CalendarAnswer
from mailflow.model.intent import (
    AskStatus,
    CalendarReply,
    Cancel,
    Empty,
    EraseMe,
    ForPeople,
    Help,
    MyData,
    No,
    Register,
    RemindOff,
    Silent,
    Update,
    Yes,
)

from .conftest import acts, bare

REGISTER, CANCEL, STATUS, HELP = Register(), Cancel(), AskStatus(), Help()
PEOPLE = "people"

# text, subject, expected, why
ALONE = [
    ("", "Register", REGISTER, "a command word in the subject of an empty mail"),
    ("", "ANMÄLAN!", REGISTER, "in Swedish, with punctuation"),
    ("please", "register", REGISTER, "an entirely polite text lets the subject decide"),
    ("REGISTER", "", REGISTER, "alone on the first line"),
    ("register 🎉", "", REGISTER, "emoji are ignored"),
    ("anmal", "", REGISTER, "ä as a"),
    ("anmael mig", "", REGISTER, "ä as ae"),
    ("Ångra", "", REGISTER, "undo is done by registering"),
    ("aangra", "", REGISTER, "å as aa"),
    ("Jag kommer!", "", REGISTER, "one of the words beside ANMÄL"),
    ("I’m coming", "", REGISTER, "a typographic apostrophe"),
    ("WAITLIST", "", Register(line=True), "the line will do"),
    ("ställ mig i kö", "", Register(line=True), "in Swedish"),
    ("Yes please, count me in!", "", REGISTER, "without a question of ours, yes is a manner of speaking"),
    ("Hej!\n\nAnmäl mig\n\nMvh\nAnna Berg\nJuridiska institutionen\n070-123 45 67", "", REGISTER, "signed"),
    ("Hi Kim,\n\nREGISTER, please\n\nThanks!\nAnna", "hello", REGISTER, "greeting with a name, thanks, her own name"),
    ("Anmäl\n/Anna", "", REGISTER, "the short sign-off"),
    ("anmälan\nanna berg", "", REGISTER, "the sender's own name, in lower case"),
    ("CANCEL", "", CANCEL, "the word"),
    ("CANCEL", "CANCEL K7-QX4M", CANCEL, "what our own link writes"),
    ("", "AVBOKA K7-QX4M", CANCEL, "a program that keeps only the subject"),
    ("Kan inte komma, tyvärr.", "", CANCEL, "a phrase with a denial, matched as a whole, and regret"),
    ("can't make it", "", CANCEL, "in English"),
    ("cant make it", "", CANCEL, "without the apostrophe"),
    ("unregister", "Re: register", CANCEL, "the text beats a subject with Re:"),
    ("status", "", STATUS, "one word for both languages"),
    ("min anmälan", "", STATUS, "longer than ANMÄLAN, and another thing"),
    ("resend", "", AskStatus(resend=True), "the invitation again"),
    ("Skicka igen, tack", "", AskStatus(resend=True), "in Swedish"),
    ("hjälp", "", HELP, "the words"),
    ("", "Help?", HELP, "a question mark does no harm here"),
    ("", "", Empty(), "nothing at all"),
    ("\n\nSent from my iPhone\n", "(no subject)", Empty(), "nothing but the program's line"),
    ("MY DATA", "", MyData(), "what we hold"),
    ("radera", "", EraseMe(), "all of it"),
    ("STOP", "", RemindOff(), "no more mail"),
    ("", "How do I register for this?", HELP, "a question about us"),
    # Nothing below acts: people see it, or it is asked back.
    ("Register?", "", PEOPLE, "a question"),
    ("Register or not", "", PEOPLE, "doubt"),
    ("Do not register me", "", PEOPLE, "negation before"),
    ("Anmäl mig inte", "", PEOPLE, "negation after"),
    ("register\ncancel", "", PEOPLE, "two commands"),
    ("cancel", "register", PEOPLE, "two commands, one in the subject"),
    ("cancel\n\nno wait, ignore that", "", PEOPLE, "taken back"),
    ("REGISTER\n\nMvh\nAnna\n\nGlöm det jag skrev ovan.", "", PEOPLE, "taken back below the name"),
    ("REGISTER\n-- \nAnna\nPlease ignore this mail", "", PEOPLE, "taken back in the signature"),
    ("REGISTER\n\nBo Lind", "", PEOPLE, "somebody else's name"),
    ("register my colleague", "", PEOPLE, "somebody else"),
    ("Cancel\nSee you there!", "", PEOPLE, "contradicts itself"),
    ("CANCEL\nDiet: vegan", "", PEOPLE, "gives up a seat and orders food"),
    ("CHANGE", "", PEOPLE, "of what, to what?"),
    ("ÄNDRA\nSpecialkost: veganskt", "", PEOPLE, "a change, not a registration"),
    ("fråga", "", PEOPLE, "a word that only people can answer"),
    ("YES", "", PEOPLE, "nothing was asked"),
    ("Nej tack", "", PEOPLE, "nothing was asked"),
    ("Hej", "", PEOPLE, "a greeting wants an answer"),
    ("Tack!", "", PEOPLE, "thanks outside a conversation"),
    ("Is there parking?", "register", PEOPLE, "the subject does not beat the text"),
    ("", "Register not", PEOPLE, "a word too many"),
    ("register", "Not me", PEOPLE, "the subject denies"),
    ("", "Workshop on Monday", PEOPLE, "only a subject, and no command"),
    ("cancle", "", PEOPLE, "no guessing at one edit's distance"),
    ("", "Frånvaro", PEOPLE, "looks like a robot, and nothing else says so"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "subject", "expected", "why"), ALONE)
def test_a_mail_that_starts_a_conversation(read_mail, text, subject, expected, why):
    """A command acts when the whole mail is understood; otherwise people read it."""
    reading = read_mail(text, subject, standing="confirmed" if expected is CANCEL else "none")
    assert not acts(reading) if expected is PEOPLE else bare(reading.intent) == expected, why
    assert reading.evidence


ANSWERS = [
    ("CANCEL", "Re: You're in", CANCEL, "the word that our letter names"),
    ("tack!", "Re: Register", Silent("ack"), "the subject of a reply is ours"),
    ("Toppen, vi ses på torsdag 👍", "Sv: Register", Silent("ack"), "every word is thanks or see you"),
    ("Great, thanks! Looking forward to it.\n\nBest,\nAnna", "", Silent("ack"), "signed thanks"),
    ("Tack! Finns det parkering?", "", PEOPLE, "thanks and a question"),
    ("Thanks, but I can't come", "", CANCEL, "thanks, and a cancellation"),
    ("Tack? Vi ses?", "", PEOPLE, "every sentence is thanks, but it asks"),
    ("ok", "", PEOPLE, "ok is not thanks"),
    ("Hej", "", PEOPLE, "a greeting alone"),
    ("", "Cancel", Empty(), "the subject is ignored altogether"),
    ("YES", "", PEOPLE, "that letter asked nothing"),
]


@pytest.mark.parametrize(("text", "subject", "expected", "why"), ANSWERS)
def test_an_answer_to_a_letter_of_ours(read_mail, text, subject, expected, why):
    """In the thread only the new text counts, and only there thanks are filed without an answer."""
    reading = read_mail(text, subject, thread=True, answered="registered", standing="confirmed")
    assert not acts(reading) and not isinstance(reading.intent, Silent) if expected is PEOPLE else bare(reading.intent) == expected, why


ASKED = [
    ("YES", Yes(), "the word"),
    ("Ja tack!", Yes(), "in Swedish, polite"),
    ("yes please\n\nSkickat från min iPhone", Yes(), "from a telephone"),
    ("Ja, det var jag\n\nMvh Anna", Yes(), "the words of the button"),
    ("No thanks, sorry", No(), "declined with regret"),
    ("NEJ", No(), "in Swedish"),
    ("Cancel", No(), "to a question of ours that is a NO"),
    ("Yes, I am out of the office", PEOPLE, "the first word alone is not enough"),
    ("Yes\nno", PEOPLE, "both"),
    ("Yes?", PEOPLE, "a question"),
    ("YES, sorry", PEOPLE, "contradicts itself"),
    ("No, see you there", PEOPLE, "contradicts itself"),
    ("Yes, cancel", PEOPLE, "we cannot know what we asked"),
    ("Tack!", PEOPLE, "thanks may mean yes"),
]


@pytest.mark.parametrize(("text", "expected", "why"), ASKED)
def test_an_answer_to_a_question_of_ours(read_mail, text, expected, why):
    """YES and NO count only where something was asked."""
    reading = read_mail(text, "Re: Please confirm", asked=True)
    assert isinstance(reading.intent, ForPeople) if expected is PEOPLE else reading.intent == expected, why


def test_a_form_in_the_thread_of_a_registration_changes_it(read_mail):
    """Rank 5 of understanding.md §2.2: the lines of our letter come back filled in."""
    reading = read_mail("Diet: vegan\nName: Anna Berg", thread=True, answered="registered", standing="confirmed")
    assert isinstance(reading.intent, Update)
    assert reading.intent.fields.answers[0].options == ("vegan",)


def test_a_diet_beside_a_yes_is_seen_by_people(read_mail):
    """The YES counts, and an allergy does not get lost."""
    reading = read_mail("YES\nDiet: vegan", "Re: Please confirm", asked=True)
    assert (reading.intent, reading.secondary) == (Yes(), "question")


def test_who_cancelled_may_come_back_in_the_same_thread(read_mail):
    """The letter that said goodbye is answered with REGISTER."""
    reading = read_mail("REGISTER", "Re: Cancelled", thread=True, answered="cancelled", standing="cancelled")
    assert bare(reading.intent) == Register()


@pytest.mark.parametrize(("word", "intent"), [("YES", Yes()), ("JA", Yes()), ("NO", No()), ("NEJ", No())])
@pytest.mark.parametrize("code", ["7M2K-Q9XD-K3V0-Q8ZT", "DZ0R-BQ0C-N0AH-B6Z3", "QQQQ-QQQQ-QQQQ-QQQQ"])
def test_a_link_of_which_only_the_subject_is_left_says_what_it_said(read_mail, word, intent, code):
    """Some programs drop the body of a mailto link; the code in the subject has located the challenge.

    A word of two letters and the four behind it look like a booking code, and are none.
    """
    for thread in (False, True):
        reading = read_mail("", f"{word} {code}", asked=True, thread=thread, in_reply_to=())
        assert reading.intent == intent


def test_the_wish_for_a_seat_brings_its_form_along(read_mail):
    """A command with form lines below it: the fields travel with the intent, raw words included."""
    reading = read_mail("Anmäl\nNamn: Anna Berg\nSpecialkost: glutenfritt, inga nötter\nTröjstorlek: M")
    assert reading.intent.fields.name == "Anna Berg"
    answers = {a.question: a for a in reading.intent.fields.answers}
    assert answers["diet"].options == ("gluten", "nuts")
    assert answers["diet"].text == "glutenfritt, inga nötter"
    assert answers["size"].options == ("M",)


def test_a_subject_that_registers_takes_the_form_from_the_text(read_mail):
    """The text says nothing else than the form, so the subject may decide."""
    reading = read_mail("Diet: vegan", "Register")
    assert reading.intent.fields.answers[0].options == ("vegan",)


def test_the_quote_is_the_new_text_and_nothing_else(read_mail):
    """People read what was written, without the mail that it answers and without the signature."""
    text = "Kan jag ta med min hund?\n-- \nAnna\n070\n\n> Hej Anna!\n> Svara AVBOKA"
    reading = read_mail(text, thread=True)
    assert reading.intent == ForPeople("Kan jag ta med min hund?")
    assert reading.quote == "Kan jag ta med min hund?"


def test_a_forwarded_mail_is_for_people_and_quoted_whole(read_mail):
    """Whose wish it is cannot be told; the organisers need to see what was passed on."""
    text = (
        "REGISTER\n\n---------- Forwarded message ---------\nFrom: Bo <bo@example.org>\nSubject: Hi\n\nI want to come"
    )
    reading = read_mail(text, "Fwd: Hi")
    assert isinstance(reading.intent, ForPeople)
    assert "I want to come" in reading.quote


def test_a_quote_with_nothing_above_it_is_not_an_empty_mail(read_mail):
    """Perhaps the words stand inside the quote, where the splitter did not find them."""
    reading = read_mail("> Hi Anna,\n> Reply YES", "Re: Hi", thread=True)
    assert isinstance(reading.intent, ForPeople)
    assert reading.quote


@pytest.mark.parametrize(("content_type", "acts"), [("image/png", True), ("application/pgp-signature", True),
                                                    ("application/pkcs7-mime", False), ("application/pdf", False), ("application/msword", False)])  # fmt: skip
def test_a_file_may_say_more_than_the_text(read_mail, content_type, acts):
    """Logos and signatures say nothing; a form in an attached document is for people to open."""
    reading = read_mail("ANMÄLAN", attachments=(Attachment("a", content_type, 999),))
    assert isinstance(reading.intent, Register) is acts


def test_files_are_no_thanks(read_mail):
    """A mail with a file is never filed unread."""
    reading = read_mail("Tack!", thread=True, standing="confirmed", attachments=(Attachment("a.png", "image/png", 999),))
    assert isinstance(reading.intent, ForPeople)


OURS = "gan-17-k3v0q8zt5m2w9xbd@events.example.org"


def test_a_calendar_answer_beats_every_word(read_mail):
    """Accept, Decline or Tentative for a UID of ours is taken first, whatever the text says."""
    answer = CalendarAnswer("REPLY", OURS, "anna.berg@example.org", "DECLINED", 0)
    assert read_mail("REGISTER", answer=answer).intent == CalendarReply(answer)


def test_a_calendar_answer_from_a_robot_counts_but_gets_no_letter(read_mail):
    """Google sends them Auto-Submitted; calendar.md §10: the answer takes effect, no letter goes out."""
    answer = CalendarAnswer("REPLY", OURS.upper(), partstat="ACCEPTED")
    reading = read_mail("", answer=answer, headers=(("auto-submitted", "auto-generated"),))
    assert reading.intent == CalendarReply(answer)
    assert reading.secondary == "auto-reply"


@pytest.mark.parametrize("method", ["COUNTER", "REFRESH"])
def test_a_proposal_and_a_request_of_a_calendar_are_answers_too(read_mail, method):
    """Another time, or the invitation again: the desk knows what follows, and the words beside it are none of ours."""
    answer = CalendarAnswer(method, OURS)
    assert read_mail("REGISTER", answer=answer).intent == CalendarReply(answer)


@pytest.mark.parametrize("uid", ["x@google.com", "", "other-17-k3v0q8zt5m2w9xbd@events.example.org", "gan-17-k3v0@elsewhere.example"])  # fmt: skip
def test_an_answer_to_what_is_not_ours_is_no_wish_and_no_question(read_mail, uid):
    """It is known for what it is, so that the desk does nothing; a robot's is filed as a robot's."""
    answer = CalendarAnswer("REPLY", uid)
    reading = read_mail("REGISTER", answer=answer)
    assert reading.intent == CalendarReply(answer)
    assert reading.evidence == ("calendar REPLY to a UID that is not ours",)
    assert isinstance(read_mail("", answer=answer, headers=(("auto-submitted", "auto-replied"),)).intent, Silent)


def test_an_invitation_of_theirs_is_a_file_beside_the_words(read_mail):
    """Somebody's own REQUEST answers nothing, whatever UID it bears; what is written beside it is read."""
    assert isinstance(read_mail("REGISTER", answer=CalendarAnswer("REQUEST", OURS)).intent, Register)
