"""Organisers' orders are whole lines: nothing is searched for, and nobody else's line is an order."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailflow.mail.address import Address
from mailflow.model.command import Command, OrderLine, Orders
from mailflow.model.intent import ForPeople, No, Proposed, Yes
from mailflow.reading.newtext import split_text
from mailflow.reading.orders import DANGEROUS, LINES_MOST, find_orders
from mailflow.reading.words import orders

BO = Address("bo", "example.org")


def command(text="", subject=""):
    """The command of a text and a subject, or None."""
    found = find_orders(split_text(text), subject)
    return found and found.command


@pytest.mark.parametrize(("line", "expected"), [
    ("report", Command("report")), ("Rapport", Command("report")), ("list participants", Command("list")),
    ("deltagarlista", Command("list")), ("open registration", Command("open")), ("Öppna anmälan", Command("open")),
    ("oppna anmalan", Command("open")), ("close", Command("close")), ("stäng", Command("close")),
    ("capacity 40", Command("capacity", capacity=40)), ("Sätt platser till 12", Command("capacity", capacity=12)),
    ("cancel event", Command("cancel-event")), ("ställ in workshopen", Command("cancel-event")),
    ("remove bo@example.org", Command("remove", target=BO)), ("Avanmäl bo@example.org", Command("remove", target=BO)),
    ("add <bo@example.org>", Command("add", target=BO)), ("promote bo@example.org", Command("promote", target=BO)),
    ("ge plats åt bo@example.org", Command("promote", target=BO)),
])  # fmt: skip
def test_an_order_is_a_whole_line(line, expected):
    """In English and Swedish, in any case, with å, ä, ö or without, by text or by the subject of an empty mail."""
    assert command(line) == expected
    assert command("", line) == expected


@pytest.mark.parametrize("line", [
    "please report on the numbers", "report the numbers to Bo", "we should close registration", "list of rooms",
    "the capacity is 40", "Can you open registration?", "cancel", "hello", "",
])  # fmt: skip
def test_nothing_is_searched_for_inside_a_sentence(line):
    """A word more on either side, and the line is a sentence to people; a bare CANCEL gives up a seat of one's own."""
    assert command(line) is None


@pytest.mark.parametrize("line", [
    "capacity", "capacity 0", "capacity many", "capacity 1000001", "capacity 12345678", "capacity 40 50",
    "capacity from 30 to 40", "remove", "remove Bo", "remove bo@example.org ada@example.org", "remove bo@",
    "remove bo@example.org because he was rude to us all", "announce",
])  # fmt: skip
def test_an_order_without_what_it_needs_is_none(line):
    """No number, no address, two of them, one beyond all bounds, a reason beside it: people see the mail."""
    assert command(line) is None


def test_the_text_beneath_an_announcement_is_its_message():
    """Announce in the first line, or as the subject of the message; without a message there is nothing to send."""
    said = Command("announce", message="The room is M:101.\nBring a laptop.")
    assert command("ANNOUNCE\n\nThe room is M:101.\nBring a laptop.") == said
    assert command("The room is M:101.\nBring a laptop.", "Meddela alla") == Command("announce", message=said.message)
    assert command("ANNOUNCE Lunch is at noon\nBring a laptop.") == Command(
        "announce", message="Bring a laptop.", subject="Lunch is at noon"
    )
    assert command("announce lunch is at noon\nBring a laptop.") is None


def test_only_an_announcement_is_ordered_by_the_subject_above_a_text():
    """With text in the mail, a subject such as "close" is only what the mail is about."""
    assert command("What do you think?", "close") is None
    assert command("report", "close") == Command("report")


def test_an_order_in_a_quote_or_signature_is_none():
    """Only the new text counts, as everywhere."""
    assert command("> close") is None
    assert command("Hello\n-- \nclose") is None


def test_what_was_found_tells_phrase_and_language():
    """For the evidence, and for the language of the answer."""
    found = find_orders(split_text("Ställ in workshopen"), "")
    assert (found.phrase, found.language) == ("Ställ in workshopen", "sv")


