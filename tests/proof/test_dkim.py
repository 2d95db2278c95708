"""Signatures of strangers: what passes, what is refused and why (trust.md §1.2)."""

import base64
import time
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mailflow.proof import questions
from mailflow.proof.dns import Found, Missing, Trusted, Unreachable
from mailflow.proof.header import split_header
from mailflow.proof.signature import read_signature
from mailflow.proof.tags import TagError, parse_tags

KEY = "sel._domainkey.uni.example"


@pytest.mark.parametrize(
    "forms", ["relaxed/relaxed", "relaxed/simple", "simple/simple", "simple/relaxed", "relaxed", None]
)
@pytest.mark.parametrize("kind", ["rsa", "ed25519", "short"])
def test_every_form_and_kind_passes(world, tools, keys, forms, kind):
    """RSA of 1024 and 2048 bits, Ed25519; all canonical forms, also left out."""
    world.dns[KEY] = Found((tools.record(keys[kind]),))
    proof = world.prove(tools.dkim_sign(tools.PLAIN, keys[kind], c=forms))
    assert (proof.level, proof.domain, proof.full) == ("S", "uni.example", kind != "short"), proof.details


@pytest.mark.parametrize(("what", "old", "new"), [
    ("body", b"register me", b"register ME"),
    ("added body", b"me.\r\n", b"me.\r\nAnd all my friends.\r\n"),
    ("subject", b"Subject: register", b"Subject: cancel"),
    ("recipient", b"To: gan@", b"To: other@"),
    ("sender", b"<ada@uni.example>", b"<eve@uni.example>"),
    ("h=", b"h=from:to:", b"h=from:"),
    ("time", b"t=1777", b"t=1776"),
])  # fmt: skip
def test_what_was_signed_cannot_be_changed(world, tools, key, what, old, new):
    """One octet elsewhere and it is nobody's signature."""
    signed = tools.dkim_sign(tools.PLAIN, key)
    assert old in signed
    proof = world.prove(signed.replace(old, new))
    assert proof.level == "N"
    assert "dkim=fail" in proof.details[0]


REFUSALS = [
    ({"a": "rsa-sha1"}, "a= is neither"),
    ({"a": "ecdsa-sha256"}, "a= is neither"),
    ({"l": "20"}, "l= is not taken"),
    ({"v": None}, "v= is missing"),
    ({"a": None}, "a= is missing"),
    ({"d": None}, "d= is missing"),
    ({"s": None}, "s= is missing"),
    ({"h": None}, "h= is missing"),
    ({"bh": None}, "bh= is missing"),
    ({"bh": ""}, "bh= is missing"),
    ({"v": "2"}, "v= is not 1"),
    ({"v": "01"}, "v= is not 1"),
    ({"bh": "!!!!"}, "base64"),
    ({"b": "!!!!"}, "base64"),
    ({"b": "AAA"}, "base64"),
    ({"b": ""}, "b= is missing"),
    ({"h": "to:subject"}, "h= lacks From"),
    ({"h": ""}, "h= is missing"),
    ({"h": "from::to"}, "h= is no list"),
    ({"h": "from:fr om"}, "h= is no list"),
    ({"h": ":".join(["from"] * 101)}, "more than 100 names"),
    ({"t": "1777887000", "x": "1777888000"}, "x= is past"),
    ({"t": "1777890000", "x": "1777889999"}, "x= is before t="),
    ({"t": "1777889500"}, "t= is ahead"),
    ({"t": "1777888800000"}, "digits"),
    ({"t": "-1"}, "digits"),
    ({"t": "1e9"}, "digits"),
    ({"x": "9" * 13}, "digits"),
    ({"i": "@evil.example"}, "i= is not within"),
    ({"i": "ada@evil-uni.example"}, "i= is not within"),
    ({"i": "ada@example"}, "i= is not within"),
    ({"i": "uni.example"}, "i= is not within"),
    ({"q": "dns/txt:http"}, "q= is not"),
    ({"q": "http"}, "q= is not"),
    ({"d": "example"}, "public suffix"),
    ({"d": "uni..example"}, "d= is no domain"),
    ({"d": ".uni.example"}, "d= is no domain"),
    ({"d": "uni.example."}, "d= is no domain"),
    ({"d": "-uni.example"}, "d= is no domain"),
    ({"d": "uni_1.example"}, "d= is no domain"),
    ({"d": "a" * 64 + ".example"}, "d= is no domain"),
    ({"d": ".".join(["abcdefgh"] * 29)}, "d= is no domain"),
    ({"d": "uni.example/x"}, "d= is no domain"),
    ({"s": "a..b"}, "s= is no selector"),
    ({"s": "a b"}, "s= is no selector"),
    ({"s": "*"}, "s= is no selector"),
    ({"s": ".".join(["abcdefgh"] * 28)}, "s= is no selector"),
    ({"c": "nowsp/simple"}, "c= is not of"),
    ({"c": "simple/simple/simple"}, "c= is not of"),
    ({"z": " " * 21 + "x"}, "run of more than 20 blanks"),
    ({"z": "\r\n \r\n " * 5 + "x"}, "run of more than 20 blanks"),
    ({"z": "x" * 8200}, "longer than 8192"),
    ({"z": "\x00"}, "outside printable"),
    ({"1z": "x"}, "not a list of tags"),
    ({"": "x"}, "not a list of tags"),
    ({"z": "x; v=1"}, "a tag occurs twice"),
    ({"z": "x; Z"}, "not a list of tags"),
    ({"z": "x" + ";y" * 3}, "not a list of tags"),
    ({f"z{n}": "x" for n in range(60)}, "more than 50 tags"),
]  # fmt: skip


