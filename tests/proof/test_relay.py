"""The word of our border: read strictly, and only where our border wrote it (trust.md §1.4)."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailflow.mail.envelope import Peer
from mailflow.proof import questions
from mailflow.proof.authres import Result, read_results
from mailflow.proof.dns import Unreachable

GOOD = "mx.example.org; dkim=pass header.d=uni.example; dmarc=pass header.from=uni.example"
OURS = (
    "from mail.uni.example (mail.uni.example [192.0.2.1]) by mx.example.org (Postfix) with ESMTPS id 1; Mon, 4 May 2026"
)
INNER = "from localhost (localhost [127.0.0.1]) by mx.example.org (Postfix) with ESMTP id 2; Mon, 4 May 2026"
CLAIM = "from mx.example.org (mx.example.org [192.0.2.9]) by mx.example.org (Postfix) with ESMTP id 3; Mon, 4 May 2026"
EVIL = "from evil.example (evil.example [192.0.2.66]) by mx.example.org (Postfix) with SMTP id 4; Mon, 4 May 2026"
FOREIGN = "from pc (pc [10.0.0.1]) by mail.uni.example with ESMTPSA id 5; Mon, 4 May 2026"


def mail(tools, *fields):
    """A mail with these on top: A-R without a name, Received as `R:…`."""
    lines = [f"Received: {f[2:]}" if f.startswith("R:") else f"Authentication-Results: {f}" for f in fields]
    return "".join(f"{line}\r\n" for line in lines).encode() + tools.PLAIN


def level(world, tools, *fields):
    return world.prove(mail(tools, *fields)).level


@pytest.mark.parametrize("fields", [
    (GOOD,),
    (GOOD, "R:" + OURS, "R:" + FOREIGN),
    ("R:" + OURS, GOOD, "R:" + FOREIGN),
    ("R:" + INNER, GOOD, "R:" + OURS, "R:" + FOREIGN),
    ("R:" + INNER, "R:" + OURS, GOOD, "R:" + FOREIGN),
    ("R:by mx.example.org (Postfix, from userid 5) id 6", "R:" + OURS, GOOD, "R:" + FOREIGN),
    (GOOD, "other.example; dmarc=fail header.from=uni.example"),
    ("mx.example.org; spf=pass smtp.mailfrom=ada@uni.example", GOOD),
    ("mx.example.org; none", GOOD),
])  # fmt: skip
def test_our_border_is_believed_where_it_writes(world, tools, fields):
    """Above or below its own Received, before or after a content filter; nothing is asked of DNS then."""
    world.relay("mx.example.org")
    content = mail(tools, *fields)
    proof = world.prove(content)
    assert (proof.level, proof.how, proof.domain, "dkim" in proof.details) == ("A", "relay", "uni.example", True)
    assert questions(tools.parsed(content), content, world.trusted, world.envelope) == ()


FORGED = {
    "below a stranger's Received": ("R:" + OURS, "R:" + FOREIGN, GOOD),
    "below all": ("R:" + OURS, "R:" + FOREIGN, "R:" + FOREIGN, GOOD),
    "no Received of ours at all": ("R:" + FOREIGN, GOOD),
    "below a claimed hop of ours": ("R:" + EVIL, "R:" + CLAIM, GOOD),
    "below two claimed hops": ("R:" + EVIL, "R:" + CLAIM, "R:" + INNER, GOOD),
    "stranger calls himself localhost": (
        "R:" + EVIL.replace("from evil.example", "from localhost"), "R:" + CLAIM, GOOD),
    "stranger calls himself us": (
        "R:" + EVIL.replace("from evil.example", "from mx.example.org"), "R:" + CLAIM, GOOD),
    "stranger without a name calls himself us": (
        "R:from mx.example.org (unknown [192.0.2.66]) by mx.example.org id 7", "R:" + CLAIM, GOOD),
    "our name in a comment of Received": ("R:from a (by mx.example.org) by evil.example id 8", GOOD),
    "our name in the HELO": ("R:from by (mx.example.org) by evil.example id 9", GOOD),
    "our name behind the semicolon": ("R:from a; by mx.example.org", GOOD),
    "our name as a prefix": ("R:from a (a [10.0.0.1]) by mx.example.org.evil.example id 10", GOOD),
    "beside our own word": (GOOD, "R:" + OURS, GOOD),
    "beside our own no": ("mx.example.org; dmarc=fail header.from=uni.example", "R:" + OURS, GOOD),
    "beside our own none": ("mx.example.org; dmarc=none header.from=uni.example", GOOD),
    "twice in one field": (GOOD + "; dmarc=pass header.from=uni.example",),
    "another id": (GOOD.replace("mx.example.org", "mx.evil.example"),),
    "our id in other case": (GOOD.replace("mx.", "MX."),),
    "our id as a prefix": (GOOD.replace("mx.example.org", "mx.example.org.evil"),),
    "our id as a suffix": (GOOD.replace("mx.", "evil.mx."),),
    "our id in a comment": ("(mx.example.org) evil; dmarc=pass header.from=uni.example",),
    "our id behind another": ("evil mx.example.org; dmarc=pass header.from=uni.example",),
    "no id": ("; dmarc=pass header.from=uni.example",),
    "result in a comment": ("mx.example.org; spf=fail (; dmarc=pass header.from=uni.example)",),
    "result in a nested comment": ("mx.example.org; spf=fail (a (b) ; dmarc=pass header.from=uni.example)",),
    "result behind an escaped bracket": ("mx.example.org; spf=fail (\\); dmarc=pass header.from=uni.example)",),
    "result in a reason": ('mx.example.org; spf=fail reason="; dmarc=pass header.from=uni.example"',),
    "result in a value": ('mx.example.org; spf=fail smtp.mailfrom="a; dmarc=pass header.from=uni.example"@evil.example',),
    "result behind an escaped quote": ('mx.example.org; spf=fail reason="\\"; dmarc=pass header.from=uni.example"',),
    "result as a property": ("mx.example.org; spf=fail dmarc=pass header.from=uni.example",),
    "result of another method": ("mx.example.org; x-dmarc=pass header.from=uni.example",),
    "result that only begins so": ("mx.example.org; dmarc=passed header.from=uni.example",),
    "another result": ("mx.example.org; dmarc=bestguesspass header.from=uni.example",),
    "another From": (GOOD.replace("from=uni.example", "from=evil.example"),),
    "From as a suffix": (GOOD.replace("from=uni.example", "from=uni.example.evil.example"),),
    "From twice": (GOOD + " header.from=evil.example",),
    "From missing": ("mx.example.org; dmarc=pass",),
    "From of another kind": ("mx.example.org; dmarc=pass smtp.from=uni.example",),
    "unknown version": (GOOD.replace("mx.example.org;", "mx.example.org 2;"),),
    "unknown method version": (GOOD.replace("dmarc=", "dmarc/2="),),
    "something not understood": (GOOD + "; what is this",),
    "a bare property": (GOOD + " action=none",),
    "an open comment": (GOOD + " (",),
    "an open quote": (GOOD + ' header.x="',),
    "comments too deep": (GOOD + " " + "(" * 9 + ")" * 9,),
    "too long": (GOOD + " (" + "x" * 8192 + ")",),
    "not ASCII": (GOOD + " (å)",),
    "an unreadable field of ours beside it": (GOOD, "mx.example.org; what is this"),
    "more fields than anybody writes": (*tuple(["mx.example.org; spf=none" + " (x)" * 100] * 40), GOOD),
}  # fmt: skip


@pytest.mark.parametrize("name", FORGED)
def test_no_forged_word_is_believed(world, tools, name):
    """Placements, names, comments, quotes, doubles: never A."""
    world.relay("mx.example.org")
    message = tools.parsed(mail(tools, GOOD))
    assert world.prove(mail(tools, GOOD), message).level == "A"
    assert level(world, tools, *FORGED[name]) == "N"


def test_a_direct_peer_has_no_word(world, tools):
    """Whoever may connect may write such fields."""
    world.relay("mx.example.org")
    world.envelope = world.sent_by("ada@uni.example").envelope.__class__(
        world.envelope.reverse_path, world.envelope.forward_paths, "smtp", Peer("192.0.2.1", relay=False)
    )
    assert level(world, tools, GOOD) == "N"


def test_without_an_id_nobody_has_a_word(world, tools):
    """`authserv_ids = []` is the default."""
    world.relay()
    assert level(world, tools, GOOD) == "N"
    assert level(world, tools, GOOD.replace("mx.example.org", "")) == "N"


def test_damaged_mail_has_no_word(world, tools):
    """A defect lowers a relay's word as it lowers a signature."""
    world.relay("mx.example.org")
    assert world.prove(mail(tools, GOOD), defects=("bare LF",)).level == "N"


