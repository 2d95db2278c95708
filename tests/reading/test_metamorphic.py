"""What must not change a reading, and what must (understanding.md §3)."""

import base64
import quopri
import textwrap
import unicodedata
from pathlib import Path

import pytest

from mailflow.mail.parse import parse
from mailflow.model.command import Orders
from mailflow.model.intent import AskStatus, Cancel, Empty, ForPeople, Help, Register, Silent, Yes

from .conftest import acts, bare
from .test_newtext import ATTRIBUTIONS, LABELS

TEXTS = ["REGISTER", "Anmäl mig", "CANCEL", "avboka", "STATUS", "Skicka igen", "hjälp", "WAITLIST",
         "ANMÄL\nSpecialkost: vegan"]  # fmt: skip
LETTERS = [
    "Hi Anna,\n\nYou are registered.\n\n  Diet:  vegan\n\nWant to change it? Reply with the line.\nNo? Reply CANCEL.",
    "Hej Anna!\n\nDu är avbokad.\n\nÅngrar du dig? Svara ANMÄL.\nNej tack? Svara NEJ.\n\nREGISTER",
]
HARMLESS = [
    "{}\n\n-- \nAnna Berg\nLund University\n+46 46 222 00 00",
    "{}\n\nMvh\nAnna Berg",
    "{}\n\nKind regards,\nAnna Berg\nDepartment of Law, Lund University\nwww.lu.example",
    "Hej!\n\n{}",
    "Hi Kim,\n\n{}\n\nThanks!\nAnna",
    "{}\n\nSkickat från min iPhone",
    "CAUTION: This email originated from outside the organisation. Do not click links.\n\n{}",
    "{}\n\nNär du skickar e-post till oss behandlar vi dina personuppgifter. Radera eller avboka kan du när som helst.",
    "\n\n\ufeff{}\u00a0\n\n\n",
    "{}\r",
]


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("frame", HARMLESS)
def test_what_surrounds_a_wish_does_not_change_it(read_mail, text, frame):
    """Greeting, signature, telephone, banner, disclaimer, invisible characters."""
    plain = read_mail(text, standing="confirmed")
    framed = read_mail(frame.format(text), standing="confirmed")
    assert acts(plain)
    assert bare(framed.intent) == bare(plain.intent)
    if plain.language:  # STATUS alone tells no language; the greeting may
        assert framed.language == plain.language


@pytest.mark.parametrize("text", [*TEXTS, "", "Kan jag ta med min hund?"])
@pytest.mark.parametrize("letter", LETTERS)
@pytest.mark.parametrize("style", ["marked", "outlook", "unmarked", "known"])
def test_our_own_letter_quoted_below_changes_nothing(read_mail, text, letter, style):
    """In any style; with nothing above it, people look."""
    marked = "\n".join(f"> {line}" for line in letter.split("\n"))
    quote = {
        "marked": f"On Tue, Mar 3, 2026 at 6:54 PM GAN <\ngan@events.example.org> wrote:\n\n{marked}",
        "outlook": f"Från: GAN <gan@events.example.org>\nSkickat: den 1 mars 2026\nTill: Anna\nÄmne: GAN\n\n{letter}",
        "unmarked": f"Den 2026-03-05 kl. 14:47, skrev GAN:\n\n{letter}",
        "known": marked,
    }[style]
    known = {"thread": True, "standing": "confirmed", "answered": "registered"}
    reading = read_mail(f"{text}\n\n{quote}", "Re: GAN", **known)
    plain = read_mail(text, "Re: GAN", **known)
    if isinstance(plain.intent, Empty):
        assert isinstance(reading.intent, ForPeople)
    else:
        assert bare(reading.intent) == bare(plain.intent)


@pytest.mark.parametrize("text", [*TEXTS, "YES", "", "Tack!", "Kan jag ta med min hund?"])
@pytest.mark.parametrize("asked", [False, True])
def test_auto_submitted_silences_any_mail(read_mail, text, asked):
    """An out-of-office answer goes to our Reply-To and may begin with Yes."""
    assert read_mail(text, asked=asked, headers=(("auto-submitted", "auto-replied"),)).intent == Silent("auto-reply")