@pytest.mark.parametrize(("tags", "reason"), REFUSALS, ids=[f"{n}-{reason}" for n, (_, reason) in enumerate(REFUSALS)])
def test_a_signature_in_bad_form_is_a_permerror(world, tools, key, tags, reason):
    """The word is permerror, the reason is given, and no key is worth asking for."""
    signed = tools.dkim_sign(tools.PLAIN, key, **tags)
    proof = world.prove(signed)
    assert proof.level == "N"
    assert any("dkim=permerror" in detail and reason in detail for detail in proof.details), proof.details


SPOILT = [
    (b"v=DKIM2; p=%p", "v= is not DKIM1"),
    (b"k=rsa; v=DKIM1; p=%p", "v= is not DKIM1"),
    (b"k=ed25519; p=%p", "k= does not fit"),
    (b"k=dsa; p=%p", "k= does not fit"),
    (b"v=DKIM1; p=", "revoked"),
    (b"v=DKIM1", "revoked"),
    (b"p=!!!", "base64"),
    (b"p=AAAA", "cannot be read"),
    (b"p=%p; p=%p", "twice"),
    (b"h=sha1; p=%p", "h= lacks sha256"),
    (b"h=; p=%p", "h= lacks sha256"),
    (b"s=tlsrpt; p=%p", "s= is not for email"),
    (b"p=%p; n=" + b"x" * 2048, "longer than 2048"),
    (b"\xff\xfe", "outside printable"),
    (b"", "revoked"),
    (b"v=spf1 -all", "v= is not DKIM1"),
]


@pytest.mark.parametrize(("spoilt", "reason"), SPOILT, ids=[reason for _, reason in SPOILT])
def test_a_key_that_may_not_serve_is_a_permerror(world, tools, key, spoilt, reason):
    """RFC 6376 §3.6.1, one row a rule."""
    public = tools.record(key).rpartition(b"p=")[2]
    world.dns[KEY] = Found((spoilt.replace(b"%p", public),))
    proof = world.prove(tools.dkim_sign(tools.PLAIN, key))
    assert proof.level == "N"
    assert "dkim=permerror" in proof.details[0]
    assert reason in proof.details[0]


@pytest.mark.parametrize("good", [b"p=%p", b"v=DKIM1;p=%p;", b"v=DKIM1; h=sha1:sha256; s=email; t=s; n=hello; p=%p",
                                  b"s=*; k=rsa; unknown=1; p=%p"])  # fmt: skip
