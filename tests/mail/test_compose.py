# ruff: noqa: DTZ001 - naive times are among the inputs
"""Letters as octets, read back with the email package."""

import email
import email.policy
import importlib.util
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailflow.mail.address import Address
from mailflow.mail.compose import ComposeError, compose
from mailflow.mail.field import FOLD, field, identifiers, unstructured
from mailflow.mail.outline import File, Outline

HERE = Path(__file__).parent
GOLDEN = HERE / "golden_calendar"
SPEC = importlib.util.spec_from_file_location("lint_ics", HERE.parent / "calendar_tools" / "lint_ics.py")
LINT = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(LINT)

LETTER = Outline(
    sender_name="The rise of creative machines",
    sender=Address("creative-machines", "events.example.org"),
    to_name="Maja Lind",
    to=Address("maja.lind", "example.org"),
    subject="You're in: The rise of creative machines, Tue 27 Aug 12:30",
    date=datetime(2019, 8, 12, 7, 15, tzinfo=UTC),
    message_id="registered.7M2KQ9XD.k3v0q8zt5m2w9xbd@events.example.org",
    text="You have a seat, Maja!\n\nTuesday 27 August 2019, 12:30–16:00\nEden 236, Lund\n",
    html="<h1>You have a seat, Maja!</h1>\n<p>Tuesday 27 August 2019, 12:30–16:00</p>\n",
    auto_submitted="auto-replied",
    languages=("en", "sv"),
    in_reply_to="register.1@example.org",
    references=("register.1@example.org",),
    further=(("X-Mailflow", "letter=registered; event=creative-machines"),),
)
INVITED = replace(LETTER, calendar=(GOLDEN / "seed_registered.ics").read_bytes(), method="REQUEST")


def read(octets):
    return email.message_from_bytes(octets, policy=email.policy.default)


def head(octets):
    return octets.partition(b"\r\n\r\n")[0].decode().split("\r\n")


def tree(part):
    kind = part.get_content_type()
    return (kind, [tree(child) for child in part.iter_parts()]) if part.is_multipart() else kind


def bodies(octets):
    parts = {part.get_content_type(): part for part in read(octets).walk() if not part.is_multipart()}
    return tuple(parts[kind].get_content().replace("\r\n", "\n") for kind in ("text/plain", "text/html"))


def field_text(octets, name):
    """The decoded field as RFC 2047 has it. Not by policy.default, which keeps the blank between encoded words of a name."""
    raw = email.message_from_bytes(octets)[name]
    return str(email.header.make_header(email.header.decode_header(raw)))


def test_a_letter_has_exactly_these_fields_in_this_order():
    """letters.md §3; nothing more, nothing twice."""
    octets = compose(replace(LETTER, reply_to=Address("creative-machines+r.TOKEN", "events.example.org")))
    assert head(octets) == [
        'From: "The rise of creative machines" <creative-machines@events.example.org>',
        'To: "Maja Lind" <maja.lind@example.org>',
        "Subject: You're in: The rise of creative machines, Tue 27 Aug 12:30",
        "Date: Mon, 12 Aug 2019 07:15:00 +0000",
        "Message-ID: <registered.7M2KQ9XD.k3v0q8zt5m2w9xbd@events.example.org>",
        "In-Reply-To: <register.1@example.org>",
        "References: <register.1@example.org>",
        "Reply-To: creative-machines+r.TOKEN@events.example.org",
        "Auto-Submitted: auto-replied",
        "X-Auto-Response-Suppress: OOF, AutoReply, RN, NRN",
        "Content-Language: en, sv",
        "X-Mailflow: letter=registered; event=creative-machines",
        "MIME-Version: 1.0",
        head(octets)[-1],
    ]
    assert head(octets)[-1].startswith('Content-Type: multipart/alternative; boundary="=_mf_alter_')
    assert max(map(len, head(octets))) <= FOLD


def test_a_plain_letter_is_one_alternative():
    """Text and HTML, readable in the raw mail."""
    octets = compose(LETTER)
    assert tree(read(octets)) == ("multipart/alternative", ["text/plain", "text/html"])
    assert bodies(octets) == (LETTER.text, LETTER.html)
    assert b"\r\nYou have a seat, Maja!\r\n" in octets