@pytest.mark.parametrize(
    "text", ["REGISTER", "Anmäl mig", "CANCEL", "avboka", "WAITLIST", "YES", "NO", "Kan inte komma"]
)
@pytest.mark.parametrize("change", [
    "not {}", "{} not", "inte {}", "{} inte", "{}?", "don't {}", "{}\n\nforget what I wrote above", "if you like: {}",
    "{}\n\nStrunta i det här.", "Min kollega skrev så här:\n\n{}", "{}\n\nMvh Anna\n\nEller kanske inte, jag återkommer.",
    "{}\n\nAnna\n\nOh wait, ignore this mail.", "{}, maybe", "{} my friend Bo", "Bo says: {}", "{}\nNothing of this is true",
])  # fmt: skip
def test_one_more_word_that_denies_takes_or_gives_away_never_acts(read_mail, text, change):
    """Negation before and after, question, retraction, condition, reported speech, somebody else."""
    reading = read_mail(change.format(text), asked=text in {"YES", "NO"}, standing="confirmed")
    assert not acts(reading)


@pytest.mark.parametrize("one", ["REGISTER", "CANCEL", "WAITLIST", "STOP", "RADERA", "UNDO"])
@pytest.mark.parametrize("other", ["avboka", "anmäl", "skicka igen", "hjälp", "väntelista", "ändra", "mina uppgifter"])
def test_two_commands_never_act(read_mail, one, other):
    """Whichever comes first; but two words for one thing are one, and to be forgotten is to be cancelled as well."""
    same = {"REGISTER": {"anmäl", "väntelista"}, "WAITLIST": {"anmäl", "väntelista"}, "UNDO": {"anmäl", "väntelista"},
            "CANCEL": {"avboka"}, "RADERA": {"avboka"}}  # fmt: skip
    if other not in same.get(one, set()):
        assert not acts(read_mail(f"{one}\n{other}", standing="confirmed"))
        assert not acts(read_mail(f"{other}\n\n{one}", standing="confirmed"))


@pytest.mark.parametrize(("word", "intent"), [
    ("REGISTER", Register()), ("CANCEL", Cancel()), ("STATUS", AskStatus()), ("HELP", Help()), ("WAITLIST", Register(line=True)),
    ("ANMÄL", Register()), ("AVBOKA", Cancel()), ("HJÄLP", Help()), ("VÄNTELISTA", Register(line=True)),
    ("RESEND", AskStatus(resend=True)), ("SKICKA IGEN", AskStatus(resend=True)), ("UNDO", Register()), ("ÅNGRA", Register()),
])  # fmt: skip
def test_every_command_that_our_letters_print_is_understood(read_mail, word, intent):
    """In capitals as printed, in small letters, and in the thread of the letter that printed it."""
    standing = "none" if isinstance(intent, Register) else "confirmed"
    assert bare(read_mail(word, thread=True, standing=standing).intent) == intent
    assert bare(read_mail(word.lower(), standing=standing).intent) == intent
    assert bare(read_mail("", word.capitalize(), standing=standing).intent) == intent


def test_yes_is_heard_where_it_was_asked(read_mail):
    """JA and YES, in any language of the question."""
    assert read_mail("JA", asked=True).intent == read_mail("yes", asked=True).intent == Yes()


def outer(header, body):
    """A whole mail of Anna's over the wire."""
    return (
        b"From: Anna Berg <anna.berg@example.org>\r\nTo: gan@events.example.org\r\nSubject: GAN\r\nMIME-Version: 1.0\r\n"
        + header.encode()
        + b"\r\n\r\n"
        + body.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    )


