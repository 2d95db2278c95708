"""From fields that two programs read in two ways: whoever signs them, nobody acts as the person in dispute."""

import pytest

from mailflow.mail.parse import parse
from mailflow.proof import prove, questions
from mailflow.proof.dns import Found, Missing

ADA = "ada@uni.example"
EVE = "eve@evil.example"
LIMIT = "x" * 1990

# Each From, signed by evil.example, that some program might show as Ada's; and why.
DISPUTED = {
    "two fields, hers first": f"{ADA}\r\nFrom: {EVE}",
    "two fields, hers last": f"{EVE}\r\nFrom: {ADA}",
    "two fields of other case": f"{EVE}\r\nfrom: {ADA}",
    "a field with a blank before the colon": f"{EVE}\r\nFrom : {ADA}",
    "a field behind a bare CR": f"{EVE}\rFrom: {ADA}",
    "a field behind a bare LF": f"{EVE}\nFrom: {ADA}",
    "a field behind a NUL": f"{EVE}\x00\r\nFrom: {ADA}",
    "a field behind a vertical tab": f"{EVE}\x0bFrom: {ADA}",
    "two mailboxes": f"{ADA}, {EVE}",
    "two mailboxes, hers last": f"{EVE}, {ADA}",
    "two mailboxes with names": f"Ada <{ADA}>, Eve <{EVE}>",
    "two mailboxes by semicolon": f"{ADA}; {EVE}",
    "two brackets": f"Ada <{ADA}> <{EVE}>",
    "a bracket inside": f"Ada <{EVE} <{ADA}>>",
    "an address for a name": f"{ADA} <{EVE}>",
    "an address for a name, quoted": f'"{ADA}" <{EVE}>',
    "an address for a name, encoded": f"=?utf-8?q?ada=40uni.example?= <{EVE}>",
    "a name that looks like a bracket, encoded": f"=?utf-8?b?QWRhIDxhZGFAdW5pLmV4YW1wbGU+?= <{EVE}>",
    "a mailbox that is encoded": "=?utf-8?q?ada=40uni.example?=",
    "a bracket in a quoted name": f'"Ada <{ADA}>" <{EVE}>',
    "a bracket in a comment": f"{EVE} (<{ADA}>)",
    "a comment inside the address": "ada@uni.example(@evil.example)",
    "a comment before the domain": "ada@(uni.example)evil.example",
    "an open comment": f"{EVE} (\r\n {ADA}",
    "an open quote": f'"Ada <{ADA}> <{EVE}>',
    "a group": f"Ada <{ADA}>: {EVE};",
    "an empty group": f"{ADA}:;",
    "a route": f"<@uni.example:{EVE}>",
    "a route the other way": f"<@evil.example:{ADA}>",
    "a quoted local part": '"ada@uni.example"@evil.example',
    "a percent hack": "ada%uni.example@evil.example",
    "two at signs": "ada@uni.example@evil.example",
    "a domain in sheep's clothing": "ada@unі.example",
    "pushed out of sight": f"{EVE}{' ' * 400}\r\n {LIMIT[:400]} {ADA}",
}  # fmt: skip


def judge(world, content):
    message = parse(content)
    asked = questions(message, content, world.trusted, world.envelope)
    answers = {name: world.dns.get(name, Missing()) for name in asked}
    return message, prove(message, content, world.envelope, answers, world.trusted, world.now)


def test_there_are_thirty_four():
    """The number of trust.md §11."""
    assert len(DISPUTED) == 34


@pytest.mark.parametrize("name", DISPUTED)
def test_nobody_acts_as_the_person_in_dispute(world, tools, key, name):
    """The signature of evil.example passes on whatever it covers; it proves at most Eve."""
    world.dns["sel._domainkey.evil.example"] = Found((tools.record(key),))
    head = f"From: {DISPUTED[name]}\r\n".encode()
    content = head + tools.PLAIN.partition(b"\r\n")[2]
    for signed in (tools.dkim_sign(content, key, d="evil.example"), content):
        message, proof = judge(world, signed)
        assert not (proof.aligned and str(message.sender) == ADA), proof
        assert not (proof.aligned and proof.domain != "evil.example"), proof


@pytest.mark.parametrize("name", DISPUTED)
@pytest.mark.parametrize("read", ["uni.example", "evil.example"])
def test_nor_by_the_word_of_a_border_that_reads_it_otherwise(world, tools, name, read):
    """dmarc=pass counts for the domain that the border named, and for nobody else's."""
    world.relay("mx.example.org")
    word = f"Authentication-Results: mx.example.org; dkim=pass header.d={read}; dmarc=pass header.from={read}\r\n"
    content = f"{word}From: {DISPUTED[name]}\r\n".encode() + tools.PLAIN.partition(b"\r\n")[2]
    message, proof = judge(world, content)
    assert not (proof.aligned and message.sender is not None and message.sender.domain != read), proof