def test_a_key_in_any_good_form_serves(world, tools, key, good):
    """What RFC 6376 leaves free is free."""
    world.dns[KEY] = Found((good.replace(b"%p", tools.record(key).rpartition(b"p=")[2]),))
    assert world.prove(tools.dkim_sign(tools.PLAIN, key)).level == "S"


def test_a_key_bound_to_its_domain_signs_for_no_subdomain(world, tools, key):
    """`t=s` and `i=` below `d=`."""
    world.dns[KEY] = Found((tools.record(key) + b"; t=s",))
    assert "t=s" in world.prove(tools.dkim_sign(tools.PLAIN, key, i="ada@cs.uni.example")).details[0]
    assert world.prove(tools.dkim_sign(tools.PLAIN, key, i="ada@uni.example")).level == "S"


def test_a_key_in_testing_proves_nothing_and_accuses_nobody(world, tools, key):
    """`t=y`: N, also where the policy is reject, for the signature did fit."""
    world.dns[KEY] = Found((tools.record(key) + b"; t=y:s",))
    world.dmarc("uni.example", "v=DMARC1; p=reject")
    proof = world.prove(tools.dkim_sign(tools.PLAIN, key))
    assert proof.level == "N"
    assert "dkim=testing" in proof.details[0]


@pytest.mark.parametrize(
    ("bits", "exponent"), [(512, 65537), (1016, 65537), (8192, 65537), (2048, 65536), (2048, 1), (2048, 2**33 + 1)]
)
def test_keys_of_odd_sizes_are_refused(world, tools, key, bits, exponent):
    """Too small to prove anything, or large enough to cost something. The keys are made of plain numbers."""
    world.dns[KEY] = Found((b"p=" + base64.b64encode(rsa_der((1 << bits - 1) | 1, exponent)),))
    proof = world.prove(tools.dkim_sign(tools.PLAIN, key))
    assert "dkim=permerror" in proof.details[0], proof.details
    assert "key:" in proof.details[0]


