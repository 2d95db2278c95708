"""How mail is understood: one JSON object a line for each mail of a folder, as the service would read it.

    python benchmarks/reading.py FOLDER [--summary]

With `envelope.json` in the folder (`{file: reverse-path, "" = null}`) exactly the files named there, else every *.eml
below it; `context.json` says what the service knows (benchmarks/corpus.py). No network, no database. A mail that the
door would refuse has the intent "refused"; one that breaks the reader has `"crashed": true`, and the run goes on.
`seconds` are wall time of parse, prove and read. `--summary` tells on stderr how long a mail takes, beside the
standard library's email package with policy.default, which only parses it and gives out its text.
"""

import argparse
import contextlib
import json
import signal
import statistics
import sys
import time
from email import message_from_bytes, policy
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # a checkout is enough

from benchmarks.corpus import Corpus, Refused
from benchmarks.rows import UNHANDLED

CPU_SECONDS = 5.0  # as the service's worker has for one mail
WARM = b"From: Ada <ada@example.org>\r\nTo: event@example.net\r\nSubject: hello\r\n\r\nplease regsiter me\r\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument(
        "--summary", action="store_true", help="milliseconds a mail, beside the email package, on stderr"
    )
    chosen = parser.parse_args()
    if not chosen.folder.is_dir():
        parser.error(f"{chosen.folder} is not a folder")
    signal.signal(signal.SIGPROF, too_long)
    corpus = Corpus(chosen.folder)
    with contextlib.suppress(Exception):  # what breaks here breaks the first mail as well, and is told there
        Corpus(chosen.folder / "nothing").row("", WARM)  # the tables are read once, and not by the first mail
    ours, peers = [], []
    for name in corpus.files():
        row = read_one(corpus, name)
        print(json.dumps(row, ensure_ascii=False), flush=True)
        ours.append(row["seconds"])
        if chosen.summary:
            peers.append(peer_seconds(chosen.folder / name))
    if chosen.summary and ours:
        print(f"{len(ours)} mails, milliseconds each\n{'':34}{'median':>9}{'99 %':>9}{'most':>9}", file=sys.stderr)
        for what, times in (("mailflow: parse, prove, read", ours), ("email, policy.default: parse", peers)):
            values = [1000 * value for value in (statistics.median(times), percentile(times, 99), max(times))]
            print(f"{what:34}" + "".join(f"{value:9.2f}" for value in values), file=sys.stderr)


def read_one(corpus, name):
    """The row of one mail, whatever it does to the reader."""
    begun = time.perf_counter()
    signal.setitimer(signal.ITIMER_PROF, CPU_SECONDS)
    try:
        content = corpus.octets(name)
        begun = time.perf_counter()
        row, _ = corpus.row(name, content)
    except Refused as reason:
        row = empty(name, "refused", str(reason))
    except Exception as error:  # noqa: BLE001  the service would try again and then park the mail for people
        row = empty(name, UNHANDLED, f"{type(error).__name__}: {error}"[:300]) | {"crashed": True}
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    return row | {"seconds": round(time.perf_counter() - begun, 6)}


def empty(name, intent, evidence):
    return {"file": name, "intent": intent, "mode": "act", "fields": {}, "secondary": [], "language": None,
            "evidence": [evidence]}  # fmt: skip


def too_long(_number, _frame):
    raise TimeoutError(f"{CPU_SECONDS} seconds of CPU for one mail")


def peer_seconds(path):
    """The same mail by the email package; what it cannot do costs what it cost until then."""
    content = path.read_bytes()
    begun = time.perf_counter()
    try:
        message = message_from_bytes(content, policy=policy.default)
        _ = message["from"], message["subject"]
        body = message.get_body(("plain", "html"))
        _ = body and body.get_content()
    except Exception:  # noqa: BLE001  it is known to raise on wrong charsets and odd headers
        pass
    return time.perf_counter() - begun


def percentile(times, share):
    return sorted(times)[min(len(times) - 1, len(times) * share // 100)]


if __name__ == "__main__":
    main()
