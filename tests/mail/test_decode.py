import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailflow.mail.decode import codec_of, decode_raw, decode_text, decode_words, undo_transfer, unflow


@pytest.mark.parametrize(
    ("octets", "charset", "text"),
    [
        ("Måste".encode(), "utf-8", "Måste"),
        ("Måste".encode(), "iso-8859-1", "Måste"),
        ("Måste".encode(), "us-ascii", "Måste"),
        ("Måste".encode(), "x-unknown", "Måste"),
        ("Måste".encode("latin-1"), "iso-8859-1", "Måste"),
        ("Måste".encode("latin-1"), "us-ascii", "Måste"),
        ("Måste".encode("latin-1"), "utf-8", "Måste"),
        ("Måste “så”".encode("cp1252"), "latin1", "Måste “så”"),
        ("Здравствуйте".encode("koi8-r"), "KOI8-R", "Здравствуйте"),
        ("日本".encode("iso-2022-jp"), "ISO-2022-JP", "日本"),
        ("日本".encode("shift_jis"), "Shift_JIS", "日本"),
        ("中文".encode("gbk"), "gb2312", "中文"),
        ("한국".encode("cp949"), "ks_c_5601-1987", "한국"),
        ("åäö på svenska, cut".encode()[:-5] + b"\xc3", "utf-8", "åäö på svenska\ufffd"),
        (b"+AGEAYg-", "utf-7", "+AGEAYg-"),
        (b"\xff\xfe", "rot13", "ÿþ"),
        (b"", "", ""),
    ],
)
def test_text_is_read_whatever_the_label_says(octets, charset, text):
    """Wrong and unknown labels are everyday; only character sets of the list are ever used."""
    assert decode_text(octets, charset) == text


def test_only_character_sets_are_codecs_here():
    """utf-7, punycode, idna, base64 and the rest of Python's registry are unknown names."""
    assert [codec_of(name) for name in ("utf-7", "punycode", "idna", "base64", "rot13", "utf-16", "zip")] == [""] * 7


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("=?utf-8?Q?=C3=85sa?= Ek", "Åsa Ek"),
        ("=?iso-8859-1?q?=C5sa_Ek?=", "Åsa Ek"),
        ("=?utf-8?B?w4VzYQ==?= =?utf-8?Q?_Ek?=", "Åsa Ek"),
        ("=?utf-8?Q?=C3?= =?utf-8?Q?=85sa?=", "Åsa"),
        ('"=?utf-8?Q?=C3=85sa?="', '"Åsa"'),
        ("=?utf-8*sv?Q?=C3=85sa?=", "Åsa"),
        ("=?utf-8?Q?What??=", "What?"),
        ("=?broken =?utf-8?X?a?=", "=?broken =?utf-8?X?a?="),
        ("=?utf-8?B?!!!?=", ""),
        ("plain", "plain"),
    ],
)
def test_encoded_words_are_decoded(field, text):
    """RFC 2047, and what programs make of it: inside quotes, characters cut in two, questions marks left raw."""
    assert decode_words(field) == text


def test_no_more_than_two_hundred_words_are_decoded():
    """The rest of the field stays as it is written."""
    assert decode_words("=?utf-8?q?a?= " * 300).startswith("a" * 200 + " =?utf-8")


def test_raw_utf8_in_a_header_is_utf8():
    """SMTPUTF8 headers come as surrogate escapes; Latin-1 is understood, too."""
    assert decode_raw("Åsa".encode().decode("ascii", "surrogateescape")) == "Åsa"
    assert decode_raw("Åsa".encode("latin-1").decode("ascii", "surrogateescape")) == "Åsa"


def test_transfer_encodings_are_undone_leniently():
    """Foreign characters, missing padding and soft line ends are forgiven; the output is bounded."""
    assert undo_transfer(b"SGVs\r\nbG8", "Base64", 100) == b"Hello"
    assert undo_transfer(b"SGVsbG8hSGVsbG8h", "base64", 5) == b"Hello"
    assert undo_transfer(b"a=C3=A5=\r\nb=", "quoted-printable", 100).startswith(b"a\xc3\xa5b")
    assert undo_transfer(b"abc", "x-mine", 2) == b"ab"


def test_flowed_lines_are_joined_within_one_quote_depth():
    """RFC 3676: stuffing goes, `-- ` stays, DelSp takes the blank; quotes keep their marks."""
    assert unflow("Hello \nworld\n-- \nAda", delsp=False) == "Hello world\n-- \nAda"
    assert unflow("regis \ntrera", delsp=True) == "registrera"
    assert unflow("> a \n> b\nc \n> d\n From here", delsp=False) == "> a b\nc \n> d\nFrom here"
    assert unflow("plain\n\nlines", delsp=False) == "plain\n\nlines"


@settings(max_examples=200)
@given(
    st.binary(max_size=200), st.sampled_from(["utf-8", "", "gb18030", "iso-2022-jp", "koi8-t", "big5", "windows-1255"])
)
def test_decoding_is_total(octets, charset):
    """Any octets under any label, as base64, quoted-printable, words and flowed lines."""
    text = decode_text(octets, charset)
    undo_transfer(octets, "base64", 100)
    undo_transfer(octets, "quoted-printable", 100)
    unflow(decode_words(f"=?{charset}?b?{text}?= {text}"), delsp=True)


@pytest.mark.parametrize("hostile", ["=?" * 2000, "=?a?q?" * 700, "=?a?b?" + "?" * 4000, "=?utf-8?q?a?= " * 300])
def test_hostile_words_take_no_time(hostile):
    """A whole field of beginnings is read in milliseconds."""
    start = time.process_time()
    decode_words(hostile)
    assert time.process_time() - start < 0.1