def test_further_hosts_of_ours_are_named_in_the_configuration(world, tools):
    """The id need not be a host name."""
    inner = "R:from mx1.example.org (mx1.example.org [192.0.2.9]) by store.example.org with LMTP id 11"
    outer = "R:from mail.uni.example (mail.uni.example [192.0.2.1]) by mx1.example.org with ESMTPS id 12"
    word = GOOD.replace("mx.example.org", "example.org")
    assert level(world.relay("example.org"), tools, inner, word, outer) == "N"
    world.relay("example.org", hosts=("mx1.example.org", "Store.Example.Org"))
    for fields in ((inner, word, outer), (inner, outer, word, "R:" + FOREIGN)):
        assert level(world, tools, *fields) == "A"
    assert level(world, tools, inner, outer, "R:" + FOREIGN, word) == "N"


@pytest.mark.parametrize(("dkim", "strong"), [
    ("dkim=pass header.d=uni.example", True), ("dkim=pass header.i=@uni.example", True),
    ("dkim=pass header.d=UNI.example", True), ("dkim=fail header.d=uni.example", False),
    ("dkim=pass header.d=evil.example", False), ("dkim=pass header.d=example", False),
    ("dkim=pass", False), ("spf=pass smtp.mailfrom=uni.example", False),
    ("dkim=pass header.d=evil.example header.i=@uni.example", False),
    ("dkim=pass header.d=evil.example; dkim=pass header.d=uni.example", True),
    ("dkim=pass header.d=mail.uni.example", True),
])  # fmt: skip
def test_a_relays_word_with_dkim_counts_for_more(world, tools, dkim, strong):
    """`dkim` among the details only for an aligned dkim=pass in the same field."""
    world.relay("mx.example.org").dmarc("uni.example", "v=DMARC1; p=none")
    proof = world.prove(mail(tools, f"mx.example.org; {dkim}; dmarc=pass header.from=uni.example"))
    assert (proof.level, "dkim" in proof.details) == ("A", strong)
    assert not world.prove(
        mail(tools, "mx.example.org; dmarc=pass header.from=uni.example", f"mx.example.org; {dkim}")
    ).details[1:]