def test_a_letter_with_a_file_is_mixed():
    """The alternative stays the first child."""
    octets = compose(
        replace(LETTER, files=(File("list.csv", "text/csv", b"a;b\r\n"), File("x.bin", "application/x", b"")))
    )
    mail = read(octets)
    assert tree(mail) == ("multipart/mixed", [("multipart/alternative", ["text/plain", "text/html"]), "text/csv", "application/x"])  # fmt: skip
    first, second = mail.iter_attachments()
    assert (first.get_filename(), first.get_content(), first.get_content_charset()) == ("list.csv", "a;b\r\n", "utf-8")
    assert (second.get_filename(), second.get_content()) == ("x.bin", b"")


def test_an_invitation_has_the_tree_of_calendar_md():
    """Both copies are the calendar's octets; the inline one carries the method and is no attachment."""
    octets = compose(INVITED)
    mail = read(octets)
    golden = read((GOLDEN / "seed_registered.eml").read_bytes())
    assert tree(mail) == tree(golden)
    assert LINT.lint_message(octets) == []
    for ours, theirs in zip(mail.walk(), golden.walk(), strict=True):
        assert ours["Content-Disposition"] == theirs["Content-Disposition"]
        assert ours["Content-Transfer-Encoding"] == theirs["Content-Transfer-Encoding"]
        if not ours.is_multipart():
            assert ours["Content-Type"] == theirs["Content-Type"]
    inline, attached = [part for part in mail.walk() if part.get_content_type() in ("text/calendar", "application/ics")]
    assert inline.get_payload(decode=True) == attached.get_payload(decode=True) == INVITED.calendar


def test_further_files_come_after_the_invitation():
    """Outlook looks for an invitation only in the first child; the programme comes third."""
    octets = compose(replace(INVITED, files=(File("programme.txt", "text/plain", b"09:00 start\r\n"),)))
    assert tree(read(octets)) == tree(read((GOLDEN / "attachment.eml").read_bytes()))
    assert LINT.lint_message(octets) == []


@pytest.mark.parametrize("name", sorted(path.stem for path in GOLDEN.glob("*.eml")))
def test_every_golden_invitation_lints_clean_in_our_letter(name):
    """The same calendar, sender and recipient; our own header and MIME."""
    entry = json.loads((GOLDEN / "inputs.json").read_text(encoding="utf-8"))[f"{name}.ics"]
    sender, to = (Address(*entry[who]["address"].split("@")) for who in ("organizer", "attendee"))
    letter = replace(
        INVITED, sender=sender, to=to, to_name=entry["attendee"]["name"], subject=entry["summary"], method=entry["method"],
        calendar=(GOLDEN / f"{name}.ics").read_bytes(),
    )  # fmt: skip
    assert LINT.lint_message(compose(letter)) == []


def test_the_same_letter_gives_the_same_octets():
    """A retry sends what was sent; another Message-ID is another boundary."""
    assert compose(INVITED) == compose(INVITED)
    other = compose(replace(INVITED, message_id="other@events.example.org"))
    assert head(other)[-1] != head(compose(INVITED))[-1]


@pytest.mark.parametrize(
    ("name", "raw"),
    [
        ("Maja Lind", '"Maja Lind"'),
        ("O'Neill, Bo (x)", '"O\'Neill, Bo (x)"'),
        ("Åsa Öberg", "=?UTF-8?B?w4VzYSDDlmJlcmc=?="),
        ('Bo "x" Ek', "=?UTF-8?B?Qm8gIngiIEVr?="),
        ("=?utf-8?q?x?=", "=?UTF-8?B?PT91dGYtOD9xP3g/PQ==?="),
    ],
)
def test_a_name_is_quoted_or_encoded(name, raw):
    """Plain ones as they are; quotes, backslashes and what looks encoded in base64."""
    octets = compose(replace(LETTER, to_name=name))
    assert head(octets)[1] == f"To: {raw} <maja.lind@example.org>"
    (address,) = read(octets)["To"].addresses
    assert (address.display_name, address.addr_spec) == (name, "maja.lind@example.org")


def test_an_empty_name_is_the_bare_address():
    """No brackets, no comment."""
    assert head(compose(replace(LETTER, to_name="")))[1] == "To: maja.lind@example.org"


def test_a_long_name_is_no_long_quoted_string():
    """Over 60 characters it becomes encoded words that fold."""
    name = "Ada " * 20 + "Lovelace"
    octets = compose(replace(LETTER, sender_name=name))
    assert field_text(octets, "From") == f"{name} <{LETTER.sender}>"
    assert max(map(len, head(octets))) <= FOLD


def test_a_subject_folds_at_its_blanks():
    """Never inside a word; unfolded it is what it was."""
    subject = "word " * 40 + "end"
    octets = compose(replace(LETTER, subject=subject))
    assert read(octets)["Subject"] == subject
    assert max(map(len, head(octets))) <= FOLD


