"""Envelope addresses: the table of what is taken and what is not, at MAIL and at RCPT (trust.md §7)."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailflow.mail.address import Address
from mailflow.wire.door import DoorLimits
from mailflow.wire.path import MailCommand, WrongError, parse_mail, parse_rcpt

from .desk import Client, Desk, opened

GOOD = [
    "<ada@example.org>",
    "<a@b.cd>",
    "<Ada.Lovelace@Example.ORG>",
    "<gan+cancel@events.example.org>",
    "<o'brien@example.org>",
    "<a=b@example.org>",
    "<bounce-12_34@mail-1.example.org>",
    "<!#$&'*+/=?^_`{|}~-@example.org>",
    "<1@2.example>",
    "<=?utf-8?q?ada=40evil.example?=@example.org>",
    f"<{'a' * 64}@example.org>",
    f"<a@{'b' * 63}.{'c' * 63}.{'d' * 63}.{'e' * 57}.org>",
]
BAD = [
    "", "<", ">", "< >", "<@>", "<a>", "<a@>", "<@b.cd>", "<a@b>", "<a@localhost>", "a@b.cd", "<a@b.cd", "a@b.cd>", "<<a@b.cd>",
    "<a@b.cd>>", "<a@b.cd>x", "Ada <a@b.cd>", " <a@b.cd>", "< a@b.cd>", "<a@b.cd >", "<a @b.cd>", "<a@ b.cd>", "<a\t@b.cd>",
    '<"a"@b.cd>', '<"a b"@b.cd>', '<"a@b.cd"@b.cd>', "<a@b.cd@e.fg@h>", "<a@b@c.de>", "<@x.org:a@b.cd>", "<@x.org,@y.org:a@b.cd>",
    "<a@[192.0.2.1]>", "<a@[IPv6:::1]>", "<a(x)@b.cd>", "<a@b.cd(x)>", "<.a@b.cd>", "<a.@b.cd>", "<a..b@b.cd>", "<a@.b.cd>", "<a@b..cd>",
    "<a@b.cd.>", "<a@-b.cd>", "<a@b-.cd>", "<a@b_c.de>", "<a,b@c.de>", "<a;b@c.de>", "<a:b@c.de>", "<a\\b@c.de>", "<a[b@c.de>",
    "<a\x00@b.cd>", "<a\x01@b.cd>", "<a\x7f@b.cd>", "<a@b.cd\x00>", "<a\r@b.cd>", "<a\n@b.cd>", "<a@b.cd\r\n>", "<å@b.cd>", "<a@å.cd>",
    "<a\udcff@b.cd>", "<a\u200b@b.cd>", "<a\uff20b.cd>", f"<{'a' * 65}@b.cd>", f"<a@{'b' * 64}.cd>", f"<a@{'b.' * 127}cd>", f"<a@{'b' * 2000}.cd>",
    "(x)<a@b.cd>", "<a@b.cd>,<e@f.gh>", "<a@b.cd;e@f.gh>", "<mailto:a@b.cd>", "<a@b.cd/>", "<a@b:25>", "<a@b.c%64>", "<a@b.c d>", "<a@b.cd><>",
    "<a@b.cd\\>", "<a@b.cd#>", "<a@*.cd>", "<a@b.cd:25>", "<a@b.cd,>", "<,a@b.cd>", "<a@b.cd\x0b>", "<a\x0c@b.cd>", "<a\x1b@b.cd>", "<a@b\x00.cd>",
    '<a"@b.cd>', '<"a@b.cd>', '<"\\"@b.cd>', '<""@b.cd>', "<()a@b.cd>", "<a@(x)b.cd>", "<a@[b.cd]>", "<[a]@b.cd>", "<a@b.cd@>", "<@b.cd@a.de>",
    "<a@@b.cd>", "<a@b.cd.e-.fg>", "<a@b\u00fccher.cd>", "<a@b\u3002cd>", "<a@.>", "<.@b.cd>", "<..@b.cd>", "<a@b.cd\x7f>", "<a@b.-cd>", "<a@b.cd> <c@d.ef>",
    "<a@b.cd\u00ad>", "<a@b.cd?x>", "<a@b.cd&x=y>", "<a@b.cd+x>", "<a@b.cd'>", "<a@%62.cd>", "<a@b.cd\t>", "\t<a@b.cd>",
]  # fmt: skip
BAD_UTF8 = [
    "<a\udcff@b.cd>", "<a\u200b@b.cd>", "<a\u202e@b.cd>", "<a\u0308@b.cd>", "<a\ue000@b.cd>", "<a\u00a0b@b.cd>", "<a\u0085b@b.cd>",
    "<a@b\u2028.cd>", "<a@xn--.cd>\u00e5", "<\u00e5\u00e5 @b.cd>", "<a@\u00e5>", "<a@b\u0000\u00e5.cd>",
]  # fmt: skip


@pytest.mark.parametrize("path", GOOD)
def test_a_plain_address_is_taken_as_it_is_written(path):
    """The local part keeps its case and its signs; encoded words are plain characters."""
    local, _, domain = path[1:-1].rpartition("@")
    assert parse_mail(f"FROM:{path}").reverse_path == Address(local, domain.lower())


@pytest.mark.parametrize("path", BAD, ids=ascii)
def test_anything_else_is_refused_at_both_commands(path):
    """No quotes, comments, routes, literals, blanks, controls, missing brackets."""
    with pytest.raises(WrongError):
        parse_mail(f"FROM:{path}")
    with pytest.raises(WrongError):
        parse_rcpt(f"TO:{path}", smtputf8=False, home="example.org")


async def test_a_hundred_bad_and_twelve_good_ones_at_the_door():
    """Over a socket: of the bad ones none is accepted, at MAIL or at RCPT, and of the good ones each (trust.md §11)."""
    assert (len(set(BAD)) > 100, len(set(GOOD))) == (True, 12)
    desk, limits = Desk(), DoorLimits(wrong_commands=1000, commands_without_delivery=1000)
    desk.welcome = lambda path: None
    async with opened(desk, limits=limits) as listening:
        client = await (await Client.to(listening.where)).greeted()

        async def said(command, path):
            client.send(f"{command}:{path}\r\n".encode("utf-8", "surrogateescape"))
            return (await client.hear())[0]

        accepted = []
        # One with a CRLF is two commands.
        for path in (path for path in (*BAD, *GOOD) if "\r\n" not in path):
            accepted += [path] if await said("MAIL FROM", path) == "2" else []
            await client.say("RSET", "MAIL FROM:<ada@example.org>")
            accepted += [path] if await said("RCPT TO", path) == "2" else []
            await client.say("RSET")
        await client.close()
    # A bang in a recipient once was a route, and no address of ours has one: that path is good for a sender only.
    assert accepted == [path for path in GOOD for command in ("MAIL", "RCPT") if command == "MAIL" or "!" not in path]


@pytest.mark.parametrize("path", BAD_UTF8, ids=ascii)
def test_smtputf8_does_not_open_the_door_to_every_character(path):
    """Letters, marks and digits in normal form C; no separators, controls, directions, private use."""
    with pytest.raises(WrongError):
        parse_mail(f"FROM:{path} SMTPUTF8")


@pytest.mark.parametrize("local", ["a%b.cd", "b.cd!a", "%"])
def test_nobody_is_asked_to_relay(local):
    """Percent hacks and bang paths are no addresses of ours."""
    with pytest.raises(WrongError):
        parse_rcpt(f"TO:<{local}@example.org>", smtputf8=True, home="example.org")


@pytest.mark.parametrize("argument", ["<a@b.cd>", "FROM", "FROM:", "FROM <a@b.cd>", "FROM :<a@b.cd>", "TO:<a@b.cd>", "FROM: <a@b.cd>"])
def test_mail_is_followed_by_from_and_a_path(argument):
    """`MAIL FROM:<path>` without blanks around the colon (RFC 5321 §4.1.1.2)."""
    with pytest.raises(WrongError):
        parse_mail(argument)


@pytest.mark.parametrize(
    "parameters",
    [
        "SIZE", "SIZE=", "SIZE=-1", "SIZE=1e3", "SIZE=\u0661", "SIZE=" + "9" * 21, "SIZE=1 SIZE=1", "size=1 SIZE=2", "BODY", "BODY=",
        "BODY=BINARYMIME", "BODY=7BIT BODY=7BIT", "SMTPUTF8=", "SMTPUTF8=1", "SMTPUTF8 SMTPUTF8", "AUTH=<>", "RET=HDRS", "ENVID=x", "X", "",
        " SIZE=1", "SIZE=1  BODY=7BIT", "=", "SIZE=1=1",
    ],
)  # fmt: skip
def test_parameters_are_known_once_and_by_grammar(parameters):
    """Everything else is 555 5.5.4."""
    with pytest.raises(WrongError) as caught:
        parse_mail(f"FROM:<a@b.cd> {parameters}")
    assert str(caught.value.reply).startswith("555 5.5.4 ")


def test_known_parameters_are_understood_in_any_case_and_order():
    """SIZE, BODY and SMTPUTF8 (RFC 1870, 6152, 6531)."""
    assert parse_mail("from:<> body=8bitmime smtputf8 Size=77") == MailCommand(None, 77, smtputf8=True)


def test_rcpt_takes_no_parameters():
    """DSN is not announced (RFC 3461)."""
    with pytest.raises(WrongError) as caught:
        parse_rcpt("TO:<a@b.cd> NOTIFY=NEVER", smtputf8=True, home="example.org")
    assert caught.value.reply.code == 555


@settings(max_examples=300)
@given(st.text(max_size=100) | st.binary(max_size=100).map(lambda octets: octets.decode("utf-8", "surrogateescape")))
def test_any_text_is_a_command_or_a_refusal(text):
    """Nothing else is ever raised, whatever the octets."""
    for argument in (text, f"FROM:<{text}> SMTPUTF8", f"FROM:<{text}@b.cd>"):
        try:
            mail = parse_mail(argument)
        except WrongError:
            continue
        assert mail.reverse_path is None or str(mail.reverse_path).isprintable()
