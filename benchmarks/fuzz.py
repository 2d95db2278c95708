"""Random hostile mail through parse, prove and read: nothing may raise, take a second, or answer a program.

    python benchmarks/fuzz.py [--minutes 1] [--seed 1] [--keep FOLDER] [FOLDER …]

Takes real mails (this project's samples, and every .eml below the folders given) and breaks them: octets flipped,
pieces doubled, cut, moved and sewn onto those of others, header fields that programs trip over, boundaries, encodings,
runs of everything. The same seed makes the same mails. Prints what was tried; with `--keep` a mail that found
something is written there. Ends with status 1 when something was found.
"""

import argparse
import random
import sys
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # a checkout is enough

from benchmarks.corpus import neutral_questions
from mailflow.mail.address import Address
from mailflow.mail.envelope import Envelope, Peer
from mailflow.mail.report import read_report
from mailflow.model.intent import CalendarReply, Silent, label
from mailflow.proof.dns import Found, Missing, Trusted, Unreachable
from mailflow.reading.context import ReadingContext
from mailflow.service.study import Case, Task, examine, judge

ROOT = Path(__file__).resolve().parent.parent
EVENT = Address("gan", "events.example.org")
NOW = datetime(2026, 5, 4, 10, 0, tzinfo=UTC)
SECONDS = 1.0
MOST_OCTETS = 300_000
ROBOT = b"Auto-Submitted: auto-replied\r\n"
PIECES = (
    b"\r\n", b"\n", b"\r",
    b"\0", b"\r\n\r\n", b"\r\n.\r\n", b"\n.\n", b"--", b"=?utf-8?q?=0d=0aBcc:_x?=", b"=?utf-8?b?",
    b"\xff\xfe", b"\xe2\x80\xae", b"\xc2\xad", b"\xed\xa0\x80", b"<a <a <a ", b"<!--", b"<style>", b"&#x110000;", b"=",
    b"=3D", b"BEGIN:VEVENT\r\n", b"BEGIN:VCALENDAR\r\n", b"ATTENDEE:mailto:", b"\t", b" " * 80, b"(" * 40, b"\\" * 40,
    b'"' * 30, b"@" * 30,
    b"<" * 30, b"register\r\n", b"ja\r\n", b"cancel K7-QX4M\r\n", b"Diet: " + b"x" * 900 + b"\r\n",
)  # fmt: skip
FIELDS = (
    b"From: a@example.org, b@example.org", b"From: =?utf-8?q?x?= <\xc3\xa5@example.org>", b"From:", b"From: <>",
    b"Subject: " + b"=?utf-8?q?=41?= " * 60, b"Date: Mon, 99 Foo 99999 99:99:99 +9999", b"Message-ID: <" + b"x" * 900,
    b"References: " + b"<a@b> " * 200, b'Content-Type: multipart/mixed; boundary=""',
    b"Content-Type: multipart/mixed; boundary=" + b"x" * 300, b"Content-Type: text/calendar; method=REPLY",
    b"Content-Type: message/rfc822", b"Content-Type: multipart/report; report-type=delivery-status; boundary=x",
    b"Content-Transfer-Encoding: quoted-printable", b"Content-Transfer-Encoding: base64", b"Content-Type: text/html",
    b"Content-Type: text/plain; charset=utf-7", b"Content-Type: text/plain; charset=utf-16; format=flowed; delsp=yes",
    b"DKIM-Signature: v=1; a=rsa-sha256; d=example.org; s=s; h=from; bh=; b=", b"DKIM-Signature: " + b";" * 500,
    b"Authentication-Results: mx.example.org; dmarc=pass header.from=example.org (" + b"(" * 20,
    b"List-Id: <x>", b"Received: " + b"from a by b; " * 20, b"To: " + b"a@b.example, " * 60, b"X: " + b"\xf0\x9f" * 40,
)  # fmt: skip


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folders", nargs="*", type=Path)
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path)
    chosen = parser.parse_args()
    tried, found = Counter(), []
    begun = time.monotonic()
    for number, content in enumerate(mails(chosen.seed, chosen.folders)):
        if time.monotonic() - begun > 60 * chosen.minutes:
            break
        word, fault = look_at(content)
        tried[word] += 1
        if fault:
            found.append((number, fault))
            print(f"seed {chosen.seed}, mail {number}: {fault}", flush=True)
            if chosen.keep:
                chosen.keep.mkdir(parents=True, exist_ok=True)
                (chosen.keep / f"{chosen.seed}-{number}.eml").write_bytes(content)
    total = sum(tried.values())
    print(f"{total} mails in {time.monotonic() - begun:.0f} s, seed {chosen.seed}: {len(found)} faults")
    print("  " + ", ".join(f"{word} {count}" for word, count in tried.most_common()))
    return 1 if found else 0


