"""Who speaks for whom: the walk, organisations, policies (RFC 9989, trust.md §1.3)."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailflow.mail.address import Address
from mailflow.proof import prove, questions
from mailflow.proof.dmarc import Unsettled, aligned, organisation, policy, question, read_record, walk
from mailflow.proof.dns import Found, Missing, Trusted, Unreachable


def dns(table, absent=None):
    """Answers for everything: what `table` has, else that there is nothing."""

    class Everything(dict):
        def get(self, name, default=None):
            return super().get(name, absent or Missing(exists=True))

    return Everything({question(n): a if not isinstance(a, str) else Found((a.encode(),)) for n, a in table.items()})


def test_the_walk_asks_at_most_eight_names_and_the_single_label_too():
    """More than seven labels: on at seven, then one label at a time."""
    assert walk("example") == ("example",)
    assert walk("a.b.example") == ("a.b.example", "b.example", "example")
    assert walk("g.f.e.d.c.b.a") == ("g.f.e.d.c.b.a", "f.e.d.c.b.a", "e.d.c.b.a", "d.c.b.a", "c.b.a", "b.a", "a")
    assert walk("h.g.f.e.d.c.b.a")[:2] == ("h.g.f.e.d.c.b.a", "g.f.e.d.c.b.a")
    assert walk("l.k.j.i.h.g.f.e.d.c.b.a")[:2] == ("l.k.j.i.h.g.f.e.d.c.b.a", "g.f.e.d.c.b.a")
    assert {len(walk(".".join("x" * n))) for n in range(8, 100)} == {8}


@pytest.mark.parametrize(("table", "domain", "top"), [
    ({}, "a.b.uni.example", "a.b.uni.example"),
    ({"uni.example": "v=DMARC1; p=none"}, "a.b.uni.example", "uni.example"),
    ({"uni.example": "v=DMARC1", "b.uni.example": "v=DMARC1"}, "a.b.uni.example", "uni.example"),
    ({"uni.example": "v=DMARC1", "b.uni.example": "v=DMARC1; psd=n"}, "a.b.uni.example", "b.uni.example"),
    ({"example": "v=DMARC1; psd=y"}, "a.b.uni.example", "uni.example"),
    ({"ac.example": "v=DMARC1; psd=y"}, "cs.uni.ac.example", "uni.ac.example"),
    ({"ac.example": "v=DMARC1; psd=y", "cs.uni.ac.example": "v=DMARC1"}, "cs.uni.ac.example", "uni.ac.example"),
    ({"ac.example": "v=DMARC1; psd=y"}, "ac.example", "ac.example"),
    ({"example": "v=DMARC1; p=none"}, "a.b.uni.example", "uni.example"),
    ({"f.e.d.c.b.a.example": "v=DMARC1; psd=y"}, "j.i.h.g.f.e.d.c.b.a.example", "g.f.e.d.c.b.a.example"),
    ({"uni.example": Found((b"v=DMARC1; p=none", b"v=DMARC1; p=reject"))}, "b.uni.example", "b.uni.example"),
    ({"uni.example": Found((b"v=spf1 -all", b"v=DMARC1"))}, "b.uni.example", "uni.example"),
    ({"uni.example": "v=DMARC2; p=none"}, "b.uni.example", "b.uni.example"),
    ({"uni.example": "p=none; v=DMARC1"}, "b.uni.example", "b.uni.example"),
    ({"uni.example": "v = DMARC1 ; psd = N"}, "b.uni.example", "uni.example"),
])  # fmt: skip
def test_the_organisation_is_found_by_the_walk(table, domain, top):
    """RFC 9989 §4.10.2, and a record of a top-level domain that forgot psd=y makes nobody its own."""
    assert organisation(domain, dns(table)) == top


NEAR_NAMES = [
    "uni.example-evil.org", "evil-uni.example", "uni.example.evil.org", "xuni.example", "uni.example2", "uni-example",
    "example", "uni.exampl", "un.example", "uni.example.uni", "other.example", "unі.example", "uni.example.org",
    "uni.example.example", "example.uni", "niu.example", "uni.examp1e", "mail-uni.example", "uni.example.com",
    "uni.evil.example", "uni.example.co", "u.ni.example", "unii.example", "uni.uni", "un-i.example", "uni.exemple",
    "xn--uni.example", "evil.example", "uniexample.org", "a.uni.example.net",
]  # fmt: skip


@pytest.mark.parametrize("name", NEAR_NAMES)
def test_names_that_only_look_alike_are_strangers(name):
    """Thirty names that text comparison might take for uni.example; each has a record of its own."""
    table = dns({"uni.example": "v=DMARC1; p=none", name: "v=DMARC1; p=none", "example": "v=DMARC1; psd=y"})
    assert not aligned("uni.example", name, table, "dkim")
    assert not aligned("cs.uni.example", name, table, "dkim")


@pytest.mark.parametrize(("record", "domain", "other", "expected"), [
    ("v=DMARC1; p=none", "uni.example", "uni.example", True),
    ("v=DMARC1; p=none", "uni.example", "mail.uni.example", True),
    ("v=DMARC1; p=none", "cs.uni.example", "uni.example", True),
    ("v=DMARC1; p=none", "cs.uni.example", "law.uni.example", True),
    ("v=DMARC1; p=none; adkim=s", "uni.example", "mail.uni.example", False),
    ("v=DMARC1; p=none; adkim=s", "cs.uni.example", "uni.example", False),
    ("v=DMARC1; p=none; adkim=s", "uni.example", "uni.example", True),
    ("v=DMARC1; p=none; aspf=s", "uni.example", "mail.uni.example", True),
    ("v=spf1 -all", "cs.uni.example", "uni.example", False),
])  # fmt: skip
def test_alignment_relaxed_and_strict(record, domain, other, expected):
    """One organisation, or with `adkim=s` the same name."""
    assert aligned(domain, other, dns({"uni.example": record}), "dkim") is expected


def test_equal_names_and_strangers_need_no_answer():
    """DNS out of reach changes nothing where the names say it all."""
    silent = dns({}, Unreachable())
    assert aligned("uni.example", "uni.example", silent, "dkim")
    assert not aligned("uni.example", "evil.org", silent, "dkim")
    with pytest.raises(Unsettled) as raised:
        aligned("uni.example", "mail.uni.example", silent, "dkim")
    assert raised.value.waiting
    with pytest.raises(Unsettled) as raised:
        aligned("uni.example", "mail.uni.example", {}, "dkim")
    assert not raised.value.waiting


@pytest.mark.parametrize(("table", "domain", "asked"), [
    ({}, "uni.example", None),
    ({"uni.example": "v=DMARC1; p=reject"}, "uni.example", "reject"),
    ({"uni.example": "v=DMARC1; p=Quarantine"}, "uni.example", "quarantine"),
    ({"uni.example": "v=DMARC1; p=reject; t=y"}, "uni.example", "quarantine"),
    ({"uni.example": "v=DMARC1; p=quarantine; t=y"}, "uni.example", "none"),
    ({"uni.example": "v=DMARC1; p=reject; pct=0"}, "uni.example", "reject"),
    ({"uni.example": "v=DMARC1; p=reject; sp=none"}, "cs.uni.example", "none"),
    ({"uni.example": "v=DMARC1; p=none; sp=reject"}, "cs.uni.example", "reject"),
    ({"uni.example": "v=DMARC1; p=reject"}, "cs.uni.example", "reject"),
    ({"uni.example": "v=DMARC1; p=reject", "cs.uni.example": "v=DMARC1; p=none"}, "cs.uni.example", "none"),
    ({"uni.example": "v=DMARC1"}, "uni.example", "none"),
    ({"uni.example": "v=DMARC1; p=whatever"}, "uni.example", "none"),
    ({"uni.example": "v=DMARC1; p=reject; sp=whatever"}, "uni.example", "none"),
    ({"uni.example": "v=DMARC1; p=reject; rua"}, "uni.example", "reject"),
    ({"uni.example": "v=DMARC1; ;; =x; p=reject"}, "uni.example", "reject"),
    ({"example": "v=DMARC1; psd=y; p=none; sp=reject"}, "uni.example", "reject"),
    ({"uni.example": Found((b"v=DMARC1; p=reject", b"v=DMARC1; p=reject"))}, "uni.example", None),
])  # fmt: skip
def test_the_policy_in_force(table, domain, asked):
    """Own record, else the organisation's `sp`, else the suffix's; `t=y` lowers it one step, `pct` does nothing."""
    assert policy(domain, dns(table)) == asked


@pytest.mark.parametrize(
    ("answer", "asked"), [(Missing(), "reject"), (Missing(exists=True), "none"), (Found((b"x",)), "none")]
)
def test_names_that_do_not_exist_have_a_policy_of_their_own(answer, asked):
    """`np` holds for NXDOMAIN only."""
    table = dns({"uni.example": "v=DMARC1; p=none; np=reject"})
    table["ghost.uni.example"] = answer
    assert policy("ghost.uni.example", table) == asked


@given(st.binary(max_size=80))
@settings(max_examples=200, deadline=None)
def test_a_record_is_read_or_is_none(octets):
    """Any octets: a record or None, no exception."""
    read_record("uni.example", (octets, b"v=DMARC1;" + octets))


# From here on through the door: `prove`.


def test_an_unsigned_mail_is_none_and_after_a_policy_failed(world, tools):
    """N under p=none or without a record, F under quarantine and reject."""
    assert world.prove(tools.PLAIN).level == "N"
    for asked, level in (("none", "N"), ("quarantine", "F"), ("reject", "F")):
        proof = world.dmarc("uni.example", f"v=DMARC1; p={asked}").prove(tools.PLAIN)
        assert (proof.level, proof.aligned, proof.domain) == (level, False, "")


def test_a_broken_signature_is_as_good_as_none(world, tools, key):
    """Under p=reject, with a changed body: F."""
    world.dmarc("uni.example", "v=DMARC1; p=reject")
    assert world.prove(tools.dkim_sign(tools.PLAIN, key)).level == "S"
    assert world.prove(tools.dkim_sign(tools.PLAIN, key) + b"more\r\n").level == "F"


def test_a_weak_but_aligned_pass_is_no_failure(world, tools, key):
    """Signed eight days ago, or without Date: not strong enough to act on, and no forgery."""
    world.dmarc("uni.example", "v=DMARC1; p=reject")
    assert world.prove(tools.dkim_sign(tools.PLAIN, key, h="from")).level == "N"


def test_a_strangers_signature_does_not_help(world, tools, key):
    """It passes, but for somebody else; nothing is asked about it."""
    signed = tools.dkim_sign(tools.PLAIN, key, d="evil.org")
    world.dns["sel._domainkey.evil.org"] = world.dns["sel._domainkey.uni.example"]
    assert world.prove(signed).level == "N"
    assert "dkim=neutral" in world.prove(signed).details[0]
    assert not any("evil.org" in name for name in questions(tools.parsed(signed), signed, Trusted()))
    assert world.dmarc("uni.example", "v=DMARC1; p=reject").prove(signed).level == "F"


def test_the_organisation_signs_for_its_departments(world, tools, key):
    """d=uni.example for ada@cs.uni.example, by the walk."""
    content = tools.PLAIN.replace(b"ada@uni.example", b"ada@cs.uni.example")
    signed = tools.dkim_sign(content, key)
    assert world.prove(signed).level == "N"
    proof = world.dmarc("uni.example", "v=DMARC1; p=none").prove(signed)
    assert (proof.level, proof.domain) == ("S", "uni.example")
    assert world.dmarc("uni.example", "v=DMARC1; p=none; adkim=s").prove(signed).level == "N"


def test_a_public_suffix_signs_for_nobody(world, tools, key):
    """A name whose record says psd=y, even for mail from itself."""
    world.dmarc("uni.example", "v=DMARC1; p=none; psd=y")
    proof = world.prove(tools.dkim_sign(tools.PLAIN, key))
    assert proof.level == "N"
    assert "public suffix" in proof.details[0]


def test_dns_out_of_reach_is_neither_proof_nor_guilt(world, tools, key):
    """Each name in turn, for mail that would be S, F or aligned by the walk: N and pending, or what it was; never F."""
    relaxed = tools.dkim_sign(tools.PLAIN.replace(b"ada@uni.example", b"ada@cs.uni.example"), key)
    world.dmarc("uni.example", "v=DMARC1; p=reject; np=none")
    for content, certain in ((relaxed, "S"), (tools.PLAIN, "F"), (tools.dkim_sign(tools.PLAIN, key), "S")):
        assert world.prove(content).level == certain
        for name in questions(tools.parsed(content), content, world.trusted):
            kept = world.dns.get(name)
            world.dns[name] = Unreachable()
            proof = world.prove(content)
            world.dns.pop(name)
            if kept is not None:
                world.dns[name] = kept
            assert (proof.level, proof.pending) in {("N", True), (certain, False)}, name


def test_without_any_resolver_everybody_is_none_and_nobody_waits(world, tools, key):
    """An answer that was never asked for will not come."""
    signed = tools.dkim_sign(tools.PLAIN, key)
    proof = prove(tools.parsed(signed), signed, world.envelope, {}, world.trusted, world.now)
    assert (proof.level, proof.pending) == ("N", False)
    proof = prove(tools.parsed(tools.PLAIN), tools.PLAIN, world.envelope, {}, world.trusted, world.now)
    assert (proof.level, proof.pending) == ("N", False)


@pytest.mark.parametrize(("path", "spf", "level"), [
    ("ada@uni.example", Found((b"v=spf1 -all",)), "N"), ("ada@uni.example", Found((b"hello",)), "F"),
    ("ada@uni.example", Missing(), "F"), ("eve@evil.org", Found((b"v=spf1 -all",)), "F"), (None, Found((b"v=spf1 -all",)), "N"),
])  # fmt: skip
def test_nobody_is_a_forger_while_spf_could_still_speak_for_him(world, tools, path, spf, level):
    """SPF is not evaluated yet: where an aligned reverse path has a record, DMARC has not failed."""
    world.dmarc("uni.example", "v=DMARC1; p=reject").sent_by(path)
    world.dns["uni.example"] = spf
    assert world.prove(tools.PLAIN).level == level


def test_the_questions_are_valid_names_and_at_most_forty(world, tools, key):
    """Five long signers around a long sender: 40 names, each one asked once."""
    deep = ".".join(f"l{n}" for n in range(20)) + ".uni.example"
    content = tools.PLAIN.replace(b"uni.example>", deep.encode() + b">", 1)
    for number in range(8):
        content = tools.dkim_sign(content, key, d=f"{'x.' * (number + 9)}n{number}.uni.example")
    asked = questions(tools.parsed(content), content, Trusted())
    assert len(asked) == len(set(asked)) <= 40
    assert deep in asked
    assert f"_dmarc.{deep}" in asked
    assert sum("_domainkey" in name for name in asked) == 5
    assert all(name == name.lower() and not name.endswith(".") and len(name) <= 253 for name in asked)


def test_nothing_is_asked_when_dkim_is_not_ours_to_verify(world, tools, key):
    """`trust.verify_dkim = false`: only the border's word counts."""
    signed = tools.dkim_sign(tools.PLAIN, key)
    assert questions(tools.parsed(signed), signed, Trusted(verify_dkim=False)) == ()
    world.trusted = Trusted(verify_dkim=False)
    assert world.prove(signed).level == "N"


