"""Forged registrations in their thousands: how many letters they cause, and whether real people are served meanwhile.

    python benchmarks/flood.py [--count 10000] [--proved 200] [--json]

Starts `mailflow serve` on a temporary folder, as an operator would. First all forged mails name one victim, then each
names another; among them, evenly, stand registrations of people whose border vouches for them. Prints what went to
victims, what to the proved, and how long these waited. Ends with an error when a proved sender got no seat, or a victim
a second letter.
"""

import argparse
import json
import shutil
import statistics
import sys
import tempfile
import time
from collections import Counter
from contextlib import closing
from pathlib import Path

from load import Process, relay, senders
from throughput import BORDER, EVENT, Mailer, Site

FORGED = (
    "From: {sender}\r\nTo: " + EVENT + "\r\nSubject: register\r\nMessage-ID: <{stamp}@forged.example>\r\n"
    "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nregister\r\n"
)


def forged(group, number, victims):
    """A mail that nobody vouches for; `victims` is how many addresses it is spread over."""
    place = number % victims
    sender = f"{group}.victim{place}@home{place % 997}.example"
    failed = f"Authentication-Results: {BORDER}; dmarc=none header.from=home{place % 997}.example\r\n"
    return sender, (failed + FORGED.format(sender=sender, stamp=f"{group}.{number}")).encode()


def flood(crowd, sink, site, mailer, options, group, victims):
    """One wave, and what came of it."""
    known = sink.ask("count")
    real = mailer.mails(group, options.proved)
    mails = [forged(group, number, victims) for number in range(options.count)]
    every = max(1, options.count // options.proved)
    for number, mail in enumerate(real):
        mails.insert(number * (every + 1), mail)
    begun = time.monotonic()
    sent = crowd.ask(site.port, EVENT, mails, 8, 50, 0.0)
    taken = time.monotonic() - begun
    settle(site, sink)
    letters = sink.ask("letters")[known:]
    whom = Counter(letter.to for letter in letters if ".victim" in letter.to)
    seats = {letter.to: letter.at for letter in letters if letter.kind == "registered"}
    own = {sender for sender, _ in real}
    waits = [seats[one.sender] - one.began for one in sent if one.sender in own and one.sender in seats]
    return {
        "forged": options.count, "victims": victims, "seconds": round(time.monotonic() - begun, 1),
        "taken_per_second": round(len(sent) / taken), "refused": sum(not one.reply.startswith("250") for one in sent),
        "letters_to_victims": sum(whom.values()), "most_to_one": max(whom.values(), default=0),
        "proved": options.proved, "seats_for_the_proved": len(waits),
        "wait_p50_seconds": round(statistics.median(waits), 2) if waits else None,
        "wait_most_seconds": round(max(waits), 2) if waits else None,
    }  # fmt: skip


def settle(site, sink):
    """Until nothing is to be handled at once, and the relay has heard nothing new for two seconds."""
    import sqlite3  # noqa: PLC0415  here alone

    quiet, count = time.monotonic(), -1
    while time.monotonic() - quiet < 2:
        time.sleep(0.2)
        with closing(sqlite3.connect(f"file:{site.folder / 'mailflow.db'}?mode=ro", uri=True, timeout=10)) as database:
            due = "SELECT count(*) FROM inbox WHERE state = 'new'"
            busy = database.execute(due).fetchone()[0]
        if site.process.poll() is not None:
            raise SystemExit((site.folder / "serve.log").read_text()[-3000:])
        now = sink.ask("count")
        if busy or now != count:
            quiet, count = time.monotonic(), now


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--count", type=int, default=10_000, help="forged mails in each wave")
    parser.add_argument("--proved", type=int, default=200, help="registrations among them that are proved")
    parser.add_argument("--json", action="store_true", help="only JSON")
    options = parser.parse_args()
    crowd, sink = Process(senders), Process(relay)
    folder = Path(tempfile.mkdtemp(prefix="mailflow-flood-"))
    site = None
    try:
        mailer = Mailer("relay", folder)
        site = Site(folder, sink.port, "relay")
        site.serve()
        waves = [
            flood(crowd, sink, site, mailer, options, "one", 1),
            flood(crowd, sink, site, mailer, options, "many", options.count),
        ]
    finally:
        if site is not None:
            site.stop()
        crowd.end()
        sink.end()
        shutil.rmtree(folder)
    for wave in waves:
        if not options.json:
            print(
                f"{wave['forged']} forged mails of {wave['victims']} addresses, {wave['proved']} proved ones: "
                f"{wave['letters_to_victims']} letters to victims (at most {wave['most_to_one']} to one), "
                f"{wave['seats_for_the_proved']} seats for the proved after {wave['wait_p50_seconds']} s (median), "
                f"{wave['wait_most_seconds']} s at most; taken {wave['taken_per_second']}/s, "
                f"{wave['refused']} refused, all done after {wave['seconds']} s"
            )
        if wave["seats_for_the_proved"] != wave["proved"] or wave["most_to_one"] > 1:
            raise SystemExit("a proved sender was not served, or a victim got a second letter")
    if options.json:
        print(json.dumps(waves))


if __name__ == "__main__":
    sys.exit(main())
