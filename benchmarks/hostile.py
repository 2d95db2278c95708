"""Calendars that are meant to hurt: parse, prove and read of each, in a process of its own with the worker's limits.

    python benchmarks/hostile.py [--json]

Each mail carries a good DKIM signature, so that all of it is looked at. Printed are its size, wall time in
milliseconds, how much memory was allocated at the most beyond the mail itself (a second run, by tracemalloc), the
proof, and what becomes of it. No network, no database.
"""

import argparse
import base64
import json
import os
import resource
import sys
import time
import tracemalloc
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # a checkout is enough

from mailflow.mail.address import Address
from mailflow.mail.envelope import Envelope
from mailflow.proof.dns import Found, Missing, Trusted
from mailflow.proof.signer import Signer, new_key, public_record
from mailflow.reading.context import ReadingContext
from mailflow.service.study import Case, Task, examine, judge
from mailflow.service.worker import CPU_SECONDS, MEMORY_OCTETS

NOW = datetime(2026, 8, 12, 7, 15, tzinfo=UTC)
MB = 1_000_000
HEAD = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:REPLY\r\n"
EVENT = b"BEGIN:VEVENT\r\nUID:gan-1-aaaaaaaaaaaaaaaa@events.example.org\r\nSEQUENCE:0\r\nDTSTAMP:20260812T070000Z\r\n"
ATTENDEE = b"ATTENDEE;PARTSTAT=DECLINED:mailto:ada@example.org\r\n"
END = b"END:VEVENT\r\nEND:VCALENDAR\r\n"
ZONE = b"BEGIN:VTIMEZONE\r\nTZID:X\r\nBEGIN:STANDARD\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0000\r\n"
RULE = b"RRULE:FREQ=SECONDLY;COUNT=2147483647\r\n"
SMALL = 60_000  # below the 64 KiB that are parsed


def reply(inside=b"", before=b""):
    """An answer that would count, with something in it or in front of it."""
    return HEAD + before + EVENT + inside + ATTENDEE + END


