"""Nothing that a stranger sends makes reading raise or wait."""

import time
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailflow.mail.address import Address
from mailflow.mail.envelope import Envelope
from mailflow.mail.message import Message
from mailflow.mail.parse import parse
from mailflow.model.intent import ForPeople, Reading
from mailflow.reading.context import ReadingContext
from mailflow.reading.read import QUOTE_LENGTH, read

from .conftest import QUESTIONS

TOKENS = ["a", ">", "\n", "register ", "REGISTER\n", "On 2026-03-03 12:12\n", "2026-03-03 10:10 a@b\n", "From: x\n", "-", "_",
          "-- \n", "(", "K7-QX4M ", "CAUTION\n", "\u0301", "Diet: vegan\n", "\u200b", "Re: ", "x:\n", "|", "👍"]  # fmt: skip
WHO = Address("anna", "example.org")
CONTEXT = ReadingContext("events.example.org", "gan", "+", ("en", "sv"), ())
ENVELOPE = Envelope(WHO, (Address("gan", "events.example.org"),), "smtp")


@pytest.mark.parametrize("token", TOKENS)
def test_a_megabyte_of_one_token_takes_less_than_a_second(token):
    """Linear, whatever the token."""
    text = token * (1_000_000 // len(token))
    start = time.process_time()
    reading = read(Message(WHO, "Anna", text[:100_000], text=text), ENVELOPE, CONTEXT)
    assert time.process_time() - start < 1
    assert len(reading.quote) <= QUOTE_LENGTH


ASKED = ReadingContext(
    "events.example.org", "gan", "+", ("en", "sv"), QUESTIONS, thread=True, asked=True, standing="confirmed",
    answered="please_confirm", own_text=("Reply CANCEL to give up your seat.",), titles=("GAN workshop",), month=3,
)  # fmt: skip
MEGABYTE = 1_000_000
WORDS = [
    "i would like to ", "i would like to register ", "jag vill ", "jag vill gärna anmäla mig ", "I ", "can't ", "can i ", "am i in ",
    "no nuts ", "allergic to ", "my wife and my ", "we are three ", "+1 ", "vi är tre ", "my name is ", "jag heter Anna ",
    "from the University of ", "bo@x.example, ", "Bo Ek <bo@x.example> ", "a@", "@ ", "/ ", "// ", ". ", "A. ", "a. ", "12. ", "a.B", "x@ a.Ba",
    "? ", "?!", "!", "\u2026 ", "thanks ", "Re: ", "SV: ", "size M ", "own laptop ", "not the morning ", "[x] vegan\n", "[ ] ", "[", "(", "((a ",
    "{", "Diet ........ ", "Diet - ", "Diet = ", "Name: Anna\n", "E-mail: bo@x.example\n", ":", "= ", "> ", ">>>> \n", "> On 2026 a@b wrote:\n",
    "wrote:\n", "-----Original Message-----\n", "________________\n", "From: Bo <bo@x.example>\nTo: y\nSubject: z\n\n",
    "---------- Forwarded message ---------\nFrom: Bo <bo@x.example>\nTo: a\nSubject: b\n\nregister\n",
    "Sent from my iPhone\n", "CAUTION links\n", "Mvh\nAnna\n", "/Anna\n", "- Anna\n", "\u0301", "e\u0301", "\u202e", "\u2066register\u2069 ", "\u200b",
    "\u200d", "\ufeff", "\u00ad", "\uff32\uff25\uff27\uff29\uff33\uff34\uff25\uff32 ", "\U0001f468\u200d\U0001f469\u200d\U0001f467 ", "\U0001f44d", "\ud800",
    "\u0130", "\ufb03", "\u00df", "\u2028", "\x85", "\x00", "\x0b", "\x1b[31m", "'", "can'", "\u2019", "a, ", "i am ill because ",
]  # fmt: skip
ODD_HTML = [
    "<div>", "</div>", "<table><tr><td>", "<b><i>", "<blockquote>", "<blockquote type=cite>a", '<div class="gmail_quote">', "<p>register", "<br>", "<a b<",
    "<", ">", "<!--", "-->", "<!-- a --", "<![CDATA[", "<?x ", "<style>", "<script>a</script>", "<title>", "&", "&amp;", "&#x", "&#1114112;", "&#55296;", "&nbsp;",
    "<span style='display:none'>x", "<span style='font-size:0'>", "<img alt='register'>", "<a href='", '<a href="x">y</a>', "<ul><li>a", "<p id=x ",
    "<font color=red>cancel</font> ", "<div id=divRplyFwdMsg>", "<o:p></o:p>", "<x" + "y" * 400 + ">", "= ", "='", '"',
]  # fmt: skip


def mail(text, subtype="plain", subject="x"):
    """A mail as it comes over the wire, in UTF-8."""
    head = f"From: Anna Berg <anna@example.org>\r\nTo: gan@events.example.org\r\nSubject: {subject}\r\nMIME-Version: 1.0\r\n"
    body = text.replace("\n", "\r\n").encode("utf-8", "surrogatepass")
    kind = f"Content-Type: text/{subtype}; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    return (head + kind).encode("utf-8", "surrogatepass") + body


def assert_quick(content):
    """Parsed and read in under a second together, whatever is known about the sender."""
    start = time.process_time()
    message = parse(content)
    taken = time.process_time() - start
    for context in (CONTEXT, ASKED):
        start = time.process_time()
        reading = read(message, ENVELOPE, context)
        assert taken + time.process_time() - start < 1
        assert len(reading.quote) <= QUOTE_LENGTH


@pytest.mark.parametrize("token", WORDS)
def test_any_token_over_and_over_is_parsed_and_read_in_a_second(token):
    """As one line, as a subject, as sixty sentences, behind `-- `, as the mail that is passed on, in every form line."""
    line = " ".join(token.split()) or token.replace("\n", " ")
    row = (f"{line} " * 1000)[:990]
    beneath = "---------- Forwarded message ---------\nFrom: Bo <bo@x.example>\nTo: a@x.example\nSubject: b\n\n"
    form = "".join(f"{label}: {row[:900]}\n" for label in ("Name", "Diet", "Size", "Own laptop", "Guests", "E-mail"))
    assert_quick(mail(token * (MEGABYTE // len(token))))
    assert_quick(mail("hej", subject=row * 60))
    assert_quick(mail(f"{row}.\n" * 60))
    assert_quick(mail("hej\n-- \n" + f"{row}.\n" * 60))
    assert_quick(mail(f"fyi\n{beneath}" + f"{row}.\n" * 80))
    assert_quick(mail(form * 8))


@pytest.mark.parametrize("token", ODD_HTML)
def test_odd_html_of_any_depth_is_parsed_and_read_in_a_second(token):
    """Unclosed, nested a hundred thousand deep, never ended, with a plain stub beside it or without."""
    assert_quick(mail("<html><body>register" + token * (MEGABYTE // len(token)), "html"))
    assert_quick(mail(token * (MEGABYTE // len(token)) + "</div>" * 10_000 + "cancel", "html"))


def test_a_hundred_thousand_sentences_are_read_in_a_second():
    """Short ones, long ones, and one that never ends."""
    assert_quick(mail("I would like to register. " * 100_000))
    assert_quick(mail("Jag vill anmäla mig.\n" * 100_000))
    assert_quick(mail("I would like to register and " * 100_000))
    assert_quick(mail("word " * 200_000 + "."))


@pytest.mark.parametrize("token", ["i would like to ", ">", "a", "Diet: vegan\n", "\U0001f44d", "? "])
def test_a_big_mail_needs_no_more_than_a_few_times_its_size(token):
    """Thirty octets of memory an octet of mail, at most."""
    content = mail(token * (MEGABYTE // len(token.encode())))
    tracemalloc.start()
    try:
        read(parse(content), ENVELOPE, ASKED)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 30 * len(content)


PIECES = st.sampled_from([
    "REGISTER", "anmäl", "CANCEL", "yes", "Hej", "Mvh", "Anna", "/", "--", "> ", "On 2026-03-03 12:12 a@b wrote:", "From: x",
    "Sent: y", "To: z", "Subject: å", "Name: Anna", "Diet: vegan", "?", "not", "\n", "\n\n", "K7-QX4M", "CAUTION links", " ",
    "-----Original Message-----", "\u202f", "\ud800", "|", "tack!",
])  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(st.one_of(PIECES, st.text(max_size=20)), max_size=20).map("".join), st.text(max_size=40), st.booleans())
def test_reading_never_raises(text, subject, thread):
    """Total over texts, subjects and places in a conversation."""
    context = ReadingContext("events.example.org", "gan", "", ("sv",), (), thread=thread, own_text=(subject,))
    reading = read(Message(WHO, subject, subject, text=text, headers=((subject, text),)), ENVELOPE, context)
    assert isinstance(reading, Reading)
    assert reading.evidence


@settings(max_examples=150, deadline=None)
@given(st.text(st.characters(categories=["Ll", "Lo"]), min_size=3, max_size=12).filter(lambda w: not w.isascii()))
def test_a_word_that_is_in_no_table_never_lets_a_command_act(word):
    """Coverage is the net under every table."""
    from mailflow.reading.words import fold_words, lexicon

    words = fold_words(word)
    if words and not lexicon().phrases.at(words, 0)[0]:
        reading = read(Message(WHO, "Anna", text=f"CANCEL\n{word}"), ENVELOPE, CONTEXT)
        assert isinstance(reading.intent, ForPeople)