def plain(text, charset="utf-8", encoding="8bit", declared="", more=""):
    """As text/plain: `charset` is what it is written in, `declared` what it says of it."""
    octets = {"8bit": bytes, "base64": base64.encodebytes, "quoted-printable": quopri.encodestring}[encoding](text.encode(charset))
    kind = f'Content-Type: text/plain; charset="{declared or charset}"{more}'
    return outer(f"{kind}\r\nContent-Transfer-Encoding: {encoding}", octets)


def flowed(text):
    """Each blank of a line is a soft break: RFC 3676, with DelSp."""
    return plain(text.replace(" ", "  \n"), more="; format=flowed; delsp=yes")


def marked_up(text, before="", after=""):
    rows = "".join(f"<div>{line or '<br>'}</div>" for line in text.split("\n"))
    return f"<html><head><style>p {{color: red}}</style></head><body>{before}{rows}{after}</body></html>"


def html(text, **frame):
    return outer("Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: 8bit", marked_up(text, **frame).encode())


def alternative(text, stub):
    """Both forms; the plain one is a stub, or says the same."""
    parts = (("plain", stub), ("html", marked_up(text)))
    body = "".join(f"--b\nContent-Type: text/{kind}; charset=utf-8\n\n{words}\n" for kind, words in parts) + "--b--\n"
    return outer('Content-Type: multipart/alternative; boundary="b"', body.encode())


FORMS = {
    "latin-1": lambda text: plain(text, "iso-8859-1"),
    "windows": lambda text: plain(text, "windows-1252", "quoted-printable"),
    "base64": lambda text: plain(text, encoding="base64"),
    "quoted-printable": lambda text: plain(text, encoding="quoted-printable"),
    "an unknown charset": lambda text: plain(text, declared="x-unknown"),
    "says ASCII": lambda text: plain(text, declared="us-ascii"),
    "says latin-1": lambda text: plain(text, declared="iso-8859-1"),
    "decomposed": lambda text: plain(unicodedata.normalize("NFD", text)),
    "flowed": flowed,
    "HTML": html,
    "HTML, entities": lambda text: html(text.replace("ä", "&auml;").replace("å", "&#229;").replace("ö", "&#xF6;")),
    "HTML, hidden words": lambda text: html(text, after='<p style="display:none">CANCEL REGISTER avboka</p><!-- CANCEL -->'),
    "HTML, quoted": lambda text: html(text, after=(
        '<br><div class="gmail_quote"><div dir="ltr" class="gmail_attr">On Tue, Mar 3, 2026 at 6:54 PM GAN &lt;gan@events.example.org&gt; wrote:<br></div>'
        '<blockquote class="gmail_quote"><p>Svara AVBOKA. Reply CANCEL.</p></blockquote></div>')),
    "both": lambda text: alternative(text, text),
    "both, a stub": lambda text: alternative(text, "This message is in HTML."),
    "both, nothing plain": lambda text: alternative(text, ""),
}  # fmt: skip
SWAPPED = [
    *TEXTS, "Hej!\n\nJag vill gärna anmäla mig till workshopen.\n\nMvh\nAnna", "Jag kan tyvärr inte komma på grund av förhinder.",
    "Hello,\n\nplease register me for the workshop. I am vegan.\n\nBest regards\nAnna", "Är jag anmäld?", "Länken går inte.",
]  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("text", SWAPPED)
def test_charset_encoding_and_form_change_nothing(read_mail, text, form):
    """The same words, however the program packs them: right, wrong and unknown charsets, HTML alone and beside."""
    first = parse(plain(text)).text
    other = parse(FORMS[form](text)).text
    assert read_mail(other, standing="confirmed").intent == read_mail(first, standing="confirmed").intent


WRAPPED = (
    "Jag skulle väldigt gärna vilja anmäla mig till er workshop på torsdag den 12 mars eftersom jag forskar om bilder och "
    "är nyfiken på hur sådana nätverk fungerar i praktiken"
)