def test_the_longest_phrase_is_tried_first():
    """CANCEL EVENT is not CANCEL with a word behind it."""
    lengths = [len(words) for words, _, _ in orders()]
    assert lengths == sorted(lengths, reverse=True)


@pytest.mark.parametrize("line", ["remove bo@example.org", "cancel event", "announce\nThe room is M:101."])
def test_what_reaches_many_or_undoes_something_is_proposed(read_mail, line):
    """A preview and a YES come first (understanding.md §2.4.13)."""
    intent = read_mail(line, organiser=True).intent
    assert isinstance(intent, Proposed)
    assert intent.wish.commands[0].order in DANGEROUS


def test_other_orders_are_carried_out(read_mail):
    """They change nothing that another order cannot change back."""
    for line in ("report", "list", "open", "close", "capacity 40", "add bo@example.org", "promote bo@example.org"):
        assert isinstance(read_mail(line, organiser=True).intent, Orders)


@pytest.mark.parametrize(("subject", "text"), [
    ("Re: CANCEL EVENT", ""), ("SV: SEATS 50", "Den 20 aug. 2019 skrev Eve <eve@example.org>:\n> Hej\n"),
    ("Fwd: COORGANISER eve@example.org", ""), ("VB: ANNOUNCE New room", "We meet in M:101."),
    ("CLOSE", "---------- Forwarded message ---------\nFrom: Eve <eve@example.org>\nSubject: CLOSE\n\nHello\n"),
])  # fmt: skip
def test_the_subject_of_what_is_answered_or_passed_on_orders_nothing(read_mail, subject, text):
    """Somebody else wrote it: an empty answer to a stranger's "CANCEL EVENT" is no order of the organiser's."""
    assert isinstance(read_mail(text, subject, organiser=True).intent, ForPeople)
    own = read_mail(f"STATUS\n\n{text if text.startswith(('-', 'Den')) else ''}", subject, organiser=True).intent
    assert [line.command.order for line in own.lines] == ["report"]


@pytest.mark.parametrize("text", ["JA\nREMOVE cy@example.org", "YES\nPLATSER 40", "NO\nCOORGANISER eve@example.org"])
def test_an_order_beneath_a_yes_is_not_lost(read_mail, text):
    """It looks like a signature. Whether the YES waits for it, or it for the YES, is for people."""
    assert isinstance(read_mail(text, organiser=True, asked=True, answered="transcript").intent, ForPeople)
    below = f"{text.partition(chr(10))[0]}\n\nAnna Berg\nanna@example.org\n"
    assert isinstance(read_mail(below, organiser=True, asked=True, answered="transcript").intent, Yes | No)


@pytest.mark.parametrize("phrase", sorted({" ".join(words) for words, _, _ in orders()}))
def test_nobody_else_gives_orders(read_mail, phrase):
    """Whatever the phrase: a sender who is no organiser, or not proved to be, gives none."""
    for text in (phrase, f"{phrase} 40", f"{phrase} bo@example.org", f"{phrase}\nThe room is M:101."):
        intent = read_mail(text, standing="confirmed").intent
        assert not isinstance(intent, Orders)
        assert not (isinstance(intent, Proposed) and isinstance(intent.wish, Orders))


def test_a_bare_cancel_of_an_organiser_without_a_seat_is_for_people(read_mail):
    """The seat or the event? Neither is guessed (understanding.md §2.4.13)."""
    reading = read_mail("CANCEL", organiser=True)
    assert "a cancellation of nothing" in reading.evidence


PIECES = st.one_of(
    st.sampled_from([" ".join(words) for words, _, _ in orders()]),
    st.sampled_from(["bo@example.org", "40", "²", "٣", "0", "@", "a@b", "\n", "please"]),
    st.text(max_size=20),
)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.lists(PIECES, max_size=6).map(" ".join), st.text(max_size=40))
def test_no_text_breaks_the_search(text, subject):
    """Total over texts and subjects; what comes out has what its order needs."""
    found = command(text, subject)
    if found:
        assert (found.capacity is not None) is (found.order == "capacity")
        assert bool(found.message) is (found.order == "announce")
        assert (found.target is not None) is (found.order in {"remove", "add", "promote", "coorganiser"})