def rsa_der(modulus, exponent):
    def piece(tag, octets):
        size = len(octets)
        length = (
            bytes([size])
            if size < 128
            else bytes([0x80 | (size.bit_length() + 7) // 8]) + size.to_bytes((size.bit_length() + 7) // 8, "big")
        )
        return bytes([tag]) + length + octets

    return piece(0x30, b"".join(piece(2, n.to_bytes(n.bit_length() // 8 + 1, "big")) for n in (modulus, exponent)))


def test_no_key_and_two_keys_are_permerrors(world, tools, key):
    """NXDOMAIN, an empty answer and an ambiguous one say that the domain has no such key."""
    signed = tools.dkim_sign(tools.PLAIN, key)
    for answer in (Missing(), Missing(exists=True), Found(()), Found((tools.record(key),) * 2)):
        world.dns[KEY] = answer
        proof = world.prove(signed)
        assert (proof.level, proof.pending) == ("N", False)
        assert "dkim=permerror" in proof.details[0]


def test_an_unreachable_key_is_neither_proof_nor_guilt(world, tools, key):
    """A temperror waits; it is not a permerror, and never F."""
    world.dns[KEY] = Unreachable()
    world.dmarc("uni.example", "v=DMARC1; p=reject")
    proof = world.prove(tools.dkim_sign(tools.PLAIN, key))
    assert (proof.level, proof.pending) == ("N", True)
    assert "dkim=temperror" in proof.details[0]


def test_one_good_signature_makes_up_for_a_dead_name_server(world, tools, key):
    """Nothing is waited for when the proof is there."""
    signed = tools.dkim_sign(tools.dkim_sign(tools.PLAIN, key), key, s="other")
    world.dns["other._domainkey.uni.example"] = Unreachable()
    proof = world.prove(signed)
    assert (proof.level, proof.pending) == ("S", False)


def test_the_replay_marks_do_not_hang_on_folding(world, tools, key):
    """SHA-256 of what `b=` encodes, for each signature that vouches."""
    signed = tools.dkim_sign(tools.PLAIN, key)
    value = signed.partition(b"; b=")[2].partition(b"\r\n")[0]
    folded = signed.replace(value, value[:50] + b"\r\n " + value[50:90] + b"\t" + value[90:], 1)
    proof, again = world.prove(signed), world.prove(folded)
    assert proof.signatures == again.signatures
    assert (again.level, len(proof.signatures), len(proof.signatures[0])) == ("S", 1, 64)


def test_a_signature_written_otherwise_has_the_same_mark(world, tools, key):
    """Base64 has idle bits, and `b=` is not signed: other text, the same octets, and it still passes."""
    signed = tools.dkim_sign(tools.PLAIN, key)
    signs = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    at = signed.index(b"==\r\n") - 1
    last = signs.index(signed[at])
    proof = world.prove(signed)
    for idle in range(1, 16):
        other = signed[:at] + signs[last ^ idle : (last ^ idle) + 1] + signed[at + 1 :]
        again = world.prove(other)
        assert (other != signed, again.level, again.signatures) == (True, "S", proof.signatures)


def test_only_what_vouches_has_a_mark(world, tools, key):
    """A broken signature, a stranger's and one in bad form could mark mails that are still to come."""
    broken = tools.dkim_sign(tools.PLAIN, key).replace(b"register me", b"cancel me")
    assert world.prove(broken).signatures == ()
    signed = tools.dkim_sign(tools.PLAIN, key)
    for one in ({"d": "list.example"}, {"l": "5"}, {"bh": "AAAA"}):
        assert world.prove(tools.dkim_sign(signed, key, **one)).signatures == world.prove(signed).signatures


@pytest.mark.parametrize(("tags", "minutes"), [({}, 1), ({"t": None}, 1), ({"t": "1777885200"}, 60)])
def test_a_proof_knows_when_it_was_signed(world, tools, key, tags, minutes):
    """`t=`, else the signed Date, which is a minute before."""
    proof = world.prove(tools.dkim_sign(tools.PLAIN, key, **tags))
    assert proof.signed == world.now - timedelta(minutes=minutes)


def test_at_most_five_are_judged_and_those_of_the_sender_first(world, tools, key):
    """Seven strangers on top do not hide the one signature that counts."""
    signed = tools.dkim_sign(tools.PLAIN, key)
    for number in range(7):
        signed = tools.dkim_sign(signed, key, d=f"list{number}.example")
    proof = world.prove(signed)
    assert proof.level == "S"
    assert (len(proof.details), len(proof.signatures)) == (5, 1)
    proof = world.prove(tools.dkim_sign(signed, key, d="nine.example"))
    assert (proof.level, proof.details, proof.signatures) == ("N", ("more than 8 signatures",), ())


@pytest.mark.parametrize(("names", "level", "full"), [
    ("from:date:subject", "S", False),
    ("from:date:subject:to:message-id", "S", False),
    ("from:date:subject:to:content-type", "S", False),
    ("From : Date : Subject : To : Message-ID : Content-Type : x-none", "S", True),
    ("from:from:date:date:subject:subject:to:message-id:content-type", "S", True),
    ("from:subject", "N", False),
    ("from:date", "N", False),
    ("from", "N", False),
])  # fmt: skip
def test_what_has_to_be_signed_for_strong_and_for_full(world, tools, key, names, level, full):
    """From, Date and Subject for S; To, Message-ID and Content-Type too for the full mark."""
    proof = world.prove(tools.dkim_sign(tools.PLAIN, key, h=names))
    assert (proof.level, proof.full) == (level, full)


def test_a_copy_that_is_not_signed_is_not_full(world, tools, key):
    """Cc says as To does for whom a mail was meant: whoever sends it on could put us there."""
    names = "from:date:subject:to:message-id:content-type"
    signed = tools.dkim_sign(tools.PLAIN, key, h=names)
    copied = b"Cc: gan@events.example\r\n"
    assert world.prove(signed).full
    assert (world.prove(copied + signed).level, world.prove(copied + signed).full) == ("S", False)
    assert world.prove(tools.dkim_sign(copied + tools.PLAIN, key, h=f"{names}:cc")).full


def test_a_subject_that_is_not_there_need_not_be_signed(world, tools, key):
    """S asks for Subject only if present; Date always."""
    bare = tools.PLAIN.replace(b"Subject: register\r\n", b"")
    assert world.prove(tools.dkim_sign(bare, key, h="from:date")).level == "S"
    dateless = tools.PLAIN.replace(b"Date: Mon, 04 May 2026 09:59:00 +0000\r\n", b"")
    assert world.prove(tools.dkim_sign(dateless, key, h="from:date:subject")).level == "N"


@pytest.mark.parametrize(("age", "signed", "level"), [
    (timedelta(days=6, hours=23), True, "S"), (timedelta(days=7, hours=1), True, "N"),
    (timedelta(minutes=-9), True, "S"), (timedelta(minutes=-11), True, "N"),
    (timedelta(days=6, hours=23), False, "S"), (timedelta(days=7, hours=1), False, "N"),
    (timedelta(minutes=-50), False, "S"), (timedelta(minutes=-70), False, "N"),
])  # fmt: skip
def test_old_signatures_and_those_from_the_future_are_not_strong(world, tools, key, age, signed, level):
    """`t=`, else the signed Date: at most 7 days old and an hour ahead (`t=` itself ten minutes)."""
    moment = tools.NOW - age
    content = tools.PLAIN.replace(
        b"Mon, 04 May 2026 09:59:00 +0000", moment.strftime("%a, %d %b %Y %H:%M:%S +0000").encode()
    )
    proof = world.prove(tools.dkim_sign(content, key, t=str(int(moment.timestamp())) if signed else None))
    assert proof.level == level


@pytest.mark.parametrize("name", ["From", "Subject", "Date", "To", "Message-ID", "Content-Type", "Reply-To"])
def test_a_field_twice_is_nobodys_mail(world, tools, key, name):
    """On top, where many programs look, or at the end, where dkimpy does."""
    extra = f"{name}: x@evil.example\r\n".encode()
    base = tools.PLAIN if name != "Reply-To" else b"Reply-To: ada@uni.example\r\n" + tools.PLAIN
    signed = tools.dkim_sign(base, key)
    for content in (extra + signed, signed.replace(b"\r\n\r\nHello", b"\r\n" + extra + b"\r\nHello")):
        assert world.prove(content).level == "N"


def test_a_second_blanked_b_is_refused(world, tools, key):
    """dkimpy leaves out whatever looks like b=; a value inside another tag must not be changeable that way."""
    proof = world.prove(tools.dkim_sign(tools.PLAIN, key, z="x b=abc"))
    assert "b= stands in two places" in proof.details[0]


def test_damage_and_limits_lower_a_good_signature(world, tools, key):
    """A defect, a broken limit or an unusable From: N, whatever is signed, and nothing is asked."""
    signed = tools.dkim_sign(tools.PLAIN, key)
    for changes in ({"defects": ("bare LF",)}, {"refused": "300 fields"}, {"sender": None}):
        message = tools.parsed(signed, **changes)
        assert questions(message, signed, Trusted()) == ()
        proof = world.prove(signed, **changes)
        assert (proof.level, proof.pending, len(proof.details)) == ("N", False, 1)


def test_a_header_that_can_be_read_in_two_ways_is_damaged(world, tools, key):
    """What was parsed and what was signed have to be the same fields."""
    signed = tools.dkim_sign(tools.PLAIN, key)
    message = tools.parsed(signed)
    assert world.prove(signed, headers=message.headers[:-1]).level == "N"
    assert world.prove(signed, headers=(*message.headers, ("from", "eve@evil.example"))).level == "N"


HOSTILE = {
    "blanks in b=": lambda t: t.replace(b"; b=", b"; b=" + b" " * 100_000),
    "folds in b=": lambda t: t.replace(b"; b=", b"; b=" + b"\r\n " * 300),
    "nested blanks": lambda t: t.replace(b"; b=", b"; b" + b" \r\n" * 300 + b"="),
    "a mebibyte of tags": lambda t: t.replace(b"; b=", b"; b=" + b"a=b;" * 250_000),
    "semicolons": lambda t: t.replace(b"; b=", b";" * 8000 + b" b="),
    "equals signs": lambda t: t.replace(b"; b=", b"; b=" + b"=" * 8000),
    "many b=": lambda t: t.replace(b"; h=", b"; z=" + b" b=" * 2000 + b"; h="),
    "a long number": lambda t: t.replace(b"; t=", b"; t=" + b"9" * 8000),
    "many names": lambda t: t.replace(b"; h=", b"; h=" + b"a:" * 4000),
    "a body of blanks": lambda t: t + b" \t" * 2_000_000 + b"\r\n",
    "a body of empty lines": lambda t: t + b"\r\n" * 2_000_000,
    "300 fields of blanks": lambda t: (b"X: " + b" \t" * 200 + b"\r\n") * 285 + t,
    "colons": lambda t: b"X" + b":" * 8000 + b"\r\n" + t,
    "no line end": lambda t: b"X" * 3_000_000,
    "only folds": lambda t: b"From: a\r\n" + b" \r\n" * 40_000 + t,
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_signatures_cost_nothing(world, tools, key, name):
    """No exception, no pass, and a bounded time (50 ms on a free core; the bound here allows for a busy one)."""
    content = HOSTILE[name](tools.dkim_sign(tools.PLAIN, key))
    header = split_header(content)
    headers = tuple((f.name, f.value.decode("latin-1")) for f in header.fields) if header else ()
    message = replace(tools.parsed(tools.PLAIN), headers=headers)
    world.prove(tools.PLAIN)  # what is loaded once does not count
    start = time.process_time()
    asked = questions(message, content, world.trusted)
    proof = world.prove(content, message)
    assert time.process_time() - start < 0.5
    # Fields that nobody signed, and blanks that relaxed forms leave out, do no harm.
    assert proof.level == (
        "S" if name in {"300 fields of blanks", "colons", "a body of blanks", "a body of empty lines"} else "N"
    )
    assert len(asked) <= 40


def test_giant_answers_cost_nothing(world, tools, key):
    """A key record of a mebibyte, and a DMARC record of one."""
    world.dns[KEY] = Found((b"p=" + b"A" * 1_000_000,))
    world.dns["_dmarc.uni.example"] = Found((b"v=DMARC1;" + b"p=reject;" * 100_000,) * 3)
    start = time.process_time()
    assert world.prove(tools.dkim_sign(tools.PLAIN, key)).level == "N"
    assert time.process_time() - start < 0.5


@given(cuts=st.lists(st.tuples(st.integers(0, 900), st.binary(max_size=4), st.integers(0, 3)), min_size=1, max_size=4))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_mutation_of_a_header_raises_or_passes_changed(world, tools, key, cuts):
    """Octets put in and taken out anywhere: always a verdict. What is S still has the signed subject and text."""
    content = tools.dkim_sign(tools.PLAIN, key)
    for at, octets, gone in cuts:
        content = content[:at] + octets + content[at + gone :]
    header = split_header(content)
    headers = tuple((f.name, f.value.decode("latin-1")) for f in header.fields) if header else ()
    message = replace(tools.parsed(tools.PLAIN), headers=headers)
    asked = questions(message, content, world.trusted)
    assert all(name == name.lower() and len(name) <= 253 and name.isascii() for name in asked)
    proof = world.prove(content, message)
    assert proof.level in ("S", "N")
    assert not any("not judged" in detail for detail in proof.details)
    if proof.level == "S":
        assert header.named("subject")[0].value.split() == [b"register"]


@given(st.binary(max_size=300))
@settings(max_examples=200, deadline=None)
def test_tag_lists_are_read_or_refused(octets):
    """Any octets: tags or TagError."""
    try:
        tags = parse_tags(octets, 8192)
    except TagError:
        return
    assert all(name.isascii() and name[0].isalpha() for name, _ in tags.pairs)


@given(st.text("vabshdtxilqc=;:/ \r\n\t10@.", max_size=120))
@settings(max_examples=200, deadline=None)
def test_a_signature_field_is_read_or_refused(text):
    """Any text as DKIM-Signature: a value or a reason, no exception."""
    header = split_header(b"DKIM-Signature: " + text.encode().replace(b"\r\n", b"\r\n ") + b"\r\n\r\n")
    for field in header.fields if header else ():
        read_signature(field)