def relayed(world, content):
    word = "mx.example.org; dkim=pass header.d=uni.example; dmarc=pass header.from=uni.example"
    return world.prove(b"Authentication-Results: " + word.encode() + b"\r\n" + content)


def test_the_marks_and_the_time_of_a_relayed_mail_are_those_of_the_oldest_signature(world, tools, key):
    """The border does not say which one passed. Whoever has an old mail can put up to seven fresh ones on top of it."""
    world.relay("mx.example.org")
    old = int(world.now.timestamp()) - 30 * 3600
    content = tools.dkim_sign(tools.PLAIN, key, t=str(old))
    first = relayed(world, content)
    assert (first.level, len(first.signatures), first.signed.timestamp()) == ("A", 1, old)
    for number in range(7):
        content = tools.dkim_sign(content, key, bh="AAAA", t=str(old + 29 * 3600 + number))
    again = relayed(world, content)
    assert (again.level, again.signed.timestamp()) == ("A", old)
    assert set(first.signatures) <= set(again.signatures)


@pytest.mark.parametrize("tags", [{"a": "rsa-sha1"}, {"d": "UNI.example", "l": "5"}, {"t": None, "h": "from:to"}])
def test_a_signature_that_we_cannot_date_leaves_a_relayed_mail_without_a_time(world, tools, key, tags):
    """It may be the one that passed there: then nobody vouches for when it was."""
    world.relay("mx.example.org")
    content = tools.dkim_sign(tools.dkim_sign(tools.PLAIN, key, **tags), key)
    assert (relayed(world, content).level, relayed(world, content).signed) == ("A", None)
    other = tools.dkim_sign(tools.dkim_sign(tools.PLAIN, key, **tags | {"d": "list.example"}), key)
    assert relayed(world, other).signed is not None


