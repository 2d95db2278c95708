"""The language of the answer, in the order of letters.md §6."""

import pytest


@pytest.mark.parametrize(("text", "fields", "language", "why"), [
    ("ANMÄL", {}, "sv", "the command word"),
    ("anmal", {}, "sv", "without dots"),
    ("REGISTER", {"headers": (("content-language", "sv-SE"),)}, "en", "the command word beats the program"),
    ("STATUS", {"headers": (("content-language", "sv-SE, en"),)}, "sv", "a word of both languages says nothing"),
    ("STATUS", {"headers": (("content-language", "de-DE"),)}, None, "a language that we do not write"),
    ("STATUS", {"subject": "SV: x"}, "sv", "a Swedish program"),
    ("STATUS", {"subject": "RE: x"}, "en", "an English Outlook"),
    ("STATUS", {"subject": "Re: x"}, None, "everybody's Re: says nothing"),
    ("När börjar det?", {}, "sv", "letters"),
    ("Kan jag ta med min hund?", {}, "sv", "common words"),
    ("Is there parking close to the venue?", {}, "en", "common words"),
    ("", {}, None, "nothing is written"),
    ("12345", {}, None, "no words"),
])  # fmt: skip
def test_the_first_sign_that_speaks_decides(read_mail, text, fields, language, why):
    """Command word, Content-Language, prefix, letters and common words; else nobody knows."""
    assert read_mail(text, **fields).language == language, why
