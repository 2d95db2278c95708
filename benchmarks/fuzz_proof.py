"""Random cases for everything that reads a stranger's header: tags, Authentication-Results, header, addresses, records.

    python benchmarks/fuzz_proof.py [--cases 1000000] [--seed 1] [--only NAME]

Each case is a good text of its kind with pieces of its own alphabet, of any octets, or of itself put in, taken out or
repeated. Prints a line for each reader: how many cases, how many of them were taken for good, the slowest, and what
was raised; the same seed gives the same cases. Ends with an error when anything was raised, or a case took 50 ms of
CPU.
"""

import argparse
import random
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # a checkout is enough

from mailflow.mail.address import AddressError, parse_address
from mailflow.mail.mailbox import read_sender
from mailflow.mail.parse import parse
from mailflow.proof.authres import read_results
from mailflow.proof.dmarc import read_record
from mailflow.proof.dns import Found
from mailflow.proof.header import Field, split_header
from mailflow.proof.signature import Refused, read_signature
from mailflow.proof.spf import Spf, SpfQuestion, evaluate
from mailflow.proof.tags import TagError, parse_tags

SLOW_SECONDS = 0.05
SIGNATURE = (
    b" v=1; a=rsa-sha256; c=relaxed/simple; d=uni.example; s=sel; t=1777888800;\r\n"
    b" h=from:to:subject; bh=AAAA; b=AAAA\r\n"
)
RESULTS = b'mx.example.org 1; dkim=pass (2048-bit) header.d=uni.example; dmarc=pass reason="x" header.from=uni.example'
HEADER = (
    b"Received: from a by b\r\n\twith c; x\r\nFrom: Ada <ada@uni.example>\r\nSubject: =?utf-8?q?x?=\r\n\r\nbody\r\n"
)
SENDER = b'"Lind, Ada" (a (b)) <ada.lind+x@mail.uni.example>'
DMARC = b"v=DMARC1; p=reject; sp=none; np=quarantine; adkim=s; aspf=r; t=y; psd=n; rua=mailto:a@b"
RECORD = b"v=spf1 ip4:192.0.2.0/24 include:%{d2}.x.example a/24//64 mx ~exists:%{ir}.%{v}._spf.%{d} redirect=_x.example"
QUESTION = SpfQuestion("192.0.2.1", "ada@uni.example", "uni.example", "mx.uni.example")


def tags(octets):
    try:
        return bool(parse_tags(octets, 8192))
    except TagError:
        return False


def signature(octets):
    return not isinstance(read_signature(Field("dkim-signature", b"DKIM-Signature", octets + b"\r\n")), Refused)


def results(octets):
    read = read_results(octets.decode("latin-1"))
    return read is not None and read.results is not None


def header(octets):
    return split_header(octets) is not None


def address(octets):
    try:
        return bool(parse_address(octets.decode("utf-8", "surrogateescape")))
    except AddressError:
        return False


def sender(octets):
    return read_sender(octets.decode("utf-8", "surrogateescape")).address is not None


def message(octets):
    return parse(octets).sender is not None


def dmarc(octets):
    return read_record("uni.example", (octets,)) is not None


def spf(octets):
    return isinstance(evaluate(QUESTION, {("TXT", "uni.example"): Found((octets,))}), Spf)


READERS = {
    "tags": (tags, SIGNATURE), "signature": (signature, SIGNATURE), "authres": (results, RESULTS),
    "header": (header, HEADER), "address": (address, b"ada.lind+x@mail.uni.example"), "sender": (sender, SENDER),
    "message": (message, HEADER), "dmarc": (dmarc, DMARC), "spf": (spf, RECORD),
}  # fmt: skip


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--cases", type=int, default=1_000_000, help="for each reader (default: 1000000)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", choices=READERS)
    chosen = parser.parse_args()
    wrong = 0
    for name in [chosen.only] if chosen.only else READERS:
        read, good = READERS[name]
        assert read(good), name
        found = run(read, good, chosen.cases, random.Random(f"{name} {chosen.seed}"))
        wrong += bool(found["raised"]) + (found["slowest_ms"] > SLOW_SECONDS * 1000)
        print(f"{name:10}", " ".join(f"{key}={value}" for key, value in found.items()), flush=True)
    if wrong:
        sys.exit("something was raised, or too slow")


def run(read, good, cases, chance):
    taken, slowest, raised = 0, 0.0, {}
    for _ in range(cases):
        octets = varied(good, chance)
        begun = time.thread_time()
        try:
            taken += read(octets)
        except Exception as error:  # noqa: BLE001  what is looked for
            raised.setdefault(type(error).__name__, octets)
        slowest = max(slowest, time.thread_time() - begun)
    return {"cases": cases, "taken": taken, "slowest_ms": round(slowest * 1000, 1), "raised": raised}


def varied(good, chance):
    """One to four changes, one in a hundred at length."""
    octets = good
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(octets) + 1)
        to = min(len(octets), at + chance.randrange(8))
        match chance.randrange(5):
            case 0:
                piece = chance.randbytes(chance.randrange(6))
            case 1:
                piece = bytes(chance.choices(good, k=chance.randrange(8)))
            case 2:
                piece = bytes(chance.choices(b'\r\n \t;=()<>@"\\,:.%{}[]\x00\x80\xc3', k=chance.randrange(6)))
            case 3:
                piece = octets[at:to] * 2
            case _:
                piece = b""
        if chance.random() < 0.01:
            piece *= 1000
        octets = octets[:at] + piece + octets[to:]
    return octets


if __name__ == "__main__":
    main()
