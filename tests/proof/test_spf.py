"""SPF for a direct MX: pyspf's rules over answers from a table, the RFC's own cases, and hostile records."""

import json
import time
from dataclasses import replace
from pathlib import Path

import pytest

from mailflow.mail.address import Address
from mailflow.mail.envelope import Envelope, Peer
from mailflow.proof import questions
from mailflow.proof.dns import Found, Missing, Trusted, Unreachable
from mailflow.proof.spf import QUERIES, Spf, SpfQuestion, Wanted, evaluate, spf_question

# The test suite of RFC 7208 (rfc7208-tests.yml of pyspf, licence beside it), as JSON: one scenario a line.
SCENARIOS = json.loads((Path(__file__).parent / "rfc7208.json").read_text("utf-8"))
CASES = [(name, scenario, case) for scenario in SCENARIOS for name, case in scenario["tests"].items()]


def zone_of(rows):
    """name → [(type, value)], where records of type SPF count as TXT unless the name has TXT of its own."""
    zone = {}
    for name, records in rows.items():
        own = any(kind == "TXT" for kind, _ in records)
        zone[name] = [
            ("TXT" if kind == "SPF" and not own else kind, value)
            for kind, value in records
            if value not in ("NONE", ["NONE"])
        ]
    return zone


def lookup(zone, kind, name, depth=0):
    """What a resolver that follows aliases says."""
    if name not in zone:
        return Unreachable() if name.startswith("error.") else Missing()
    found = [value for each, value in zone[name] if each == kind]
    if "TIMEOUT" in found or (not found and ("TIMEOUT", "*") in zone[name]):
        return Unreachable()
    if found:
        return Found(tuple(as_octets(kind, value) for value in found))
    alias = [value for each, value in zone[name] if each == "CNAME"]
    return lookup(zone, kind, alias[0].lower(), depth + 1) if alias and depth < 8 else Missing(exists=True)


def as_octets(kind, value):
    if kind == "MX":
        return f"{value[0]} {value[1]}".encode()
    return "".join([value] if isinstance(value, str) else value).encode()


def ask(question, zone, limit=2 * QUERIES):
    """The result, and every name that was asked for."""
    answers = {}
    for _ in range(limit):
        step = evaluate(question, answers)
        if isinstance(step, Spf):
            return step, answers
        assert isinstance(step, Wanted)
        assert step.asked not in answers
        answers[step.asked] = lookup(zone, *step.asked)
    raise AssertionError("it asks without end")


@pytest.mark.parametrize(("name", "scenario", "case"), CASES, ids=[name for name, _, _ in CASES])
def test_the_suite_of_the_rfc(name, scenario, case):
    """203 cases: where the RFC leaves a choice, either result."""
    sender = case.get("mailfrom") or f"postmaster@{case['helo']}"
    question = SpfQuestion(case["host"], sender, sender.rpartition("@")[2], case["helo"])
    found, _ = ask(question, zone_of(scenario["zone"]))
    wanted = case["result"]
    assert found.result in ([wanted] if isinstance(wanted, str) else wanted), (found, case)


RECORD = {"uni.example": [("TXT", "v=spf1 ip4:192.0.2.0/24 -all")]}
DIRECT = Envelope(
    Address("ada", "uni.example"),
    (Address("gan", "events.example.org"),),
    "smtp",
    Peer("192.0.2.1", helo="mx.uni.example"),
)
ON = Trusted(spf=True)


@pytest.mark.parametrize(("why", "changes", "trusted"), [
    ("off, the default", {}, Trusted()),
    ("a relay of ours: its address is not the sender's", {"peer": Peer("192.0.2.1", relay=True)}, ON),
    ("a Unix socket", {"peer": Peer("")}, ON),
    ("no address", {"peer": Peer("mx.uni.example")}, ON),
    ("another organisation's path proves nothing about From", {"reverse_path": Address("ada", "evil.example")}, ON),
    ("nor does a name that only ends alike", {"reverse_path": Address("ada", "evil-uni.example")}, ON),
    ("a null path, and a HELO of another organisation", {"reverse_path": None, "peer": Peer("192.0.2.1", helo="mx.evil.example")}, ON),
    ("a null path, and an address literal", {"reverse_path": None, "peer": Peer("192.0.2.1", helo="[192.0.2.1]")}, ON),
])  # fmt: skip
def test_spf_is_asked_only_where_it_could_speak_for_from(tools, why, changes, trusted):
    """Nothing is looked up otherwise."""
    assert spf_question(tools.parsed(tools.PLAIN), replace(DIRECT, **changes), trusted) is None, why