def times(line, octets):
    return line * (octets // len(line))


def zone(octets):
    return ZONE + times(RULE, octets) + b"END:STANDARD\r\nEND:VTIMEZONE\r\n"


# What a calendar part holds: each once as large as a mail can be, and once as large as is still read.
CALENDARS = {
    f"{name}, {size}": make(octets)
    for size, octets in (("5 MB", 5 * MB), ("64 KiB", SMALL))
    for name, make in {
        "one long text": lambda n: reply(b"COMMENT:" + b"x" * n + b"\r\n"),
        "folds": lambda n: reply(b"COMMENT:" + times(b"\r\n x", n) + b"\r\n"),
        "attendees": lambda n: reply(times(b"ATTENDEE;PARTSTAT=ACCEPTED:mailto:a@b.example\r\n", n)),
        "nested events": lambda n: reply(times(b"BEGIN:VEVENT\r\n", n)),
        "nested alarms": lambda n: reply(times(b"BEGIN:VALARM\r\n", n)),
        "events": lambda n: reply(b"END:VEVENT\r\n" + times(b"BEGIN:VEVENT\r\nUID:a\r\nEND:VEVENT\r\n", n) + EVENT),
        "zones by the second": lambda n: reply(before=zone(n)),
        "parameters": lambda n: reply(b"ATTENDEE" + times(b";A=B", n) + b":mailto:a@b.example\r\n"),
        "quotes": lambda n: reply(b'ATTENDEE;CN="' + times(b'";"', n) + b":mailto:a@b.example\r\n"),
        "backslashes": lambda n: reply(b"COMMENT:" + b"\\" * n + b"\r\n"),
        "carets": lambda n: reply(b"ATTENDEE;X-RESPONSE-COMMENT=" + b"^" * n + b":mailto:a@b.example\r\n"),
        "percent signs": lambda n: reply(b"ATTENDEE:mailto:" + times(b"%40", n) + b"\r\n"),
        "line feeds": lambda n: reply(b"\n" * n),
        "UTF-16": lambda n: reply(b"COMMENT:" + b"x" * (n // 2) + b"\r\n").decode().encode("utf-16"),
        "quoted-printable twice": lambda n: reply(b"X:PARTSTAT=3D" + times(b"=3D", n) + b"\r\n"),
    }.items()
}  # fmt: skip


def head(kind, encoding="8bit"):
    return (
        f"From: ada@example.org\r\nTo: gan@events.example.org\r\nSubject: Accepted\r\nMessage-ID: <1@example.org>\r\n"
        f"Date: Wed, 12 Aug 2026 09:15:00 +0200\r\nMIME-Version: 1.0\r\nContent-Type: {kind}\r\n"
        f"Content-Transfer-Encoding: {encoding}\r\n\r\n"
    ).encode()


def mails():
    """{name: octets} of them all."""
    made = {name: whole(octets) for name, octets in CALENDARS.items()}
    layers = b"".join(
        f'Content-Type: multipart/mixed; boundary="b{n}"\r\n\r\n--b{n}\r\n'.encode() for n in range(1, 45)
    )
    made["45 layers of MIME"] = head('multipart/mixed; boundary="b0"') + b"--b0\r\n" + layers + calendar_part()
    made["90 calendars"] = head('multipart/mixed; boundary="b"') + b"".join(
        b"--b\r\n" + calendar_part(reply(times(b"BEGIN:VEVENT\r\n", SMALL))) for _ in range(90)
    )
    made["base64"] = whole(CALENDARS["attendees, 5 MB"], "base64")
    made["quoted-printable"] = head("text/calendar; method=REPLY", "quoted-printable") + times(b"=41=\r\n", 5 * MB)
    outlook = times(b"IPM.Microsoft Schedule.MtgResp", 5 * MB)
    made["winmail.dat"] = head('application/ms-tnef; name="winmail.dat"') + outlook
    return made


def whole(octets, encoding="8bit"):
    """A mail that is a calendar and nothing else; encoded where its line ends are none that a door lets through."""
    bare = octets.replace(b"\r\n", b"")
    if encoding == "8bit" and not set(bare) & {0, 10, 13}:
        return head("text/calendar; method=REPLY; charset=utf-8") + octets
    return head("text/calendar; method=REPLY", "base64") + base64.encodebytes(octets).replace(b"\n", b"\r\n")


def calendar_part(octets=reply()):  # noqa: B008  a constant
    return b"Content-Type: text/calendar; method=REPLY\r\n\r\n" + octets + b"\r\n"


def study(content, records):
    """(what becomes of it, milliseconds)."""
    address = Address("ada", "example.org")
    task = Task(1, Envelope(address, (Address("gan", "events.example.org"),), "smtp"), content, Trusted())
    context = ReadingContext("events.example.org", "gan", "+", ("en", "sv"), ())
    begun = time.perf_counter()
    examined = examine(task)
    answers = {name: records.get(name, Missing()) for name in examined.questions}
    judged = judge(Case(task, examined.message, answers, context, NOW))
    spent = 1000 * (time.perf_counter() - begun)
    message, reading = examined.message, judged.reading
    answer = message.answer
    return {
        "intent": type(reading.intent).__name__, "proof": judged.proof.level, "refused": message.refused,
        "unreadable": "unreadable" in message.defects, "uid": answer.uid if answer else None,
        "partstat": answer.partstat if answer else None, "ms": round(spent, 1),
    }  # fmt: skip


def alone(content, records):
    """`study` in a child with the worker's limits; None where it died of them."""
    come, go = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(come)
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_OCTETS, MEMORY_OCTETS))
        resource.setrlimit(resource.RLIMIT_CPU, (int(CPU_SECONDS), int(CPU_SECONDS)))
        found = study(content, records)
        tracemalloc.start()
        study(content, records)
        found["mib"] = round(tracemalloc.get_traced_memory()[1] / 2**20, 1)
        os.write(go, json.dumps(found).encode())
        os._exit(0)
    os.close(go)
    with os.fdopen(come, "rb") as pipe:
        told = pipe.read()
    os.waitpid(child, 0)
    return json.loads(told) if told else None


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--json", action="store_true", help="an object a line")
    chosen = parser.parse_args()
    key = new_key()
    signer = Signer.load(key, "example.org", "s1")
    records = {"s1._domainkey.example.org": Found((public_record(key).encode(),))}
    study(signer.sign(head("text/plain") + b"register\r\n", NOW), records)  # tables are read once, not by the first
    if not chosen.json:
        print(f"{'':32}{'octets':>10}{'ms':>9}{'MiB':>8}  proof  what becomes of it")
    for name, content in mails().items():
        signed = signer.sign(content, NOW)
        found = alone(signed, records)
        if chosen.json:
            print(json.dumps({"name": name, "octets": len(signed), "died": found is None, **(found or {})}))
        elif found is None:
            print(f"{name:32}{len(signed):10}  died of the worker's limits")
        else:
            what = found["refused"] or ("unreadable" if found["unreadable"] else found["intent"])
            print(f"{name:32}{len(signed):10}{found['ms']:9.1f}{found['mib']:8.1f}  {found['proof']:5}  {what}")


if __name__ == "__main__":
    main()
