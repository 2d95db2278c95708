"""`benchmarks/proof.py`: each case with its own DNS and clock, and one word for what came of it."""

import json
import subprocess
import sys
from pathlib import Path

from .conftest import NOW

SCRIPT = Path(__file__).parent.parent.parent / "benchmarks" / "proof.py"
KEY = "sel._domainkey.uni.example"
BORDER = (
    b"Authentication-Results: mx.site.example; dmarc=pass header.from=uni.example; dkim=pass header.d=uni.example\r\n"
)


def test_each_case_is_judged_with_its_own_records(tmp_path, tools, keys):
    """The best of the signatures, whose it is, and whether it is strong for From."""
    rsa, other = keys["rsa"], keys["ed25519"]
    good, foreign = tools.record(rsa).decode(), tools.record(other).decode()
    plain = tools.PLAIN
    signed = tools.dkim_sign(plain, rsa)
    both = tools.dkim_sign(signed, other, d="list.example")
    abroad = tools.dkim_sign(plain, other, d="list.example")
    lists = {"sel._domainkey.list.example": foreign}
    mails = {
        "good": (signed, {KEY: good}, ("pass", "uni.example", True)),
        "changed": (signed.replace(b"register me", b"register ME"), {KEY: good}, ("fail", None, False)),
        "no-key": (signed, {}, ("permerror", None, False)),
        "two-keys": (signed, {KEY: [good, foreign]}, ("permerror", None, False)),
        "time-out": (signed, {KEY: "!temperror"}, ("temperror", None, False)),
        "unsigned": (plain, {KEY: good}, ("none", None, False)),
        "foreign": (abroad, lists, ("pass", "list.example", False)),
        "both": (both, {KEY: good} | lists, ("pass", "uni.example", True)),
        "one-of-two": (both, lists, ("pass", "list.example", False)),
        "testing": (signed, {KEY: good.replace("v=DKIM1;", "v=DKIM1; t=y;")}, ("pass", "uni.example", False)),
        "two-senders": (b"From: eve@evil.example\r\n" + signed, {KEY: good}, ("fail", None, False)),
        "many": (signed[: signed.index(b"From:")] * 9 + signed, {KEY: good}, ("permerror", None, False)),
        "border": (BORDER + plain, {}, ("pass", "uni.example", True)),
        "not-our-border": (BORDER + plain, {}, ("none", None, False)),
    }  # fmt: skip
    cases = []
    for name, (content, dns, _) in mails.items():
        (tmp_path / f"{name}.eml").write_bytes(content)
        cases.append({"file": f"{name}.eml", "dns": dns, "now": NOW.timestamp()})
        if "border" in name:
            cases[-1] |= {"authserv_id": "mx.site.example", "own_hosts": [], "trusted_peer": name == "border"}
    (tmp_path / "list.json").write_text(json.dumps(cases))
    run = subprocess.run(
        [sys.executable, SCRIPT, tmp_path, "--cases", "list.json"], capture_output=True, check=True, timeout=120
    )
    rows = list(map(json.loads, run.stdout.splitlines()))
    assert [row["file"] for row in rows] == [f"{name}.eml" for name in mails]
    found = {row["file"][:-4]: (row["result"], row["domain"], row["strong"]) for row in rows}
    assert found == {name: expected for name, (_, _, expected) in mails.items()}
    assert all(row["seconds"] > 0 for row in rows)