def test_what_is_asked_has_been_checked(tools):
    """The address, MAIL FROM or the postmaster of the HELO name, and a HELO name that is a domain or "unknown"."""
    message = tools.parsed(tools.PLAIN)
    plain = SpfQuestion("192.0.2.1", "ada@uni.example", "uni.example", "mx.uni.example")
    assert spf_question(message, DIRECT, ON) == plain
    loud = replace(DIRECT, peer=Peer("192.0.2.1", helo="MX.Uni.Example."))
    assert spf_question(message, loud, ON) == plain
    null = replace(DIRECT, reverse_path=None)
    assert spf_question(message, null, ON) == SpfQuestion(
        "192.0.2.1", "postmaster@mx.uni.example", "mx.uni.example", "mx.uni.example"
    )
    for helo in ("[192.0.2.1]", "localhost", "%{l}.uni.example", "a b.example", "x" * 300, ""):
        assert spf_question(message, replace(DIRECT, peer=Peer("192.0.2.1", helo=helo)), ON).helo == "unknown"


class Direct:
    """A stranger's server, and what is said of a mail that it hands over."""

    def __init__(self, tools, world, zone):
        self.tools, self.world, self.zone = tools, world, zone
        world.trusted, world.envelope = ON, DIRECT

    def prove(self, content=None):
        content = content or self.tools.PLAIN
        message = self.tools.parsed(content)
        question = spf_question(message, self.world.envelope, self.world.trusted)
        return self.world.prove(content, message, spf=ask(question, self.zone)[0] if question else None)


@pytest.fixture
def direct(tools, world):
    return Direct(tools, world, RECORD)


def spf(text):
    return {"uni.example": [("TXT", text)]}


# SPF's record, DMARC's record, the level and why.
LEVELS = [
    ("v=spf1 ip4:192.0.2.0/24 -all", "v=DMARC1; p=reject", "M", "pass for an aligned domain with a DMARC record"),
    ("v=spf1 ip4:192.0.2.0/24 -all", "v=DMARC1; p=none", "M", "any policy will do"),
    ("v=spf1 ip4:192.0.2.0/24 -all", "v=DMARC1; aspf=s; p=reject", "M", "strict, and the names are equal"),
    ("v=spf1 +all", "v=DMARC1; p=reject", "M", "what the owner says, he says"),
    ("v=spf1 ip4:192.0.2.0/24 -all", None, "N", "no DMARC record"),
    ("v=spf1 ip4:198.51.100.0/24 -all", None, "N", "a fail without policy"),
    ("v=spf1 ip4:198.51.100.0/24 -all", "v=DMARC1; p=none", "N", "a fail that asks for nothing"),
    ("v=spf1 ip4:198.51.100.0/24 -all", "v=DMARC1; p=reject", "F", "neither DKIM nor SPF: DMARC failed"),
    ("v=spf1 ip4:198.51.100.0/24 -all", "v=DMARC1; p=quarantine", "F", "as reject"),
    ("v=spf1 ~all", "v=DMARC1; p=reject", "F", "softfail is no pass"),
    ("v=spf1 ?all", "v=DMARC1; p=reject", "F", "neutral is no pass"),
    ("v=spf1 ?all", "v=DMARC1; p=none", "N", "neutral proves nothing"),
    ("no record", "v=DMARC1; p=reject", "F", "none is no pass"),
    ("v=spf1 nonsense", "v=DMARC1; p=reject", "N", "permerror is neither proof nor guilt"),
    ("v=spf1 +all +all nonsense", "v=DMARC1; p=reject", "N", "an error anywhere voids the record"),
    ("v=spf1 include:uni.example -all", "v=DMARC1; p=reject", "N", "a record in a circle"),
    ("v=spf1 include:error.example -all", "v=DMARC1; p=reject", "N", "temperror"),
    ("v=spf10 +all", "v=DMARC1; p=reject", "F", "another version is no record"),
    ("v=spf1 exists:%{d}.none.example a:none.example mx:none.example +all", "v=DMARC1; p=reject", "N", "three void look-ups"),
    ("v=spf1 " + "include:uni2.example " * 11 + "+all", "v=DMARC1; p=reject", "N", "eleven look-ups"),
]  # fmt: skip