def samples(folders):
    """Real mails, each once, in a stable order."""
    places = [ROOT / "tests" / "samples", *folders]
    paths = sorted({path for place in places for path in place.rglob("*.eml")})
    return [path.read_bytes()[:MOST_OCTETS] for path in paths]


def mails(seed, folders=()):
    """Broken mails without end, the same for the same seed."""
    chance, real = random.Random(seed), samples(folders)
    while True:
        content = chance.choice(real)
        for _ in range(chance.randint(1, 6)):
            content = chance.choice(BREAKS)(chance, content, real)[:MOST_OCTETS]
        yield content


def flip(chance, content, _real):
    octets = bytearray(content or b" ")
    for _ in range(chance.randint(1, 12)):
        octets[chance.randrange(len(octets))] = chance.randrange(256)
    return bytes(octets)


def cut(chance, content, _real):
    return content[: chance.randrange(len(content) + 1)]


def drop(chance, content, _real):
    at = chance.randrange(len(content) + 1)
    return content[:at] + content[at + chance.randint(1, 200) :]


def double(chance, content, _real):
    at = chance.randrange(len(content) + 1)
    piece = content[at : at + chance.randint(1, 400)]
    return content[:at] + piece * chance.choice((2, 3, 40)) + content[at:]


def put(chance, content, _real):
    at = chance.randrange(len(content) + 1)
    return content[:at] + chance.choice(PIECES) * chance.choice((1, 1, 2, 200)) + content[at:]


def head(chance, content, _real):
    """A field of the bad kind on top, or somewhere in the header."""
    field = chance.choice(FIELDS) + b"\r\n"
    at = content.find(b"\r\n", chance.randrange(max(1, content.find(b"\r\n\r\n"))))
    return field + content if chance.random() < 0.5 or at < 0 else content[: at + 2] + field + content[at + 2 :]


def sew(chance, content, real):
    other = chance.choice(real)
    return content[: chance.randrange(len(content) + 1)] + other[chance.randrange(len(other)) :]


def wrap(chance, content, _real):
    """As a part of something else, some layers deep."""
    for layer in range(chance.choice((1, 2, 9, 30))):
        mark = b"b%d" % layer
        content = (
            b"From: ada@example.org\r\nContent-Type: multipart/mixed; boundary=" + mark + b"\r\n\r\n--" + mark
            + b"\r\nContent-Type: message/rfc822\r\n\r\n" + content + b"\r\n--" + mark + b"--\r\n"
        )  # fmt: skip
    return content


def robot(_chance, content, _real):
    """It says of itself that a program wrote it: whatever else it is, it must not be answered."""
    return ROBOT + content


BREAKS = (flip, flip, cut, drop, double, put, put, head, head, sew, wrap, robot)


def look_at(content):
    """(what it was taken for, what is wrong with that or "")."""
    begun = time.process_time()
    try:
        word, fault = studied(content)
    except Exception as error:  # noqa: BLE001  that is what is looked for
        return "raised", f"{type(error).__name__}: {error}"[:300]
    spent = time.process_time() - begun
    return word, fault or (f"{spent:.2f} s of CPU" if spent > SECONDS else "")


def studied(content):
    chance = random.Random(len(content))
    path = None if content.startswith(ROBOT) and chance.random() < 0.5 else Address("ada", "example.org")
    trusted = Trusted(("mx.example.org",))
    task = Task(1, Envelope(path, (EVENT,), "smtp", Peer("127.0.0.1", relay=chance.random() < 0.5)), content, trusted)
    seen = examine(task)
    told = (Missing(), Missing(exists=True), Unreachable(), Found((b"v=DKIM1; p=",)), Found((b"v=DMARC1; p=reject",)))
    answers = {name: chance.choice(told) for name in seen.questions}
    context = ReadingContext(
        EVENT.domain, EVENT.local, "+", ("en", "sv"), neutral_questions(), organiser=chance.random() < 0.3, month=5,
        standing=chance.choice(("none", "confirmed")), asked=chance.random() < 0.5,
    )  # fmt: skip
    reading = judge(Case(task, seen.message, answers, context, NOW)).reading
    read_report(content)
    answered = not isinstance(reading.intent, Silent) and not seen.message.refused and (
        not isinstance(reading.intent, CalendarReply) or reading.secondary != "auto-reply"
    )  # fmt: skip
    whole = "unreadable" not in seen.message.defects and seen.message.header("auto-submitted") == "auto-replied"
    if answered and (path is None or (content.startswith(ROBOT) and whole)):
        return label(reading.intent), "would answer a program"
    return "refused" if seen.message.refused else label(reading.intent), ""


if __name__ == "__main__":
    sys.exit(main())
