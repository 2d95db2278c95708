"""How long it takes to sign letters with RSA-2048: our signer beside dkimpy as it comes, on the same letters.

    python benchmarks/signing.py [--letters 1000] [--peers 50] [--json]

The letters are every kind and variant that mailflow writes, in every language, from sample data, in turn. Each of
them, signed by us, is then verified by unchanged dkimpy, which also counts. dkimpy signs the first `--peers` of them,
with the key given as PEM each time, as its interface wants it, and its time is scaled to the same number. One process,
one thread; the time is CPU time. Ends with an error when one signature does not hold.
"""

import argparse
import json
import sys
import time
from datetime import UTC, datetime, timedelta
from itertools import cycle, islice
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # a checkout is enough

import dkim

from mailflow.cli.specimen import SEAL, specimen
from mailflow.model.letter import LETTER_KINDS, VARIANTS
from mailflow.proof.signer import Signer, new_key, public_record
from mailflow.render import Renderer, Site
from mailflow.zonefile import zone_octets

LANGUAGES = ("en", "sv")
NOW = datetime(2026, 5, 4, 10, 0, tzinfo=UTC)
DOMAIN, SELECTOR = "events.example.org", "mf1"


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--letters", type=int, default=1000, help="how many we sign (default: 1000)")
    parser.add_argument("--peers", type=int, default=50, help="how many of them dkimpy signs (default: 50)")
    parser.add_argument("--json", action="store_true", help="one object instead of lines")
    chosen = parser.parse_args()
    kinds = letters()
    batch = list(islice(cycle(kinds), chosen.letters))
    pem = new_key()
    signer = Signer.load(pem, DOMAIN, SELECTOR)
    signer.sign(batch[0], NOW)  # what is imported and laid out once is not a letter's
    ours, signed = timed(lambda one: signer.sign(one, NOW), batch)
    record = public_record(pem).encode()
    check, verified = timed(lambda one: dkim.verify(one, dnsfunc=lambda *_, **__: record), signed)
    peers, theirs = timed(lambda one: by_dkimpy(one, pem), batch[: chosen.peers])
    agreed = sum(dkim.verify(one, dnsfunc=lambda *_, **__: record) for one in theirs)
    found = {
        "letters": len(batch),
        "kinds": len(kinds),
        "octets_mean": sum(map(len, batch)) // len(batch),
        "mailflow_seconds": round(ours, 3),
        "dkimpy_seconds_scaled": round(peers / len(theirs) * len(batch), 3),
        "dkimpy_signed": len(theirs),
        "verified_by_dkimpy": sum(verified),
        "dkimpy_verify_seconds": round(check, 3),
    }
    if chosen.json:
        print(json.dumps(found))
    else:
        for name, value in found.items():
            print(f"{name:24} {value}")
    if sum(verified) != len(batch) or agreed != len(theirs):
        sys.exit("a signature does not hold")


def letters():
    """Every letter there is, in its octets."""
    site = Site(
        domain=DOMAIN, name="AIML@LU", contact="desk@example.org", plus="+", languages=LANGUAGES, accent="#0b5cad",
        confirm_within=timedelta(hours=48), calendar_ask=False, calendar_alarm=None,
    )  # fmt: skip
    renderer = Renderer(site, SEAL, zone_octets)
    return [
        specimen(renderer, kind, variant, language, None).octets
        for language in LANGUAGES
        for kind in LETTER_KINDS
        for variant in VARIANTS[kind]
    ]


def by_dkimpy(content, pem):
    """Signed by dkimpy with the same forms; its own choice of fields."""
    field = dkim.sign(content, SELECTOR.encode(), DOMAIN.encode(), pem, canonicalize=(b"relaxed", b"simple"))
    return field + content


def timed(work, things):
    """(CPU seconds, what came of each)."""
    begun = time.process_time()
    outcome = [work(thing) for thing in things]
    return time.process_time() - begun, outcome


if __name__ == "__main__":
    main()