@pytest.mark.parametrize("width", [60, 72, 76, 200, 998])
@pytest.mark.parametrize("end", ["\n", "\r\n", " \n"])
def test_where_a_program_wraps_the_lines_changes_nothing(read_mail, width, end):
    """Hard wraps, with blanks at their ends and without."""
    whole = read_mail(WRAPPED, standing="none").intent
    wrapped = read_mail(end.join(textwrap.wrap(WRAPPED, width)), standing="none").intent
    assert acts(read_mail(WRAPPED))
    assert bare(wrapped) == bare(whole)


GOLDEN = sorted((Path(__file__).parent.parent / "golden" / "letters").glob("*/*.txt"))
OUTLOOK = {
    f"headers {labels[0]}": "\n".join(f"{label}: {value}" for label, value in zip(
        labels, ("GAN <gan@events.example.org>", "den 1 mars 2026 07:05", "Anna Berg", "GAN"), strict=True))
    for labels in LABELS
}  # fmt: skip
STYLES = [*ATTRIBUTIONS[:-1], *OUTLOOK]


@pytest.mark.parametrize("letter", GOLDEN, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_every_letter_of_ours_quoted_by_every_program_changes_nothing(read_mail, letter):
    """Marked and unmarked, below an attribution or a block of headers of seven languages; CANCEL stays CANCEL."""
    body = letter.read_text("utf-8").partition("\n\n")[2] or letter.read_text("utf-8")
    quoted = "\n".join(f"> {line}".rstrip() for line in body.splitlines())
    known = {"thread": True, "standing": "confirmed", "answered": "registered"}
    for text in ("Avboka", "Specialkost: vegan", "Kan jag ta med min hund?"):
        expected = bare(read_mail(text, "Re: GAN", **known).intent)
        for style in STYLES:
            below = f"{OUTLOOK[style]}\n\n{body}" if style in OUTLOOK else f"{style}\n\n{quoted}"
            assert bare(read_mail(f"{text}\n\n{below}", "Re: GAN", **known).intent) == expected, style


@pytest.mark.parametrize("text", [
    "Jag vill gärna anmäla mig.", "Please register me for the workshop.", "I would like to cancel my registration.",
    "Jag måste tyvärr avboka min plats.", "Please put me on the waiting list.", "Ich möchte mich anmelden.",
    "Je voudrais m'inscrire.", "Jeg vil gerne tilmelde mig.", "Jeg vil gjerne melde meg på.", "Haluan ilmoittautua.",
])  # fmt: skip
def test_a_not_or_a_question_mark_at_the_deciding_sentence_never_acts(read_mail, text):
    """In front, behind, and as a word of its own; a question that asks for a seat is a wish, these are none."""
    assert acts(read_mail(text, standing="confirmed" if "cancel" in text or "avboka" in text else "none"))
    for word in ("not", "inte", "ikke", "nicht", "pas"):
        for changed in (f"{text.rstrip('.')} {word}.", f"{text} Not!", f"{word.capitalize()}: {text}"):
            assert not acts(read_mail(changed, standing="confirmed")), changed
    assert not acts(read_mail(f"{text.rstrip('.')}?", standing="confirmed"))


@pytest.mark.parametrize("line", [
    "open", "close", "capacity 40", "report", "list", "add bo@example.org", "remove bo@example.org", "promote bo@example.org",
    "cancel event", "ANNOUNCE\n\nThe room is M:101.", "Öppna anmälan", "Stäng", "Antal platser: 40", "ställ in workshopen",
])  # fmt: skip
@pytest.mark.parametrize("standing", ["none", "confirmed"])
def test_an_organisers_order_of_anybody_else_never_acts(read_mail, line, standing):
    """As text, as subject, with a signature, in a thread; nothing of it is done, for whoever is no organiser."""
    for reading in (
        read_mail(line, standing=standing),
        read_mail("", line.partition("\n")[0], standing=standing),
        read_mail(f"{line}\n\nMvh\nAnna", standing=standing),
        read_mail(line, thread=True, answered="registered", standing=standing),
    ):
        assert not isinstance(getattr(reading.intent, "wish", reading.intent), Orders)
        assert not acts(reading)
