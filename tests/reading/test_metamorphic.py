"""What must not change a reading, and what must (understanding.md §3)."""

import pytest

from mailflow.model.intent import AskStatus, Cancel, Empty, ForPeople, Help, Register, Silent, Yes

from .conftest import acts, bare

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
