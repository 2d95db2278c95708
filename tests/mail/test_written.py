"""The text of a letter of ours, read back."""

import random
import time
from datetime import UTC, datetime

import pytest

from mailflow.mail.address import Address
from mailflow.mail.compose import compose
from mailflow.mail.outline import File, Outline
from mailflow.mail.parse import parse
from mailflow.mail.written import HEAD_OCTETS, LINES, written_lines


def letter(text, *, files=(), calendar=None):
    return compose(
        Outline(
            sender=Address("gan", "events.example.org"), sender_name="GAN", to=Address("ada", "example.org"), to_name="Ada",
            auto_submitted="auto-replied", languages=("en",), subject="You are in",
            date=datetime(2026, 3, 3, tzinfo=UTC), message_id="registered.00000001.x@events.example.org",
            text=text, html=f"<p>{text}</p>", files=files, calendar=calendar, method="REQUEST" if calendar else None,
        )
    )  # fmt: skip


@pytest.mark.parametrize(
    "text",
    ["You have a seat.\n\nDon't need it? Reply CANCEL.\n", "From here on\n-- \nåäö = ok\n", "日本語の手紙です。\n" * 40,
     "x" * 5000 + "\n--not a boundary\n", "\n\n", ""],
    ids=["plain", "from and dashes", "base64", "long line", "blank", "empty"],
)  # fmt: skip
@pytest.mark.parametrize("files", [(), (File("list.csv", "text/csv", b"a,b\n" * 1000),)], ids=["alone", "file"])
def test_the_lines_are_those_that_were_composed(text, files):
    """The same as a whole parse finds, without blank lines; attachments and calendar make no difference."""
    octets = letter(text, files=files, calendar=b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n")
    expected = tuple(line for line in text.splitlines() if line.strip())
    assert written_lines(octets) == expected
    assert [line.rstrip() for line in parse(octets).text.splitlines() if line.strip()] == [
        line.rstrip() for line in expected
    ]


def test_a_long_letter_is_read_in_part():
    """64 KiB, and a thousand lines; the encoding does not matter."""
    latin = written_lines(letter("".join(f"line number {n}\n" for n in range(5000))))
    assert (len(latin), latin[-1]) == (LINES, "line number 999")
    greek = written_lines(letter("αβγδεζηθικλμνξοπρστυφχψω" * 40 + "\n" + "γράμμα\n" * 20_000))
    assert greek[1] == "γράμμα"
    assert len(letter("γράμμα\n" * 20_000)) > HEAD_OCTETS


def test_anything_else_has_no_lines():
    """It never raises, and takes no time."""
    assert written_lines(b"") == ()
    assert written_lines(b"From: a\r\n\r\nhello") == ()
    chance = random.Random(7)
    begun = time.perf_counter()
    for _ in range(300):
        whole = bytearray(letter("Hello åäö\n" * 20))
        whole[chance.randrange(len(whole))] = chance.randrange(256)
        written_lines(bytes(whole[: chance.randrange(len(whole))]))
    written_lines(b"\r\nContent-Type: text/plain; charset=UTF-8\r\nContent-Transfer-Encoding: " * 100_000)
    assert time.perf_counter() - begun < 2