@pytest.mark.parametrize(
    "subject",
    [
        "",
        "a  b",
        " x",
        "x ",
        "a" * 500,
        "=?x",
        "Kursen är full – tyvärr",
        "日本語" * 60,
        "\U0001f469\u200d\U0001f4bb" * 30,
    ],
)
def test_every_subject_reads_back(subject):
    """Runs of blanks, blanks at the ends, long words and other scripts are encoded words."""
    octets = compose(replace(LETTER, subject=subject))
    assert field_text(octets, "Subject") == subject
    assert max(map(len, head(octets))) <= FOLD


def test_ids_are_never_folded_inside():
    """Ten at most: the root of the thread and the last nine; the mail that is answered is the last."""
    references = tuple(f"{'x' * 60}.{n}@example.org" for n in range(30))
    octets = compose(replace(LETTER, references=references, in_reply_to="y" * 300 + "@example.org"))
    ids = read(octets)["References"].split()
    assert ids == [f"<{one}>" for one in (references[0], *references[22:], "y" * 300 + "@example.org")]
    assert len(ids) == 10


def test_ids_that_cannot_be_written_are_left_out():
    """They come from other people's mails."""
    bad = ["", "a b@c", "a\r\nBcc: x@y", "a>@b", "å@b", "x" * 901, "a\x00@b"]
    assert identifiers(bad) == []
    octets = compose(replace(LETTER, in_reply_to=bad[2], references=tuple(bad)))
    assert not [row for row in head(octets) if row.startswith(("In-Reply-To", "References", "Bcc"))]


def test_a_date_keeps_its_offset():
    """RFC 5322, with English names whatever the locale."""
    moment = datetime(2026, 3, 1, 9, 5, tzinfo=timezone(timedelta(hours=-3, minutes=-30)))
    assert "Date: Sun, 01 Mar 2026 09:05:00 -0330" in head(compose(replace(LETTER, date=moment)))


def test_an_international_address_is_raw_utf8():
    """RFC 6532: only the address needs it; the name stays an encoded word."""
    octets = compose(replace(LETTER, to=Address("åsa", "example.org"), to_name="Åsa"))
    assert head(octets)[1] == "To: =?UTF-8?B?w4VzYQ==?= <åsa@example.org>"
    assert compose(LETTER).isascii()


def test_a_line_that_begins_with_from_is_broken():
    """`From ` at the start of a line is changed by some mailboxes, and the signature with it."""
    text = "From here\nto there\nFrom " + "x" * 75 + "\n.\n..\n"
    octets = compose(replace(LETTER, text=text, html=text))
    assert b"\nFrom " not in octets
    assert b"\n.\r" not in octets
    assert bodies(octets) == (text, text)
    assert max(map(len, octets.split(b"\r\n"))) <= FOLD


def test_a_text_of_another_script_is_base64():
    """Quoted-printable would be twice as long, and nobody could read it either."""
    octets = compose(replace(LETTER, text="日本語のワークショップの案内テキスト\n" * 5))
    parts = {part.get_content_type(): part["Content-Transfer-Encoding"] for part in read(octets).walk()}
    assert (parts["text/plain"], parts["text/html"]) == ("base64", "quoted-printable")
    assert bodies(octets)[0] == "日本語のワークショップの案内テキスト\n" * 5


NASTY = [
    "\r\nBcc: evil@x.example", "\r", "\n", "\r\n\r\n", "\n.\n", "From ", "\x00", "\x0b", "\x85", "\u2028", "\u202e", "\ud800", "\udcff",
    "=?utf-8?b?DQpCY2M6?=", "=?", "?=", '"', "\\", "<a@b>", ",", ";", ":", "(", ")", "@", "=", "=\n", "=20", " ", "  ", "\t", " \n", "--", "--=_mf_",
    "é", "日本", "\U0001f40d", "e\u0301", "\u200d", "word", "x" * 80, ".",
]  # fmt: skip
texts = st.lists(st.sampled_from(NASTY) | st.text(max_size=8), max_size=12).map("".join)
calm = st.lists(
    st.sampled_from([n for n in NASTY if n.isprintable()]) | st.text(st.characters(exclude_categories=["C", "Z"]), max_size=8),
    max_size=12,
).map(lambda words: " ".join(" ".join(words).split()))  # fmt: skip


