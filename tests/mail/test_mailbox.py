import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailflow.mail.address import parse_address
from mailflow.mail.mailbox import read_recipients, read_sender


def raw(text, charset="utf-8"):
    return text.encode(charset).decode("ascii", "surrogateescape")


@pytest.mark.parametrize(
    ("field", "address", "name"),
    [
        ("anna@example.org", "anna@example.org", ""),
        ("Anna Ek <anna@example.org>", "anna@example.org", "Anna Ek"),
        ("Anna <Anna@EXAMPLE.org>", "Anna@example.org", "Anna"),
        ('"Ek, Anna" <anna@example.org>', "anna@example.org", "Ek, Anna"),
        ("Ek, Anna <anna@example.org>", "anna@example.org", "Ek, Anna"),
        ("Ek, Anna, LU <anna@example.org>", "anna@example.org", "Ek, Anna, LU"),
        ("anna@example.org (Anna Ek)", "anna@example.org", "Anna Ek"),
        ("(hi) <anna@example.org>", "anna@example.org", "hi"),
        ("< anna@example.org >", "anna@example.org", ""),
        ("anna@example.org <anna@example.org>", "anna@example.org", "anna@example.org"),
        ('"boss@example.com" <anna@example.org>', "anna@example.org", "boss@example.com"),
        ("=?utf-8?q?=C3=85sa=2C_Ek?= <asa@example.org>", "asa@example.org", "Åsa, Ek"),
        (raw("Åsa <åsa@exämple.org>"), "åsa@xn--exmple-cua.org", "Åsa"),
        (raw("Åsa <asa@example.org>", "latin-1"), "asa@example.org", "Åsa"),
        ('"Anna \\"A\\" Ek" <anna@example.org>', "anna@example.org", 'Anna "A" Ek'),
    ],
)
def test_one_mailbox_is_the_sender(field, address, name):
    """With or without a name, in quotes, in a comment, encoded or raw; `Last, First` unquoted is repaired."""
    sender = read_sender(field)
    assert (str(sender.address), sender.name, sender.defects) == (address, name, ())


@pytest.mark.parametrize(
    "field",
    [
        "a@example.org, b@example.org", "a@example.org, Ek <b@example.org>", "Ek <b@example.org>, a@example.org",
        "A <a@example.org> B <b@example.org>", "<a@example.org> <b@example.org>", "Team: a@example.org;",
        "<@relay.example,@x.example:a@example.org>", '"a b"@example.org', "a(c)@example.org", "a@(c)example.org",
        "A <a@example.org", "A a@example.org>", '"A <a@example.org>', "a@localhost", "a@[192.0.2.1]", "a @ example.org",
        "mailto:a@example.org", "Anna", "", "<>", "a@example.org\0", "a\x07 <a@example.org>", "a@b@example.org>",
        "a..b@example.org", f"{'a' * 65}@example.org", "A <a@example.org> trailing", "(a@example.org)",
        raw("å@example.org", "latin-1"),
    ],
)  # fmt: skip
def test_what_is_not_one_plain_mailbox_has_no_sender(field):
    """Two addresses, groups, routes, quoted local parts, comments inside, controls: no letter goes anywhere."""
    sender = read_sender(field)
    assert sender.address is None
    assert sender.defects


def test_an_address_for_a_name_is_ambiguous():
    """Another program might show the first one: it is read, but proves nothing."""
    sender = read_sender("boss@example.com <anna@example.org>")
    assert str(sender.address) == "anna@example.org"
    assert sender.defects == ("From names two addresses",)


def test_recipients_are_what_can_be_read():
    """Groups are opened, what is no address is left out, doubles and more than asked for are not given."""
    value = "undisclosed-recipients:;, A <a@x.se>, Team: b@y.se, c@z.se;, bad, d@q.se, a@x.se, e@x.se"
    assert read_recipients(value, 4) == tuple(map(parse_address, ("a@x.se", "b@y.se", "c@z.se", "d@q.se")))


@given(st.text(st.sampled_from('ab@.,;:<>()"\\ \té=?'), max_size=60) | st.text(max_size=60))
def test_any_text_can_be_read_as_a_list(text):
    """Never an exception; a sender always has an address that the grammar of the door takes."""
    field = raw(text, "utf-8") if not any("\ud800" <= c <= "\udfff" for c in text) else text
    if (sender := read_sender(field)).address:
        assert parse_address(str(sender.address)) == sender.address
    read_recipients(field, 5)


@pytest.mark.parametrize("sign", ['"', "(", "<", "\\", ",", "(,", '"\\', "a@b.se,", "<>", ":;"])
def test_hostile_lists_take_no_time(sign):
    """2000 octets of brackets and quotes."""
    start = time.process_time()
    for _ in range(5):
        read_sender(sign * (2000 // len(sign)))
        read_recipients(sign * (4000 // len(sign)), 50)
    assert time.process_time() - start < 0.5
