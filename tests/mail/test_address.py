"""Who is the same person, and who is not."""

import pytest

from mailflow.mail.address import parse_address
from mailflow.mail.answer import read_answer


@pytest.mark.parametrize(
    ("one", "other"),
    [("straße@x.example", "strasse@x.example"), ("ſam@x.example", "sam@x.example"),
     ("ﬁona@x.example", "fiona@x.example"), ("аda@x.example", "ada@x.example")],
)  # fmt: skip
def test_mailboxes_that_only_look_alike_are_different_people(one, other):
    """A seat of the one is not the other's to give up: a server may give both names away."""
    assert parse_address(one).key != parse_address(other).key
    assert parse_address(one).canonical != parse_address(other).canonical


@pytest.mark.parametrize(
    ("one", "other"), [("Ada@X.Example", "ada@x.example"), ("ÅSA@x.example", "åsa@x.example"), ("a@BÜCHER.example", "a@xn--bcher-kva.example")]
)
def test_case_makes_no_other_person(one, other):
    """Nobody gives `Ada` and `ada` to two people, whatever RFC 5321 §2.4 permits."""
    assert parse_address(one).key == parse_address(other).key


@pytest.mark.parametrize("one", ["Ada.Ek@gmail.com", "adaek+x@googlemail.com", "a.d.a.e.k+1+2@GoogleMail.com"])
def test_the_spellings_of_one_mailbox_share_a_budget_and_are_no_one_person(one):
    """Gmail knows no dots and has two names: a forger must not get a letter to the same mailbox for each of them."""
    assert parse_address(one).canonical == "adaek@gmail.com"
    assert parse_address(one).key != "adaek@gmail.com"


@pytest.mark.parametrize("local", ["straße", "Straße", "ÅSA"])
def test_a_calendar_names_its_attendee_in_the_same_form(local):
    """The ATTENDEE of an answer is found by the sender's key."""
    sender = parse_address(f"{local}@x.example")
    calendar = (
        "BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nBEGIN:VEVENT\r\nUID:1\r\nATTENDEE;PARTSTAT=ACCEPTED:mailto:b@x.example\r\n"
        f"ATTENDEE;PARTSTAT=DECLINED:mailto:{sender}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    answer = read_answer(calendar.encode(), "utf-8", sender=sender)
    assert (answer.attendee, answer.partstat) == (sender.key, "DECLINED")
