"""What is new in a mail, in the styles of many programs and languages."""

import pytest

from mailflow.reading.newtext import split_text

QUOTED = "Hej Anna!\n\nDu är anmäld.\nKan du inte komma? Svara AVBOKA."
MARKED = "\n".join(f"> {line}".rstrip() for line in QUOTED.split("\n"))

ATTRIBUTIONS = [
    "On Tue, Mar 3, 2026 at 6:54 PM GAN <\ngan@events.example.org> wrote:",
    "On 2 Mar 2026, at 03:26, GAN <gan@events.example.org> wrote:",
    "On 03/03/2026 06:34, GAN wrote:",
    "On Sun, 2026-03-01 at 23:07 +0100, GAN wrote:",
    "On Wed, Mar 04, 2026 at 10:02:11PM +0100, GAN wrote:",
    "On Wed, Mar 4, 2026 at 10:12\u202fAM GAN <gan@events.example.org> wrote:",
    "Den sön 1 mars 2026 kl 09:33 skrev GAN <\ngan@events.example.org>:",
    "Den 2026-03-05 kl. 14:47, skrev GAN:",
    "2026-03-03 02:55 skrev GAN:",
    "fre 2026-02-27 klockan 07:11 +0100 skrev GAN:",
    "3 mars 2026 kl. 16:26 skrev GAN <gan@events.example.org>:",
    "Den tors. 5. mar. 2026 kl. 02.58 skrev GAN <\ngan@events.example.org>:",
    "man. 2. mars 2026 kl. 03:26 skrev GAN <gan@events.example.org>:",
    "GAN skrev den 02.03.2026 17:37:",
    "Am Mo., 2. März 2026 um 04:40 Uhr schrieb GAN <\ngan@events.example.org>:",
    "Am 01.03.26 um 20:39 schrieb GAN:",
    "Am 2026-03-05 17:46, schrieb GAN:",
    "Le lun. 2 mars 2026 à 01:35, GAN <\ngan@events.example.org> a écrit :",
    "Le 02/03/2026 à 16:23, GAN a écrit :",
    "ke 4. maalisk. 2026 klo 00.27 GAN (gan@events.example.org)\nkirjoitti:",
    "GAN kirjoitti 7.3.2026 klo 13.45:",
    "GAN <gan@events.example.org> kirjoitti 11.3.2026 kello 08.49:",
    "> On 15 Mar 2026, at 11:29, GAN <gan@events.example.org> wrote:",
]
LABELS = [
    ("From", "Sent", "To", "Subject"),
    ("Från", "Skickat", "Till", "Ämne"),
    ("Från", "Datum", "Till", "Rubrik"),
    ("Fra", "Sendt", "Til", "Emne"),
    ("Von", "Gesendet", "An", "Betreff"),
    ("Lähettäjä", "Lähetetty", "Vastaanottaja", "Aihe"),
    ("De", "Envoyé", "À", "Objet"),
    ("*From:*"[:-1], "*Sent"[:], "*To", "*Subject"),
]
RULES = [
    "", "________________________________", "-----Original Message-----", "-----Ursprungligt meddelande-----",
    "-----Oprindelig meddelelse-----", "-----Opprinnelig melding-----", "-----Ursprüngliche Nachricht-----",
    "-------- Originalmeddelande --------", "----- Original Message -----",
]  # fmt: skip


@pytest.mark.parametrize("attribution", ATTRIBUTIONS)
def test_what_follows_an_attribution_is_quoted(attribution):
    """Gmail, Apple, Thunderbird, Roundcube, Evolution, mutt in seven languages: the new text is what stands above."""
    split = split_text(f"CANCEL\n\n{attribution}\n\n{MARKED}\n")
    assert split.text == "CANCEL"
    assert split.quoted


@pytest.mark.parametrize("attribution", ATTRIBUTIONS[:-1])
def test_an_attribution_above_an_unmarked_quote_takes_the_rest(attribution):
    """Yahoo and some HTML do not mark the lines of the quoted mail."""
    assert split_text(f"CANCEL\n\n    {attribution}  \n \n{QUOTED}").text == "CANCEL"


@pytest.mark.parametrize("attribution", ATTRIBUTIONS[:-1])
def test_an_attribution_right_below_the_text_does_not_draw_it_in(attribution):
    """Without a blank line between them, the new text still stays."""
    assert split_text(f"CANCEL\n{attribution}\n{MARKED}").text == "CANCEL"


@pytest.mark.parametrize("labels", LABELS)
@pytest.mark.parametrize("rule", RULES)
def test_a_block_of_headers_begins_a_quoted_mail(labels, rule):
    """Outlook, in the language of its menus, with and without a rule above."""
    values = ("GAN <gan@events.example.org>", "den 1 mars 2026 07:05", "Anna", "Du är anmäld")
    block = "\n".join(f"{label}: {value}" for label, value in zip(labels, values, strict=True))
    assert split_text(f"CANCEL\n\n{rule}\n{block}\n\n{QUOTED}").text == "CANCEL"
    assert split_text(f"CANCEL\n\n{rule}\n\n" + block.replace("\n", "\n\n") + f"\n\n{QUOTED}").text == "CANCEL"


