"""Who sent it: one JSON object for each case of a folder, judged offline with that case's DNS records and clock.

    python benchmarks/proof.py FOLDER [--cases NAME] [--summary]

`cases.json` (or NAME) lists `{file, dns: {name: txt or a list of them}, now (Unix seconds), …}`; a name that is not
there is NXDOMAIN, the text `!temperror` a time-out. `authserv_id`, `own_hosts` and `trusted_peer` say whose
Authentication-Results are believed. Prints `{file, result, domain, strong, seconds}`: the best of the signatures
(pass, temperror, fail, permerror, none), the d= of the one that passed (that which is aligned with From, if there is
one), and whether it is level S for the From address. Where our own border's word settles it, the result is that word.
`--summary` tells on stderr how long a case takes, beside unchanged dkimpy on the same mail.
"""

import argparse
import contextlib
import json
import statistics
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # a checkout is enough

from mailflow.mail.address import Address
from mailflow.mail.envelope import Envelope, Peer
from mailflow.mail.parse import parse
from mailflow.proof.dkim import Bodies
from mailflow.proof.dmarc import Unsettled, aligned
from mailflow.proof.dns import Found, Missing, Trusted, Unreachable
from mailflow.proof.header import split_header
from mailflow.proof.prove import prove
from mailflow.proof.signature import SIGNATURES, Refused, judged, read_signature
from mailflow.proof.verdicts import verdict_of

BEST_FIRST = ("pass", "temperror", "fail", "permerror")
EVENT = Address("event", "mailflow.invalid")


class Table(dict):
    """The DNS of one case: whatever it does not name does not exist."""

    def get(self, name, _default=None):
        return super().get(name.lower().removesuffix("."), Missing())


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--cases", default="cases.json", help="the list in the folder (default: cases.json)")
    parser.add_argument("--summary", action="store_true", help="milliseconds a case, beside dkimpy, on stderr")
    chosen = parser.parse_args()
    if not (chosen.folder / chosen.cases).is_file():
        parser.error(f"there is no {chosen.folder / chosen.cases}")
    ours, peers = [], []
    for case in json.loads((chosen.folder / chosen.cases).read_text("utf-8")):
        content = (chosen.folder / case["file"]).read_bytes()
        begun = time.perf_counter()
        try:
            row = judge(content, case)
        except Exception as error:  # noqa: BLE001  the service would take such a mail for unproved
            row = {"result": "permerror", "domain": None, "strong": False, "error": f"{type(error).__name__}: {error}"}
        ours.append(time.perf_counter() - begun)
        print(json.dumps({"file": case["file"], **row, "seconds": round(ours[-1], 6)}), flush=True)
        if chosen.summary:
            peers.append(peer_seconds(content, case))
    if chosen.summary:
        for what, times in (("mailflow: parse, judge", ours), ("dkimpy, unchanged", peers)):
            values = [1000 * value for value in (statistics.median(times), max(times))]
            print(f"{what:24} median {values[0]:8.2f} ms   most {values[1]:8.2f} ms", file=sys.stderr)


def judge(content, case):
    """The row of one case, without its name and time."""
    answers, now = dns_of(case), datetime.fromtimestamp(case["now"], UTC)
    message = parse(content)
    peer = Peer("192.0.2.1", relay=bool(case.get("trusted_peer")))
    border = (case["authserv_id"],) if case.get("authserv_id") else ()
    trusted = Trusted(border, own_hosts=tuple(case.get("own_hosts") or ()))
    proof = prove(message, content, Envelope(message.sender, (EVENT,), "smtp", peer), answers, trusted, now)
    if proof.how == "relay":
        return {"result": "pass", "domain": proof.domain, "strong": "dkim" in proof.details}
    domain = message.sender.domain if message.sender else ""
    found = verdicts(content, domain, answers, now)
    result = next((word for word in BEST_FIRST if any(word == each for each, _ in found)), "none")
    passing = [signer for word, signer in found if word == "pass"]
    near = [signer for signer in passing if domain and is_aligned(domain, signer, answers)]
    return {
        "result": result,
        "domain": (proof.domain if proof.level == "S" else "") or next(iter([*near, *passing]), None),
        "strong": proof.level == "S",
    }


def dns_of(case):
    """The case's records as the answers of a resolver."""
    table = Table()
    for name, texts in case.get("dns", {}).items():
        listed = [texts] if isinstance(texts, str) else texts
        answer = Unreachable() if "!temperror" in listed else Found(tuple(text.encode() for text in listed))
        table[name.lower().removesuffix(".")] = answer
    return table


def verdicts(content, domain, answers, now):
    """[(result, d=)] of the signatures that are looked at, at most five that have a good form."""
    header = split_header(content)
    fields = header.named("dkim-signature") if header else ()
    if len(fields) > SIGNATURES:
        return [("permerror", "")]
    read = [read_signature(field) for field in fields]
    found = [("permerror", bad.domain) for bad in read if isinstance(bad, Refused)]
    bodies = Bodies(content, header.body_start) if header else None
    for signature in judged([one for one in read if not isinstance(one, Refused)], domain):
        # A key in testing (t=y) is a pass that proves nothing: `strong` says so.
        result = verdict_of(signature, header, bodies, answers, now).result
        found.append(("pass" if result == "testing" else result, signature.domain))
    return found


def is_aligned(domain, signer, answers):
    try:
        return aligned(domain, signer, answers, "dkim")
    except Unsettled:
        return False


def peer_seconds(content, case):
    """The same mail by dkimpy as it comes, first signature only; what it cannot do costs what it cost until then."""
    import dkim  # noqa: PLC0415

    def txt(name, timeout=5):  # noqa: ARG001  dkimpy's signature
        texts = case.get("dns", {}).get(name.decode().removesuffix("."))
        text = texts[0] if isinstance(texts, list) else texts
        return None if text is None or text == "!temperror" else text.encode()

    begun = time.perf_counter()
    with contextlib.suppress(Exception):  # it raises on much that mail can be
        dkim.verify(content, dnsfunc=txt)
    return time.perf_counter() - begun


if __name__ == "__main__":
    main()