@pytest.mark.parametrize(("record", "dmarc", "level", "why"), LEVELS, ids=[why for *_, why in LEVELS])
def test_the_level_that_a_result_gives(direct, record, dmarc, level, why):
    """Level M, N or F of an unsigned mail (trust.md §1.1)."""
    direct.zone = spf(record) | {"uni2.example": [("TXT", "v=spf1 ?all")]}
    if dmarc:
        direct.world.dmarc("uni.example", dmarc)
    proof = direct.prove()
    assert (proof.level, proof.how) == (level, {"M": "spf", "F": "failed", "N": "none"}[level]), (why, proof.details)
    assert any(detail.startswith("spf=") for detail in proof.details)
    assert proof.pending == ("temperror" in why)


def test_a_signature_is_worth_more_than_an_address(direct, key):
    """S stays S; a mail whose signature broke on the way is M."""
    direct.world.dmarc("uni.example", "v=DMARC1; p=reject")
    signed = direct.tools.dkim_sign(direct.tools.PLAIN, key)
    assert direct.prove(signed).level == "S"
    assert direct.prove(signed.replace(b"register me", b"cancel me")).level == "M"


@pytest.mark.parametrize(("aspf", "level"), [("r", "M"), ("s", "F")])
def test_a_path_below_the_from_domain_is_aligned_unless_strict(direct, aspf, level):
    """Large senders use a name of its own for bounces. RFC 9989 §4.4."""
    direct.world.dmarc("uni.example", f"v=DMARC1; p=reject; aspf={aspf}")
    direct.world.envelope = replace(DIRECT, reverse_path=Address("b", "bounce.uni.example"))
    direct.zone = {"bounce.uni.example": [("TXT", "v=spf1 ip4:192.0.2.1 -all")]}
    assert direct.prove().level == level


def test_two_customers_of_one_suffix_do_not_speak_for_each_other(direct):
    """`co.example` says psd=y: a path in bo.co.example proves nothing about ada.co.example."""
    content = direct.tools.PLAIN.replace(b"ada@uni.example", b"ada@ada.co.example")
    direct.world.dmarc("co.example", "v=DMARC1; psd=y").dmarc("ada.co.example", "v=DMARC1; p=reject")
    direct.world.envelope = replace(DIRECT, reverse_path=Address("bo", "bo.co.example"))
    direct.zone = {"bo.co.example": [("TXT", "v=spf1 +all")]}
    assert direct.prove(content).level == "F"


def test_the_alignment_of_the_path_is_asked_for(direct):
    """Its walk is among the questions of the mail, only where SPF is on."""
    envelope = replace(DIRECT, reverse_path=Address("b", "bounce.uni.example"))
    message = direct.tools.parsed(direct.tools.PLAIN)
    assert "_dmarc.bounce.uni.example" in questions(message, direct.tools.PLAIN, ON, envelope)
    assert "_dmarc.bounce.uni.example" not in questions(message, direct.tools.PLAIN, Trusted(), envelope)


def test_spf_without_dkim_is_asked_all_the_same(direct, key):
    """`verify_dkim = false`: no keys are fetched, SPF still counts."""
    direct.world.dmarc("uni.example", "v=DMARC1; p=none")
    direct.world.trusted = Trusted(spf=True, verify_dkim=False)
    signed = direct.tools.dkim_sign(direct.tools.PLAIN, key)
    asked = questions(direct.tools.parsed(signed), signed, direct.world.trusted, DIRECT)
    assert ("_dmarc.uni.example" in asked, any("_domainkey" in name for name in asked)) == (True, False)
    assert direct.prove(signed).level == "M"


@pytest.mark.parametrize("record", ["v=spf1 \x1b[2Jx", "v=spf1 a\tb", "v=spf1 \x7f", "v=spf1 x\r\nFrom:"])
def test_what_a_record_says_gets_into_no_log_unprintable(record):
    """The reason of a permerror quotes it."""
    found, _ = ask(SpfQuestion("192.0.2.1", "ada@uni.example", "uni.example", "unknown"), spf(record))
    assert (found.result, found.reason.isprintable()) == ("permerror", True)