def test_an_announcement_is_as_long_by_its_first_line_as_by_the_subject():
    """Both are cut at the same length, and the organiser sees in the preview what would go out."""
    text = "\n".join(["a line of forty letters, or nearly so..."] * 1000)
    by_line, by_subject = command(f"announce\n{text}", ""), command(text, "announce")
    assert by_line.message == by_subject.message
    assert len(by_line.message) == 10_000


def test_below_an_order_stand_a_dozen_lines_at_most():
    """Thanks and a signature are short: a mail of a thousand lines is no order, and is not read to its end to know it."""
    assert command("close\n" + "thanks\n" * 12) == Command("close")
    assert command("close\n" + "thanks\n" * 13) is None


def lines(text, subject="", *, undo=False):
    """The lines of a text as written, each with its order, None for what is not understood."""
    found = find_orders(split_text(text), subject, undo=undo)
    return found and [(line.written, line.command and line.command.order) for line in found.lines]


@pytest.mark.parametrize(("line", "expected"), [
    ("STATUS", Command("report")), ("HELP", Command("help")), ("HJÄLP", Command("help")), ("LISTA", Command("list")),
    ("SEATS 45", Command("capacity", capacity=45)), ("PLATSER: 45", Command("capacity", capacity=45)),
    ("ADD Bo Lind <bo@example.org>", Command("add", target=BO, name="Bo Lind")),
    ("LÄGG TILL Anna-Karin Ek <bo@example.org>", Command("add", target=BO, name="Anna-Karin Ek")),
    ("PROMOTE K7-QX4G", Command("promote", code="K7-QX4G")), ("FLYTTA IN k7qx4g", Command("promote", code="K7-QX4G")),
    ("REMOVE K7-QX4G", Command("remove", code="K7-QX4G")), ("TA BORT K7-QX4G.", Command("remove", code="K7-QX4G")),
    ("ABSENT 3, 7", Command("absent", numbers=(3, 7))), ("SAKNADES 3 och 7", Command("absent", numbers=(3, 7))),
    ("ABSENT 3,3, K7-QX4G", Command("absent", numbers=(3,), codes=("K7-QX4G",))),
    ("DONE F-31", Command("done", numbers=(31,))), ("KLART F31", Command("done", numbers=(31,))),
    ("APPROVE 3, 7", Command("approve", numbers=(3, 7))), ("AVSLÅ 3", Command("reject", numbers=(3,))),
    ("DIGEST WEEKLY", Command("digest", rhythm="weekly")), ("digest daily", Command("digest", rhythm="daily")),
    ("SAMMANFATTNING VARJE DAG", Command("digest", rhythm="daily")),
    ("SAMMANFATTNING VID ÄNDRING", Command("digest", rhythm="changed")),
    ("SAMMANFATTNING VARJE VECKA", Command("digest", rhythm="weekly")), ("DIGEST", Command("report")),
    ("CHANGE K7-QX4G bo@example.org", Command("change", target=BO, code="K7-QX4G")),
    ("ÄNDRA K7-QX4G <bo@example.org>", Command("change", target=BO, code="K7-QX4G")),
    ("COORGANISER bo@example.org", Command("coorganiser", target=BO)),
    ("MEDARRANGÖR Bo Lind <bo@example.org>", Command("coorganiser", target=BO, name="Bo Lind")),
    ("CANCEL EVENT The lecturer is ill.", Command("cancel-event", reason="The lecturer is ill.")),
    ("cancel event: the lecturer is ill", Command("cancel-event", reason="the lecturer is ill")),
    ("STÄLL IN EVENEMANGET Föreläsaren är sjuk.", Command("cancel-event", reason="Föreläsaren är sjuk.")),
    ("PUBLISH", Command("publish")), ("PUBLICERA", Command("publish")),
])  # fmt: skip
def test_every_order_of_the_table_is_read(line, expected):
    """In both languages, with what it needs (letters.md §5)."""
    assert command(line) == expected


