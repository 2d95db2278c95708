"""What calendars say: one JSON object for each .eml, .ics and .tnef file below a folder, as the service would read it.

    python benchmarks/answers.py FOLDER [--summary]

`{"file", "method", "uid", "attendee", "partstat"}`: the answer (REPLY, COUNTER, REFRESH) that would be used, else the
first other calendar; null where a thing is absent, all null where there is nothing to use. `"error"` where the reader
broke. `--summary` tells on stderr how long a file takes, beside icalendar, which parses the same calendars whole.
"""

import argparse
import contextlib
import json
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # a checkout is enough

from mailflow.mail.answer import ANSWER_OCTETS, read_answer, read_winmail
from mailflow.mail.parse import parse

SUFFIXES = (".eml", ".ics", ".tnef")
MAIL_OCTETS = 10 * 1024 * 1024  # intake.max_size as it comes


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--summary", action="store_true", help="milliseconds a file, beside icalendar, on stderr")
    chosen = parser.parse_args()
    if not chosen.folder.is_dir():
        parser.error(f"{chosen.folder} is not a folder")
    ours, peers = [], []
    for path in sorted(each for each in chosen.folder.rglob("*") if each.suffix.lower() in SUFFIXES and each.is_file()):
        begun = time.perf_counter()
        row = {"file": path.relative_to(chosen.folder).as_posix(), **read(path)}
        ours.append(time.perf_counter() - begun)
        print(json.dumps(row, ensure_ascii=False), flush=True)
        if chosen.summary and path.suffix.lower() == ".ics":
            peers.append(peer_seconds(path))
    if chosen.summary:
        for what, times in (("mailflow, a file", ours), ("icalendar, an .ics", peers)):
            if times:
                values = [1000 * value for value in (statistics.median(times), max(times))]
                print(f"{what:22} median {values[0]:8.2f} ms   most {values[1]:8.2f} ms", file=sys.stderr)


def read(path):
    """What the file says, whatever it does to the reader."""
    nothing = {"method": None, "uid": None, "attendee": None, "partstat": None}
    try:
        octets = head(path)
        kind = path.suffix.lower()
        if kind == ".eml":
            if len(octets) > MAIL_OCTETS:
                return nothing
            message = parse(octets)
            if "unreadable" in message.defects:
                return nothing | {"error": "unreadable"}
            answer = message.answer
        elif kind == ".tnef":
            answer = read_winmail(octets)
        else:
            answer = read_answer(octets, "")
    except Exception as error:  # noqa: BLE001  the service would try again and then park the mail for people
        return nothing | {"error": f"{type(error).__name__}: {error}"[:300]}
    if answer is None:
        return nothing
    found = {"method": answer.method, "uid": answer.uid, "attendee": answer.attendee, "partstat": answer.partstat}
    return {name: value or None for name, value in found.items()}


def head(path):
    """The file, no further than one octet over what is ever taken."""
    with path.open("rb") as file:
        return file.read(1 + (MAIL_OCTETS if path.suffix.lower() == ".eml" else ANSWER_OCTETS))


def peer_seconds(path):
    """The same calendar by the library; what it cannot do costs what it cost until then."""
    from icalendar import Calendar  # noqa: PLC0415

    octets = head(path)
    begun = time.perf_counter()
    with contextlib.suppress(Exception):  # it raises on much that programs send
        Calendar.from_ical(octets, multiple=True)
    return time.perf_counter() - begun


if __name__ == "__main__":
    main()