def test_lines_between_quoted_lines_are_new():
    """An inline answer belongs to the sender."""
    assert split_text("> Do you come?\nYES\n\n> And your dog?\nno").text == "YES\n\nno"


def test_text_below_a_marked_quote_is_new():
    """People who write below the quote are read too."""
    assert split_text("On 03/03/2026 06:34, GAN wrote:\n> Hi\n>\n> Bye\n\nCANCEL").text == "CANCEL"


@pytest.mark.parametrize("line", [
    "My colleague wrote:", "I wrote this on Monday:", "Min kollega skrev så här:", "From: Lund", "On Monday I can come:",
    "From: Lund\nTo: Malmö", "--- please read ---", "Den som skrev det här är jag:",
])  # fmt: skip
def test_a_sentence_is_not_an_attribution(line):
    """Without date, address or a block of headers it stays: it may change the meaning of everything."""
    assert split_text(f"{line}\n\nREGISTER").text == f"{line}\n\nREGISTER"


@pytest.mark.parametrize("line", [
    "Sent from my iPhone", "Skickat från min iPhone", "Sendt fra min iPhone", "Von meinem iPhone gesendet",
    "Lähetetty iPhonesta", "Envoyé de mon iPhone", "Get Outlook for iOS<https://aka.ms/o0ukef>",
    "Hämta Outlook för iOS<https://aka.ms/o0ukef>", "Sent with Proton Mail secure email.", "Sent from my Galaxy",
    "Skickat från min Android-enhet med K-9 Mail. Ursäkta min fåordighet.",
])  # fmt: skip
def test_lines_of_telephones_are_not_the_senders(line):
    """What the program appends is cut."""
    assert split_text(f"CANCEL\n\n{line}\n").text == "CANCEL"


def test_a_line_that_only_begins_like_a_telephone_stays():
    """A person who goes on writing on that line is heard."""
    assert "ignore" in split_text("CANCEL\n\nSent from my iPhone, please ignore").text


def test_banners_and_disclaimers_are_cut_to_the_next_blank_line():
    """Gateways warn above and lawyers below; neither is the sender."""
    text = (
        "CAUTION: This email originated from outside. Do not click links\nor open attachments unless you know the sender.\n\n"
        "REGISTER\n\nIf you are not the intended recipient, please delete this message and\ncancel any further use.\n"
    )
    split = split_text(text)
    assert split.text == "REGISTER"
    assert split.program_lines == 4


def test_a_sentence_like_a_disclaimer_stays():
    """Only a paragraph that speaks of recipients, confidence or personal data is one."""
    assert "joke" in split_text("REGISTER\n\nThis message is intended as a joke for all of you").text


def test_everything_below_two_dashes_is_signature():
    """The old rule; the quote below it is still found."""
    split = split_text("REGISTER\n-- \nAnna\nLund\n\nOn 03/03/2026 06:34, GAN wrote:\n> Hi")
    assert split.text == "REGISTER"
    assert split.signature == ("Anna", "Lund")
    assert split.quoted == 2


@pytest.mark.parametrize("line", [
    "---------- Forwarded message ---------", "Begin forwarded message:", "-------- Vidarebefordrat meddelande --------",
    "Vidarebefordrat brev:", "-------- Weitergeleitete Nachricht --------", "---------- Videresendt meddelelse ---------",
])  # fmt: skip
def test_a_forwarded_mail_is_known_as_such(line):
    """Its words are another person's."""
    split = split_text(f"See below\n\n{line}\nFrom: Bo <bo@example.org>\n\nREGISTER")
    assert split.text == "See below"
    assert split.forwarded


def test_lines_of_our_own_letter_are_quote_in_any_program():
    """The second net: no pattern is needed where we know what we wrote."""
    own = ("Du är anmäld till GAN-workshopen.", "Svara AVBOKA om du får förhinder.", "Hej Anna!")
    split = split_text("ANMÄL\n\n  Svara AVBOKA  om du får förhinder.\nHej Anna!", own)
    assert split.text == "ANMÄL\n\nHej Anna!", "short lines stay: people write them too"


def test_invisible_characters_do_not_hide_a_quote():
    """iPhones begin the quote with U+FEFF."""
    assert split_text("CANCEL\n\ufeff> Hi\n\u200b\n").text == "CANCEL"


def test_a_text_that_is_too_long_is_marked():
    """What was not looked at must not be taken for understood."""
    assert not split_text("a" * 1001).whole
    assert not split_text("a\n" * 5000).whole
    assert split_text("a\n" * 100).whole