HOSTILE = {
    "a term without end": "v=spf1 a:" + "a" * 4000 + "! -all",
    "a term of the longest length taken": "v=spf1 " + ("a:" + "a" * 505 + "! ") * 3 + "-all",
    "hyphens": "v=spf1 " + ("a:x." + "a-" * 250 + " ") * 3 + "-all",
    "dots": "v=spf1 " + ("a:" + ".a" * 250 + " ") * 3 + "-all",
    "macros": "v=spf1 " + ("exists:" + "%{S}" * 120 + ".x ") * 3 + "-all",
    "open macros": "v=spf1 " + ("exists:" + "%{" * 250 + " ") * 3 + "-all",
    "macros that turn round": "v=spf1 " + ("exists:" + "%{d99999999999r.-+,/_=}" * 20 + ".x ") * 3 + "-all",
    "a thousand terms": "v=spf1 " + "a " * 1000 + "-all",
    "blanks": "v=spf1" + " " * 2000 + "-all",
    "numbers": "v=spf1 ip4:" + "1" * 500 + " ip6:" + ":" * 500 + " a/" + "9" * 500 + " -all",
    "modifiers": "v=spf1 " + " ".join(f"x{n}=%{{d}}" for n in range(90)) + " -all",
    "a circle": "v=spf1 redirect=uni.example",
    "itself in macros": "v=spf1 include:%{d} -all",
    "nothing but octets": "v=spf1 \xff\x00\x01",
    "explanations": "v=spf1 exp=%{d} exp=%{d} -all",
    "an empty one": "v=spf1",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_records_end_soon_and_never_in_a_pass(name):
    """Every step within 50 ms of CPU, no exception, no more than 40 questions."""
    question = SpfQuestion("192.0.2.1", "ada@uni.example", "uni.example", "unknown")
    ask(question, RECORD)  # the import is not the record's doing
    begun = time.process_time()
    found, answers = ask(question, spf(HOSTILE[name]))
    assert time.process_time() - begun < 0.05 * (1 + len(answers))
    assert found.result != "pass"
    assert len(answers) <= QUERIES


def test_ten_exchanges_of_ten_hosts_are_too_many_questions():
    """RFC 7208 would allow a hundred and eleven; we stop at forty, with a permerror."""
    zone = spf("v=spf1 " + " ".join(f"mx:m{n}.example" for n in range(10)) + " -all")
    zone |= {f"m{n}.example": [("MX", [10, f"h{n}-{i}.example"]) for i in range(10)] for n in range(10)}
    zone |= {f"h{n}-{i}.example": [("A", "198.51.100.1")] for n in range(10) for i in range(10)}
    found, answers = ask(SpfQuestion("192.0.2.1", "a@uni.example", "uni.example", "unknown"), zone)
    assert (found.result, len(answers)) == ("permerror", QUERIES)


@pytest.mark.parametrize("record", [b"\xff\xfe", b"10", b"x y z", b"", b"99999999999999999999 a", b"10 \xff"])
@pytest.mark.parametrize("kind", ["TXT", "A", "AAAA", "MX", "PTR"])
def test_any_octets_as_an_answer_are_no_exception(kind, record):
    """The resolver checks them; if it did not, still nothing would pass or raise."""
    host = "2001:db8::1" if kind == "AAAA" else "192.0.2.1"
    question = SpfQuestion(host, "a@uni.example", "uni.example", "unknown")
    answers = {("TXT", "uni.example"): Found((b"v=spf1 a mx ptr exists:%{p}.x -all",))}
    for _ in range(QUERIES):
        step = evaluate(question, answers)
        if isinstance(step, Spf):
            break
        answers[step.asked] = Found((record,)) if step.asked[0] == kind else Missing()
    assert step.result != "pass", step


def test_the_same_question_and_answers_come_to_the_same_result():
    """No clock, no cache, nothing kept from one run to the next."""
    question = SpfQuestion("192.0.2.1", "a@uni.example", "uni.example", "unknown")
    assert ask(question, RECORD) == ask(question, RECORD)
    assert isinstance(evaluate(question, {}), Wanted)