@settings(max_examples=80)
@given(texts, texts, texts, texts)
def test_nothing_that_strangers_write_becomes_a_header(subject, name, text, reference):
    """Any text anywhere: the same fields, one To, one line end, no octet out of place, and the lint is content."""
    octets = compose(
        replace(INVITED, subject=subject, to_name=name, sender_name=name, text=text, html=text, in_reply_to=reference, references=(reference,))
    )  # fmt: skip
    assert LINT.lint_message(octets) == []
    mail = email.message_from_bytes(octets)
    ids = {"In-Reply-To", "References"} & set(mail.keys())
    assert set(mail.keys()) - ids == {row.partition(":")[0] for row in head(compose(INVITED)) if row[0] != " "} - {
        "In-Reply-To",
        "References",
    }
    assert octets.isascii()
    assert [part.get_content_type() for part in mail.walk()] == [
        part.get_content_type() for part in read(compose(INVITED)).walk()
    ]


@settings(max_examples=80)
@given(calm, calm, texts)
def test_what_is_composed_reads_back(subject, name, text):
    """compose∘parse keeps subject, names and text; of the text, line ends become one kind, and the last is one."""
    octets = compose(replace(LETTER, subject=subject, to_name=name, text=text, html=text))
    assert field_text(octets, "Subject") == subject
    found = field_text(octets, "To").removesuffix("maja.lind@example.org" if not name else " <maja.lind@example.org>")
    assert name == (found[1:-1] if head(octets)[1].startswith('To: "') else found)
    mail = email.message_from_bytes(octets)
    lines = text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n") + "\n"
    lines = lines.encode("utf-8", "replace").decode()
    plain = next(part for part in mail.walk() if part.get_content_type() == "text/plain")
    assert plain.get_payload(decode=True).decode().replace("\r\n", "\n") == lines
    assert max(map(len, octets.split(b"\r\n"))) <= FOLD


@given(
    st.lists(st.text(st.characters(codec="ascii", exclude_categories=["C", "Z"]), min_size=1, max_size=90), max_size=20)
)
def test_a_field_folds_between_words_only(words):
    """Unfolded, it is the words with single blanks; a line over 78 columns is one word."""
    octets = field("X-Field", words)
    lines = octets.decode().removesuffix("\r\n").split("\r\n")
    assert "".join(lines) == " ".join(["X-Field:", *words])
    assert all(len(row) <= FOLD or len(row.removeprefix("X-Field:").split()) == 1 for row in lines)
    assert all(row.strip() for row in lines)


@given(st.text(max_size=200))
def test_encoded_words_are_short_and_whole(text):
    """RFC 2047 §2 and §5: at most 75 characters each, whole characters only."""
    for word in unstructured(text):
        if word.startswith("=?UTF-8?B?"):
            assert len(word) <= 75
            (chunk, charset), *rest = email.header.decode_header(word)
            assert not rest
            assert charset == "utf-8"
            assert chunk.decode("utf-8")


@pytest.mark.parametrize(
    "change",
    [
        {"to": Address("a", "b.example>, <c@d.example")},
        {"to": Address("a@b", "c.example")},
        {"to": Address("a\r\nBcc: x", "c.example")},
        {"to": Address("a b", "c.example")},
        {"to": Address("", "c.example")},
        {"sender": Address("a\u2028b", "c.example")},
        {"sender": Address("a", "å.example")},
        {"reply_to": Address("a,b", "c.example")},
        {"message_id": "x"},
        {"message_id": "a@b>\r\nBcc: x"},
        {"message_id": ""},
        {"date": datetime(2026, 1, 1)},
        {"languages": ("en\r\nBcc: x",)},
        {"further": (("Bcc", "x@y.example"),)},
        {"further": (("to", "x@y.example"),)},
        {"further": (("Content-Type", "text/plain"),)},
        {"further": (("Resent-To", "x@y.example"),)},
        {"further": (("X-A", "x\r\nBcc: y"),)},
        {"further": (("X-A: b\r\nBcc", "x"),)},
        {"further": (("X-A", "å"),)},
        {"further": (("X-A", "x"), ("x-a", "y"))},
        {"further": (("X-A", "x" * 1000),)},
        {"files": (File('a"b', "text/plain", b""),)},
        {"files": (File("a\r\nb", "text/plain", b""),)},
        {"files": (File("a.txt", "text/plain; x=y", b""),)},
        {"files": (File("a.eml", "message/rfc822", b""),)},
        {"calendar": b"x"},
        {"method": "REQUEST"},
    ],
)
def test_what_only_a_fault_of_ours_can_bring_is_an_error(change):
    """Such a letter never reaches the outbox."""
    with pytest.raises(ComposeError):
        compose(replace(LETTER, **change))