@pytest.mark.parametrize("line", [
    "cancel the event if fewer than ten sign up", "announce lunch to everybody who eats", "DONE", "KLART", "DONE F-",
    "ABSENT", "ABSENT Bo", "ABSENT 3 and Bo", "DIGEST NEVER", "CHANGE K7-QX4G", "CHANGE K7-QX4M bo@example.org",
    "CHANGE bo@example.org", "REMOVE K7-QX4M", "PROMOTE", "UNDO", "ÅNGRA", "ABSENT " + "3, " * 101,
    "CLOSE" + " " * 300 + "now", "SEATS 45 " + "x" * 300,
])  # fmt: skip
def test_an_order_of_the_table_that_lacks_something_is_none(line):
    """A wrong check character, a name where a number should be, a condition, no end: people see the mail."""
    assert command(line) is None


def test_several_orders_stand_one_a_line():
    """In the order sent; empty lines, comments and thanks are none, and nobody reads on behind END."""
    text = "# before lunch\nCLOSE\n\nSEATS 45  # the big room\nADD Bo Lind <bo@example.org>\nROOM 12\n\nThanks\nKim"
    assert lines(text) == [
        ("CLOSE", "close"), ("SEATS 45", "capacity"), ("ADD Bo Lind <bo@example.org>", "add"), ("ROOM 12", None),
    ]  # fmt: skip
    assert lines("STÄNG\nSLUT\nÖPPNA") == [("STÄNG", "close")]
    assert lines("CLOSE\nEnd\nwhatever I write here") == [("CLOSE", "close")]
    assert lines("CLOSE\n-- \nOPEN") == [("CLOSE", "close")]


@pytest.mark.parametrize("text", [
    "CLOSE\nno, wait", "CLOSE\nNO WAIT", "CLOSE\nOPEN?", "CLOSE\nIs that right?", "CLOSE\nCANCEL", "CLOSE\nYES",
    "CLOSE\nCan you also move Bo in?", "CLOSE\nwe need the big room", "ROOM 12", "ROOM 12\nHALL 3", "Hello\nCLOSE",
    "CLOSE\nUNDO", "CLOSE\nSEATS 45\nOPEN", "CLOSE\n" * (LINES_MOST + 1), "CLOSE\nDO NOT SEND ANYTHING TO ANYBODY BEFORE WE HAVE SPOKEN",
])  # fmt: skip
def test_one_sentence_makes_it_a_mail_for_people(text):
    """It may take back what stands above it; nothing of the mail is an order then."""
    assert lines(text) is None


def test_undo_is_an_organisers_only_in_answer_to_a_transcript():
    """Elsewhere it takes back a cancellation of one's own."""
    assert lines("UNDO") is None
    assert lines("UNDO", undo=True) == [("UNDO", "undo")]
    assert lines("", "ÅNGRA", undo=True) == [("ÅNGRA", "undo")]


def test_the_rest_of_the_mail_is_the_announcement():
    """Its paragraphs stay, orders in it are text, END ends it; orders above it are carried out."""
    found = find_orders(split_text("CLOSE\nANNOUNCE New room\n\nWe meet in M:101.\n\nOPEN\nBring a laptop.\nEND\nKim"), "")
    assert [line.command for line in found.lines] == [
        Command("close"), Command("announce", subject="New room", message="We meet in M:101.\n\nOPEN\nBring a laptop."),
    ]  # fmt: skip


def test_a_line_is_kept_short_and_clean():
    """It is shown in the transcript: no control characters, at most 200."""
    found = find_orders(split_text("CLOSE\n\u202eROOM 12"), "")
    assert [line.written for line in found.lines] == ["CLOSE", "ROOM 12"]
    assert lines("CLOSE\nROOM " + "X" * 200) is None


def test_an_unproved_organisers_orders_are_proposed(read_mail):
    """What nothing proves is asked about; a stranger's are for people."""
    reading = read_mail("CLOSE\nLIST", claims=True)
    assert isinstance(reading.intent, Proposed)
    assert isinstance(reading.intent.wish, Orders)


def test_orders_in_html_alone_are_marked(read_mail):
    """They are answered with the words; the desk carries none of them out."""
    orders = Orders((OrderLine("CLOSE", Command("close")),), html=True, spoken="en")
    assert read_mail("CLOSE", organiser=True, html_only=True).intent == orders