def test_the_sender_is_a_domain_in_its_ascii_form(world, tools, key):
    """A U-label From is compared as its A-label."""
    content = tools.PLAIN.replace(b"uni.example", b"xn--vxj-qla.example")
    message = tools.parsed(content, sender=Address("ada", "xn--vxj-qla.example"))
    signed = tools.dkim_sign(content, key, d="XN--VXJ-QLA.example")
    world.dns["sel._domainkey.xn--vxj-qla.example"] = world.dns["sel._domainkey.uni.example"]
    headers = (("dkim-signature", "x"), *message.headers)
    assert world.prove(signed, sender=message.sender, headers=headers).level == "S"


DEEP = ".".join("abcdefghijklmnopqrstuvwxyz")


@pytest.mark.parametrize(("table", "one", "other", "expected"), [
    ({"uni.example": "v=DMARC1"}, f"{DEEP}.uni.example", "uni.example", True),
    ({"uni.example": "v=DMARC1"}, f"{DEEP}.uni.example", f"x.{DEEP}.uni.example", True),
    ({"uni.example": "v=DMARC1"}, f"{DEEP}.uni.example", f"{DEEP}.evil.example", False),
    ({}, f"{DEEP}.uni.example", "uni.example", False),
    ({"uni.example": "v=DMARC1; psd=n"}, "a.b.uni.example", "c.uni.example", True),
    ({"b.uni.example": "v=DMARC1; psd=n", "uni.example": "v=DMARC1"}, "a.b.uni.example", "c.uni.example", False),
    ({"b.uni.example": "v=DMARC1; psd=n", "uni.example": "v=DMARC1"}, "a.b.uni.example", "b.uni.example", True),
    ({"uni.example": "v=DMARC1; psd=y"}, "a.uni.example", "b.uni.example", False),
    ({"uni.example": "v=DMARC1; psd=y"}, "x.a.uni.example", "y.a.uni.example", True),
    ({"uni.example": "v=DMARC1; psd=y"}, "a.uni.example", "uni.example", False),
    ({"uni.example": "v=DMARC1; psd=y", "a.uni.example": "v=DMARC1"}, "x.a.uni.example", "a.uni.example", True),
    ({"example": "v=DMARC1"}, "uni.example", "evil.example", False),
])  # fmt: skip
def test_alignment_deep_in_the_tree_and_at_its_suffixes(table, one, other, expected):
    """`psd=n` ends an organisation from above, `psd=y` from below; a top-level domain is nobody's. RFC 9989 §4.10.2."""
    assert aligned(one, other, dns(table), "dkim") is expected
    assert aligned(one, other, dns(table), "spf") is expected