def test_dns_out_of_reach_does_not_hold_up_a_relays_word(world, tools):
    """Alignment of a sub-domain's signature is then not known: A, without dkim, at once."""
    world.relay("mx.example.org")
    world.dns |= {f"_dmarc.{name}": Unreachable() for name in ("example", "uni.example", "mail.uni.example")}
    proof = world.prove(
        mail(tools, "mx.example.org; dkim=pass header.d=mail.uni.example; dmarc=pass header.from=uni.example")
    )
    assert (proof.level, proof.pending, "dkim" in proof.details) == ("A", False, False)


def test_our_borders_no_is_a_failure_under_a_policy(world, tools, key):
    """dmarc=fail by our border: SPF was evaluated there. Our own pass is stronger than its no."""
    world.relay("mx.example.org").dmarc("uni.example", "v=DMARC1; p=reject")
    word = "mx.example.org; dmarc=fail header.from=uni.example"
    assert level(world, tools, word) == "F"
    assert level(world.relay("mx.example.org", verify_dkim=False), tools, word) == "F"
    assert level(world, tools, "mx.example.org; spf=none") == "N"
    world.relay("mx.example.org")
    signed = b"Authentication-Results: " + word.encode() + b"\r\n" + tools.dkim_sign(tools.PLAIN, key)
    assert world.prove(signed).level == "S"
    assert level(world.dmarc("uni.example", "v=DMARC1; p=none"), tools, word) == "N"


def test_our_own_verification_stands_in_where_the_border_says_nothing(world, tools, key):
    """A relay without such fields: S by our own eyes."""
    world.relay("mx.example.org")
    assert world.prove(tools.dkim_sign(tools.PLAIN, key)).level == "S"


@pytest.mark.parametrize("text", [
    'mx.example.org; dkim=pass (2048-bit key; unprotected) header.d=uni.example header.i=@uni.example header.b="a/b+c="; dmarc=pass (p=none dis=none) header.from=uni.example',
    "mx.example.org;\tdkim=pass header.i=@uni.example header.s=sel header.b=a/b+c=;  spf=pass (mx: domain of ada@uni.example designates 1.2.3.4) smtp.mailfrom=ada@uni.example; dmarc=pass (p=NONE sp=NONE dis=NONE) header.from=uni.example;",
    'mx.example.org 1; dmarc / 1 = pass header . from = "uni.example"',
    'mx.example.org; arc=none; dmarc=pass reason="a \\"b\\"" header.from=uni.example policy.dmarc=none; iprev=pass policy.iprev=2001:db8::1',
    "(a (b)) mx.example.org (c); (d) dmarc (e) = (f) pass (g) header (h) . (i) from (j) = (k) uni.example (l)",
])  # fmt: skip
def test_what_servers_really_write_is_read(text):
    """Forms of opendkim, Gmail, rspamd, and the outer edge of the grammar."""
    read = read_results(text)
    assert read.authserv_id == "mx.example.org"
    dmarc = [result for result in read.results if result.method == "dmarc"]
    assert [(result.result, result.only("header.from")) for result in dmarc] == [("pass", "uni.example")]


def test_properties_keep_their_order_and_values():
    """What is inside quotes is the value, nothing else is."""
    read = read_results('m; dkim=pass header.b="x;y" header.i="a b"@uni.example')
    assert read.results == (Result("dkim", "pass", (("header.b", "x;y"), ("header.i", "a b@uni.example"))),)


@given(st.text('mxd=pa;(.)"\\/1 kc\x00å', max_size=60))
@settings(max_examples=400, deadline=None)
def test_any_text_is_read_or_void(text):
    """No exception, whatever stands there."""
    read_results("m;" + text)
    read_results(text)


@pytest.mark.parametrize("text", ["(" * 128_000, "m; a=b " + "(x)" * 40_000, 'm; a=b c.d="' + "\\" * 128_000, " " * 128_000,
                                  "m; " + "a=b;" * 30_000, "m" * 128_000, "m; a=b" + " c.d=e" * 20_000])  # fmt: skip
def test_long_fields_cost_nothing(text):
    """At most 8192 octets are looked at."""
    start = time.process_time()
    read_results(text)
    assert time.process_time() - start < 0.2
